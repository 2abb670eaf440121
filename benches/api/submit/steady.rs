//! Requests at a steady pace, whether or not the earlier ones are answered: how long each takes from when it was due.

use crate::{
    Outcome,
    load::{Client, Measured, WARM_UP, measured},
};
use actix_web::rt;
use std::time::{Duration, Instant};

/// Lets the clients, in turn, make so many requests a second for `length`, all in one thread.
///
/// # Errors
/// The first that any client met.
pub fn steadily(clients: Vec<impl Client>, per_second: u64, length: Duration) -> Outcome<Measured> {
    let micros = rt::System::new().block_on(together(clients, per_second, length))?;
    measured(micros, length)
}

async fn together(clients: Vec<impl Client>, per_second: u64, length: Duration) -> Outcome<Vec<u32>> {
    let (begun, many) = (Instant::now(), u32::try_from(clients.len())?);
    let every = Duration::from_secs(1) / u32::try_from(per_second)?;
    let (from, until) = (begun + WARM_UP, begun + WARM_UP + length);
    let running: Vec<_> = (0..many)
        .zip(clients)
        .map(|(n, client)| rt::spawn(in_turn(client, begun + every * n, every * many, from, until)))
        .collect();
    let mut micros = Vec::new();
    for client in running {
        micros.extend(client.await??);
    }
    Ok(micros)
}

async fn in_turn(
    mut client: impl Client,
    mut due: Instant,
    every: Duration,
    from: Instant,
    until: Instant,
) -> Outcome<Vec<u32>> {
    let mut micros = Vec::new();
    while due < until {
        rt::time::sleep_until(due.into()).await;
        client.call().await?;
        if due >= from {
            micros.push(u32::try_from(due.elapsed().as_micros())?);
        }
        due += every;
    }
    Ok(micros)
}
