DROP INDEX organisations_search_name_idx;
ALTER TABLE organisations DROP COLUMN search_name;
