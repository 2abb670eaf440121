-- What is held about one person: found for an export, and for an erasure.
CREATE INDEX conflict_declarations_user_id_idx ON conflict_declarations (user_id);
CREATE INDEX evaluations_evaluator_id_idx ON evaluations (evaluator_id, id);
CREATE INDEX delegations_delegator_id_idx ON delegations (delegator_id, id);
CREATE INDEX outbox_mails_recipient_address_idx ON outbox_mails (recipient_address, id);
