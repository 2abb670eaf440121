//! Links with which somebody reads a challenge before it is published.

use crate::{
    Caller, Result,
    challenges::{Detail, load},
    clock,
    tokens::{self, Secret},
};
use domain::{Actor, ChallengeId, PreviewId, Refusal, challenge::Preview};
use persistence::{Conn, challenge_previews as previews, challenges};

/// An author or officer makes a link that works for some days; its token is told once.
pub fn share(
    conn: &mut Conn,
    caller: &Caller,
    id: ChallengeId,
    recipient: &str,
    days: i64,
) -> Result<(Preview, Secret)> {
    let challenge = challenges::lock(conn, id)?;
    challenge.require_visible(Some(&caller.actor))?;
    let now = clock::of(conn, &challenge)?;
    let now = clock::real(conn, now);
    let working = previews::count_working(conn, id, now)?;
    let (preview, event) = challenge.share_preview(conn.new_id(), &caller.actor, (recipient, days), working, now)?;
    let token = Secret::generate()?;
    previews::insert(conn, &preview, &token.hash())?;
    caller.record(conn, now, event)?;
    Ok((preview, token))
}

/// An author or officer takes a link back.
pub fn revoke(conn: &mut Conn, caller: &Caller, challenge: ChallengeId, id: PreviewId) -> Result<()> {
    let challenge = challenges::find(conn, challenge)?;
    challenge.require_writer(&caller.actor)?;
    let mut preview = previews::find(conn, challenge.id, id)?;
    let now = clock::of(conn, &challenge)?;
    let now = clock::real(conn, now);
    let event = challenge.revoke_preview(&caller.actor, &mut preview, now)?;
    previews::revoke(conn, &preview)?;
    caller.record(conn, now, event)
}

/// Some links of a challenge, the newest first, for authors and officers.
pub fn list(
    conn: &mut Conn,
    actor: &Actor,
    challenge: ChallengeId,
    after: Option<PreviewId>,
    limit: i64,
) -> Result<Vec<Preview>> {
    challenges::find(conn, challenge)?.require_writer(actor)?;
    Ok(previews::page(conn, challenge, after, limit)?)
}

/// What is behind a link: the challenge as everybody will see it.
pub fn look(conn: &mut Conn, token: &str) -> Result<Detail> {
    let now = conn.now()?;
    let hidden = |error| {
        if matches!(error, persistence::Error::NotFound) {
            Refusal::NotFound("preview").into()
        } else {
            crate::Error::from(error)
        }
    };
    let preview = previews::find_by_token(conn, &tokens::hash(token)).map_err(hidden)?;
    preview.require_working(now)?;
    let (mut challenge, agency_name) = challenges::find_with_agency(conn, preview.challenge)?;
    challenge.content = challenge.content.without_confidential_details();
    load(conn, challenge, agency_name)
}
