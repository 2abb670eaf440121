-- What calendar programs show to fetch a person's dates; only the hash of it.
CREATE TABLE calendar_tokens (
    user_id uuid PRIMARY KEY NOT NULL REFERENCES users (id),
    token_hash text NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT calendar_tokens_token_hash_key UNIQUE (token_hash)
);

-- What somebody asks again and again. told_until: publications before it were told. next_alert_at: when to look again.
CREATE TABLE saved_searches (
    id uuid PRIMARY KEY NOT NULL,
    user_id uuid NOT NULL REFERENCES users (id),
    name text NOT NULL,
    query jsonb NOT NULL,
    alert text NOT NULL,
    told_until timestamptz NOT NULL,
    next_alert_at timestamptz,
    created_at timestamptz NOT NULL,
    version integer NOT NULL,
    CONSTRAINT saved_searches_user_id_name_key UNIQUE (user_id, name)
);
CREATE INDEX saved_searches_next_alert_at_idx ON saved_searches (next_alert_at, id) WHERE next_alert_at IS NOT NULL;
