DROP INDEX standing_documents_sha256_idx;
DROP TABLE file_scans;
