DROP TABLE document_versions;
DROP TABLE challenge_documents;
