-- The profile is one document; what is filtered, sorted or joined has a column (docs/decisions/0003-json-content-column.md).
ALTER TABLE organisations ADD COLUMN parent_id text REFERENCES organisations (id);
CREATE INDEX organisations_parent_id_idx ON organisations (parent_id, id) WHERE parent_id IS NOT NULL;

-- iban: encrypted. iban_masked: what may be shown of it.
CREATE TABLE organisation_profiles (
    organisation_id text PRIMARY KEY NOT NULL REFERENCES organisations (id),
    profile text NOT NULL,
    beneficial_owners text NOT NULL,
    iban text,
    iban_masked text
) STRICT;

-- Days are text, year-month-day, so that text order is the order of days. The file comes after its description.
CREATE TABLE standing_documents (
    id text PRIMARY KEY NOT NULL,
    organisation_id text NOT NULL REFERENCES organisations (id),
    kind text NOT NULL,
    title text NOT NULL,
    issued_on text NOT NULL,
    expires_on text,
    media_type text,
    size integer,
    sha256 text,
    content blob,
    added_at text NOT NULL,
    reminded_at text,
    version integer NOT NULL
) STRICT;
CREATE INDEX standing_documents_organisation_id_idx ON standing_documents (organisation_id, id);
CREATE INDEX standing_documents_expires_on_idx ON standing_documents (expires_on, id) WHERE reminded_at IS NULL;

-- The common procurement vocabulary (Regulation (EC) No 213/2008): its divisions; an import adds the rest. The check
-- digit is known where the list that was imported tells it. search: the name in lower case.
CREATE TABLE cpv_codes (
    code text PRIMARY KEY NOT NULL,
    check_digit text,
    parent_code text,
    name text NOT NULL,
    search text NOT NULL
) STRICT;
CREATE INDEX cpv_codes_parent_code_idx ON cpv_codes (parent_code, code);
INSERT INTO cpv_codes (code, check_digit, parent_code, name, search) VALUES
    ('03000000', '1', NULL, 'Agricultural, farming, fishing, forestry and related products', 'agricultural, farming, fishing, forestry and related products'),
    ('09000000', '3', NULL, 'Petroleum products, fuel, electricity and other sources of energy', 'petroleum products, fuel, electricity and other sources of energy'),
    ('14000000', '1', NULL, 'Mining, basic metals and related products', 'mining, basic metals and related products'),
    ('15000000', '8', NULL, 'Food, beverages, tobacco and related products', 'food, beverages, tobacco and related products'),
    ('16000000', '5', NULL, 'Agricultural machinery', 'agricultural machinery'),
    ('18000000', '9', NULL, 'Clothing, footwear, luggage articles and accessories', 'clothing, footwear, luggage articles and accessories'),
    ('19000000', '6', NULL, 'Leather and textile fabrics, plastic and rubber materials', 'leather and textile fabrics, plastic and rubber materials'),
    ('22000000', '0', NULL, 'Printed matter and related products', 'printed matter and related products'),
    ('24000000', '4', NULL, 'Chemical products', 'chemical products'),
    ('30000000', '9', NULL, 'Office and computing machinery, equipment and supplies except furniture and software packages', 'office and computing machinery, equipment and supplies except furniture and software packages'),
    ('31000000', '6', NULL, 'Electrical machinery, apparatus, equipment and consumables; lighting', 'electrical machinery, apparatus, equipment and consumables; lighting'),
    ('32000000', '3', NULL, 'Radio, television, communication, telecommunication and related equipment', 'radio, television, communication, telecommunication and related equipment'),
    ('33000000', '0', NULL, 'Medical equipments, pharmaceuticals and personal care products', 'medical equipments, pharmaceuticals and personal care products'),
    ('34000000', '7', NULL, 'Transport equipment and auxiliary products to transportation', 'transport equipment and auxiliary products to transportation'),
    ('35000000', '4', NULL, 'Security, fire-fighting, police and defence equipment', 'security, fire-fighting, police and defence equipment'),
    ('37000000', '8', NULL, 'Musical instruments, sport goods, games, toys, handicraft, art materials and accessories', 'musical instruments, sport goods, games, toys, handicraft, art materials and accessories'),
    ('38000000', '5', NULL, 'Laboratory, optical and precision equipments (excl. glasses)', 'laboratory, optical and precision equipments (excl. glasses)'),
    ('39000000', '2', NULL, 'Furniture (incl. office furniture), furnishings, domestic appliances (excl. lighting) and cleaning products', 'furniture (incl. office furniture), furnishings, domestic appliances (excl. lighting) and cleaning products'),
    ('41000000', '9', NULL, 'Collected and purified water', 'collected and purified water'),
    ('42000000', '6', NULL, 'Industrial machinery', 'industrial machinery'),
    ('43000000', '3', NULL, 'Machinery for mining, quarrying, construction equipment', 'machinery for mining, quarrying, construction equipment'),
    ('44000000', '0', NULL, 'Construction structures and materials; auxiliary products to construction (except electric apparatus)', 'construction structures and materials; auxiliary products to construction (except electric apparatus)'),
    ('45000000', '7', NULL, 'Construction work', 'construction work'),
    ('48000000', '8', NULL, 'Software package and information systems', 'software package and information systems'),
    ('50000000', '5', NULL, 'Repair and maintenance services', 'repair and maintenance services'),
    ('51000000', '9', NULL, 'Installation services (except software)', 'installation services (except software)'),
    ('55000000', '0', NULL, 'Hotel, restaurant and retail trade services', 'hotel, restaurant and retail trade services'),
    ('60000000', '8', NULL, 'Transport services (excl. Waste transport)', 'transport services (excl. waste transport)'),
    ('63000000', '9', NULL, 'Supporting and auxiliary transport services; travel agencies services', 'supporting and auxiliary transport services; travel agencies services'),
    ('64000000', '6', NULL, 'Postal and telecommunications services', 'postal and telecommunications services'),
    ('65000000', '3', NULL, 'Public utilities', 'public utilities'),
    ('66000000', '0', NULL, 'Financial and insurance services', 'financial and insurance services'),
    ('70000000', '1', NULL, 'Real estate services', 'real estate services'),
    ('71000000', '8', NULL, 'Architectural, construction, engineering and inspection services', 'architectural, construction, engineering and inspection services'),
    ('72000000', '5', NULL, 'IT services: consulting, software development, Internet and support', 'it services: consulting, software development, internet and support'),
    ('73000000', '2', NULL, 'Research and development services and related consultancy services', 'research and development services and related consultancy services'),
    ('75000000', '6', NULL, 'Administration, defence and social security services', 'administration, defence and social security services'),
    ('76000000', '3', NULL, 'Services related to the oil and gas industry', 'services related to the oil and gas industry'),
    ('77000000', '0', NULL, 'Agricultural, forestry, horticultural, aquacultural and apicultural services', 'agricultural, forestry, horticultural, aquacultural and apicultural services'),
    ('79000000', '4', NULL, 'Business services: law, marketing, consulting, recruitment, printing and security', 'business services: law, marketing, consulting, recruitment, printing and security'),
    ('80000000', '4', NULL, 'Education and training services', 'education and training services'),
    ('85000000', '9', NULL, 'Health and social work services', 'health and social work services'),
    ('90000000', '7', NULL, 'Sewage, refuse, cleaning and environmental services', 'sewage, refuse, cleaning and environmental services'),
    ('92000000', '1', NULL, 'Recreational, cultural and sporting services', 'recreational, cultural and sporting services'),
    ('98000000', '3', NULL, 'Other community, social and personal services', 'other community, social and personal services');

-- The company's profile when the bid was handed in.
ALTER TABLE bids ADD COLUMN profile text;
