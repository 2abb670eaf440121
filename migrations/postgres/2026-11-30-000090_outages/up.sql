-- When the service could not be used. Nothing is taken out again.

CREATE TABLE outages (
    id uuid PRIMARY KEY NOT NULL,
    started_at timestamptz NOT NULL,
    ended_at timestamptz NOT NULL,
    cause text NOT NULL,
    -- What was reported; none for what the service noticed itself.
    text text,
    reported_by_id uuid REFERENCES users (id),
    recorded_at timestamptz NOT NULL,
    event_id uuid NOT NULL REFERENCES events (id),
    -- When all challenges whose deadlines it touched had been found.
    examined_at timestamptz,
    CONSTRAINT outages_event_id_key UNIQUE (event_id)
);
CREATE INDEX outages_started_at_idx ON outages (started_at, id);
CREATE INDEX outages_unexamined_idx ON outages (recorded_at) WHERE examined_at IS NULL;
CREATE INDEX outages_reported_by_id_idx ON outages (reported_by_id);

-- What was said about them afterwards.
CREATE TABLE outage_notes (
    id uuid PRIMARY KEY NOT NULL,
    outage_id uuid NOT NULL REFERENCES outages (id),
    number integer NOT NULL,
    text text NOT NULL,
    noted_by_id uuid NOT NULL REFERENCES users (id),
    noted_at timestamptz NOT NULL,
    CONSTRAINT outage_notes_outage_id_number_key UNIQUE (outage_id, number)
);
CREATE INDEX outage_notes_noted_by_id_idx ON outage_notes (noted_by_id);
