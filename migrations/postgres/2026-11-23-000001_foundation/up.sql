-- Constraint names: <table>_<columns>_key for unique ones, on both databases. See docs/ARCHITECTURE.md, Persistence.
-- The SQLite twin has the same tables, columns and constraints; a test compares them.

CREATE TABLE settings (
    name text PRIMARY KEY NOT NULL,
    value text NOT NULL
);

-- Only people who confirmed their address are here; until then a registration lives in its link.
CREATE TABLE users (
    id uuid PRIMARY KEY NOT NULL,
    email text NOT NULL,
    name text NOT NULL,
    password_hash text NOT NULL,
    administrator boolean NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT users_email_key UNIQUE (email)
);

CREATE TABLE one_time_links (
    id uuid PRIMARY KEY NOT NULL,
    purpose text NOT NULL,
    token_hash text NOT NULL,
    registration jsonb,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    CONSTRAINT one_time_links_token_hash_key UNIQUE (token_hash)
);

CREATE TABLE sessions (
    id uuid PRIMARY KEY NOT NULL,
    user_id uuid NOT NULL REFERENCES users (id),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz,
    end_reason text
);
CREATE INDEX sessions_user_id_idx ON sessions (user_id);

CREATE TABLE refresh_tokens (
    id uuid PRIMARY KEY NOT NULL,
    session_id uuid NOT NULL REFERENCES sessions (id),
    token_hash text NOT NULL,
    issued_at timestamptz NOT NULL,
    used_at timestamptz,
    CONSTRAINT refresh_tokens_token_hash_key UNIQUE (token_hash)
);
CREATE INDEX refresh_tokens_session_id_idx ON refresh_tokens (session_id);

CREATE TABLE organisations (
    id uuid PRIMARY KEY NOT NULL,
    kind text NOT NULL,
    legal_name text NOT NULL,
    country text NOT NULL,
    verified_at timestamptz,
    created_at timestamptz NOT NULL,
    version integer NOT NULL,
    CONSTRAINT organisations_country_legal_name_key UNIQUE (country, legal_name)
);

CREATE TABLE members (
    id uuid PRIMARY KEY NOT NULL,
    organisation_id uuid NOT NULL REFERENCES organisations (id),
    user_id uuid NOT NULL REFERENCES users (id),
    joined_at timestamptz NOT NULL,
    version integer NOT NULL,
    CONSTRAINT members_organisation_id_user_id_key UNIQUE (organisation_id, user_id)
);
CREATE INDEX members_user_id_idx ON members (user_id);

CREATE TABLE member_roles (
    member_id uuid NOT NULL REFERENCES members (id) ON DELETE CASCADE,
    role text NOT NULL,
    PRIMARY KEY (member_id, role)
);

-- What is filtered, sorted or joined has a column; the sections of a challenge are one document.
CREATE TABLE challenges (
    id uuid PRIMARY KEY NOT NULL,
    reference text NOT NULL,
    agency_id uuid NOT NULL REFERENCES organisations (id),
    status text NOT NULL,
    title text NOT NULL,
    summary text NOT NULL,
    procedure text NOT NULL,
    currency text,
    budget_ceiling_minor bigint,
    submission_deadline timestamptz,
    content jsonb NOT NULL,
    author_id uuid NOT NULL REFERENCES users (id),
    last_editor_id uuid NOT NULL REFERENCES users (id),
    approved_by_id uuid REFERENCES users (id),
    review_comment text,
    created_at timestamptz NOT NULL,
    published_at timestamptz,
    closed_at timestamptz,
    opened_at timestamptz,
    awarded_at timestamptz,
    standstill_until timestamptz,
    ended_at timestamptz,
    end_reason_code text,
    end_reason text,
    version integer NOT NULL,
    CONSTRAINT challenges_reference_key UNIQUE (reference)
);
CREATE INDEX challenges_published_at_idx ON challenges (published_at, id) WHERE published_at IS NOT NULL;
CREATE INDEX challenges_status_idx ON challenges (status, published_at, id) WHERE published_at IS NOT NULL;
CREATE INDEX challenges_public_agency_idx ON challenges (agency_id, published_at, id) WHERE published_at IS NOT NULL;
CREATE INDEX challenges_agency_idx ON challenges (agency_id, created_at, id);
CREATE INDEX challenges_deadline_idx ON challenges (status, submission_deadline);

-- duty: chair, evaluator, opening
CREATE TABLE panel_members (
    challenge_id uuid NOT NULL REFERENCES challenges (id),
    duty text NOT NULL,
    user_id uuid NOT NULL REFERENCES users (id),
    PRIMARY KEY (challenge_id, duty, user_id)
);
CREATE INDEX panel_members_user_id_idx ON panel_members (user_id);

CREATE TABLE conflict_declarations (
    challenge_id uuid NOT NULL REFERENCES challenges (id),
    user_id uuid NOT NULL REFERENCES users (id),
    conflicts jsonb NOT NULL,
    declared_at timestamptz NOT NULL,
    PRIMARY KEY (challenge_id, user_id)
);

CREATE TABLE opening_approvals (
    challenge_id uuid NOT NULL REFERENCES challenges (id),
    user_id uuid NOT NULL REFERENCES users (id),
    approved_at timestamptz NOT NULL,
    PRIMARY KEY (challenge_id, user_id)
);

CREATE TABLE bids (
    id uuid PRIMARY KEY NOT NULL,
    challenge_id uuid NOT NULL REFERENCES challenges (id),
    company_id uuid NOT NULL REFERENCES organisations (id),
    status text NOT NULL,
    solution text NOT NULL,
    price_minor bigint NOT NULL,
    currency text NOT NULL,
    milestones jsonb NOT NULL,
    revision integer NOT NULL,
    submitted_at timestamptz NOT NULL,
    submitted_by_id uuid NOT NULL REFERENCES users (id),
    withdrawn_at timestamptz,
    disqualification_code text,
    disqualification_reason text,
    version integer NOT NULL
);
-- One live bid per company and challenge; after a withdrawal there may be another.
CREATE UNIQUE INDEX bids_challenge_id_company_id_key ON bids (challenge_id, company_id) WHERE status <> 'withdrawn';
CREATE INDEX bids_challenge_id_idx ON bids (challenge_id, id);
CREATE INDEX bids_company_id_idx ON bids (company_id, id);

CREATE TABLE evaluations (
    id uuid PRIMARY KEY NOT NULL,
    challenge_id uuid NOT NULL REFERENCES challenges (id),
    bid_id uuid NOT NULL REFERENCES bids (id),
    evaluator_id uuid NOT NULL REFERENCES users (id),
    scores jsonb NOT NULL,
    submitted_at timestamptz,
    version integer NOT NULL,
    CONSTRAINT evaluations_bid_id_evaluator_id_key UNIQUE (bid_id, evaluator_id)
);
CREATE INDEX evaluations_challenge_id_idx ON evaluations (challenge_id);

CREATE TABLE awards (
    challenge_id uuid PRIMARY KEY NOT NULL REFERENCES challenges (id),
    decided_by_id uuid NOT NULL REFERENCES users (id),
    decided_at timestamptz NOT NULL,
    reason text NOT NULL,
    ranking jsonb NOT NULL
);

CREATE TABLE contracts (
    id uuid PRIMARY KEY NOT NULL,
    challenge_id uuid NOT NULL REFERENCES challenges (id),
    bid_id uuid NOT NULL REFERENCES bids (id),
    agency_id uuid NOT NULL REFERENCES organisations (id),
    company_id uuid NOT NULL REFERENCES organisations (id),
    value_minor bigint NOT NULL,
    currency text NOT NULL,
    status text NOT NULL,
    agency_signed_by_id uuid REFERENCES users (id),
    agency_signed_at timestamptz,
    company_signed_by_id uuid REFERENCES users (id),
    company_signed_at timestamptz,
    outcome_decision text,
    learning text,
    brilliant_failure boolean,
    completed_at timestamptz,
    created_at timestamptz NOT NULL,
    version integer NOT NULL,
    CONSTRAINT contracts_bid_id_key UNIQUE (bid_id)
);
CREATE INDEX contracts_challenge_id_idx ON contracts (challenge_id);

CREATE TABLE milestones (
    id uuid PRIMARY KEY NOT NULL,
    contract_id uuid NOT NULL REFERENCES contracts (id),
    number integer NOT NULL,
    title text NOT NULL,
    amount_minor bigint NOT NULL,
    currency text NOT NULL,
    due_at timestamptz NOT NULL,
    status text NOT NULL,
    delivery_note text,
    delivered_at timestamptz,
    decided_at timestamptz,
    rejection_reason text,
    invoice_number text,
    invoiced_at timestamptz,
    payment_reference text,
    paid_at timestamptz,
    version integer NOT NULL,
    CONSTRAINT milestones_contract_id_number_key UNIQUE (contract_id, number)
);

-- Append-only. Positions are given after commit by the sequencer; both count without gaps: `position` all events,
-- `public_position` the public ones, so that the public feed does not betray how many others there are.
CREATE TABLE events (
    id uuid PRIMARY KEY NOT NULL,
    position bigint,
    public_position bigint,
    kind text NOT NULL,
    occurred_at timestamptz NOT NULL,
    actor_id uuid REFERENCES users (id),
    organisation_id uuid REFERENCES organisations (id),
    subject_kind text NOT NULL,
    subject_id uuid NOT NULL,
    public_payload jsonb,
    confidential_payload jsonb NOT NULL,
    reason text,
    request_id text NOT NULL,
    CONSTRAINT events_position_key UNIQUE (position),
    CONSTRAINT events_public_position_key UNIQUE (public_position)
);
CREATE INDEX events_unsequenced_idx ON events (occurred_at, id) WHERE position IS NULL;
CREATE INDEX events_subject_idx ON events (subject_id, id);

CREATE TABLE idempotency_keys (
    owner text NOT NULL,
    key text NOT NULL,
    request_hash text NOT NULL,
    status integer,
    headers jsonb,
    body text,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (owner, key)
);
CREATE INDEX idempotency_keys_created_at_idx ON idempotency_keys (created_at);

CREATE TABLE outbox_mails (
    id uuid PRIMARY KEY NOT NULL,
    recipient_name text NOT NULL,
    recipient_address text NOT NULL,
    message jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    next_attempt_at timestamptz,
    attempts integer NOT NULL,
    sent_at timestamptz,
    failed_at timestamptz,
    last_error text
);
CREATE INDEX outbox_mails_due_idx ON outbox_mails (next_attempt_at) WHERE next_attempt_at IS NOT NULL;
