//! What there is to tell.

mod api_keys;
mod bidders;

pub use api_keys::{ApiKeyCreated, ApiKeyExpires, ApiKeyRotated};
pub use bidders::{PartnerAsked, PartnerDeclined, TeamConsentAsked};

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    duty::{DutyKind, DutyMoment},
    facts::{NewChallenge, SecurityChange},
    news::News,
};

/// One thing to tell one person by mail; stored in the outbox as JSON, tagged by `kind`.
///
/// Every `link` is a path on this installation with its query, such as `/challenges/2026-0007`; the address of the
/// installation is put before it when the mail is rendered. All other text may come from anybody: it is cleaned and
/// escaped when rendered, never trusted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Message {
    /// To a new user: prove that this address is yours.
    ConfirmEmail {
        /// Name of the person the account was registered for.
        name: String,
        /// Page that takes the confirmation; holds the single-use token and signs nobody in.
        link: String,
    },
    /// To the owner of an account: somebody wants to register this address again.
    AccountExists {
        /// Where a forgotten password is replaced.
        link: String,
    },
    /// To the owner of an account: choose another password.
    ResetPassword {
        /// Page that takes the new password; holds the single-use token and signs nobody in.
        link: String,
    },
    /// To an address that shall become an account's: prove that it is yours.
    ConfirmEmailChange {
        /// Page that takes the confirmation; holds the single-use token.
        link: String,
    },
    /// To the former address of an account.
    EmailChanged {
        /// Until when the link works.
        until: DateTime<Utc>,
        /// Page that takes the old address back; holds the single-use token.
        link: String,
    },
    /// To the owner of an account: something about how they come in has changed.
    SecurityNotice {
        /// What.
        change: SecurityChange,
        /// When.
        at: DateTime<Utc>,
        /// Where to go if it was somebody else.
        link: String,
    },
    /// To the company: a version of its bid is in.
    BidReceived {
        /// Title of the challenge.
        challenge_title: String,
        /// Public reference of the challenge.
        challenge_reference: String,
        /// Number of the version that is now in force, counted from 1.
        version: i32,
        /// Time of receipt, the one that counts for the deadline.
        received_at: DateTime<Utc>,
        /// The receipt.
        link: String,
    },
    /// To the company: a version of its unpriced solution is in.
    SolutionReceived {
        /// Title of the challenge.
        challenge_title: String,
        /// Public reference of the challenge.
        challenge_reference: String,
        /// Number of the version that is now in force, counted from 1.
        version: i32,
        /// Time of receipt, the one that counts for the deadline.
        received_at: DateTime<Utc>,
        /// The receipt.
        link: String,
    },
    /// To the agency's officers: solutions are no longer taken. Says nothing of how many there are.
    SolutionsClosed {
        /// Title of the challenge.
        challenge_title: String,
        /// Public reference of the challenge.
        challenge_reference: String,
        /// The challenge, where the opening starts.
        link: String,
    },
    /// To a company whose solution passed: it is invited to bid. Says nothing of who else is.
    Shortlisted {
        /// Title of the challenge.
        challenge_title: String,
        /// Public reference of the challenge.
        challenge_reference: String,
        /// Why, in the officer's words.
        reason: String,
        /// Until when it can bid.
        deadline: DateTime<Utc>,
        /// The challenge.
        link: String,
    },
    /// To a company whose solution did not pass.
    NotShortlisted {
        /// Title of the challenge.
        challenge_title: String,
        /// Public reference of the challenge.
        challenge_reference: String,
        /// Why, in the officer's words.
        reason: String,
        /// The challenge.
        link: String,
    },
    /// To the members of an opening committee: try your key on an envelope in which there is nothing.
    Rehearsal {
        /// Title of the challenge.
        challenge_title: String,
        /// Public reference of the challenge.
        challenge_reference: String,
        /// Until when bids are taken, if they are taken already.
        deadline: Option<DateTime<Utc>>,
        /// The challenge.
        link: String,
    },
    /// To bidders whose envelope cannot be opened without them: give its key.
    KeyAskedFor {
        /// Title of the challenge.
        challenge_title: String,
        /// Public reference of the challenge.
        challenge_reference: String,
        /// Why.
        reason: String,
        /// Before when.
        due_at: DateTime<Utc>,
        /// The challenge.
        link: String,
    },
    /// To the agency's officers: the submission deadline has passed. Says nothing of how many bids there are, which
    /// nobody may know before the opening.
    ChallengeClosed {
        /// Title of the challenge.
        challenge_title: String,
        /// Public reference of the challenge.
        challenge_reference: String,
        /// When the challenge was closed.
        closed_at: DateTime<Utc>,
        /// The challenge, where the opening starts.
        link: String,
    },
    /// To the agency's officers: the deadline of a market consultation has passed.
    ConsultationClosed {
        /// Title of the consultation.
        challenge_title: String,
        /// Public reference of the consultation.
        challenge_reference: String,
        /// When it was closed.
        closed_at: DateTime<Utc>,
        /// The consultation, where the responses are.
        link: String,
    },
    /// To the agency's officers: the deadline has passed, and answers are late.
    ClosingHeld {
        /// Title of the challenge.
        challenge_title: String,
        /// Public reference of the challenge.
        challenge_reference: String,
        /// The questions.
        link: String,
    },
    /// To the agency's officers: the service could not be used shortly before the deadline, or when it passed.
    ExtensionProposed {
        /// Title of the challenge.
        challenge_title: String,
        /// Public reference of the challenge.
        challenge_reference: String,
        /// Since when the service could not be used.
        started_at: DateTime<Utc>,
        /// Until when.
        ended_at: DateTime<Utc>,
        /// Until when bids are, or were, taken.
        deadline: DateTime<Utc>,
        /// The proposals, where they are accepted or dismissed.
        link: String,
    },
    /// To the agency's authors and officers: somebody asked. Never who.
    QuestionAsked {
        /// Title of the challenge.
        challenge_title: String,
        /// Public reference of the challenge.
        challenge_reference: String,
        /// The question, in any number of lines.
        question: String,
        /// Before when it is to be answered.
        due_at: DateTime<Utc>,
        /// The questions.
        link: String,
    },
    /// To those who bid for the company that asked: the agency does not answer the question.
    QuestionDeclined {
        /// Title of the challenge.
        challenge_title: String,
        /// The question, in any number of lines.
        question: String,
        /// Why, in any number of lines.
        reason: String,
        /// The questions.
        link: String,
    },
    /// To those who bid for the company that asked: there is an answer to the same question already.
    QuestionAnsweredBefore {
        /// Title of the challenge.
        challenge_title: String,
        /// The question, in any number of lines.
        question: String,
        /// The number of the question that was answered.
        number: i32,
        /// The questions.
        link: String,
    },
    /// To everybody who follows a challenge, asked, downloaded or bids.
    ChallengeNews {
        /// Title of the challenge.
        challenge_title: String,
        /// Public reference of the challenge.
        challenge_reference: String,
        /// What happened to it.
        news: News,
        /// The challenge.
        link: String,
    },
    /// To who keeps a search: challenges were published that it finds.
    SearchAlert {
        /// The name of the search.
        name: String,
        /// What is new, the newest first; at least one.
        challenges: Vec<NewChallenge>,
        /// How many there are beside those.
        more: usize,
        /// The search and its settings.
        link: String,
    },
    /// To who keeps a file: a virus scanner found something in it.
    FileInfected {
        /// Name of the file, or title of the document.
        name: String,
        /// What was found, in the scanner's words.
        signature: String,
        /// Where the file is kept.
        link: String,
    },
    /// To a bidder that was chosen.
    Awarded {
        /// Title of the challenge.
        challenge_title: String,
        /// Public reference of the challenge.
        challenge_reference: String,
        /// End of the standstill period; nothing is signed before.
        standstill_until: DateTime<Utc>,
        /// The award, with the debrief.
        link: String,
    },
    /// To a bidder that was not chosen.
    NotAwarded {
        /// Title of the challenge.
        challenge_title: String,
        /// Public reference of the challenge.
        challenge_reference: String,
        /// End of the standstill period, until when an objection stops the signing.
        standstill_until: DateTime<Utc>,
        /// The award, with the debrief.
        link: String,
    },
    /// To the company that carries out the pilot: the agency accepted a delivery.
    MilestoneAccepted {
        /// Title of the challenge.
        challenge_title: String,
        /// Title of the milestone.
        milestone_title: String,
        /// When the delivery was accepted.
        accepted_at: DateTime<Utc>,
        /// The pilot, at this milestone.
        link: String,
    },
    /// To the agency's officers: the challenge could not be published at the time that was set.
    PublicationFailed {
        /// Title of the challenge.
        challenge_title: String,
        /// Why not.
        reason: String,
        /// The challenge.
        link: String,
    },
    /// To a partner: a company asks the organisation to bid together, or asks again because something changed.
    PartnerAsked(PartnerAsked),
    /// To the lead of a consortium: a partner does not take part, or not any more.
    PartnerDeclined(PartnerDeclined),
    /// To somebody who need not have an account: a company asks whether it may name them in its bid.
    TeamConsentAsked(TeamConsentAsked),
    /// To a company: an agency asks it to look at a challenge.
    SolutionInvited {
        /// Title of the challenge.
        challenge_title: String,
        /// Public reference of the challenge.
        challenge_reference: String,
        /// Name of the agency.
        agency: String,
        /// Title of the listing that made the agency think of the company.
        solution_title: String,
        /// What the agency says.
        words: String,
        /// Until when bids are taken.
        deadline: DateTime<Utc>,
        /// The challenge.
        link: String,
    },
    /// To the agency's officers: a draft waits for approval.
    ReviewRequested {
        /// Title of the challenge.
        challenge_title: String,
        /// The challenge under review.
        link: String,
    },
    /// To the author: the draft came back.
    ChangesRequested {
        /// Title of the challenge.
        challenge_title: String,
        /// What the officer asks for, in any number of lines.
        comment: String,
        /// The challenge, to be edited.
        link: String,
    },
    /// To the agency's pilot managers: a delivery waits for acceptance.
    MilestoneDelivered {
        /// Title of the challenge.
        challenge_title: String,
        /// Title of the milestone.
        milestone_title: String,
        /// The pilot, at this milestone.
        link: String,
    },
    /// To a person whom an administrator keeps out.
    AccountSuspended {
        /// Why, in any number of lines.
        reason: String,
        /// The installation.
        link: String,
    },
    /// To a person whom an administrator lets in again.
    AccountReinstated {
        /// Why, in any number of lines.
        reason: String,
        /// The installation.
        link: String,
    },
    /// To the owners of an organisation that an administrator keeps from acting.
    OrganisationSuspended {
        /// Its legal name.
        organisation: String,
        /// Why, in any number of lines.
        reason: String,
        /// The organisation.
        link: String,
    },
    /// To the owners of an organisation that an administrator lets act again.
    OrganisationReinstated {
        /// Its legal name.
        organisation: String,
        /// Why, in any number of lines.
        reason: String,
        /// The organisation.
        link: String,
    },
    /// To the company that carries out the pilot: the agency rejected a delivery.
    MilestoneRejected {
        /// Title of the challenge.
        challenge_title: String,
        /// Title of the milestone.
        milestone_title: String,
        /// Why, in any number of lines.
        reason: String,
        /// The pilot, at this milestone.
        link: String,
    },
    /// To somebody who need not have an account: an organisation wants them as a member.
    Invitation {
        /// Name of the organisation.
        organisation: String,
        /// Name of the owner who invites.
        invited_by: String,
        /// The roles, by their names in the API.
        roles: Vec<String>,
        /// What the owner wrote, in any number of lines; may be empty.
        words: String,
        /// From when on the link does not work any more.
        expires_at: DateTime<Utc>,
        /// Page that takes the answer; holds the single-use token.
        link: String,
    },
    /// To the colleague and the owners: somebody lent a role.
    RoleDelegated {
        /// Name of the organisation.
        organisation: String,
        /// The role, by its name in the API.
        role: String,
        /// Name of whoever lends it.
        delegator: String,
        /// Name of the colleague.
        delegate: String,
        /// From when on it works.
        starts_at: DateTime<Utc>,
        /// Until when.
        ends_at: DateTime<Utc>,
        /// Why, in any number of lines.
        reason: String,
        /// The organisation.
        link: String,
    },
    /// To the owners of an agency: members lose their access unless somebody vouches for them.
    CertificationDue {
        /// Name of the agency.
        organisation: String,
        /// Names of the members.
        names: Vec<String>,
        /// When the first of them loses access.
        until: DateTime<Utc>,
        /// The agency.
        link: String,
    },
    /// To the administrators: nobody vouched for the last owner of an agency.
    OwnerUncertified {
        /// Name of the agency.
        organisation: String,
        /// Name of the owner.
        name: String,
        /// When the certification ended.
        until: DateTime<Utc>,
        /// The agency.
        link: String,
    },
    /// To somebody who has not logged in for long.
    InactivityWarning {
        /// When the account is deactivated, unless the person logs in.
        deactivated_at: DateTime<Utc>,
        /// Where to log in.
        link: String,
    },
    /// To the owners of an organisation: a standing document will soon be good no longer.
    DocumentExpires {
        /// Name of the organisation.
        organisation: String,
        /// Title of the document.
        title: String,
        /// The last day it is good.
        expires_on: NaiveDate,
        /// The organisation.
        link: String,
    },
    /// To whoever made an API key, and to the owners of its organisation.
    ApiKeyCreated(ApiKeyCreated),
    /// To whoever made an API key, and to the owners of its organisation: it has a new secret.
    ApiKeyRotated(ApiKeyRotated),
    /// To whoever made an API key: it will soon work no longer.
    ApiKeyExpires(ApiKeyExpires),
    /// To those in an organisation whose task something is, or to its owners: it is owed.
    DutyReminder {
        /// What is owed.
        duty: DutyKind,
        /// Why there is a mail now.
        moment: DutyMoment,
        /// Title of the challenge that it belongs to.
        challenge_title: String,
        /// Before when it is, or was, to be done.
        due_at: DateTime<Utc>,
        /// Where it is done.
        link: String,
    },
    /// To somebody who did not log in in time.
    AccountDeactivated {
        /// Page that lets the person come back.
        link: String,
    },
}
