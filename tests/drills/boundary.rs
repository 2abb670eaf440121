//! Thousands hand in within a quarter of a second of a deadline that is moved at that very moment (G2).

use std::{
    process::Command,
    thread::{self, sleep},
    time::{Duration, Instant},
};

use chrono::{DateTime, TimeDelta, Utc};
use harness::client::Client;
use testing::Backend;

use crate::{
    alone,
    bidder::Bidder,
    checker::check,
    evidence::gather,
    history::{Attempt, History, Outcome},
    scene::{Place, Scene},
    size::{self, Boundary, scatter},
    summary::{Summary, ok, refused},
};

/// How long before and after the deadline bidders aim at most.
const NEAR: Duration = Duration::from_millis(250);

/// By how much a deadline is moved.
const EXTENSION: TimeDelta = TimeDelta::milliseconds(150);

/// How long before the first deadline everybody is ready.
const READY: Duration = Duration::from_secs(1);

/// A program's clock that is wrong, by means of `faketime`.
struct Shift {
    /// As faketime reads it.
    by: &'static str,
    hours: i64,
}

#[test]
fn on_sqlite_the_deadline_is_met_to_the_microsecond() {
    let _turn = alone();
    drill(&Place::new(Backend::Sqlite), "SQLite");
}

#[test]
fn on_postgresql_the_deadline_is_met_to_the_microsecond() {
    let _turn = alone();
    drill(&Place::new(Backend::Postgres), "PostgreSQL");
}

#[test]
fn on_postgresql_a_program_whose_clock_is_an_hour_fast_meets_the_deadline() {
    drill_shifted(&Shift { by: "+1h", hours: 1 });
}

#[test]
fn on_postgresql_a_program_whose_clock_is_an_hour_slow_meets_the_deadline() {
    drill_shifted(&Shift { by: "-1h", hours: -1 });
}

fn drill_shifted(shift: &Shift) {
    let _turn = alone();
    let asked = Command::new("faketime").args(["-f", "+0", "printenv", "LD_PRELOAD"]).output();
    let Some(library) = asked.ok().and_then(|it| String::from_utf8(it.stdout).ok()).filter(|it| !it.is_empty()) else {
        eprintln!("SKIPPED: faketime is not installed; `scripts/setup tests` installs it on Debian.");
        return;
    };
    let Place { installation, cluster } = Place::new(Backend::Postgres);
    let installation = installation.with_variable("LD_PRELOAD", library.trim()).with_variable("FAKETIME", shift.by);
    // What lasts as long as ever: a time limit is no instant.
    let installation = installation.with_variable("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    let server = installation.serve();
    let date = Client::new(&server).get("/livez").header("date").to_owned();
    let (told, now) = (DateTime::parse_from_rfc2822(&date).unwrap().to_utc(), persistence::Clock::default().now());
    assert!((told - now - TimeDelta::hours(shift.hours)).abs() < TimeDelta::minutes(1), "{date}");
    server.stop();
    drill(&Place { installation, cluster }, &format!("PostgreSQL, the program's clock {}", shift.by));
}

fn drill(place: &Place, what: &str) {
    let size = size::boundary();
    let server = place.installation.serve();
    let mut scene = Scene::set(&place.installation, &server, size.bidders, size.challenges, size.apart);
    scene.count_down(READY + NEAR);
    let deadlines: Vec<_> = scene.challenges.iter().map(|it| (scene.when(it.deadline), &*it.id)).collect();
    let (attempts, moves) = thread::scope(|scope| {
        let begin = |number| {
            let mut bidder = Bidder::new(number, &scene.companies[number], server.url());
            let plan = plan(&size, number, &deadlines);
            scope.spawn(move || {
                bidder.act(&plan);
                bidder.attempts
            })
        };
        let bidders: Vec<_> = (0..size.bidders).map(begin).collect();
        let moves = extend(&scene, &deadlines);
        (bidders.into_iter().flat_map(|bidder| bidder.join().unwrap()).collect::<Vec<Attempt>>(), moves)
    });
    let history = gather(&place.installation, &Client::new(&server), &scene, attempts, Vec::new());
    let summary = Summary(&history);
    println!("boundary on {what}: {} bidders, {} deadlines, {moves} of them moved", size.bidders, size.challenges);
    println!("{summary}\n{}", closeness(&history));
    let violations: Vec<_> = check(&history).iter().map(ToString::to_string).collect();
    assert!(violations.is_empty(), "\n{}", violations.join("\n"));
    assert!(moves > 0 && summary.ended(ok).0 > 0 && summary.ended(refused).0 > 0, "it was a close race");
    server.stop();
}

/// Where a bidder aims.
fn plan<'a>(size: &Boundary, bidder: usize, deadlines: &[(Instant, &'a str)]) -> Vec<(Instant, &'a str)> {
    let mut plan = Vec::new();
    for (n, (deadline, challenge)) in (0_u32..).zip(deadlines) {
        let first = (n * u32::try_from(size.bidders).unwrap() + u32::try_from(bidder).unwrap()) * size.tries;
        let aims = (first..first + size.tries).map(|n| *deadline - NEAR + scatter(n, NEAR * 2));
        plan.extend(aims.map(|at| (at, *challenge)));
    }
    plan.sort_unstable();
    plan
}

/// An officer moves each deadline shortly before it passes, or comes too late: not for the first one, which even a slow
/// machine leaves time for. How many came in time.
fn extend(scene: &Scene, deadlines: &[(Instant, &str)]) -> usize {
    let mut moved = 0;
    for ((n, (deadline, id)), challenge) in (0_u32..).zip(deadlines).zip(&scene.challenges) {
        let early = if n == 0 { NEAR * 3 } else { NEAR };
        let aim = *deadline - early + scatter(n, NEAR * 5 / 4);
        sleep(aim.saturating_duration_since(Instant::now()));
        let answer = scene.marketplace.extend(id, challenge.deadline + EXTENSION).unwrap();
        // Refused, or the box was shut between the officer's look and the change.
        let too_late = [409, 412].contains(&answer.status) && *deadline <= Instant::now();
        assert!(answer.status == 201 || answer.status == 503 || too_late, "{}", answer.text);
        moved += usize::from(answer.status == 201);
    }
    moved
}

/// How close to the deadline that held in the end it became.
fn closeness(history: &History) -> String {
    let received = |outcome: &Outcome| match outcome {
        Outcome::Ok(answer) | Outcome::Refused(_, answer) => {
            answer.receipt.as_ref()?.read().ok().map(|it| it.received_at)
        }
        Outcome::Unknown => None,
    };
    let (mut before, mut after): (Vec<TimeDelta>, Vec<TimeDelta>) = (Vec::new(), Vec::new());
    for attempt in &history.attempts {
        let deadline: DateTime<Utc> = history.deadlines[&attempt.challenge].last();
        let left = attempt.tries.last().and_then(|last| received(&last.outcome)).map(|at| deadline - at);
        before.extend(left.filter(|left| *left > TimeDelta::zero()));
        after.extend(left.filter(|left| *left <= TimeDelta::zero()).map(|left| -left));
    }
    let near = |distances: &[TimeDelta]| {
        let near = distances.iter().filter(|it| it.to_std().unwrap() <= NEAR).count();
        let closest = distances.iter().min().and_then(TimeDelta::num_microseconds).unwrap_or_default();
        format!("{near} within {} ms, the closest by {closest} µs", NEAR.as_millis())
    };
    format!("  received before the last deadline: {}\n  refused after it: {}", near(&before), near(&after))
}
