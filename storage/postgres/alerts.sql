-- set_mark --
INSERT INTO marks (account, env, subject) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING

-- clear_marks --
DELETE FROM marks AS m USING unnest($1::text[], $2::text[], $3::text[]) AS v (account, env, subject)
WHERE m.account = v.account AND m.env = v.env AND m.subject = v.subject

-- marks --
SELECT account, env, subject FROM marks ORDER BY account, env, subject

-- insert_alert --
INSERT INTO alerts (id, account, env, kind, at, data) VALUES ($1, $2, $3, $4, $5, $6)

-- alerts_page --
SELECT id, account, env, kind, at, data FROM alerts WHERE id < $1 AND id >= $2 AND ($4::text IS NULL OR env = $4)
ORDER BY id DESC LIMIT $3

-- alerts_horizon --
-- Where so many alerts, of either environment, have been passed.
SELECT id FROM alerts WHERE id < $1 ORDER BY id DESC LIMIT 1 OFFSET $2

-- alerts_of --
SELECT a.* FROM unnest($2::text[]) AS v (env) CROSS JOIN LATERAL (
    SELECT a.id, a.account, a.env, a.kind, a.at, a.data FROM alerts AS a
    WHERE a.account = $1 AND a.env = v.env AND a.id < $3 ORDER BY a.id DESC LIMIT $4
) AS a ORDER BY a.id DESC LIMIT $4

-- add_failures --
INSERT INTO failures (minute, account, env, process, count)
SELECT v.minute, v.account, v.env, $5, v.count
FROM unnest($1::integer[], $2::text[], $3::text[], $4::integer[]) AS v (minute, account, env, count)
ON CONFLICT (minute, account, env, process) DO UPDATE SET count = failures.count + excluded.count

-- failures_since --
SELECT account, env, sum(count) FROM failures WHERE minute >= $1 GROUP BY account, env

-- drop_failures --
DELETE FROM failures WHERE minute < $1

-- drop_alerts --
DELETE FROM alerts WHERE id < $1
