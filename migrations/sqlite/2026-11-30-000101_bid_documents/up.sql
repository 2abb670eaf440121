-- Documents of bids, encrypted as they arrive; what opens them is in no table before the opening. size: of the encrypted document,
-- or the most that it can be while it arrives. damage: what was wrong with it after the opening.
CREATE TABLE bid_documents (
    id text PRIMARY KEY NOT NULL,
    challenge_id text NOT NULL REFERENCES challenges (id),
    company_id text NOT NULL REFERENCES organisations (id),
    created_at text NOT NULL,
    size integer NOT NULL,
    sha256 text REFERENCES files (sha256),
    received_at text,
    examined_at text,
    damage text
) STRICT;
CREATE INDEX bid_documents_company_id_idx ON bid_documents (company_id, challenge_id, id);
CREATE INDEX bid_documents_challenge_id_idx ON bid_documents (challenge_id, company_id);
CREATE INDEX bid_documents_sha256_idx ON bid_documents (sha256) WHERE sha256 IS NOT NULL;
-- What is still to be looked at, or forgotten.
CREATE INDEX bid_documents_unexamined_idx ON bid_documents (id) WHERE examined_at IS NULL;
