DROP TABLE held_closings;
DROP TABLE answer_versions;
DROP TABLE questions;
