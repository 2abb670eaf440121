-- The catalogue of solutions, what its listings and the challenges are found by, and whom agencies invite.

CREATE TABLE solutions (
    id uuid PRIMARY KEY NOT NULL,
    company_id uuid NOT NULL REFERENCES organisations (id),
    status text NOT NULL,
    visibility text NOT NULL,
    maturity text NOT NULL,
    title text NOT NULL,
    summary text NOT NULL,
    -- What is neither filtered nor listed by.
    content jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    -- Only while it is in the catalogue.
    published_at timestamptz,
    version integer NOT NULL
);
CREATE INDEX solutions_company_id_idx ON solutions (company_id, id);
CREATE INDEX solutions_published_at_idx ON solutions (published_at, id) WHERE published_at IS NOT NULL;

-- Codes, tags, capabilities and words, each with its kind before it: tag:flood.
CREATE TABLE solution_topics (
    solution_id uuid NOT NULL REFERENCES solutions (id),
    topic text COLLATE "C" NOT NULL,
    PRIMARY KEY (solution_id, topic)
);
CREATE INDEX solution_topics_topic_idx ON solution_topics (topic, solution_id);

CREATE TABLE challenge_matching_topics (
    challenge_id uuid NOT NULL REFERENCES challenges (id),
    topic text COLLATE "C" NOT NULL,
    PRIMARY KEY (challenge_id, topic)
);
CREATE INDEX challenge_matching_topics_topic_idx ON challenge_matching_topics (topic, challenge_id);

INSERT INTO challenge_matching_topics
SELECT DISTINCT challenges.id, 'cpv:' || value FROM challenges, jsonb_array_elements_text(content -> 'cpv_codes') AS value
UNION
SELECT DISTINCT challenges.id, 'division:' || substr(value, 1, 2) FROM challenges, jsonb_array_elements_text(content -> 'cpv_codes') AS value
UNION
SELECT DISTINCT challenges.id, 'tag:' || value FROM challenges, jsonb_array_elements_text(content -> 'tags') AS value;

CREATE TABLE solution_invitations (
    id uuid PRIMARY KEY NOT NULL,
    challenge_id uuid NOT NULL REFERENCES challenges (id),
    agency_id uuid NOT NULL REFERENCES organisations (id),
    solution_id uuid NOT NULL REFERENCES solutions (id),
    solution_title text NOT NULL,
    company_id uuid NOT NULL REFERENCES organisations (id),
    message text NOT NULL,
    status text NOT NULL,
    created_at timestamptz NOT NULL,
    answered_at timestamptz,
    decline_reason text,
    CONSTRAINT solution_invitations_challenge_id_solution_id_key UNIQUE (challenge_id, solution_id)
);
CREATE INDEX solution_invitations_company_id_idx ON solution_invitations (company_id, id);
CREATE INDEX solution_invitations_solution_id_idx ON solution_invitations (solution_id);
CREATE INDEX solution_invitations_agency_id_idx ON solution_invitations (agency_id);
