DROP TABLE team_consents;
