//! What a listing in the catalogue says, as it travels.

use crate::foundation::{markdown, wire};
use domain::{
    Checks,
    solution::{Maturity, Reference, SolutionContent, Visibility},
};
use persistence::Conn;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Everything that a listing says; what is left out becomes empty.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = SolutionContent)]
pub(crate) struct SolutionContentWire {
    /// One line.
    #[schema(example = "Hearing distress in emergency calls", min_length = 1, max_length = 200)]
    title: String,
    /// What it is about, for lists.
    #[serde(default)]
    #[schema(example = "Sorts calls by how urgent the voice sounds.", max_length = 1000)]
    summary: String,
    /// In Markdown.
    #[serde(default)]
    #[schema(example = "It listens for words of distress, in **four languages**.", max_length = 20_000)]
    description: String,
    /// How far it has come: an idea, a prototype to try, piloted with real users, in use every day.
    #[schema(schema_with = wire::maturity)]
    maturity: Maturity,
    /// Who sees it in the catalogue: everybody, or the people of verified organisations.
    #[schema(schema_with = wire::visibility)]
    visibility: Visibility,
    /// What is supplied, most important first; with or without check digits.
    #[serde(default)]
    #[schema(example = json!(["72000000-5"]), max_items = 20)]
    cpv_codes: Vec<ListedCpvCode>,
    /// Words to find it by, as challenges have them.
    #[serde(default)]
    #[schema(example = json!(["flood", "speech"]), max_items = 20)]
    tags: Vec<ListedTag>,
    /// What the company can do with it; kept in lower case.
    #[serde(default)]
    #[schema(example = json!(["speech recognition"]), max_items = 20)]
    capabilities: Vec<ListedCapability>,
    /// Who has used it.
    #[serde(default)]
    #[schema(max_items = 20)]
    references: Vec<ReferenceWire>,
    /// In which languages it can be used (ISO 639-1).
    #[serde(default)]
    #[schema(example = json!(["sl", "en"]), max_items = 30)]
    languages: Vec<ListedLanguage>,
    #[schema(example = "https://calm-signal.example/distress", max_length = 200)]
    website: Option<String>,
}

/// A CPV code, with or without its check digit.
#[derive(Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(as = ListedCpvCode, example = "72000000-5", max_length = 10)]
struct ListedCpvCode(String);

/// A tag: lower case letters, digits and hyphens.
#[derive(Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(as = ListedTag, example = "flood", min_length = 1, max_length = 40)]
struct ListedTag(String);

/// Something that a company can do.
#[derive(Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(as = ListedCapability, example = "speech recognition", min_length = 1, max_length = 40)]
struct ListedCapability(String);

/// A language (ISO 639-1).
#[derive(Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(as = ListedLanguage, example = "sl", pattern = "^[a-z]{2}$")]
struct ListedLanguage(String);

/// Somebody who has used the solution.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SolutionReference)]
struct ReferenceWire {
    #[schema(example = "City of Kranj", min_length = 1, max_length = 200)]
    customer: String,
    /// When it began, at most the current year.
    #[schema(example = 2024, minimum = 1990, maximum = 9999)]
    year: i32,
    /// What came of it.
    #[schema(example = "The median wait fell from 94 to 31 seconds.", min_length = 1, max_length = 2000)]
    outcome: String,
    /// Where one can read of it.
    #[schema(example = "https://kranj.example/calls", max_length = 200)]
    link: Option<String>,
}

impl From<Reference> for ReferenceWire {
    fn from(Reference { customer, year, outcome, link }: Reference) -> Self {
        Self { customer, year, outcome, link }
    }
}

impl From<ReferenceWire> for Reference {
    fn from(ReferenceWire { customer, year, outcome, link }: ReferenceWire) -> Self {
        Self { customer, year, outcome, link }
    }
}

impl SolutionContentWire {
    /// The content, with codes that there are.
    pub(crate) fn read(self, conn: &mut Conn) -> application::Result<SolutionContent> {
        let mut checks = Checks::new();
        let written: Vec<_> = self.cpv_codes.into_iter().map(|code| code.0).collect();
        let cpv_codes = application::cpv::read_codes(conn, &written, &mut checks)?;
        checks.done()?;
        Ok(SolutionContent {
            title: self.title,
            summary: self.summary,
            description: self.description,
            maturity: self.maturity,
            visibility: self.visibility,
            cpv_codes,
            tags: self.tags.into_iter().map(|tag| tag.0).collect(),
            capabilities: self.capabilities.into_iter().map(|capability| capability.0).collect(),
            references: self.references.into_iter().map(Into::into).collect(),
            languages: self.languages.into_iter().map(|language| language.0).collect(),
            website: self.website,
        })
    }
}

/// What a reader gets of it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SolutionContentView)]
pub(crate) struct ContentView {
    #[schema(example = "Hearing distress in emergency calls")]
    title: String,
    #[schema(example = "Sorts calls by how urgent the voice sounds.")]
    summary: String,
    /// In Markdown, or in HTML that is safe to show if `texts=html` was asked for.
    #[schema(example = "It listens for words of distress, in **four languages**.")]
    description: String,
    #[schema(schema_with = wire::maturity)]
    maturity: Maturity,
    #[schema(schema_with = wire::visibility)]
    visibility: Visibility,
    #[schema(example = json!(["72000000"]))]
    cpv_codes: Vec<String>,
    #[schema(example = json!(["flood", "speech"]))]
    tags: Vec<String>,
    #[schema(example = json!(["speech recognition"]))]
    capabilities: Vec<String>,
    references: Vec<ReferenceWire>,
    #[schema(example = json!(["sl", "en"]))]
    languages: Vec<String>,
    #[schema(example = "https://calm-signal.example/distress")]
    website: Option<String>,
}

impl ContentView {
    pub(crate) fn of(content: SolutionContent) -> Self {
        Self {
            title: content.title,
            summary: content.summary,
            description: content.description,
            maturity: content.maturity,
            visibility: content.visibility,
            cpv_codes: content.cpv_codes.iter().map(ToString::to_string).collect(),
            tags: content.tags,
            capabilities: content.capabilities,
            references: content.references.into_iter().map(Into::into).collect(),
            languages: content.languages,
            website: content.website,
        }
    }

    /// With the long text as HTML.
    pub(crate) fn rendered(self) -> Self {
        Self { description: markdown::to_html(&self.description), ..self }
    }
}
