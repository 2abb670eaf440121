//! Which solutions and challenges go together. The work is bounded: a few hundred candidates are looked at, in a number of
//! queries that does not depend on them.

use crate::{Result, solutions::sight};
use domain::{
    Actor, ChallengeId, SolutionId,
    solution::{Match, Topic, compare},
};
use persistence::{
    Conn, challenges,
    solutions::{self, Summary},
    topics,
};
use std::collections::BTreeSet;

/// How many candidates are looked at: first those that share a code or a tag, then those of the same division; of each the
/// newest.
const CANDIDATES: (i64, i64) = (200, 100);

/// How many are given.
const GIVEN: usize = 20;

/// Which solutions, of those that the reader sees, fit a challenge, for its agency's members; the best first.
pub fn solutions_for(conn: &mut Conn, actor: &Actor, id: ChallengeId) -> Result<Vec<(Summary, Match)>> {
    let challenge = challenges::find(conn, id)?;
    challenge.require_visible(Some(actor))?;
    challenge.require_own(actor)?;
    let (sight, wanted) = (sight(conn, Some(actor))?, challenge.content.topics());
    let (close, near) = split(&wanted);
    let mut ids: BTreeSet<_> = topics::solutions_about(conn, &close, &sight, CANDIDATES.0)?.into_iter().collect();
    ids.extend(topics::solutions_about(conn, &near, &sight, CANDIDATES.1)?);
    let ids: Vec<SolutionId> = ids.into_iter().collect();
    let about = topics::of_solutions(conn, &ids)?;
    let text = format!("{} / {}", challenge.content.title, challenge.content.summary);
    let compared = |(id, about)| Some((id, compare(&about, &wanted, &text)?));
    let best = best(about.into_iter().filter_map(compared).collect());
    let found = solutions::summaries_of(conn, &best.iter().map(|(id, _)| *id).collect::<Vec<_>>())?;
    let told = |(id, matched)| Some((found.iter().find(|summary| summary.id == id)?.clone(), matched));
    Ok(best.into_iter().filter_map(told).collect())
}

/// Which challenges that take bids fit a solution, for its company's members; the best first.
pub fn challenges_for(conn: &mut Conn, actor: &Actor, id: SolutionId) -> Result<Vec<(challenges::Summary, Match)>> {
    let solution = solutions::find(conn, id)?;
    solution.require_own(actor)?;
    let (now, offered) = (conn.now()?, solution.content.topics());
    let (close, near) = split(&offered);
    let mut ids: BTreeSet<_> = topics::open_challenges_about(conn, &close, now, CANDIDATES.0)?.into_iter().collect();
    ids.extend(topics::open_challenges_about(conn, &near, now, CANDIDATES.1)?);
    let ids: Vec<ChallengeId> = ids.into_iter().collect();
    let about = topics::of_challenges(conn, &ids)?;
    let found = challenges::summaries_of(conn, &ids)?;
    let compared = |summary: &challenges::Summary| {
        let text = format!("{} / {}", summary.title, summary.summary);
        Some((summary.id, compare(&offered, about.get(&summary.id)?, &text)?))
    };
    let best = best(found.iter().filter_map(compared).collect());
    let told = |(id, matched)| Some((found.iter().find(|summary| summary.id == id)?.clone(), matched));
    Ok(best.into_iter().filter_map(told).collect())
}

/// What makes a close candidate, and what a near one.
fn split(topics: &BTreeSet<Topic>) -> (Vec<&Topic>, Vec<&Topic>) {
    let close = topics.iter().filter(|topic| matches!(topic, Topic::Cpv(_) | Topic::Tag(_)));
    let near = topics.iter().filter(|topic| matches!(topic, Topic::Division(_)));
    (close.collect(), near.collect())
}

/// The best ones, the best first; of equal ones the newest.
fn best<I: Ord + Copy>(mut matches: Vec<(I, Match)>) -> Vec<(I, Match)> {
    matches.sort_by(|(a, one), (b, other)| (other.score, b).cmp(&(one.score, a)));
    matches.truncate(GIVEN);
    matches
}
