-- What companies say when they do not bid.

CREATE TABLE no_bids (
    id text PRIMARY KEY NOT NULL,
    challenge_id text NOT NULL REFERENCES challenges (id),
    company_id text NOT NULL REFERENCES organisations (id),
    reason text NOT NULL,
    comment text,
    -- Whether the agency may read the comment, without the name.
    shared integer NOT NULL,
    -- The place of the comment in a list that must not tell who wrote when.
    place integer NOT NULL,
    created_at text NOT NULL,
    changed_at text NOT NULL,
    version integer NOT NULL,
    CONSTRAINT no_bids_challenge_id_company_id_key UNIQUE (challenge_id, company_id)
) STRICT;
CREATE INDEX no_bids_challenge_id_place_idx ON no_bids (challenge_id, place);
CREATE INDEX no_bids_company_id_idx ON no_bids (company_id, id);
