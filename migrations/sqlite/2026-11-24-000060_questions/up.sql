-- Questions about challenges. Who asked is for the company that asked.
CREATE TABLE questions (
    id text PRIMARY KEY NOT NULL,
    challenge_id text NOT NULL REFERENCES challenges (id),
    company_id text NOT NULL REFERENCES organisations (id),
    -- Nobody once the person was erased.
    asker_id text REFERENCES users (id),
    asked_at text NOT NULL,
    original text NOT NULL,
    status text NOT NULL,
    -- What is public once there is a number, and a draft before.
    question text NOT NULL,
    answer text NOT NULL,
    changes_scope integer NOT NULL,
    change_notice_id text REFERENCES change_notices (id),
    merged_into_id text REFERENCES questions (id),
    decline_reason text,
    number integer,
    revision integer,
    published_at text,
    corrected_at text,
    version integer NOT NULL,
    CONSTRAINT questions_challenge_id_number_key UNIQUE (challenge_id, number)
) STRICT;
CREATE INDEX questions_unpublished_idx ON questions (challenge_id, id) WHERE number IS NULL;
CREATE INDEX questions_company_id_idx ON questions (company_id, challenge_id, status);
CREATE INDEX questions_asker_id_idx ON questions (asker_id) WHERE asker_id IS NOT NULL;
CREATE INDEX questions_change_notice_id_idx ON questions (change_notice_id) WHERE change_notice_id IS NOT NULL;
CREATE INDEX questions_merged_into_id_idx ON questions (merged_into_id) WHERE merged_into_id IS NOT NULL;

-- What was public of a question, and is. A version never changes.
CREATE TABLE answer_versions (
    question_id text NOT NULL REFERENCES questions (id),
    number integer NOT NULL,
    question text NOT NULL,
    answer text NOT NULL,
    changes_scope integer NOT NULL,
    change_notice_id text REFERENCES change_notices (id),
    reason text,
    published_by_id text NOT NULL REFERENCES users (id),
    published_at text NOT NULL,
    PRIMARY KEY (question_id, number)
) STRICT;
CREATE INDEX answer_versions_change_notice_id_idx ON answer_versions (change_notice_id) WHERE change_notice_id IS NOT NULL;
CREATE INDEX answer_versions_published_by_id_idx ON answer_versions (published_by_id);

-- Challenges that stay open for answers after their deadline; their officers were told.
CREATE TABLE held_closings (
    challenge_id text NOT NULL REFERENCES challenges (id),
    deadline text NOT NULL,
    since text NOT NULL,
    PRIMARY KEY (challenge_id, deadline)
) STRICT;
