//! Whoever answers must not learn who asked: all that the agency and the platform's auditors can see of two worlds that
//! differ in nothing but who asked is compared byte by byte.

use crate::{
    administration::appoint,
    app::{Person, TestApp},
    marketplace::{Company, Marketplace},
    questions::chosen,
    steps::mails,
};
use chrono::{DateTime, TimeDelta};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use testing::Backend;
use uuid::Uuid;

/// Gives ids and times that differ from world to world names that do not; those of companies and bidders stay apart.
pub struct Names(BTreeMap<Uuid, String>);

impl Names {
    pub fn of(m: &Marketplace) -> Self {
        let id = |text: &str| text.parse::<Uuid>().unwrap();
        Self(BTreeMap::from([
            (id(&m.calm.id), "CALM".to_owned()),
            (id(&m.river.id), "RIVER".to_owned()),
            (m.calm.bidder.id.0, "BIDDER OF CALM".to_owned()),
            (m.river.bidder.id.0, "BIDDER OF RIVER".to_owned()),
        ]))
    }

    fn name(&mut self, id: Uuid) -> String {
        let next = format!("#{}", self.0.len());
        self.0.entry(id).or_insert(next).clone()
    }

    pub fn alike(&mut self, value: &Value) -> Value {
        match value {
            Value::String(text) => json!(self.text(text)),
            Value::Array(items) => items.iter().map(|item| self.alike(item)).collect(),
            Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), self.alike(value))).collect(),
            other => other.clone(),
        }
    }

    fn text(&mut self, text: &str) -> String {
        if DateTime::parse_from_rfc3339(text).is_ok() {
            return "TIME".to_owned();
        }
        let part = |part: &str| match part.parse::<Uuid>() {
            Ok(id) if part.len() == 36 => self.name(id),
            _ if part.starts_with("PRV-") => "REFERENCE".to_owned(),
            _ => part.to_owned(),
        };
        text.split('/').map(part).collect::<Vec<_>>().join("/")
    }
}

/// The world in which one of the companies asks three questions, of which one is answered, one merged and one taken back;
/// and all that is seen of it.
async fn seen(backend: Backend, asker: impl Fn(&Marketplace) -> Company) -> Vec<String> {
    let mut m = Marketplace::new(backend).await;
    let (auditor, platform) = (m.staff("Auditor", "auditor").await, m.app.person("Platform Auditor").await);
    let roles = json!({ "administrator": false, "auditor": true });
    appoint(&m.app, &m.administrator, &platform, roles).await.expect(200);
    let (challenge, company) = (m.published().await, asker(&m));
    let (one, same, gone) = (
        m.ask(&company, &challenge, "Who pays?").await,
        m.ask(&company, &challenge, "Who bears the cost?").await,
        m.ask(&company, &challenge, "When?").await,
    );
    let open = m.ask(&company, &challenge, "Where?").await;
    let declined = m.ask(&company, &challenge, "Why?").await;
    let mut all = look(&m, &challenge, &[&one, &same, &gone, &open], [&auditor, &platform]).await;
    m.call(company.bidder.act(&format!("/questions/{gone}/withdraw"))).await.expect(200);
    m.call(m.author.post(&format!("/questions/{same}/merge"), json!({ "into": one }))).await.expect(200);
    let reason = json!({ "reason": "It is about something else." });
    m.call(m.author.post(&format!("/questions/{declined}/decline"), reason)).await.expect(200);
    m.draft_answer(&one, "We do.").await;
    m.call(m.author.post(&format!("/challenges/{challenge}/questions/publish-answers"), chosen(&[(&one, 2)])))
        .await
        .expect(200);
    all.extend(look(&m, &challenge, &[&one, &same, &gone, &open], [&auditor, &platform]).await);
    m.advance(TimeDelta::days(17)).await;
    m.run_scheduler().await;
    m.remind().await;
    let (auditor, platform) = (again(&m.app, &auditor).await, again(&m.app, &platform).await);
    all.extend(look(&m, &challenge, &[&one, &same, &gone, &open], [&auditor, &platform]).await);
    let mut names = Names::of(&m);
    all.iter().map(|value| names.alike(value).to_string()).collect()
}

async fn again(app: &TestApp, person: &Person) -> Person {
    let mut person = person.clone();
    app.log_in_again(&mut person).await;
    person
}

async fn look(
    m: &Marketplace,
    challenge: &str,
    questions: &[&String],
    [auditor, platform]: [&Person; 2],
) -> Vec<Value> {
    let mut all = vec![json!(m.feed().await)];
    let mut paths: Vec<_> = ["", "/questions", "/bids", "/timeline", "/checklist", "/revisions"]
        .map(|part| format!("/challenges/{challenge}{part}"))
        .into();
    paths.extend(questions.iter().flat_map(|id| [format!("/questions/{id}"), format!("/questions/{id}/versions")]));
    paths.extend(
        ["obligations", "challenges", "events", "reads", "punctuality", "members"]
            .map(|part| format!("/organisations/{}/{part}", m.agency)),
    );
    paths.extend([&m.calm, &m.river].map(|company| format!("/organisations/{}/events", company.id)));
    paths.extend(
        ["/account/obligations", "/account/export", "/audit/events", "/audit/reads", "/challenges", "/events"]
            .map(ToOwned::to_owned),
    );
    for person in [&m.author, &m.officer, &m.owner, &m.finance, &m.administrator, auditor, platform] {
        for path in &paths {
            let answer = m.call(person.get(path)).await;
            // The version; behind it comes a digest of the whole answer, ids included.
            let etag =
                answer.headers.get("etag").map(|etag| etag.to_str().unwrap().split('-').next().unwrap().to_owned());
            let failed = !answer.status.is_success();
            let body = if failed { answer.body["code"].clone() } else { answer.body };
            all.push(json!([person.name, path, answer.status.as_u16(), etag, body]));
        }
    }
    let bidders = [&m.calm.bidder.name, &m.river.bidder.name];
    let to_agency = mails(&m.app).await.into_iter().filter(|mail| !bidders.contains(&&mail.recipient_name));
    all.extend(to_agency.map(|mail| json!([mail.recipient_name, mail.message])));
    all
}

testing::on_both! {
    async fn nothing_that_the_agency_sees_depends_on_who_asked(backend: Backend) {
        let calm = seen(backend, |m| m.calm.clone()).await;
        let river = seen(backend, |m| m.river.clone()).await;
        assert_eq!(calm.len(), river.len());
        for (one, other) in calm.iter().zip(&river) {
            assert_eq!(one, other);
        }
        let all = calm.concat();
        for word in ["Who pays?", "question_asked", "answer_question", "question.answered", "question.merged", "obligation.met"] {
            assert!(all.contains(word), "{word} is not among what is compared");
        }
        assert!(!all.contains("question.asked") && !all.contains("question.withdrawn"));
    }

    async fn a_company_sees_in_its_own_audit_who_asked_and_others_do_not(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let id = m.ask(&m.calm, &challenge, "Who pays?").await;
        let events = m.see(&m.calm.bidder, &format!("/organisations/{}/events", m.calm.id)).await;
        let asked = events["items"].as_array().unwrap().iter().find(|event| event["type"] == "question.asked").unwrap();
        assert_eq!((&asked["subject"]["id"], &asked["actor"]["id"]), (&json!(id), &json!(m.calm.bidder.id)));
        let export = m.see(&m.calm.bidder, "/account/export").await;
        assert_eq!(export["questions"][0]["question"], "Who pays?");
        assert!(export["events"].to_string().contains("question.asked"));
    }

    async fn the_erased_asker_is_gone_and_the_question_stays(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let asker = crate::steps::join(&m.app, &m.calm.bidder, &m.calm.id, "Asta Asker", &["bidder"]).await;
        let company = Company { id: m.calm.id.clone(), bidder: asker.clone() };
        let id = m.ask(&company, &challenge, "Who pays?").await;
        let path = format!("/questions/{id}");
        assert_eq!(m.see(&m.calm.bidder, &path).await["own"]["person"], "Asta Asker");
        m.call(asker.post("/account/erase", json!({ "confirm": asker.email }))).await.expect(204);
        let own = m.see(&m.calm.bidder, &path).await;
        assert_eq!((&own["own"]["company"], &own["own"]["person"]), (&json!(m.calm.id), &Value::Null));
        m.answer(&challenge, &id, "We do.").await;
    }
}
