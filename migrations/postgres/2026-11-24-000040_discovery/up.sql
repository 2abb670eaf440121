-- What everybody can find. A row for each public challenge, with what is filtered and sorted by.
CREATE TABLE challenge_listings (
    -- The instant of publication in microseconds since 1970, the next free one if another challenge has it: the order of lists.
    position bigint PRIMARY KEY NOT NULL,
    challenge_id uuid NOT NULL REFERENCES challenges (id),
    agency_id uuid NOT NULL REFERENCES organisations (id),
    country text NOT NULL,
    status text NOT NULL,
    procedure text NOT NULL,
    language text NOT NULL,
    currency text,
    budget_minor bigint,
    submission_deadline timestamptz,
    -- The rows of challenge_topics once more, as they are counted.
    topics text NOT NULL,
    -- The words that decide the rank: of the title, of tags and CPV codes, of the summary; a line each.
    head text NOT NULL,
    -- The digest of all words that can be found, and the version of the program's rules by which they were taken apart.
    digest text NOT NULL,
    index_version integer NOT NULL,
    CONSTRAINT challenge_listings_challenge_id_key UNIQUE (challenge_id)
);
CREATE INDEX challenge_listings_agency_id_idx ON challenge_listings (agency_id, position);
CREATE INDEX challenge_listings_country_idx ON challenge_listings (country, position);
CREATE INDEX challenge_listings_status_idx ON challenge_listings (status, position);
CREATE INDEX challenge_listings_procedure_idx ON challenge_listings (procedure, position);
CREATE INDEX challenge_listings_language_idx ON challenge_listings (language, position);
CREATE INDEX challenge_listings_budget_idx ON challenge_listings (currency, budget_minor, position);
CREATE INDEX challenge_listings_deadline_idx ON challenge_listings (submission_deadline, position);
CREATE INDEX challenge_listings_status_deadline_idx ON challenge_listings (status, submission_deadline, position);

-- kind: tag; cpv, with a row for each code and for all that it belongs to, by their first digits.
CREATE TABLE challenge_topics (
    kind text NOT NULL,
    value text NOT NULL,
    position bigint NOT NULL REFERENCES challenge_listings (position) ON DELETE CASCADE,
    PRIMARY KEY (kind, value, position)
);
CREATE INDEX challenge_topics_position_idx ON challenge_topics (position);

-- In how many challenges a word or a stem is; of none, how many challenges there are.
CREATE TABLE search_words (
    index_version integer NOT NULL,
    word text COLLATE "C" NOT NULL,
    documents bigint NOT NULL,
    PRIMARY KEY (index_version, word)
);

-- The letters of words by threes: words that share many are alike.
CREATE TABLE search_trigrams (
    index_version integer NOT NULL,
    trigram text COLLATE "C" NOT NULL,
    word text COLLATE "C" NOT NULL,
    PRIMARY KEY (index_version, trigram, word)
);

-- Which challenge, by its position, holds which word. Two underscores: each database has it in a form of its own. Words are
-- kept apart from the row, so that those who hold a common word are read quickly.
CREATE TABLE __challenge_words (
    rowid bigint PRIMARY KEY NOT NULL,
    words tsvector NOT NULL
) WITH (toast_tuple_target = 128);
CREATE INDEX __challenge_words_words_idx ON __challenge_words USING gin (words);
