-- Signed receipts for what companies do, or try to do, with bids.

-- The public halves of all keys that this installation has ever signed receipts with.
CREATE TABLE receipt_keys (
    id text PRIMARY KEY NOT NULL,
    public_key text NOT NULL,
    introduced_at text NOT NULL
) STRICT;

-- What was signed is kept as it was, letter for letter. The nonce is the company's alone: with it the hash of a content
-- can be compared with a content.
CREATE TABLE bid_receipts (
    id text PRIMARY KEY NOT NULL,
    challenge_id text NOT NULL REFERENCES challenges (id),
    company_id text NOT NULL REFERENCES organisations (id),
    -- None if a first submission was refused.
    bid_id text REFERENCES bids (id),
    event_id text NOT NULL REFERENCES events (id),
    key_id text NOT NULL REFERENCES receipt_keys (id),
    received_at text NOT NULL,
    refused integer NOT NULL,
    payload text NOT NULL,
    signature text NOT NULL,
    nonce text,
    CONSTRAINT bid_receipts_event_id_key UNIQUE (event_id)
) STRICT;
CREATE INDEX bid_receipts_company_id_idx ON bid_receipts (company_id, id);
CREATE INDEX bid_receipts_bid_id_idx ON bid_receipts (bid_id, id);
CREATE INDEX bid_receipts_challenge_id_idx ON bid_receipts (challenge_id);
CREATE INDEX bid_receipts_key_id_idx ON bid_receipts (key_id);
