//! Challenges in six languages, to be found.

use crate::{
    app::{Response, get},
    marketplace::Marketplace,
};
use serde_json::{Value, json};
use testing::Backend;

/// What to change of the usual content; the first is published first.
fn contents() -> [Value; 7] {
    let content = |language: &str, title: &str, summary: &str, pain: &str, tag: &str| {
        json!({
            "title": title, "summary": summary, "language": language, "tags": [tag], "outcomes": [outcome()],
            "problem": { "pain": pain, "affected": "12", "evidence": "34", "currentCost": "56", "tried": "78" },
        })
    };
    [
        content(
            "en",
            "Telling urgent calls apart during floods",
            "When a river bursts its banks, thousands of calls reach us about water.",
            "Callers in danger wait <b>behind</b> callers with a wet cellar & no pump.",
            "emergency",
        ),
        content(
            "fr",
            "Détecter les fuites d'eau du réseau",
            "Un tiers de l'eau potable est perdu avant d'arriver aux élèves des écoles.",
            "Les équipes cherchent les fuites à l'oreille, la nuit.",
            "water",
        ),
        content(
            "nl",
            "Wachttijden in het ziekenhuis verkorten",
            "Patiënten wachten uren op de spoedeisende hulp.",
            "De planning van verpleegkundigen gebeurt met de hand.",
            "health",
        ),
        content(
            "de",
            "Überflutungen früher erkennen",
            "Straßen stehen unter Wasser, bevor jemand warnt.",
            "Die Pegel werden nur stündlich gemessen.",
            "emergency",
        ),
        content(
            "pt",
            "Prevenção de incêndios florestais",
            "As queimadas alastram antes de serem vistas.",
            "As câmaras não veem através do fumo.",
            "forest",
        ),
        content(
            "sl",
            "Opozarjanje na poplave v občinah",
            "Občine izvedo za poplavo prepozno.",
            "Čakalne vrste pri sporočanju škode so dolge.",
            "emergency",
        ),
        content(
            "en",
            "Sorting school waste",
            "Canteens throw away food that could be eaten.",
            "After a flood of complaints nobody knows what is wasted where.",
            "waste",
        ),
    ]
}

fn outcome() -> Value {
    json!({ "metric": "n", "unit": "n", "baseline": "1", "target": "2" })
}

/// A marketplace in which all of them are published.
pub struct Corpus {
    pub m: Marketplace,
}

impl Corpus {
    pub async fn new(backend: Backend) -> Self {
        let m = Marketplace::new(backend).await;
        for changes in contents() {
            let id = m.draft_with(changes).await;
            m.publish(&id).await;
        }
        Self { m }
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
