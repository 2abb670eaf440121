-- How people come in, and what slows down who guesses.

ALTER TABLE users ADD COLUMN version integer NOT NULL DEFAULT 1;
-- One-time codes (RFC 6238): the sealed secret, since when it is needed, and the last time step that was used.
ALTER TABLE users ADD COLUMN totp_secret text;
ALTER TABLE users ADD COLUMN totp_enabled_at timestamptz;
ALTER TABLE users ADD COLUMN totp_last_step bigint;

-- Whose link it is and which address it is about; neither for a registration.
ALTER TABLE one_time_links ADD COLUMN user_id uuid;
ALTER TABLE one_time_links ADD COLUMN email text;
CREATE INDEX one_time_links_user_id_idx ON one_time_links (user_id);
CREATE INDEX one_time_links_email_idx ON one_time_links (email);

-- Each lets somebody in once who has lost their device.
CREATE TABLE recovery_codes (
    id uuid PRIMARY KEY NOT NULL,
    user_id uuid NOT NULL REFERENCES users (id),
    code_hash text NOT NULL,
    used_at timestamptz,
    CONSTRAINT recovery_codes_user_id_code_hash_key UNIQUE (user_id, code_hash)
);

-- Where somebody logged in before; failures there are counted apart.
CREATE TABLE known_devices (
    id uuid PRIMARY KEY NOT NULL,
    user_id uuid NOT NULL REFERENCES users (id),
    token_hash text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT known_devices_token_hash_key UNIQUE (token_hash)
);
CREATE INDEX known_devices_user_id_idx ON known_devices (user_id, expires_at);

-- Failed attempts to prove something, by the hash of what they are counted for: an address, a network, a device.
CREATE TABLE attempts (
    counter text PRIMARY KEY NOT NULL,
    failures integer NOT NULL,
    last_at timestamptz NOT NULL,
    blocked_until timestamptz
);
CREATE INDEX attempts_last_at_idx ON attempts (last_at);
