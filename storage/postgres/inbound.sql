-- hold_conversations --
-- The parts of one message may come to two machines at the same moment: whoever is second sees the other's. Few locks,
-- however many phones write: they stand for groups of phones.
SELECT pg_advisory_xact_lock(1414681165, v.slot) FROM (
    SELECT DISTINCT abs(hashtext(sender) % 256) AS slot FROM unnest($1::text[]) AS s (sender) ORDER BY slot
) AS v

-- unanswered_fingerprints --
SELECT p.operator, p.fingerprint, p.at
FROM unnest($1::text[], $2::bytea[]) AS v (operator, fingerprint) CROSS JOIN LATERAL (
    SELECT p.* FROM inbound_parts AS p
    WHERE p.operator = v.operator AND p.fingerprint = v.fingerprint AND NOT p.answered OFFSET 0
) AS p

-- answered_inbound --
UPDATE inbound_parts SET answered = true WHERE number = ANY (ARRAY (
    SELECT p.number FROM unnest($1::text[], $2::bytea[]) AS v (operator, fingerprint) CROSS JOIN LATERAL (
        SELECT p.number FROM inbound_parts AS p
        WHERE p.operator = v.operator AND p.fingerprint = v.fingerprint AND NOT p.answered OFFSET 0
    ) AS p))

-- parts_of_inbound --
SELECT p.number, p.operator, p.sender, p.recipient, p.concat_ref, p.total, p.part, p.body, p.data, p.at
FROM unnest($1::text[], $2::text[], $3::text[], $4::integer[], $5::integer[])
    AS v (operator, sender, recipient, concat_ref, total) CROSS JOIN LATERAL (
    SELECT p.* FROM inbound_parts AS p
    WHERE NOT p.joined AND p.operator = v.operator AND p.sender = v.sender AND p.recipient = v.recipient
        AND p.concat_ref = v.concat_ref AND p.total = v.total OFFSET 0
) AS p
ORDER BY p.number

-- insert_inbound_parts --
INSERT INTO inbound_parts (operator, sender, recipient, concat_ref, total, part, body, data, at, fingerprint, joined)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::integer[], $5::integer[], $6::integer[], $7::text[],
    $8::bytea[], $9::timestamptz[], $10::bytea[], $11::boolean[])

-- join_inbound_parts --
UPDATE inbound_parts AS p SET joined = true, body = '""', data = NULL
FROM unnest($1::bigint[]) AS v (number) WHERE p.number = v.number

-- inbound_incomplete --
SELECT operator, sender, recipient, concat_ref, total FROM inbound_parts
WHERE NOT joined GROUP BY operator, sender, recipient, concat_ref, total HAVING max(at) < $1

-- insert_inbound --
INSERT INTO inbound
SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::text[],
    $8::text[], $9::text[], $10::text[], $11::text[], $12::uuid[])

-- latest_of_pairs --
-- `sent` is bounded per pair: a number that everybody writes to has many.
SELECT v.sender, v.recipient, 0, m.* FROM unnest($1::text[], $2::text[]) AS v (sender, recipient) CROSS JOIN LATERAL (
    SELECT m.* FROM messages AS m WHERE m.recipient = v.sender AND m.sender = v.recipient ORDER BY m.id DESC LIMIT $3
) AS m

-- owners_of --
SELECT n.number, n.keyword, n.account, n.env, n.created_at FROM unnest($1::text[]) AS v (number)
JOIN numbers AS n ON n.number = v.number ORDER BY n.number, n.keyword

-- stopped --
SELECT s.number, s.account, s.env, s.sub_tenant FROM unnest($1::text[]) AS v (number)
JOIN suppressions AS s ON s.number = v.number AND s.reason = 'stop'

-- lift_suppressions --
DELETE FROM suppressions AS s USING unnest($1::text[], $2::text[], $3::text[], $4::text[])
    AS v (number, account, env, sub_tenant)
WHERE s.number = v.number AND s.account = v.account AND s.env = v.env AND s.sub_tenant = v.sub_tenant
