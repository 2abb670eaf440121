-- What a challenge said before, and what it says to whom.

-- The challenge that this one tries again.
ALTER TABLE challenges ADD COLUMN relaunch_of_id text REFERENCES challenges (id);
CREATE INDEX challenges_relaunch_of_id_idx ON challenges (relaunch_of_id);

-- The content after each change; changes that follow each other quickly are one.
CREATE TABLE challenge_revisions (
    challenge_id text NOT NULL REFERENCES challenges (id),
    number integer NOT NULL,
    content text NOT NULL,
    editor_id text NOT NULL REFERENCES users (id),
    begun_at text NOT NULL,
    edited_at text NOT NULL,
    PRIMARY KEY (challenge_id, number)
) STRICT;
CREATE INDEX challenge_revisions_editor_id_idx ON challenge_revisions (editor_id);

CREATE TABLE challenge_templates (
    id text PRIMARY KEY NOT NULL,
    agency_id text NOT NULL REFERENCES organisations (id),
    name text NOT NULL,
    content text NOT NULL,
    author_id text NOT NULL REFERENCES users (id),
    created_at text NOT NULL,
    CONSTRAINT challenge_templates_agency_id_name_key UNIQUE (agency_id, name)
) STRICT;
CREATE INDEX challenge_templates_author_id_idx ON challenge_templates (author_id);

-- Links with which somebody without an account reads a challenge before it is published.
CREATE TABLE challenge_previews (
    id text PRIMARY KEY NOT NULL,
    challenge_id text NOT NULL REFERENCES challenges (id),
    recipient text NOT NULL,
    token_hash text NOT NULL,
    author_id text NOT NULL REFERENCES users (id),
    created_at text NOT NULL,
    expires_at text NOT NULL,
    revoked_at text,
    CONSTRAINT challenge_previews_token_hash_key UNIQUE (token_hash)
) STRICT;
CREATE INDEX challenge_previews_challenge_id_idx ON challenge_previews (challenge_id, id);
CREATE INDEX challenge_previews_author_id_idx ON challenge_previews (author_id);

-- Who promised to keep what is confidential, and the text of the promise by its SHA-256.
CREATE TABLE confidentiality_agreements (
    challenge_id text NOT NULL REFERENCES challenges (id),
    company_id text NOT NULL REFERENCES organisations (id),
    agreement_hash text NOT NULL,
    signatory_id text NOT NULL REFERENCES users (id),
    agreed_at text NOT NULL,
    PRIMARY KEY (challenge_id, company_id, agreement_hash)
) STRICT;
CREATE INDEX confidentiality_agreements_company_id_idx ON confidentiality_agreements (company_id);
CREATE INDEX confidentiality_agreements_signatory_id_idx ON confidentiality_agreements (signatory_id);
