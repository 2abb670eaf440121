DROP INDEX events_occurred_at_idx;
DROP INDEX events_kind_idx;
DROP INDEX events_about_idx;
DROP INDEX events_actor_id_idx;
DROP INDEX events_organisation_id_idx;
CREATE INDEX events_organisation_id_idx ON events (organisation_id, id);
CREATE INDEX events_actor_id_idx ON events (actor_id, id);
ALTER TABLE users DROP COLUMN search_text;
