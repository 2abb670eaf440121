//! Moving the clock of a demo. How far it was moved is kept in the database, so that a restart does not undo it.

use super::DEMO;
use crate::{Error, Result};
use chrono::TimeDelta;
use domain::Refusal;
use persistence::{Conn, Db, settings};

/// The setting that holds how far the clock was moved, in seconds.
const OFFSET: &str = "clock_offset_seconds";

/// The least and the most that the clock is moved at once.
const STEP: std::ops::RangeInclusive<TimeDelta> = TimeDelta::minutes(1)..=TimeDelta::days(400);

/// The most that it is moved altogether, so that years keep four digits whatever visitors do.
const TOTAL: TimeDelta = TimeDelta::days(3650);

/// Notes that the clock of a demo is moved forward by whole seconds, from one minute to 400 days at once and ten years
/// altogether, and gives how far it is moved in all. Of two calls at the same moment both count.
///
/// **After the commit** the caller moves the clock itself: to [`clock_offset`].
///
/// # Errors
/// [`Error::NotADemo`] in a real installation, [`Refusal::Invalid`] on `/seconds`.
pub fn advance_clock(conn: &mut Conn, by: TimeDelta) -> Result<TimeDelta> {
    if settings::lock(conn, DEMO)?.is_none() {
        return Err(Error::NotADemo);
    }
    let before = clock_offset(conn)?;
    if !STEP.contains(&by) || by > TOTAL - before {
        let detail = "from 60 (a minute) to 34560000 (400 days), and not beyond ten years altogether";
        return Err(Refusal::invalid("/seconds", "out_of_range", detail).into());
    }
    let total = before + by;
    settings::put(conn, OFFSET, &total.num_seconds().to_string())?;
    Ok(total)
}

/// Sets the clock to where it was moved before the last restart; to the machine's time if it never was. Blocks: for
/// the start of the program, before anybody else uses the clock.
pub fn restore_clock(db: &Db) -> Result<()> {
    let offset = db.write_blocking(clock_offset)?;
    db.clock().advance(offset - db.clock().offset());
    Ok(())
}

/// How far the clock of this installation was moved.
pub fn clock_offset(conn: &mut Conn) -> Result<TimeDelta> {
    let Some(seconds) = settings::find(conn, OFFSET)? else { return Ok(TimeDelta::zero()) };
    let offset = seconds.parse().ok().and_then(TimeDelta::try_seconds);
    let corrupt = || persistence::Error::Corrupt(format!("setting {OFFSET} {seconds:?}"));
    Ok(offset.ok_or_else(corrupt)?)
}
