-- insert_labels --
INSERT INTO labels (account, env, label, id) SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::uuid[])

-- labelled --
-- Label by label: to have them all in order, the planner would look through all that the account has.
SELECT v.label, l.id FROM unnest($3::text[]) AS v (label) CROSS JOIN LATERAL (
    SELECT l.id FROM labels AS l WHERE l.account = $1 AND l.env = $2 AND l.label = v.label ORDER BY l.id OFFSET 0
) AS l

-- count_labelled --
-- One partition is looked into per id.
SELECT m.status, count(*) FROM labels AS l CROSS JOIN LATERAL (
    SELECT m.status FROM messages AS m WHERE m.id = l.id OFFSET 0
) AS m WHERE l.account = $1 AND l.env = $2 AND l.label = $3
GROUP BY m.status

-- take_labels_off --
DELETE FROM labels AS l USING unnest($1::text[], $2::text[], $3::text[], $4::uuid[]) AS v (account, env, label, id)
WHERE l.account = v.account AND l.env = v.env AND l.label = v.label AND l.id = v.id

-- drop_labels --
-- Those whose messages are gone: with their day, or one by one.
DELETE FROM labels WHERE ctid = ANY (ARRAY (
    SELECT l.ctid FROM labels AS l WHERE l.id >= $1 AND l.id < $2
        AND NOT EXISTS (SELECT FROM messages AS m WHERE m.id = l.id) LIMIT $3))
