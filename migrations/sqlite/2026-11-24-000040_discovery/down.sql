DROP TABLE __challenge_words;
DROP TABLE search_trigrams;
DROP TABLE search_words;
DROP TABLE challenge_topics;
DROP TABLE challenge_listings;
