-- OR ROLLBACK: a statement that fails ends its transaction, which is rolled back in any case (storage/batcher.py, 3).
-- A statement that could be taken back alone keeps a copy of each page before it writes there.

-- insert_messages --
INSERT OR ROLLBACK INTO messages (id, account, env, sender, recipient, sub_tenant, priority, accepted_at, expires_at,
    facts, status, operator, owner, next_at, final_at, in_doubt, state)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)...

-- messages_by_id --
SELECT * FROM messages WHERE id IN (?...)

-- parts_of --
SELECT * FROM parts WHERE message_id IN (?...) ORDER BY message_id, attempt, part

-- write_open --
-- Without their end, so that the index of what is open is left as it is.
UPDATE OR ROLLBACK messages SET status = v.column2, operator = v.column3, owner = v.column4, next_at = v.column5,
    in_doubt = v.column6, state = v.column7
FROM (VALUES (?, ?, ?, ?, ?, ?, ?)...) AS v
WHERE messages.number = v.column1

-- write_ended --
UPDATE OR ROLLBACK messages SET status = v.column2, operator = v.column3, owner = NULL, next_at = NULL,
    final_at = v.column4, in_doubt = v.column5, state = v.column6
FROM (VALUES (?, ?, ?, ?, ?, ?)...) AS v
WHERE messages.number = v.column1

-- write_parts --
INSERT INTO parts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)...
ON CONFLICT (message_id, attempt, part) DO UPDATE SET state = excluded.state, ref = excluded.ref,
    error = excluded.error, at = excluded.at, receipt_at = excluded.receipt_at

-- keys_used --
WITH wanted (digest) AS NOT MATERIALIZED (VALUES (?)...)
SELECT digest, method, path, body_digest, result, at FROM idempotency WHERE number IN (
    SELECT d.number FROM wanted CROSS JOIN temp.late_digests AS d ON d.digest = wanted.digest
    UNION ALL SELECT d.number FROM wanted CROSS JOIN digests AS d ON d.digest = wanted.digest)
ORDER BY number

-- save_keys_used --
INSERT OR ROLLBACK INTO idempotency (digest, method, path, body_digest, result, at) VALUES (?, ?, ?, ?, ?, ?)...

-- suppressed --
SELECT s.number, s.account, s.env, s.sub_tenant
FROM (VALUES (?)...) AS v CROSS JOIN suppressions AS s WHERE s.number = v.column1

-- due --
SELECT * FROM messages
WHERE operator IS ? AND priority = ? AND next_at IS NOT NULL AND owner IS NULL AND next_at <= ?
ORDER BY next_at, id LIMIT ?

-- next_due --
SELECT min(next_at) FROM messages
WHERE operator IS ? AND priority = ? AND next_at IS NOT NULL AND owner IS NULL AND next_at > ?

-- waiting_after --
SELECT * FROM messages INDEXED BY messages_waiting_by_id
WHERE operator IS ? AND id > ? AND next_at IS NOT NULL AND owner IS NULL
ORDER BY id LIMIT ?

-- waiting_operators --
SELECT operator, count(*) FROM messages INDEXED BY messages_waiting_by_id
WHERE next_at IS NOT NULL AND owner IS NULL GROUP BY operator

-- overdue --
SELECT id FROM messages WHERE final_at IS NULL AND expires_at <= ? AND owner IS NULL
ORDER BY expires_at, id LIMIT ?

-- held_by_others --
SELECT id FROM messages WHERE final_at IS NULL AND owner IS NOT NULL AND owner <> ? ORDER BY expires_at, id

-- held_messages --
SELECT id FROM messages WHERE final_at IS NULL AND owner = ?
