-- claim --
-- By class, then time. The queue only tells where to look: what counts is the message, and one that somebody else has
-- locked is passed over. Nothing is locked beyond the limit, for rows are asked for one by one.
SELECT 0, m.* FROM unnest($4::smallint[]) AS class (priority) CROSS JOIN LATERAL (
    SELECT u.id FROM unfinished AS u
    WHERE u.operator = $1 AND u.priority = class.priority AND u.owner IS NULL AND u.next_at <= $2
    ORDER BY u.next_at, u.id OFFSET 0
) AS u CROSS JOIN LATERAL (
    SELECT m.* FROM messages AS m
    WHERE m.id = u.id AND m.owner IS NULL AND m.next_at <= $2 AND coalesce(m.operator, '') = $1
    FOR UPDATE OF m SKIP LOCKED
) AS m LIMIT $3

-- next_due --
SELECT min(due.next_at) FROM unnest($3::smallint[]) AS class (priority) CROSS JOIN LATERAL (
    SELECT u.next_at FROM unfinished AS u
    WHERE u.operator = $1 AND u.priority = class.priority AND u.owner IS NULL AND u.next_at > $2
    ORDER BY u.next_at, u.id LIMIT 1
) AS due

-- held_by --
SELECT id FROM unfinished WHERE owner = ANY ($1::integer[]) AND id > $2 ORDER BY id LIMIT $3

-- held_messages --
SELECT id FROM unfinished WHERE owner = $1
