//! The parameters that say which public challenges are asked for: of lists, of counts, of feeds.

use crate::{Error, foundation::wire};
use chrono::{DateTime, Utc};
use domain::{
    ChallengeQuery, ChallengeStatus, OrganisationId, Procedure,
    account::Language,
    discovery::{Parameters, Sort},
};
use serde::Deserialize;
use utoipa::{
    IntoParams,
    openapi::{
        KnownFormat, Object, ObjectBuilder, SchemaFormat, Type,
        path::{Parameter, ParameterIn},
        schema::Array,
    },
};

/// Which challenges are asked for. Without `deny_unknown_fields`: the query is checked by these very parameters, and other
/// structs hold them with more of their own.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(crate) struct ChallengeParams {
    /// Words to look for, in any of the six languages, with or without accents; the last one need not be finished.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Only challenges in one of these states; several with commas between them, as for all lists here.
    #[param(style = Form, explode = false, schema_with = statuses)]
    status: Option<Vec<ChallengeStatus>>,
    /// Only challenges of one of these agencies.
    #[param(style = Form, explode = false, schema_with = ids)]
    agency: Option<Vec<OrganisationId>>,
    /// Only challenges of agencies in one of these countries (ISO 3166-1).
    #[param(style = Form, explode = false, schema_with = countries)]
    country: Option<Vec<String>>,
    /// Only challenges with one of these CPV codes, or below it: two to eight digits, where zeros at the end say nothing.
    #[param(style = Form, explode = false, schema_with = cpv_prefixes)]
    cpv: Option<Vec<String>>,
    /// Only challenges with one of these tags.
    #[param(style = Form, explode = false, schema_with = tags)]
    tag: Option<Vec<String>>,
    /// Only challenges that are procured in this way.
    #[param(schema_with = wire::procedure)]
    procedure: Option<Procedure>,
    /// Only challenges that are written in this language.
    #[param(schema_with = wire::language)]
    language: Option<Language>,
    /// Only challenges with a budget in this currency (ISO 4217).
    #[param(pattern = "^[A-Z]{3}$")]
    currency: Option<String>,
    /// Only challenges in which a pilot may cost so much or more, in `currency`.
    #[param(pattern = r"^[0-9]{1,13}(\.[0-9]{1,4})?$")]
    budget_min: Option<String>,
    /// Only challenges in which a pilot may cost so much or less, in `currency`.
    #[param(pattern = r"^[0-9]{1,13}(\.[0-9]{1,4})?$")]
    budget_max: Option<String>,
    /// Only challenges that take bids until this instant or later.
    deadline_after: Option<DateTime<Utc>>,
    /// Only challenges that take bids until before this instant.
    deadline_before: Option<DateTime<Utc>>,
    /// `relevance` if there is a `q`, otherwise `newest`. `deadline` is the earliest first, `budget` the largest in `currency`.
    #[param(schema_with = wire::sort)]
    sort: Option<Sort>,
}

impl ChallengeParams {
    /// The query that is meant.
    ///
    /// # Errors
    /// Every parameter that is wrong.
    pub(crate) fn query(self) -> Result<ChallengeQuery, Error> {
        let parameters = Parameters {
            q: self.q,
            status: self.status.unwrap_or_default(),
            agency: self.agency.unwrap_or_default(),
            country: self.country.unwrap_or_default(),
            cpv: self.cpv.unwrap_or_default(),
            tag: self.tag.unwrap_or_default(),
            procedure: self.procedure,
            language: self.language,
            currency: self.currency,
            budget_min: self.budget_min,
            budget_max: self.budget_max,
            deadline_after: self.deadline_after,
            deadline_before: self.deadline_before,
            sort: self.sort,
        };
        parameters.check().map_err(Error::InvalidQuery)
    }
}

/// A page of what is asked for.
#[derive(Deserialize)]
pub(crate) struct ChallengePageParams {
    #[serde(flatten)]
    pub(crate) challenges: ChallengeParams,
    #[serde(flatten)]
    pub(crate) page: LongPageParams,
}

/// As [`PageParams`](crate::foundation::PageParams), for cursors that say what was looked for.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct LongPageParams {
    /// `next` of the page before.
    #[param(max_length = 1500)]
    pub(crate) after: Option<String>,
    /// How many to give; 50 if not said.
    #[param(minimum = 1, maximum = 200)]
    pub(crate) limit: Option<i64>,
}

impl IntoParams for ChallengePageParams {
    fn into_params(of: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let mut all = ChallengeParams::into_params(&of);
        all.extend(LongPageParams::into_params(&of));
        all
    }
}

fn statuses() -> Array {
    wire::choices(wire::challenge_status())
}

fn ids() -> Array {
    let id = ObjectBuilder::new().schema_type(Type::String).format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid)));
    wire::choices(id.build())
}

fn countries() -> Array {
    wire::choices(text("^[A-Z]{2}$", "SI"))
}

fn cpv_prefixes() -> Array {
    wire::choices(text("^(0[1-9]|[1-9][0-9])[0-9]{0,6}$", "72"))
}

fn tags() -> Array {
    wire::choices(text("^[a-z0-9-]{1,40}$", "flood"))
}

fn text(pattern: &str, example: &str) -> Object {
    ObjectBuilder::new().schema_type(Type::String).pattern(Some(pattern)).examples([example]).build()
}
