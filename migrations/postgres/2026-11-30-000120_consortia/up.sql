-- Organisations that bid together, and the partners that bids name.

CREATE TABLE consortia (
    id uuid PRIMARY KEY NOT NULL,
    challenge_id uuid NOT NULL REFERENCES challenges (id),
    lead_id uuid NOT NULL REFERENCES organisations (id),
    -- What partners confirm: grows whenever the lead changes who takes part, or what somebody would do.
    composition integer NOT NULL,
    created_at timestamptz NOT NULL,
    version integer NOT NULL,
    CONSTRAINT consortia_challenge_id_lead_id_key UNIQUE (challenge_id, lead_id)
);
CREATE INDEX consortia_lead_id_idx ON consortia (lead_id, id);

CREATE TABLE consortium_partners (
    consortium_id uuid NOT NULL REFERENCES consortia (id),
    organisation_id uuid NOT NULL REFERENCES organisations (id),
    part text NOT NULL,
    status text NOT NULL,
    added_at timestamptz NOT NULL,
    asked_at timestamptz NOT NULL,
    answered_at timestamptz,
    PRIMARY KEY (consortium_id, organisation_id)
);
CREATE INDEX consortium_partners_organisation_id_idx ON consortium_partners (organisation_id, consortium_id);

-- As they were when the bid was handed in, but for what they took back since.
CREATE TABLE bid_partners (
    bid_id uuid NOT NULL REFERENCES bids (id),
    organisation_id uuid NOT NULL REFERENCES organisations (id),
    consortium_id uuid NOT NULL REFERENCES consortia (id),
    composition integer NOT NULL,
    part text NOT NULL,
    confirmed_at timestamptz NOT NULL,
    taken_back_at timestamptz,
    profile jsonb NOT NULL,
    PRIMARY KEY (bid_id, organisation_id)
);
CREATE INDEX bid_partners_consortium_id_idx ON bid_partners (consortium_id, bid_id);
CREATE INDEX bid_partners_organisation_id_idx ON bid_partners (organisation_id);
