//! The prose of every message, once, for the text and the HTML form.

mod challenges;
mod consortia;
mod documents;
mod duties;
mod keys;
mod membership;
mod outages;
mod questions;
mod security;
mod shortlists;
mod solutions;
mod standing;
mod team;

use chrono_tz::Tz;

use crate::message::{
    ApiKeyCreated, ApiKeyExpires, ApiKeyRotated, Message, PartnerAsked, PartnerDeclined, TeamConsentAsked,
};
use crate::text::{lines, time, title};

/// Reason given to everybody in the company that made a bid.
const WHY_BIDDER: &str = "you belong to an organisation that made an offer for this challenge.";
/// Reason given to everybody in the company that carries out a pilot.
const WHY_PILOT: &str = "you belong to the organisation that carries out this pilot.";

/// What a mail says, before it has a layout.
pub struct Content {
    /// Subject line.
    pub subject: String,
    /// What happened.
    pub happened: String,
    /// Somebody's own words, by line; empty when nobody is quoted.
    pub quote: Vec<String>,
    /// What happens next.
    pub next: String,
    /// Label of the one link.
    pub action: &'static str,
    /// Path the link leads to.
    pub link: String,
    /// Ends the sentence "You get this mail because".
    pub why: &'static str,
}

impl Content {
    /// What the mail about `message` says, with times as in the reader's time zone.
    pub fn of(message: &Message, zone: Tz) -> Self {
        use Message as M;
        match message {
            M::DocumentExpires { organisation, title: document, expires_on, link } => {
                documents::document_expires(&title(organisation), &title(document), *expires_on, link)
            }
            M::SearchAlert { name, challenges, more, link } => {
                challenges::search_alert(&title(name), challenges, *more, zone, link)
            }
            M::FileInfected { name, signature, link } => {
                documents::file_infected(&title(name), &title(signature), link)
            }
            M::ConfirmEmail { name, link } => confirm_email(&title(name), link),
            M::AccountExists { link } => security::account_exists(link),
            M::ResetPassword { link } => security::reset_password(link),
            M::ConfirmEmailChange { link } => security::confirm_email_change(link),
            M::EmailChanged { until, link } => security::email_changed(&time(*until, zone), link),
            M::SecurityNotice { change, at, link } => security::notice(change, &time(*at, zone), link),
            M::BidReceived { challenge_title, challenge_reference, version, received_at, link } => bid_received(
                &title(challenge_title),
                &title(challenge_reference),
                *version,
                &time(*received_at, zone),
                link,
            ),
            M::SolutionReceived { challenge_title, challenge_reference, version, received_at, link } => {
                let challenge = (&*title(challenge_title), &*title(challenge_reference));
                shortlists::received(challenge, *version, &time(*received_at, zone), link)
            }
            M::SolutionsClosed { challenge_title, challenge_reference, link } => {
                shortlists::closed((&title(challenge_title), &title(challenge_reference)), link)
            }
            M::Shortlisted { challenge_title, challenge_reference, reason, deadline, link } => {
                let challenge = (&*title(challenge_title), &*title(challenge_reference));
                shortlists::invited(challenge, reason, &time(*deadline, zone), link)
            }
            M::NotShortlisted { challenge_title, challenge_reference, reason, link } => {
                shortlists::not_invited((&title(challenge_title), &title(challenge_reference)), reason, link)
            }
            M::KeyAskedFor { challenge_title, challenge_reference, reason, due_at, link } => {
                let challenge = (&*title(challenge_title), &*title(challenge_reference));
                challenges::key_asked_for(challenge, reason, &time(*due_at, zone), link)
            }
            M::Rehearsal { challenge_title, challenge_reference, deadline, link } => {
                let deadline = deadline.map(|deadline| time(deadline, zone));
                challenges::rehearsal(&title(challenge_title), &title(challenge_reference), deadline.as_deref(), link)
            }
            M::ChallengeNews { challenge_title, challenge_reference, news, link } => {
                challenges::news(&title(challenge_title), &title(challenge_reference), news, zone, link)
            }
            M::ChallengeClosed { challenge_title, challenge_reference, closed_at, link } => {
                challenge_closed(&title(challenge_title), &title(challenge_reference), &time(*closed_at, zone), link)
            }
            M::ConsultationClosed { challenge_title, challenge_reference, closed_at, link } => {
                questions::consultation_closed(
                    &title(challenge_title),
                    &title(challenge_reference),
                    &time(*closed_at, zone),
                    link,
                )
            }
            M::ClosingHeld { challenge_title, challenge_reference, link } => {
                questions::closing_held(&title(challenge_title), &title(challenge_reference), link)
            }
            M::ExtensionProposed { challenge_title, challenge_reference, started_at, ended_at, deadline, link } => {
                let challenge = (&*title(challenge_title), &*title(challenge_reference));
                outages::proposed(challenge, [*started_at, *ended_at, *deadline].map(|at| time(at, zone)), link)
            }
            M::QuestionAsked { challenge_title, challenge_reference, question, due_at, link } => {
                let challenge = (&*title(challenge_title), &*title(challenge_reference));
                questions::asked(challenge, question, &time(*due_at, zone), link)
            }
            M::QuestionDeclined { challenge_title, question, reason, link } => {
                questions::declined(&title(challenge_title), &title(question), reason, link)
            }
            M::QuestionAnsweredBefore { challenge_title, question, number, link } => {
                questions::answered_before(&title(challenge_title), question, *number, link)
            }
            M::Awarded { challenge_title, challenge_reference, standstill_until, link } => {
                awarded(&title(challenge_title), &title(challenge_reference), &time(*standstill_until, zone), link)
            }
            M::NotAwarded { challenge_title, challenge_reference, standstill_until, link } => {
                not_awarded(&title(challenge_title), &title(challenge_reference), &time(*standstill_until, zone), link)
            }
            M::MilestoneAccepted { challenge_title, milestone_title, accepted_at, link } => {
                milestone_accepted(&title(challenge_title), &title(milestone_title), &time(*accepted_at, zone), link)
            }
            M::PublicationFailed { challenge_title, reason, link } => {
                challenges::publication_failed(&title(challenge_title), reason, link)
            }
            M::PartnerAsked(PartnerAsked { challenge_title, challenge_reference, lead, deadline, link }) => {
                let challenge = (&*title(challenge_title), &*title(challenge_reference));
                consortia::asked(challenge, &title(lead), &time(*deadline, zone), link)
            }
            M::PartnerDeclined(PartnerDeclined { challenge_title, challenge_reference, partner, in_bid, link }) => {
                let challenge = (&*title(challenge_title), &*title(challenge_reference));
                consortia::declined(challenge, &title(partner), *in_bid, link)
            }
            M::TeamConsentAsked(TeamConsentAsked {
                challenge_title,
                challenge_reference,
                company,
                role,
                deadline,
                link,
            }) => {
                let challenge = (&*title(challenge_title), &*title(challenge_reference));
                team::asked(challenge, &title(company), &title(role), &time(*deadline, zone), link)
            }
            M::SolutionInvited {
                challenge_title,
                challenge_reference,
                agency,
                solution_title,
                words,
                deadline,
                link,
            } => {
                let challenge = (&*title(challenge_title), &*title(challenge_reference));
                let deadline = time(*deadline, zone);
                solutions::invited(challenge, &title(agency), &title(solution_title), words, &deadline, link)
            }
            M::ReviewRequested { challenge_title, link } => review_requested(&title(challenge_title), link),
            M::ChangesRequested { challenge_title, comment, link } => {
                changes_requested(&title(challenge_title), comment, link)
            }
            M::MilestoneDelivered { challenge_title, milestone_title, link } => {
                milestone_delivered(&title(challenge_title), &title(milestone_title), link)
            }
            M::Invitation { organisation, invited_by, roles, words, expires_at, link } => membership::invitation(
                &title(organisation),
                &title(invited_by),
                roles,
                words,
                &time(*expires_at, zone),
                link,
            ),
            M::RoleDelegated { organisation, role, delegator, delegate, starts_at, ends_at, reason, link } => {
                let (from, to) = (title(delegator), title(delegate));
                let period = (&*time(*starts_at, zone), &*time(*ends_at, zone));
                membership::role_delegated(&title(organisation), role, (&from, &to), period, reason, link)
            }
            M::CertificationDue { organisation, names, until, link } => {
                membership::certification_due(&title(organisation), names, &time(*until, zone), link)
            }
            M::OwnerUncertified { organisation, name, until, link } => {
                membership::owner_uncertified(&title(organisation), &title(name), &time(*until, zone), link)
            }
            M::InactivityWarning { deactivated_at, link } => {
                membership::inactivity_warning(&time(*deactivated_at, zone), link)
            }
            M::ApiKeyCreated(ApiKeyCreated { organisation, creator, name, prefix, scopes, expires_at, link }) => {
                let (made, key) = ((&*title(organisation), &*title(creator)), (&*title(name), &*title(prefix)));
                keys::created(made, key, scopes, &time(*expires_at, zone), link)
            }
            M::ApiKeyRotated(ApiKeyRotated {
                organisation,
                creator,
                name,
                prefix,
                previous_until,
                expires_at,
                link,
            }) => {
                let (made, key) = ((&*title(organisation), &*title(creator)), (&*title(name), &*title(prefix)));
                let ends = (&*time(*previous_until, zone), &*time(*expires_at, zone));
                keys::rotated(made, key, ends, link)
            }
            M::ApiKeyExpires(ApiKeyExpires { organisation, name, prefix, expires_at, link }) => {
                keys::expires(&title(organisation), (&title(name), &title(prefix)), &time(*expires_at, zone), link)
            }
            M::DutyReminder { duty, moment, challenge_title, due_at, link } => {
                duties::reminder(*duty, *moment, &title(challenge_title), &time(*due_at, zone), link)
            }
            M::AccountDeactivated { link } => membership::account_deactivated(link),
            M::AccountSuspended { reason, link } => standing::account_suspended(reason, link),
            M::AccountReinstated { reason, link } => standing::account_reinstated(reason, link),
            M::OrganisationSuspended { organisation, reason, link } => {
                standing::organisation_suspended(&title(organisation), reason, link)
            }
            M::OrganisationReinstated { organisation, reason, link } => {
                standing::organisation_reinstated(&title(organisation), reason, link)
            }
            M::MilestoneRejected { challenge_title, milestone_title, reason, link } => {
                milestone_rejected(&title(challenge_title), &title(milestone_title), reason, link)
            }
        }
    }
}

fn confirm_email(name: &str, link: &str) -> Content {
    Content {
        subject: "Confirm your e-mail address".into(),
        happened: format!("An account for {name} was registered at Provoco with this address."),
        quote: Vec::new(),
        next: "Confirm that the address is yours; then you can sign in. If you did not register, do nothing: the \
               address stays unconfirmed."
            .into(),
        action: "Confirm this address",
        link: link.into(),
        why: "somebody, most likely you, gave this address when registering.",
    }
}

fn bid_received(challenge: &str, reference: &str, version: i32, received_at: &str, link: &str) -> Content {
    Content {
        subject: format!("Offer received: {challenge} ({reference})"),
        happened: format!(
            "Version {version} of your organisation's offer for “{challenge}” ({reference}) was received on {}.",
            received_at
        ),
        quote: Vec::new(),
        next: "The receipt is signed: keep it, and anybody can check it without an account. Nobody but your organisation can \
               see the offer before the opening. Until the deadline your organisation can replace or withdraw it."
            .into(),
        action: "See the receipt",
        link: link.into(),
        why: WHY_BIDDER,
    }
}

fn challenge_closed(challenge: &str, reference: &str, closed_at: &str, link: &str) -> Content {
    Content {
        subject: format!("Closed for offers: {challenge} ({reference})"),
        happened: format!(
            "“{challenge}” ({reference}) was closed for offers on {}: its deadline has passed.",
            closed_at
        ),
        quote: Vec::new(),
        next: "Nobody can see the offers until two members of the opening committee open them together.".into(),
        action: "Prepare the opening",
        link: link.into(),
        why: "you are an officer of the agency that published this challenge.",
    }
}

fn awarded(challenge: &str, reference: &str, standstill_until: &str, link: &str) -> Content {
    Content {
        subject: format!("Your offer was chosen: {challenge} ({reference})"),
        happened: format!(
            "The agency has decided on “{challenge}” ({reference}) and chose your organisation's offer for a pilot."
        ),
        quote: Vec::new(),
        next: format!(
            "The standstill period runs until {}. The pilot agreement can be signed after it, unless a complaint is \
             open then. The reasons for the decision are on the page of the award.",
            standstill_until
        ),
        action: "See the award",
        link: link.into(),
        why: WHY_BIDDER,
    }
}

fn not_awarded(challenge: &str, reference: &str, standstill_until: &str, link: &str) -> Content {
    Content {
        subject: format!("Your offer was not chosen: {challenge} ({reference})"),
        happened: format!(
            "The agency has decided on “{challenge}” ({reference}) and did not choose your organisation's offer."
        ),
        quote: Vec::new(),
        next: format!(
            "Your feedback, with the reasons for the decision, is ready to read. The standstill period runs until {}; \
             until then no pilot agreement is signed, and your organisation can object.",
            standstill_until
        ),
        action: "Read the feedback",
        link: link.into(),
        why: WHY_BIDDER,
    }
}

fn milestone_accepted(challenge: &str, milestone: &str, accepted_at: &str, link: &str) -> Content {
    Content {
        subject: format!("Milestone accepted: {milestone}"),
        happened: format!(
            "The agency accepted the delivery for the milestone “{milestone}” of the pilot for “{challenge}” on {}.",
            accepted_at
        ),
        quote: Vec::new(),
        next: "Your organisation can now invoice this milestone and go on with the next one.".into(),
        action: "See the pilot",
        link: link.into(),
        why: WHY_PILOT,
    }
}

fn review_requested(challenge: &str, link: &str) -> Content {
    Content {
        subject: format!("Review requested: {challenge}"),
        happened: format!("The draft of the challenge “{challenge}” is ready and waits for an officer's review."),
        quote: Vec::new(),
        next: "An officer approves it or asks for changes. Whoever edited it last cannot approve it.".into(),
        action: "Review the challenge",
        link: link.into(),
        why: "you are an officer of the agency that drafts this challenge.",
    }
}

fn changes_requested(challenge: &str, comment: &str, link: &str) -> Content {
    Content {
        subject: format!("Changes requested: {challenge}"),
        happened: format!("An officer reviewed the challenge “{challenge}” and asks for changes:"),
        quote: lines(comment),
        next: "Edit the challenge, then send it for review again.".into(),
        action: "Edit the challenge",
        link: link.into(),
        why: "you are an author of this challenge.",
    }
}

fn milestone_delivered(challenge: &str, milestone: &str, link: &str) -> Content {
    Content {
        subject: format!("Milestone delivered: {milestone}"),
        happened: format!("There is a delivery for the milestone “{milestone}” of the pilot for “{challenge}”."),
        quote: Vec::new(),
        next: "Accept it, or reject it with reasons. The company is told either way.".into(),
        action: "See the delivery",
        link: link.into(),
        why: "you manage the pilots of the agency that published this challenge.",
    }
}

fn milestone_rejected(challenge: &str, milestone: &str, reason: &str, link: &str) -> Content {
    Content {
        subject: format!("Milestone rejected: {milestone}"),
        happened: format!(
            "The agency rejected the delivery for the milestone “{milestone}” of the pilot for “{challenge}”, with this \
             reason:"
        ),
        quote: lines(reason),
        next: "Your organisation can put it right and deliver again.".into(),
        action: "See the pilot",
        link: link.into(),
        why: WHY_PILOT,
    }
}
