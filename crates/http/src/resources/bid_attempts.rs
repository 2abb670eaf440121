//! The answers to what companies try with bids.

use super::bids::{BidView, ReceivedView};
use crate::{
    Answer, Error,
    access::{As, Bidder},
    foundation::Reply,
};
use application::{
    bid_receipts::Attempted,
    bids::{self, HandedIn},
};
use domain::{ChallengeId, OrganisationId};

/// Hands in what arrived, and gives the bid with its receipt.
pub(super) async fn submitted(
    who: As<Bidder>,
    challenge: ChallengeId,
    company: OrganisationId,
    handed_in: HandedIn,
) -> Answer {
    let at = content_of(&handed_in);
    who.attempt_once(move |conn, attempt| match bids::submit(conn, attempt, challenge, company, handed_in)? {
        Attempted::Received(visible, receipt) => {
            let (location, version) = (format!("/api/v1/bids/{}", visible.bid.id), visible.bid.version);
            let view = ReceivedView { bid: BidView::from(*visible), receipt: receipt.into() };
            Ok(Ok(Reply::created(location, &view)?.version(version)))
        }
        Attempted::Refused(error, receipt) => Ok(Err(Error::OnRecord(under(at, error), Box::new(receipt)))),
    })
    .await
}

/// The answer to what was tried with a bid that exists.
pub(super) fn tried(attempted: Attempted, at: &'static str) -> Result<Answer, Error> {
    match attempted {
        Attempted::Received(visible, receipt) => {
            let version = visible.bid.version;
            let view = ReceivedView { bid: BidView::from(*visible), receipt: receipt.into() };
            Ok(Ok(Reply::ok(&view)?.version(version)))
        }
        Attempted::Refused(error, receipt) => Ok(Err(Error::OnRecord(under(at, error), Box::new(receipt)))),
    }
}

/// Where what is handed in is in the body.
pub(super) fn content_of(handed_in: &HandedIn) -> &'static str {
    if handed_in.is_solution() { "/solution" } else { "/offer" }
}

/// What is handed in is a part of the body, so its fields are one level deeper.
fn under(at: &'static str, error: application::Error) -> application::Error {
    match error {
        application::Error::Refused(domain::Refusal::Invalid(errors)) => {
            domain::Refusal::Invalid(errors.into_iter().map(|error| inside(at, error)).collect()).into()
        }
        other => other,
    }
}

/// The problem, one level deeper if it is one of the offer's.
pub(super) fn in_offer(error: domain::FieldError) -> domain::FieldError {
    inside("/offer", error)
}

fn inside(at: &'static str, error: domain::FieldError) -> domain::FieldError {
    match error.pointer.as_str() {
        "/company" | "/consortium" | "/offer" | "/recoveryRecipient" | "/stage" => error,
        p if p.starts_with("/offer/") || p.starts_with("/sealed") => error,
        "/solution" if at == "/solution" => domain::FieldError { pointer: "/solution/text".to_owned(), ..error },
        p => domain::FieldError { pointer: format!("{at}{p}"), ..error },
    }
}
