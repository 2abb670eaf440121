DROP TABLE outage_notes;
DROP TABLE outages;
