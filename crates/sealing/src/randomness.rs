//! The one place where chance comes from.

use getrandom::SysRng;
use rand_core::{CryptoRng, UnwrapErr};

/// The operating system gives no random numbers.
#[derive(Debug, thiserror::Error)]
#[error("the operating system gives no random numbers")]
pub struct NoRandomness;

/// Random numbers of the operating system, once it has shown that it has some. `age` takes its own from the same source.
pub fn os_randomness() -> Result<impl CryptoRng, NoRandomness> {
    getrandom::fill(&mut [0; 32]).map_err(|_| NoRandomness)?;
    Ok(UnwrapErr(SysRng))
}
