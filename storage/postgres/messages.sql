-- insert_messages --
WITH v AS (
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::smallint[],
        $8::timestamptz[], $9::timestamptz[], $10::text[], $11::text[], $12::text[], $13::integer[],
        $14::timestamptz[], $15::timestamptz[], $16::integer[], $17::text[])
    AS v (id, account, env, sender, recipient, sub_tenant, priority, accepted_at, expires_at, facts, status, operator,
        owner, next_at, final_at, in_doubt, state)
), found_again AS (
    INSERT INTO unfinished (id, operator, priority, expires_at, owner, next_at, account, env, status)
    SELECT id, coalesce(operator, ''), priority, expires_at, owner, next_at, account, env, status FROM v
    WHERE final_at IS NULL
)
INSERT INTO messages SELECT * FROM v

-- lock_messages --
-- One after the other, in the order of the ids as they are given; one partition is looked into per id.
SELECT 0, m.* FROM unnest($1::uuid[]) AS v (id) CROSS JOIN LATERAL (
    SELECT m.* FROM messages AS m WHERE m.id = v.id FOR UPDATE OF m
) AS m

-- parts_of --
SELECT p.* FROM unnest($1::uuid[]) AS v (id) CROSS JOIN LATERAL (
    SELECT p.* FROM parts AS p WHERE p.message_id = v.id ORDER BY p.attempt, p.part
) AS p

-- write_states --
WITH v AS (
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::integer[], $5::timestamptz[], $6::timestamptz[],
        $7::integer[], $8::text[])
    AS v (id, status, operator, owner, next_at, final_at, in_doubt, state)
), ended AS (
    DELETE FROM unfinished AS u USING v WHERE u.id = v.id AND v.final_at IS NOT NULL
), moved AS (
    UPDATE unfinished AS u SET operator = coalesce(v.operator, ''), owner = v.owner, next_at = v.next_at,
        status = v.status
    FROM v WHERE u.id = v.id AND v.final_at IS NULL
)
UPDATE messages AS m SET status = v.status, operator = v.operator, owner = v.owner, next_at = v.next_at,
    final_at = v.final_at, in_doubt = v.in_doubt, state = v.state
FROM v WHERE m.id = v.id

-- write_parts --
INSERT INTO parts
SELECT * FROM unnest($1::uuid[], $2::integer[], $3::integer[], $4::text[], $5::smallint[], $6::text[], $7::text[],
    $8::timestamptz[], $9::timestamptz[], $10::text[], $11::text[])
ON CONFLICT (message_id, attempt, part) DO UPDATE SET state = excluded.state, ref = excluded.ref,
    error = excluded.error, at = excluded.at, receipt_at = excluded.receipt_at

-- insert_events --
-- A later event of a subject is due no sooner than the earlier ones, so that it never stands in front of the queue
-- while it may not leave.
INSERT INTO webhooks (id, subject, seq, account, destination, document, state, owner, next_at, attempts, body)
SELECT v.id, v.subject, v.seq, v.account, v.destination, v.document, v.state, v.owner,
    CASE WHEN v.seq = 1 THEN v.next_at ELSE greatest(v.next_at, (
        SELECT max(e.next_at) FROM webhooks AS e
        WHERE e.subject = v.subject AND e.seq < v.seq AND e.state = 0)) END,
    v.attempts, v.body
FROM unnest($1::uuid[], $2::uuid[], $3::integer[], $4::text[], $5::text[], $6::text[], $7::smallint[], $8::integer[],
    $9::timestamptz[], $10::integer[], $11::bytea[])
AS v (id, subject, seq, account, destination, document, state, owner, next_at, attempts, body)

-- suppress --
INSERT INTO suppressions (number, account, env, sub_tenant, reason, created_at)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[])
ON CONFLICT (number, account, env, sub_tenant) DO NOTHING

-- suppressed --
SELECT s.number, s.account, s.env, s.sub_tenant FROM unnest($1::text[]) AS v (number)
JOIN suppressions AS s ON s.number = v.number
