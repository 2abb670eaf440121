-- Bids are sealed: until the opening there is nothing of an offer but encrypted envelopes.

-- With these keys members of opening committees open their shares. protected_key: the secret half under its owner's
-- passphrase (a file of age, in Base64), for those who do not keep it on a device of their own.
CREATE TABLE opening_keys (
    id text PRIMARY KEY NOT NULL,
    user_id text NOT NULL REFERENCES users (id),
    recipient text NOT NULL,
    protected_key text,
    created_at text NOT NULL,
    replaced_at text,
    CONSTRAINT opening_keys_recipient_key UNIQUE (recipient)
) STRICT;
-- One key is in use.
CREATE UNIQUE INDEX opening_keys_user_id_key ON opening_keys (user_id) WHERE replaced_at IS NULL;
CREATE INDEX opening_keys_user_id_idx ON opening_keys (user_id);

-- The committee that bids are sealed for, and the envelope of its newest rehearsal. opening_began_at: when the first holder
-- was handed shares.
CREATE TABLE opening_committees (
    challenge_id text PRIMARY KEY NOT NULL REFERENCES challenges (id),
    threshold integer NOT NULL,
    rehearsal_manifest text NOT NULL,
    rehearsal_started_at text NOT NULL,
    opening_began_at text
) STRICT;
CREATE INDEX opening_committees_rehearsal_started_at_idx ON opening_committees (rehearsal_started_at);

-- share_file: the holder's share of the rehearsal's envelope, encrypted for them, in Base64.
CREATE TABLE opening_holders (
    challenge_id text NOT NULL REFERENCES opening_committees (challenge_id),
    holder_index integer NOT NULL,
    user_id text NOT NULL REFERENCES users (id),
    key_id text NOT NULL REFERENCES opening_keys (id),
    share_file text NOT NULL,
    rehearsed_at text,
    PRIMARY KEY (challenge_id, holder_index)
) STRICT;
CREATE INDEX opening_holders_user_id_idx ON opening_holders (user_id);
CREATE INDEX opening_holders_key_id_idx ON opening_holders (key_id);

-- Who came to an opening, for each kind of envelope.
CREATE TABLE opening_attendances (
    challenge_id text NOT NULL REFERENCES challenges (id),
    kind text NOT NULL,
    user_id text NOT NULL REFERENCES users (id),
    attended_at text NOT NULL,
    PRIMARY KEY (challenge_id, kind, user_id)
) STRICT;
CREATE INDEX opening_attendances_user_id_idx ON opening_attendances (user_id);
INSERT INTO opening_attendances (challenge_id, kind, user_id, attended_at)
SELECT challenge_id, 'quality', user_id, approved_at FROM opening_approvals;
DROP TABLE opening_approvals;

-- Two for each revision of a bid. nonce: no envelope comes twice. recovery: the key for the bidder's own use, encrypted for
-- a key that the bidder named. share_files: one for each holder, in Base64. failure: why an opened envelope gave nothing.
CREATE TABLE bid_envelopes (
    id text PRIMARY KEY NOT NULL,
    challenge_id text NOT NULL REFERENCES challenges (id),
    bid_id text NOT NULL REFERENCES bids (id),
    revision integer NOT NULL,
    kind text NOT NULL,
    sealed_by text NOT NULL,
    nonce text NOT NULL,
    sha256 text NOT NULL,
    manifest text NOT NULL,
    content blob NOT NULL,
    share_files text NOT NULL,
    recovery text,
    opened_at text,
    failure text,
    CONSTRAINT bid_envelopes_nonce_key UNIQUE (nonce)
) STRICT;
CREATE UNIQUE INDEX bid_envelopes_bid_id_revision_kind_key ON bid_envelopes (bid_id, revision, kind);
CREATE INDEX bid_envelopes_challenge_id_idx ON bid_envelopes (challenge_id, kind, id);

-- Shares that holders opened and brought. They go when their envelope was opened.
CREATE TABLE posted_shares (
    envelope_id text NOT NULL REFERENCES bid_envelopes (id),
    holder_index integer NOT NULL,
    share text NOT NULL,
    posted_at text NOT NULL,
    PRIMARY KEY (envelope_id, holder_index)
) STRICT;

-- That too few holders can open, so bidders are asked for the keys of their envelopes.
CREATE TABLE opening_recoveries (
    challenge_id text NOT NULL REFERENCES challenges (id),
    kind text NOT NULL,
    reason text NOT NULL,
    called_by_id text NOT NULL REFERENCES users (id),
    called_at text NOT NULL,
    due_at text NOT NULL,
    PRIMARY KEY (challenge_id, kind)
) STRICT;
CREATE INDEX opening_recoveries_called_by_id_idx ON opening_recoveries (called_by_id);
CREATE INDEX opening_recoveries_due_at_idx ON opening_recoveries (due_at);

-- What an opened envelope held. What was handed in before bids were sealed is kept as if it had been opened.
ALTER TABLE bids ADD COLUMN quality text;
ALTER TABLE bids ADD COLUMN price text;
UPDATE bids SET
    quality = json_object('solution', solution, 'steps', (
        SELECT json_group_array(json_object('title', value ->> 'title', 'due_week', value ->> 'due_week'))
        FROM json_each(milestones))),
    price = json_object('currency', currency, 'total', price_minor, 'amounts', (
        SELECT json_group_array(value ->> 'amount') FROM json_each(milestones)));
ALTER TABLE bids DROP COLUMN solution;
ALTER TABLE bids DROP COLUMN price_minor;
ALTER TABLE bids DROP COLUMN currency;
ALTER TABLE bids DROP COLUMN milestones;

ALTER TABLE challenges ADD COLUMN prices_opened_at text;
UPDATE challenges SET prices_opened_at = awarded_at WHERE awarded_at IS NOT NULL;
UPDATE challenges SET prices_opened_at = opened_at WHERE status IN ('opened', 'evaluating');

-- A receipt now names the sealed envelopes, whose hashes tell nothing of what is in them.
ALTER TABLE bid_receipts DROP COLUMN nonce;
