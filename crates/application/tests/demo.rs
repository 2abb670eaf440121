//! The demo loads on both databases, obeys the rules, and stays out of real installations.
#![allow(clippy::unwrap_used)]

use application::{
    Error, Result, administrators, challenges, contracts,
    demo::{self, Loaded},
    evaluations, events,
};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    Actor, Challenge, ChallengeStatus as S, Membership, MilestoneStatus as M, Organisation, OrganisationKind, Refusal,
    Role,
    account::{Email, Registration},
    contract::OutcomeDecision,
};
use persistence::{Conn, Db, Options, accounts, bids, challenges::After, events::PublicEvent, organisations, outbox};
use std::thread;
use testing::{Backend, TestDatabase, on_both};

/// A database with nothing in it, or with what `load` put there.
struct Installation {
    db: Db,
    _database: TestDatabase,
}

impl Installation {
    fn empty(backend: Backend) -> Self {
        let database = TestDatabase::new(backend);
        Self { db: Db::open(&Options { connections: 2, ..Options::new(&database.url) }).unwrap(), _database: database }
    }

    fn demo(backend: Backend) -> Self {
        let installation = Self::empty(backend);
        assert!(matches!(demo::load(&installation.db).unwrap(), Loaded::Now(_)));
        installation
    }

    fn run<T: Send + 'static>(&self, work: impl FnOnce(&mut Conn) -> Result<T> + Send + 'static) -> T {
        self.db.write_blocking(work).unwrap()
    }

    fn now(&self) -> DateTime<Utc> {
        self.run(|conn| Ok(conn.now()?))
    }

    fn organisations(&self) -> Vec<Organisation> {
        self.run(|conn| Ok(organisations::page(conn, None, None, None, 100)?))
    }

    /// All challenges, those that are not public included.
    fn challenges(&self) -> Vec<Challenge> {
        let agencies = self.organisations().into_iter().filter(|one| one.kind == OrganisationKind::Agency);
        let of_agency = |agency: Organisation| {
            self.run(move |conn| {
                let memberships = vec![Membership::new(agency.id, Vec::new())];
                let member = Actor { memberships, ..Actor::new(conn.new_id()) };
                let listed = challenges::list_of_agency(conn, &member, agency.id, None::<After>, 100)?;
                listed.iter().map(|one| Ok(challenges::find(conn, Some(&member), one.id)?.challenge)).collect()
            })
        };
        agencies.flat_map(|agency| -> Vec<Challenge> { of_agency(agency) }).collect()
    }

    fn challenge(&self, status: S) -> Challenge {
        self.challenges().into_iter().find(|challenge| challenge.status == status).unwrap()
    }

    fn contracts(&self, status: S) -> Vec<contracts::Detail> {
        let id = self.challenge(status).id;
        self.run(move |conn| contracts::list_of_challenge(conn, None, id))
    }

    fn public_events(&self) -> Vec<PublicEvent> {
        while self.run(events::sequence) {}
        self.run(|conn| events::public_after(conn, 0, 10_000))
    }

    fn advance(&self, by: TimeDelta) -> Result<TimeDelta> {
        self.db.write_blocking(move |conn| demo::advance_clock(conn, by))
    }
}

on_both! {
    fn every_state_is_there(backend: Backend) {
        let demo = Installation::demo(backend);
        let challenges = demo.challenges();
        let count = |status| challenges.iter().filter(|challenge| challenge.status == status).count();
        let expected = [
            (S::Draft, 1), (S::InReview, 1), (S::ChangesRequested, 0), (S::Approved, 1), (S::Published, 2),
            (S::Closed, 1), (S::Opened, 1), (S::Evaluating, 1), (S::Awarded, 1), (S::Piloting, 1), (S::Completed, 1),
            (S::Cancelled, 1), (S::ClosedWithoutAward, 0),
        ];
        for (status, expected) in expected {
            assert_eq!(count(status), expected, "{}", status.as_str());
        }
        let now = demo.now();
        for open in challenges.iter().filter(|challenge| challenge.status == S::Published) {
            assert!(open.deadline().unwrap() > now + TimeDelta::days(5), "{} is open for bids", open.content.title);
        }
        assert!(demo.challenge(S::Awarded).standstill_until.unwrap() > now, "the standstill period can be watched");
    }

    fn everything_happened_in_order_and_before_now(backend: Backend) {
        let demo = Installation::demo(backend);
        assert_eq!(demo.db.clock().offset(), TimeDelta::zero());
        let now = demo.now();
        let happened = demo.public_events();
        assert!(happened.len() > 50, "{} events", happened.len());
        assert!(happened.is_sorted_by_key(|event| event.occurred_at));
        assert!(happened.is_sorted_by_key(|event| event.id), "events were made in the order of their times");
        assert!(happened[0].occurred_at < now - TimeDelta::days(300));
        assert!(happened.last().unwrap().occurred_at < now);
        for challenge in demo.challenges().into_iter().filter(Challenge::is_public) {
            let handed_in = demo.run(move |conn| Ok(bids::of_challenge(conn, challenge.id)?));
            let (opened, deadline) = (challenge.published_at.unwrap(), challenge.deadline().unwrap());
            assert!(handed_in.iter().all(|bid| opened < bid.submitted_at && bid.submitted_at < deadline.min(now)));
            assert_eq!(handed_in.is_empty(), challenge.status == S::Cancelled);
        }
    }

    fn rankings_say_who_won(backend: Backend) {
        let demo = Installation::demo(backend);
        let names = demo.organisations();
        for (status, winners) in [
            (S::Awarded, vec!["Nurmela & Salo Routing Oy"]),
            (S::Piloting, vec!["Clairelettre SCOP", "Vossweg Sprachtechnik GmbH"]),
            (S::Completed, vec!["Boekhorster Data Coöperatie U.A."]),
        ] {
            let id = demo.challenge(status).id;
            let ranking = demo.run(move |conn| evaluations::ranking(conn, None, id)).ranking;
            assert!(ranking.rows.len() > winners.len());
            for ((row, winner), rank) in ranking.rows.iter().zip(&winners).zip(1..) {
                let company = names.iter().find(|one| one.id == row.company).unwrap();
                assert_eq!((row.rank, company.legal_name.as_str()), (Some(rank), *winner));
            }
            assert_eq!(demo.contracts(status).len(), winners.len());
        }
    }

    fn pilots_stand_where_the_content_says(backend: Backend) {
        let demo = Installation::demo(backend);
        let mut running: Vec<Vec<M>> = demo.contracts(S::Piloting).iter().map(statuses).collect();
        running.sort_by_key(Vec::len);
        let expected = [vec![M::Paid, M::Invoiced, M::Planned], vec![M::Paid, M::Paid, M::Delivered, M::Planned]];
        assert_eq!(running, expected);
        let finished = demo.contracts(S::Completed);
        assert_eq!(statuses(&finished[0]), [M::Paid; 3]);
        let outcome = finished[0].contract.outcome.as_ref().unwrap();
        assert_eq!((outcome.decision, outcome.brilliant_failure), (OutcomeDecision::Iterate, true));
        let rejected = demo.public_events().into_iter().filter(|event| event.kind == "milestone.rejected").count();
        assert_eq!(rejected, 1);
    }

    fn no_old_mail_is_left_to_send(backend: Backend) {
        let demo = Installation::demo(backend);
        let now = demo.now();
        let waiting = demo.run(move |conn| Ok(outbox::lease(conn, now, now + TimeDelta::hours(1), 10_000)?));
        let yesterday = now - TimeDelta::days(1);
        assert!(waiting.iter().all(|mail| mail.created_at >= yesterday), "{} mails wait", waiting.len());
    }

    fn everybody_named_can_log_in(backend: Backend) {
        let demo = Installation::empty(backend);
        let Loaded::Now(welcome) = demo::load(&demo.db).unwrap() else { unreachable!() };
        assert_eq!(welcome, demo::welcome().unwrap());
        let has = |role| welcome.logins.iter().any(|login| login.roles.contains(&role));
        let needed = [Role::Author, Role::Officer, Role::Evaluator, Role::PilotManager, Role::Finance, Role::Bidder];
        assert!(needed.into_iter().all(has));
        for login in welcome.logins {
            let email = Email::parse(&login.email).unwrap();
            let user = demo.run(move |conn| Ok(accounts::find_by_email(conn, &email)?)).unwrap();
            assert_eq!((user.name, user.administrator), (login.name, login.organisation.is_none()));
        }
    }

    fn a_second_load_changes_nothing(backend: Backend) {
        let demo = Installation::demo(backend);
        let before = (demo.public_events(), demo.organisations(), demo.challenges());
        assert_eq!(demo::load(&demo.db).unwrap(), Loaded::Already);
        assert_eq!((demo.public_events(), demo.organisations(), demo.challenges()), before);
    }

    fn a_real_installation_is_left_alone(backend: Backend) {
        let real = Installation::empty(backend);
        real.run(|conn| {
            let token = administrators::create_link(conn)?;
            let email = Email::parse("somebody@agency.example")?;
            let password_hash = "$argon2id$".to_owned();
            let registration = Registration { email, name: "Somebody".to_owned(), password_hash, accepted_terms: 0 };
            administrators::create(conn, "test", &token, registration)
        });
        assert!(matches!(demo::load(&real.db), Err(Error::DemoContent(_))));
        assert!(!real.run(demo::is_demo));
        assert_eq!((real.organisations(), real.db.clock().offset()), (Vec::new(), TimeDelta::zero()));
        assert!(matches!(real.advance(TimeDelta::days(1)), Err(Error::NotADemo)));
    }

    fn the_clock_moves_and_stays_moved(backend: Backend) {
        let demo = Installation::demo(backend);
        assert_eq!(demo.advance(TimeDelta::minutes(1)).unwrap(), TimeDelta::minutes(1));
        let refused = |by| matches!(demo.advance(by), Err(Error::Refused(Refusal::Invalid(_))));
        assert!([TimeDelta::seconds(59), TimeDelta::seconds(-60), TimeDelta::seconds(400 * 86_400 + 1), TimeDelta::MAX]
            .into_iter()
            .all(refused));
        let advance = |hours| {
            let db = demo.db.clone();
            thread::spawn(move || db.write_blocking(move |conn| demo::advance_clock(conn, TimeDelta::hours(hours))))
        };
        let threads: Vec<_> = (1..=8).map(advance).collect();
        for thread in threads {
            thread.join().unwrap().unwrap();
        }
        let before = demo.now();
        demo::restore_clock(&demo.db).unwrap();
        demo::restore_clock(&demo.db).unwrap();
        assert_eq!(demo.db.clock().offset(), TimeDelta::hours(36) + TimeDelta::minutes(1));
        assert!(demo.now() >= before + TimeDelta::hours(36));
        let mut total = demo.db.clock().offset();
        while let Ok(moved) = demo.advance(TimeDelta::days(400)) {
            total = moved;
        }
        assert!(total > TimeDelta::days(3200) && total < TimeDelta::days(3651), "not for ever");
    }
}

/// Minimum periods depend on weekends and on summer time.
#[test]
fn loads_on_any_day_of_the_week_and_of_the_year() {
    for n in 0..14 {
        let demo = Installation::empty(Backend::Sqlite);
        let offset = TimeDelta::days(27 * n) + TimeDelta::hours(5 * n);
        demo.db.clock().advance(offset);
        assert!(matches!(demo::load(&demo.db).unwrap(), Loaded::Now(_)));
        assert_eq!(demo.db.clock().offset(), offset);
    }
}

fn statuses(detail: &contracts::Detail) -> Vec<M> {
    detail.milestones.iter().map(|milestone| milestone.status).collect()
}
