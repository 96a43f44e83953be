-- messages_after --
SELECT * FROM messages WHERE id > ? AND id < ? ORDER BY id LIMIT ?

-- messages_after_of --
SELECT * FROM messages WHERE account = ? AND env = ? AND id > ? AND id < ? ORDER BY id LIMIT ?

-- statuses_by_id --
SELECT id, status FROM messages WHERE id > ? AND id < ? ORDER BY id LIMIT ?

-- inbound_by_id --
SELECT * FROM inbound WHERE account = ? AND id > ? ORDER BY id LIMIT ?

-- webhooks_by_id --
-- By the key of the table: an account's own index would be on the path of each event.
SELECT * FROM webhooks WHERE account = ? AND id > ? AND id <= ? ORDER BY id LIMIT ?

-- webhooks_horizon --
SELECT id FROM webhooks WHERE id > ? ORDER BY id LIMIT 1 OFFSET ?

-- unfinished_between --
SELECT count(*) FROM messages WHERE id > ? AND id < ? AND final_at IS NULL

-- final_between --
SELECT * FROM messages WHERE id > ? AND id < ? AND final_at IS NOT NULL ORDER BY id LIMIT ?
