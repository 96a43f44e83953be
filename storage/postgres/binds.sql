-- lock_binds --
-- One process at a time: the next one sees what this one has taken.
SELECT pg_advisory_xact_lock(1414681164)

-- give_back_binds --
UPDATE bind_leases AS b SET owner = NULL FROM unnest($2::text[], $3::integer[]) AS v (operator, bind)
WHERE b.operator = v.operator AND b.bind = v.bind AND b.owner = $1

-- free_binds_of_ended --
UPDATE bind_leases AS b SET owner = NULL FROM processes AS p
WHERE p.number = b.owner AND p.ended_at IS NOT NULL AND b.operator = ANY ($1::text[])

-- make_binds --
INSERT INTO bind_leases (operator, bind, token)
SELECT v.operator, bind, 0 FROM unnest($1::text[], $2::integer[]) AS v (operator, binds)
    CROSS JOIN LATERAL generate_series(0, v.binds - 1) AS bind
ON CONFLICT DO NOTHING

-- binds_of --
SELECT operator, bind, owner FROM bind_leases WHERE operator = ANY ($1::text[]) ORDER BY operator, bind

-- wants_binds --
UPDATE processes SET sends = $2 WHERE number = $1 AND sends <> $2

-- senders --
-- Each with the operators of which it speaks: none before its first word.
SELECT p.number, count(s.operator) > 0 AS has_spoken,
    coalesce(array_agg(s.operator) FILTER (WHERE s.state <> 'removed'), '{}') AS operators
FROM processes AS p LEFT JOIN operator_states AS s ON s.process = p.number
WHERE p.recovered_at IS NULL AND p.ended_at IS NULL AND p.sends
GROUP BY p.number

-- take_binds --
UPDATE bind_leases AS b SET owner = $1, token = b.token + 1
FROM unnest($2::text[], $3::integer[]) AS v (operator, bind) WHERE b.operator = v.operator AND b.bind = v.bind

-- peers --
-- Those that nobody has ended and whose lease holds, and what they say.
SELECT p.number, p.token, p.boot_id, p.pid, p.roles, s.operator, s.state, s.carrier_digest
FROM processes AS p LEFT JOIN operator_states AS s ON s.process = p.number
WHERE p.recovered_at IS NULL AND p.ended_at IS NULL AND p.lease_until >= clock_timestamp() AND p.number <> $1
ORDER BY p.number, s.operator
