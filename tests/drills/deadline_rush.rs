//! Everybody hands in at the last moment, and everything breaks (G1, G2, G3).

use std::{
    sync::atomic::Ordering,
    thread::{self, sleep},
    time::{Duration, Instant},
};

use harness::{client::Client, process::Server};
use testing::Backend;

use crate::{
    alone,
    bidder::Bidder,
    checker::check,
    crowd::{Crowd, GoingHome},
    evidence::gather,
    history::Attempt,
    proxy::Proxy,
    scene::{Place, Scene},
    size::{self, Rush, scatter},
    summary::{Summary, ok, refused, unknown},
};

/// How long before the first attempt everybody is ready.
const READY: Duration = Duration::from_secs(1);

/// Of so many answers one does not arrive.
const WITHHELD: usize = 20;

/// How long before the deadline the server is killed for the last time: it passes while nobody is there.
const LAST_KILL: Duration = Duration::from_millis(400);

/// What breaks.
#[derive(Clone, Copy, Debug)]
enum Fault {
    Kill,
    Restart,
}

#[test]
fn on_sqlite_nothing_is_lost_late_refused_early_or_done_twice() {
    drill(Backend::Sqlite);
}

#[test]
fn on_postgresql_nothing_is_lost_late_refused_early_or_done_twice() {
    drill(Backend::Postgres);
}

fn drill(backend: Backend) {
    let (_turn, size) = (alone(), size::rush());
    let place = Place::new(backend);
    let server = place.installation.serve();
    let mut scene = Scene::set(&place.installation, &server, size.bidders, 1, Duration::ZERO);
    let (client, proxy, crowd) = (Client::new(&server), Proxy::start(server.port, WITHHELD), Crowd::default());
    scene.count_down(READY + size.window);
    let deadline = scene.when(scene.challenges[0].deadline);
    let (attempts, server) = thread::scope(|scope| {
        let (scene, crowd, size, _home) = (&scene, &crowd, &size, GoingHome(&crowd));
        for _ in 0..size.readers {
            let reader = client.anew();
            scope.spawn(move || crowd.read(&reader, &scene.challenges[0].id));
        }
        let sender = client.with_token(&scene.companies[0].token);
        scope.spawn(move || crowd.upload(&scene.companies[0], &sender, size.uploads));
        let begin = |number| {
            let mut bidder = Bidder::new(number, &scene.companies[number], proxy.url());
            scope.spawn(move || {
                bidder.act(&plan(size, number, deadline, &scene.challenges[0].id));
                bidder.attempts
            })
        };
        let bidders: Vec<_> = (0..size.bidders).map(begin).collect();
        let server = break_things(&place, server, size, deadline);
        let attempts: Vec<Attempt> = bidders.into_iter().flat_map(|bidder| bidder.join().unwrap()).collect();
        (attempts, server)
    });
    let history = gather(&place.installation, &client, &scene, attempts, proxy.withheld());
    let (summary, [read, unread, uploaded]) =
        (Summary(&history), [&crowd.read, &crowd.unread, &crowd.uploaded].map(|n| n.load(Ordering::Relaxed)));
    println!("deadline rush on {backend:?}: {} bidders, {} kills", size.bidders, size.kills);
    println!("{summary}\n  beside them: {read} pages read, {unread} not, {uploaded} files sent");
    let violations: Vec<_> = check(&history).iter().map(ToString::to_string).collect();
    assert!(violations.is_empty(), "\n{}", violations.join("\n"));
    assert!(summary.ended(ok).0 > size.bidders && summary.ended(refused).0 > 0, "it was a rush");
    assert!(summary.requests(unknown) > 0 && !history.withheld.is_empty(), "and much went wrong");
    assert!(read > 0 && uploaded > 0, "for a crowd of people");
    server.stop();
}

/// When a bidder acts: of each ten, six in the last part of the window; a twentieth more after the deadline.
fn plan<'a>(size: &Rush, bidder: usize, deadline: Instant, challenge: &'a str) -> Vec<(Instant, &'a str)> {
    let own = |n: &u32| (*n as usize / 10) % size.bidders == bidder;
    let before = (0..size.attempts).filter(own).map(|n| {
        let early = n % 10 >= 6;
        let left = if early { size.last + scatter(n, size.window - size.last) } else { scatter(n, size.last) };
        deadline - left
    });
    let late = (0..size.attempts / 20).filter(|n| *n as usize % size.bidders == bidder);
    let late = late.map(|n| deadline + scatter(n, Duration::from_secs(1)));
    let mut plan: Vec<_> = before.chain(late).map(|at| (at, challenge)).collect();
    plan.sort_unstable();
    plan
}

/// The last kill just before the deadline, the last restart in the last rush, the others evenly before.
fn faults(size: &Rush, restarts: u32) -> Vec<(Duration, Fault)> {
    let evenly = |n: u32, of: u32, last: Duration| if n + 1 == of { last } else { size.window * (of - n - 1) / of };
    let kills = (0..size.kills).map(|n| (evenly(n, size.kills, LAST_KILL), Fault::Kill));
    let restarts = (0..restarts).map(|n| (evenly(n, restarts, size.last * 3 / 4), Fault::Restart));
    let mut all: Vec<_> = kills.chain(restarts).collect();
    all.sort_unstable_by_key(|(left, _)| std::cmp::Reverse(*left));
    all
}

fn break_things(place: &Place, mut server: Server, size: &Rush, deadline: Instant) -> Server {
    let restarts = if place.cluster.is_some() { size.restarts } else { 0 };
    for (left, fault) in faults(size, restarts) {
        sleep((deadline - left).saturating_duration_since(Instant::now()));
        match (fault, &place.cluster) {
            (Fault::Restart, Some(cluster)) => {
                cluster.stop_immediate();
                sleep(Duration::from_millis(200));
                cluster.start_again();
            }
            _ => {
                let port = server.port;
                server.kill();
                server = place.installation.begin(port, &[]).ready().unwrap();
            }
        }
    }
    server
}
