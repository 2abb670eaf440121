CREATE TABLE challenge_documents (
    id text PRIMARY KEY NOT NULL,
    challenge_id text NOT NULL REFERENCES challenges (id),
    kind text NOT NULL,
    title text NOT NULL,
    language text,
    added_at text NOT NULL
) STRICT;
CREATE INDEX challenge_documents_challenge_id_idx ON challenge_documents (challenge_id, id);

-- A version never changes. organisation_id: whose quota it counts against.
CREATE TABLE document_versions (
    document_id text NOT NULL REFERENCES challenge_documents (id),
    number integer NOT NULL,
    organisation_id text NOT NULL REFERENCES organisations (id),
    sha256 text NOT NULL REFERENCES files (sha256),
    name text NOT NULL,
    size integer NOT NULL,
    media_type text NOT NULL,
    added_by_id text NOT NULL REFERENCES users (id),
    added_at text NOT NULL,
    PRIMARY KEY (document_id, number)
) STRICT;
CREATE INDEX document_versions_organisation_id_idx ON document_versions (organisation_id, size);
CREATE INDEX document_versions_sha256_idx ON document_versions (sha256);
