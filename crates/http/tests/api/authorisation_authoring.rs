//! Who may do what when challenges are written: the part of the walk that `authorisation.rs` calls.

use crate::{
    principals::Owner,
    walk::{Call, Walk},
};
use chrono::TimeDelta;
use serde_json::json;

pub async fn check(walk: &Walk) {
    let m = &walk.m;
    let (staff, author, writers) = (walk.people.staff(), [&m.author], [&m.author, &m.officer]);
    let id = m.draft().await;
    let challenge = Call::on("challenge", &id);
    for operation in ["get_checklist", "list_revisions"] {
        walk.check(operation, Owner::Agency, challenge.clone(), &staff).await;
    }
    walk.check("get_revision", Owner::Agency, challenge.clone().with("number", "1"), &staff).await;
    let copy = challenge.clone().body(json!({ "agency": m.agency }));
    walk.check("copy_challenge", Owner::Agency, copy, &author).await;
    let preview = json!({ "recipient": "Legal", "days": 7 });
    walk.check("share_preview", Owner::Agency, challenge.clone().body(preview.clone()), &writers).await;
    walk.check("list_previews", Owner::Agency, challenge.clone(), &writers).await;
    let shared = m.call(m.author.post(&format!("/challenges/{id}/previews"), preview)).await.expect(201).id();
    walk.check("revoke_preview", Owner::Agency, challenge.clone().with("preview", &shared), &writers).await;
    walk.check_open("look_at_preview", Call::default().body(json!({ "token": "unknown" }))).await;
    templates(walk, &id).await;
    obligations(walk, &id).await;
    let reason = json!({ "code": "other", "reason": "Later." });
    m.call(m.officer.post(&format!("/challenges/{id}/cancel"), reason)).await.expect(200);
    walk.check("relaunch_challenge", Owner::Agency, challenge, &author).await;
    let secret =
        m.draft_with(json!({ "confidentiality": { "agreement": "We keep it.", "details": "Figures." } })).await;
    m.publish(&secret).await;
    let public = Call::on("challenge", &secret);
    for operation in ["follow_challenge", "unfollow_challenge"] {
        walk.check_open(operation, public.clone()).await;
    }
    walk.check_open("list_followed_challenges", Call::default()).await;
    walk.check_open("get_challenge_calendar", public.clone()).await;
    feeds(walk).await;
    let promise = Call::on("challenge", &secret).body(json!({ "company": m.calm.id }));
    walk.check("agree_to_confidentiality", Owner::Company, promise, &[&m.calm.bidder]).await;
    let (changed, bid, _) = m.with_bids().await;
    m.change_materially(&changed).await;
    walk.check("confirm_bid", Owner::Company, Call::on("bid", &bid), &[&m.calm.bidder]).await;
}

/// An approved challenge.
pub async fn scheduling(walk: &Walk, id: &str) {
    let (m, challenge) = (&walk.m, Call::on("challenge", id));
    let at = json!({ "publishAt": m.app.now() + TimeDelta::hours(1) });
    let schedule = challenge.clone().body(at.clone());
    walk.check("schedule_publication", Owner::Agency, schedule, &[&m.officer]).await;
    m.call(m.officer.put(&format!("/challenges/{id}/scheduled-publication"), 1, at)).await.expect(200);
    walk.check("unschedule_publication", Owner::Agency, challenge, &[&m.officer]).await;
}

/// A published challenge, which is as it was afterwards.
pub async fn after_publication(walk: &Walk, id: &str) {
    let (m, challenge) = (&walk.m, Call::on("challenge", id));
    let addendum = challenge.clone().body(json!({ "title": "A visit", "body": "Come." }));
    walk.check("publish_addendum", Owner::Agency, addendum, &[&m.officer]).await;
    walk.check_open("list_addenda", challenge.clone()).await;
    let change = json!({ "code": "correction", "reason": "A typo.", "changes": { "title": "Corrected" } });
    let version = m.challenge(id).await["version"].as_i64().unwrap();
    let notice = challenge.clone().seen(version).body(change);
    walk.check("publish_change_notice", Owner::Agency, notice, &[&m.officer]).await;
    m.change(id, json!({ "summary": "Corrected." })).await.expect(201);
    walk.check_open("list_change_notices", challenge.clone()).await;
    walk.check_open("get_change_notice", challenge.clone().with("number", "1")).await;
    let why = json!({ "code": "other", "reason": "For a moment." });
    walk.check("suspend_challenge", Owner::Agency, challenge.clone().body(why.clone()), &[&m.officer]).await;
    m.call(m.officer.post(&format!("/challenges/{id}/suspend"), why)).await.expect(200);
    let reason = json!({ "reason": "It was a moment." });
    walk.check("resume_challenge", Owner::Agency, challenge.body(reason.clone()), &[&m.officer]).await;
    m.call(m.officer.post(&format!("/challenges/{id}/resume"), reason)).await.expect(200);
}

async fn feeds(walk: &Walk) {
    for operation in ["get_challenges_atom", "get_challenges_calendar", "list_saved_searches"] {
        walk.check_open(operation, Call::default()).await;
    }
    for operation in ["renew_calendar_token", "get_calendar_token", "revoke_calendar_token"] {
        walk.check_open(operation, Call::default()).await;
    }
    walk.check_open("get_personal_calendar", Call::on("token", "unknown")).await;
    let body = json!({ "name": "Floods", "query": "q=flood", "alert": "daily" });
    walk.check_open("save_search", Call::default().body(body.clone())).await;
    let unknown = Call::on("search", "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f");
    walk.check_open("get_saved_search", unknown.clone()).await;
    walk.check_open("change_saved_search", unknown.clone().seen(1).body(body)).await;
    walk.check_open("remove_saved_search", unknown.seen(1)).await;
}

async fn obligations(walk: &Walk, challenge: &str) {
    let (m, keepers) = (&walk.m, [&walk.m.owner, &walk.m.officer]);
    let agency = Call::on("organisation", &m.agency);
    walk.check_open("get_punctuality", agency.clone()).await;
    walk.check("list_organisation_obligations", Owner::Agency, agency, &walk.people.staff()).await;
    walk.check_open("list_own_obligations", Call::default()).await;
    m.step(&m.author, challenge, "submit-for-review").await;
    let task = m.tasks(&m.officer).await.remove(0);
    let (id, reason) = (task["id"].as_str().unwrap(), json!({ "reason": "Holidays." }));
    let obligation = Call::on("obligation", id);
    walk.check("pause_obligation", Owner::Agency, obligation.clone().body(reason.clone()), &keepers).await;
    m.call(m.officer.post(&format!("/obligations/{id}/pause"), reason)).await.expect(200);
    walk.check("resume_obligation", Owner::Agency, obligation, &keepers).await;
}

async fn templates(walk: &Walk, challenge: &str) {
    let (m, staff, author) = (&walk.m, walk.people.staff(), [&walk.m.author]);
    let agency = Call::on("organisation", &m.agency);
    let body = json!({ "name": "Another", "challenge": challenge });
    walk.check("save_template", Owner::Agency, agency.clone().body(body), &author).await;
    walk.check("list_templates", Owner::Agency, agency.clone(), &staff).await;
    let body = json!({ "name": "Small pilots", "challenge": challenge });
    let saved = m.author.post(&format!("/organisations/{}/challenge-templates", m.agency), body);
    let template = agency.with("template", &m.call(saved).await.expect(201).id());
    walk.check("get_template", Owner::Agency, template.clone(), &staff).await;
    walk.check("draft_from_template", Owner::Agency, template.clone(), &author).await;
    walk.check("delete_template", Owner::Agency, template, &author).await;
}
