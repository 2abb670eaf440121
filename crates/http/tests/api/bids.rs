//! Handing in, replacing and withdrawing bids, and the deadline that ends it.

use crate::marketplace::{Company, Marketplace};
use actix_web::rt;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use testing::Backend;

fn euro(amount: &str) -> Value {
    json!({ "amount": amount, "currency": "EUR" })
}

fn milestone(amount: &str) -> Value {
    json!({ "title": "A step", "amount": euro(amount), "dueWeek": 4 })
}

/// The bid of an answer, without the receipt that came with it.
fn kept(answer: &Value) -> Value {
    let mut bid = answer.clone();
    assert!(bid.as_object_mut().unwrap().remove("receipt").unwrap().is_object());
    bid
}

/// The bids of a company that count.
async fn live(m: &Marketplace, company: &Company) -> Vec<Value> {
    let own = m.see(&company.bidder, "/bids").await;
    own["items"].as_array().unwrap().iter().filter(|bid| bid["status"] != "withdrawn").cloned().collect()
}

async fn deadline(m: &Marketplace, challenge: &str) -> DateTime<Utc> {
    m.challenge(challenge).await["submissionDeadline"].as_str().unwrap().parse().unwrap()
}

/// Moves the clock to a while before (or after) the deadline of a challenge.
async fn approach(m: &mut Marketplace, challenge: &str, by: TimeDelta) {
    let deadline = deadline(m, challenge).await;
    m.advance_to(deadline + by).await;
}

testing::on_both! {
    async fn an_offer_that_breaks_a_rule_is_refused_with_its_place(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let offer = |price: Value, milestones: Value| {
            json!({ "solution": "Ours.", "price": price, "milestones": milestones })
        };
        let unknown = json!({ "amount": "1", "currency": "XQX" });
        let dollars = json!({ "amount": "100.00", "currency": "USD" });
        let in_dollars = json!({ "title": "A step", "amount": dollars, "dueWeek": 4 });
        let blank = json!({ "solution": " ", "price": euro("100.00"), "milestones": [milestone("100.00")] });
        let cases = [
            (offer(euro("45000.01"), json!([milestone("45000.01")])), "/offer/price/amount", "above_ceiling"),
            (offer(euro("0.00"), json!([milestone("0.00")])), "/offer/price/amount", "out_of_range"),
            (offer(euro("100.001"), json!([milestone("100.00")])), "/offer/price/amount", "wrong_format"),
            (offer(unknown, json!([milestone("1")])), "/offer/price/currency", "unknown"),
            (offer(dollars.clone(), json!([in_dollars])), "/offer/price/currency", "wrong_currency"),
            (offer(euro("100.00"), json!([in_dollars])), "/offer/milestones/0/amount/currency", "wrong_currency"),
            (offer(euro("100.00"), json!([milestone("99.99")])), "/offer/milestones", "sum_not_price"),
            (offer(euro("100.00"), json!([milestone("60"), milestone("40.01")])), "/offer/milestones", "sum_not_price"),
            (offer(euro("100.00"), json!([])), "/offer/milestones", "too_few"),
            (blank, "/offer/solution", "required"),
        ];
        for (offer, pointer, code) in cases {
            let refused = m.call(m.submission(&m.calm, &challenge, offer.clone(), "case")).await;
            let refused = refused.expect_problem(422, "invalid");
            assert!(refused.fields().contains(&(pointer.to_owned(), code.to_owned())), "{offer}: {}", refused.text);
        }
        assert_eq!(live(&m, &m.calm).await, Vec::<Value>::new());
        let at_the_ceiling = offer(euro("45000.00"), json!([milestone("44999.99"), milestone("0.01")]));
        m.submit(&m.calm, &challenge, at_the_ceiling).await;
    }

    async fn a_bid_is_kept_sealed(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let (offer, before) = (m.offer("38500.00"), m.app.now());
        let received = m.call(m.submission(&m.calm, &challenge, offer, "k")).await.expect(201).body;
        for part in ["solution", "price", "milestones"] {
            assert_eq!(received[part], Value::Null, "it is sealed: even its bidder reads nothing of it here");
        }
        let kinds: Vec<_> = received["envelopes"].as_array().unwrap().iter().map(|it| it["kind"].clone()).collect();
        assert_eq!(kinds, ["quality", "price"]);
        assert_eq!((&received["status"], &received["revision"]), (&json!("submitted"), &json!(1)));
        let at: DateTime<Utc> = received["submittedAt"].as_str().unwrap().parse().unwrap();
        assert!(before <= at && at <= m.app.now());
        assert_eq!(m.see(&m.calm.bidder, &format!("/bids/{}", received["id"].as_str().unwrap())).await, kept(&received));
    }

    async fn a_company_has_one_live_bid_and_may_replace_withdraw_and_bid_again(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let first = m.submit(&m.calm, &challenge, m.offer("100.00")).await;
        let colleague = m.colleague_of_calm().await;
        let again = json!({ "company": m.calm.id, "offer": m.offer("200.00") });
        let request = colleague.post(&format!("/challenges/{challenge}/bids"), again);
        m.call(request.insert_header(("idempotency-key", "other"))).await.expect_problem(409, "already_bid");
        let path = format!("/bids/{first}");
        let replaced = m.call(colleague.put(&path, 1, m.replacement("300.00"))).await.expect(200).body;
        assert_eq!((&replaced["id"], &replaced["revision"]), (&json!(first), &json!(2)));
        let stale = m.call(m.calm.bidder.put(&path, 1, m.replacement("400.00"))).await;
        stale.expect_problem(412, "stale");
        let invalid = m.call(m.calm.bidder.put(&path, 2, m.replacement("45000.01"))).await.expect_problem(422, "invalid");
        assert_eq!(invalid.fields(), [("/offer/price/amount".to_owned(), "above_ceiling".to_owned())]);
        assert_eq!(live(&m, &m.calm).await, [kept(&replaced)]);
        let withdrawn = m.call(m.calm.bidder.act(&format!("{path}/withdraw"))).await.expect(200).body;
        assert_eq!(withdrawn["status"], "withdrawn");
        for request in [m.calm.bidder.act(&format!("{path}/withdraw")), m.calm.bidder.put(&path, 3, m.replacement("1.00"))] {
            m.call(request).await.expect_problem(409, "wrong_state");
        }
        let second = m.call(m.submission(&m.calm, &challenge, m.offer("500.00"), "second")).await.expect(201).body;
        assert_ne!(second["id"], json!(first));
        assert_eq!(second["revision"], 1);
        assert_eq!(live(&m, &m.calm).await, [kept(&second)]);
    }

    async fn of_twenty_submissions_at_once_exactly_one_counts(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let attempts = (0..20).map(|n| {
            let offer = m.offer(&format!("{}.00", 100 + n));
            m.app.call(m.submission(&m.calm, &challenge, offer, &n.to_string()))
        });
        let mut codes = Vec::new();
        for answer in crate::steps::all_at_once(attempts).await {
            codes.push((answer.status.as_u16(), answer.body["code"].as_str().unwrap_or_default().to_owned()));
        }
        codes.sort();
        let mut expected = vec![(201, String::new())];
        expected.extend(std::iter::repeat_n((409, "already_bid".to_owned()), 19));
        assert_eq!(codes, expected);
        assert_eq!(live(&m, &m.calm).await.len(), 1);
    }

    async fn a_repeated_submission_is_one_submission(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let attempt = || m.app.call(m.submission(&m.calm, &challenge, m.offer("100.00"), "same"));
        let answers = crate::steps::all_at_once((0..8).map(|_| attempt())).await;
        for answer in &answers {
            assert_eq!((answer.status.as_u16(), &answer.text), (201, &answers[0].text));
        }
        let without_key = json!({ "company": m.river.id, "offer": m.offer("100.00") });
        let request = m.river.bidder.post(&format!("/challenges/{challenge}/bids"), without_key);
        m.call(request).await.expect_problem(400, "idempotency_key_required");
        assert_eq!((live(&m, &m.calm).await.len(), live(&m, &m.river).await.len()), (1, 0));
    }

    async fn a_member_without_the_role_and_an_agency_cannot_bid(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let reader = m.staff_of(&m.calm, "Reader").await;
        let as_reader = Company { id: m.calm.id.clone(), bidder: reader };
        m.call(m.submission(&as_reader, &challenge, m.offer("1.00"), "r")).await.expect_problem(403, "role_missing");
        let for_agency = Company { id: m.agency.clone(), bidder: m.calm.bidder.clone() };
        let refused = m.call(m.submission(&for_agency, &challenge, m.offer("1.00"), "a")).await;
        assert_eq!(refused.expect_problem(422, "invalid").fields(), [("/company".to_owned(), "unknown".to_owned())]);
        assert_eq!(live(&m, &m.calm).await, Vec::<Value>::new());
    }

    async fn the_deadline_decides_even_while_nobody_has_shut_the_box(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let bid = m.submit(&m.river, &challenge, m.offer("100.00")).await;
        approach(&mut m, &challenge, TimeDelta::seconds(-30)).await;
        let own = m.submit(&m.calm, &challenge, m.offer("100.00")).await;
        m.call(m.calm.bidder.put(&format!("/bids/{own}"), 1, m.replacement("90.00"))).await.expect(200);
        let before = [live(&m, &m.calm).await, live(&m, &m.river).await];
        approach(&mut m, &challenge, TimeDelta::zero()).await;
        assert_eq!(m.status(&challenge).await, "published");
        expect_all_refused(&m, &challenge, &bid).await;
        m.run_scheduler().await;
        assert_eq!(m.status(&challenge).await, "closed");
        expect_all_refused(&m, &challenge, &bid).await;
        assert_eq!([live(&m, &m.calm).await, live(&m, &m.river).await], before);
    }

    async fn a_visitor_never_shuts_the_box(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        m.advance(TimeDelta::days(17)).await;
        for path in [format!("/challenges/{challenge}"), "/challenges?status=closed".to_owned(), "/events".to_owned()] {
            m.see(&m.officer, &path).await;
        }
        expect_all_refused(&m, &challenge, crate::reads::UNKNOWN).await;
        m.bring(&m.officer, &challenge, "quality").await.expect_problem(409, "wrong_state");
        assert_eq!(m.status(&challenge).await, "published");
        assert_eq!(m.told_about(&challenge).await, ["challenge.published"]);
    }

    async fn the_scheduler_shuts_each_due_box_once_however_many_look(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let due = [m.published().await, m.published().await, m.published().await];
        assert_eq!(m.run_scheduler().await, 0);
        m.advance(TimeDelta::days(40)).await;
        let later = m.published().await;
        let looks = crate::steps::all_at_once((0..6).map(|_| m.run_scheduler())).await;
        assert_eq!(looks.iter().sum::<usize>(), 3);
        assert_eq!(m.run_scheduler().await, 0);
        for id in &due {
            assert_eq!(m.told_about(id).await, ["challenge.published", "challenge.closed"]);
        }
        assert_eq!(m.status(&later).await, "published");
        let early = later.parse().map(domain::ChallengeId).unwrap();
        assert!(!m.app.db().write(move |conn| application::scheduler::close(conn, early)).await.unwrap());
    }

    async fn every_bid_that_races_with_the_end_is_either_in_time_or_told_that_it_is_late(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let mut companies = Vec::new();
        for n in 0..12 {
            companies.push(crate::marketplace::company(&m.app, &format!("Racer {n}")).await);
        }
        let challenge = m.published().await;
        approach(&mut m, &challenge, TimeDelta::milliseconds(-400)).await;
        for company in &mut companies {
            m.app.log_in_again(&mut company.bidder).await;
        }
        let (deadline, id) = (deadline(&m, &challenge).await, challenge.parse().map(domain::ChallengeId).unwrap());
        let db = m.app.db().clone();
        let shut = rt::spawn(async move {
            while !db.write(move |conn| application::scheduler::close(conn, id)).await.unwrap() {
                rt::time::sleep(std::time::Duration::from_millis(5)).await;
            }
        });
        let in_the_box = crate::steps::all_at_once(companies.iter().map(|c| race(&m, c, &challenge, deadline))).await;
        shut.await.unwrap();
        assert!(m.app.now() >= deadline);
        for (company, acknowledged) in companies.iter().zip(&in_the_box) {
            assert_eq!(live(&m, company).await.len(), usize::from(*acknowledged));
        }
        m.open(&challenge).await;
        let opened = m.see(&m.officer, &format!("/challenges/{challenge}/bids")).await;
        let acknowledged = in_the_box.into_iter().filter(|acknowledged| *acknowledged).count();
        assert_eq!(opened["items"].as_array().unwrap().len(), acknowledged);
    }
}

/// Bids and withdraws until the deadline ends it; says whether a bid that was acknowledged is left in the box.
async fn race(m: &Marketplace, company: &Company, challenge: &str, deadline: DateTime<Utc>) -> bool {
    for round in 0.. {
        let answer = m.call(m.submission(company, challenge, m.offer("100.00"), &round.to_string())).await;
        if answer.status != 201 {
            answer.expect_problem(409, "deadline_passed");
            return false;
        }
        assert!(answer.body["submittedAt"].as_str().unwrap().parse::<DateTime<Utc>>().unwrap() < deadline);
        let answer = m.call(company.bidder.act(&format!("/bids/{}/withdraw", answer.id()))).await;
        if answer.status != 200 {
            answer.expect_problem(409, "deadline_passed");
            return true;
        }
    }
    unreachable!("the deadline ends it")
}

async fn expect_all_refused(m: &Marketplace, challenge: &str, bid: &str) {
    let submitted = m.call(m.submission(&m.calm, challenge, m.offer("80.00"), "late")).await;
    submitted.expect_problem(409, "deadline_passed");
    if bid != crate::reads::UNKNOWN {
        let path = format!("/bids/{bid}");
        let version = m.see(&m.river.bidder, &path).await["version"].as_i64().unwrap();
        for request in [
            m.river.bidder.put(&path, version, m.replacement("80.00")),
            m.river.bidder.act(&format!("{path}/withdraw")),
        ] {
            m.call(request).await.expect_problem(409, "deadline_passed");
        }
    }
}

impl Marketplace {
    /// Another person who bids for Calm.
    async fn colleague_of_calm(&self) -> crate::app::Person {
        let (calm, roles) = (&self.calm, ["bidder"]);
        crate::steps::join(&self.app, &calm.bidder, &calm.id, "Colleague", &roles).await
    }
}
