DROP TABLE bid_draft_saves;
DROP TABLE bid_drafts;
