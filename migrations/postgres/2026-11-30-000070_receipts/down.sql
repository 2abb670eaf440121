DROP TABLE bid_receipts;
DROP TABLE receipt_keys;
