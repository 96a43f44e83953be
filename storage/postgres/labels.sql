-- insert_labels --
INSERT INTO labels (account, env, label, id) SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::uuid[])

-- labelled --
SELECT l.label, l.id FROM labels AS l WHERE l.account = $1 AND l.env = $2 AND l.label = ANY ($3::text[])
ORDER BY l.label, l.id

-- count_labelled --
-- One partition is looked into per id.
SELECT m.status, count(*) FROM labels AS l CROSS JOIN LATERAL (
    SELECT m.status FROM messages AS m WHERE m.id = l.id OFFSET 0
) AS m WHERE l.account = $1 AND l.env = $2 AND l.label = $3
GROUP BY m.status

-- drop_labels --
-- Those whose messages are gone: with their day, or one by one.
DELETE FROM labels WHERE ctid = ANY (ARRAY (
    SELECT l.ctid FROM labels AS l WHERE l.id >= $1 AND l.id < $2
        AND NOT EXISTS (SELECT FROM messages AS m WHERE m.id = l.id) LIMIT $3))
