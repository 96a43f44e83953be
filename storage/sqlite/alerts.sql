-- set_mark --
INSERT INTO marks (account, env, subject) VALUES (?, ?, ?) ON CONFLICT DO NOTHING

-- clear_marks --
DELETE FROM marks WHERE (account, env, subject) IN (VALUES (?, ?, ?)...)

-- marks --
SELECT account, env, subject FROM marks ORDER BY account, env, subject

-- insert_alert --
INSERT INTO alerts (id, account, env, kind, at, data) VALUES (?, ?, ?, ?, ?, ?)

-- alerts_page --
SELECT id, account, env, kind, at, data FROM alerts WHERE id < ?1 AND id >= ?2 AND (?4 IS NULL OR env = ?4)
ORDER BY id DESC LIMIT ?3

-- alerts_horizon --
-- Where so many alerts, of either environment, have been passed.
SELECT id FROM alerts WHERE id < ? ORDER BY id DESC LIMIT 1 OFFSET ?

-- alerts_of --
SELECT id, account, env, kind, at, data FROM alerts WHERE account = ? AND env = ? AND id < ?
ORDER BY id DESC LIMIT ?

-- add_failures --
INSERT INTO failures (minute, account, env, count) VALUES (?, ?, ?, ?)...
ON CONFLICT (minute, account, env) DO UPDATE SET count = count + excluded.count

-- failures_since --
SELECT account, env, sum(count) FROM failures WHERE minute >= ? GROUP BY account, env ORDER BY account, env

-- drop_failures --
DELETE FROM failures WHERE minute < ?

-- drop_alerts --
DELETE FROM alerts WHERE id < ?
