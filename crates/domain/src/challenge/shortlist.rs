//! Two-stage challenges: unpriced solutions first, a shortlist, and an invitation to bid to those on it (Directive
//! 2014/24/EU, articles 28, 31, 65 and 80(3)).

use super::{Challenge, ChallengeStatus, Content, change_notice::require_kept, publication::rfc3339};
use crate::{
    Actor, Bid, BidId, BidStatus, Checks, Event, Opening, PeriodRules, Refusal, Result, Role, Timeline, bid::BidStage,
};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// The fewest companies that are invited, as long as so many solutions are admitted: enough for genuine competition
/// (Directive 2014/24/EU, article 65(2)).
pub const FEWEST: i32 = 3;

/// The most that a challenge can foresee.
pub const MOST: i32 = 20;

/// That a challenge has two stages, and how the first one goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shortlisting {
    /// Unpriced solutions are taken while the database clock is before this instant. A draft may lack it.
    pub solution_deadline: Option<DateTime<Utc>>,
    /// How many companies are invited to bid at most, [`FEWEST`] to [`MOST`].
    pub most: i32,
}

/// How far the first stage of a two-stage challenge has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FirstStage {
    /// When the scheduler ended it, at or after the deadline for solutions, and told the officers.
    pub closed_at: Option<DateTime<Utc>>,
    /// When the committee had opened the solutions.
    pub opened_at: Option<DateTime<Utc>>,
    /// When the shortlist was decided, and those on it were invited to bid.
    pub shortlisted_at: Option<DateTime<Utc>>,
}

/// What is decided about one solution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The solution.
    pub bid: BidId,
    /// Why, for its company; 1 to 5,000 characters.
    pub reason: String,
}

/// What is decided about all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shortlist {
    /// Those who are invited to bid.
    pub shortlisted: Vec<Decision>,
    /// Those who are not.
    pub not_shortlisted: Vec<Decision>,
    /// Whether whoever decides declares to have no conflict of interest with any candidate (article 24).
    pub no_conflict: bool,
}

impl Challenge {
    /// How the first stage goes; refused for a challenge that has only one.
    pub fn require_two_stages(&self) -> Result<Shortlisting> {
        self.content.shortlisting.ok_or(Refusal::OneStage)
    }

    /// The instant before which solutions are taken.
    pub fn solution_deadline(&self) -> Result<DateTime<Utc>> {
        let missing = || Refusal::Incomplete("the challenge has no deadline for solutions".to_owned());
        self.require_two_stages()?.solution_deadline.ok_or_else(missing)
    }

    /// Until when bids of this stage are taken.
    pub fn stage_deadline(&self, stage: BidStage) -> Result<DateTime<Utc>> {
        match stage {
            BidStage::Solution => self.solution_deadline(),
            BidStage::Offer => self.deadline(),
        }
    }

    /// The deadline that companies work towards: that for solutions until these are opened, then that for offers.
    pub fn next_deadline(&self) -> Result<DateTime<Utc>> {
        self.stage_deadline(self.stage())
    }

    /// Whether a company that has done nothing yet can still take part.
    pub fn require_open_to_newcomers(&self, now: DateTime<Utc>) -> Result<()> {
        let first = if self.content.shortlisting.is_some() { BidStage::Solution } else { BidStage::Offer };
        self.require_stage_open(first, now)
    }

    /// Whether solutions are not taken any more: their box was shut, or opened.
    pub(crate) fn are_solutions_closed(&self) -> bool {
        self.first_stage.closed_at.or(self.first_stage.opened_at).is_some()
    }

    /// The stage that companies work towards: solutions until these are opened, then offers.
    pub fn stage(&self) -> BidStage {
        let first = self.content.shortlisting.is_some() && self.first_stage.opened_at.is_none();
        if first && self.status != ChallengeStatus::Closed { BidStage::Solution } else { BidStage::Offer }
    }

    /// Whether a bid of this stage that is received at `now` is in time.
    pub fn require_stage_open(&self, stage: BidStage, now: DateTime<Utc>) -> Result<()> {
        match stage {
            BidStage::Solution => {
                let deadline = self.solution_deadline()?;
                self.require_open(now)?;
                let open = now < deadline && self.first_stage.opened_at.is_none();
                if open { Ok(()) } else { Err(Refusal::DeadlinePassed) }
            }
            BidStage::Offer => {
                self.require_open(now)?;
                let pending = self.content.shortlisting.is_some() && self.first_stage.shortlisted_at.is_none();
                if pending { Err(Refusal::ShortlistPending) } else { Ok(()) }
            }
        }
    }

    /// In the second stage only companies on the shortlist bid. `solution` is the company's own, if it handed in one.
    pub(crate) fn require_invited(&self, stage: BidStage, solution: Option<&Bid>) -> Result<()> {
        let everybody = stage == BidStage::Solution || self.content.shortlisting.is_none();
        let invited = solution.is_some_and(|solution| solution.status == BidStatus::Shortlisted);
        if everybody || invited { Ok(()) } else { Err(Refusal::NotShortlisted) }
    }

    /// Refuses unless it is time to open the solutions, and that has not been done. As offers are opened once the box is
    /// shut, solutions are once the scheduler has ended the first stage: after a downtime it looks for outages before.
    pub fn require_solutions_sealed(&self, now: DateTime<Utc>) -> Result<()> {
        self.require_first_stage_over(now)?;
        match self.first_stage.closed_at {
            Some(_) => Ok(()),
            None => Err(Refusal::Incomplete("the first stage is just being ended; try again in a minute".to_owned())),
        }
    }

    fn require_first_stage_over(&self, now: DateTime<Utc>) -> Result<()> {
        let deadline = self.solution_deadline()?;
        self.require_status(&[ChallengeStatus::Published], "published")?;
        match () {
            () if self.first_stage.opened_at.is_some() => Err(Refusal::AlreadyDone),
            () if now < deadline => Err(Refusal::DeadlineNotReached),
            () => Ok(()),
        }
    }

    /// Refuses unless the solutions are open, and the shortlist is not decided.
    pub fn require_shortlist_pending(&self) -> Result<()> {
        self.require_two_stages()?;
        self.require_status(&[ChallengeStatus::Published], "published")?;
        match self.first_stage {
            FirstStage { shortlisted_at: Some(_), .. } => Err(Refusal::AlreadyDone),
            FirstStage { opened_at: None, .. } => {
                Err(Refusal::Incomplete("the solutions are not opened yet".to_owned()))
            }
            FirstStage { .. } => Ok(()),
        }
    }

    /// Only officers and auditors of the agency see which solutions there are; for everybody else there is no list.
    pub fn require_solutions_visible(&self, actor: &Actor) -> Result<()> {
        self.require_visible(Some(actor))?;
        if self.is_judged_by(actor) { Ok(()) } else { Err(Refusal::NotFound("list of solutions")) }
    }

    /// The deadline for solutions has passed: the scheduler ends the first stage. Nothing but the recorded deadline decides
    /// what is late.
    pub fn close_solutions(&mut self, now: DateTime<Utc>) -> Result<Event> {
        self.require_first_stage_over(now)?;
        if self.first_stage.closed_at.is_some() {
            return Err(Refusal::AlreadyDone);
        }
        self.first_stage.closed_at = Some(now);
        Ok(self.event("challenge.solutions_closed", json!({ "reference": self.reference })))
    }

    /// The solutions are open once enough holders brought their shares and each envelope was opened. How many there are
    /// stays with the agency until the award, or those invited would know how many rivals they have.
    pub fn open_solutions(&mut self, opening: &Opening, solutions: usize, now: DateTime<Utc>) -> Result<Event> {
        self.require_solutions_sealed(now)?;
        opening.require_complete()?;
        self.first_stage.opened_at = Some(now);
        let details = json!({ "openedBy": opening.attended(), "numberOfSolutions": solutions });
        Ok(self.event("challenge.solutions_opened", json!({ "reference": self.reference })).with(details))
    }

    /// An officer decides who is invited to bid, once and for all. Every admitted solution is decided about, at least
    /// [`FEWEST`] pass as long as there are so many, and the deadline leaves the minimum period from now on (article 28(2)).
    pub fn shortlist(
        &mut self,
        actor: &Actor,
        solutions: &mut [Bid],
        shortlist: &Shortlist,
        rules: &PeriodRules,
        now: DateTime<Utc>,
    ) -> Result<(Timeline, Vec<Event>)> {
        self.require_visible(Some(actor))?;
        actor.require(Role::Officer, self.agency)?;
        let most = self.require_two_stages()?.most;
        self.require_shortlist_pending()?;
        self.require_open(now)?;
        require_checked(solutions)?;
        shortlist.check(actor, solutions, most)?;
        let timeline = self.require_time_to_bid(rules, now)?;
        let mut events = Vec::new();
        for (decision, passes) in shortlist.decisions() {
            if let Some(solution) = solutions.iter_mut().find(|solution| solution.id == decision.bid) {
                events.push(solution.pass(passes, &decision.reason)?);
            }
        }
        self.first_stage.shortlisted_at = Some(now);
        let ids = |decisions: &[Decision]| decisions.iter().map(|decision| decision.bid).collect::<Vec<_>>();
        let details = json!({
            "shortlisted": ids(&shortlist.shortlisted), "notShortlisted": ids(&shortlist.not_shortlisted),
            "noConflict": shortlist.no_conflict,
        });
        events.push(self.event("challenge.shortlisted", json!({ "reference": self.reference })).with(details));
        Ok((timeline, events))
    }

    /// The dates if companies were invited now. Says by how much the deadline is too early.
    fn require_time_to_bid(&self, rules: &PeriodRules, now: DateTime<Utc>) -> Result<Timeline> {
        let deadline = self.deadline()?;
        let timeline = self.content.timeline(rules, self.published_at.unwrap_or(now), Some(now));
        let earliest = &timeline.earliest_deadline;
        let missing = earliest.ends_at - deadline;
        if missing <= TimeDelta::zero() {
            return Ok(timeline);
        }
        let hours = (missing + TimeDelta::hours(1) - TimeDelta::microseconds(1)).num_hours();
        Err(Refusal::Incomplete(format!(
            "the submission deadline is {hours} hour(s) too early for those invited now: first move it to {} or later, with \
             a change notice. {}",
            rfc3339(earliest.ends_at),
            earliest.explanation()
        )))
    }

    /// Whether the challenge can end without award in its first stage: the solutions are open and none was admitted.
    pub(super) fn has_no_candidates(&self, solutions: &[Bid]) -> bool {
        let live = |bid: &Bid| matches!(bid.status, BidStatus::Submitted | BidStatus::Opened | BidStatus::Admitted);
        self.require_shortlist_pending().is_ok() && !solutions.iter().any(live)
    }
}

/// Refuses until each solution was admitted or disqualified.
fn require_checked(solutions: &[Bid]) -> Result<()> {
    let unchecked = solutions.iter().filter(|solution| solution.status == BidStatus::Opened).count();
    if unchecked == 0 {
        return Ok(());
    }
    Err(Refusal::Incomplete(format!("{unchecked} solution(s) are neither admitted nor disqualified yet")))
}

impl Shortlist {
    /// All decisions, and whether each invites.
    fn decisions(&self) -> impl Iterator<Item = (&Decision, bool)> {
        let passed = self.shortlisted.iter().map(|decision| (decision, true));
        passed.chain(self.not_shortlisted.iter().map(|decision| (decision, false)))
    }

    fn check(&self, actor: &Actor, solutions: &[Bid], most: i32) -> Result<()> {
        let admitted: Vec<_> = solutions.iter().filter(|bid| bid.status == BidStatus::Admitted).collect();
        let mut checks = Checks::new();
        let words = "declare that you have no conflict of interest with any candidate, or leave it to somebody else";
        checks.require(self.no_conflict, "/noConflict", "required", words);
        for (list, decisions) in [("shortlisted", &self.shortlisted), ("notShortlisted", &self.not_shortlisted)] {
            for (i, decision) in decisions.iter().enumerate() {
                let known = admitted.iter().any(|bid| bid.id == decision.bid);
                checks.require(known, format!("/{list}/{i}/bid"), "unknown", "no admitted solution of this challenge");
                let once = self.decisions().filter(|(other, _)| other.bid == decision.bid).count() == 1;
                checks.require(once, format!("/{list}/{i}/bid"), "duplicate", "is decided about twice");
                checks.text(&decision.reason, 5000, format!("/{list}/{i}/reason"));
            }
        }
        let decided = |bid: &&&Bid| self.decisions().any(|(decision, _)| decision.bid == bid.id);
        let left = admitted.len() - admitted.iter().filter(decided).count();
        checks.require(left == 0, "/notShortlisted", "incomplete", format!("{left} solution(s) are not decided about"));
        self.check_count(admitted.len(), most, &mut checks);
        checks.done()?;
        match admitted.iter().any(|bid| actor.belongs_to(bid.company)) {
            true => Err(Refusal::FourEyes("you belong to a company that handed in a solution")),
            false => Ok(()),
        }
    }

    fn check_count(&self, admitted: usize, most: i32, checks: &mut Checks) {
        let size = |number: i32| usize::try_from(number).unwrap_or(0);
        let (least, count) = (size(FEWEST).min(admitted), self.shortlisted.len());
        let words = format!("at least {least}, for genuine competition");
        checks.require(count >= least, "/shortlisted", "too_few", words);
        let words = format!("the challenge says: at most {most}");
        checks.require(count <= size(most), "/shortlisted", "too_many", words);
    }
}

impl Content {
    /// The dates that follow if everybody reads it from `published` on, and companies are invited at `invited`, or else as
    /// soon as solutions are no longer taken.
    pub fn timeline(&self, rules: &PeriodRules, published: DateTime<Utc>, invited: Option<DateTime<Utc>>) -> Timeline {
        let Some(shortlisting) = self.shortlisting.filter(|_| self.procedure.takes_bids()) else {
            return rules.timeline(published, self.submission_deadline);
        };
        let from = invited.or(shortlisting.solution_deadline).unwrap_or(published);
        let first = rules.timeline(published, None).earliest_deadline;
        let timeline = rules.timeline(from, self.submission_deadline);
        Timeline { earliest_solution_deadline: Some(first), ..timeline }
    }

    /// Refuses dates that do not leave the minimum periods.
    pub(crate) fn check_periods(&self, timeline: &Timeline, deadline: DateTime<Utc>) -> Result<()> {
        let mut checks = Checks::new();
        let solutions = self.shortlisting.and_then(|shortlisting| shortlisting.solution_deadline);
        if let Some((at, earliest)) = solutions.zip(timeline.earliest_solution_deadline.as_ref()) {
            let words = format!("must not be before {}: {}", rfc3339(earliest.ends_at), earliest.explanation());
            checks.require(at >= earliest.ends_at, "/shortlisting/solutionDeadline", "period_too_short", words);
        }
        checks.merge(timeline.check(deadline, &self.planned_dates))?;
        checks.done()
    }

    /// What is missing or wrong about the two stages.
    pub(super) fn check_shortlisting(&self, checks: &mut Checks) {
        let Some(shortlisting) = self.shortlisting else { return };
        let words = "every interested company may bid in this procedure, so none can be left out before";
        checks.require(self.procedure.may_shortlist(), "/shortlisting", "not_allowed", words);
        let at = "/shortlisting/solutionDeadline";
        checks.require(shortlisting.solution_deadline.is_some(), at, "required", "set a deadline for solutions");
        let dates = shortlisting.solution_deadline.zip(self.submission_deadline);
        let in_order = dates.is_none_or(|(solutions, offers)| solutions < offers);
        checks.require(in_order, at, "wrong_order", "solutions come before offers");
    }

    /// What even a draft must keep to.
    pub(super) fn check_draft_shortlisting(&self, checks: &mut Checks) {
        let within = self.shortlisting.is_none_or(|shortlisting| (FEWEST..=MOST).contains(&shortlisting.most));
        checks.require(within, "/shortlisting/most", "out_of_range", format!("from {FEWEST} to {MOST}"));
    }
}

impl Challenge {
    /// A published challenge keeps its stages. The deadline for solutions never comes nearer, a material change moves it as
    /// it moves the other one, and it stays where it is once it has passed.
    pub(super) fn check_shortlisting_change(
        &self,
        changed: &Content,
        extension: impl FnOnce(DateTime<Utc>) -> Option<crate::ComputedDate>,
        checks: &mut Checks,
        now: DateTime<Utc>,
    ) {
        let (before, after) = (self.content.shortlisting, changed.shortlisting);
        let same = before.is_some() == after.is_some();
        checks.require(same, "/shortlisting", "not_changeable", "stays as it was published");
        let deadlines = |list: Option<Shortlisting>| list.and_then(|shortlisting| shortlisting.solution_deadline);
        let (Some(before), Some(after)) = (deadlines(before), deadlines(after)) else { return };
        let at = "/shortlisting/solutionDeadline";
        let passed = self.status == ChallengeStatus::Published && now >= before;
        if passed || self.are_solutions_closed() {
            checks.require(before == after, at, "not_changeable", "has passed");
            // How many are invited must not depend on what they handed in (Directive 2014/24/EU, article 65(2)).
            let most = |list: Option<Shortlisting>| list.map(|shortlisting| shortlisting.most);
            let as_many = most(self.content.shortlisting) == most(changed.shortlisting);
            checks.require(as_many, "/shortlisting/most", "not_changeable", "the solutions are in");
        } else {
            require_kept(at, after, before, extension(before.max(now)).as_ref(), checks);
        }
    }

    /// More time for solutions after an outage: the officers are told anew when they can be opened.
    pub(super) fn take_solutions_until(&mut self, deadline: DateTime<Utc>) {
        if let Some(shortlisting) = &mut self.content.shortlisting {
            shortlisting.solution_deadline = Some(deadline);
            self.first_stage.closed_at = None;
        }
    }

    /// After a suspension solutions are taken as long as before, if they still were when it began.
    pub(super) fn move_solution_deadline(&mut self, by: TimeDelta, since: DateTime<Utc>) {
        if let Some(shortlisting) = &mut self.content.shortlisting {
            let ahead = |deadline: &DateTime<Utc>| *deadline > since;
            let moved = shortlisting.solution_deadline.filter(ahead).map(|deadline| deadline + by);
            shortlisting.solution_deadline = moved.or(shortlisting.solution_deadline);
        }
    }
}
