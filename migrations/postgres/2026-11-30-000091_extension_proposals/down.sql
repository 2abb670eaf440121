DROP TABLE extension_proposals;
