-- Bids that are being written. content: what is offered, encrypted by the program, so that whoever has the database alone has
-- nothing.
CREATE TABLE bid_drafts (
    id uuid PRIMARY KEY NOT NULL,
    challenge_id uuid NOT NULL REFERENCES challenges (id),
    company_id uuid NOT NULL REFERENCES organisations (id),
    created_at timestamptz NOT NULL,
    saved_by_id uuid NOT NULL REFERENCES users (id),
    saved_at timestamptz NOT NULL,
    version integer NOT NULL,
    content text NOT NULL,
    CONSTRAINT bid_drafts_challenge_id_company_id_key UNIQUE (challenge_id, company_id)
);
CREATE INDEX bid_drafts_company_id_idx ON bid_drafts (company_id, id);
CREATE INDEX bid_drafts_saved_by_id_idx ON bid_drafts (saved_by_id);

-- Who saved a draft, and when. Saves of one person that follow each other closely are one.
CREATE TABLE bid_draft_saves (
    draft_id uuid NOT NULL REFERENCES bid_drafts (id),
    number integer NOT NULL,
    saved_by_id uuid NOT NULL REFERENCES users (id),
    begun_at timestamptz NOT NULL,
    saved_at timestamptz NOT NULL,
    version integer NOT NULL,
    PRIMARY KEY (draft_id, number)
);
CREATE INDEX bid_draft_saves_saved_by_id_idx ON bid_draft_saves (saved_by_id);
