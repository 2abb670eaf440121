-- Two-stage challenges: unpriced solutions first, then offers of those on the shortlist.

-- solution_deadline: a copy from the content, for what looks for what is due. solutions_closed_at: when the officers were told
-- that it has passed.
ALTER TABLE challenges ADD COLUMN solution_deadline text;
ALTER TABLE challenges ADD COLUMN solutions_closed_at text;
ALTER TABLE challenges ADD COLUMN solutions_opened_at text;
ALTER TABLE challenges ADD COLUMN shortlisted_at text;
CREATE INDEX challenges_solution_deadline_idx ON challenges (status, solution_deadline) WHERE solution_deadline IS NOT NULL;

-- stage: solution or offer. One live bid per company, challenge and stage; after a withdrawal there may be another.
ALTER TABLE bids ADD COLUMN stage text NOT NULL DEFAULT 'offer';
ALTER TABLE bids ADD COLUMN shortlist_reason text;
DROP INDEX bids_challenge_id_company_id_key;
CREATE UNIQUE INDEX bids_challenge_id_company_id_stage_key ON bids (challenge_id, company_id, stage) WHERE status <> 'withdrawn';
DROP INDEX bids_challenge_id_idx;
CREATE INDEX bids_challenge_id_idx ON bids (challenge_id, stage, id);

-- When the first holder was handed shares of solutions; opening_began_at is for offers.
ALTER TABLE opening_committees ADD COLUMN solutions_began_at text;
