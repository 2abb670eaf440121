ALTER TABLE document_versions DROP COLUMN acknowledged_at;
ALTER TABLE document_versions DROP COLUMN acknowledged_by_id;
ALTER TABLE document_versions DROP COLUMN findings;
ALTER TABLE uploads DROP COLUMN findings;
