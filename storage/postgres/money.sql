-- take_slots --
-- Of each purse one slot that is free, the richest; all of them where the whole is wanted; where none is free, the one
-- that is waited for. The later branches run only when the earlier ones have found nothing. Purses come in the order
-- of their keys, and slots in that of their numbers, so that no two transactions wait for each other in a circle. What
-- the others have is looked at once the slot is ours: somebody may have emptied them while it was waited for.
SELECT v.account, v.env, v.currency, s.slot, s.balance, s.held, s.day, s.charged, seen.slots, has.poorest, has.spent
FROM unnest($1::text[], $2::text[], $3::text[], $4::smallint[], $5::boolean[])
    AS v (account, env, currency, slot, whole)
CROSS JOIN LATERAL (
    SELECT count(*) AS slots FROM purses AS p
    WHERE p.account = v.account AND p.env = v.env AND p.currency = v.currency
) AS seen
CROSS JOIN LATERAL (
    SELECT * FROM (
        SELECT p.* FROM purses AS p
        WHERE v.whole AND p.account = v.account AND p.env = v.env AND p.currency = v.currency
        ORDER BY p.slot FOR UPDATE
    ) AS each
    UNION ALL SELECT * FROM (
        SELECT p.* FROM purses AS p
        WHERE NOT v.whole AND p.account = v.account AND p.env = v.env AND p.currency = v.currency
        ORDER BY p.balance DESC LIMIT 1 FOR UPDATE SKIP LOCKED
    ) AS free
    UNION ALL SELECT * FROM (
        SELECT p.* FROM purses AS p
        WHERE NOT v.whole AND p.account = v.account AND p.env = v.env AND p.currency = v.currency
            AND p.slot = v.slot % nullif(seen.slots, 0)
        FOR UPDATE
    ) AS awaited
    LIMIT CASE WHEN v.whole THEN NULL ELSE 1 END
) AS s
CROSS JOIN LATERAL purse_now(v.account, v.env, v.currency, $6, s.slot) AS has

-- look_at_slots --
SELECT v.account, v.env, v.currency, p.slot, p.balance, p.held, p.day, p.charged
FROM unnest($1::text[], $2::text[], $3::text[]) AS v (account, env, currency)
CROSS JOIN LATERAL (
    SELECT p.* FROM purses AS p WHERE p.account = v.account AND p.env = v.env AND p.currency = v.currency
) AS p

-- make_slots --
INSERT INTO purses (account, env, currency, slot, balance, held, day, charged)
SELECT v.account, v.env, v.currency, n, 0, 0, 0, 0
FROM unnest($1::text[], $2::text[], $3::text[]) AS v (account, env, currency)
CROSS JOIN generate_series(0, $4::integer - 1) AS n
ON CONFLICT DO NOTHING

-- write_entries --
-- Those that stand already are not made again, and only what is made moves its purse: in the slot that was taken.
-- Where a day is given, what is charged on it now.
WITH made AS (
    INSERT INTO ledger (subject, kind, account, env, currency, amount, held, at, key, note)
    SELECT * FROM unnest($1::uuid[], $2::smallint[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[],
        $8::timestamptz[], $9::text[], $10::text[])
    ON CONFLICT DO NOTHING
    RETURNING account, env, currency, amount, held
), sums AS (
    SELECT account, env, currency, sum(amount)::bigint AS amount, sum(held)::bigint AS held, count(*) AS entries
    FROM made GROUP BY account, env, currency
), moved AS (
    UPDATE purses AS p SET balance = p.balance + s.amount, held = p.held + s.held,
        day = CASE WHEN v.day > 0 THEN v.day ELSE p.day END,
        charged = CASE WHEN v.day > 0 THEN v.charged ELSE p.charged END
    FROM unnest($11::text[], $12::text[], $13::text[], $14::smallint[], $15::integer[], $16::bigint[])
        AS v (account, env, currency, slot, day, charged)
    JOIN sums AS s USING (account, env, currency)
    WHERE p.account = v.account AND p.env = v.env AND p.currency = v.currency AND p.slot = v.slot
)
SELECT coalesce(sum(entries), 0)::integer FROM sums

-- write_slots --
UPDATE purses AS p SET balance = v.balance, held = v.held, day = v.day, charged = v.charged
FROM unnest($1::text[], $2::text[], $3::text[], $4::smallint[], $5::bigint[], $6::bigint[], $7::integer[],
    $8::bigint[]) AS v (account, env, currency, slot, balance, held, day, charged)
WHERE p.account = v.account AND p.env = v.env AND p.currency = v.currency AND p.slot = v.slot

-- purses --
SELECT account, env, currency, sum(balance)::bigint, sum(held)::bigint FROM purses
GROUP BY account, env, currency ORDER BY account, env, currency

-- purses_of --
SELECT account, env, currency, sum(balance)::bigint, sum(held)::bigint FROM purses WHERE account = $1
GROUP BY account, env, currency ORDER BY account, env, currency

-- entry_by_key --
SELECT * FROM ledger WHERE account = $1 AND env = $2 AND key = $3

-- entries_of --
SELECT l.* FROM unnest($1::uuid[]) AS v (subject) CROSS JOIN LATERAL (
    SELECT l.* FROM ledger AS l WHERE l.subject = v.subject ORDER BY l.kind
) AS l

-- entries_page --
SELECT * FROM ledger
WHERE account = $1 AND env = $2 AND (subject, kind) < ($3::uuid, $4::smallint)
    AND (subject, kind) >= ($5::uuid, $6::smallint) AND kind = ANY ($7::smallint[])
ORDER BY subject DESC, kind DESC LIMIT $8

-- entries_horizon --
-- From the index alone: where so many of the account's entries have been passed.
SELECT subject, kind FROM ledger
WHERE account = $1 AND env = $2 AND (subject, kind) < ($3::uuid, $4::smallint)
    AND (subject, kind) >= ($5::uuid, $6::smallint)
ORDER BY subject DESC, kind DESC LIMIT 1 OFFSET $7

-- count_entries --
-- As of the last time that the table was looked through: to count them would take as long as to add them up.
SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = 'ledger'::regclass

-- entries_after --
SELECT * FROM ledger WHERE (subject, kind) > ($1::uuid, $2::smallint) ORDER BY subject, kind LIMIT $3

-- messages_of --
SELECT 0, m.* FROM unnest($1::uuid[]) AS v (id) CROSS JOIN LATERAL (
    SELECT m.* FROM messages AS m WHERE m.id = v.id
) AS m
