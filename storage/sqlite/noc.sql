-- probe --
UPDATE meta SET value = value + 1 WHERE name = 'probe'

-- register --
INSERT INTO processes (token, boot_id, pid, started_at)
SELECT coalesce(max(token), 0) + 1, ?, ?, ? FROM processes
RETURNING number, token

-- earlier_processes --
SELECT number, token, boot_id, pid FROM processes WHERE number < (SELECT max(number) FROM processes) ORDER BY number

-- forget_other_processes --
DELETE FROM processes WHERE number <> ?

-- post_command --
INSERT INTO commands (verb, target, at) VALUES (?, ?, ?)

-- new_commands --
SELECT number, verb, target, at FROM commands WHERE taken_by IS NULL ORDER BY number

-- take_commands --
UPDATE commands SET taken_by = ?, taken_at = ? WHERE taken_by IS NULL

-- write_states_of_operators --
INSERT OR REPLACE INTO operator_states (operator, process, at, state, binds, waiting, in_flight, ailing,
    carrier_digest) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)...

-- operators_taken_out --
-- Of which a process says no more, though it speaks of others: a reload has taken them out.
UPDATE operator_states SET state = 'removed', binds = '[]', waiting = 0, in_flight = 0, ailing = '[]',
    carrier_digest = ''
WHERE process = ? AND state <> 'removed' AND operator NOT IN (SELECT value FROM json_each(?))

-- states_of_operators --
SELECT operator, process, at, state, binds, waiting, in_flight, ailing, carrier_digest
FROM operator_states ORDER BY operator, process

-- drop_states_of_others --
DELETE FROM operator_states WHERE process <> ?

-- final_messages --
SELECT * FROM messages WHERE id > ? AND id < ? AND final_at < ? ORDER BY id LIMIT ?

-- drop_refs_of --
DELETE FROM carrier_refs WHERE (operator, ref, destination, message_id) IN (VALUES (?, ?, ?, ?)...)

-- drop_parts_of --
DELETE FROM parts WHERE message_id IN (?...)

-- drop_recipients_of --
DELETE FROM recipients WHERE (recipient, sender, number) IN (VALUES (?, ?, ?)...)

-- drop_late_recipients_of --
DELETE FROM temp.late_recipients WHERE (recipient, sender, number) IN (VALUES (?, ?, ?)...)

-- drop_messages --
DELETE FROM messages WHERE id IN (?...)

-- drop_webhooks --
DELETE FROM webhooks WHERE id IN (
    SELECT id FROM webhooks WHERE id < ? AND state >= 2 AND settled_at < ? ORDER BY id LIMIT ?)

-- drop_parked --
DELETE FROM carrier_refs WHERE receipts IS NOT NULL AND message_id IS NULL AND at < ?

-- old_keys_used --
SELECT digest, number, at FROM idempotency ORDER BY number LIMIT ?

-- drop_keys_used --
DELETE FROM idempotency WHERE number IN (?...)

-- drop_digests --
DELETE FROM digests WHERE (digest, number) IN (VALUES (?, ?)...)

-- drop_late_digests --
DELETE FROM temp.late_digests WHERE (digest, number) IN (VALUES (?, ?)...)

-- drop_inbound --
DELETE FROM inbound WHERE id IN (SELECT id FROM inbound WHERE id < ? LIMIT ?)

-- drop_inbound_parts --
DELETE FROM inbound_parts WHERE at < ? AND joined = 1
    AND number IN (SELECT number FROM inbound_parts ORDER BY number LIMIT ?)

-- drop_commands --
DELETE FROM commands WHERE taken_at < ?
