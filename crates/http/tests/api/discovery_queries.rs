//! The number of statements does not depend on how much there is.

use crate::marketplace::Marketplace;
use application::discovery;
use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};
use domain::{Challenge, ChallengeId, ChallengeQuery, ChallengeStatus, discovery::Parameters};
use std::cell::Cell;
use testing::Backend;

thread_local! {
    /// On this thread, which has a connection of its own.
    static STATEMENTS: Cell<usize> = const { Cell::new(0) };
}

fn count() -> Option<Box<dyn Instrumentation>> {
    Some(Box::new(|event: InstrumentationEvent<'_>| {
        if let InstrumentationEvent::StartQuery { .. } = event {
            STATEMENTS.set(STATEMENTS.get() + 1);
        }
    }))
}

/// So many challenges like this one, half of them cancelled.
async fn multiply(m: &Marketplace, id: &str, times: usize) {
    let id = ChallengeId(id.parse().unwrap());
    let copied = m.app.db().write(move |conn| {
        let original = persistence::challenges::find(conn, id)?;
        let copies: Vec<_> = (0..times)
            .map(|n| Challenge {
                id: conn.new_id(),
                reference: format!("COPY-{times}-{n}"),
                status: if n % 2 == 0 { ChallengeStatus::Cancelled } else { ChallengeStatus::Published },
                ..original.clone()
            })
            .collect();
        persistence::challenges::insert_all(conn, &copies)
    });
    copied.await.unwrap();
}

fn query(parameters: Parameters) -> ChallengeQuery {
    parameters.check().unwrap()
}

/// How many statements each way to find challenges takes.
async fn statements(m: &Marketplace, id: &str) -> Vec<usize> {
    let id = ChallengeId(id.parse().unwrap());
    let words = || Some("flood calls".to_owned());
    let queries = [
        query(Parameters::default()),
        query(Parameters { tag: vec!["flood".to_owned()], cpv: vec!["72".to_owned()], ..Parameters::default() }),
        query(Parameters { q: words(), ..Parameters::default() }),
        query(Parameters { q: words(), status: vec![ChallengeStatus::Published], ..Parameters::default() }),
    ];
    let counted = m.app.db().read(move |conn| {
        let mut counts = Vec::new();
        for query in &queries {
            STATEMENTS.set(0);
            discovery::list(conn, query, None, 50)?;
            counts.push(STATEMENTS.replace(0));
            discovery::facets(conn, query)?;
            counts.push(STATEMENTS.replace(0));
        }
        discovery::similar(conn, None, id)?;
        counts.push(STATEMENTS.replace(0));
        Ok::<_, application::Error>(counts)
    });
    counted.await.unwrap()
}

testing::on_both! {
    async fn finding_takes_as_many_statements_among_many_challenges_as_among_few(backend: Backend) {
        set_default_instrumentation(count).unwrap();
        let m = Marketplace::new(backend).await;
        let id = m.draft_with(serde_json::json!({ "tags": ["flood"], "cpvCodes": ["72000000"] })).await;
        m.publish(&id).await;
        multiply(&m, &id, 4).await;
        let few = statements(&m, &id).await;
        multiply(&m, &id, 120).await;
        let many = statements(&m, &id).await;
        // Words that many challenges hold do not lead to similar ones: it may be one less.
        assert!(many.iter().zip(&few).all(|(many, few)| many <= few), "{few:?}, then {many:?}");
        assert!(few.iter().all(|count| (1..=16).contains(count)), "{few:?}");
    }
}
