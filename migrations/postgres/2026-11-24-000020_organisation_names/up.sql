-- By what organisations are found: the name in lower case, written by the program, which knows more letters than SQLite.
-- Sorted by bytes, in which the names with one beginning stand together.
ALTER TABLE organisations ADD COLUMN search_name text COLLATE "C" NOT NULL DEFAULT '';
UPDATE organisations SET search_name = lower(legal_name);
CREATE INDEX organisations_search_name_idx ON organisations (search_name);
