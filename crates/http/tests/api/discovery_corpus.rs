//! Challenges in six languages, to be found.

use crate::{
    app::{Response, get},
    marketplace::Marketplace,
};
use serde_json::{Value, json};
use testing::Backend;

/// Title, and what to change besides; the first is published first.
fn texts() -> Vec<(&'static str, Value)> {
    let all = |language: &str, title: &str, summary: &str, pain: &str, tags: &[&str]| {
        json!({
            "title": title, "summary": summary, "language": language, "tags": tags,
            "problem": { "pain": pain, "affected": "", "evidence": "Seen.", "currentCost": "1", "tried": "" },
        })
    };
    vec![
        (
            "en",
            all(
                "en",
                "Telling urgent calls apart during floods",
                "When a river bursts its banks, thousands of calls reach us.",
                "Callers in danger wait <b>behind</b> callers with a wet cellar & no pump.",
                &["emergency", "water"],
            ),
        ),
        (
            "fr",
            all(
                "fr",
                "Détecter les fuites d'eau du réseau",
                "Un tiers de l'eau potable est perdu avant d'arriver aux élèves des écoles.",
                "Les équipes cherchent les fuites à l'oreille, la nuit.",
                &["water"],
            ),
        ),
        (
            "nl",
            all(
                "nl",
                "Wachttijden in het ziekenhuis verkorten",
                "Patiënten wachten uren op de spoedeisende hulp.",
                "De planning van verpleegkundigen gebeurt met de hand.",
                &["health"],
            ),
        ),
        (
            "de",
            all(
                "de",
                "Überflutungen früher erkennen",
                "Straßen stehen unter Wasser, bevor jemand warnt.",
                "Die Pegel werden nur stündlich gemessen.",
                &["emergency"],
            ),
        ),
        (
            "pt",
            all(
                "pt",
                "Prevenção de incêndios florestais",
                "As queimadas alastram antes de serem vistas.",
                "As câmaras não veem através do fumo.",
                &["forest"],
            ),
        ),
        (
            "sl",
            all(
                "sl",
                "Opozarjanje na poplave v občinah",
                "Občine izvedo za poplavo prepozno.",
                "Čakalne vrste pri sporočanju škode so dolge.",
                &["emergency"],
            ),
        ),
        (
            "en",
            all(
                "en",
                "Sorting school waste",
                "Canteens throw away food that could be eaten.",
                "After a flood of complaints nobody knows what is wasted where.",
                &["waste"],
            ),
        ),
    ]
}

/// The challenges of the corpus, all published, by the first word of their titles.
pub struct Corpus {
    pub m: Marketplace,
    pub ids: Vec<(String, String)>,
}

impl Corpus {
    pub async fn new(backend: Backend) -> Self {
        let m = Marketplace::new(backend).await;
        let mut ids = Vec::new();
        for (_, changes) in texts() {
            let title = changes["title"].as_str().unwrap().split(' ').next().unwrap().to_owned();
            let id = m.draft_with(changes).await;
            m.publish(&id).await;
            ids.push((title, id));
        }
        Self { m, ids }
    }

    pub fn id(&self, first: &str) -> &str {
        &self.ids.iter().find(|(known, _)| known == first).unwrap().1
    }

    pub async fn search(&self, query: &str) -> Response {
        self.m.call(get(&format!("/challenges?{query}"))).await.expect(200)
    }

    /// The first words of the titles that are found, in their order.
    pub async fn found(&self, q: &str) -> Vec<String> {
        titles(&self.search(&format!("q={}", encoded(q))).await)
    }
}

pub fn titles(page: &Response) -> Vec<String> {
    let first = |item: &Value| item["title"].as_str().unwrap().split(' ').next().unwrap().to_owned();
    page.body["items"].as_array().unwrap().iter().map(first).collect()
}

/// As it stands in a query.
pub fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
