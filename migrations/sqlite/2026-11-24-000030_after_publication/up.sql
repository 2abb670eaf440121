-- What happens to a challenge around and after its publication.

-- How often what bidders answer to has changed since the publication.
ALTER TABLE challenges ADD COLUMN material_changes integer NOT NULL DEFAULT 0;
-- How many of those changes the bid takes into account.
ALTER TABLE bids ADD COLUMN answered_changes integer NOT NULL DEFAULT 0;

-- What the scheduler is to publish, and when; gone once it was published, or nobody wants it any more.
CREATE TABLE scheduled_publications (
    challenge_id text PRIMARY KEY NOT NULL REFERENCES challenges (id),
    publish_at text NOT NULL,
    scheduled_by_id text NOT NULL REFERENCES users (id),
    scheduled_at text NOT NULL
) STRICT;
CREATE INDEX scheduled_publications_publish_at_idx ON scheduled_publications (publish_at);
CREATE INDEX scheduled_publications_scheduled_by_id_idx ON scheduled_publications (scheduled_by_id);

CREATE TABLE addenda (
    challenge_id text NOT NULL REFERENCES challenges (id),
    number integer NOT NULL,
    title text NOT NULL,
    body text NOT NULL,
    published_by_id text NOT NULL REFERENCES users (id),
    published_at text NOT NULL,
    PRIMARY KEY (challenge_id, number)
) STRICT;
CREATE INDEX addenda_published_by_id_idx ON addenda (published_by_id);

-- The differences are between two revisions of the content.
CREATE TABLE change_notices (
    id text PRIMARY KEY NOT NULL,
    challenge_id text NOT NULL REFERENCES challenges (id),
    number integer NOT NULL,
    code text NOT NULL,
    reason text NOT NULL,
    sections text NOT NULL,
    material integer NOT NULL,
    deadline_before text NOT NULL,
    deadline text NOT NULL,
    revision_before integer NOT NULL,
    revision integer NOT NULL,
    published_by_id text NOT NULL REFERENCES users (id),
    published_at text NOT NULL,
    -- When bidders who had neither confirmed nor replaced were reminded.
    reminded_at text,
    CONSTRAINT change_notices_challenge_id_number_key UNIQUE (challenge_id, number)
) STRICT;
CREATE INDEX change_notices_published_by_id_idx ON change_notices (published_by_id);
CREATE INDEX change_notices_unreminded_idx ON change_notices (deadline) WHERE reminded_at IS NULL;

CREATE TABLE challenge_suspensions (
    challenge_id text NOT NULL REFERENCES challenges (id),
    number integer NOT NULL,
    code text NOT NULL,
    reason text NOT NULL,
    deadline_before text NOT NULL,
    suspended_by_id text NOT NULL REFERENCES users (id),
    suspended_at text NOT NULL,
    resumption_reason text,
    deadline text,
    resumed_by_id text REFERENCES users (id),
    resumed_at text,
    PRIMARY KEY (challenge_id, number)
) STRICT;
CREATE INDEX challenge_suspensions_suspended_by_id_idx ON challenge_suspensions (suspended_by_id);
CREATE INDEX challenge_suspensions_resumed_by_id_idx ON challenge_suspensions (resumed_by_id);
