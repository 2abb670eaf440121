-- Letting people in, and out again when nobody vouches for them or they do not come any more.

CREATE TABLE invitations (
    id uuid PRIMARY KEY NOT NULL,
    organisation_id uuid NOT NULL REFERENCES organisations (id),
    email text NOT NULL,
    roles jsonb NOT NULL,
    message text,
    status text NOT NULL,
    token_hash text NOT NULL,
    invited_by_id uuid NOT NULL REFERENCES users (id),
    created_at timestamptz NOT NULL,
    sent_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    closed_at timestamptz,
    CONSTRAINT invitations_token_hash_key UNIQUE (token_hash)
);
CREATE UNIQUE INDEX invitations_organisation_id_email_key ON invitations (organisation_id, email) WHERE status = 'open';
CREATE INDEX invitations_organisation_id_idx ON invitations (organisation_id, id);
CREATE INDEX invitations_organisation_id_status_idx ON invitations (organisation_id, status, id);
-- What is known of an address; what need not be kept any longer.
CREATE INDEX invitations_email_idx ON invitations (email);
CREATE INDEX invitations_expires_at_idx ON invitations (expires_at);

-- When the person was last told that the account will be deactivated.
ALTER TABLE users ADD COLUMN inactivity_warned_at timestamptz;
UPDATE users SET last_active_at = created_at WHERE last_active_at IS NULL;

-- When the owners were last told that nobody vouches for the member any longer.
ALTER TABLE members ADD COLUMN certification_warned_at timestamptz;
