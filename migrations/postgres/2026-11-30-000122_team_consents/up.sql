-- Whether people agree to be named in the team of a bid.

CREATE TABLE team_consents (
    id uuid PRIMARY KEY NOT NULL,
    challenge_id uuid NOT NULL REFERENCES challenges (id),
    company_id uuid NOT NULL REFERENCES organisations (id),
    name text NOT NULL,
    -- Nothing any more, once the person was erased.
    email text,
    role text NOT NULL,
    token_hash text,
    asked_at timestamptz NOT NULL,
    agreed_at timestamptz,
    refused_at timestamptz,
    CONSTRAINT team_consents_challenge_id_company_id_email_key UNIQUE (challenge_id, company_id, email),
    CONSTRAINT team_consents_token_hash_key UNIQUE (token_hash)
);
CREATE INDEX team_consents_challenge_id_company_id_idx ON team_consents (challenge_id, company_id, id);
CREATE INDEX team_consents_email_idx ON team_consents (email);
