-- Who owes what to whom by when.
CREATE TABLE obligations (
    id text PRIMARY KEY NOT NULL,
    kind text NOT NULL,
    organisation_id text NOT NULL REFERENCES organisations (id),
    role text NOT NULL,
    subject_kind text NOT NULL,
    subject_id text NOT NULL,
    -- The challenge that it is about, if any; what is owed before its publication is not public.
    challenge_id text REFERENCES challenges (id),
    -- The organisation that waits.
    waiting_id text NOT NULL REFERENCES organisations (id),
    started_at text NOT NULL,
    due_at text NOT NULL,
    -- The year of due_at, in UTC, by which the figures are told.
    due_year integer NOT NULL,
    -- How the due date came about.
    computed text,
    pauses text NOT NULL,
    paused_at text,
    -- The last reminder, and when the next is due.
    reminded text,
    attention_at text,
    missed_at text,
    outcome text,
    ended_at text,
    -- Whole days from the start to the end, pauses not counted.
    took_days integer,
    version integer NOT NULL
) STRICT;
CREATE UNIQUE INDEX obligations_kind_subject_id_key ON obligations (kind, subject_id) WHERE ended_at IS NULL;
CREATE INDEX obligations_open_idx ON obligations (organisation_id, due_at, id) WHERE ended_at IS NULL;
CREATE INDEX obligations_figures_idx ON obligations (organisation_id, due_year, kind, outcome, took_days);
CREATE INDEX obligations_attention_at_idx ON obligations (attention_at) WHERE attention_at IS NOT NULL;
CREATE INDEX obligations_challenge_id_idx ON obligations (challenge_id);
CREATE INDEX obligations_waiting_id_idx ON obligations (waiting_id);
