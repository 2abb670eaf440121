DROP TABLE challenge_suspensions;
DROP TABLE change_notices;
DROP TABLE addenda;
DROP TABLE scheduled_publications;
ALTER TABLE bids DROP COLUMN answered_changes;
ALTER TABLE challenges DROP COLUMN material_changes;
