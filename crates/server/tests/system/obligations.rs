//! What is late is told by the program itself, once.

use domain::{
    Obligation, ObligationKind, OrganisationId, Subject,
    obligation::{Due, Duty},
};
use serde_json::json;
use testing::{Backend, on_both};
use uuid::Uuid;

use crate::{client::Client, database::count, eventually, people::People, process::Installation};

fn told(installation: &Installation) -> i64 {
    count(&installation.url, "FROM events WHERE kind = 'obligation.missed' AND request_id = 'scheduler'")
}

on_both! {
    fn what_was_due_during_a_downtime_is_told_after_the_start_and_never_again(backend: Backend) {
        let installation = Installation::new(backend);
        let people = People::of(&installation);
        let server = installation.serve();
        let owner = Client::new(&server).with_token(&people.person("Olga Owner").token);
        let body = json!({ "kind": "agency", "legalName": "Northern Dispatch", "country": "SI" });
        let agency = OrganisationId(Uuid::parse_str(&owner.post("/api/v1/organisations", &body).expect(201).id()).unwrap());
        server.stop();
        let owed = people.db().write_blocking(move |conn| {
            let now = conn.now()?;
            let duty = Duty {
                kind: ObligationKind::ReviewChallenge,
                organisation: agency,
                subject: Subject::Organisation(agency),
                challenge: None,
                waiting: agency,
            };
            let (obligation, _) = Obligation::open(conn.new_id(), duty, Due { at: now, computed: None }, now);
            persistence::obligations::insert(conn, &obligation)
        });
        owed.unwrap();
        for _ in 0..2 {
            let server = installation.serve();
            eventually("the notice", || (told(&installation) == 1).then_some(()));
            server.stop();
        }
        assert_eq!(told(&installation), 1);
    }
}
