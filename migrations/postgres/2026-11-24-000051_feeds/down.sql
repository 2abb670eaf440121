DROP TABLE saved_searches;
DROP TABLE calendar_tokens;
