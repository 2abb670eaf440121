//! What a bid has to answer, as it is sent and shown.

use crate::foundation::wire;
use domain::{
    ResponseSectionId,
    challenge::{AnswerKind, ResponseSection},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Something that a bid has to answer.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = ResponseSection)]
pub(crate) struct ResponseSectionWire {
    /// Left out for a new section. Answers name it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    id: Option<Uuid>,
    /// What is asked.
    #[schema(example = "How do you find urgent calls in languages that you have no recordings of?", max_length = 200)]
    title: String,
    /// What a good answer tells; Markdown.
    #[serde(default)]
    #[schema(example = "Name the languages, and say how you would measure the result.", max_length = 2000)]
    pub(crate) guidance: String,
    /// In words, or with yes or no.
    #[schema(schema_with = wire::answer_kind, example = "text")]
    kind: AnswerKind,
    /// Whether a bid without it is incomplete.
    #[serde(default)]
    #[schema(example = true)]
    required: bool,
    /// The most words of a text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = 300, minimum = 1, maximum = 5000)]
    max_words: Option<i32>,
}

impl ResponseSectionWire {
    pub(crate) fn read(self, new_id: impl Fn() -> ResponseSectionId) -> ResponseSection {
        let Self { id, title, guidance, kind, required, max_words } = self;
        let id = id.map_or_else(new_id, ResponseSectionId);
        ResponseSection { id, title, guidance, kind, required, max_words }
    }
}

impl From<ResponseSection> for ResponseSectionWire {
    fn from(section: ResponseSection) -> Self {
        let ResponseSection { id, title, guidance, kind, required, max_words } = section;
        Self { id: Some(id.0), title, guidance, kind, required, max_words }
    }
}
