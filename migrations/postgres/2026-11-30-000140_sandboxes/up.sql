-- Sandboxes: organisations that try things out, and their challenges. What is one stays one, and nothing real becomes one.
ALTER TABLE organisations ADD COLUMN sandbox boolean NOT NULL DEFAULT false;
ALTER TABLE challenges ADD COLUMN sandbox boolean NOT NULL DEFAULT false;
CREATE UNIQUE INDEX challenges_id_sandbox_key ON challenges (id, sandbox);

-- Mails and news say that they come from a sandbox.
ALTER TABLE outbox_mails ADD COLUMN sandbox boolean NOT NULL DEFAULT false;
ALTER TABLE announcements ADD COLUMN sandbox boolean NOT NULL DEFAULT false;

-- The time of a challenge: challenge_at at the instant real_at, and rate times as fast since. Only a sandbox has one.
CREATE TABLE challenge_clocks (
    challenge_id uuid PRIMARY KEY NOT NULL,
    sandbox boolean NOT NULL,
    real_at timestamptz NOT NULL,
    challenge_at timestamptz NOT NULL,
    rate integer NOT NULL,
    CONSTRAINT challenge_clocks_challenge_id_sandbox_fkey FOREIGN KEY (challenge_id, sandbox) REFERENCES challenges (id, sandbox),
    CONSTRAINT challenge_clocks_sandbox_check CHECK (sandbox),
    CONSTRAINT challenge_clocks_never_behind_check CHECK (challenge_at >= real_at),
    CONSTRAINT challenge_clocks_rate_check CHECK (rate BETWEEN 1 AND 100000)
);
CREATE INDEX challenge_clocks_real_at_idx ON challenge_clocks (real_at);

CREATE FUNCTION refuse_sandbox_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'check_violation';
END $$;

CREATE TRIGGER organisations_sandbox_stays BEFORE UPDATE OF sandbox ON organisations
FOR EACH ROW WHEN (NEW.sandbox <> OLD.sandbox)
EXECUTE FUNCTION refuse_sandbox_change('an organisation is a sandbox for ever, or never');

CREATE FUNCTION require_sandbox_of_agency() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.sandbox <> (SELECT sandbox FROM organisations WHERE id = NEW.agency_id) THEN
        RAISE EXCEPTION 'a challenge is a sandbox if its agency is one' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER challenges_sandbox_begins BEFORE INSERT ON challenges
FOR EACH ROW EXECUTE FUNCTION require_sandbox_of_agency();

CREATE TRIGGER challenges_sandbox_stays BEFORE UPDATE OF sandbox, agency_id ON challenges
FOR EACH ROW WHEN (NEW.sandbox <> OLD.sandbox OR NEW.agency_id <> OLD.agency_id)
EXECUTE FUNCTION refuse_sandbox_change('a challenge is a sandbox for ever, or never');

CREATE FUNCTION require_bidder_of_same_market() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT sandbox FROM organisations WHERE id = NEW.company_id)
        <> (SELECT sandbox FROM challenges WHERE id = NEW.challenge_id) THEN
        RAISE EXCEPTION 'sandboxes bid in sandboxes only, and nobody else does' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER bids_sandbox_begins BEFORE INSERT ON bids
FOR EACH ROW EXECUTE FUNCTION require_bidder_of_same_market();

CREATE TRIGGER challenge_clocks_only_forward BEFORE UPDATE ON challenge_clocks
FOR EACH ROW WHEN (NEW.challenge_at < OLD.challenge_at OR NEW.real_at < OLD.real_at OR NEW.challenge_id <> OLD.challenge_id)
EXECUTE FUNCTION refuse_sandbox_change('time goes forward only');
