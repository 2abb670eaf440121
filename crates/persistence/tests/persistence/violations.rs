//! Every rule that a row can break by coming second: the same error on both databases.

use std::collections::BTreeSet;

use domain::{
    Award, ConflictDeclaration, Consortium, ConsultationResponse, Event, NoBid, Obligation, OpeningKey,
    OrganisationKind, Panel, Question, QuestionStatus, Ranking, Role, Subject, TeamConsent, UserId,
    challenge::{ChangeNotice, ChangeReason},
    consultation::Statement,
    no_bid::{NoBidReason, Said},
    obligation::Due,
    opening::{EnvelopeKind, SealedBy},
    question::{Publication, Wording},
};
use persistence::{
    Conn, Error, Result, accounts,
    accounts::LinkPurpose,
    awards,
    bid_envelopes::{self, Envelope, Parts},
    bid_receipts,
    bid_receipts::BidReceipt,
    bids, calendar_tokens, challenges, change_notices, consortia, consultations, contracts, devices, evaluations,
    events::{self, Origin},
    extension_proposals, identities, members, no_bids, obligations, opening_committees, opening_keys, organisations,
    outages, panels, questions, saved_searches, second_factors, sessions, solutions, team_consents,
};
use testing::{Backend, on_both};

use crate::{
    catalogue,
    outage_ledger::{note, proposal, told_once},
    solution_listings::{solution, solution_invitation},
    support::{
        Scene, World, api_key, challenge_preview, challenge_template, email, identity, invitation, member,
        oidc_sign_in, organisation, saved_search, scene, user,
    },
};

type Attempt = fn(&mut Conn, Scene) -> Result<()>;

/// Unique constraints, and an attempt to break each.
const UNIQUE: [(&str, Attempt); 39] = [
    ("opening_keys_recipient_key", |conn, scene| {
        let another = user(conn, "another")?;
        opening_keys::put(conn, &opening_key(conn, scene.user.id, "age1same"))?;
        opening_keys::put(conn, &opening_key(conn, another.id, "age1same"))
    }),
    ("opening_keys_user_id_key", |conn, scene| {
        opening_keys::put(conn, &opening_key(conn, scene.user.id, "age1one"))?;
        opening_keys::insert(conn, &opening_key(conn, scene.user.id, "age1two"))
    }),
    ("bid_envelopes_nonce_key", |conn, scene| {
        bid_envelopes::insert(conn, scene.challenge.id, &envelope(conn, &scene, 1), &parts("same"))?;
        bid_envelopes::insert(conn, scene.challenge.id, &envelope(conn, &scene, 2), &parts("same"))
    }),
    ("bid_envelopes_bid_id_revision_kind_key", |conn, scene| {
        bid_envelopes::insert(conn, scene.challenge.id, &envelope(conn, &scene, 1), &parts("one"))?;
        bid_envelopes::insert(conn, scene.challenge.id, &envelope(conn, &scene, 1), &parts("two"))
    }),
    ("outages_event_id_key", |conn, scene| told_once(conn, &scene, 2).map(drop)),
    ("outage_notes_outage_id_number_key", |conn, scene| {
        let outage = told_once(conn, &scene, 1)?;
        let twice = [note(conn, &scene, &outage), note(conn, &scene, &outage)];
        twice.iter().try_for_each(|note| outages::insert_note(conn, note))
    }),
    ("extension_proposals_challenge_id_outage_id_key", |conn, scene| {
        let outage = told_once(conn, &scene, 1)?;
        let twice = [proposal(conn, &scene, &outage), proposal(conn, &scene, &outage)];
        twice.iter().try_for_each(|proposal| extension_proposals::insert(conn, proposal))
    }),
    ("users_email_key", |conn, scene| user(conn, &scene.user.name).map(drop)),
    ("one_time_links_token_hash_key", |conn, scene| {
        accounts::insert_link(conn, LinkPurpose::ConfirmEmail, "hash", None, scene.user.created_at)?;
        accounts::insert_link(conn, LinkPurpose::CreateAdministrator, "hash", None, scene.user.created_at)
    }),
    ("calendar_tokens_token_hash_key", |conn, scene| {
        let (another, now) = (user(conn, "another")?, scene.user.created_at);
        calendar_tokens::put(conn, scene.user.id, "hash", now)?;
        calendar_tokens::put(conn, another.id, "hash", now)
    }),
    ("saved_searches_user_id_name_key", |conn, scene| {
        let twice = [saved_search(conn, &scene), saved_search(conn, &scene)];
        twice.iter().try_for_each(|search| saved_searches::insert(conn, search))
    }),
    ("refresh_tokens_token_hash_key", |conn, scene| {
        let now = scene.user.created_at;
        let session = sessions::insert(conn, scene.user.id, &Default::default(), now, now)?;
        sessions::insert_token(conn, session, "hash", now)?;
        sessions::insert_token(conn, session, "hash", now)
    }),
    ("known_devices_token_hash_key", |conn, scene| {
        let period = (scene.user.created_at, scene.user.created_at);
        devices::insert(conn, scene.user.id, "hash", period, 9)?;
        devices::insert(conn, scene.user.id, "hash", period, 9)
    }),
    ("recovery_codes_user_id_code_hash_key", |conn, scene| {
        second_factors::replace_recovery_codes(conn, scene.user.id, &["hash".to_owned(), "hash".to_owned()])
    }),
    ("organisations_country_legal_name_key", |conn, scene| {
        organisation(conn, OrganisationKind::Agency, &scene.company.legal_name).map(drop)
    }),
    ("members_organisation_id_user_id_key", |conn, scene| member(conn, &scene.company, &scene.user, &[]).map(drop)),
    ("invitations_organisation_id_email_key", |conn, scene| {
        invitation(conn, &scene.company, scene.user.id, "one", "hash")?;
        invitation(conn, &scene.company, scene.user.id, "one", "another hash")
    }),
    ("invitations_token_hash_key", |conn, scene| {
        invitation(conn, &scene.company, scene.user.id, "one", "hash")?;
        invitation(conn, &scene.company, scene.user.id, "another", "hash")
    }),
    ("oidc_identities_issuer_subject_key", |conn, scene| {
        identity(conn, scene.user.id)?;
        identity(conn, scene.user.id)
    }),
    ("oidc_sign_ins_state_hash_key", |conn, scene| {
        oidc_sign_in(conn, "state", scene.user.created_at)?;
        oidc_sign_in(conn, "state", scene.user.created_at).map(drop)
    }),
    ("oidc_sign_ins_code_hash_key", |conn, scene| {
        for state in ["one", "another"] {
            let sign_in = oidc_sign_in(conn, state, scene.user.created_at)?;
            identities::grant_code(conn, sign_in, scene.user.id, "code", scene.user.created_at)?;
        }
        Ok(())
    }),
    ("api_keys_token_name_key", |conn, scene| {
        api_key(conn, &scene.member)?;
        api_key(conn, &scene.member)
    }),
    ("challenges_reference_key", |conn, mut scene| {
        scene.challenge.id = conn.new_id();
        challenges::insert(conn, &scene.challenge)
    }),
    ("challenge_templates_agency_id_name_key", |conn, scene| {
        challenge_template(conn, &scene)?;
        challenge_template(conn, &scene)
    }),
    ("challenge_previews_token_hash_key", |conn, scene| {
        challenge_preview(conn, &scene)?;
        challenge_preview(conn, &scene)
    }),
    ("obligations_kind_subject_id_key", |conn, scene| {
        obligations::insert(conn, &review(conn, &scene))?;
        obligations::insert(conn, &review(conn, &scene))
    }),
    ("bid_receipts_event_id_key", |conn, scene| {
        let receipt = receipt(conn, &scene)?;
        bid_receipts::introduce_key(conn, &receipt.key, "public", scene.user.created_at)?;
        bid_receipts::insert(conn, &receipt)?;
        bid_receipts::insert(conn, &BidReceipt { id: conn.new_id(), ..receipt })
    }),
    ("change_notices_challenge_id_number_key", |conn, scene| {
        change_notices::insert(conn, &change_notice(conn, &scene))?;
        change_notices::insert(conn, &change_notice(conn, &scene))
    }),
    ("solution_invitations_challenge_id_solution_id_key", |conn, scene| {
        let solution = solution(conn, &scene)?;
        solution_invitation(conn, &scene, &solution)?;
        solution_invitation(conn, &scene, &solution)
    }),
    ("consortia_challenge_id_lead_id_key", |conn, scene| {
        consortia::insert(conn, &consortium(conn, &scene))?;
        consortia::insert(conn, &consortium(conn, &scene))
    }),
    ("no_bids_challenge_id_company_id_key", |conn, scene| {
        no_bids::insert(conn, &no_bid(conn, &scene))?;
        no_bids::insert(conn, &no_bid(conn, &scene))
    }),
    ("team_consents_challenge_id_company_id_email_key", |conn, scene| {
        team_consents::insert(conn, &team_consent(conn, &scene), "one")?;
        team_consents::insert(conn, &team_consent(conn, &scene), "two")
    }),
    ("team_consents_token_hash_key", |conn, scene| {
        team_consents::insert(conn, &team_consent(conn, &scene), "same")?;
        let another = TeamConsent { email: Some(email("another")), ..team_consent(conn, &scene) };
        team_consents::insert(conn, &another, "same")
    }),
    ("bids_challenge_id_company_id_stage_key", |conn, mut scene| {
        scene.bid.id = conn.new_id();
        bids::insert(conn, &scene.bid)
    }),
    ("evaluations_bid_id_evaluator_id_key", |conn, mut scene| {
        scene.evaluation.id = conn.new_id();
        evaluations::insert(conn, scene.challenge.id, &scene.evaluation)
    }),
    ("contracts_bid_id_key", |conn, mut scene| {
        scene.contract.id = conn.new_id();
        contracts::insert(conn, &scene.contract, &[])
    }),
    ("milestones_contract_id_number_key", |conn, mut scene| {
        let mut offer = scene.bid.clone();
        (offer.id, offer.company) = (conn.new_id(), scene.agency.id);
        bids::insert(conn, &offer)?;
        (scene.contract.id, scene.contract.bid) = (conn.new_id(), offer.id);
        let mut twice = [scene.milestone.clone(), scene.milestone];
        for milestone in &mut twice {
            (milestone.id, milestone.contract) = (conn.new_id(), scene.contract.id);
        }
        contracts::insert(conn, &scene.contract, &twice)
    }),
    ("questions_challenge_id_number_key", |conn, scene| {
        for mut question in [question(conn, &scene), question(conn, &scene)] {
            let at = scene.user.created_at;
            question.publication = Some(Publication { number: 1, revision: 1, at, corrected_at: None });
            questions::insert(conn, &question)?;
        }
        Ok(())
    }),
    ("consultation_responses_challenge_id_company_id_key", |conn, scene| {
        consultations::insert(conn, &response(conn, &scene))?;
        consultations::insert(conn, &response(conn, &scene))
    }),
];

/// Only the sequencer writes the first two, and it counts. A listing is looked for before it is added. A draft
/// that is there already is no error: its id is given. The last is for a foreign key; the primary key is a part of it.
const NOT_INSERTED: [&str; 5] = [
    "events_position_key",
    "events_public_position_key",
    "challenge_listings_challenge_id_key",
    "bid_drafts_challenge_id_company_id_key",
    "challenges_id_sandbox_key",
];

/// Primary keys that say something, and one that does not.
const PRIMARY: [(&str, Attempt); 6] = [
    ("users_id_key", |conn, mut scene| {
        scene.user.email = email("another");
        accounts::insert(conn, &scene.user)
    }),
    ("member_roles_member_id_role_key", |conn, mut scene| {
        scene.member.roles = vec![Role::Bidder, Role::Bidder];
        members::update(conn, &mut scene.member)
    }),
    ("panel_members_challenge_id_duty_user_id_key", |conn, scene| {
        let evaluators = vec![scene.user.id, scene.user.id];
        panels::replace(conn, scene.challenge.id, &Panel { evaluators, ..Panel::default() })
    }),
    ("conflict_declarations_challenge_id_user_id_key", |conn, scene| {
        let (evaluator, declared_at) = (scene.user.id, scene.user.created_at);
        let declaration = ConflictDeclaration { evaluator, conflicts: Vec::new(), declared_at };
        panels::insert_declaration(conn, scene.challenge.id, &declaration)?;
        panels::insert_declaration(conn, scene.challenge.id, &declaration)
    }),
    ("opening_attendances_challenge_id_kind_user_id_key", |conn, scene| {
        let (challenge, user, now) = (scene.challenge.id, scene.user.id, scene.user.created_at);
        opening_committees::attend(conn, challenge, EnvelopeKind::Price, user, now)?;
        opening_committees::attend(conn, challenge, EnvelopeKind::Quality, user, now)?;
        opening_committees::attend(conn, challenge, EnvelopeKind::Quality, user, now)
    }),
    ("awards_challenge_id_key", |conn, scene| {
        let award = Award {
            decided_by: scene.user.id,
            decided_at: scene.user.created_at,
            reason: "best".to_owned(),
            ranking: Ranking { rows: Vec::new() },
            winners: Vec::new(),
        };
        awards::insert(conn, scene.challenge.id, &award)?;
        awards::insert(conn, scene.challenge.id, &award)
    }),
];

/// Saves what somebody else has saved since it was read.
const STALE: [(&str, Attempt); 12] = [
    ("an organisation", |conn, mut scene| organisations::update(conn, &mut scene.company)),
    ("a member", |conn, mut scene| members::update(conn, &mut scene.member)),
    ("a member who is removed", |conn, scene| members::delete(conn, &scene.member)),
    ("a challenge", |conn, mut scene| challenges::update(conn, &mut scene.challenge)),
    ("a bid", |conn, mut scene| bids::update(conn, &mut scene.bid)),
    ("a sheet", |conn, mut scene| evaluations::update(conn, &mut scene.evaluation)),
    ("a contract", |conn, mut scene| contracts::update(conn, &mut scene.contract)),
    ("an obligation", |conn, scene| {
        let mut obligation = review(conn, &scene);
        obligations::insert(conn, &obligation)?;
        obligations::update(conn, &mut obligation)?;
        obligation.version -= 1;
        obligations::update(conn, &mut obligation)
    }),
    ("a solution", |conn, scene| {
        let mut solution = solution(conn, &scene)?;
        solutions::update(conn, &mut solution)?;
        solution.version -= 1;
        solutions::update(conn, &mut solution)
    }),
    ("a question", |conn, scene| {
        let mut question = question(conn, &scene);
        questions::insert(conn, &question)?;
        questions::update(conn, &mut question)?;
        question.version -= 1;
        questions::update(conn, &mut question)
    }),
    ("a response to a consultation", |conn, scene| {
        let mut response = response(conn, &scene);
        consultations::insert(conn, &response)?;
        consultations::update(conn, &mut response)?;
        response.version -= 1;
        consultations::update(conn, &mut response)
    }),
    ("a milestone", |conn, mut scene| contracts::update_milestone(conn, &mut scene.milestone)),
];

/// A question of the company.
fn question(conn: &Conn, scene: &Scene) -> Question {
    let wording =
        Wording { question: "Who?".to_owned(), answer: String::new(), changes_scope: false, change_notice: None };
    Question {
        id: conn.new_id(),
        challenge: scene.challenge.id,
        company: scene.company.id,
        asker: Some(scene.user.id),
        asked_at: scene.user.created_at,
        original: "Who?".to_owned(),
        status: QuestionStatus::Asked,
        wording,
        merged_into: None,
        decline_reason: None,
        publication: None,
        version: 1,
    }
}

/// What the company answers in a consultation.
fn response(conn: &Conn, scene: &Scene) -> ConsultationResponse {
    ConsultationResponse {
        id: conn.new_id(),
        challenge: scene.challenge.id,
        company: scene.company.id,
        statement: Statement { text: "Yes.".to_owned(), publishable: true, named: true },
        revision: 1,
        submitted_at: scene.user.created_at,
        submitted_by: scene.user.id,
        withdrawn_at: None,
        version: 1,
    }
}

/// That the agency reviews the challenge.
fn review(conn: &Conn, scene: &Scene) -> Obligation {
    let due = Due { at: scene.user.created_at, computed: None };
    Obligation::open(conn.new_id(), scene.challenge.review_duty(), due, scene.user.created_at).0
}

/// That the bid was received.
fn receipt(conn: &mut Conn, scene: &Scene) -> Result<BidReceipt> {
    let origin = Origin { actor: None, request_id: "test" };
    let submitted = Event::confidential("bid.submitted", Subject::Bid(scene.bid.id), None);
    let event = events::record(conn, origin, scene.user.created_at, submitted)?;
    Ok(BidReceipt {
        id: conn.new_id(),
        challenge: scene.challenge.id,
        company: scene.bid.company,
        bid: Some(scene.bid.id),
        event,
        key: "key".to_owned(),
        received_at: scene.user.created_at,
        refused: false,
        payload: "{}".to_owned(),
        signature: String::new(),
    })
}

fn opening_key(conn: &Conn, user: UserId, recipient: &str) -> OpeningKey {
    let (recipient, created_at) = (recipient.to_owned(), conn.machine_now());
    OpeningKey { id: conn.new_id(), user, recipient, protected: None, created_at, replaced_at: None }
}

fn envelope(conn: &Conn, scene: &Scene, revision: i32) -> Envelope {
    Envelope {
        id: conn.new_id(),
        bid: scene.bid.id,
        revision,
        kind: EnvelopeKind::Price,
        sealed_by: SealedBy::Server,
        sha256: "00".to_owned(),
        recovery: None,
        opened_at: None,
        failure: None,
    }
}

fn parts(nonce: &str) -> Parts {
    Parts { nonce: nonce.to_owned(), manifest: "{}".to_owned(), content: vec![1], share_files: Vec::new() }
}

/// The one that the company leads.
fn consortium(conn: &Conn, scene: &Scene) -> Consortium {
    Consortium {
        id: conn.new_id(),
        challenge: scene.challenge.id,
        lead: scene.bid.company,
        partners: Vec::new(),
        composition: 1,
        created_at: scene.user.created_at,
        version: 1,
    }
}

/// Whom the company asks.
fn team_consent(conn: &Conn, scene: &Scene) -> TeamConsent {
    TeamConsent {
        id: conn.new_id(),
        challenge: scene.challenge.id,
        company: scene.bid.company,
        name: "Maja".to_owned(),
        email: Some(email("maja")),
        role: "Leads".to_owned(),
        asked_at: scene.user.created_at,
        agreed_at: None,
        refused_at: None,
    }
}

/// What the company says.
fn no_bid(conn: &Conn, scene: &Scene) -> NoBid {
    NoBid {
        id: conn.new_id(),
        challenge: scene.challenge.id,
        company: scene.bid.company,
        said: Said { reason: NoBidReason::NoCapacity, comment: None, shared: false },
        created_at: scene.user.created_at,
        changed_at: scene.user.created_at,
        version: 1,
    }
}

/// The first change of the challenge.
fn change_notice(conn: &Conn, scene: &Scene) -> ChangeNotice {
    ChangeNotice {
        id: conn.new_id(),
        challenge: scene.challenge.id,
        number: 1,
        code: ChangeReason::Correction,
        reason: "We were wrong.".to_owned(),
        sections: Vec::new(),
        material: false,
        deadline_before: scene.user.created_at,
        deadline: scene.user.created_at,
        revision_before: 1,
        revision: 2,
        published_by: scene.user.id,
        published_at: scene.user.created_at,
    }
}

on_both! {
    fn a_duplicate_names_the_constraint(backend: Backend) {
        let world = World::new(backend);
        let scene = world.write(scene);
        for (constraint, attempt) in UNIQUE.into_iter().chain(PRIMARY) {
            let scene = scene.clone();
            let refused = world.try_write(move |conn| attempt(conn, scene));
            assert!(matches!(&refused, Err(Error::Duplicate(name)) if name == constraint), "{constraint}: {refused:?}");
        }
    }

    fn no_constraint_is_left_out(backend: Backend) {
        let schema = catalogue::read(&World::new(backend).database.url);
        let all: BTreeSet<&str> = schema.values().flat_map(catalogue::Table::unique_names).collect();
        let tried = UNIQUE.iter().map(|(constraint, _)| *constraint);
        assert_eq!(all, tried.chain(NOT_INSERTED).collect());
    }

    /// One live bid per company and challenge; withdrawn ones do not count.
    fn after_a_withdrawal_there_may_be_another_bid(backend: Backend) {
        let world = World::new(backend);
        world.write(|conn| {
            let mut bid = scene(conn)?.bid;
            bid.status = domain::BidStatus::Withdrawn;
            bids::update(conn, &mut bid)?;
            bid.id = conn.new_id();
            bid.status = domain::BidStatus::Submitted;
            bids::insert(conn, &bid)
        });
    }

    fn a_stale_version_is_never_saved(backend: Backend) {
        let world = World::new(backend);
        let scene = world.write(scene);
        let update_all = |mut scene: Scene| {
            world.write(move |conn| {
                organisations::update(conn, &mut scene.company)?;
                members::update(conn, &mut scene.member)?;
                challenges::update(conn, &mut scene.challenge)?;
                bids::update(conn, &mut scene.bid)?;
                evaluations::update(conn, &mut scene.evaluation)?;
                contracts::update(conn, &mut scene.contract)?;
                contracts::update_milestone(conn, &mut scene.milestone)?;
                Ok(scene)
            })
        };
        // Twice: the version that comes back is the one that is stored.
        update_all(update_all(scene.clone()));
        for (what, attempt) in STALE {
            let scene = scene.clone();
            let refused = world.try_write(move |conn| attempt(conn, scene));
            assert!(matches!(refused, Err(Error::ConcurrentChange)), "{what}: {refused:?}");
        }
    }
}
