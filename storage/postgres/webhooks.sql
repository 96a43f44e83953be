-- destinations_pending --
-- A loose scan of the index: one probe per destination, however many rows it has.
WITH RECURSIVE d (destination) AS (
    (SELECT destination FROM webhooks WHERE state = 0 ORDER BY destination LIMIT 1)
    UNION ALL
    SELECT (SELECT w.destination FROM webhooks AS w WHERE w.state = 0 AND w.destination > d.destination
        ORDER BY w.destination LIMIT 1)
    FROM d WHERE d.destination IS NOT NULL
)
SELECT d.destination, (SELECT w.next_at FROM webhooks AS w WHERE w.state = 0 AND w.destination = d.destination
    ORDER BY w.next_at LIMIT 1)
FROM d WHERE d.destination IS NOT NULL

-- due_events --
SELECT w.* FROM unnest($1::text[], $2::integer[]) AS d (destination, room) CROSS JOIN LATERAL (
    SELECT w.* FROM webhooks AS w
    WHERE w.state = 0 AND w.destination = d.destination AND w.next_at <= $3
        AND (w.seq = 1 OR NOT EXISTS (
            SELECT FROM webhooks AS e WHERE e.subject = w.subject AND e.seq < w.seq AND e.state < 2))
    ORDER BY w.next_at, w.id LIMIT d.room
    FOR UPDATE OF w SKIP LOCKED
) AS w LIMIT $4

-- next_events --
SELECT min(w.next_at) FROM unnest($1::text[]) AS d (destination) CROSS JOIN LATERAL (
    SELECT w.next_at FROM webhooks AS w
    WHERE w.state = 0 AND w.destination = d.destination AND w.next_at > $2
    ORDER BY w.next_at LIMIT 1
) AS w

-- claim_events --
UPDATE webhooks AS w SET state = 1, owner = $2 FROM unnest($1::uuid[]) AS v (id) WHERE w.id = v.id

-- lock_events --
SELECT w.id FROM unnest($1::uuid[]) AS v (id) CROSS JOIN LATERAL (
    SELECT w.id FROM webhooks AS w WHERE w.id = v.id FOR UPDATE OF w
) AS w

-- settle_events --
UPDATE webhooks AS w SET state = v.state, owner = NULL, settled_at = v.settled_at,
    next_at = coalesce(v.next_at, w.next_at), attempts = v.attempts, body = coalesce(v.body, w.body),
    error = coalesce(v.error, w.error)
FROM unnest($1::uuid[], $2::smallint[], $3::timestamptz[], $4::timestamptz[], $5::integer[], $6::bytea[], $7::text[])
    AS v (id, state, settled_at, next_at, attempts, body, error)
WHERE w.id = v.id

-- hold_later_events --
UPDATE webhooks AS w SET next_at = v.next_at
FROM unnest($1::uuid[], $2::timestamptz[]) AS v (id, next_at) JOIN webhooks AS e ON e.id = v.id
WHERE w.subject = e.subject AND w.seq > e.seq AND w.state = 0 AND w.next_at < v.next_at

-- dead_events --
SELECT * FROM webhooks WHERE state = 3 AND id < $1 ORDER BY id DESC LIMIT $2

-- dead_events_of --
SELECT * FROM webhooks WHERE state = 3 AND account = $1 AND id < $2 AND id >= $3 ORDER BY id DESC LIMIT $4

-- dead_horizon --
-- Where so many dead events, of whichever account, have been passed.
SELECT id FROM webhooks WHERE state = 3 AND id < $1 ORDER BY id DESC LIMIT 1 OFFSET $2

-- message_events --
SELECT * FROM webhooks WHERE subject = $1 ORDER BY seq

-- replay_all_events --
UPDATE webhooks SET state = 0, attempts = 0, next_at = $1, settled_at = NULL WHERE state = 3

-- replay_events --
UPDATE webhooks SET state = 0, attempts = 0, next_at = $2, settled_at = NULL WHERE id = ANY ($1::uuid[]) AND state = 3

-- free_events --
UPDATE webhooks SET state = 0, owner = NULL, next_at = $2 WHERE state = 1 AND owner = ANY ($1::integer[])

-- held_events --
SELECT id, attempts FROM webhooks WHERE state = 1 AND owner = $1
