-- What the virus scanner says of each content, wherever it is kept. No row: nobody has kept it. next_at: when it is to be
-- scanned, the next time; until then whoever scans it has it for themselves.
CREATE TABLE file_scans (
    sha256 text PRIMARY KEY NOT NULL,
    status text NOT NULL,
    signature text,
    attempts integer NOT NULL,
    scanned_at text,
    next_at text
) STRICT;
CREATE INDEX file_scans_next_at_idx ON file_scans (next_at, sha256) WHERE next_at IS NOT NULL;
CREATE INDEX standing_documents_sha256_idx ON standing_documents (sha256) WHERE sha256 IS NOT NULL;

INSERT INTO file_scans (sha256, status, attempts, next_at)
    SELECT sha256, 'not_scanned', 0, created_at FROM files
    UNION
    SELECT sha256, 'not_scanned', 0, min(added_at) FROM standing_documents
    WHERE sha256 IS NOT NULL AND sha256 NOT IN (SELECT sha256 FROM files) GROUP BY sha256;
