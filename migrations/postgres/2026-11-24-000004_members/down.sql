ALTER TABLE members DROP COLUMN certification_warned_at;
ALTER TABLE users DROP COLUMN inactivity_warned_at;
DROP TABLE invitations;
