DROP TABLE confidentiality_agreements;
DROP TABLE challenge_previews;
DROP TABLE challenge_templates;
DROP TABLE challenge_revisions;
DROP INDEX challenges_relaunch_of_id_idx;
ALTER TABLE challenges DROP COLUMN relaunch_of_id;
