-- Files that are kept, once for each content. purge_at: when to see whether anybody still
-- needs it. doomed_at: nobody does; it is being removed, and whoever sends the same content waits until it is gone.
CREATE TABLE files (
    sha256 text PRIMARY KEY NOT NULL,
    size bigint NOT NULL,
    created_at timestamptz NOT NULL,
    purge_at timestamptz,
    doomed_at timestamptz
);
CREATE INDEX files_purge_at_idx ON files (purge_at, sha256) WHERE purge_at IS NOT NULL;

-- Files on their way. received: the bytes that are on the disk for certain. sha256: known once the content was checked.
CREATE TABLE uploads (
    id uuid PRIMARY KEY NOT NULL,
    organisation_id uuid NOT NULL REFERENCES organisations (id),
    user_id uuid NOT NULL REFERENCES users (id),
    name text NOT NULL,
    size bigint NOT NULL,
    media_type text NOT NULL,
    promised_sha256 text,
    received bigint NOT NULL,
    status text NOT NULL,
    rejection text,
    sha256 text REFERENCES files (sha256),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX uploads_organisation_id_idx ON uploads (organisation_id, size);
CREATE INDEX uploads_user_id_idx ON uploads (user_id, id);
CREATE INDEX uploads_sha256_idx ON uploads (sha256) WHERE sha256 IS NOT NULL;
CREATE INDEX uploads_expires_at_idx ON uploads (expires_at, id);
CREATE INDEX uploads_checking_idx ON uploads (id) WHERE status = 'checking';
