-- What everybody can find. A row for each public challenge, with what is filtered and sorted by.
CREATE TABLE challenge_listings (
    -- The instant of publication in microseconds since 1970, the next free one if another challenge has it: the order of lists.
    position INTEGER PRIMARY KEY NOT NULL,
    challenge_id TEXT NOT NULL REFERENCES challenges (id),
    agency_id TEXT NOT NULL REFERENCES organisations (id),
    country TEXT NOT NULL,
    status TEXT NOT NULL,
    procedure TEXT NOT NULL,
    language TEXT NOT NULL,
    currency TEXT,
    budget_minor INTEGER,
    submission_deadline TEXT,
    -- The rows of challenge_topics once more, as they are counted.
    topics TEXT NOT NULL,
    -- The words that decide the rank: of the title, of tags and CPV codes, of the summary; a line each.
    head TEXT NOT NULL,
    -- The digest of all words that can be found, and the version of the program's rules by which they were taken apart.
    digest TEXT NOT NULL,
    index_version INTEGER NOT NULL,
    CONSTRAINT challenge_listings_challenge_id_key UNIQUE (challenge_id)
) STRICT;
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
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    position INTEGER NOT NULL REFERENCES challenge_listings (position) ON DELETE CASCADE,
    PRIMARY KEY (kind, value, position)
) WITHOUT ROWID, STRICT;
CREATE INDEX challenge_topics_position_idx ON challenge_topics (position);

-- In how many challenges a word or a stem is; of none, how many challenges there are.
CREATE TABLE search_words (
    index_version INTEGER NOT NULL,
    word TEXT NOT NULL,
    documents INTEGER NOT NULL,
    PRIMARY KEY (index_version, word)
) WITHOUT ROWID, STRICT;

-- The letters of words by threes: words that share many are alike.
CREATE TABLE search_trigrams (
    index_version INTEGER NOT NULL,
    trigram TEXT NOT NULL,
    word TEXT NOT NULL,
    PRIMARY KEY (index_version, trigram, word)
) WITHOUT ROWID, STRICT;

-- Which challenge, by its position, holds which word. Two underscores: each database has it in a form of its own. The program
-- has taken the words apart and folded them: nothing but spaces is left to split at.
CREATE VIRTUAL TABLE __challenge_words USING fts5 (
    words, content = '', contentless_delete = 1, detail = none, tokenize = "ascii tokenchars '_'"
);
