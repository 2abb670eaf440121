DROP TABLE no_bids;
