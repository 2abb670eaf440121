-- Who may come in, and for how long; who may act for whom; what was read.

ALTER TABLE users ADD COLUMN language text NOT NULL DEFAULT 'en';
ALTER TABLE users ADD COLUMN time_zone text NOT NULL DEFAULT 'UTC';
-- Reads everything on the platform that is not sealed; changes nothing.
ALTER TABLE users ADD COLUMN auditor boolean NOT NULL DEFAULT false;
ALTER TABLE users ADD COLUMN accepted_terms integer NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN last_active_at timestamptz;
ALTER TABLE users ADD COLUMN suspended_at timestamptz;
ALTER TABLE users ADD COLUMN suspension_reason text;
ALTER TABLE users ADD COLUMN deactivated_at timestamptz;
ALTER TABLE users ADD COLUMN erased_at timestamptz;
CREATE INDEX users_last_active_at_idx ON users (last_active_at, id);

-- When the person last proved to be at the keyboard, by password, one-time code or log-in.
ALTER TABLE sessions ADD COLUMN authenticated_at timestamptz;
ALTER TABLE sessions ADD COLUMN device text;
ALTER TABLE sessions ADD COLUMN network text;
ALTER TABLE sessions ADD COLUMN last_seen_at timestamptz;

ALTER TABLE organisations ADD COLUMN suspended_at timestamptz;
ALTER TABLE organisations ADD COLUMN suspension_reason text;

ALTER TABLE members ADD COLUMN suspended_at timestamptz;
ALTER TABLE members ADD COLUMN suspension_reason text;
-- Until when an owner vouched for a member of an agency.
ALTER TABLE members ADD COLUMN certified_until timestamptz;
CREATE INDEX members_certified_until_idx ON members (certified_until, id);

-- A role lent to a colleague for a period. It works while the lender still holds the role and both are members.
CREATE TABLE delegations (
    id uuid PRIMARY KEY NOT NULL,
    organisation_id uuid NOT NULL REFERENCES organisations (id),
    delegator_id uuid NOT NULL REFERENCES users (id),
    delegate_id uuid NOT NULL REFERENCES users (id),
    role text NOT NULL,
    reason text NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    revoked_at timestamptz,
    created_at timestamptz NOT NULL
);
CREATE INDEX delegations_delegate_id_idx ON delegations (delegate_id, ends_at);
CREATE INDEX delegations_organisation_id_idx ON delegations (organisation_id, id);

-- Versions of the terms of use, numbered from 1.
CREATE TABLE terms (
    number integer PRIMARY KEY NOT NULL,
    title text NOT NULL,
    content text NOT NULL,
    published_at timestamptz NOT NULL,
    published_by_id uuid NOT NULL REFERENCES users (id)
);

-- Append-only: who read which confidential record. `organisation_id`: in whose name; `person_id`: whose data it was.
CREATE TABLE reads (
    id uuid PRIMARY KEY NOT NULL,
    reader_id uuid NOT NULL REFERENCES users (id),
    organisation_id uuid REFERENCES organisations (id),
    subject_kind text NOT NULL,
    subject_id uuid NOT NULL,
    person_id uuid REFERENCES users (id),
    read_at timestamptz NOT NULL,
    request_id text NOT NULL
);
CREATE INDEX reads_organisation_id_idx ON reads (organisation_id, id);
CREATE INDEX reads_person_id_idx ON reads (person_id, id);
CREATE INDEX reads_subject_id_idx ON reads (subject_id, id);

-- The audit view of an organisation, and of a person.
CREATE INDEX events_organisation_id_idx ON events (organisation_id, id);
CREATE INDEX events_actor_id_idx ON events (actor_id, id);
