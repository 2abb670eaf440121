//! Questions about challenges, and the versions of their answers.

use crate::{
    Conn, Error, Result,
    connection::AnyConnection,
    schema::{answer_versions, questions},
    sql_types::{At, Key, at, instant},
};
use diesel::{
    dsl::{count_star, max},
    prelude::*,
};
use domain::{
    ChallengeId, OrganisationId, Question, QuestionId, QuestionStatus, UserId,
    question::{AnswerVersion, Publication, Wording},
};

/// Which questions without a published answer somebody may see: nobody's, those of their companies, those of their agency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unpublished {
    /// Whether they belong to the agency: all that were not taken back.
    pub staff: bool,
    /// The organisations to which they belong: all of these.
    pub companies: Vec<OrganisationId>,
}

/// Adds a question.
pub fn insert(conn: &mut Conn, question: &Question) -> Result<()> {
    diesel::insert_into(questions::table).values(Row::from(question)).execute(&mut conn.db)?;
    Ok(())
}

/// Saves a changed question, unless somebody else changed it first.
pub fn update(conn: &mut Conn, question: &mut Question) -> Result<()> {
    let current = questions::table.find(Key::of(question.id)).filter(questions::version.eq(question.version));
    question.version += 1;
    let changed = diesel::update(current).set(Row::from(&*question)).execute(&mut conn.db)?;
    if changed == 1 { Ok(()) } else { Err(Error::ConcurrentChange) }
}

/// The question with this id.
pub fn find(conn: &mut Conn, id: QuestionId) -> Result<Question> {
    questions::table.find(Key::of(id)).select(Row::as_select()).first(&mut conn.db)?.try_into()
}

/// The questions with these ids that there are, in no order.
pub fn find_all(conn: &mut Conn, ids: &[QuestionId]) -> Result<Vec<Question>> {
    let ids: Vec<_> = ids.iter().map(|id| Key::of(*id)).collect();
    let rows = questions::table.filter(questions::id.eq_any(ids)).select(Row::as_select());
    all(rows.load(&mut conn.db)?)
}

/// The question with this id, for a change.
pub fn lock(conn: &mut Conn, id: QuestionId) -> Result<Question> {
    let of_id = questions::table.find(Key::of(id));
    let row: Row = match &mut conn.db {
        AnyConnection::Postgres(pg) => of_id.for_update().select(Row::as_select()).first(pg)?,
        AnyConnection::Sqlite(sqlite) => of_id.select(Row::as_select()).first(sqlite)?,
    };
    row.try_into()
}

/// What was merged into some questions, in the order of ids. Who changes them holds the lock of the challenge.
pub fn merged_into(conn: &mut Conn, ids: &[QuestionId]) -> Result<Vec<Question>> {
    let ids: Vec<_> = ids.iter().map(|id| Key::of(*id)).collect();
    let rows = questions::table.filter(questions::merged_into_id.eq_any(ids)).order(questions::id);
    all(rows.select(Row::as_select()).load(&mut conn.db)?)
}

/// Some questions of a challenge that wait for an answer, their own or that of the question into which they were merged,
/// after one of them, in the order in which they were asked.
pub fn page_waiting(
    conn: &mut Conn,
    challenge: ChallengeId,
    after: Option<QuestionId>,
    limit: i64,
) -> Result<Vec<Question>> {
    let common = diesel::alias!(questions as common);
    let mut waiting = questions::table
        .left_join(common.on(common.field(questions::id).nullable().eq(questions::merged_into_id)))
        .filter(questions::challenge_id.eq(Key::of(challenge)))
        .filter(questions::status.eq_any([QuestionStatus::Asked.as_str(), QuestionStatus::Merged.as_str()]))
        .filter(common.field(questions::number).is_null())
        .order(questions::id)
        .limit(limit)
        .select(Row::as_select())
        .into_boxed();
    if let Some(after) = after {
        waiting = waiting.filter(questions::id.gt(Key::of(after)));
    }
    all(waiting.load(&mut conn.db)?)
}

/// How many questions of a company about a challenge wait for an answer, its own or that of the question into which it
/// was merged.
pub fn count_open(conn: &mut Conn, challenge: ChallengeId, company: OrganisationId) -> Result<usize> {
    let common = diesel::alias!(questions as common);
    let open = questions::table
        .left_join(common.on(common.field(questions::id).nullable().eq(questions::merged_into_id)))
        .filter(questions::company_id.eq(Key::of(company)))
        .filter(questions::challenge_id.eq(Key::of(challenge)))
        .filter(questions::status.eq_any([QuestionStatus::Asked.as_str(), QuestionStatus::Merged.as_str()]))
        .filter(common.field(questions::number).is_null())
        .select(count_star());
    Ok(usize::try_from(open.first::<i64>(&mut conn.db)?).unwrap_or(usize::MAX))
}

/// The number of the last published question of a challenge; zero if there is none. Who gives the next one holds the lock
/// of the challenge.
pub fn last_number(conn: &mut Conn, challenge: ChallengeId) -> Result<i32> {
    let of_challenge = questions::table.filter(questions::challenge_id.eq(Key::of(challenge)));
    Ok(of_challenge.select(max(questions::number)).first::<Option<i32>>(&mut conn.db)?.unwrap_or(0))
}

/// Some published questions of a challenge, after a number, in the order of numbers.
pub fn page_published(conn: &mut Conn, challenge: ChallengeId, after: i32, limit: i64) -> Result<Vec<Question>> {
    let rows = questions::table
        .filter(questions::challenge_id.eq(Key::of(challenge)))
        .filter(questions::number.gt(after))
        .order(questions::number)
        .limit(limit)
        .select(Row::as_select());
    all(rows.load(&mut conn.db)?)
}

/// Some questions of a challenge that are not published and that somebody may see, after one of them, in the order in
/// which they were asked.
pub fn page_unpublished(
    conn: &mut Conn,
    challenge: ChallengeId,
    seen: &Unpublished,
    after: Option<QuestionId>,
    limit: i64,
) -> Result<Vec<Question>> {
    let companies: Vec<_> = seen.companies.iter().map(|id| Key::of(*id)).collect();
    let mut query = questions::table
        .filter(questions::challenge_id.eq(Key::of(challenge)))
        .filter(questions::number.is_null())
        .order(questions::id)
        .limit(limit)
        .select(Row::as_select())
        .into_boxed();
    let theirs = questions::company_id.eq_any(companies);
    query = if seen.staff {
        query.filter(theirs.or(questions::status.ne(QuestionStatus::Withdrawn.as_str())))
    } else {
        query.filter(theirs)
    };
    if let Some(after) = after {
        query = query.filter(questions::id.gt(Key::of(after)));
    }
    all(query.load(&mut conn.db)?)
}

/// Everything that a person asked.
pub fn of_asker(conn: &mut Conn, user: UserId) -> Result<Vec<Question>> {
    let own = questions::table.filter(questions::asker_id.eq(Key::of(user))).order(questions::id);
    all(own.select(Row::as_select()).load(&mut conn.db)?)
}

/// Forgets who asked; the questions stay those of the company.
pub fn forget_asker(conn: &mut Conn, user: UserId) -> Result<()> {
    let own = questions::table.filter(questions::asker_id.eq(Key::of(user)));
    diesel::update(own).set(questions::asker_id.eq(None::<Key>)).execute(&mut conn.db)?;
    Ok(())
}

/// Keeps a version of a published answer.
pub fn insert_version(conn: &mut Conn, question: QuestionId, version: &AnswerVersion) -> Result<()> {
    let row = VersionRow {
        question_id: Key::of(question),
        number: version.number,
        question: version.wording.question.clone(),
        answer: version.wording.answer.clone(),
        changes_scope: version.wording.changes_scope,
        change_notice_id: version.wording.change_notice.map(Key::of),
        reason: version.reason.clone(),
        published_by_id: Key::of(version.by),
        published_at: At(version.at),
    };
    diesel::insert_into(answer_versions::table).values(row).execute(&mut conn.db)?;
    Ok(())
}

/// Every version of a published answer, the newest first; there are not many.
pub fn versions(conn: &mut Conn, question: QuestionId) -> Result<Vec<AnswerVersion>> {
    let of_question = answer_versions::table.filter(answer_versions::question_id.eq(Key::of(question)));
    let rows = of_question.order(answer_versions::number.desc()).select(VersionRow::as_select());
    Ok(rows.load(&mut conn.db)?.into_iter().map(Into::into).collect())
}

fn all(rows: Vec<Row>) -> Result<Vec<Question>> {
    rows.into_iter().map(TryInto::try_into).collect()
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = questions, treat_none_as_null = true)]
struct Row {
    id: Key,
    challenge_id: Key,
    company_id: Key,
    asker_id: Option<Key>,
    asked_at: At,
    original: String,
    status: String,
    question: String,
    answer: String,
    changes_scope: bool,
    change_notice_id: Option<Key>,
    merged_into_id: Option<Key>,
    decline_reason: Option<String>,
    number: Option<i32>,
    revision: Option<i32>,
    published_at: Option<At>,
    corrected_at: Option<At>,
    version: i32,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = answer_versions)]
struct VersionRow {
    question_id: Key,
    number: i32,
    question: String,
    answer: String,
    changes_scope: bool,
    change_notice_id: Option<Key>,
    reason: Option<String>,
    published_by_id: Key,
    published_at: At,
}

impl From<&Question> for Row {
    fn from(question: &Question) -> Self {
        let publication = question.publication;
        Self {
            id: Key::of(question.id),
            challenge_id: Key::of(question.challenge),
            company_id: Key::of(question.company),
            asker_id: question.asker.map(Key::of),
            asked_at: At(question.asked_at),
            original: question.original.clone(),
            status: question.status.as_str().to_owned(),
            question: question.wording.question.clone(),
            answer: question.wording.answer.clone(),
            changes_scope: question.wording.changes_scope,
            change_notice_id: question.wording.change_notice.map(Key::of),
            merged_into_id: question.merged_into.map(Key::of),
            decline_reason: question.decline_reason.clone(),
            number: publication.map(|publication| publication.number),
            revision: publication.map(|publication| publication.revision),
            published_at: at(publication.map(|publication| publication.at)),
            corrected_at: at(publication.and_then(|publication| publication.corrected_at)),
            version: question.version,
        }
    }
}

impl TryFrom<Row> for Question {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let corrected_at = instant(row.corrected_at);
        let publication = row.number.zip(row.revision).zip(instant(row.published_at));
        let publication =
            publication.map(|((number, revision), at)| Publication { number, revision, at, corrected_at });
        Ok(Self {
            id: row.id.id(),
            challenge: row.challenge_id.id(),
            company: row.company_id.id(),
            asker: row.asker_id.map(Key::id),
            asked_at: row.asked_at.0,
            original: row.original,
            status: QuestionStatus::parse(&row.status).ok_or_else(|| Error::corrupt("question status", &row.status))?,
            wording: Wording {
                question: row.question,
                answer: row.answer,
                changes_scope: row.changes_scope,
                change_notice: row.change_notice_id.map(Key::id),
            },
            merged_into: row.merged_into_id.map(Key::id),
            decline_reason: row.decline_reason,
            publication,
            version: row.version,
        })
    }
}

impl From<VersionRow> for AnswerVersion {
    fn from(row: VersionRow) -> Self {
        Self {
            number: row.number,
            wording: Wording {
                question: row.question,
                answer: row.answer,
                changes_scope: row.changes_scope,
                change_notice: row.change_notice_id.map(Key::id),
            },
            reason: row.reason,
            by: row.published_by_id.id(),
            at: row.published_at.0,
        }
    }
}
