//! A challenge from its draft to its publication.

use super::{
    PASSWORD,
    content::{Challenge, wrong},
    timeline::{Stage, Timeline},
};
use crate::{Result, challenges, opening_keys, panels, publication, rehearsals};
use chrono::{DateTime, NaiveTime, TimeDelta, TimeZone, Utc};
use domain::{
    ChallengeStatus, Money, UserId,
    challenge::{AwardCriterion, Content},
};
use persistence::Conn;

/// Plans the way of a challenge as far as its state says.
pub(super) fn plan<'c>(timeline: &mut Timeline<'c>, challenge: &'c Challenge) {
    let (midnight, drafted) = (timeline.midnight(), challenge.drafted_days_ago);
    timeline.on(drafted, (9, 10), move |stage, conn| draft(stage, conn, challenge, midnight));
    if challenge.state == ChallengeStatus::Draft {
        return;
    }
    plan_review(timeline, challenge);
    if challenge.state == ChallengeStatus::InReview {
        return;
    }
    timeline.on(drafted - 9, (11, 15), move |stage, conn| {
        let reviewer = stage.caller(&challenge.reviewer)?;
        challenges::approve(conn, &reviewer, stage.challenge(&challenge.key)?).map(drop)
    });
    if challenge.state == ChallengeStatus::Approved {
        return;
    }
    timeline.on(challenge.drafted_days_ago - 9, (13, 0), move |stage, conn| rehearse(stage, conn, challenge));
    timeline.on(challenge.opens_days_ago, (8, 30), move |stage, conn| {
        let reviewer = stage.caller(&challenge.reviewer)?;
        publication::publish(conn, &reviewer, stage.challenge(&challenge.key)?).map(drop)
    });
}

/// The deadline: noon in the challenge's zone, so many days after the day of publication.
pub(super) fn deadline(challenge: &Challenge, midnight: DateTime<Utc>) -> Result<DateTime<Utc>> {
    let day = (midnight + TimeDelta::days(challenge.open_days - challenge.opens_days_ago)).date_naive();
    let noon = day.and_time(NaiveTime::MIN) + TimeDelta::hours(12);
    let zone = empty(challenge)?.zone;
    let noon = zone.from_local_datetime(&noon).earliest();
    noon.map(|noon| noon.to_utc()).ok_or_else(|| wrong(format!("{} has no noon on {day}", challenge.zone)))
}

fn draft<'c>(stage: &mut Stage<'c>, conn: &mut Conn, challenge: &'c Challenge, midnight: DateTime<Utc>) -> Result<()> {
    let author = stage.caller(&challenge.author)?;
    let content = content(conn, challenge, deadline(challenge, midnight)?)?;
    let drafted = challenges::draft(conn, &author, stage.organisation(&challenge.agency)?, content)?;
    stage.challenges.insert(&challenge.key, drafted.challenge.id);
    Ok(())
}

fn plan_review<'c>(timeline: &mut Timeline<'c>, challenge: &'c Challenge) {
    let drafted = challenge.drafted_days_ago;
    timeline.on(drafted - 2, (14, 0), move |stage, conn| name_panel(stage, conn, challenge));
    timeline.on(drafted - 3, (10, 40), move |stage, conn| submit(stage, conn, challenge));
    let Some(comment) = &challenge.review_comment else { return };
    timeline.on(drafted - 5, (15, 30), move |stage, conn| {
        let reviewer = stage.caller(&challenge.reviewer)?;
        challenges::request_changes(conn, &reviewer, stage.challenge(&challenge.key)?, comment).map(drop)
    });
    timeline.on(drafted - 7, (9, 45), move |stage, conn| {
        let author = stage.caller(&challenge.author)?;
        // The text is the final one from the start; what is told here is that it was worked on.
        challenges::edit(conn, &author, stage.challenge(&challenge.key)?, None, |content, _| Ok(content))?;
        submit(stage, conn, challenge)
    });
}

fn submit(stage: &mut Stage<'_>, conn: &mut Conn, challenge: &Challenge) -> Result<()> {
    let author = stage.caller(&challenge.author)?;
    let policy = domain::ObligationPolicy::default();
    challenges::submit_for_review(conn, &author, stage.challenge(&challenge.key)?, policy).map(drop)
}

fn name_panel(stage: &mut Stage<'_>, conn: &mut Conn, challenge: &Challenge) -> Result<()> {
    let user = |key: &String| Ok(stage.caller(key)?.actor.user);
    let people = |keys: &[String]| keys.iter().map(user).collect::<Result<Vec<UserId>>>();
    let evaluators = people(&challenge.panel)?;
    let chair = evaluators.first().copied();
    let author = stage.caller(&challenge.author)?;
    let committee = people(&challenge.opening_committee)?;
    panels::name(conn, &author, stage.challenge(&challenge.key)?, chair, evaluators, committee).map(drop)
}

/// The opening committee shows that its keys work. They are kept here, under the password of the demo.
fn rehearse<'c>(stage: &mut Stage<'c>, conn: &mut Conn, challenge: &'c Challenge) -> Result<()> {
    let id = stage.challenge(&challenge.key)?;
    for member in &challenge.opening_committee {
        if !stage.opening_keys.contains_key(member.as_str()) {
            let (new, key) = opening_keys::generate(PASSWORD)?;
            opening_keys::put(conn, &stage.caller(member)?, new)?;
            stage.opening_keys.insert(member, key);
        }
    }
    rehearsals::start(conn, &stage.caller(&challenge.reviewer)?, id, None)?;
    for member in &challenge.opening_committee {
        let caller = stage.caller(member)?;
        let (_, share) = rehearsals::own_share(conn, &caller.actor, id)?;
        let opened = stage.opening_keys.get(member.as_str()).and_then(|key| share.open(key));
        let opened = opened.ok_or_else(|| wrong(format!("{member} cannot open the test envelope")))?;
        rehearsals::bring(conn, &caller, id, &opened)?;
    }
    Ok(())
}

fn content(conn: &Conn, challenge: &Challenge, deadline: DateTime<Utc>) -> Result<Content> {
    let ceiling = Money::parse(&challenge.budget_ceiling, challenge.currency).map_err(wrong)?;
    let criteria = challenge.criteria.iter().map(|criterion| AwardCriterion {
        id: conn.new_id(),
        name: criterion.name.clone(),
        description: criterion.description.clone(),
        weight: criterion.weight,
        maximum: criterion.maximum,
        minimum: criterion.minimum,
        anchors: Vec::new(),
    });
    Ok(Content {
        summary: challenge.summary.clone(),
        problem: challenge.problem.clone(),
        outcomes: challenge.outcomes.clone(),
        procedure: challenge.procedure,
        budget_ceiling: Some(ceiling),
        pilots: challenge.pilots,
        pilot_weeks: challenge.pilot_weeks,
        submission_deadline: Some(deadline),
        criteria: criteria.collect(),
        price_weight: Some(challenge.price_weight),
        ..empty(challenge)?
    })
}

/// Title and zone only.
fn empty(challenge: &Challenge) -> Result<Content> {
    let zone = challenge.zone.parse().map_err(|_| wrong(format!("there is no zone {}", challenge.zone)))?;
    Ok(Content::new(&challenge.title, zone))
}
