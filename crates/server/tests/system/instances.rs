//! Two servers on one PostgreSQL database.

use std::{collections::HashSet, thread};

use serde_json::json;
use testing::{Backend, on_both};

use crate::{
    client::Client,
    database::count,
    eventually,
    feed::{PUBLIC, whole_feed},
    marketplace::{Marketplace, OPEN, register_company},
    people::People,
    process::{Installation, Server, free_port},
    serve::empty,
    smtp::SmtpServer,
};

/// Starts two servers at the same moment.
fn both(installation: &Installation) -> [Server; 2] {
    loop {
        let begun = [(); 2].map(|()| installation.begin(free_port(), &[]));
        // Another test may be faster at a port.
        match begun.map(Server::ready) {
            [Ok(one), Ok(other)] => return [one, other],
            begun => begun.into_iter().flatten().for_each(Server::stop),
        }
    }
}

#[test]
fn two_servers_on_one_database_do_each_thing_once() {
    let smtp = SmtpServer::start(0, 0);
    let installation = empty(Backend::Postgres, "two_servers").with_smtp(smtp.port);
    // Both find an empty database and bring it up to date.
    let servers = both(&installation);
    let clients = [&servers[0], &servers[1]].map(Client::new);
    for client in &clients {
        client.get("/readyz").expect(200);
    }

    let people = People::of(&installation);
    let marketplace = Marketplace::new(&clients[0], &people);
    let challenges = [(); 3].map(|()| marketplace.publish());
    thread::scope(|scope| {
        for n in 0..8 {
            let owner = clients[n % 2].with_token(&people.person(&format!("Owner {n}")).token);
            scope.spawn(move || (0..5).for_each(|i| drop(register_company(&owner, &format!("Company {n} {i}")))));
        }
    });

    // A mail on its way when the clock jumps is due again: its lease is over.
    let all_sent = || (count(&installation.url, "FROM outbox_mails WHERE sent_at IS NULL") == 0).then_some(());
    eventually("mails", all_sent);
    // Both find the same deadlines passed, and the same mails waiting, when they start.
    people.allow_moving_the_clock();
    let seconds = json!({ "seconds": (OPEN.num_days() + 1) * 86_400 });
    marketplace.administrator.post("/api/v1/demo/advance-clock", &seconds).expect(200);
    servers.into_iter().for_each(Server::stop);
    people.register(200);
    let servers = both(&installation);
    let client = Client::new(&servers[0]);
    for id in &challenges {
        eventually("the closing", || {
            (client.get(&format!("/api/v1/challenges/{id}")).body["status"] == "closed").then_some(())
        });
    }

    let url = &installation.url;
    eventually("positions", || (count(url, "FROM events WHERE position IS NULL") == 0).then_some(()));
    eventually("mails", all_sent);
    servers.into_iter().for_each(Server::stop);
    assert_eq!(count(url, "FROM events WHERE kind = 'challenge.closed'"), 3);
    let closings = "FROM outbox_mails WHERE created_at > (SELECT min(occurred_at) FROM events WHERE kind = 'challenge.closed') - interval '1 second'";
    assert_eq!(count(url, closings), 3 * 2, "each of two officers is told of each closing once");
    let (all, last) =
        (count(url, "FROM events"), count(url, "FROM events e WHERE position <= (SELECT count(*) FROM events)"));
    assert_eq!(all, last, "positions are 1, 2, 3 and so on");

    let mails = smtp.mails();
    let ids: HashSet<_> = mails.iter().map(|mail| &mail.message_id).collect();
    assert_eq!(i64::try_from(mails.len()).unwrap(), count(url, "FROM outbox_mails"), "{mails:?}");
    assert_eq!(ids.len(), mails.len(), "no mail is sent twice: {mails:?}");
}

on_both! {
    /// On SQLite the second process is somebody's `provoco admin create`, or a server started by mistake.
    fn a_second_server_shows_what_the_first_one_stored(backend: Backend) {
        let installation = Installation::new(backend);
        let servers = both(&installation);
        let [one, other] = [&servers[0], &servers[1]].map(Client::new);
        let people = People::of(&installation);
        thread::scope(|scope| {
            for (name, client) in [("One", &one), ("Other", &other)] {
                let owner = client.with_token(&people.person(name).token);
                scope.spawn(move || (0..20).for_each(|i| drop(register_company(&owner, &format!("{name} {i}")))));
            }
        });
        eventually("positions", || (count(&installation.url, "FROM events WHERE position IS NULL") == 0).then_some(()));
        assert_eq!(whole_feed(&one).len(), usize::try_from(count(&installation.url, PUBLIC)).unwrap());
        assert_eq!(whole_feed(&one), whole_feed(&other));
        servers.into_iter().for_each(Server::stop);
    }
}
