//! Clients that each send the next request when the last one is answered, and how long each answer took.

use crate::Outcome;
use actix_web::rt;
use std::{
    future::Future,
    thread,
    time::{Duration, Instant},
};

/// Before anything is counted: connections are opened, caches filled, statements prepared.
pub const WARM_UP: Duration = Duration::from_secs(1);

/// Something that is done again and again.
pub trait Client: Send + 'static {
    /// Does it once.
    fn call(&mut self) -> impl Future<Output = Outcome>;
}

/// How it went.
#[derive(Clone, Copy)]
pub struct Measured {
    /// Answers in a second.
    pub per_second: u64,
    /// Half of the answers took no longer, in microseconds.
    pub p50: u32,
    /// 99 of 100 answers took no longer, in microseconds.
    pub p99: u32,
}

/// Lets the clients work for `length` at the same time, spread over so many threads.
///
/// # Errors
/// The first that any client met.
pub fn run(mut clients: Vec<impl Client>, threads: usize, length: Duration) -> Outcome<Measured> {
    let each = clients.len().div_ceil(threads).max(1);
    let mut running = Vec::new();
    while !clients.is_empty() {
        let part = clients.split_off(clients.len().saturating_sub(each));
        running.push(thread::spawn(move || rt::System::new().block_on(together(part, length))));
    }
    let mut micros = Vec::new();
    for thread in running {
        micros.extend(thread.join().map_err(|_| "a thread of clients panicked")??);
    }
    measured(micros, length)
}

async fn together(clients: Vec<impl Client>, length: Duration) -> Outcome<Vec<u32>> {
    let from = Instant::now() + WARM_UP;
    let running: Vec<_> = clients.into_iter().map(|client| rt::spawn(repeat(client, from, from + length))).collect();
    let mut micros = Vec::new();
    for client in running {
        micros.extend(client.await??);
    }
    Ok(micros)
}

/// Counts the answers that came between the two instants.
async fn repeat(mut client: impl Client, from: Instant, until: Instant) -> Outcome<Vec<u32>> {
    let mut micros = Vec::new();
    loop {
        let begun = Instant::now();
        client.call().await?;
        let answered = Instant::now();
        if answered >= until {
            return Ok(micros);
        }
        if answered >= from {
            micros.push(u32::try_from((answered - begun).as_micros())?);
        }
    }
}

/// Sums up how long answers took, in microseconds.
pub fn measured(mut micros: Vec<u32>, length: Duration) -> Outcome<Measured> {
    micros.sort_unstable();
    let place =
        |percent: usize| micros.get(micros.len() * percent / 100).copied().ok_or("nothing was answered in time");
    let per_second = u64::try_from(micros.len())? * 1_000 / u64::try_from(length.as_millis())?;
    Ok(Measured { per_second, p50: place(50)?, p99: place(99)? })
}
