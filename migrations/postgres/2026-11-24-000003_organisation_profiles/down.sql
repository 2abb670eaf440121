ALTER TABLE bids DROP COLUMN profile;
DROP TABLE cpv_codes;
DROP TABLE standing_documents;
DROP TABLE organisation_profiles;
DROP INDEX organisations_parent_id_idx;
ALTER TABLE organisations DROP COLUMN parent_id;
