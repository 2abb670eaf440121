-- What administrators search people by: name and address in lower case, written by the program, which knows more
-- letters than SQLite.
ALTER TABLE users ADD COLUMN search_text text NOT NULL DEFAULT '';
UPDATE users SET search_text = lower(name) || ' ' || email;

-- The audit views: newest first, of an organisation, a person, a record, a kind of event, or of all.
DROP INDEX events_organisation_id_idx;
DROP INDEX events_actor_id_idx;
CREATE INDEX events_organisation_id_idx ON events (organisation_id, occurred_at, id);
CREATE INDEX events_actor_id_idx ON events (actor_id, occurred_at, id);
CREATE INDEX events_about_idx ON events (subject_id, occurred_at, id);
CREATE INDEX events_kind_idx ON events (kind, occurred_at, id);
CREATE INDEX events_occurred_at_idx ON events (occurred_at, id);
