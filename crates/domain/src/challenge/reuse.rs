//! Challenges made from earlier ones: copies, relaunches and templates.

use super::{Challenge, ChallengeStatus, Content};
use crate::{
    Actor, ChallengeId, Checks, Event, Organisation, OrganisationId, Procedure, Refusal, Result, Role, Subject,
    TemplateId, UserId,
};
use chrono::{DateTime, Utc};
use serde_json::json;

/// The most templates of one agency.
pub const MOST_TEMPLATES: usize = 200;

/// A content that an agency begins new challenges with.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    /// Its id.
    pub id: TemplateId,
    /// Whose it is.
    pub agency: OrganisationId,
    /// What it is called; 1 to 100 characters, unique in the agency.
    pub name: String,
    /// What new challenges say at first; without dates.
    pub content: Content,
    /// Who made it.
    pub author: UserId,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

impl Challenge {
    /// What a new challenge takes over from this one: everything that `actor` may read, but for the dates.
    pub fn reusable(&self, actor: &Actor) -> Result<Content> {
        self.require_visible(Some(actor))?;
        let content = self.content.clone().undated();
        Ok(if actor.belongs_to(self.agency) { content } else { content.without_confidential_details() })
    }

    /// An author tries again what ended without a scaled solution: a new draft that is linked to this challenge, unless nobody
    /// outside of the agency ever knew of it. What follows a market consultation takes bids.
    pub fn relaunch(
        &self,
        id: ChallengeId,
        reference: String,
        actor: &Actor,
        agency: &Organisation,
        now: DateTime<Utc>,
    ) -> Result<(Self, Event)> {
        use ChallengeStatus::{Cancelled, ClosedWithoutAward, Completed};
        let mut content = self.reusable(actor)?;
        if !content.procedure.takes_bids() {
            content.procedure = Procedure::SmallPilot;
        }
        actor.require(Role::Author, self.agency)?;
        self.require_status(
            &[Cancelled, ClosedWithoutAward, Completed],
            "cancelled, closed_without_award or completed",
        )?;
        let (mut challenge, event) = Self::draft(id, reference, actor, agency, content, now)?;
        challenge.relaunch_of = self.is_published().then_some(self.id);
        let told = json!({ "title": challenge.content.title, "relaunchOf": challenge.relaunch_of });
        Ok((challenge, event.with(told)))
    }

    /// An author keeps the content as a template. `templates` is how many the agency has.
    pub fn save_as_template(
        &self,
        id: TemplateId,
        actor: &Actor,
        agency: OrganisationId,
        name: &str,
        templates: usize,
        now: DateTime<Utc>,
    ) -> Result<(Template, Event)> {
        actor.require(Role::Author, agency)?;
        let content = self.reusable(actor)?;
        let name = name.trim().to_owned();
        let mut checks = Checks::new();
        checks.text(&name, 100, "/name");
        checks.done()?;
        if templates >= MOST_TEMPLATES {
            return Err(Refusal::LimitReached("an agency has at most 200 templates"));
        }
        let template = Template { id, agency, name, content, author: actor.user, created_at: now };
        let event = template.event("organisation.template_saved");
        Ok((template, event))
    }
}

impl Template {
    /// Templates exist for the agency's members only.
    pub fn require_visible(&self, actor: &Actor) -> Result<()> {
        if actor.belongs_to(self.agency) { Ok(()) } else { Err(Refusal::NotFound("template")) }
    }

    /// An author takes the template away.
    pub fn delete(&self, actor: &Actor) -> Result<Event> {
        self.require_visible(actor)?;
        actor.require(Role::Author, self.agency)?;
        Ok(self.event("organisation.template_deleted"))
    }

    fn event(&self, kind: &'static str) -> Event {
        let event = Event::confidential(kind, Subject::Organisation(self.agency), Some(self.agency));
        event.with(json!({ "template": self.id, "name": self.name }))
    }
}
