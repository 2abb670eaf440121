-- What office files tell besides what one sees of them, and who said that everybody may know it.
ALTER TABLE uploads ADD COLUMN findings jsonb NOT NULL DEFAULT '[]';
ALTER TABLE document_versions ADD COLUMN findings jsonb NOT NULL DEFAULT '[]';
ALTER TABLE document_versions ADD COLUMN acknowledged_by_id uuid REFERENCES users (id);
ALTER TABLE document_versions ADD COLUMN acknowledged_at timestamptz;
