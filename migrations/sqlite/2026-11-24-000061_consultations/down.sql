DROP TABLE consultation_conclusions;
DROP TABLE consultation_responses;
