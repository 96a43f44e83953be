-- bind_alone --
SELECT pg_advisory_xact_lock(1414681164, hashtext(v.operator)) FROM unnest($1::text[]) AS v (operator)

-- bind_together --
SELECT pg_advisory_xact_lock_shared(1414681164, hashtext(v.operator)) FROM unnest($1::text[]) AS v (operator)

-- find_refs --
SELECT r.operator, r.ref, r.destination, r.message_id, r.attempt, r.part, r.receipts
FROM unnest($1::text[], $2::text[], $3::text[]) AS v (operator, ref, destination)
JOIN carrier_refs AS r ON r.operator = v.operator AND r.ref = v.ref AND r.destination = v.destination

-- bind_refs --
-- Receipts that are parked under the ref stay: they are read after this, when nobody can add to them any more.
INSERT INTO carrier_refs (operator, ref, destination, message_id, attempt, part, source, at)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::uuid[], $5::integer[], $6::integer[], $7::text[],
    $8::timestamptz[])
ON CONFLICT (operator, ref, destination) DO UPDATE SET message_id = excluded.message_id, attempt = excluded.attempt,
    part = excluded.part, source = excluded.source, at = excluded.at

-- release_refs --
INSERT INTO carrier_refs (operator, ref, destination, message_id, attempt, part, source, at)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::uuid[], $5::integer[], $6::integer[], $7::text[],
    $8::timestamptz[])
ON CONFLICT (operator, ref, destination) DO UPDATE SET message_id = excluded.message_id, attempt = excluded.attempt,
    part = excluded.part, source = excluded.source, at = excluded.at, receipts = NULL

-- parked_of_pairs --
-- Only parked rows are in this index, so an answer that no receipt has overtaken costs one look at a small tree.
SELECT r.operator, r.ref, r.destination, r.receipts, r.source
FROM unnest($1::text[], $2::text[]) AS v (operator, destination) CROSS JOIN LATERAL (
    SELECT r.* FROM carrier_refs AS r
    WHERE r.destination = v.destination AND r.operator = v.operator AND r.receipts IS NOT NULL OFFSET 0
) AS r
ORDER BY r.at

-- park_receipts --
-- To those that are parked already: two lists in JSON become one.
INSERT INTO carrier_refs AS r (operator, ref, destination, source, at, receipts)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::text[])
ON CONFLICT (operator, ref, destination) DO UPDATE SET source = excluded.source, at = excluded.at,
    receipts = CASE WHEN r.receipts IS NULL THEN excluded.receipts
        ELSE left(r.receipts, -1) || ',' || substr(excluded.receipts, 2) END
RETURNING r.operator, r.ref, r.destination, r.message_id, r.attempt, r.part

-- unpark --
WITH v AS (
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[]) AS v (operator, ref, destination)
), dropped AS (
    DELETE FROM carrier_refs AS r USING v WHERE r.operator = v.operator AND r.ref = v.ref
        AND r.destination = v.destination AND r.message_id IS NULL
)
UPDATE carrier_refs AS r SET receipts = NULL FROM v WHERE r.operator = v.operator AND r.ref = v.ref
    AND r.destination = v.destination AND r.message_id IS NOT NULL

-- recipients_in_doubt --
SELECT v.recipient FROM unnest($1::text[]) AS v (recipient)
WHERE EXISTS (SELECT FROM messages AS m WHERE m.recipient = v.recipient AND m.in_doubt > 0)
    OR EXISTS (SELECT FROM parts AS p WHERE p.recipient = v.recipient AND p.state = 1)

-- parked_pairs_in_doubt --
SELECT DISTINCT r.operator, r.source, r.destination
FROM (
    SELECT recipient FROM messages WHERE in_doubt > 0 UNION SELECT recipient FROM parts WHERE state = 1
) AS doubt CROSS JOIN LATERAL (
    SELECT r.* FROM carrier_refs AS r WHERE r.destination = doubt.recipient AND r.receipts IS NOT NULL OFFSET 0
) AS r

-- messages_to --
SELECT m.id, m.recipient FROM unnest($1::text[], $2::uuid[]) AS v (recipient, since) CROSS JOIN LATERAL (
    SELECT m.id, m.recipient FROM messages AS m
    WHERE m.recipient = v.recipient AND (m.recipient, m.id) >= (v.recipient, v.since) OFFSET 0
) AS m
