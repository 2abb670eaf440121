CREATE TABLE challenge_documents (
    id uuid PRIMARY KEY NOT NULL,
    challenge_id uuid NOT NULL REFERENCES challenges (id),
    kind text NOT NULL,
    title text NOT NULL,
    language text,
    added_at timestamptz NOT NULL
);
CREATE INDEX challenge_documents_challenge_id_idx ON challenge_documents (challenge_id, id);

-- A version never changes. organisation_id: whose quota it counts against.
CREATE TABLE document_versions (
    document_id uuid NOT NULL REFERENCES challenge_documents (id),
    number integer NOT NULL,
    organisation_id uuid NOT NULL REFERENCES organisations (id),
    sha256 text NOT NULL REFERENCES files (sha256),
    name text NOT NULL,
    size bigint NOT NULL,
    media_type text NOT NULL,
    added_by_id uuid NOT NULL REFERENCES users (id),
    added_at timestamptz NOT NULL,
    PRIMARY KEY (document_id, number)
);
CREATE INDEX document_versions_organisation_id_idx ON document_versions (organisation_id, size);
CREATE INDEX document_versions_sha256_idx ON document_versions (sha256);
