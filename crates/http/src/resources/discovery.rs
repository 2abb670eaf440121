//! Finding public challenges.

use super::{
    challenge_params::{ChallengePageParams, ChallengeParams, LongPageParams},
    challenge_view::SummaryView,
};
use crate::{
    Answer,
    access::Anyone,
    foundation::{
        Query, ReadProblems, Reply, cursor,
        wire::{self, MoneyView},
    },
};
use actix_web::get;
use application::discovery::{self, Counted, FoundChallenge, Place};
use chrono::{DateTime, Utc};
use domain::{ChallengeStatus, Currency, Money, account::Language, discovery::Passage};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    // Before the challenges: `facets` is no id.
    config.service(list_challenges).service(count_challenges);
}

#[derive(Serialize, ToSchema)]
#[schema(as = FoundChallengePage)]
struct FoundPageView {
    items: Vec<FoundView>,
    /// The cursor of the next page, if there is one.
    #[schema(example = "q1Zb...")]
    next: Option<String>,
    /// How the words were understood; only with `q`.
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<AnswerView>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = FoundChallenge)]
struct FoundView {
    #[serde(flatten)]
    summary: SummaryView,
    /// Where the words stand; only with `q`.
    #[serde(skip_serializing_if = "Option::is_none")]
    matched: Option<MatchedView>,
}

/// HTML that is safe to show: the texts are escaped, and `mark` is the only element.
#[derive(Serialize, ToSchema)]
#[schema(as = MatchedText)]
struct MatchedView {
    /// The language of both texts.
    #[schema(schema_with = wire::language)]
    language: Language,
    /// The title.
    #[schema(example = "Telling urgent 112 calls apart during a <mark>flood</mark>")]
    title: String,
    /// Where most of the words stand; none if it is only in the title, a tag or a CPV code.
    #[schema(example = "… when a river <mark>floods</mark> a valley, 4,000 calls …")]
    excerpt: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SearchAnswer)]
struct AnswerView {
    /// How many challenges were found, of at most 1,000 that are looked at, the newest first; not told on later pages of the
    /// order `newest`.
    #[schema(example = 12)]
    count: Option<usize>,
    /// Whether there are more than these 1,000.
    #[schema(example = false)]
    more: bool,
    /// Whether they hold all of the words; `false` if none does, and these hold some.
    #[schema(example = true)]
    all_words: bool,
    /// What was looked for, because a word of `q` is in no challenge.
    #[schema(example = "flood")]
    corrected: Option<String>,
    /// What was perhaps meant.
    #[schema(example = "flood")]
    suggestion: Option<String>,
}

impl From<FoundChallenge> for FoundView {
    fn from(found: FoundChallenge) -> Self {
        let view = |Passage { language, title, excerpt }: Passage| MatchedView { language, title, excerpt };
        Self { summary: found.summary.into(), matched: found.passage.map(view) }
    }
}

impl From<discovery::Answer> for AnswerView {
    fn from(answer: discovery::Answer) -> Self {
        let discovery::Answer { count, more, all, corrected, suggestion } = answer;
        Self { count, more, all_words: all, corrected, suggestion }
    }
}

/// List published challenges
///
/// The newest publication first, or the best answer to `q`. Words are found in titles, summaries, problems, outcomes, tags, names
/// of CPV codes and in translations; of the hits the newest 1,000 are ranked.
#[utoipa::path(tag = "challenges", params(ChallengePageParams),
    security((), ("bearer" = []), ("api_key" = ["challenges:read"])),
    responses((status = 200, description = "A page", body = FoundPageView), ReadProblems))]
#[get("/challenges")]
async fn list_challenges(who: Anyone, query: Query<ChallengePageParams>) -> Answer {
    let ChallengePageParams { challenges, page: LongPageParams { after, limit } } = query.0;
    let (query, cursors) = (challenges.query()?, &who.state().cursors);
    let list = format!("challenges?{}", query.to_query_string());
    let after = after.map(|after| cursors.open::<Place>(&list, &after)).transpose()?;
    let limit = usize::try_from(limit.unwrap_or(cursor::DEFAULT_LIMIT)).unwrap_or_default();
    let found = who.read(move |conn, _| Ok(discovery::list(conn, &query, after.as_ref(), limit)?)).await?;
    let next = found.next.map(|place| cursors.seal(&list, &place)).transpose()?;
    let items = found.items.into_iter().map(Into::into).collect();
    let page = FoundPageView { items, next, answer: found.answer.map(Into::into) };
    Ok(Reply::ok(&page)?.next(who.request(), page.next.as_ref()))
}

/// How many challenges each choice would leave, each counted as if nothing of its own kind were chosen.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ChallengeFacets)]
struct FacetsView {
    /// Whether only the newest 10,000 were counted.
    #[schema(example = false)]
    truncated: bool,
    status: Vec<StatusCountView>,
    /// The most common 50.
    agency: Vec<AgencyCountView>,
    country: Vec<CountView>,
    /// By division: the first two digits.
    cpv: Vec<NamedCountView>,
    /// The most common 50.
    tag: Vec<CountView>,
    budget: Vec<BudgetCountView>,
    deadline: Vec<DeadlineCountView>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = StatusCount)]
struct StatusCountView {
    #[schema(schema_with = wire::challenge_status, example = "published")]
    value: ChallengeStatus,
    #[schema(example = 12)]
    count: usize,
}

#[derive(Serialize, ToSchema)]
#[schema(as = AgencyCount)]
struct AgencyCountView {
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    value: Uuid,
    #[schema(example = "Northern Emergency Dispatch Centre")]
    name: String,
    #[schema(example = 12)]
    count: usize,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ChoiceCount)]
struct CountView {
    #[schema(example = "flood")]
    value: String,
    #[schema(example = 12)]
    count: usize,
}

#[derive(Serialize, ToSchema)]
#[schema(as = CpvCount)]
struct NamedCountView {
    #[schema(example = "72")]
    value: String,
    #[schema(example = "IT services: consulting, software development, Internet and support")]
    name: Option<String>,
    #[schema(example = 12)]
    count: usize,
}

#[derive(Serialize, ToSchema)]
#[schema(as = BudgetCount)]
struct BudgetCountView {
    from: MoneyView,
    /// Not itself in the range; nothing for the highest range.
    below: Option<MoneyView>,
    #[schema(example = 12)]
    count: usize,
}

#[derive(Serialize, ToSchema)]
#[schema(as = DeadlineCount)]
struct DeadlineCountView {
    #[schema(example = "within_7_days")]
    value: &'static str,
    /// As `deadlineAfter` takes it.
    after: Option<DateTime<Utc>>,
    /// As `deadlineBefore` takes it.
    before: Option<DateTime<Utc>>,
    #[schema(example = 12)]
    count: usize,
}

impl From<Counted> for FacetsView {
    fn from(counted: Counted) -> Self {
        let Counted { facets, truncated, now, agencies, divisions } = counted;
        let name = |agency| agencies.iter().find(|(id, _)| *id == agency).map(|(_, name)| name.clone());
        let division = |digits: &str| divisions.iter().find(|(known, _)| known == digits).map(|(_, name)| name.clone());
        let plain = |(value, count)| CountView { value, count };
        let named = |(value, count): (String, usize)| NamedCountView { name: division(&value), value, count };
        let deadlines = facets.deadlines.into_iter().map(|(bucket, count)| {
            let (after, before) = bucket.range(now);
            DeadlineCountView { value: bucket.as_str(), after, before, count }
        });
        let money = |minor, currency: &str| Money::new(minor, Currency::from_code(currency)?).ok().map(MoneyView::from);
        let budgets = facets.budgets.into_iter().filter_map(|((currency, from, below), count)| {
            let below = below.and_then(|below| money(below, &currency));
            Some(BudgetCountView { from: money(from, &currency)?, below, count })
        });
        let agency = |(agency, count): (domain::OrganisationId, usize)| {
            Some(AgencyCountView { value: agency.0, name: name(agency)?, count })
        };
        Self {
            truncated,
            status: facets.statuses.into_iter().map(|(value, count)| StatusCountView { value, count }).collect(),
            agency: facets.agencies.into_iter().filter_map(agency).collect(),
            country: facets.countries.into_iter().map(plain).collect(),
            cpv: facets.cpv_divisions.into_iter().map(named).collect(),
            tag: facets.tags.into_iter().map(plain).collect(),
            budget: budgets.collect(),
            deadline: deadlines.collect(),
        }
    }
}

/// Count published challenges
///
/// By status, agency, country, CPV division, tag, range of the budget and deadline: how many a further choice would leave of the
/// list with the same parameters. Each kind is counted under all filters but its own. Of what is found the newest 10,000 are
/// counted.
#[utoipa::path(tag = "challenges", params(ChallengeParams),
    security((), ("bearer" = []), ("api_key" = ["challenges:read"])),
    responses((status = 200, description = "The counts", body = FacetsView), ReadProblems))]
#[get("/challenges/facets")]
async fn count_challenges(who: Anyone, query: Query<ChallengeParams>) -> Answer {
    let query = query.0.query()?;
    who.read(move |conn, _| Reply::ok(&FacetsView::from(discovery::facets(conn, &query)?))).await
}
