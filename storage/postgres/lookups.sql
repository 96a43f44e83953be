-- message_by_id --
SELECT 0, m.* FROM messages AS m WHERE m.id = $1

-- messages_page --
-- Times are compared by the column; the bounds of the id only spare the scan. Of `facts` one element is asked for, but
-- all of it is read, and U+0000 in a body would be an error.
SELECT 0, m.* FROM messages AS m
WHERE m.account = $1 AND m.env = $2 AND m.id < $3 AND m.id >= $4 AND m.accepted_at BETWEEN $5 AND $6
    AND ($7::text[] IS NULL OR m.status = ANY ($7)) AND ($8::text IS NULL OR m.sub_tenant = $8)
    AND ($10::text IS NULL OR m.sender = $10)
    AND ($11::text IS NULL OR replace(m.facts, '\u0000', '\ufffd')::json ->> 7 = $11)
    AND ($12::text IS NULL OR m.recipient = $12)
ORDER BY m.id DESC LIMIT $9

-- messages_page_ended --
-- The column of the index, which has these words alone.
SELECT 0, m.* FROM messages AS m
WHERE m.account = $1 AND m.env = $2 AND m.ended = $7 AND m.id < $3 AND m.id >= $4 AND m.accepted_at BETWEEN $5 AND $6
    AND ($8::text IS NULL OR m.sub_tenant = $8) AND ($10::text IS NULL OR m.sender = $10)
    AND ($11::text IS NULL OR replace(m.facts, '\u0000', '\ufffd')::json ->> 7 = $11)
    AND ($12::text IS NULL OR m.recipient = $12)
ORDER BY m.id DESC LIMIT $9

-- messages_page_open --
-- What is not final stands in the narrow table, however much else there is.
SELECT 0, m.* FROM (
    SELECT u.id FROM unfinished AS u
    WHERE u.account = $1 AND u.env = $2 AND u.id < $3 AND u.id >= $4 AND u.status = ANY ($7::text[])
    ORDER BY u.id DESC OFFSET 0
) AS u CROSS JOIN LATERAL (
    SELECT m.* FROM messages AS m
    WHERE m.id = u.id AND m.accepted_at BETWEEN $5 AND $6 AND m.status = ANY ($7)
        AND ($8::text IS NULL OR m.sub_tenant = $8) AND ($10::text IS NULL OR m.sender = $10)
        AND ($11::text IS NULL OR replace(m.facts, '\u0000', '\ufffd')::json ->> 7 = $11)
        AND ($12::text IS NULL OR m.recipient = $12) OFFSET 0
) AS m ORDER BY u.id DESC LIMIT $9

-- messages_page_to --
-- A number has few messages: labels are looked for after all else, once and not in each partition.
SELECT 0, m.* FROM (
    SELECT m.* FROM messages AS m
    WHERE m.account = $1 AND m.env = $2 AND m.id < $3 AND m.id >= $4 AND m.accepted_at BETWEEN $5 AND $6
        AND ($7::text[] IS NULL OR m.status = ANY ($7)) AND ($8::text IS NULL OR m.sub_tenant = $8)
        AND ($10::text IS NULL OR m.sender = $10)
        AND ($11::text IS NULL OR replace(m.facts, '\u0000', '\ufffd')::json ->> 7 = $11)
        AND m.recipient = $12
    ORDER BY m.id DESC OFFSET 0
) AS m WHERE (SELECT count(*) FROM labels AS l
    WHERE l.account = $1 AND l.env = $2 AND l.label = ANY ($13::text[]) AND l.id = m.id) = cardinality($13)
ORDER BY m.id DESC LIMIT $9

-- messages_page_labelled --
-- Along the first label, newest first, each with a look whether it has the others too.
SELECT 0, m.* FROM (
    SELECT f.id FROM labels AS f
    WHERE f.account = $1 AND f.env = $2 AND f.label = $13 AND f.id < $3 AND f.id >= $4
        AND (SELECT count(*) FROM labels AS l
            WHERE l.account = $1 AND l.env = $2 AND l.label = ANY ($14::text[]) AND l.id = f.id) = cardinality($14)
    ORDER BY f.id DESC OFFSET 0
) AS f CROSS JOIN LATERAL (
    SELECT m.* FROM messages AS m
    WHERE m.id = f.id AND m.accepted_at BETWEEN $5 AND $6 AND ($7::text[] IS NULL OR m.status = ANY ($7))
        AND ($8::text IS NULL OR m.sub_tenant = $8) AND ($10::text IS NULL OR m.sender = $10)
        AND ($11::text IS NULL OR replace(m.facts, '\u0000', '\ufffd')::json ->> 7 = $11)
        AND ($12::text IS NULL OR m.recipient = $12) OFFSET 0
) AS m ORDER BY f.id DESC LIMIT $9

-- waiting_after --
SELECT 0, m.* FROM (
    SELECT u.id FROM unfinished AS u
    WHERE u.operator = $1 AND (u.operator, u.id) > ($1, $2) AND u.owner IS NULL AND u.next_at IS NOT NULL
    ORDER BY u.id LIMIT $3
) AS u CROSS JOIN LATERAL (SELECT m.* FROM messages AS m WHERE m.id = u.id OFFSET 0) AS m

-- waiting_operators --
SELECT nullif(operator, ''), count(*) FROM unfinished WHERE owner IS NULL AND next_at IS NOT NULL GROUP BY operator

-- overdue --
SELECT id FROM unfinished WHERE expires_at <= $1 AND owner IS NULL ORDER BY expires_at, id LIMIT $2

-- messages_crowd_to --
-- The newest first, so that the plan does not depend on how many there are.
SELECT 1 FROM messages WHERE recipient = $4 AND id < $1 AND id >= $2 ORDER BY id DESC LIMIT 1 OFFSET $3

-- messages_crowd_open --
SELECT 1 FROM unfinished WHERE id < $1 AND id >= $2 ORDER BY id DESC LIMIT 1 OFFSET $3

-- messages_horizon --
-- From the index alone: where so many of the account's messages have been passed.
SELECT id FROM messages WHERE account = $1 AND env = $2 AND id < $3 AND id >= $4
ORDER BY id DESC LIMIT 1 OFFSET $5

-- messages_horizon_ended --
SELECT id FROM messages WHERE account = $1 AND env = $2 AND ended = $6 AND id < $3 AND id >= $4
ORDER BY id DESC LIMIT 1 OFFSET $5

-- messages_horizon_labelled --
SELECT id FROM labels WHERE account = $1 AND env = $2 AND id < $3 AND id >= $4 AND label = $6
ORDER BY id DESC LIMIT 1 OFFSET $5

-- inbound_page --
SELECT * FROM inbound ORDER BY id DESC LIMIT $1

-- inbound_page_of --
SELECT * FROM inbound WHERE account = $1 ORDER BY id DESC LIMIT $2

-- queues --
SELECT nullif(operator, ''), priority, count(*), min(next_at) FROM unfinished
WHERE owner IS NULL AND next_at IS NOT NULL GROUP BY operator, priority

-- counts --
SELECT
    (SELECT count(*) FROM webhooks WHERE state = 0),
    (SELECT count(*) FROM webhooks WHERE state = 3),
    (SELECT count(*) FROM carrier_refs WHERE receipts IS NOT NULL),
    (SELECT coalesce(sum(in_doubt), 0) FROM messages WHERE in_doubt > 0)
        + (SELECT count(*) FROM parts WHERE state = 1)
