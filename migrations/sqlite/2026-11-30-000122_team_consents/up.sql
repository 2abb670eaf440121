-- Whether people agree to be named in the team of a bid.

CREATE TABLE team_consents (
    id text PRIMARY KEY NOT NULL,
    challenge_id text NOT NULL REFERENCES challenges (id),
    company_id text NOT NULL REFERENCES organisations (id),
    name text NOT NULL,
    -- Nothing any more, once the person was erased.
    email text,
    role text NOT NULL,
    token_hash text,
    asked_at text NOT NULL,
    agreed_at text,
    refused_at text,
    CONSTRAINT team_consents_challenge_id_company_id_email_key UNIQUE (challenge_id, company_id, email),
    CONSTRAINT team_consents_token_hash_key UNIQUE (token_hash)
) STRICT;
CREATE INDEX team_consents_challenge_id_company_id_idx ON team_consents (challenge_id, company_id, id);
CREATE INDEX team_consents_email_idx ON team_consents (email);
