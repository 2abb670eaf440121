-- By what organisations are found: the name in lower case, written by the program, which knows more letters than SQLite.
ALTER TABLE organisations ADD COLUMN search_name text NOT NULL DEFAULT '';
UPDATE organisations SET search_name = lower(legal_name);
CREATE INDEX organisations_search_name_idx ON organisations (search_name);
