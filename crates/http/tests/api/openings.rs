//! The opening: enough holders of the committee bring their shares, after the deadline.

use crate::{app::get, ceremony::opened, marketplace::Marketplace, steps::all_at_once};
use actix_web::test::TestRequest;
use domain::opening::EnvelopeKind;
use serde_json::{Value, json};
use testing::Backend;

fn shares(challenge: &str, kind: &str) -> String {
    format!("/challenges/{challenge}/openings/{kind}/shares")
}

testing::on_both! {
    async fn nothing_is_opened_before_the_deadline(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (challenge, bid, _) = m.with_bids().await;
        m.bring(&m.officer, &challenge, "quality").await.expect_problem(409, "wrong_state");
        let post = m.officer.post(&shares(&challenge, "quality"), json!({ "shares": [] }));
        m.call(post).await.expect_problem(409, "wrong_state");
        m.pass_deadline().await;
        m.bring(&m.officer, &challenge, "quality").await.expect(200);
        m.call(m.officer.get(&format!("/bids/{bid}"))).await.expect_problem(404, "not_found");
        m.bring(&m.second_officer, &challenge, "quality").await.expect(200);
        m.see(&m.officer, &format!("/bids/{bid}")).await;
    }

    async fn an_opening_takes_two_different_holders(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let mut third = m.staff("Third Officer", "officer").await;
        let (challenge, calm, river) = m.with_bids().await;
        m.pass_deadline().await;
        m.app.log_in_again(&mut third).await;
        for outsider in [&third, &m.chair] {
            m.bring(outsider, &challenge, "quality").await.expect_problem(403, "role_missing");
        }
        m.call(m.chair.get(&format!("/challenges/{challenge}/openings/quality"))).await.expect_problem(404, "not_found");
        for _ in 0..2 {
            let first = m.bring(&m.officer, &challenge, "quality").await.expect(200).body;
            assert_eq!((&first["attended"], &first["needed"]), (&json!([m.officer.id]), &json!(2)));
            assert_eq!((&first["challengeStatus"], &first["openedAt"]), (&json!("closed"), &Value::Null));
        }
        let second = m.bring(&m.second_officer, &challenge, "quality").await.expect(200).body;
        assert_eq!(second["attended"], json!([m.officer.id, m.second_officer.id]));
        assert_eq!(second["challengeStatus"], "opened");
        assert!(!second["openedAt"].is_null());
        for (company, bid) in [(&m.calm, calm), (&m.river, river)] {
            let bid = m.see(&company.bidder, &format!("/bids/{bid}")).await;
            assert_eq!((&bid["status"], &bid["solution"]), (&json!("opened"), &json!("We listen for words of distress.")));
            assert_eq!((&bid["price"], &bid["milestones"][0]["amount"]), (&Value::Null, &Value::Null));
            assert_eq!(bid["milestones"][0]["title"], "All of it");
        }
        m.bring(&m.second_officer, &challenge, "quality").await.expect_problem(409, "wrong_state");
    }

    async fn prices_stay_sealed_until_the_judgement_of_quality_is_frozen(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (challenge, calm, river) = m.evaluating().await;
        m.bring(&m.officer, &challenge, "price").await.expect_problem(409, "incomplete");
        for person in [&m.chair, &m.evaluator] {
            m.bring(&m.officer, &challenge, "price").await.expect_problem(409, "incomplete");
            m.judge(person, &challenge, &[(&calm, "4", "4"), (&river, "3", "3")]).await;
        }
        let ranking = format!("/challenges/{challenge}/ranking");
        m.call(m.officer.get(&ranking)).await.expect_problem(409, "incomplete");
        m.bring(&m.officer, &challenge, "price").await.expect(200);
        assert_eq!(m.see(&m.officer, &format!("/bids/{calm}")).await["price"], Value::Null);
        m.call(m.officer.get(&ranking)).await.expect_problem(409, "incomplete");
        let ended = m.bring(&m.second_officer, &challenge, "price").await.expect(200).body;
        assert!(!ended["openedAt"].is_null());
        let bid = m.see(&m.officer, &format!("/bids/{calm}")).await;
        let euro = json!({ "amount": "38500.00", "currency": "EUR" });
        assert_eq!((&bid["price"], &bid["milestones"][0]["amount"]), (&euro, &euro));
        m.call(m.officer.get(&ranking)).await.expect(200);
        m.bring(&m.officer, &challenge, "price").await.expect_problem(409, "already_done");
    }

    async fn a_share_that_is_not_what_was_sealed_is_named_and_none_is_taken(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (challenge, ..) = m.with_bids().await;
        let (other, ..) = m.with_bids().await;
        m.pass_deadline().await;
        let own = m.see(&m.officer, &shares(&challenge, "quality")).await;
        let anothers = m.see(&m.second_officer, &shares(&challenge, "quality")).await;
        let good: Vec<_> = (0..2).map(|i| opened(&m.officer, &own["items"][i]["file"])).collect();
        let with = |field: &str, value: Value| {
            let mut changed = good[1].clone();
            changed[field] = value;
            changed
        };
        let of_other = m.see(&m.officer, &shares(&other, "quality")).await;
        let cases = [
            (with("share", json!("00".repeat(32))), "wrong_share"),
            (with("nonce", json!("00".repeat(16))), "unknown_envelope"),
            (with("nonce", good[0]["nonce"].clone()), "wrong_share"),
            (with("challenge", json!(other)), "wrong_share"),
            (with("index", json!(0)), "malformed"),
            (with("index", json!(3)), "foreign_share"),
            (with("format", json!("provoco-share-v2")), "malformed"),
            (opened(&m.second_officer, &anothers["items"][1]["file"]), "foreign_share"),
            (opened(&m.officer, &of_other["items"][0]["file"]), "unknown_envelope"),
        ];
        for (wrong, code) in cases {
            let body = json!({ "shares": [good[0], wrong] });
            let refused = m.call(m.officer.post(&shares(&challenge, "quality"), body)).await;
            let refused = refused.expect_problem(422, "invalid");
            assert_eq!(refused.fields()[0], ("/shares/1".to_owned(), code.to_owned()), "{}", refused.text);
        }
        let progress = m.see(&m.officer, &format!("/challenges/{challenge}/openings/quality")).await;
        assert_eq!(progress["attended"], json!([]), "nothing was taken");
        for body in [json!({}), json!({ "shares": [], "passphrase": "x" })] {
            m.call(m.officer.post(&shares(&challenge, "quality"), body)).await.expect_problem(422, "invalid");
        }
        m.open(&challenge).await;
    }

    async fn shares_come_in_any_number_of_requests_and_nothing_shows_before_the_last(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (challenge, calm, _) = m.with_bids().await;
        m.pass_deadline().await;
        m.bring(&m.officer, &challenge, "quality").await.expect(200);
        let path = shares(&challenge, "quality");
        let first = m.see(&m.second_officer, &format!("{path}?limit=1")).await;
        let next = m.see(&m.second_officer, &format!("{path}?limit=1&after={}", first["next"].as_str().unwrap())).await;
        assert_eq!(next["next"], Value::Null);
        for (page, status) in [(first, "closed"), (next, "opened")] {
            assert_eq!(m.status(&challenge).await, "closed");
            let share = opened(&m.second_officer, &page["items"][0]["file"]);
            let came = m.call(m.second_officer.post(&path, json!({ "shares": [share] }))).await.expect(200).body;
            assert_eq!(came["challengeStatus"], status);
            assert_eq!(m.see(&m.calm.bidder, &format!("/bids/{calm}")).await["solution"].is_null(), status == "closed");
        }
    }

    async fn a_dry_run_hands_out_nothing_and_a_cancellation_forgets_the_shares(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let put = m.second_officer.sign(TestRequest::put().uri("/api/v1/account/opening-key"));
        m.call(put.set_json(json!({ "passphrase": "seven sleepy otters" }))).await.expect(200);
        let challenge = m.draft_without_rehearsal().await;
        m.call(m.author.post(&format!("/challenges/{challenge}/rehearsal"), json!({}))).await.expect(200);
        m.rehearse_as(&m.officer, &challenge).await.expect(200);
        let own = json!({ "passphrase": "seven sleepy otters" });
        m.call(m.second_officer.post(&format!("/challenges/{challenge}/rehearsal/share"), own.clone())).await.expect(200);
        m.publish(&challenge).await;
        m.submit(&m.calm, &challenge, m.offer("100.00")).await;
        m.pass_deadline().await;
        let path = format!("{}?dryRun=true", shares(&challenge, "quality"));
        let tried = m.call(m.second_officer.post(&path, own)).await.expect(200);
        assert_eq!((tried.header("dry-run"), &tried.body["attended"]), ("true", &json!([])));
        let id = domain::ChallengeId(challenge.parse().unwrap());
        let begun = || m.app.db().read(move |conn| persistence::opening_committees::has_opening_begun(conn, id, domain::bid::BidStage::Offer));
        assert!(!begun().await.unwrap());
        m.bring(&m.officer, &challenge, "quality").await.expect(200);
        assert!(begun().await.unwrap());
        let posted = || crate::rows::rows(&m.app)["posted_shares"];
        assert_eq!(posted(), 1);
        let why = json!({ "code": "other", "reason": "No." });
        m.call(m.officer.post(&format!("/challenges/{challenge}/cancel"), why)).await.expect(200);
        assert_eq!(posted(), 0);
    }

    async fn what_a_crash_interrupted_is_finished_later(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (challenge, ..) = m.with_bids().await;
        m.pass_deadline().await;
        let id = domain::ChallengeId(challenge.parse().unwrap());
        for officer in [&m.officer, &m.second_officer] {
            // Everything but what follows the transaction.
            let files = m.see(officer, &shares(&challenge, "quality")).await["items"].as_array().unwrap().clone();
            let brought = files.iter().map(|file| opened(officer, &file["file"]).to_string()).collect::<Vec<_>>();
            let (user, agency) = (officer.id, domain::OrganisationId(m.agency.parse().unwrap()));
            let kept = m.app.db().write(move |conn| {
                let memberships = vec![domain::Membership::new(agency, vec![domain::Role::Officer])];
                let actor = domain::Actor { memberships, ..domain::Actor::new(user) };
                let caller = application::Caller { actor, request_id: "crash".to_owned() };
                let brought: Vec<_> = brought.iter().map(|it| sealing::Share::from_json(it.as_bytes()).unwrap()).collect();
                application::openings::bring(conn, &caller, id, EnvelopeKind::Quality, &brought).map(drop)
            });
            kept.await.unwrap();
        }
        assert_eq!(m.status(&challenge).await, "closed");
        let left = m.app.db().read(application::openings::unfinished).await.unwrap();
        assert_eq!(left, [(id, EnvelopeKind::Quality)]);
        for _ in 0..2 {
            application::openings::proceed(m.app.db(), id, EnvelopeKind::Quality).await.unwrap();
        }
        assert_eq!(m.status(&challenge).await, "opened");
        assert_eq!(m.app.db().read(application::openings::unfinished).await.unwrap(), []);
        assert_eq!(m.told_about(&challenge).await, ["challenge.published", "challenge.closed", "challenge.opened"]);
        let left = crate::rows::rows(&m.app).into_iter().find(|(table, _)| table == "posted_shares").unwrap().1;
        assert_eq!(left, 0, "shares go when what they open is open");
    }

    async fn the_record_of_an_opening_is_public_and_names_the_envelopes_of_the_receipts(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (challenge, calm, river) = m.with_bids().await;
        let path = format!("/challenges/{challenge}/opening-record");
        m.call(get(&path)).await.expect_problem(404, "not_found");
        let mut hashes = Vec::new();
        for (company, bid) in [(&m.calm, &calm), (&m.river, &river)] {
            let bid = m.see(&company.bidder, &format!("/bids/{bid}")).await;
            hashes.push(bid["envelopes"][0]["sha256"].clone());
        }
        m.pass_deadline().await;
        m.call(get(&path)).await.expect_problem(404, "not_found");
        m.open(&challenge).await;
        let record = m.call(get(&path)).await.expect(200).body;
        assert_eq!((&record["openedBy"], &record["threshold"]), (&json!([1, 2]), &json!(2)));
        assert_eq!((&record["pricesOpenedAt"], &record["pricesOpenedBy"]), (&Value::Null, &json!([])));
        let opened: Vec<_> = record["envelopes"].as_array().unwrap().iter().map(|it| it["sha256"].clone()).collect();
        assert_eq!(opened, hashes);
        assert!(!record.to_string().contains(&m.officer.id.to_string()), "no names");
    }

    async fn a_withdrawn_bid_stays_in_the_dark(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (challenge, calm, river) = m.with_bids().await;
        m.call(m.calm.bidder.act(&format!("/bids/{calm}/withdraw"))).await.expect(200);
        m.pass_deadline().await;
        m.open(&challenge).await;
        let bids = m.see(&m.officer, &format!("/challenges/{challenge}/bids")).await;
        assert_eq!((bids["items"].as_array().unwrap().len(), &bids["items"][0]["id"]), (1, &json!(river)));
        m.call(m.officer.get(&format!("/bids/{calm}"))).await.expect_problem(404, "not_found");
        m.call(m.officer.act(&format!("/bids/{calm}/admit"))).await.expect_problem(404, "not_found");
        assert_eq!(m.see(&m.calm.bidder, &format!("/bids/{calm}")).await["status"], "withdrawn");
    }

    async fn two_who_come_at_once_open_once(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (challenge, ..) = m.with_bids().await;
        m.pass_deadline().await;
        let answers = all_at_once([&m.officer, &m.second_officer].map(|who| m.bring(who, &challenge, "quality"))).await;
        assert!(answers.iter().all(|answer| answer.status == 200), "{answers:?}");
        assert_eq!(m.status(&challenge).await, "opened");
        let told = m.told_about(&challenge).await;
        assert_eq!(told, ["challenge.published", "challenge.closed", "challenge.opened"]);
    }

    async fn one_who_comes_many_times_at_once_is_one(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (challenge, ..) = m.with_bids().await;
        m.pass_deadline().await;
        let answers = all_at_once((0..5).map(|_| m.bring(&m.officer, &challenge, "quality"))).await;
        assert!(answers.iter().all(|answer| answer.status == 200 && answer.body["attended"] == json!([m.officer.id])));
        assert_eq!(m.status(&challenge).await, "closed");
    }

    async fn a_key_that_is_kept_here_opens_with_its_passphrase(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let passphrase = "seven sleepy otters";
        let put = m.second_officer.sign(TestRequest::put().uri("/api/v1/account/opening-key"));
        let key = m.call(put.set_json(json!({ "passphrase": passphrase }))).await.expect(200).body;
        assert_eq!((&key["keptHere"], m.see(&m.second_officer, "/account/opening-key").await), (&json!(true), key.clone()));
        let challenge = m.draft_without_rehearsal().await;
        m.call(m.author.post(&format!("/challenges/{challenge}/rehearsal"), json!({}))).await.expect(200);
        m.rehearse_as(&m.officer, &challenge).await.expect(200);
        let path = format!("/challenges/{challenge}/rehearsal/share");
        let wrong = m.call(m.second_officer.post(&path, json!({ "passphrase": "eight sleepy otters" }))).await;
        assert_eq!(wrong.expect_problem(422, "invalid").fields(), [("/passphrase".to_owned(), "wrong".to_owned())]);
        m.call(m.second_officer.post(&path, json!({ "passphrase": passphrase }))).await.expect(200);
        m.publish(&challenge).await;
        let bid = m.submit(&m.calm, &challenge, m.offer("38500.00")).await;
        m.pass_deadline().await;
        m.bring(&m.officer, &challenge, "quality").await.expect(200);
        let path = shares(&challenge, "quality");
        m.call(m.second_officer.post(&path, json!({ "passphrase": "eight sleepy otters" }))).await.expect_problem(422, "invalid");
        let kept = m.call(m.officer.post(&path, json!({ "passphrase": passphrase }))).await;
        assert_eq!(kept.expect_problem(422, "invalid").fields(), [("/passphrase".to_owned(), "not_kept".to_owned())]);
        let opened = m.call(m.second_officer.post(&path, json!({ "passphrase": passphrase }))).await.expect(200).body;
        assert_eq!(opened["challengeStatus"], "opened");
        assert!(m.see(&m.officer, &format!("/bids/{bid}")).await["solution"].is_string());
    }

    async fn a_box_without_bids_is_opened_all_the_same(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        m.pass_deadline().await;
        m.open(&challenge).await;
        assert_eq!(m.see(&m.officer, &format!("/challenges/{challenge}/bids")).await["items"], json!([]));
        m.step(&m.officer, &challenge, "start-evaluation").await;
        let body = json!({ "code": "no_bids", "reason": "Nobody bid." });
        m.call(m.officer.post(&format!("/challenges/{challenge}/close-without-award"), body)).await.expect(200);
        assert_eq!(m.challenge(&challenge).await["endReasonCode"], "no_bids");
    }

    async fn each_bid_is_admitted_or_disqualified_once_before_the_evaluation(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (challenge, calm, river) = m.with_bids().await;
        m.pass_deadline().await;
        m.open(&challenge).await;
        m.admit(&[&calm]).await;
        let start = format!("/challenges/{challenge}/start-evaluation");
        m.call(m.officer.act(&start)).await.expect_problem(409, "incomplete");
        let path = format!("/bids/{river}/disqualify");
        let blank = m.call(m.officer.post(&path, json!({ "code": "incomplete", "reason": " " }))).await;
        assert_eq!(blank.expect_problem(422, "invalid").fields(), [("/reason".to_owned(), "required".to_owned())]);
        let reason = json!({ "code": "not_eligible", "reason": "SECRET-GROUND" });
        m.call(m.officer.post(&path, reason.clone())).await.expect(200);
        for bid in [&calm, &river] {
            m.call(m.officer.act(&format!("/bids/{bid}/admit"))).await.expect_problem(409, "wrong_state");
            let again = m.officer.post(&format!("/bids/{bid}/disqualify"), reason.clone());
            m.call(again).await.expect_problem(409, "wrong_state");
        }
        let own = m.see(&m.river.bidder, &format!("/bids/{river}")).await;
        assert_eq!((&own["status"], &own["disqualificationCode"]), (&json!("disqualified"), &json!("not_eligible")));
        assert_eq!(own["disqualificationReason"], "SECRET-GROUND");
        assert!(!format!("{:?}", m.feed().await).contains("SECRET-GROUND"));
        m.call(m.officer.act(&start)).await.expect(200);
        m.declare(&m.chair, &challenge, &[]).await.expect(201);
        let scores = m.scores(&challenge, "4", "4").await;
        m.call(m.score(&m.chair, &river, scores)).await.expect_problem(409, "wrong_state");
    }
}
