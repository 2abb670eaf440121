-- Who is told what happens to a challenge.
CREATE TABLE challenge_followers (
    challenge_id uuid NOT NULL REFERENCES challenges (id),
    user_id uuid NOT NULL REFERENCES users (id),
    because text NOT NULL,
    since timestamptz NOT NULL,
    -- Whoever does not want to be told any more stays here, so that nothing makes them a follower again by itself.
    stopped_at timestamptz,
    PRIMARY KEY (challenge_id, user_id)
);
CREATE INDEX challenge_followers_user_id_idx ON challenge_followers (user_id, challenge_id);

-- News on their way to everybody who is told; gone once everybody was.
CREATE TABLE announcements (
    id uuid PRIMARY KEY NOT NULL,
    challenge_id uuid NOT NULL REFERENCES challenges (id),
    message jsonb NOT NULL,
    -- First the followers, then the bidders who do not follow; in each, those up to this person have their mail.
    audience text NOT NULL,
    after_user_id uuid,
    created_at timestamptz NOT NULL
);
CREATE INDEX announcements_challenge_id_idx ON announcements (challenge_id);
