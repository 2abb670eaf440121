ALTER TABLE bid_receipts ADD COLUMN nonce text;

ALTER TABLE challenges DROP COLUMN prices_opened_at;

-- What is still sealed cannot be told: such bids are left empty.
ALTER TABLE bids ADD COLUMN solution text NOT NULL DEFAULT '';
ALTER TABLE bids ADD COLUMN price_minor bigint NOT NULL DEFAULT 0;
ALTER TABLE bids ADD COLUMN currency text NOT NULL DEFAULT 'EUR';
ALTER TABLE bids ADD COLUMN milestones jsonb NOT NULL DEFAULT '[]';
UPDATE bids SET
    solution = quality ->> 'solution',
    currency = price ->> 'currency',
    price_minor = (price ->> 'total')::bigint,
    milestones = (
        SELECT coalesce(jsonb_agg(m.value || jsonb_build_object('amount', price -> 'amounts' -> (m.position - 1)::integer)
            ORDER BY m.position), '[]')
        FROM jsonb_array_elements(quality -> 'steps') WITH ORDINALITY AS m (value, position))
WHERE quality IS NOT NULL AND price IS NOT NULL;
ALTER TABLE bids DROP COLUMN price;
ALTER TABLE bids DROP COLUMN quality;

DROP TABLE opening_recoveries;
DROP TABLE posted_shares;
DROP TABLE bid_envelopes;

CREATE TABLE opening_approvals (
    challenge_id uuid NOT NULL REFERENCES challenges (id),
    user_id uuid NOT NULL REFERENCES users (id),
    approved_at timestamptz NOT NULL,
    PRIMARY KEY (challenge_id, user_id)
);
INSERT INTO opening_approvals (challenge_id, user_id, approved_at)
SELECT challenge_id, user_id, attended_at FROM opening_attendances WHERE kind = 'quality';
DROP TABLE opening_attendances;
DROP TABLE opening_holders;
DROP TABLE opening_committees;
DROP TABLE opening_keys;
