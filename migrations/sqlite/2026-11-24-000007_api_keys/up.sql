-- Keys with which programs act in the place of whoever made them, in one organisation. Secrets are here as hashes only.
CREATE TABLE api_keys (
    id text PRIMARY KEY NOT NULL,
    organisation_id text NOT NULL REFERENCES organisations (id),
    creator_id text NOT NULL REFERENCES users (id),
    name text NOT NULL,
    token_name text NOT NULL,
    hash text NOT NULL,
    previous_hash text,
    previous_until text,
    scopes text NOT NULL,
    networks text NOT NULL,
    created_at text NOT NULL,
    expires_at text NOT NULL,
    revoked_at text,
    last_used_at text,
    last_used_network text,
    expiry_announced_at text,
    CONSTRAINT api_keys_token_name_key UNIQUE (token_name)
) STRICT;
CREATE INDEX api_keys_organisation_id_idx ON api_keys (organisation_id, id);
CREATE INDEX api_keys_creator_id_idx ON api_keys (creator_id);
-- What expires soon, and what need not be kept any longer.
CREATE INDEX api_keys_expires_at_idx ON api_keys (expires_at);
