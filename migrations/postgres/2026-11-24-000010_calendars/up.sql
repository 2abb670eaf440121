-- What administrators change in calendars and minimum periods: append-only, the newest version of each is in force.
-- Version 1 comes with the program and is in no table.
CREATE TABLE calendar_versions (
    calendar text NOT NULL,
    version integer NOT NULL,
    changes jsonb NOT NULL,
    reason text NOT NULL,
    made_at timestamptz NOT NULL,
    made_by_id uuid NOT NULL REFERENCES users (id),
    PRIMARY KEY (calendar, version)
);

CREATE TABLE minimum_period_versions (
    procedure text NOT NULL,
    version integer NOT NULL,
    days jsonb NOT NULL,
    reason text NOT NULL,
    made_at timestamptz NOT NULL,
    made_by_id uuid NOT NULL REFERENCES users (id),
    PRIMARY KEY (procedure, version)
);

-- The dates of a challenge as they were computed: rule, inputs and calendar version of each.
CREATE TABLE challenge_timelines (
    challenge_id uuid PRIMARY KEY NOT NULL REFERENCES challenges (id),
    timeline jsonb NOT NULL
);
