//! Everybody who might try: one person for each role in an agency and in a company, people from elsewhere, people from
//! nowhere.

use crate::{
    administration::appoint,
    app::{Person, TestApp},
    marketplace::{Marketplace, company, organisation},
    steps::{join, mails},
};
use actix_web::test::TestRequest;
use serde_json::json;

/// The roles of an agency, and none.
const AGENCY: [&str; 9] =
    ["owner", "author", "officer", "evaluator", "pilot_manager", "finance", "auditor", "coordinator", ""];

/// The roles of a company, and none.
const COMPANY: [&str; 3] = ["owner", "bidder", ""];

/// Which of the two organisations of a record the operation belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    Agency,
    Company,
    Both,
}

pub struct Principals {
    /// Belongs to no organisation.
    pub nobody: Person,
    /// Audits the platform, and belongs to no organisation.
    pub platform_auditor: Person,
    /// Has every role there is, in another agency and in another company.
    stranger: Person,
    agency: Vec<(&'static str, Person)>,
    company: Vec<(&'static str, Person)>,
}

impl Principals {
    /// Lets one person per role into the agency and into Calm.
    pub async fn join(m: &Marketplace) -> Self {
        let mut agency = Vec::new();
        for role in AGENCY {
            agency.push((role, member(&m.app, &m.owner, &m.agency, role).await));
        }
        let mut company = Vec::new();
        for role in COMPANY {
            company.push((role, member(&m.app, &m.calm.bidder, &m.calm.id, role).await));
        }
        let platform_auditor = m.app.person("Platform Auditor").await;
        let roles = json!({ "administrator": false, "auditor": true });
        appoint(&m.app, &m.administrator, &platform_auditor, roles).await.expect(200);
        let (nobody, stranger) = (m.app.person("Nobody").await, stranger(&m.app).await);
        Self { nobody, platform_auditor, stranger, agency, company }
    }

    /// The one member of the agency with this role alone.
    pub fn insider(&self, role: &str) -> &Person {
        self.agency.iter().find(|(name, _)| *name == role).map(|(_, person)| person).unwrap()
    }

    /// Every one of those members of the agency.
    pub fn staff(&self) -> Vec<&Person> {
        self.agency.iter().map(|(_, person)| person).collect()
    }

    /// The members of the organisation that owns the record, each with one role.
    pub fn insiders(&self, owner: Owner) -> impl Iterator<Item = (&'static str, &Person)> {
        let agency = self.agency.iter().filter(move |_| owner != Owner::Company);
        let company = self.company.iter().filter(move |_| owner != Owner::Agency);
        agency.chain(company).map(|(role, person)| (*role, person))
    }

    /// Those who have nothing to do with the owner of the record: nobody, whoever runs the platform, and the other
    /// side, with the roles they have there.
    pub fn outsiders<'a>(&'a self, m: &'a Marketplace, owner: Owner) -> Vec<(&'static str, &'a Person)> {
        let other_side: &[_] = match owner {
            Owner::Agency => &self.company,
            Owner::Company => &self.agency,
            Owner::Both => &[],
        };
        let other_side = other_side.iter().map(|(role, person)| (*role, person));
        let apart =
            [("", &self.nobody), ("administrator", &m.administrator), ("platform_auditor", &self.platform_auditor)];
        other_side.chain(apart).collect()
    }

    /// Those who have the right role, but elsewhere.
    pub fn strangers<'a>(&'a self, m: &'a Marketplace, owner: Owner) -> Vec<&'a Person> {
        let rival = (owner == Owner::Company).then_some(&m.river.bidder);
        std::iter::once(&self.stranger).chain(rival).collect()
    }

    pub async fn log_in_again(&mut self, app: &TestApp) {
        let inside = self.agency.iter_mut().chain(&mut self.company).map(|(_, person)| person);
        for person in inside.chain([&mut self.nobody, &mut self.platform_auditor, &mut self.stranger]) {
            app.log_in_again(person).await;
        }
    }

    /// All there is to see of the records with these ids and of the two organisations, for those who see most; and all
    /// mails and public events.
    pub async fn snapshot(&self, m: &Marketplace, ids: &[(&str, String)]) -> Vec<String> {
        let mut paths = vec!["/organisations".to_owned(), "/bids".to_owned()];
        for organisation in [&m.agency, &m.calm.id] {
            paths.push(format!("/organisations/{organisation}/members"));
            paths.push(format!("/organisations/{organisation}/challenges"));
        }
        for (kind, id) in ids.iter().filter(|(kind, _)| *kind != "member") {
            paths.push(format!("/{kind}s/{id}"));
        }
        for (_, id) in ids.iter().filter(|(kind, _)| *kind == "challenge") {
            paths.extend(["panel", "bids", "contracts", "award"].map(|part| format!("/challenges/{id}/{part}")));
        }
        for (_, id) in ids.iter().filter(|(kind, _)| *kind == "bid") {
            paths.push(format!("/bids/{id}/evaluation"));
        }
        let mut seen = vec![format!("{} mails", mails(&m.app).await.len()), format!("{:?}", m.feed().await)];
        for path in paths {
            for person in [&m.owner, &m.officer, &m.chair, &m.calm.bidder] {
                let answer = m.call(person.get(&path)).await;
                seen.push(if answer.status.is_success() { answer.text } else { answer.status.to_string() });
            }
        }
        seen
    }
}

async fn member(app: &TestApp, owner: &Person, organisation: &str, role: &str) -> Person {
    let roles: Vec<_> = [role].into_iter().filter(|role| !role.is_empty()).collect();
    let name = if role.is_empty() { "nothing" } else { role };
    join(app, owner, organisation, &format!("Only {name} {}", &organisation[30..]), &roles).await
}

async fn stranger(app: &TestApp) -> Person {
    let stranger = company(app, "Elsewhere").await.bidder;
    let agency = organisation(app, &stranger, "agency", "Elsewhere Agency").await;
    let members = app.call(stranger.get(&format!("/organisations/{agency}/members"))).await.expect(200);
    let id = members.body["items"][0]["id"].as_str().unwrap();
    let roles: Vec<_> = AGENCY.into_iter().filter(|role| !role.is_empty()).collect();
    let request = stranger.sign(TestRequest::put().uri(&format!("/api/v1/organisations/{agency}/members/{id}")));
    app.call(request.insert_header(("if-match", "\"1\"")).set_json(json!({ "roles": roles }))).await.expect(200);
    stranger
}
