ALTER TABLE opening_committees DROP COLUMN solutions_began_at;

-- Solutions have no place any more. Their receipts stay.
DELETE FROM posted_shares WHERE envelope_id IN (SELECT id FROM bid_envelopes WHERE kind = 'solution');
DELETE FROM bid_envelopes WHERE kind = 'solution';
DELETE FROM opening_attendances WHERE kind = 'solution';
DELETE FROM opening_recoveries WHERE kind = 'solution';
UPDATE bid_receipts SET bid_id = NULL WHERE bid_id IN (SELECT id FROM bids WHERE stage = 'solution');
DELETE FROM bids WHERE stage = 'solution';

DROP INDEX bids_challenge_id_idx;
CREATE INDEX bids_challenge_id_idx ON bids (challenge_id, id);
DROP INDEX bids_challenge_id_company_id_stage_key;
CREATE UNIQUE INDEX bids_challenge_id_company_id_key ON bids (challenge_id, company_id) WHERE status <> 'withdrawn';
ALTER TABLE bids DROP COLUMN shortlist_reason;
ALTER TABLE bids DROP COLUMN stage;

DROP INDEX challenges_solution_deadline_idx;
ALTER TABLE challenges DROP COLUMN shortlisted_at;
ALTER TABLE challenges DROP COLUMN solutions_opened_at;
ALTER TABLE challenges DROP COLUMN solutions_closed_at;
ALTER TABLE challenges DROP COLUMN solution_deadline;
