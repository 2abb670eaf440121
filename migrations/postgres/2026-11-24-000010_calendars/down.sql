DROP TABLE challenge_timelines;
DROP TABLE minimum_period_versions;
DROP TABLE calendar_versions;
