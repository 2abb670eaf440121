DROP TABLE announcements;
DROP TABLE challenge_followers;
