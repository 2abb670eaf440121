-- Accounts at OpenID providers. A provider never gives a subject to another person (OpenID Connect Core 1.0, 2), so the
-- pair of issuer and subject names an account there; mail addresses change hands.
CREATE TABLE oidc_identities (
    id text PRIMARY KEY NOT NULL,
    user_id text NOT NULL REFERENCES users (id),
    provider text NOT NULL,
    issuer text NOT NULL,
    subject text NOT NULL,
    linked_at text NOT NULL,
    last_used_at text NOT NULL,
    CONSTRAINT oidc_identities_issuer_subject_key UNIQUE (issuer, subject)
) STRICT;
CREATE INDEX oidc_identities_user_id_idx ON oidc_identities (user_id);

-- Sign-ins that are under way, for minutes. Secrets are here as hashes only; the code verifier is derived, not stored.
CREATE TABLE oidc_sign_ins (
    id text PRIMARY KEY NOT NULL,
    provider text NOT NULL,
    state_hash text NOT NULL,
    nonce_hash text NOT NULL,
    binding_hash text NOT NULL,
    redirect_path text,
    expires_at text NOT NULL,
    answered_at text,
    user_id text REFERENCES users (id),
    code_hash text,
    code_expires_at text,
    CONSTRAINT oidc_sign_ins_state_hash_key UNIQUE (state_hash),
    CONSTRAINT oidc_sign_ins_code_hash_key UNIQUE (code_hash)
) STRICT;
CREATE INDEX oidc_sign_ins_expires_at_idx ON oidc_sign_ins (expires_at);
CREATE INDEX oidc_sign_ins_user_id_idx ON oidc_sign_ins (user_id);
