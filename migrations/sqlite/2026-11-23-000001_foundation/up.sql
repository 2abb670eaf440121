-- The PostgreSQL twin has the same tables, columns and constraints; a test compares them.
-- uuid, timestamptz and jsonb are text here: fixed-width RFC 3339 in UTC, so that text order is time order.

CREATE TABLE settings (
    name text PRIMARY KEY NOT NULL,
    value text NOT NULL
) STRICT;

-- Only people who confirmed their address are here; until then a registration lives in its link.
CREATE TABLE users (
    id text PRIMARY KEY NOT NULL,
    email text NOT NULL,
    name text NOT NULL,
    password_hash text NOT NULL,
    administrator integer NOT NULL,
    created_at text NOT NULL,
    CONSTRAINT users_email_key UNIQUE (email)
) STRICT;

CREATE TABLE one_time_links (
    id text PRIMARY KEY NOT NULL,
    purpose text NOT NULL,
    token_hash text NOT NULL,
    registration text,
    expires_at text NOT NULL,
    used_at text,
    CONSTRAINT one_time_links_token_hash_key UNIQUE (token_hash)
) STRICT;

CREATE TABLE sessions (
    id text PRIMARY KEY NOT NULL,
    user_id text NOT NULL REFERENCES users (id),
    created_at text NOT NULL,
    expires_at text NOT NULL,
    ended_at text,
    end_reason text
) STRICT;
CREATE INDEX sessions_user_id_idx ON sessions (user_id);

CREATE TABLE refresh_tokens (
    id text PRIMARY KEY NOT NULL,
    session_id text NOT NULL REFERENCES sessions (id),
    token_hash text NOT NULL,
    issued_at text NOT NULL,
    used_at text,
    CONSTRAINT refresh_tokens_token_hash_key UNIQUE (token_hash)
) STRICT;
CREATE INDEX refresh_tokens_session_id_idx ON refresh_tokens (session_id);

CREATE TABLE organisations (
    id text PRIMARY KEY NOT NULL,
    kind text NOT NULL,
    legal_name text NOT NULL,
    country text NOT NULL,
    verified_at text,
    created_at text NOT NULL,
    version integer NOT NULL,
    CONSTRAINT organisations_country_legal_name_key UNIQUE (country, legal_name)
) STRICT;

CREATE TABLE members (
    id text PRIMARY KEY NOT NULL,
    organisation_id text NOT NULL REFERENCES organisations (id),
    user_id text NOT NULL REFERENCES users (id),
    joined_at text NOT NULL,
    version integer NOT NULL,
    CONSTRAINT members_organisation_id_user_id_key UNIQUE (organisation_id, user_id)
) STRICT;
CREATE INDEX members_user_id_idx ON members (user_id);

CREATE TABLE member_roles (
    member_id text NOT NULL REFERENCES members (id) ON DELETE CASCADE,
    role text NOT NULL,
    PRIMARY KEY (member_id, role)
) STRICT;

-- What is filtered, sorted or joined has a column; the sections of a challenge are one document.
CREATE TABLE challenges (
    id text PRIMARY KEY NOT NULL,
    reference text NOT NULL,
    agency_id text NOT NULL REFERENCES organisations (id),
    status text NOT NULL,
    title text NOT NULL,
    summary text NOT NULL,
    procedure text NOT NULL,
    currency text,
    budget_ceiling_minor integer,
    submission_deadline text,
    content text NOT NULL,
    author_id text NOT NULL REFERENCES users (id),
    last_editor_id text NOT NULL REFERENCES users (id),
    approved_by_id text REFERENCES users (id),
    review_comment text,
    created_at text NOT NULL,
    published_at text,
    closed_at text,
    opened_at text,
    awarded_at text,
    standstill_until text,
    ended_at text,
    end_reason_code text,
    end_reason text,
    version integer NOT NULL,
    CONSTRAINT challenges_reference_key UNIQUE (reference)
) STRICT;
CREATE INDEX challenges_published_at_idx ON challenges (published_at, id) WHERE published_at IS NOT NULL;
CREATE INDEX challenges_status_idx ON challenges (status, published_at, id) WHERE published_at IS NOT NULL;
CREATE INDEX challenges_public_agency_idx ON challenges (agency_id, published_at, id) WHERE published_at IS NOT NULL;
CREATE INDEX challenges_agency_idx ON challenges (agency_id, created_at, id);
CREATE INDEX challenges_deadline_idx ON challenges (status, submission_deadline);

-- duty: chair, evaluator, opening
CREATE TABLE panel_members (
    challenge_id text NOT NULL REFERENCES challenges (id),
    duty text NOT NULL,
    user_id text NOT NULL REFERENCES users (id),
    PRIMARY KEY (challenge_id, duty, user_id)
) STRICT;
CREATE INDEX panel_members_user_id_idx ON panel_members (user_id);

CREATE TABLE conflict_declarations (
    challenge_id text NOT NULL REFERENCES challenges (id),
    user_id text NOT NULL REFERENCES users (id),
    conflicts text NOT NULL,
    declared_at text NOT NULL,
    PRIMARY KEY (challenge_id, user_id)
) STRICT;

CREATE TABLE opening_approvals (
    challenge_id text NOT NULL REFERENCES challenges (id),
    user_id text NOT NULL REFERENCES users (id),
    approved_at text NOT NULL,
    PRIMARY KEY (challenge_id, user_id)
) STRICT;

CREATE TABLE bids (
    id text PRIMARY KEY NOT NULL,
    challenge_id text NOT NULL REFERENCES challenges (id),
    company_id text NOT NULL REFERENCES organisations (id),
    status text NOT NULL,
    solution text NOT NULL,
    price_minor integer NOT NULL,
    currency text NOT NULL,
    milestones text NOT NULL,
    revision integer NOT NULL,
    submitted_at text NOT NULL,
    submitted_by_id text NOT NULL REFERENCES users (id),
    withdrawn_at text,
    disqualification_code text,
    disqualification_reason text,
    version integer NOT NULL
) STRICT;
-- One live bid per company and challenge; after a withdrawal there may be another.
CREATE UNIQUE INDEX bids_challenge_id_company_id_key ON bids (challenge_id, company_id) WHERE status <> 'withdrawn';
CREATE INDEX bids_challenge_id_idx ON bids (challenge_id, id);
CREATE INDEX bids_company_id_idx ON bids (company_id, id);

CREATE TABLE evaluations (
    id text PRIMARY KEY NOT NULL,
    challenge_id text NOT NULL REFERENCES challenges (id),
    bid_id text NOT NULL REFERENCES bids (id),
    evaluator_id text NOT NULL REFERENCES users (id),
    scores text NOT NULL,
    submitted_at text,
    version integer NOT NULL,
    CONSTRAINT evaluations_bid_id_evaluator_id_key UNIQUE (bid_id, evaluator_id)
) STRICT;
CREATE INDEX evaluations_challenge_id_idx ON evaluations (challenge_id);

CREATE TABLE awards (
    challenge_id text PRIMARY KEY NOT NULL REFERENCES challenges (id),
    decided_by_id text NOT NULL REFERENCES users (id),
    decided_at text NOT NULL,
    reason text NOT NULL,
    ranking text NOT NULL
) STRICT;

CREATE TABLE contracts (
    id text PRIMARY KEY NOT NULL,
    challenge_id text NOT NULL REFERENCES challenges (id),
    bid_id text NOT NULL REFERENCES bids (id),
    agency_id text NOT NULL REFERENCES organisations (id),
    company_id text NOT NULL REFERENCES organisations (id),
    value_minor integer NOT NULL,
    currency text NOT NULL,
    status text NOT NULL,
    agency_signed_by_id text REFERENCES users (id),
    agency_signed_at text,
    company_signed_by_id text REFERENCES users (id),
    company_signed_at text,
    outcome_decision text,
    learning text,
    brilliant_failure integer,
    completed_at text,
    created_at text NOT NULL,
    version integer NOT NULL,
    CONSTRAINT contracts_bid_id_key UNIQUE (bid_id)
) STRICT;
CREATE INDEX contracts_challenge_id_idx ON contracts (challenge_id);

CREATE TABLE milestones (
    id text PRIMARY KEY NOT NULL,
    contract_id text NOT NULL REFERENCES contracts (id),
    number integer NOT NULL,
    title text NOT NULL,
    amount_minor integer NOT NULL,
    currency text NOT NULL,
    due_at text NOT NULL,
    status text NOT NULL,
    delivery_note text,
    delivered_at text,
    decided_at text,
    rejection_reason text,
    invoice_number text,
    invoiced_at text,
    payment_reference text,
    paid_at text,
    version integer NOT NULL,
    CONSTRAINT milestones_contract_id_number_key UNIQUE (contract_id, number)
) STRICT;

-- Append-only. Positions are given after commit by the sequencer; both count without gaps: `position` all events,
-- `public_position` the public ones, so that the public feed does not betray how many others there are.
CREATE TABLE events (
    id text PRIMARY KEY NOT NULL,
    position integer,
    public_position integer,
    kind text NOT NULL,
    occurred_at text NOT NULL,
    actor_id text REFERENCES users (id),
    organisation_id text REFERENCES organisations (id),
    subject_kind text NOT NULL,
    subject_id text NOT NULL,
    public_payload text,
    confidential_payload text NOT NULL,
    reason text,
    request_id text NOT NULL,
    CONSTRAINT events_position_key UNIQUE (position),
    CONSTRAINT events_public_position_key UNIQUE (public_position)
) STRICT;
CREATE INDEX events_unsequenced_idx ON events (occurred_at, id) WHERE position IS NULL;
CREATE INDEX events_subject_idx ON events (subject_id, id);

CREATE TABLE idempotency_keys (
    owner text NOT NULL,
    key text NOT NULL,
    request_hash text NOT NULL,
    status integer,
    headers text,
    body text,
    created_at text NOT NULL,
    PRIMARY KEY (owner, key)
) STRICT;
CREATE INDEX idempotency_keys_created_at_idx ON idempotency_keys (created_at);

CREATE TABLE outbox_mails (
    id text PRIMARY KEY NOT NULL,
    recipient_name text NOT NULL,
    recipient_address text NOT NULL,
    message text NOT NULL,
    created_at text NOT NULL,
    next_attempt_at text,
    attempts integer NOT NULL,
    sent_at text,
    failed_at text,
    last_error text
) STRICT;
CREATE INDEX outbox_mails_due_idx ON outbox_mails (next_attempt_at) WHERE next_attempt_at IS NOT NULL;
