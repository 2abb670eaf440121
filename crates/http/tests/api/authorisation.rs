//! Who may call what: every operation of the OpenAPI document, tried by everybody, against the reviewed table in
//! `authorisation.csv`.
//!
//! Its columns: the operation; `who` may call it (`anyone`, `signed_in`, `administrator`, any `member` of the
//! organisation that owns the record, those on the `panel`, the `uploader` of a file, or roles in that organisation); and what the others get:
//! `without_role` in any organisation concerned (the platform's administrators among them), with every role there is
//! but `elsewhere`, or inside the organisation with a `wrong_role`. A dash: they may call it. Then what even those who may
//! need: a `step_up`, and the `terms` of use accepted; and the scope with which an `api_key` is taken, if any is.
//!
//! A new operation gets a row to be reviewed by `UPDATE=1 cargo test -p provoco-http authorisation`.

use crate::{
    principals::Owner,
    walk::{Call, Walk, operations, table},
};
use serde_json::{Value, json};
use testing::Backend;

#[test]
fn every_operation_has_a_row_and_every_row_an_operation() {
    let rows: Vec<_> = table().into_keys().map(ToOwned::to_owned).collect();
    let operations: Vec<_> = operations().into_keys().collect();
    if std::env::var_os("UPDATE").is_some() {
        propose_rows(operations.iter().filter(|id| !rows.contains(id)));
    }
    assert_eq!(rows, operations);
}

/// Adds rows that refuse everybody everything: whoever adds an operation decides who may call it.
fn propose_rows<'o>(missing: impl Iterator<Item = &'o String>) {
    use std::io::Write;
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/api/authorisation.csv");
    let mut file = std::fs::File::options().append(true).open(path).unwrap();
    for operation in missing {
        writeln!(file, "{operation},nobody,review,review,review,-,-,-").unwrap();
    }
}

/// The document tells clients the same: operations for anyone need no token, all others do.
#[test]
fn the_document_asks_for_a_token_where_the_table_does() {
    let document = serde_json::to_value(http::openapi()).unwrap();
    for (id, (method, path)) in operations() {
        let security = &document["paths"][&path][method.as_str().to_lowercase()]["security"];
        let alternatives = security.as_array().cloned().unwrap_or_default();
        let needs_token = !alternatives.is_empty() && !alternatives.contains(&json!({}));
        assert_eq!(needs_token, !table()[&*id].who.contains("anyone"), "{id}");
        assert!(alternatives.is_empty() || alternatives.contains(&json!({ "bearer": [] })), "{id}");
        let scopes = alternatives.iter().find_map(|alternative| alternative.get("api_key"));
        assert_eq!(scopes, table()[&*id].api_key.map(|scope| json!([scope])).as_ref(), "{id}");
    }
}

testing::on_both! {
    async fn every_operation_serves_exactly_those_whom_the_table_names(backend: Backend) {
        let mut walk = Walk::new(backend).await;
        accounts(&walk).await;
        organisations(&walk).await;
        files(&walk).await;
        terms(&walk).await;
        calendars(&walk).await;
        administration(&walk).await;
        crate::authorisation_authoring::check(&walk).await;
        let challenge = preparation(&walk).await;
        crate::authorisation_solutions::check(&walk, &challenge).await;
        crate::authorisation_consortia::check(&walk, &challenge).await;
        crate::authorisation_no_bids::check(&walk, &challenge).await;
        let bid = submission(&walk, &challenge).await;
        let waiting = crate::authorisation_questions::before_the_deadline(&walk).await;
        walk.pass_deadline().await;
        crate::authorisation_questions::after_the_deadline(&walk, waiting).await;
        opening(&walk, &challenge, &bid).await;
        evaluation(&walk, &challenge, &bid).await;
        let contract = award(&mut walk, &challenge, &bid).await;
        pilot(&walk, &challenge, &contract).await;
        crate::authorisation_two_stages::check(&mut walk).await;
        crate::authorisation_outages::check(&walk).await;
        crate::authorisation_sandboxes::check(&walk, backend).await;
        let tried: Vec<_> = walk.tried.into_inner().into_iter().collect();
        assert_eq!(tried, operations().into_keys().collect::<Vec<_>>());
    }
}

async fn accounts(walk: &Walk) {
    let password = crate::app::PASSWORD;
    let person = json!({ "email": "new@people.example", "name": "New", "password": password });
    walk.check_open("register_account", Call::default().body(person)).await;
    walk.check_open("confirm_email", Call::default().body(json!({ "token": "unknown" }))).await;
    let administrator = json!({ "token": "x", "email": "a@b.example", "name": "A", "password": password });
    walk.check_open("create_administrator", Call::default().body(administrator)).await;
    let credentials = json!({ "email": walk.m.owner.email, "password": password });
    walk.check_open("log_in", Call::default().body(credentials)).await;
    walk.check_open("refresh_session", Call::default().body(json!({ "refreshToken": "unknown" }))).await;
    walk.check_open("get_own_account", Call::default()).await;
    walk.check_open("get_opening_key", Call::default()).await;
    let profile = Call::default().seen(1).body(json!({ "timeZone": "Europe/Brussels" }));
    walk.check_open("edit_own_account", profile).await;
    own_account(walk).await;
    walk.check_open("log_out", Call::default()).await;
    walk.check_open("list_oidc_providers", Call::default()).await;
    walk.check_open("begin_oidc_sign_in", Call::default().body(json!({ "provider": "unknown" }))).await;
    walk.check_open("log_in_with_oidc", Call::default().body(json!({ "code": "x", "binding": "x" }))).await;
    walk.check_open("list_identities", Call::default()).await;
    walk.check_open("unlink_identity", Call::on("identity", &uuid::Uuid::nil().to_string())).await;
    walk.check_open("advance_demo_clock", Call::default().body(json!({ "seconds": 60 }))).await;
    walk.check_open("list_events", Call::default()).await;
}

/// What people do about how they come in.
async fn own_account(walk: &Walk) {
    let (old, new) = (crate::app::PASSWORD, "eight calm herons");
    let calls = [
        ("confirm_session", json!({ "password": old })),
        ("revoke_sessions", json!({ "keepCurrent": true })),
        ("request_password_reset", json!({ "email": "nobody@people.example" })),
        ("complete_password_reset", json!({ "token": "unknown", "password": new })),
        ("change_password", json!({ "currentPassword": old, "password": new })),
        ("request_email_change", json!({ "email": "another@people.example" })),
        ("confirm_email_change", json!({ "token": "unknown" })),
        ("undo_email_change", json!({ "token": "unknown" })),
        (
            "put_opening_key",
            json!({ "recipient": sealing::SecretKey::from_bytes(&[5; 32]).unwrap().recipient().to_string() }),
        ),
        ("enable_one_time_codes", json!({ "code": "123456" })),
        ("disable_one_time_codes", json!({ "code": "123456" })),
        ("erase_own_account", json!({ "confirm": "somebody.else@people.example" })),
    ];
    for (operation, body) in calls {
        walk.check_open(operation, Call::default().body(body)).await;
    }
    let others = ["list_own_sessions", "get_one_time_codes", "enrol_one_time_codes", "renew_recovery_codes"];
    for operation in others.into_iter().chain(["export_personal_data"]) {
        walk.check_open(operation, Call::default()).await;
    }
    let unknown = Call::on("session", "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f");
    walk.check_open("revoke_session", unknown).await;
}

async fn organisations(walk: &Walk) {
    let m = &walk.m;
    let body = json!({ "kind": "company", "legalName": "New", "country": "SI" });
    walk.check_open("register_organisation", Call::default().body(body)).await;
    walk.check_open("list_organisations", Call::default()).await;
    let agency = Call::on("organisation", &m.agency);
    walk.check_open("get_organisation", agency.clone()).await;
    let unverified = crate::marketplace::organisation(&m.app, &m.owner, "agency", "Unverified").await;
    let verification = Call::on("organisation", &unverified).body(json!({ "reason": "Checked." }));
    walk.check("verify_organisation", Owner::Agency, verification, &[&m.administrator]).await;
    crate::authorisation_profiles::check(walk, &agency).await;
    walk.check("list_members", Owner::Agency, agency.clone(), &walk.people.staff()).await;
    let members = m.see(&m.owner, &format!("/organisations/{}/members", m.agency)).await;
    let of_author = |row: &&Value| row["user"] == json!(m.author.id);
    let id = members["items"].as_array().unwrap().iter().find(of_author).unwrap()["id"].as_str().unwrap();
    let member = agency.clone().with("member", id).seen(1);
    let roles = member.clone().body(json!({ "roles": ["finance"] }));
    walk.check("change_member_roles", Owner::Agency, roles, &[&m.owner]).await;
    walk.check("remove_member", Owner::Agency, member.clone(), &[&m.owner, &m.author]).await;
    membership(walk, &agency, id).await;
    standing_in(walk, &agency, id).await;
    crate::authorisation_keys::of_organisation(walk, &agency).await;
}

async fn membership(walk: &Walk, agency: &Call, id: &str) {
    let (m, owner) = (&walk.m, [&walk.m.owner]);
    let member = agency.clone().with("member", id);
    let reason = json!({ "reason": "On leave." });
    walk.check("suspend_member", Owner::Agency, member.clone().body(reason.clone()), &owner).await;
    walk.check("recertify_member", Owner::Agency, member, &owner).await;
    let transfer = agency.clone().body(json!({ "member": id }));
    walk.check("transfer_ownership", Owner::Agency, transfer, &owner).await;
    let suspended = m.app.person("On Leave").await;
    let suspended = crate::steps::let_in(&m.app, &m.owner, &m.agency, &suspended, &[]).await.id.to_string();
    let path = format!("/organisations/{}/members/{suspended}/suspend", m.agency);
    m.call(m.owner.post(&path, reason)).await.expect(200);
    walk.check("reinstate_member", Owner::Agency, agency.clone().with("member", &suspended), &owner).await;
    let body = json!({ "email": "invited@people.example", "roles": ["finance"] });
    walk.check("invite", Owner::Agency, agency.clone().body(body.clone()), &owner).await;
    walk.check("list_invitations", Owner::Agency, agency.clone(), &owner).await;
    let invited = m.call(m.owner.post(&format!("/organisations/{}/invitations", m.agency), body)).await.expect(201);
    let invitation = agency.clone().with("invitation", &invited.id());
    walk.check("revoke_invitation", Owner::Agency, invitation.clone(), &owner).await;
    // Sent so long ago that it may be sent again.
    m.app.advance(chrono::TimeDelta::hours(-2));
    crate::invitations::open_invitations(&m.app, &m.agency, &m.owner, 1).await;
    m.app.advance(chrono::TimeDelta::hours(2));
    let list = m.see(&m.owner, &format!("/organisations/{}/invitations", m.agency)).await;
    let older = list["items"].as_array().unwrap().iter().find(|item| item["email"] == "p0@people.example").unwrap();
    let older = agency.clone().with("invitation", older["id"].as_str().unwrap());
    walk.check("send_invitation_again", Owner::Agency, older, &owner).await;
    walk.check_open("accept_invitation", Call::default().body(json!({ "token": "unknown" }))).await;
    walk.check_open("decline_invitation", Call::default().body(json!({ "token": "unknown" }))).await;
}

async fn files(walk: &Walk) {
    let m = &walk.m;
    let told = crate::uploads::announcement(&m.agency, "plan.pdf", "application/pdf", crate::uploads::PDF);
    let begin = Call::default().body(told.clone());
    walk.check("begin_upload", Owner::Agency, begin, &walk.people.staff()).await;
    let upload = m.call(m.author.post("/uploads", told)).await.expect(201).id();
    let upload = Call::on("upload", &upload);
    walk.check("get_upload", Owner::Agency, upload.clone(), &[&m.author]).await;
    let piece = upload.clone().header("upload-offset", "0").file("application/offset+octet-stream", b"%PDF");
    walk.check("send_piece", Owner::Agency, piece, &[&m.author]).await;
    walk.check("abandon_upload", Owner::Agency, upload, &[&m.author]).await;
}

async fn standing_in(walk: &Walk, agency: &Call, author: &str) {
    let m = &walk.m;
    let (from, until) = (m.app.now(), m.app.now() + chrono::TimeDelta::days(7));
    let body = json!({ "role": "officer", "delegate": author, "from": from, "until": until, "reason": "Holiday." });
    walk.check("delegate_role", Owner::Agency, agency.clone().body(body.clone()), &[&m.officer]).await;
    walk.check("list_delegations", Owner::Agency, agency.clone(), &walk.people.staff()).await;
    let lent = m.call(m.second_officer.post(&format!("/organisations/{}/delegations", m.agency), body)).await;
    let delegation = agency.clone().with("delegation", &lent.expect(201).id());
    walk.check("revoke_delegation", Owner::Agency, delegation, &[&m.owner, &m.author, &m.second_officer]).await;
}

async fn terms(walk: &Walk) {
    let body = json!({ "title": "Terms", "content": "Be fair." });
    walk.check("publish_terms", Owner::Agency, Call::default().body(body), &[&walk.m.administrator]).await;
    walk.check_open("list_terms", Call::default()).await;
    walk.check_open("get_current_terms", Call::default()).await;
    for operation in ["get_terms", "accept_terms"] {
        walk.check_open(operation, Call::on("number", "1")).await;
    }
}

async fn calendars(walk: &Walk) {
    let administrator = [&walk.m.administrator];
    let period = "calendar=SI&from=2026-01-05&days=10&kind=working";
    walk.check_open("compute_period", Call::default().query(period)).await;
    walk.check_open("list_calendars", Call::default()).await;
    let calendar = Call::on("calendar", "SI");
    walk.check_open("get_calendar", calendar.clone()).await;
    walk.check_open("list_calendar_versions", calendar.clone()).await;
    let change = json!({
        "weekend": ["saturday", "sunday"], "added": [{ "day": "2040-03-01", "name": "Fair" }], "removed": [],
        "extraWorkingDays": [], "reason": "A fair.",
    });
    walk.check("change_calendar", Owner::Agency, calendar.seen(1).body(change), &administrator).await;
    walk.check_open("list_minimum_periods", Call::default()).await;
    let procedure = Call::on("procedure", "open_pilot");
    walk.check_open("get_minimum_periods", procedure.clone()).await;
    walk.check_open("list_minimum_period_versions", procedure.clone()).await;
    let days = json!({ "open": 35, "questions": 10, "answers": 6, "standstill": 10, "reason": "More time." });
    walk.check("change_minimum_periods", Owner::Agency, procedure.seen(1).body(days), &administrator).await;
}

async fn administration(walk: &Walk) {
    let m = &walk.m;
    let administrator = [&m.administrator];
    let person = Call::on("user", &walk.people.nobody.id.to_string());
    let reason = json!({ "reason": "Checked." });
    walk.check("list_users", Owner::Agency, Call::default(), &administrator).await;
    walk.check("get_user", Owner::Agency, person.clone(), &administrator).await;
    let auditor = json!({ "administrator": false, "auditor": true });
    walk.check("appoint_user", Owner::Agency, person.clone().body(auditor), &administrator).await;
    walk.check("suspend_user", Owner::Agency, person.clone().body(reason.clone()), &administrator).await;
    let suspended = m.app.person("Suspended Person").await;
    let path = format!("/users/{}/suspend", suspended.id);
    m.call(m.administrator.post(&path, reason.clone())).await.expect(200);
    let suspended = Call::on("user", &suspended.id.to_string()).body(reason.clone());
    walk.check("reinstate_user", Owner::Agency, suspended, &administrator).await;
    let company = crate::marketplace::organisation(&m.app, &m.owner, "company", "Suspended").await;
    let company = Call::on("organisation", &company).body(reason);
    walk.check("suspend_organisation", Owner::Agency, company.clone(), &administrator).await;
    m.call(
        m.administrator
            .post(&format!("/organisations/{}/suspend", company.id("organisation")), json!({ "reason": "x" })),
    )
    .await
    .expect(204);
    walk.check("reinstate_organisation", Owner::Agency, company, &administrator).await;
    let auditor = &walk.people.platform_auditor;
    for operation in ["list_audit_events", "list_reads"] {
        walk.check(operation, Owner::Agency, Call::default(), &[auditor]).await;
    }
    let agency = Call::on("organisation", &m.agency);
    for operation in ["list_organisation_events", "list_organisation_reads"] {
        let readers = [walk.people.insider("auditor"), auditor];
        walk.check(operation, Owner::Agency, agency.clone(), &readers).await;
    }
    walk.check_open("list_reads_about_oneself", Call::default()).await;
}

async fn preparation(walk: &Walk) -> String {
    let m = &walk.m;
    walk.check_open("list_challenges", Call::default()).await;
    walk.check_open("count_challenges", Call::default()).await;
    let body = json!({ "agency": m.agency, "content": m.content() });
    walk.check("draft_challenge", Owner::Agency, Call::default().body(body), &[&m.author]).await;
    let id = m.draft().await;
    let challenge = Call::on("challenge", &id);
    let edit = challenge.clone().seen(1).body(json!({ "title": "Changed" }));
    walk.check("edit_challenge", Owner::Agency, edit, &[&m.author]).await;
    challenge_documents(walk, &id).await;
    let agency = Call::on("organisation", &m.agency);
    walk.check("list_agency_challenges", Owner::Agency, agency, &walk.people.staff()).await;
    let with_panel: Vec<_> = walk.people.staff().into_iter().chain([&m.chair, &m.evaluator]).collect();
    walk.check("get_panel", Owner::Agency, challenge.clone(), &with_panel).await;
    let panel = challenge.clone().body(m.see(&m.officer, &format!("/challenges/{id}/panel")).await);
    walk.check("name_panel", Owner::Agency, panel, &[&m.author, &m.officer]).await;
    walk.check("submit_challenge_for_review", Owner::Agency, challenge.clone(), &[&m.author]).await;
    m.step(&m.author, &id, "submit-for-review").await;
    let comment = challenge.clone().body(json!({ "comment": "Say more." }));
    walk.check("request_challenge_changes", Owner::Agency, comment, &[&m.officer]).await;
    walk.check("approve_challenge", Owner::Agency, challenge.clone(), &[&m.officer]).await;
    m.step(&m.officer, &id, "approve").await;
    let rehearsal = challenge.clone().body(json!({}));
    walk.check("start_rehearsal", Owner::Agency, rehearsal, &[&m.author, &m.officer]).await;
    m.call(m.author.post(&format!("/challenges/{id}/rehearsal"), json!({}))).await.expect(200);
    walk.check("get_rehearsal_share", Owner::Agency, challenge.clone(), &[&m.officer, &m.second_officer]).await;
    let share = m.see(&m.officer, &format!("/challenges/{id}/rehearsal/share")).await;
    let share = challenge.clone().body(json!({ "share": crate::ceremony::opened(&m.officer, &share["file"]) }));
    walk.check("rehearse", Owner::Agency, share, &[&m.officer]).await;
    m.rehearse(&id).await;
    crate::authorisation_authoring::scheduling(walk, &id).await;
    walk.check("publish_challenge", Owner::Agency, challenge.clone(), &[&m.officer]).await;
    m.step(&m.officer, &id, "publish").await;
    crate::authorisation_authoring::after_publication(walk, &id).await;
    walk.check_open("get_challenge_timeline", challenge.clone()).await;
    walk.check_open("get_opening_committee", challenge.clone()).await;
    walk.check_open("get_challenge", challenge.clone()).await;
    walk.check_open("list_similar_challenges", challenge).await;
    id
}

async fn challenge_documents(walk: &Walk, id: &str) {
    use crate::{challenge_documents::document as document_of, uploads as files};
    let (m, challenge) = (&walk.m, Call::on("challenge", id));
    let told = files::announcement(&m.agency, "plan.pdf", "application/pdf", crate::uploads::PDF);
    let sent = || async { files::upload(&m.app, &m.author, told.clone(), crate::uploads::PDF).await.id() };
    let body = document_of(&sent().await);
    let add = challenge.clone().body(body.clone());
    walk.check("add_challenge_document", Owner::Agency, add, &[&m.author]).await;
    let added = m.call(m.author.post(&format!("/challenges/{id}/documents"), body)).await.expect(201);
    let document = challenge.clone().with("document", &added.id());
    let version = document.clone().body(json!({ "upload": sent().await }));
    walk.check("add_challenge_document_version", Owner::Agency, version, &[&m.author]).await;
    let content = crate::findings::author_data();
    let told = files::announcement(&m.agency, "plan.docx", crate::findings::DOCX, &content);
    let body = document_of(&files::upload(&m.app, &m.author, told, &content).await.id());
    let telling = m.call(m.author.post(&format!("/challenges/{id}/documents"), body)).await;
    let telling = challenge.clone().with("document", &telling.expect(201).id());
    let version = telling.clone().with("number", "1");
    walk.check("acknowledge_document_findings", Owner::Agency, version, &[&m.author, &m.officer]).await;
    m.call(m.author.delete(&format!("/challenges/{id}/documents/{}", telling.id("document")))).await.expect(204);
    walk.check("remove_challenge_document", Owner::Agency, document.clone(), &[&m.author]).await;
    walk.check_open("list_challenge_documents", challenge).await;
    walk.check_open("download_challenge_document", document.with("number", "1")).await;
}

async fn submission(walk: &Walk, id: &str) -> String {
    let m = &walk.m;
    let challenge = Call::on("challenge", id);
    let cancel = challenge.clone().body(json!({ "code": "other", "reason": "No." }));
    walk.check("cancel_challenge", Owner::Agency, cancel, &[&m.officer]).await;
    let bid = json!({ "company": m.calm.id, "offer": m.offer("100.00") });
    walk.check("submit_bid", Owner::Company, challenge.body(bid), &[&m.calm.bidder]).await;
    drafts(walk, id).await;
    let offer = crate::authorisation_bid_documents::before_the_opening(walk, id).await;
    let id = crate::opening_recoveries::recoverable_with(m, &m.calm, id, offer).await.0;
    let bid = Call::on("bid", &id);
    let company: Vec<_> = walk.people.insiders(Owner::Company).map(|(_, person)| person).collect();
    walk.check("get_bid", Owner::Company, bid.clone(), &company).await;
    walk.check("list_bid_receipts", Owner::Company, bid.clone(), &company).await;
    let receipts = m.see(&m.calm.bidder, &format!("/bids/{id}/receipts")).await;
    let receipt = Call::on("receipt", receipts["items"][0]["id"].as_str().unwrap());
    walk.check("get_receipt", Owner::Company, receipt, &company).await;
    walk.check_open("list_receipts", Call::default()).await;
    walk.check_open("list_receipt_keys", Call::default()).await;
    walk.check_open("verify_receipt", Call::default().body(receipts["items"][0]["receipt"].clone())).await;
    walk.check("list_own_bids", Owner::Company, Call::default(), &[&m.calm.bidder]).await;
    walk.check("get_envelope", Owner::Company, bid.clone().with("kind", "price"), &[&m.calm.bidder]).await;
    let offer = bid.clone().seen(1).body(m.replacement("200.00"));
    walk.check("replace_bid", Owner::Company, offer, &[&m.calm.bidder]).await;
    walk.check("withdraw_bid", Owner::Company, bid, &[&m.calm.bidder]).await;
    id
}

async fn drafts(walk: &Walk, id: &str) {
    let m = &walk.m;
    let body = json!({ "company": m.calm.id, "offer": m.offer("100.00") });
    let right = [&m.calm.bidder, walk.people.insiders(Owner::Company).find(|(role, _)| *role == "bidder").unwrap().1];
    walk.check("begin_bid_draft", Owner::Company, Call::on("challenge", id).body(body), &right).await;
    let draft = Call::on("draft", &crate::bid_drafts::drafted(m, id, m.offer("100.00")).await);
    walk.check("list_bid_drafts", Owner::Company, Call::default(), &right).await;
    walk.check("get_bid_draft", Owner::Company, draft.clone(), &right).await;
    walk.check("list_bid_draft_saves", Owner::Company, draft.clone(), &right).await;
    let change = draft.clone().seen(1).body(json!({ "offer": { "solution": "Another one." } }));
    walk.check("save_bid_draft", Owner::Company, change, &right).await;
    walk.check("submit_bid_draft", Owner::Company, draft.clone().seen(1).body(json!({})), &right).await;
    walk.check("discard_bid_draft", Owner::Company, draft.seen(1), &right).await;
}

async fn opening(walk: &Walk, id: &str, bid: &str) {
    let m = &walk.m;
    let (challenge, of_bid) = (Call::on("challenge", id), Call::on("bid", bid));
    let quality = challenge.clone().with("kind", "quality");
    walk.check("list_share_files", Owner::Agency, quality.clone(), &[&m.officer, &m.second_officer]).await;
    let nothing = quality.clone().body(json!({ "shares": [] }));
    walk.check("bring_shares", Owner::Agency, nothing, &[&m.officer, &m.second_officer]).await;
    let insiders: Vec<_> = walk.people.insiders(Owner::Agency).map(|(_, person)| person).collect();
    walk.check("get_opening", Owner::Agency, quality.clone(), &insiders).await;
    let reason = json!({ "reason": "Keys were lost." });
    walk.check("ask_for_keys", Owner::Agency, quality.clone().body(reason.clone()), &[&m.officer]).await;
    m.call(m.officer.post(&format!("/challenges/{id}/openings/quality/key-request"), reason)).await.expect(201);
    let [key, _] = crate::opening_recoveries::keys(m, &m.calm, bid).await;
    let give = of_bid.clone().with("kind", "quality").body(json!({ "key": key }));
    walk.check("give_key", Owner::Company, give, &[&m.calm.bidder]).await;
    m.open(id).await;
    walk.check_open("get_opening_record", challenge.clone()).await;
    let auditor = walk.people.insider("auditor");
    let readers = [&m.officer, auditor, &m.chair, &m.evaluator];
    walk.check("list_challenge_bids", Owner::Agency, challenge.clone(), &readers).await;
    crate::authorisation_bid_documents::after_the_opening(walk, bid).await;
    walk.check("admit_bid", Owner::Agency, of_bid.clone(), &[&m.officer]).await;
    let reason = json!({ "code": "incomplete", "reason": "No plan." });
    walk.check("disqualify_bid", Owner::Agency, of_bid.body(reason), &[&m.officer]).await;
    m.admit(&[bid]).await;
    let conflicts = challenge.clone().body(json!({ "conflicts": [] }));
    walk.check("declare_conflicts", Owner::Agency, conflicts, &[&m.chair, &m.evaluator]).await;
    walk.check("start_evaluation", Owner::Agency, challenge, &[&m.officer]).await;
    m.step(&m.officer, id, "start-evaluation").await;
}

async fn evaluation(walk: &Walk, id: &str, bid: &str) {
    let m = &walk.m;
    let (challenge, of_bid) = (Call::on("challenge", id), Call::on("bid", bid));
    for person in [&m.chair, &m.evaluator] {
        m.declare(person, id, &[]).await.expect(201);
    }
    let scores = m.scores(id, "4", "4").await;
    let sheet = of_bid.clone().new_record().body(scores.clone());
    walk.check("score_bid", Owner::Agency, sheet, &[&m.chair, &m.evaluator]).await;
    m.call(m.score(&m.chair, bid, scores.clone())).await.expect(200);
    m.call(m.score(&m.evaluator, bid, scores)).await.expect(200);
    walk.check("get_own_evaluation", Owner::Agency, of_bid, &[&m.chair, &m.evaluator]).await;
    walk.check("submit_evaluations", Owner::Agency, challenge.clone(), &[&m.chair, &m.evaluator]).await;
    let no_award = challenge.body(json!({ "code": "other", "reason": "None." }));
    walk.check("close_challenge_without_award", Owner::Agency, no_award, &[&m.officer]).await;
    for person in [&m.chair, &m.evaluator] {
        m.step(person, id, "submit-evaluations").await;
    }
    m.open_prices(id).await;
}

async fn award(walk: &mut Walk, id: &str, bid: &str) -> Value {
    let challenge = Call::on("challenge", id);
    let decision = challenge.clone().body(json!({ "winners": [bid], "reason": "The best." }));
    walk.check("award_challenge", Owner::Agency, decision, &[&walk.m.officer]).await;
    walk.m.award(id, &[bid]).await.expect(200);
    for operation in ["get_ranking", "get_award", "list_challenge_contracts"] {
        walk.check_open(operation, challenge.clone()).await;
    }
    walk.m.advance(chrono::TimeDelta::days(7)).await;
    walk.people.log_in_again(&walk.m.app).await;
    let m = &walk.m;
    let contract = m.contracts(id).await.remove(0);
    let of_contract = Call::on("contract", contract["id"].as_str().unwrap());
    walk.check_open("get_contract", of_contract.clone()).await;
    walk.check("sign_contract", Owner::Both, of_contract, &[&m.officer, &m.calm.bidder]).await;
    for person in [&m.officer, &m.calm.bidder] {
        m.call(person.act(&format!("/contracts/{}/sign", contract["id"].as_str().unwrap()))).await.expect(200);
    }
    walk.check("start_pilots", Owner::Agency, challenge, &[&m.officer]).await;
    m.step(&m.officer, id, "start-pilots").await;
    contract
}

async fn pilot(walk: &Walk, id: &str, contract: &Value) {
    let m = &walk.m;
    let milestone = contract["milestones"][0]["id"].as_str().unwrap();
    let (of_milestone, at) = (Call::on("milestone", milestone), |act: &str| format!("/milestones/{milestone}/{act}"));
    walk.check_open("get_milestone", of_milestone.clone()).await;
    let note = json!({ "note": "Done." });
    walk.check("deliver_milestone", Owner::Company, of_milestone.clone().body(note.clone()), &[&m.calm.bidder]).await;
    m.call(m.calm.bidder.post(&at("deliver"), note)).await.expect(200);
    walk.check("accept_milestone", Owner::Agency, of_milestone.clone(), &[&m.pilot_manager]).await;
    let reason = of_milestone.clone().body(json!({ "reason": "No." }));
    walk.check("reject_milestone", Owner::Agency, reason, &[&m.pilot_manager]).await;
    m.call(m.pilot_manager.act(&at("accept"))).await.expect(200);
    let invoice = json!({ "invoiceNumber": "1" });
    walk.check("invoice_milestone", Owner::Company, of_milestone.clone().body(invoice.clone()), &[&m.calm.bidder])
        .await;
    m.call(m.calm.bidder.post(&at("invoice"), invoice)).await.expect(200);
    let payment = json!({ "paymentReference": "SI56 1" });
    walk.check("pay_milestone", Owner::Agency, of_milestone.body(payment.clone()), &[&m.finance]).await;
    m.call(m.finance.post(&at("pay"), payment)).await.expect(200);
    let outcome = json!({ "decision": "stop", "learning": "Much.", "brilliantFailure": true });
    let contract = contract["id"].as_str().unwrap();
    let completion = Call::on("contract", contract).body(outcome.clone());
    walk.check("complete_contract", Owner::Agency, completion, &[&m.pilot_manager]).await;
    m.call(m.pilot_manager.post(&format!("/contracts/{contract}/complete"), outcome)).await.expect(200);
    walk.check("complete_challenge", Owner::Agency, Call::on("challenge", id), &[&m.pilot_manager]).await;
}
