-- When the service could not be used. Nothing is taken out again.

CREATE TABLE outages (
    id text PRIMARY KEY NOT NULL,
    started_at text NOT NULL,
    ended_at text NOT NULL,
    cause text NOT NULL,
    -- What was reported; none for what the service noticed itself.
    text text,
    reported_by_id text REFERENCES users (id),
    recorded_at text NOT NULL,
    event_id text NOT NULL REFERENCES events (id),
    -- When all challenges whose deadlines it touched had been found.
    examined_at text,
    CONSTRAINT outages_event_id_key UNIQUE (event_id)
) STRICT;
CREATE INDEX outages_started_at_idx ON outages (started_at, id);
CREATE INDEX outages_unexamined_idx ON outages (recorded_at) WHERE examined_at IS NULL;
CREATE INDEX outages_reported_by_id_idx ON outages (reported_by_id);

-- What was said about them afterwards.
CREATE TABLE outage_notes (
    id text PRIMARY KEY NOT NULL,
    outage_id text NOT NULL REFERENCES outages (id),
    number integer NOT NULL,
    text text NOT NULL,
    noted_by_id text NOT NULL REFERENCES users (id),
    noted_at text NOT NULL,
    CONSTRAINT outage_notes_outage_id_number_key UNIQUE (outage_id, number)
) STRICT;
CREATE INDEX outage_notes_noted_by_id_idx ON outage_notes (noted_by_id);
