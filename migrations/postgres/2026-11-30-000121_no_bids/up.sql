-- What companies say when they do not bid.

CREATE TABLE no_bids (
    id uuid PRIMARY KEY NOT NULL,
    challenge_id uuid NOT NULL REFERENCES challenges (id),
    company_id uuid NOT NULL REFERENCES organisations (id),
    reason text NOT NULL,
    comment text,
    -- Whether the agency may read the comment, without the name.
    shared boolean NOT NULL,
    -- The place of the comment in a list that must not tell who wrote when.
    place bigint NOT NULL,
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    version integer NOT NULL,
    CONSTRAINT no_bids_challenge_id_company_id_key UNIQUE (challenge_id, company_id)
);
CREATE INDEX no_bids_challenge_id_place_idx ON no_bids (challenge_id, place);
CREATE INDEX no_bids_company_id_idx ON no_bids (company_id, id);
