-- That the deadline of a challenge should be moved after an outage, and what was decided.
CREATE TABLE extension_proposals (
    id uuid PRIMARY KEY NOT NULL,
    challenge_id uuid NOT NULL REFERENCES challenges (id),
    outage_id uuid NOT NULL REFERENCES outages (id),
    deadline timestamptz NOT NULL,
    proposed_at timestamptz NOT NULL,
    decided_by_id uuid REFERENCES users (id),
    decided_at timestamptz,
    -- The change notice that moved the deadline, or why it was not moved.
    change_notice integer,
    dismissal_reason text,
    CONSTRAINT extension_proposals_challenge_id_outage_id_key UNIQUE (challenge_id, outage_id)
);
CREATE INDEX extension_proposals_challenge_id_idx ON extension_proposals (challenge_id, id);
CREATE INDEX extension_proposals_open_idx ON extension_proposals (challenge_id) WHERE decided_at IS NULL;
CREATE INDEX extension_proposals_outage_id_idx ON extension_proposals (outage_id);
CREATE INDEX extension_proposals_decided_by_id_idx ON extension_proposals (decided_by_id);
