//! Market consultations: nothing of bids, responses that nobody sees before the closing, a public end.

use crate::records::{
    agency, at, author, bid, bidder, challenge, company, content, deadline, fields, id, member, offer, officer,
    organisation, rules, staff,
};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    Bid, BidStatus, Challenge, ChallengeStatus, ConsultationResponse, OrganisationKind, Panel, Procedure, Refusal,
    Role,
    bid::HandedIn,
    challenge::Content,
    consultation::{Sight, Statement},
};

fn consultation(status: ChallengeStatus) -> Challenge {
    let mut consultation = challenge(status);
    consultation.content = bare();
    consultation.closed_at = [ChallengeStatus::Closed, ChallengeStatus::Completed].contains(&status).then(deadline);
    consultation
}

/// Nothing that has to do with bids.
fn bare() -> Content {
    Content {
        procedure: Procedure::MarketConsultation,
        budget_ceiling: None,
        criteria: Vec::new(),
        price_weight: None,
        ..content()
    }
}

fn early() -> DateTime<Utc> {
    at("2026-05-11T08:00:00Z")
}

fn statement(publishable: bool, named: bool) -> Statement {
    Statement { text: "On site.".to_owned(), publishable, named }
}

fn respond(challenge: &Challenge, statement: Statement, now: DateTime<Utc>) -> domain::Result<ConsultationResponse> {
    let company = organisation(company(), OrganisationKind::Company);
    ConsultationResponse::submit(id(85), &bidder(), challenge, &company, statement, now).map(|(response, _)| response)
}

fn response(publishable: bool) -> ConsultationResponse {
    respond(&consultation(ChallengeStatus::Published), statement(publishable, false), early()).unwrap()
}

#[test]
fn a_consultation_needs_nothing_of_what_bids_are_judged_by() {
    assert_eq!(bare().check_complete(early()), Ok(()));
    let as_pilot = Content { procedure: Procedure::SmallPilot, ..bare() }.check_complete(early()).unwrap_err();
    let missing: Vec<_> = fields(as_pilot).into_iter().map(|(pointer, _)| pointer).collect();
    assert_eq!(missing, ["/budgetCeiling", "/criteria", "/priceWeight", "/criteria"]);
    let warned: Vec<_> = bare().checklist(&rules(Procedure::MarketConsultation), early());
    let about_award = ["/priceFormula", "/criteria", "/intellectualProperty", "/plannedDates/questionsUntil"];
    assert!(warned.iter().all(|finding| !about_award.contains(&&*finding.problem.pointer)), "{warned:?}");
    let mut in_review = consultation(ChallengeStatus::InReview);
    assert_eq!(in_review.approve(&officer(), &Panel::default(), early()).unwrap().kind, "challenge.approved");
    let mut pilot = challenge(ChallengeStatus::InReview);
    assert!(pilot.approve(&officer(), &Panel::default(), early()).is_err());
}

#[test]
fn a_consultation_has_no_minimum_periods() {
    let soon = deadline() - TimeDelta::microseconds(1);
    let timeline = rules(Procedure::MarketConsultation).timeline(soon, Some(deadline()));
    assert_eq!((timeline.earliest_deadline.ends_at, timeline.questions_until, timeline.answers_by), (soon, None, None));
    let agency = organisation(agency(), OrganisationKind::Agency);
    let mut approved = consultation(ChallengeStatus::Approved);
    assert!(approved.publish(&officer(), &agency, &rules(Procedure::MarketConsultation), soon).is_ok());
    assert!(Procedure::TAKING_BIDS.iter().all(|procedure| procedure.takes_bids()));
    assert_eq!(Procedure::ALL.iter().filter(|procedure| !procedure.takes_bids()).count(), 1);
    for procedure in [Procedure::DesignContest, Procedure::InnovationPartnership] {
        assert_eq!(procedure.default_minimum_periods(), Procedure::OpenPilot.default_minimum_periods());
    }
}

#[test]
fn nobody_bids_in_a_consultation_and_nobody_responds_to_anything_else() {
    let company = organisation(company(), OrganisationKind::Company);
    let wrong = |refusal: Option<Refusal>| matches!(refusal, Some(Refusal::WrongProcedure { .. }));
    for status in [ChallengeStatus::Published, ChallengeStatus::Closed] {
        let bid = Bid::submit(
            id(60),
            &bidder(),
            &consultation(status),
            &company,
            HandedIn::InClear(&offer(100)),
            None,
            early(),
        );
        assert!(wrong(bid.err()));
        assert!(wrong(respond(&challenge(status), statement(true, true), early()).err()));
        assert!(wrong(challenge(status).conclude(&officer(), "Said.", None, early()).err()));
    }
    assert_eq!(bid(BidStatus::Submitted).status, BidStatus::Submitted);
}

#[test]
fn a_response_is_taken_replaced_and_withdrawn_until_the_last_microsecond() {
    let published = consultation(ChallengeStatus::Published);
    let last = deadline() - TimeDelta::microseconds(1);
    for (now, refusal) in [(last, None), (deadline(), Some(Refusal::DeadlinePassed))] {
        assert_eq!(respond(&published, statement(true, true), now).err(), refusal);
        assert_eq!(response(true).replace(&bidder(), &published, statement(false, false), now).err(), refusal);
        assert_eq!(response(true).withdraw(&bidder(), &published, now).err(), refusal);
    }
    let mut replaced = response(true);
    replaced.replace(&bidder(), &published, statement(false, false), last).unwrap();
    assert_eq!((replaced.revision, replaced.submitted_at, replaced.statement.publishable), (2, last, false));
    replaced.withdraw(&bidder(), &published, last).unwrap();
    let again = replaced.replace(&bidder(), &published, statement(true, true), last);
    assert!(matches!(again, Err(Refusal::WrongState { subject: "response", status: "withdrawn", .. })));
    let stranger = member(30, id(3), &[Role::Bidder]);
    assert_eq!(response(true).withdraw(&stranger, &published, last).err(), Some(Refusal::NotFound("response")));
    let long = Statement { text: "x".repeat(20_001), ..statement(false, true) };
    let refused = respond(&published, long, early()).unwrap_err();
    assert_eq!(fields(refused), [("/text".to_owned(), "too_long"), ("/named".to_owned(), "not_allowed")]);
}

#[test]
fn a_response_is_seen_by_its_company_then_by_the_agency_and_in_the_end_by_everybody_if_allowed() {
    use ChallengeStatus as C;
    let hidden = || Err(Refusal::NotFound("response"));
    let auditor = staff(15, &[Role::Auditor]);
    let (finance, stranger) = (staff(14, &[Role::Finance]), member(30, id(3), &[Role::Bidder]));
    for (status, publishable, of_staff, of_others) in [
        (C::Published, true, hidden(), hidden()),
        (C::Closed, true, Ok(Sight::Staff), hidden()),
        (C::Completed, true, Ok(Sight::Staff), Ok(Sight::Public)),
        (C::Completed, false, Ok(Sight::Staff), hidden()),
    ] {
        let (consultation, response) = (consultation(status), response(publishable));
        assert_eq!(response.sight(Some(&bidder()), &consultation), Ok(Sight::Own));
        for reader in [&author(), &officer(), &auditor] {
            assert_eq!(response.sight(Some(reader), &consultation), of_staff, "{status:?}");
        }
        for reader in [Some(&finance), Some(&stranger), None] {
            assert_eq!(response.sight(reader, &consultation), of_others, "{status:?}");
        }
        let withdrawn = ConsultationResponse { withdrawn_at: Some(early()), ..response };
        assert_eq!(withdrawn.sight(Some(&officer()), &consultation), hidden());
        assert_eq!(withdrawn.sight(Some(&bidder()), &consultation), Ok(Sight::Own));
    }
    let (_, event) = {
        let company = organisation(company(), OrganisationKind::Company);
        let published = consultation(C::Published);
        ConsultationResponse::submit(id(85), &bidder(), &published, &company, statement(true, true), early()).unwrap()
    };
    assert_eq!((event.public, event.organisation), (None, Some(company())));
}

#[test]
fn an_officer_concludes_what_is_closed_with_a_summary_for_everybody() {
    for status in ChallengeStatus::ALL.iter().copied() {
        let concluded = consultation(status).conclude(&officer(), "Possible.", None, early());
        assert_eq!(concluded.is_ok(), status == ChallengeStatus::Closed, "{status:?}");
    }
    let mut closed = consultation(ChallengeStatus::Closed);
    assert_eq!(closed.conclude(&author(), "Said.", None, early()).err(), Some(Refusal::RoleMissing(Role::Officer)));
    let mut draft = Challenge { id: id(52), published_at: None, ..challenge(ChallengeStatus::Draft) };
    let foreign = Challenge { agency: id(4), ..draft.clone() };
    let refused = closed.conclude(&officer(), " ", Some(&foreign), early()).unwrap_err();
    assert_eq!(fields(refused), [("/summary".to_owned(), "required"), ("/next".to_owned(), "unknown")]);
    for (published, named) in [(false, false), (true, true)] {
        draft.published_at = published.then(early);
        let (conclusion, event) = closed.clone().conclude(&officer(), "Possible.", Some(&draft), early()).unwrap();
        assert_eq!((conclusion.next, event.kind), (Some(draft.id), "challenge.concluded"));
        assert_eq!(event.public.unwrap()["next"].is_null(), !named, "a draft is not named to everybody");
    }
    closed.conclude(&officer(), "Possible.", None, early()).unwrap();
    assert_eq!((closed.status, closed.ended_at), (ChallengeStatus::Completed, Some(early())));
    let agency = organisation(agency(), OrganisationKind::Agency);
    let (relaunched, _) = closed.relaunch(id(53), "PRV-X".to_owned(), &author(), &agency, early()).unwrap();
    assert_eq!((relaunched.content.procedure, relaunched.relaunch_of), (Procedure::SmallPilot, Some(closed.id)));
}
