//! Questions: who sees what of them, when they are taken, and what is to be published with an answer.

use crate::records::{
    agency, at, author, bidder, challenge, company, deadline, fields, id, member, officer, organisation, rules, staff,
};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    Actor, Challenge, ChallengeStatus, ObligationKind, OrganisationKind, Period, Procedure, Question, QuestionStatus,
    Refusal, Role, Subject,
    challenge::{ChangeNotice, ChangeReason, Shortlisting},
    question::{Asking, MOST_CORRECTIONS, MOST_OPEN, Publication, Sight, Wording},
};
use proptest::prelude::*;

const MICROSECOND: TimeDelta = TimeDelta::microseconds(1);

fn asking(text: &str) -> Asking<'_> {
    Asking { text, open: 0, timeline: None }
}

fn ask(actor: &Actor, challenge: &Challenge, asking: Asking<'_>, now: DateTime<Utc>) -> domain::Result<Question> {
    let company = organisation(company(), OrganisationKind::Company);
    Question::ask(id(80), actor, challenge, &company, asking, now).map(|(question, _)| question)
}

fn early() -> DateTime<Utc> {
    at("2026-05-11T08:00:00Z")
}

/// A question of the company in some state.
fn question(status: QuestionStatus) -> Question {
    let asked = ask(&bidder(), &challenge(ChallengeStatus::Published), asking("Who pays?"), early()).unwrap();
    let answered = status == QuestionStatus::Answered;
    let publication = Publication { number: 1, revision: 1, at: early(), corrected_at: None };
    let merged_into = (status == QuestionStatus::Merged).then(|| id(81));
    Question { status, merged_into, publication: answered.then_some(publication), ..asked }
}

fn wording(answer: &str) -> Wording {
    Wording { question: "Who pays?".to_owned(), answer: answer.to_owned(), changes_scope: false, change_notice: None }
}

#[test]
fn a_question_is_taken_until_the_microsecond_at_which_questions_end() {
    let published = challenge(ChallengeStatus::Published);
    let timeline = rules(Procedure::SmallPilot).timeline(early(), Some(deadline()));
    let computed = timeline.questions_until.clone().unwrap().ends_at;
    let mut planned = published.clone();
    planned.content.planned_dates.questions_until = Some(at("2026-05-20T10:00:00Z"));
    let ended = |until: &str| Refusal::QuestionsEnded(until.to_owned());
    for (challenge, timeline, last, refusal) in [
        (&published, None, deadline(), Refusal::DeadlinePassed),
        (&published, Some(&timeline), computed, ended("2026-06-07T22:00:00Z")),
        (&planned, Some(&timeline), at("2026-05-20T10:00:00Z"), ended("2026-05-20T10:00:00Z")),
        (&planned, None, at("2026-05-20T10:00:00Z"), ended("2026-05-20T10:00:00Z")),
    ] {
        let asking = Asking { timeline, ..asking("Who pays?") };
        assert!(ask(&bidder(), challenge, asking, last - MICROSECOND).is_ok(), "{last}");
        assert_eq!(ask(&bidder(), challenge, asking, last).err(), Some(refusal));
    }
}

#[test]
fn bidders_of_companies_ask_and_nobody_else() {
    let published = challenge(ChallengeStatus::Published);
    for (actor, refusal) in [
        (bidder(), None),
        (member(20, company(), &[Role::Owner]), Some(Refusal::RoleMissing(Role::Bidder))),
        (author(), Some(Refusal::RoleMissing(Role::Bidder))),
    ] {
        assert_eq!(ask(&actor, &published, asking("Who pays?"), early()).err(), refusal);
    }
    let mut draft = challenge(ChallengeStatus::Draft);
    draft.published_at = None;
    assert_eq!(ask(&bidder(), &draft, asking("?"), early()).err(), Some(Refusal::NotFound("challenge")));
    let agency = organisation(company(), OrganisationKind::Agency);
    let asked = Question::ask(id(80), &bidder(), &published, &agency, asking("?"), early());
    assert_eq!(asked.err(), Some(Refusal::RoleMissing(Role::Bidder)));
    let many = |open| ask(&bidder(), &published, Asking { open, ..asking("Who pays?") }, early());
    assert!(many(MOST_OPEN - 1).is_ok());
    assert!(matches!(many(MOST_OPEN), Err(Refusal::TooMany { most: MOST_OPEN, .. })));
    for (text, code) in [("", "required"), (" \n", "required"), (&*"x".repeat(4001), "too_long")] {
        let refused = ask(&bidder(), &published, asking(text), early()).unwrap_err();
        assert_eq!(fields(refused), [("/text".to_owned(), code)]);
    }
}

#[test]
fn questions_are_taken_while_a_challenge_is_published_and_answered_while_it_is_not_closed() {
    for status in ChallengeStatus::ALL.iter().copied() {
        let challenge = challenge(status);
        let taken = ask(&bidder(), &challenge, asking("Who pays?"), early()).is_ok();
        assert_eq!(taken, status == ChallengeStatus::Published, "{status:?}");
        let answerable = challenge.require_answerable().is_ok();
        assert_eq!(
            answerable,
            [ChallengeStatus::Published, ChallengeStatus::Suspended].contains(&status),
            "{status:?}"
        );
    }
}

#[test]
fn an_answer_is_due_by_the_earliest_date_that_is_still_to_come() {
    let rules = rules(Procedure::SmallPilot);
    let timeline = rules.timeline(early(), Some(deadline()));
    let computed = timeline.answers_by.clone().unwrap();
    let due = |now: DateTime<Utc>, planned: Option<&str>| {
        let mut challenge = challenge(ChallengeStatus::Published);
        challenge.content.planned_dates.answers_by = planned.map(at);
        let working = Period::working_days(3).after(now, rules.zone, &rules.calendar);
        (challenge.answer_due(working.clone(), Some(&timeline), now), working)
    };
    let (usual, working) = due(early(), None);
    assert_eq!((usual.at, usual.computed), (working.ends_at, Some(working)));
    let promised = due(early(), Some("2026-05-12T10:00:00Z")).0;
    assert_eq!((promised.at, promised.computed), (at("2026-05-12T10:00:00Z"), None));
    let last = due(computed.ends_at - TimeDelta::hours(1), None).0;
    assert_eq!(last.computed, Some(computed));
    let (broken, working) = due(early(), Some("2026-05-11T08:00:00Z"));
    assert_eq!(broken.at, working.ends_at, "a date that has passed does not make it late at once");
}

#[test]
fn an_answer_about_solutions_is_due_before_these_are() {
    let rules = rules(Procedure::SmallPilot);
    let mut two_stages = challenge(ChallengeStatus::Published);
    let solutions = early() + TimeDelta::hours(30);
    two_stages.content.shortlisting = Some(Shortlisting { solution_deadline: Some(solutions), most: 4 });
    let working = Period::working_days(3).after(early(), rules.zone, &rules.calendar);
    let due = |challenge: &Challenge| challenge.answer_due(working.clone(), None, early());
    assert!(working.ends_at > solutions);
    assert_eq!((due(&two_stages).at, due(&two_stages).computed), (solutions, None));
    two_stages.first_stage.opened_at = Some(early());
    assert_eq!(due(&two_stages).at, working.ends_at, "from then on it is about offers");
}

#[test]
fn no_event_or_clock_of_the_agency_names_who_asked() {
    let published = challenge(ChallengeStatus::Published);
    let organisation = organisation(company(), OrganisationKind::Company);
    let (mut asked, event) =
        Question::ask(id(80), &bidder(), &published, &organisation, asking("Who pays?"), early()).unwrap();
    assert_eq!((event.kind, event.public, event.organisation), ("question.asked", None, Some(company())));
    let duty = asked.duty(&published);
    assert_eq!((duty.kind, duty.subject), (ObligationKind::AnswerQuestion, Subject::Question(id(80))));
    assert_eq!((duty.organisation, duty.waiting), (agency(), company()));
    let into = Question { id: id(81), ..question(QuestionStatus::Asked) };
    let mut of_agency = vec![asked.draft_answer(&author(), &published, wording("We do.")).unwrap()];
    of_agency.push(asked.clone().publish(&author(), &published, 1, "", early()).unwrap().1);
    of_agency.push(asked.clone().merge(&author(), &published, &into).unwrap());
    of_agency.push(asked.clone().decline(&author(), &published, "No.").unwrap());
    of_agency.push(question(QuestionStatus::Merged).separate(&published));
    for event in of_agency {
        assert_eq!(event.organisation, Some(agency()), "{}", event.kind);
        let told = format!("{:?} {}", event.public, event.confidential);
        assert!(!told.contains(&company().to_string()) && !told.contains(&bidder().user.to_string()), "{told}");
    }
}

#[test]
fn everybody_sees_of_a_question_what_is_theirs_to_see() {
    use QuestionStatus as S;
    let published = challenge(ChallengeStatus::Published);
    let hidden = Err(Refusal::NotFound("question"));
    for status in S::ALL {
        let question = question(status);
        let public = status == S::Answered;
        let others = if public { Ok(Sight::Public) } else { hidden.clone() };
        let of_staff = if status == S::Withdrawn { hidden.clone() } else { Ok(Sight::Staff) };
        assert_eq!(question.sight(Some(&bidder()), &published), Ok(Sight::Asker));
        assert_eq!(question.sight(Some(&member(21, company(), &[])), &published), Ok(Sight::Asker));
        assert_eq!(question.sight(Some(&staff(12, &[])), &published), of_staff);
        assert_eq!(question.sight(Some(&member(30, id(3), &[Role::Bidder])), &published), others);
        assert_eq!(question.sight(Some(&crate::records::administrator()), &published), others);
        assert_eq!(question.sight(None, &published), others);
    }
}

#[test]
fn a_company_learns_of_a_merger_with_the_answer() {
    let (merged, asked) = (question(QuestionStatus::Merged), question(QuestionStatus::Asked));
    let answered = question(QuestionStatus::Answered);
    assert_eq!(merged.status_for_asker(Some(&asked)), QuestionStatus::Asked);
    assert_eq!(merged.status_for_asker(Some(&answered)), QuestionStatus::Answered);
    for (mut question, common, possible) in [
        (asked.clone(), None, true),
        (merged.clone(), Some(&asked), true),
        (merged.clone(), Some(&answered), false),
        (answered.clone(), None, false),
        (question(QuestionStatus::Declined), None, false),
        (question(QuestionStatus::Withdrawn), None, false),
    ] {
        assert_eq!(question.clone().withdraw(&officer(), common).err(), Some(Refusal::NotFound("question")));
        assert_eq!(question.withdraw(&bidder(), common).is_ok(), possible, "{:?}", question.status);
    }
}

#[test]
fn only_what_is_asked_is_answered_by_authors_and_officers() {
    let published = challenge(ChallengeStatus::Published);
    let other = Question { id: id(81), ..question(QuestionStatus::Asked) };
    for status in QuestionStatus::ALL {
        let possible = status == QuestionStatus::Asked;
        let question = || Question { wording: wording("We do."), ..question(status) };
        assert_eq!(question().draft_answer(&author(), &published, wording("")).is_ok(), possible);
        assert_eq!(question().publish(&officer(), &published, 1, "", early()).is_ok(), possible);
        assert_eq!(question().merge(&author(), &published, &other).is_ok(), possible);
        assert_eq!(question().decline(&officer(), &published, "No.").is_ok(), possible);
        let corrected = question().correct(&officer(), &published, wording("They do."), "Wrong.", early());
        assert_eq!(corrected.is_ok(), status == QuestionStatus::Answered);
    }
    let finance = staff(14, &[Role::Finance, Role::Auditor, Role::Owner]);
    let refused = question(QuestionStatus::Asked).decline(&finance, &published, "No.");
    assert_eq!(refused.err(), Some(Refusal::RoleMissing(Role::Officer)));
}

#[test]
fn a_question_merges_into_another_of_the_challenge_that_stands_for_itself() {
    let published = challenge(ChallengeStatus::Published);
    let into = |status| Question { id: id(81), ..question(status) };
    let elsewhere = Question { challenge: id(51), ..into(QuestionStatus::Asked) };
    for (other, code) in [
        (into(QuestionStatus::Asked), None),
        (into(QuestionStatus::Answered), None),
        (into(QuestionStatus::Merged), Some("not_possible")),
        (into(QuestionStatus::Declined), Some("not_possible")),
        (into(QuestionStatus::Withdrawn), Some("unknown")),
        (question(QuestionStatus::Asked), Some("unknown")),
        (elsewhere, Some("unknown")),
    ] {
        let refused = question(QuestionStatus::Asked).merge(&author(), &published, &other).err();
        assert_eq!(refused.map(fields), code.map(|code| vec![("/into".to_owned(), code)]), "{:?}", other.status);
    }
}

#[test]
fn an_answer_that_changes_the_scope_names_a_later_change_notice_of_the_challenge() {
    let published = challenge(ChallengeStatus::Published);
    let publish = |wording: Wording| {
        let mut question = Question { wording, ..question(QuestionStatus::Asked) };
        question.publish(&author(), &published, 1, "/questions/4", early()).err().map(fields)
    };
    let scope = |notice| Wording { changes_scope: true, change_notice: notice, ..wording("Two.") };
    let at_notice = |code| Some(vec![("/questions/4/changeNotice".to_owned(), code)]);
    assert_eq!(publish(scope(Some(id(90)))), None);
    assert_eq!(publish(scope(None)), at_notice("required"));
    assert_eq!(publish(Wording { changes_scope: false, ..scope(Some(id(90))) }), at_notice("not_allowed"));
    assert_eq!(publish(wording(" ")), Some(vec![("/questions/4/answer".to_owned(), "required")]));
    let asked = question(QuestionStatus::Asked);
    for (notice, fits) in [
        (Some(notice(50, early())), true),
        (Some(notice(50, early() - MICROSECOND)), false),
        (Some(notice(51, early())), false),
        (None, false),
    ] {
        assert_eq!(asked.require_fitting(notice.as_ref(), "").is_ok(), fits);
    }
}

fn notice(challenge: u128, published_at: DateTime<Utc>) -> ChangeNotice {
    ChangeNotice {
        id: id(90),
        challenge: id(challenge),
        number: 1,
        code: ChangeReason::Answer,
        reason: "Asked.".to_owned(),
        sections: Vec::new(),
        material: true,
        deadline_before: deadline(),
        deadline: deadline(),
        revision_before: 1,
        revision: 2,
        published_by: officer().user,
        published_at,
    }
}

#[test]
fn a_correction_is_a_new_version_with_a_reason_and_there_are_not_endlessly_many() {
    let published = challenge(ChallengeStatus::Published);
    let mut answered = Question { wording: wording("0"), ..question(QuestionStatus::Answered) };
    for n in 1..=MOST_CORRECTIONS {
        let (version, event) =
            answered.correct(&author(), &published, wording(&n.to_string()), "Wrong.", early()).unwrap();
        assert_eq!((version.number, event.kind), (n + 1, "question.answer_corrected"));
    }
    let again = answered.correct(&author(), &published, wording("x"), "Wrong.", early());
    assert!(matches!(again, Err(Refusal::LimitReached(_))));
    let mut same = Question { wording: wording("We do."), ..question(QuestionStatus::Answered) };
    let refused = same.correct(&author(), &published, wording("We do."), " ", early()).unwrap_err();
    assert_eq!(fields(refused), [("/reason".to_owned(), "required"), (String::new(), "unchanged")]);
}

#[test]
fn an_officer_closes_over_late_answers_after_the_deadline_for_a_reason() {
    let published = || challenge(ChallengeStatus::Published);
    let try_to = |actor: &Actor, reason: &str, late, now| published().close_over(actor, reason, late, now).err();
    assert_eq!(try_to(&officer(), "Nobody knows.", true, deadline() - MICROSECOND), Some(Refusal::DeadlineNotReached));
    assert_eq!(try_to(&author(), "Nobody knows.", true, deadline()), Some(Refusal::RoleMissing(Role::Officer)));
    assert_eq!(try_to(&officer(), "Nobody knows.", false, deadline()), Some(Refusal::NothingToOverride));
    assert_eq!(
        try_to(&officer(), "", true, deadline()).map(fields),
        Some(vec![("/overrideReason".to_owned(), "required")])
    );
    let mut closed = published();
    let event = closed.close_over(&officer(), "Nobody knows.", true, deadline()).unwrap();
    assert_eq!((closed.status, closed.closed_at), (ChallengeStatus::Closed, Some(deadline())));
    assert_eq!((event.kind, event.reason.as_deref()), ("challenge.closed", Some("Nobody knows.")));
    assert_eq!(event.public.unwrap()["unansweredQuestions"], true);
    assert_eq!(published().hold_closing().public, None);
}

proptest! {
    /// Whatever is asked and answered: only what the agency wrote is published, and the words of the asker stay.
    #[test]
    fn what_was_asked_never_changes(text in "\\PC{1,200}", answer in "\\PC{0,200}") {
        prop_assume!(!text.trim().is_empty());
        let published = challenge(ChallengeStatus::Published);
        let mut question = ask(&bidder(), &published, asking(&text), early()).unwrap();
        question.draft_answer(&author(), &published, wording(&answer)).unwrap();
        let before = question.clone();
        match question.publish(&author(), &published, 7, "", early()) {
            Ok((version, event)) => {
                prop_assert_eq!(&version.wording, &wording(&answer));
                prop_assert_eq!(&event.public.unwrap()["answer"], &answer);
            }
            Err(_) => prop_assert!(answer.trim().is_empty() && question == before),
        }
        prop_assert_eq!(question.original, text);
    }
}
