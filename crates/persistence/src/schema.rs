//! The tables, as in `migrations/`; a test compares them with both databases.
#![allow(clippy::wildcard_imports, reason = "the table! macro takes its column types from imports")]

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    settings (name) {
        name -> Text,
        value -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    users (id) {
        id -> Uid,
        email -> Text,
        name -> Text,
        password_hash -> Text,
        administrator -> Bool,
        created_at -> Instant,
        language -> Text,
        time_zone -> Text,
        auditor -> Bool,
        accepted_terms -> Integer,
        last_active_at -> Nullable<Instant>,
        suspended_at -> Nullable<Instant>,
        suspension_reason -> Nullable<Text>,
        deactivated_at -> Nullable<Instant>,
        erased_at -> Nullable<Instant>,
        version -> Integer,
        totp_secret -> Nullable<Text>,
        totp_enabled_at -> Nullable<Instant>,
        totp_last_step -> Nullable<BigInt>,
        inactivity_warned_at -> Nullable<Instant>,
        search_text -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    one_time_links (id) {
        id -> Uid,
        purpose -> Text,
        token_hash -> Text,
        registration -> Nullable<Document>,
        expires_at -> Instant,
        used_at -> Nullable<Instant>,
        user_id -> Nullable<Uid>,
        email -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    sessions (id) {
        id -> Uid,
        user_id -> Uid,
        created_at -> Instant,
        expires_at -> Instant,
        ended_at -> Nullable<Instant>,
        end_reason -> Nullable<Text>,
        authenticated_at -> Nullable<Instant>,
        device -> Nullable<Text>,
        network -> Nullable<Text>,
        last_seen_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    refresh_tokens (id) {
        id -> Uid,
        session_id -> Uid,
        token_hash -> Text,
        issued_at -> Instant,
        used_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    oidc_identities (id) {
        id -> Uid,
        user_id -> Uid,
        provider -> Text,
        issuer -> Text,
        subject -> Text,
        linked_at -> Instant,
        last_used_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    oidc_sign_ins (id) {
        id -> Uid,
        provider -> Text,
        state_hash -> Text,
        nonce_hash -> Text,
        binding_hash -> Text,
        redirect_path -> Nullable<Text>,
        expires_at -> Instant,
        answered_at -> Nullable<Instant>,
        user_id -> Nullable<Uid>,
        code_hash -> Nullable<Text>,
        code_expires_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    organisations (id) {
        id -> Uid,
        kind -> Text,
        legal_name -> Text,
        country -> Text,
        verified_at -> Nullable<Instant>,
        created_at -> Instant,
        version -> Integer,
        suspended_at -> Nullable<Instant>,
        suspension_reason -> Nullable<Text>,
        parent_id -> Nullable<Uid>,
        search_name -> Text,
        sandbox -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    organisation_profiles (organisation_id) {
        organisation_id -> Uid,
        profile -> Document,
        beneficial_owners -> Document,
        iban -> Nullable<Text>,
        iban_masked -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    standing_documents (id) {
        id -> Uid,
        organisation_id -> Uid,
        kind -> Text,
        title -> Text,
        issued_on -> Text,
        expires_on -> Nullable<Text>,
        media_type -> Nullable<Text>,
        size -> Nullable<Integer>,
        sha256 -> Nullable<Text>,
        content -> Nullable<Binary>,
        added_at -> Instant,
        reminded_at -> Nullable<Instant>,
        version -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    cpv_codes (code) {
        code -> Text,
        check_digit -> Nullable<Text>,
        parent_code -> Nullable<Text>,
        name -> Text,
        search -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    members (id) {
        id -> Uid,
        organisation_id -> Uid,
        user_id -> Uid,
        joined_at -> Instant,
        version -> Integer,
        suspended_at -> Nullable<Instant>,
        suspension_reason -> Nullable<Text>,
        certified_until -> Nullable<Instant>,
        certification_warned_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    member_roles (member_id, role) {
        member_id -> Uid,
        role -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    challenges (id) {
        id -> Uid,
        reference -> Text,
        agency_id -> Uid,
        status -> Text,
        title -> Text,
        summary -> Text,
        procedure -> Text,
        currency -> Nullable<Text>,
        budget_ceiling_minor -> Nullable<BigInt>,
        submission_deadline -> Nullable<Instant>,
        content -> Document,
        author_id -> Uid,
        last_editor_id -> Uid,
        approved_by_id -> Nullable<Uid>,
        review_comment -> Nullable<Text>,
        created_at -> Instant,
        published_at -> Nullable<Instant>,
        closed_at -> Nullable<Instant>,
        opened_at -> Nullable<Instant>,
        awarded_at -> Nullable<Instant>,
        standstill_until -> Nullable<Instant>,
        ended_at -> Nullable<Instant>,
        end_reason_code -> Nullable<Text>,
        end_reason -> Nullable<Text>,
        version -> Integer,
        relaunch_of_id -> Nullable<Uid>,
        material_changes -> Integer,
        prices_opened_at -> Nullable<Instant>,
        solution_deadline -> Nullable<Instant>,
        solutions_closed_at -> Nullable<Instant>,
        solutions_opened_at -> Nullable<Instant>,
        shortlisted_at -> Nullable<Instant>,
        sandbox -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    challenge_revisions (challenge_id, number) {
        challenge_id -> Uid,
        number -> Integer,
        content -> Document,
        editor_id -> Uid,
        begun_at -> Instant,
        edited_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    challenge_templates (id) {
        id -> Uid,
        agency_id -> Uid,
        name -> Text,
        content -> Document,
        author_id -> Uid,
        created_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    challenge_previews (id) {
        id -> Uid,
        challenge_id -> Uid,
        recipient -> Text,
        token_hash -> Text,
        author_id -> Uid,
        created_at -> Instant,
        expires_at -> Instant,
        revoked_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    confidentiality_agreements (challenge_id, company_id, agreement_hash) {
        challenge_id -> Uid,
        company_id -> Uid,
        agreement_hash -> Text,
        signatory_id -> Uid,
        agreed_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    panel_members (challenge_id, duty, user_id) {
        challenge_id -> Uid,
        duty -> Text,
        user_id -> Uid,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    conflict_declarations (challenge_id, user_id) {
        challenge_id -> Uid,
        user_id -> Uid,
        conflicts -> Document,
        declared_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    opening_keys (id) {
        id -> Uid,
        user_id -> Uid,
        recipient -> Text,
        protected_key -> Nullable<Text>,
        created_at -> Instant,
        replaced_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    opening_committees (challenge_id) {
        challenge_id -> Uid,
        threshold -> Integer,
        rehearsal_manifest -> Text,
        rehearsal_started_at -> Instant,
        opening_began_at -> Nullable<Instant>,
        solutions_began_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    opening_holders (challenge_id, holder_index) {
        challenge_id -> Uid,
        holder_index -> Integer,
        user_id -> Uid,
        key_id -> Uid,
        share_file -> Text,
        rehearsed_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    opening_recoveries (challenge_id, kind) {
        challenge_id -> Uid,
        kind -> Text,
        reason -> Text,
        called_by_id -> Uid,
        called_at -> Instant,
        due_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    opening_attendances (challenge_id, kind, user_id) {
        challenge_id -> Uid,
        kind -> Text,
        user_id -> Uid,
        attended_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    bid_envelopes (id) {
        id -> Uid,
        challenge_id -> Uid,
        bid_id -> Uid,
        revision -> Integer,
        kind -> Text,
        sealed_by -> Text,
        nonce -> Text,
        sha256 -> Text,
        manifest -> Text,
        content -> Binary,
        share_files -> Document,
        recovery -> Nullable<Text>,
        opened_at -> Nullable<Instant>,
        failure -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    posted_shares (envelope_id, holder_index) {
        envelope_id -> Uid,
        holder_index -> Integer,
        share -> Text,
        posted_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    bids (id) {
        id -> Uid,
        challenge_id -> Uid,
        company_id -> Uid,
        status -> Text,
        revision -> Integer,
        submitted_at -> Instant,
        submitted_by_id -> Uid,
        withdrawn_at -> Nullable<Instant>,
        disqualification_code -> Nullable<Text>,
        disqualification_reason -> Nullable<Text>,
        version -> Integer,
        profile -> Nullable<Document>,
        answered_changes -> Integer,
        quality -> Nullable<Document>,
        price -> Nullable<Document>,
        stage -> Text,
        shortlist_reason -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    evaluations (id) {
        id -> Uid,
        challenge_id -> Uid,
        bid_id -> Uid,
        evaluator_id -> Uid,
        scores -> Document,
        submitted_at -> Nullable<Instant>,
        version -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    awards (challenge_id) {
        challenge_id -> Uid,
        decided_by_id -> Uid,
        decided_at -> Instant,
        reason -> Text,
        ranking -> Document,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    contracts (id) {
        id -> Uid,
        challenge_id -> Uid,
        bid_id -> Uid,
        agency_id -> Uid,
        company_id -> Uid,
        value_minor -> BigInt,
        currency -> Text,
        status -> Text,
        agency_signed_by_id -> Nullable<Uid>,
        agency_signed_at -> Nullable<Instant>,
        company_signed_by_id -> Nullable<Uid>,
        company_signed_at -> Nullable<Instant>,
        outcome_decision -> Nullable<Text>,
        learning -> Nullable<Text>,
        brilliant_failure -> Nullable<Bool>,
        completed_at -> Nullable<Instant>,
        created_at -> Instant,
        version -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    milestones (id) {
        id -> Uid,
        contract_id -> Uid,
        number -> Integer,
        title -> Text,
        amount_minor -> BigInt,
        currency -> Text,
        due_at -> Instant,
        status -> Text,
        delivery_note -> Nullable<Text>,
        delivered_at -> Nullable<Instant>,
        decided_at -> Nullable<Instant>,
        rejection_reason -> Nullable<Text>,
        invoice_number -> Nullable<Text>,
        invoiced_at -> Nullable<Instant>,
        payment_reference -> Nullable<Text>,
        paid_at -> Nullable<Instant>,
        version -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    events (id) {
        id -> Uid,
        position -> Nullable<BigInt>,
        public_position -> Nullable<BigInt>,
        kind -> Text,
        occurred_at -> Instant,
        actor_id -> Nullable<Uid>,
        organisation_id -> Nullable<Uid>,
        subject_kind -> Text,
        subject_id -> Uid,
        public_payload -> Nullable<Document>,
        confidential_payload -> Document,
        reason -> Nullable<Text>,
        request_id -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    idempotency_keys (owner, key) {
        owner -> Text,
        key -> Text,
        request_hash -> Text,
        status -> Nullable<Integer>,
        headers -> Nullable<Document>,
        body -> Nullable<Text>,
        created_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    outbox_mails (id) {
        id -> Uid,
        recipient_name -> Text,
        recipient_address -> Text,
        message -> Document,
        created_at -> Instant,
        next_attempt_at -> Nullable<Instant>,
        attempts -> Integer,
        sent_at -> Nullable<Instant>,
        failed_at -> Nullable<Instant>,
        last_error -> Nullable<Text>,
        sandbox -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    invitations (id) {
        id -> Uid,
        organisation_id -> Uid,
        email -> Text,
        roles -> Document,
        message -> Nullable<Text>,
        status -> Text,
        token_hash -> Text,
        invited_by_id -> Uid,
        created_at -> Instant,
        sent_at -> Instant,
        expires_at -> Instant,
        closed_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    delegations (id) {
        id -> Uid,
        organisation_id -> Uid,
        delegator_id -> Uid,
        delegate_id -> Uid,
        role -> Text,
        reason -> Text,
        starts_at -> Instant,
        ends_at -> Instant,
        revoked_at -> Nullable<Instant>,
        created_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    terms (number) {
        number -> Integer,
        title -> Text,
        content -> Text,
        published_at -> Instant,
        published_by_id -> Uid,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    reads (id) {
        id -> Uid,
        reader_id -> Uid,
        organisation_id -> Nullable<Uid>,
        subject_kind -> Text,
        subject_id -> Uid,
        person_id -> Nullable<Uid>,
        read_at -> Instant,
        request_id -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    recovery_codes (id) {
        id -> Uid,
        user_id -> Uid,
        code_hash -> Text,
        used_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    known_devices (id) {
        id -> Uid,
        user_id -> Uid,
        token_hash -> Text,
        created_at -> Instant,
        expires_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    attempts (counter) {
        counter -> Text,
        failures -> Integer,
        last_at -> Instant,
        blocked_until -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    files (sha256) {
        sha256 -> Text,
        size -> BigInt,
        created_at -> Instant,
        purge_at -> Nullable<Instant>,
        doomed_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    uploads (id) {
        id -> Uid,
        organisation_id -> Uid,
        user_id -> Uid,
        name -> Text,
        size -> BigInt,
        media_type -> Text,
        promised_sha256 -> Nullable<Text>,
        received -> BigInt,
        status -> Text,
        rejection -> Nullable<Text>,
        sha256 -> Nullable<Text>,
        created_at -> Instant,
        expires_at -> Instant,
        findings -> Document,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    calendar_versions (calendar, version) {
        calendar -> Text,
        version -> Integer,
        changes -> Document,
        reason -> Text,
        made_at -> Instant,
        made_by_id -> Uid,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    minimum_period_versions (procedure, version) {
        procedure -> Text,
        version -> Integer,
        days -> Document,
        reason -> Text,
        made_at -> Instant,
        made_by_id -> Uid,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    challenge_timelines (challenge_id) {
        challenge_id -> Uid,
        timeline -> Document,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    api_keys (id) {
        id -> Uid,
        organisation_id -> Uid,
        creator_id -> Uid,
        name -> Text,
        token_name -> Text,
        hash -> Text,
        previous_hash -> Nullable<Text>,
        previous_until -> Nullable<Instant>,
        scopes -> Document,
        networks -> Document,
        created_at -> Instant,
        expires_at -> Instant,
        revoked_at -> Nullable<Instant>,
        last_used_at -> Nullable<Instant>,
        last_used_network -> Nullable<Text>,
        expiry_announced_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    challenge_documents (id) {
        id -> Uid,
        challenge_id -> Uid,
        kind -> Text,
        title -> Text,
        language -> Nullable<Text>,
        added_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    document_versions (document_id, number) {
        document_id -> Uid,
        number -> Integer,
        organisation_id -> Uid,
        sha256 -> Text,
        name -> Text,
        size -> BigInt,
        media_type -> Text,
        added_by_id -> Uid,
        added_at -> Instant,
        findings -> Document,
        acknowledged_by_id -> Nullable<Uid>,
        acknowledged_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    challenge_followers (challenge_id, user_id) {
        challenge_id -> Uid,
        user_id -> Uid,
        because -> Text,
        since -> Instant,
        stopped_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    announcements (id) {
        id -> Uid,
        challenge_id -> Uid,
        message -> Document,
        audience -> Text,
        after_user_id -> Nullable<Uid>,
        created_at -> Instant,
        sandbox -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    obligations (id) {
        id -> Uid,
        kind -> Text,
        organisation_id -> Uid,
        role -> Text,
        subject_kind -> Text,
        subject_id -> Uid,
        challenge_id -> Nullable<Uid>,
        waiting_id -> Uid,
        started_at -> Instant,
        due_at -> Instant,
        due_year -> Integer,
        computed -> Nullable<Document>,
        pauses -> Document,
        paused_at -> Nullable<Instant>,
        reminded -> Nullable<Text>,
        attention_at -> Nullable<Instant>,
        missed_at -> Nullable<Instant>,
        outcome -> Nullable<Text>,
        ended_at -> Nullable<Instant>,
        took_days -> Nullable<Integer>,
        version -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    scheduled_publications (challenge_id) {
        challenge_id -> Uid,
        publish_at -> Instant,
        scheduled_by_id -> Uid,
        scheduled_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    addenda (challenge_id, number) {
        challenge_id -> Uid,
        number -> Integer,
        title -> Text,
        body -> Text,
        published_by_id -> Uid,
        published_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    change_notices (id) {
        id -> Uid,
        challenge_id -> Uid,
        number -> Integer,
        code -> Text,
        reason -> Text,
        sections -> Document,
        material -> Bool,
        deadline_before -> Instant,
        deadline -> Instant,
        revision_before -> Integer,
        revision -> Integer,
        published_by_id -> Uid,
        published_at -> Instant,
        reminded_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    challenge_suspensions (challenge_id, number) {
        challenge_id -> Uid,
        number -> Integer,
        code -> Text,
        reason -> Text,
        deadline_before -> Instant,
        suspended_by_id -> Uid,
        suspended_at -> Instant,
        resumption_reason -> Nullable<Text>,
        deadline -> Nullable<Instant>,
        resumed_by_id -> Nullable<Uid>,
        resumed_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    solutions (id) {
        id -> Uid,
        company_id -> Uid,
        status -> Text,
        visibility -> Text,
        maturity -> Text,
        title -> Text,
        summary -> Text,
        content -> Document,
        created_at -> Instant,
        published_at -> Nullable<Instant>,
        version -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    solution_topics (solution_id, topic) {
        solution_id -> Uid,
        topic -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    challenge_matching_topics (challenge_id, topic) {
        challenge_id -> Uid,
        topic -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    solution_invitations (id) {
        id -> Uid,
        challenge_id -> Uid,
        agency_id -> Uid,
        solution_id -> Uid,
        solution_title -> Text,
        company_id -> Uid,
        message -> Text,
        status -> Text,
        created_at -> Instant,
        answered_at -> Nullable<Instant>,
        decline_reason -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    questions (id) {
        id -> Uid,
        challenge_id -> Uid,
        company_id -> Uid,
        asker_id -> Nullable<Uid>,
        asked_at -> Instant,
        original -> Text,
        status -> Text,
        question -> Text,
        answer -> Text,
        changes_scope -> Bool,
        change_notice_id -> Nullable<Uid>,
        merged_into_id -> Nullable<Uid>,
        decline_reason -> Nullable<Text>,
        number -> Nullable<Integer>,
        revision -> Nullable<Integer>,
        published_at -> Nullable<Instant>,
        corrected_at -> Nullable<Instant>,
        version -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    answer_versions (question_id, number) {
        question_id -> Uid,
        number -> Integer,
        question -> Text,
        answer -> Text,
        changes_scope -> Bool,
        change_notice_id -> Nullable<Uid>,
        reason -> Nullable<Text>,
        published_by_id -> Uid,
        published_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    held_closings (challenge_id, deadline) {
        challenge_id -> Uid,
        deadline -> Instant,
        since -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    consultation_responses (id) {
        id -> Uid,
        challenge_id -> Uid,
        company_id -> Uid,
        text -> Text,
        publishable -> Bool,
        named -> Bool,
        revision -> Integer,
        submitted_at -> Instant,
        submitted_by_id -> Uid,
        withdrawn_at -> Nullable<Instant>,
        version -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    consultation_conclusions (challenge_id) {
        challenge_id -> Uid,
        summary -> Text,
        next_id -> Nullable<Uid>,
        concluded_by_id -> Uid,
        concluded_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    file_scans (sha256) {
        sha256 -> Text,
        status -> Text,
        signature -> Nullable<Text>,
        attempts -> Integer,
        scanned_at -> Nullable<Instant>,
        next_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    challenge_listings (position) {
        position -> BigInt,
        challenge_id -> Uid,
        agency_id -> Uid,
        country -> Text,
        status -> Text,
        procedure -> Text,
        language -> Text,
        currency -> Nullable<Text>,
        budget_minor -> Nullable<BigInt>,
        submission_deadline -> Nullable<Instant>,
        topics -> Text,
        head -> Text,
        digest -> Text,
        index_version -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    challenge_topics (kind, value, position) {
        kind -> Text,
        value -> Text,
        position -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    search_words (index_version, word) {
        index_version -> Integer,
        word -> Text,
        documents -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    search_trigrams (index_version, trigram, word) {
        index_version -> Integer,
        trigram -> Text,
        word -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    calendar_tokens (user_id) {
        user_id -> Uid,
        token_hash -> Text,
        created_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    saved_searches (id) {
        id -> Uid,
        user_id -> Uid,
        name -> Text,
        query -> Document,
        alert -> Text,
        told_until -> Instant,
        next_alert_at -> Nullable<Instant>,
        created_at -> Instant,
        version -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    receipt_keys (id) {
        id -> Text,
        public_key -> Text,
        introduced_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    bid_receipts (id) {
        id -> Uid,
        challenge_id -> Uid,
        company_id -> Uid,
        bid_id -> Nullable<Uid>,
        event_id -> Uid,
        key_id -> Text,
        received_at -> Instant,
        refused -> Bool,
        payload -> Text,
        signature -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    outages (id) {
        id -> Uid,
        started_at -> Instant,
        ended_at -> Instant,
        cause -> Text,
        text -> Nullable<Text>,
        reported_by_id -> Nullable<Uid>,
        recorded_at -> Instant,
        event_id -> Uid,
        examined_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    outage_notes (id) {
        id -> Uid,
        outage_id -> Uid,
        number -> Integer,
        text -> Text,
        noted_by_id -> Uid,
        noted_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    extension_proposals (id) {
        id -> Uid,
        challenge_id -> Uid,
        outage_id -> Uid,
        deadline -> Instant,
        proposed_at -> Instant,
        decided_by_id -> Nullable<Uid>,
        decided_at -> Nullable<Instant>,
        change_notice -> Nullable<Integer>,
        dismissal_reason -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    bid_documents (id) {
        id -> Uid,
        challenge_id -> Uid,
        company_id -> Uid,
        created_at -> Instant,
        size -> BigInt,
        sha256 -> Nullable<Text>,
        received_at -> Nullable<Instant>,
        examined_at -> Nullable<Instant>,
        damage -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    bid_drafts (id) {
        id -> Uid,
        challenge_id -> Uid,
        company_id -> Uid,
        created_at -> Instant,
        saved_by_id -> Uid,
        saved_at -> Instant,
        version -> Integer,
        content -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    bid_draft_saves (draft_id, number) {
        draft_id -> Uid,
        number -> Integer,
        saved_by_id -> Uid,
        begun_at -> Instant,
        saved_at -> Instant,
        version -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    consortia (id) {
        id -> Uid,
        challenge_id -> Uid,
        lead_id -> Uid,
        composition -> Integer,
        created_at -> Instant,
        version -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    consortium_partners (consortium_id, organisation_id) {
        consortium_id -> Uid,
        organisation_id -> Uid,
        part -> Text,
        status -> Text,
        added_at -> Instant,
        asked_at -> Instant,
        answered_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    bid_partners (bid_id, organisation_id) {
        bid_id -> Uid,
        organisation_id -> Uid,
        consortium_id -> Uid,
        composition -> Integer,
        part -> Text,
        confirmed_at -> Instant,
        taken_back_at -> Nullable<Instant>,
        profile -> Document,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    no_bids (id) {
        id -> Uid,
        challenge_id -> Uid,
        company_id -> Uid,
        reason -> Text,
        comment -> Nullable<Text>,
        shared -> Bool,
        place -> BigInt,
        created_at -> Instant,
        changed_at -> Instant,
        version -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    team_consents (id) {
        id -> Uid,
        challenge_id -> Uid,
        company_id -> Uid,
        name -> Text,
        email -> Nullable<Text>,
        role -> Text,
        token_hash -> Nullable<Text>,
        asked_at -> Instant,
        agreed_at -> Nullable<Instant>,
        refused_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    challenge_clocks (challenge_id) {
        challenge_id -> Uid,
        sandbox -> Bool,
        real_at -> Instant,
        challenge_at -> Instant,
        rate -> Integer,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    challenge_clocks,
    announcements,
    settings,
    users,
    one_time_links,
    recovery_codes,
    known_devices,
    attempts,
    sessions,
    refresh_tokens,
    oidc_identities,
    oidc_sign_ins,
    organisations,
    organisation_profiles,
    standing_documents,
    cpv_codes,
    members,
    member_roles,
    delegations,
    invitations,
    terms,
    calendar_versions,
    minimum_period_versions,
    challenge_timelines,
    reads,
    challenges,
    challenge_revisions,
    challenge_templates,
    challenge_previews,
    confidentiality_agreements,
    panel_members,
    conflict_declarations,
    opening_keys,
    opening_committees,
    opening_holders,
    opening_attendances,
    opening_recoveries,
    bid_envelopes,
    posted_shares,
    bids,
    bid_documents,
    bid_drafts,
    bid_draft_saves,
    evaluations,
    awards,
    contracts,
    milestones,
    events,
    idempotency_keys,
    outbox_mails,
    files,
    uploads,
    api_keys,
    challenge_documents,
    challenge_followers,
    document_versions,
    obligations,
    scheduled_publications,
    addenda,
    change_notices,
    challenge_suspensions,
    solutions,
    solution_topics,
    challenge_matching_topics,
    solution_invitations,
    questions,
    answer_versions,
    held_closings,
    consultation_responses,
    consultation_conclusions,
    calendar_tokens,
    saved_searches,
    challenge_listings,
    challenge_topics,
    search_words,
    search_trigrams,
    file_scans,
    receipt_keys,
    bid_receipts,
    outages,
    outage_notes,
    extension_proposals,
    consortia,
    consortium_partners,
    no_bids,
    team_consents,
    bid_partners,
);
