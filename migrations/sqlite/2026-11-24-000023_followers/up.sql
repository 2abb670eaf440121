-- Who is told what happens to a challenge.
CREATE TABLE challenge_followers (
    challenge_id text NOT NULL REFERENCES challenges (id),
    user_id text NOT NULL REFERENCES users (id),
    because text NOT NULL,
    since text NOT NULL,
    -- Whoever does not want to be told any more stays here, so that nothing makes them a follower again by itself.
    stopped_at text,
    PRIMARY KEY (challenge_id, user_id)
) STRICT;
CREATE INDEX challenge_followers_user_id_idx ON challenge_followers (user_id, challenge_id);

-- News on their way to everybody who is told; gone once everybody was.
CREATE TABLE announcements (
    id text PRIMARY KEY NOT NULL,
    challenge_id text NOT NULL REFERENCES challenges (id),
    message text NOT NULL,
    -- First the followers, then the bidders who do not follow; in each, those up to this person have their mail.
    audience text NOT NULL,
    after_user_id text,
    created_at text NOT NULL
) STRICT;
CREATE INDEX announcements_challenge_id_idx ON announcements (challenge_id);
