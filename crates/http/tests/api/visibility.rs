//! The table "Who sees what, when": drafts, bids before and after the opening, scores, references.

use crate::{
    app::{Person, get},
    marketplace::Marketplace,
    reads::{self, Anonymous, Known, UNKNOWN},
    steps::mails,
};
use actix_web::test::TestRequest;
use chrono::TimeDelta;
use serde_json::{Value, json};
use testing::Backend;

/// What a reader is told, without what differs between any two answers.
async fn told(m: &Marketplace, request: TestRequest) -> (u16, String) {
    let answer = m.call(request.insert_header(("x-request-id", "same"))).await;
    (answer.status.as_u16(), answer.text)
}

/// Asserts that for somebody a record is exactly like one that never existed.
async fn expect_nothing(m: &Marketplace, who: Option<&Person>, path: impl Fn(&str) -> String, id: &str) {
    let read = |id: &str| who.map_or_else(|| get(&path(id)), |person| person.get(&path(id)));
    let (found, unknown) = (told(m, read(id)).await, told(m, read(UNKNOWN)).await);
    let name = who.map_or("anonymous", |person| &person.name);
    assert_eq!(found, unknown, "{name}: {}", path(id));
    assert!([401, 404].contains(&found.0), "{name}: {}: {found:?}", path(id));
}

async fn length(m: &Marketplace, request: TestRequest) -> usize {
    m.call(request).await.expect(200).body["items"].as_array().unwrap().len()
}

testing::on_both! {
    async fn a_draft_exists_for_the_members_of_its_agency_only(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let published = m.published().await;
        let (draft, cancelled) = (m.draft().await, m.draft().await);
        let reason = json!({ "code": "need_changed", "reason": "No need." });
        m.call(m.officer.post(&format!("/challenges/{cancelled}/cancel"), reason)).await.expect(200);
        let outsiders = [None, Some(&m.calm.bidder), Some(&m.administrator), Some(&m.chair)];
        for id in [&draft, &cancelled] {
            for outsider in outsiders {
                for part in ["", "/bids", "/contracts", "/award", "/ranking"] {
                    expect_nothing(&m, outsider, |id| format!("/challenges/{id}{part}"), id).await;
                }
            }
            for outsider in [None, Some(&m.calm.bidder), Some(&m.administrator)] {
                expect_nothing(&m, outsider, |id| format!("/challenges/{id}/panel"), id).await;
            }
            for insider in [&m.owner, &m.finance, &m.author] {
                assert_eq!(m.see(insider, &format!("/challenges/{id}")).await["id"], json!(id));
            }
            assert_eq!(m.told_about(id).await, Vec::<String>::new());
        }
        for outsider in [&m.calm.bidder, &m.administrator, &m.chair, &m.author] {
            assert_eq!(length(&m, outsider.get("/challenges")).await, 1);
            assert_eq!(length(&m, outsider.get(&format!("/challenges?agency={}", m.agency))).await, 1);
            assert_eq!(length(&m, outsider.get("/challenges?status=draft")).await, 0);
            assert_eq!(length(&m, outsider.get("/challenges?status=cancelled")).await, 0);
        }
        assert_eq!(m.call(get("/challenges")).await.body["items"][0]["id"], json!(published));
        let list = |agency: &str| format!("/organisations/{agency}/challenges");
        assert_eq!(length(&m, m.finance.get(&list(&m.agency))).await, 3);
        for outsider in [None, Some(&m.calm.bidder), Some(&m.administrator), Some(&m.chair)] {
            expect_nothing(&m, outsider, list, &m.agency).await;
        }
    }

    async fn until_the_opening_nobody_but_the_bidder_knows_of_a_bid(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let mut auditor = m.staff("Aud Itor", "auditor").await;
        let (challenge, calm, river) = m.with_bids().await;
        for phase in ["published", "closed"] {
            assert_eq!(m.status(&challenge).await, phase);
            let everybody_else = [
                &m.administrator, &m.owner, &m.author, &m.officer, &m.second_officer, &m.pilot_manager, &m.finance,
                &auditor, &m.chair, &m.evaluator, &m.river.bidder,
            ];
            for person in everybody_else {
                expect_nothing(&m, Some(person), |id| format!("/bids/{id}"), &calm).await;
                expect_nothing(&m, Some(person), |id| format!("/bids/{id}/evaluation"), &calm).await;
            }
            let list = format!("/challenges/{challenge}/bids");
            for person in [&m.officer, &auditor, &m.chair, &m.evaluator] {
                assert_eq!(m.see(person, &list).await, json!({ "items": [], "next": null }));
            }
            for person in [&m.administrator, &m.owner, &m.author, &m.finance, &m.calm.bidder] {
                m.call(person.get(&list)).await.expect_problem(404, "not_found");
            }
            assert_eq!(m.see(&m.calm.bidder, &format!("/bids/{calm}")).await["price"], Value::Null);
            let own = m.see(&m.river.bidder, "/bids").await;
            assert_eq!((own["items"].as_array().unwrap().len(), &own["items"][0]["id"]), (1, &json!(river)));
            if phase == "published" {
                m.pass_deadline().await;
                m.app.log_in_again(&mut auditor).await;
            }
        }
    }

    async fn after_the_opening_each_sees_a_bid_as_far_as_the_role_goes(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let mut auditor = m.staff("Aud Itor", "auditor").await;
        let (challenge, calm, river) = m.with_bids().await;
        m.pass_deadline().await;
        m.app.log_in_again(&mut auditor).await;
        m.open(&challenge).await;
        m.admit(&[&calm, &river]).await;
        for person in [&m.officer, &auditor, &m.calm.bidder] {
            assert_eq!(seen(&m, person, &challenge, &calm).await, QUALITY, "{}", person.name);
        }
        for person in [&m.chair, &m.evaluator] {
            assert_eq!(seen(&m, person, &challenge, &calm).await, NAME, "{}", person.name);
        }
        m.declare(&m.chair, &challenge, &[]).await.expect(201);
        m.declare(&m.evaluator, &challenge, &[&calm]).await.expect(201);
        assert_eq!(seen(&m, &m.chair, &challenge, &calm).await, QUALITY);
        assert_eq!(seen(&m, &m.evaluator, &challenge, &calm).await, NAME);
        assert_eq!(seen(&m, &m.evaluator, &challenge, &river).await, QUALITY);
        m.step(&m.officer, &challenge, "start-evaluation").await;
        m.judge(&m.chair, &challenge, &[(&calm, "4", "4"), (&river, "5", "5")]).await;
        m.judge(&m.evaluator, &challenge, &[(&river, "5", "5")]).await;
        assert_eq!(seen(&m, &m.chair, &challenge, &calm).await, QUALITY);
        expect_hidden(&m, &calm, &m.river.bidder).await;
        expect_hidden(&m, &river, &m.calm.bidder).await;
        m.open_prices(&challenge).await;
        for person in [&m.officer, &auditor, &m.calm.bidder] {
            assert_eq!(seen(&m, person, &challenge, &calm).await, FULL, "{}", person.name);
        }
        assert_eq!(seen(&m, &m.chair, &challenge, &calm).await, QUALITY);
        m.award(&challenge, &[&river]).await.expect(200);
        assert_eq!(seen(&m, &m.chair, &challenge, &calm).await, FULL);
        assert_eq!(seen(&m, &m.evaluator, &challenge, &calm).await, NAME);
        expect_hidden(&m, &calm, &m.river.bidder).await;
        expect_hidden(&m, &river, &m.calm.bidder).await;
    }

    async fn the_answer_to_a_formal_check_shows_no_more_than_the_bid_itself(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let challenge = m.draft().await;
        let panel = json!({
            "chair": m.second_officer.id, "evaluators": [m.second_officer.id, m.evaluator.id],
            "openingCommittee": [m.officer.id, m.second_officer.id],
        });
        let request = TestRequest::put().uri(&format!("/api/v1/challenges/{challenge}/panel"));
        m.call(m.author.sign(request).set_json(panel)).await.expect(200);
        m.rehearse(&challenge).await;
        m.publish(&challenge).await;
        let bid = m.submit(&m.calm, &challenge, m.offer("38500.00")).await;
        m.pass_deadline().await;
        m.open(&challenge).await;
        let admitted = m.call(m.second_officer.act(&format!("/bids/{bid}/admit"))).await.expect(200).body;
        assert_eq!((&admitted["status"], &admitted["price"]), (&json!("admitted"), &Value::Null));
        assert_eq!(admitted, m.see(&m.second_officer, &format!("/bids/{bid}")).await);
    }

    async fn scores_are_their_evaluators_own_until_the_award(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let auditor = m.staff("Aud Itor", "auditor").await;
        let (challenge, calm, _) = m.evaluating().await;
        let mut auditor = auditor;
        m.app.log_in_again(&mut auditor).await;
        let mut body = m.scores(&challenge, "4.25", "1.75").await;
        body["scores"][0]["comment"] = json!("SECRET-COMMENT");
        m.call(m.score(&m.chair, &calm, body)).await.expect(200);
        let path = format!("/bids/{calm}/evaluation");
        let own = m.see(&m.chair, &path).await;
        assert_eq!(own["scores"][0]["score"], "4.25");
        let others = [&m.evaluator, &m.officer, &auditor, &m.author, &m.owner, &m.administrator, &m.calm.bidder];
        for person in others {
            m.call(person.get(&path)).await.expect_problem(404, "not_found");
        }
        let known: Known<'_> = &[("challenge", &challenge), ("bid", &calm), ("organisation", &m.agency)];
        for person in others.map(Some).into_iter().chain([None]) {
            for answer in reads::answers(&m, person, known).await {
                let hidden = !answer.text.contains("SECRET-COMMENT") && !answer.text.contains("\"4.25\"");
                assert!(hidden, "{answer:?}");
            }
        }
    }

    async fn the_ranking_is_the_officers_until_the_award_and_everybodys_after_it(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (challenge, calm, _) = m.scored().await;
        let path = format!("/challenges/{challenge}/ranking");
        let ranking = m.see(&m.officer, &path).await;
        for person in [&m.author, &m.chair, &m.evaluator, &m.owner, &m.administrator, &m.calm.bidder] {
            m.call(person.get(&path)).await.expect_problem(404, "not_found");
        }
        m.call(get(&path)).await.expect_problem(404, "not_found");
        m.call(get(&format!("/challenges/{challenge}/award"))).await.expect_problem(404, "not_found");
        m.award(&challenge, &[&calm]).await.expect(200);
        assert_eq!(m.call(get(&path)).await.expect(200).body, ranking);
        let award = m.call(get(&format!("/challenges/{challenge}/award"))).await.expect(200).body;
        assert_eq!(award["ranking"], ranking);
    }

    async fn notes_reasons_and_references_are_for_the_two_sides_only(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (_, contract, milestone) = m.piloting().await;
        let at = |action: &str| format!("/milestones/{milestone}/{action}");
        m.call(m.calm.bidder.post(&at("deliver"), json!({ "note": "SECRET-NOTE" }))).await.expect(200);
        m.call(m.pilot_manager.post(&at("reject"), json!({ "reason": "SECRET-REASON" }))).await.expect(200);
        expect_for_parties_only(&m, &contract, &milestone, &["SECRET-NOTE", "SECRET-REASON"]).await;
        m.call(m.calm.bidder.post(&at("deliver"), json!({ "note": "SECRET-NOTE" }))).await.expect(200);
        m.call(m.pilot_manager.act(&at("accept"))).await.expect(200);
        m.call(m.calm.bidder.post(&at("invoice"), json!({ "invoiceNumber": "SECRET-INVOICE" }))).await.expect(200);
        m.call(m.finance.post(&at("pay"), json!({ "paymentReference": "SECRET-PAYMENT" }))).await.expect(200);
        let secrets = ["SECRET-NOTE", "SECRET-INVOICE", "SECRET-PAYMENT"];
        expect_for_parties_only(&m, &contract, &milestone, &secrets).await;
    }

    async fn no_answer_mail_or_event_holds_a_planted_secret_before_the_opening(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let price = json!({ "amount": "31234.56", "currency": "EUR" });
        let plan = json!([{ "title": "SECRET-PLAN", "amount": price, "dueWeek": 8 }]);
        let secret = json!({ "solution": "SECRET-SOLUTION", "price": price, "milestones": plan });
        let bid = m.submit(&m.calm, &challenge, secret.clone()).await;
        m.call(m.calm.bidder.put(&format!("/bids/{bid}"), 1, json!({ "offer": secret }))).await.expect(200);
        let secrets = ["SECRET", "31234", "3123456", &*bid];
        let organisations = [("organisation", &*m.agency), ("organisation", &m.calm.id)];
        let known = [("challenge", &*challenge), ("bid", &bid)].into_iter().chain(organisations);
        let known: Vec<_> = known.map(|(kind, id)| (kind, id.to_owned())).collect();
        for phase in ["published", "closed"] {
            assert_eq!(m.status(&challenge).await, phase);
            let known: Vec<_> = known.iter().map(|(kind, id)| (*kind, &**id)).collect();
            for outsider in outsiders(&m) {
                for answer in reads::answers(&m, outsider, &known).await {
                    assert!(!secrets.iter().any(|secret| answer.text.contains(secret)), "{answer:?}");
                }
            }
            for mail in mails(&m.app).await {
                let (own, text) = (mail.recipient_address == m.calm.bidder.email, mail.message.to_string());
                let hidden = if own { &secrets[..3] } else { &secrets[..] };
                assert!(!hidden.iter().any(|secret| text.contains(secret)), "{text}");
            }
            if phase == "published" {
                m.pass_deadline().await;
            }
        }
        let own = reads::answers(&m, Some(&m.calm.bidder), &[("bid", &bid)]).await;
        assert!(!own.iter().any(|answer| secrets[..3].iter().any(|secret| answer.text.contains(secret))), "{own:?}");
        m.open(&challenge).await;
        let own = reads::answers(&m, Some(&m.calm.bidder), &[("bid", &bid)]).await;
        assert!(own.iter().any(|answer| answer.text.contains("SECRET-SOLUTION")));
    }

    async fn two_worlds_that_differ_in_hidden_bids_only_look_the_same_from_outside(backend: Backend) {
        let (mut with, mut without) = (Marketplace::new(backend).await, Marketplace::new(backend).await);
        let (busy, quiet) = (with.published().await, without.published().await);
        let bid = with.submit(&with.calm, &busy, with.offer("38500.00")).await;
        with.call(with.calm.bidder.put(&format!("/bids/{bid}"), 1, with.replacement("20000.00"))).await.expect(200);
        let withdrawn = with.submit(&with.river, &busy, with.offer("100.00")).await;
        with.call(with.river.bidder.act(&format!("/bids/{withdrawn}/withdraw"))).await.expect(200);
        for phase in ["published", "closed"] {
            assert_eq!(with.status(&busy).await, phase);
            let (one, other) = (view(&with, &busy, &bid).await, view(&without, &quiet, UNKNOWN).await);
            for (one, other) in one.iter().zip(&other) {
                assert_eq!(one, other);
            }
            assert_eq!(one.len(), other.len());
            with.pass_deadline().await;
            without.pass_deadline().await;
        }
    }

    async fn what_outsiders_see_does_not_move_while_bids_come_and_go(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let known: Known<'_> = &[("challenge", &challenge), ("organisation", &m.agency), ("organisation", &m.calm.id)];
        let before = everything(&m, known).await;
        let bid = m.submit(&m.calm, &challenge, m.offer("38500.00")).await;
        assert_eq!(everything(&m, known).await, before);
        m.call(m.calm.bidder.put(&format!("/bids/{bid}"), 1, m.replacement("20000.00"))).await.expect(200);
        assert_eq!(everything(&m, known).await, before);
        m.call(m.calm.bidder.act(&format!("/bids/{bid}/withdraw"))).await.expect(200);
        assert_eq!(everything(&m, known).await, before);
    }

    async fn time_alone_opens_nothing(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (challenge, calm, _) = m.with_bids().await;
        m.pass_deadline().await;
        m.advance(TimeDelta::days(400)).await;
        m.call(m.officer.get(&format!("/bids/{calm}"))).await.expect_problem(404, "not_found");
        assert_eq!(m.status(&challenge).await, "closed");
    }

    async fn somebody_who_leaves_loses_sight_at_once(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let (draft, bid) = (m.draft().await, m.with_bids().await.1);
        for (owner, organisation, leaver, path) in [
            (&m.owner, &m.agency, &m.finance, format!("/challenges/{draft}")),
            (&m.calm.bidder, &m.calm.id, &m.staff_of(&m.calm, "Leaver").await, format!("/bids/{bid}")),
        ] {
            m.see(leaver, &path).await;
            let members = m.see(owner, &format!("/organisations/{organisation}/members")).await;
            let of_leaver = |row: &&Value| row["user"] == json!(leaver.id);
            let member = members["items"].as_array().unwrap().iter().find(of_leaver).unwrap()["id"].clone();
            let path_of_member = format!("/organisations/{organisation}/members/{}", member.as_str().unwrap());
            let removal = owner.delete(&path_of_member).insert_header(("if-match", "\"1\""));
            m.call(removal).await.expect(204);
            m.call(leaver.get(&path)).await.expect_problem(404, "not_found");
        }
    }
}

/// Whether solution and price of a bid are shown.
type Shown = (bool, bool);
const FULL: Shown = (true, true);
const QUALITY: Shown = (true, false);
const NAME: Shown = (false, false);

/// How much of a bid somebody sees, the same in the bid and in the list; the bidder's name always.
async fn seen(m: &Marketplace, who: &Person, challenge: &str, bid: &str) -> Shown {
    let found = m.see(who, &format!("/bids/{bid}")).await;
    let bidders = who.id == m.calm.bidder.id || who.id == m.river.bidder.id;
    if !bidders {
        let list = m.see(who, &format!("/challenges/{challenge}/bids")).await;
        assert!(list["items"].as_array().unwrap().contains(&found), "{list}");
    }
    assert!(!found["company"]["name"].as_str().unwrap().is_empty());
    assert_eq!(found["solution"].is_null(), found["milestones"].is_null());
    assert_eq!(found["price"].is_null(), found["milestones"][0]["amount"].is_null());
    (!found["solution"].is_null(), !found["price"].is_null())
}

async fn expect_hidden(m: &Marketplace, bid: &str, rival: &Person) {
    let others = [rival, &m.author, &m.owner, &m.pilot_manager, &m.finance, &m.administrator];
    for person in others {
        expect_nothing(m, Some(person), |id| format!("/bids/{id}"), bid).await;
    }
}

async fn expect_for_parties_only(m: &Marketplace, contract: &str, milestone: &str, secrets: &[&str]) {
    for path in [format!("/contracts/{contract}"), format!("/milestones/{milestone}")] {
        for party in [&m.officer, &m.finance, &m.author, &m.calm.bidder] {
            let told = m.see(party, &path).await.to_string();
            assert!(secrets.iter().all(|secret| told.contains(secret)), "{}: {told}", party.name);
        }
    }
    let known: Known<'_> = &[("contract", contract), ("milestone", milestone)];
    for outsider in [None, Some(&m.river.bidder), Some(&m.administrator), Some(&m.chair)] {
        for answer in reads::answers(m, outsider, known).await {
            assert!(!answer.text.contains("SECRET"), "{answer:?}");
        }
    }
}

/// Everybody who must not know of a bid before the opening.
fn outsiders(m: &Marketplace) -> [Option<&Person>; 9] {
    let (staff, panel) = ([&m.owner, &m.author, &m.officer, &m.finance], [&m.chair, &m.evaluator]);
    let [owner, author, officer, finance] = staff.map(Some);
    let [chair, evaluator] = panel.map(Some);
    [None, Some(&m.administrator), Some(&m.river.bidder), owner, author, officer, finance, chair, evaluator]
}

async fn everything(m: &Marketplace, known: Known<'_>) -> Vec<Vec<reads::Answer>> {
    let mut all = Vec::new();
    for outsider in outsiders(m) {
        let mut answers = reads::answers(m, outsider, known).await;
        // Looking is itself written down, and shown to whom it concerns.
        answers.retain(|answer| !["/account/reads", "/account/export"].iter().any(|own| answer.path.ends_with(own)));
        all.push(answers);
    }
    all
}

/// What outsiders see of a world and are mailed, fit to be compared with another world.
async fn view(m: &Marketplace, challenge: &str, bid: &str) -> Vec<String> {
    let mut anonymous = Anonymous::default();
    let known: Known<'_> = &[("challenge", challenge), ("bid", bid), ("organisation", &m.agency)];
    let mut view = Vec::new();
    for outsider in outsiders(m).into_iter().filter(|who| who.is_none_or(|who| who.id != m.river.bidder.id)) {
        for answer in reads::answers(m, outsider, known).await {
            view.push(format!("{} {}", answer.status, anonymous.text(&answer.text)));
        }
    }
    for mail in mails(&m.app).await.iter().filter(|mail| !mail.recipient_name.starts_with("Bidder")) {
        view.push(format!("{} {}", mail.recipient_name, anonymous.value(&mail.message)));
    }
    view
}
