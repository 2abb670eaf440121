-- What companies answer in market consultations.
CREATE TABLE consultation_responses (
    id text PRIMARY KEY NOT NULL,
    challenge_id text NOT NULL REFERENCES challenges (id),
    company_id text NOT NULL REFERENCES organisations (id),
    text text NOT NULL,
    -- Whether everybody may read it in the end, and under the name of the company.
    publishable integer NOT NULL,
    named integer NOT NULL,
    revision integer NOT NULL,
    submitted_at text NOT NULL,
    submitted_by_id text NOT NULL REFERENCES users (id),
    withdrawn_at text,
    version integer NOT NULL
) STRICT;
CREATE UNIQUE INDEX consultation_responses_challenge_id_company_id_key ON consultation_responses (challenge_id, company_id) WHERE withdrawn_at IS NULL;
CREATE INDEX consultation_responses_challenge_id_idx ON consultation_responses (challenge_id, id);
CREATE INDEX consultation_responses_company_id_idx ON consultation_responses (company_id, challenge_id, id);
CREATE INDEX consultation_responses_submitted_by_id_idx ON consultation_responses (submitted_by_id);

-- How market consultations ended.
CREATE TABLE consultation_conclusions (
    challenge_id text PRIMARY KEY NOT NULL REFERENCES challenges (id),
    summary text NOT NULL,
    next_id text REFERENCES challenges (id),
    concluded_by_id text NOT NULL REFERENCES users (id),
    concluded_at text NOT NULL
) STRICT;
CREATE INDEX consultation_conclusions_next_id_idx ON consultation_conclusions (next_id) WHERE next_id IS NOT NULL;
CREATE INDEX consultation_conclusions_concluded_by_id_idx ON consultation_conclusions (concluded_by_id);
