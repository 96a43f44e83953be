-- days_before --
SELECT day FROM days WHERE day < $1 ORDER BY day

-- drop_day --
SELECT drop_day($1, $2)

-- final_messages --
SELECT id FROM messages WHERE id > $1 AND id >= first_id_of($2) AND id < first_id_of($2 + 1) AND final_at < $3
ORDER BY id LIMIT $4

-- drop_parts_of --
DELETE FROM parts AS p USING unnest($1::uuid[]) AS v (id) WHERE p.message_id = v.id

-- drop_messages --
DELETE FROM messages AS m USING unnest($1::uuid[]) AS v (id) WHERE m.id = v.id

-- drop_refs --
-- By age: those of messages that are still open stay.
DELETE FROM carrier_refs WHERE ctid = ANY (ARRAY (
    SELECT r.ctid FROM carrier_refs AS r WHERE r.at < $1 AND r.message_id IS NOT NULL
        AND NOT EXISTS (SELECT FROM unfinished AS u WHERE u.id = r.message_id) LIMIT $2))

-- drop_webhooks --
DELETE FROM webhooks WHERE ctid = ANY (ARRAY (
    SELECT ctid FROM webhooks WHERE id < $1 AND state >= 2 AND settled_at < $2 ORDER BY id LIMIT $3))

-- drop_keys_used --
DELETE FROM idempotency WHERE ctid = ANY (ARRAY (SELECT ctid FROM idempotency WHERE at <= $1 LIMIT $2))

-- drop_parked --
DELETE FROM carrier_refs WHERE ctid = ANY (ARRAY (
    SELECT ctid FROM carrier_refs WHERE receipts IS NOT NULL AND message_id IS NULL AND at < $1 LIMIT $2))

-- drop_inbound --
DELETE FROM inbound WHERE ctid = ANY (ARRAY (SELECT ctid FROM inbound WHERE id < $1 ORDER BY id LIMIT $2))

-- drop_inbound_parts --
DELETE FROM inbound_parts WHERE at < $1 AND joined
    AND number IN (SELECT number FROM inbound_parts ORDER BY number LIMIT $2)

-- drop_commands --
DELETE FROM commands WHERE taken_at < $1

-- drop_processes --
DELETE FROM processes WHERE recovered_at IS NOT NULL AND started_at < $1
