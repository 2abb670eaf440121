-- Sandboxes: organisations that try things out, and their challenges. What is one stays one, and nothing real becomes one.
ALTER TABLE organisations ADD COLUMN sandbox integer NOT NULL DEFAULT 0;
ALTER TABLE challenges ADD COLUMN sandbox integer NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX challenges_id_sandbox_key ON challenges (id, sandbox);

-- Mails and news say that they come from a sandbox.
ALTER TABLE outbox_mails ADD COLUMN sandbox integer NOT NULL DEFAULT 0;
ALTER TABLE announcements ADD COLUMN sandbox integer NOT NULL DEFAULT 0;

-- The time of a challenge: challenge_at at the instant real_at, and rate times as fast since. Only a sandbox has one.
CREATE TABLE challenge_clocks (
    challenge_id text PRIMARY KEY NOT NULL,
    sandbox integer NOT NULL,
    real_at text NOT NULL,
    challenge_at text NOT NULL,
    rate integer NOT NULL,
    CONSTRAINT challenge_clocks_challenge_id_sandbox_fkey FOREIGN KEY (challenge_id, sandbox) REFERENCES challenges (id, sandbox),
    CONSTRAINT challenge_clocks_sandbox_check CHECK (sandbox = 1),
    CONSTRAINT challenge_clocks_never_behind_check CHECK (challenge_at >= real_at),
    CONSTRAINT challenge_clocks_rate_check CHECK (rate BETWEEN 1 AND 100000)
) STRICT;
CREATE INDEX challenge_clocks_real_at_idx ON challenge_clocks (real_at);

CREATE TRIGGER organisations_sandbox_stays BEFORE UPDATE OF sandbox ON organisations
WHEN NEW.sandbox <> OLD.sandbox
BEGIN SELECT RAISE(ABORT, 'an organisation is a sandbox for ever, or never'); END;

CREATE TRIGGER challenges_sandbox_begins BEFORE INSERT ON challenges
WHEN NEW.sandbox <> (SELECT sandbox FROM organisations WHERE id = NEW.agency_id)
BEGIN SELECT RAISE(ABORT, 'a challenge is a sandbox if its agency is one'); END;

CREATE TRIGGER challenges_sandbox_stays BEFORE UPDATE OF sandbox, agency_id ON challenges
WHEN NEW.sandbox <> OLD.sandbox OR NEW.agency_id <> OLD.agency_id
BEGIN SELECT RAISE(ABORT, 'a challenge is a sandbox for ever, or never'); END;

CREATE TRIGGER bids_sandbox_begins BEFORE INSERT ON bids
WHEN (SELECT sandbox FROM organisations WHERE id = NEW.company_id)
    <> (SELECT sandbox FROM challenges WHERE id = NEW.challenge_id)
BEGIN SELECT RAISE(ABORT, 'sandboxes bid in sandboxes only, and nobody else does'); END;

CREATE TRIGGER challenge_clocks_only_forward BEFORE UPDATE ON challenge_clocks
WHEN NEW.challenge_at < OLD.challenge_at OR NEW.real_at < OLD.real_at OR NEW.challenge_id <> OLD.challenge_id
BEGIN SELECT RAISE(ABORT, 'time goes forward only'); END;
