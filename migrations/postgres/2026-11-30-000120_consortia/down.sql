DROP TABLE bid_partners;
DROP TABLE consortium_partners;
DROP TABLE consortia;
