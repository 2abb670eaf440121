ALTER TABLE bid_receipts ADD COLUMN nonce text;

ALTER TABLE challenges DROP COLUMN prices_opened_at;

-- What is still sealed cannot be told: such bids are left empty.
ALTER TABLE bids ADD COLUMN solution text NOT NULL DEFAULT '';
ALTER TABLE bids ADD COLUMN price_minor integer NOT NULL DEFAULT 0;
ALTER TABLE bids ADD COLUMN currency text NOT NULL DEFAULT 'EUR';
ALTER TABLE bids ADD COLUMN milestones text NOT NULL DEFAULT '[]';
UPDATE bids SET
    solution = quality ->> 'solution',
    currency = price ->> 'currency',
    price_minor = price ->> 'total',
    milestones = (
        SELECT json_group_array(json_object(
            'title', value ->> 'title', 'due_week', value ->> 'due_week', 'amount', price ->> ('$.amounts[' || key || ']')))
        FROM json_each(quality, '$.steps'))
WHERE quality IS NOT NULL AND price IS NOT NULL;
ALTER TABLE bids DROP COLUMN price;
ALTER TABLE bids DROP COLUMN quality;

DROP TABLE opening_recoveries;
DROP TABLE posted_shares;
DROP TABLE bid_envelopes;

CREATE TABLE opening_approvals (
    challenge_id text NOT NULL REFERENCES challenges (id),
    user_id text NOT NULL REFERENCES users (id),
    approved_at text NOT NULL,
    PRIMARY KEY (challenge_id, user_id)
) STRICT;
INSERT INTO opening_approvals (challenge_id, user_id, approved_at)
SELECT challenge_id, user_id, attended_at FROM opening_attendances WHERE kind = 'quality';
DROP TABLE opening_attendances;
DROP TABLE opening_holders;
DROP TABLE opening_committees;
DROP TABLE opening_keys;
