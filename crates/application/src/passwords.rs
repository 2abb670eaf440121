//! Password hashing on a small pool of its own, so that a burst of log-ins never starves a bid.

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use crossbeam_channel::{Sender, bounded};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};
use tokio::sync::oneshot;

/// Why a password was not hashed or checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Too many are waiting already.
    #[error("too many people are logging in at this moment")]
    Overloaded,
    /// The hash function failed, or a stored hash is unreadable.
    #[error("the password could not be processed")]
    Failed,
}

/// Hashes and verifies with argon2id as OWASP recommends (19 MiB, 2 passes, 1 lane), on a bounded pool.
#[derive(Clone)]
pub struct Passwords {
    queue: Sender<Box<dyn FnOnce() + Send>>,
    /// A hash of nothing anybody knows, verified when there is no account, so that both cases take the same time.
    decoy: String,
    computed: Arc<AtomicU64>,
}

impl Passwords {
    /// Starts `threads` threads; at most `waiting` requests wait for them.
    pub fn start(threads: usize, waiting: usize) -> Result<Self, PasswordError> {
        let (queue, work) = bounded::<Box<dyn FnOnce() + Send>>(waiting);
        for n in 0..threads.max(1) {
            let work = work.clone();
            let run = move || work.iter().for_each(|job| job());
            thread::Builder::new().name(format!("password-{n}")).spawn(run).map_err(|_| PasswordError::Failed)?;
        }
        let decoy = crate::tokens::Secret::generate().map_err(|_| PasswordError::Failed)?;
        Ok(Self { queue, decoy: hash_now(decoy.reveal())?, computed: Arc::default() })
    }

    /// The hash to store for a password.
    pub async fn hash(&self, password: String) -> Result<String, PasswordError> {
        self.run(move || hash_now(&password)).await?
    }

    /// Whether the password belongs to the hash. Without a hash the answer is no, after the same time.
    pub async fn verify(&self, password: String, hash: Option<String>) -> Result<bool, PasswordError> {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.decoy.clone());
        let matches = self.run(move || verify_now(&password, &hash)).await??;
        Ok(known && matches)
    }

    /// How many hashes were computed since the start, right or wrong.
    pub fn computed(&self) -> u64 {
        self.computed.load(Ordering::Relaxed)
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, PasswordError> {
        let (sender, receiver) = oneshot::channel();
        let computed = self.computed.clone();
        let job = move || {
            computed.fetch_add(1, Ordering::Relaxed);
            drop(sender.send(work()));
        };
        self.queue.try_send(Box::new(job)).map_err(|_| PasswordError::Overloaded)?;
        receiver.await.map_err(|_| PasswordError::Failed)
    }
}

/// The hash to store for a password, computed on this thread: for commands and the demo.
pub fn hash_now(password: &str) -> Result<String, PasswordError> {
    // The library's default parameters are OWASP's.
    let hash = Argon2::default().hash_password(password.as_bytes()).map_err(|_| PasswordError::Failed)?;
    Ok(hash.to_string())
}

fn verify_now(password: &str, hash: &str) -> Result<bool, PasswordError> {
    let hash = PasswordHash::new(hash).map_err(|_| PasswordError::Failed)?;
    Ok(Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_those_of_owasp() {
        let hash = hash_now("correct horse battery").unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert_eq!(verify_now("correct horse battery", &hash), Ok(true));
        assert_eq!(verify_now("correct horse batterY", &hash), Ok(false));
    }

    #[tokio::test]
    async fn nobody_logs_in_without_an_account_and_a_full_queue_is_said_at_once() {
        let passwords = Passwords::start(1, 1).unwrap();
        assert_eq!(passwords.verify("anything".to_owned(), None).await, Ok(false));
        let many = (0..8).map(|n| {
            let passwords = passwords.clone();
            tokio::spawn(async move { passwords.hash(format!("password {n}")).await.map(drop) })
        });
        let mut refused = 0;
        for handle in many.collect::<Vec<_>>() {
            refused += usize::from(handle.await.unwrap() == Err(PasswordError::Overloaded));
        }
        assert!((1..8).contains(&refused), "{refused} of 8 were refused");
    }
}
