DROP TABLE oidc_sign_ins;
DROP TABLE oidc_identities;
