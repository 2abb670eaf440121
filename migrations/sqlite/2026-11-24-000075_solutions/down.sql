DROP TABLE solution_invitations;
DROP TABLE challenge_matching_topics;
DROP TABLE solution_topics;
DROP TABLE solutions;
