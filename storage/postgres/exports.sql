-- messages_after --
SELECT 0, m.* FROM messages AS m WHERE m.id > $1 AND m.id < $2 ORDER BY m.id LIMIT $3

-- messages_after_of --
SELECT 0, m.* FROM messages AS m
WHERE m.account = $1 AND m.env = $2 AND m.id > $3 AND m.id < $4 ORDER BY m.id LIMIT $5

-- statuses_by_id --
SELECT id, status FROM messages WHERE id > $1 AND id < $2 ORDER BY id LIMIT $3

-- inbound_by_id --
SELECT * FROM inbound WHERE account = $1 AND id > $2 ORDER BY id LIMIT $3

-- webhooks_by_id --
-- By the key of the table: an account's own index would be on the path of each event.
SELECT * FROM webhooks WHERE account = $1 AND id > $2 AND id <= $3 ORDER BY id LIMIT $4

-- webhooks_horizon --
SELECT id FROM webhooks WHERE id > $1 ORDER BY id LIMIT 1 OFFSET $2

-- unfinished_between --
SELECT count(*) FROM unfinished WHERE id > $1 AND id < $2

-- has_day --
SELECT 1 FROM days WHERE day = $1
