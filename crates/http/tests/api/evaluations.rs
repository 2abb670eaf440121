//! Conflicts first, then scores, then the ranking, to the last digit.

use crate::{
    app::{Person, Response},
    marketplace::{Marketplace, company},
    steps::let_in,
};
use actix_web::test::TestRequest;
use serde_json::{Value, json};
use testing::Backend;

async fn ranking(m: &Marketplace, challenge: &str) -> Response {
    m.call(m.officer.get(&format!("/challenges/{challenge}/ranking"))).await
}

/// Rank, bid, total and points of the price of each row, once the prices are open.
async fn rows(m: &Marketplace, challenge: &str) -> Vec<(Option<u64>, String, String, Option<String>)> {
    m.open_prices(challenge).await;
    let body = ranking(m, challenge).await.expect(200).body;
    let text = |value: &Value| value.as_str().map(ToOwned::to_owned);
    let row = |row: &Value| {
        (row["rank"].as_u64(), text(&row["bid"]).unwrap(), text(&row["total"]).unwrap(), text(&row["pricePoints"]))
    };
    body["rows"].as_array().unwrap().iter().map(row).collect()
}

/// Changes a sheet that exists.
fn rescore(who: &Person, bid: &str, version: i64, scores: Value) -> TestRequest {
    who.put(&format!("/bids/{bid}/evaluation"), version, scores)
}

async fn submit(m: &Marketplace, who: &Person, challenge: &str) -> Response {
    m.call(who.act(&format!("/challenges/{challenge}/submit-evaluations"))).await
}

testing::on_both! {
    async fn the_declaration_comes_first_and_only_once(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (challenge, bids) = m.with_offers(json!({}), &[(&m.calm, "38500.00"), (&m.river, "36000.00")]).await;
        m.declare(&m.chair, &challenge, &[]).await.expect_problem(409, "wrong_state");
        m.pass_deadline().await;
        m.open(&challenge).await;
        m.admit(&[&bids[0], &bids[1]]).await;
        m.step(&m.officer, &challenge, "start-evaluation").await;
        let scores = m.scores(&challenge, "4", "4").await;
        m.call(m.score(&m.chair, &bids[0], scores.clone())).await.expect_problem(403, "declaration_missing");
        let unread = m.call(m.chair.get(&format!("/bids/{}/evaluation", bids[0]))).await;
        unread.expect_problem(403, "declaration_missing");
        submit(&m, &m.chair, &challenge).await.expect_problem(403, "declaration_missing");
        let unknown = m.declare(&m.chair, &challenge, &[crate::reads::UNKNOWN]).await.expect_problem(422, "invalid");
        assert_eq!(unknown.fields(), [("/conflicts/0".to_owned(), "unknown".to_owned())]);
        m.declare(&m.officer, &challenge, &[]).await.expect_problem(404, "not_found");
        m.declare(&m.chair, &challenge, &[&bids[1]]).await.expect(201);
        m.declare(&m.chair, &challenge, &[]).await.expect_problem(409, "already_done");
        m.call(m.score(&m.chair, &bids[1], scores.clone())).await.expect_problem(403, "recused");
        m.call(m.score(&m.chair, &bids[0], scores)).await.expect(200);
    }

    async fn who_belongs_to_a_bidder_has_a_conflict_and_must_say_so(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (challenge, bids) = m.with_offers(json!({}), &[(&m.calm, "38500.00"), (&m.river, "36000.00")]).await;
        let_in(&m.app, &m.calm.bidder, &m.calm.id, &m.evaluator, &[]).await;
        m.pass_deadline().await;
        m.open(&challenge).await;
        for silent in [&[][..], &[&*bids[1]]] {
            let refused = m.declare(&m.evaluator, &challenge, silent).await.expect_problem(422, "invalid");
            assert_eq!(refused.fields(), [("/conflicts".to_owned(), "required".to_owned())]);
        }
        m.declare(&m.evaluator, &challenge, &[&bids[0]]).await.expect(201);
        m.admit(&[&bids[0], &bids[1]]).await;
        m.step(&m.officer, &challenge, "start-evaluation").await;
        let scores = m.scores(&challenge, "5", "5").await;
        m.call(m.score(&m.evaluator, &bids[0], scores)).await.expect_problem(403, "recused");
    }

    async fn a_score_stays_on_its_scale_and_on_its_criterion(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (challenge, calm, _) = m.evaluating().await;
        let good = m.scores(&challenge, "4", "4").await;
        let with = |pointer: &str, value: &str| {
            let mut scores = good.clone();
            *scores.pointer_mut(pointer).unwrap() = json!(value);
            scores
        };
        let mut twice = good.clone();
        twice["scores"][1]["criterion"] = good["scores"][0]["criterion"].clone();
        let cases = [
            (with("/scores/0/score", "5.01"), "/scores/0/score", "out_of_range"),
            (with("/scores/1/score", "-1"), "/scores/1/score", "wrong_format"),
            (with("/scores/1/score", "3.005"), "/scores/1/score", "wrong_format"),
            (with("/scores/1/criterion", crate::reads::UNKNOWN), "/scores/1/criterion", "unknown"),
            (twice, "/scores/1/criterion", "duplicate"),
        ];
        for (scores, pointer, code) in cases {
            let refused = m.call(m.score(&m.chair, &calm, scores)).await.expect_problem(422, "invalid");
            assert!(refused.fields().contains(&(pointer.to_owned(), code.to_owned())), "{}", refused.text);
        }
        m.call(m.chair.get(&format!("/bids/{calm}/evaluation"))).await.expect_problem(404, "not_found");
        m.call(m.score(&m.chair, &calm, m.scores(&challenge, "0", "5").await)).await.expect(200);
    }

    async fn a_sheet_is_filled_in_steps_submitted_whole_and_frozen(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (challenge, calm, river) = m.evaluating().await;
        let full = m.scores(&challenge, "4", "3").await;
        let half = json!({ "scores": [full["scores"][0]] });
        submit(&m, &m.chair, &challenge).await.expect_problem(409, "incomplete");
        let sheet = m.call(m.score(&m.chair, &calm, half)).await.expect(200).body;
        assert_eq!((sheet["scores"].as_array().unwrap().len(), &sheet["submittedAt"]), (1, &Value::Null));
        m.call(m.score(&m.chair, &calm, full.clone())).await.expect_problem(412, "stale");
        m.call(m.score(&m.chair, &river, full.clone())).await.expect(200);
        submit(&m, &m.chair, &challenge).await.expect_problem(409, "incomplete");
        let own = m.see(&m.chair, &format!("/bids/{river}/evaluation")).await;
        assert_eq!(own["submittedAt"], Value::Null, "a refused submission freezes nothing");
        m.call(rescore(&m.chair, &calm, 1, full.clone())).await.expect(200);
        let submitted = submit(&m, &m.chair, &challenge).await.expect(200).body;
        let sheets = submitted["items"].as_array().unwrap();
        assert!(sheets.len() == 2 && sheets.iter().all(|sheet| !sheet["submittedAt"].is_null()));
        let version = m.see(&m.chair, &format!("/bids/{calm}/evaluation")).await["version"].as_i64().unwrap();
        m.call(rescore(&m.chair, &calm, version, full)).await.expect_problem(409, "frozen");
        submit(&m, &m.chair, &challenge).await.expect_problem(409, "frozen");
    }

    async fn there_is_no_ranking_before_everybody_is_done(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (challenge, calm, river) = m.evaluating().await;
        ranking(&m, &challenge).await.expect_problem(409, "incomplete");
        m.judge(&m.chair, &challenge, &[(&calm, "4", "4"), (&river, "3", "3")]).await;
        for bid in [&calm, &river] {
            m.call(m.score(&m.evaluator, bid, m.scores(&challenge, "4", "4").await)).await.expect(200);
        }
        ranking(&m, &challenge).await.expect_problem(409, "incomplete");
        m.award(&challenge, &[&calm]).await.expect_problem(409, "incomplete");
        submit(&m, &m.evaluator, &challenge).await.expect(200);
        assert_eq!(rows(&m, &challenge).await.len(), 2);
    }

    /// Weights 40 (minimum 2 of 5), 30 and, for the price under a ceiling of 45,000, 30.
    ///
    /// | bid   | first criterion      | second criterion    | price                               | total   |
    /// |-------|----------------------|---------------------|-------------------------------------|---------|
    /// | Calm  | (4.5+4)/2 = 4.25, 85 | (4+3.5)/2=3.75, 75  | 100 x 6,500/45,000 = 14.444...      |         |
    /// |       | 34                   | 22.5                | 4.333...                            | 60.8333 |
    /// | River | (3+4)/2 = 3.5, 70    | 5, 100              | 100 x 9,000/45,000 = 20             |         |
    /// |       | 28                   | 30                  | 6                                   | 64      |
    /// | Slow  | 2, 40: just passes   | 0, 0                | 100 x 45,000/45,000 less a cent     |         |
    /// |       | 16                   | 0                   | 29.99999...                         | 46      |
    /// | Low   | (1.98+2)/2 = 1.99    | 5, 100              | not judged                          |         |
    /// |       | 39.8 x 0.4 = 15.92   | 30                  | -                                   | 45.92   |
    async fn the_ranking_is_exact(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (slow, low) = (company(&m.app, "Slow").await, company(&m.app, "Low").await);
        let offers = [(&m.calm, "38500.00"), (&m.river, "36000.00"), (&slow, "0.01"), (&low, "20000.00")];
        let (challenge, bids) = m.with_offers(json!({}), &offers).await;
        m.pass_deadline().await;
        m.start_evaluating(&challenge, &bids).await;
        let [calm, river, slow, low] = [&*bids[0], &*bids[1], &*bids[2], &*bids[3]];
        let by_chair = [(calm, "4.5", "4"), (river, "3", "5"), (slow, "2", "0"), (low, "1.98", "5")];
        let by_other = [(calm, "4", "3.5"), (river, "4", "5"), (slow, "2", "0"), (low, "2", "5")];
        m.judge(&m.chair, &challenge, &by_chair).await;
        m.judge(&m.evaluator, &challenge, &by_other).await;
        let row = |rank, bid: &str, total: &str, price: Option<&str>| {
            (rank, bid.to_owned(), total.to_owned(), price.map(ToOwned::to_owned))
        };
        assert_eq!(rows(&m, &challenge).await, [
            row(Some(1), river, "64", Some("20")),
            row(Some(2), calm, "60.8333", Some("14.4444")),
            row(Some(3), slow, "46", Some("100")),
            row(None, low, "45.92", None),
        ]);
        let body = ranking(&m, &challenge).await.body;
        let first = &body["rows"][1]["criteria"][0];
        assert_eq!((&first["consensus"], &first["points"]), (&json!("4.25"), &json!("85")));
        assert_eq!(body["rows"][3]["criteria"][0]["passed"], false);
        let refused = m.award(&challenge, &[low]).await.expect_problem(422, "invalid");
        assert_eq!(refused.fields(), [("/winners/0".to_owned(), "out_of_order".to_owned())]);
    }

    /// Calm: 4.375 of 5 is 87.5 and counts 35, 4 of 5 counts 24, 40,500 gets 10 points and counts 3: 62.
    /// River: 4 of 5 counts 32, 4 of 5 counts 24, 36,000 gets 20 points and counts 6: 62.
    /// Third: 4 of 5 counts 32, 4 of 5 counts 24, the whole ceiling gets nothing: 56.
    async fn equal_totals_are_separated_by_the_rule_that_was_published(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let third = company(&m.app, "Third").await;
        let rules = [
            ("shared", [1, 1]),
            ("lower_price", [2, 1]),
            ("earlier_submission", [1, 2]),
            ("higher_on:Recognises urgency", [1, 2]),
            ("higher_on:Safe to try", [1, 1]),
        ];
        let offers = [(&m.calm, "40500.00"), (&m.river, "36000.00"), (&third, "45000.00")];
        let mut challenges = Vec::new();
        for (rule, ranks) in rules {
            challenges.push((ranks, m.with_offers(json!({ "tieRule": rule }), &offers).await));
        }
        m.pass_deadline().await;
        for ([calm, river], (challenge, bids)) in challenges {
            m.start_evaluating(&challenge, &bids).await;
            let by_chair = [(&*bids[0], "4.37", "4"), (&*bids[1], "4", "4"), (&*bids[2], "4", "4")];
            let by_other = [(&*bids[0], "4.38", "4"), (&*bids[1], "4", "4"), (&*bids[2], "4", "4")];
            m.judge(&m.chair, &challenge, &by_chair).await;
            m.judge(&m.evaluator, &challenge, &by_other).await;
            let mut found: Vec<_> = rows(&m, &challenge).await.into_iter().map(|row| (row.1, row.0, row.2)).collect();
            found.sort_by_key(|(bid, ..)| bids.iter().position(|id| id == bid));
            let totals = ["62", "62", "56"].map(ToOwned::to_owned);
            let expected: Vec<_> = bids.into_iter().zip([calm, river, 3].map(Some)).zip(totals).collect();
            assert_eq!(found.into_iter().map(|(bid, rank, total)| ((bid, rank), total)).collect::<Vec<_>>(), expected);
        }
    }

    async fn a_recused_evaluators_bid_is_ranked_by_the_others(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (challenge, bids) = m.with_offers(json!({}), &[(&m.calm, "36000.00"), (&m.river, "36000.00")]).await;
        m.pass_deadline().await;
        m.open(&challenge).await;
        m.admit(&[&bids[0], &bids[1]]).await;
        m.step(&m.officer, &challenge, "start-evaluation").await;
        m.declare(&m.chair, &challenge, &[]).await.expect(201);
        m.declare(&m.evaluator, &challenge, &[&bids[0]]).await.expect(201);
        m.judge(&m.chair, &challenge, &[(&bids[0], "5", "5"), (&bids[1], "5", "5")]).await;
        m.judge(&m.evaluator, &challenge, &[(&bids[1], "3", "3")]).await;
        // Calm by the chair alone: 40 + 30 + 6. River by both: mean 4, so 32 + 24 + 6.
        let totals: Vec<_> = rows(&m, &challenge).await.into_iter().map(|row| (row.1, row.2)).collect();
        assert_eq!(totals, [(bids[0].clone(), "76".to_owned()), (bids[1].clone(), "62".to_owned())]);
    }
}
