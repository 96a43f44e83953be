-- probe --
UPDATE meta SET value = value + 1 WHERE name = 'probe'

-- register --
-- It takes the commands that nobody has taken yet.
INSERT INTO processes (boot_id, pid, started_at, lease_until, roles, commands_seen)
SELECT $1, $2, $3, clock_timestamp() + $4::interval, $5::text[],
    coalesce((SELECT max(number) FROM commands WHERE taken_at IS NOT NULL), 0)
RETURNING number, token

-- renew --
UPDATE processes SET lease_until = clock_timestamp() + $3::interval
WHERE number = $1 AND token = $2 AND ended_at IS NULL

-- dead_processes --
SELECT number, token, boot_id, pid FROM processes
WHERE recovered_at IS NULL AND (ended_at IS NOT NULL OR lease_until < clock_timestamp()) ORDER BY number

-- cut_off --
-- A session of theirs may stand still inside a transaction: its client is held or cut off, and the server's time limit
-- for idle transactions does not run between the messages of one statement.
SELECT pg_terminate_backend(l.pid) FROM pg_locks AS l JOIN processes AS p ON p.number = l.objid::bigint
    JOIN pg_stat_activity AS a ON a.pid = l.pid AND a.wait_event_type = 'Client'
WHERE l.locktype = 'advisory' AND l.classid = 1414681163 AND l.objsubid = 2 AND l.granted
    AND l.database = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database())
    AND p.number = ANY ($1::integer[]) AND p.ended_at IS NULL AND p.lease_until < clock_timestamp()

-- wait_for_processes --
-- Nothing that they have begun is under way any more when this returns, and what they begin later sees their end.
SELECT pg_advisory_xact_lock(1414681163, v.number) FROM unnest($1::integer[]) AS v (number)

-- end_processes --
UPDATE processes SET ended_at = coalesce(ended_at, clock_timestamp())
WHERE number = ANY ($1::integer[]) AND recovered_at IS NULL
    AND ($2 OR ended_at IS NOT NULL OR lease_until < clock_timestamp())
RETURNING number

-- processes_recovered --
UPDATE processes SET recovered_at = clock_timestamp() WHERE number = ANY ($1::integer[])

-- drop_states_of_ended --
DELETE FROM operator_states AS s WHERE NOT EXISTS (
    SELECT FROM processes AS p WHERE p.number = s.process AND p.ended_at IS NULL AND p.lease_until >= clock_timestamp())

-- post_command --
INSERT INTO commands (verb, target, at) VALUES ($1, $2, $3)

-- new_commands --
SELECT number, verb, target, at FROM commands
WHERE number > (SELECT commands_seen FROM processes WHERE number = $1) ORDER BY number

-- take_commands --
UPDATE commands SET taken_at = coalesce(taken_at, $2) WHERE number = ANY ($1::bigint[])

-- commands_seen --
UPDATE processes SET commands_seen = $2 WHERE number = $1

-- write_states_of_operators --
INSERT INTO operator_states (operator, process, at, state, binds, waiting, in_flight, ailing,
    carrier_digest)
SELECT v.operator, v.process, v.at, v.state, v.binds::jsonb, v.waiting, v.in_flight, v.ailing::jsonb,
    v.carrier_digest
FROM unnest($1::text[], $2::integer[], $3::timestamptz[], $4::text[], $5::text[], $6::integer[], $7::integer[],
    $8::text[], $9::text[])
    AS v (operator, process, at, state, binds, waiting, in_flight, ailing, carrier_digest)
ON CONFLICT (operator, process) DO UPDATE SET at = excluded.at, state = excluded.state, binds = excluded.binds,
    waiting = excluded.waiting, in_flight = excluded.in_flight, ailing = excluded.ailing,
    carrier_digest = excluded.carrier_digest

-- operators_taken_out --
-- Of which a process says no more, though it speaks of others: a reload has taken them out.
UPDATE operator_states AS s SET state = 'removed', binds = '[]', waiting = 0, in_flight = 0, ailing = '[]',
    carrier_digest = ''
WHERE s.process = ANY ($2::integer[]) AND s.state <> 'removed' AND NOT EXISTS (
    SELECT FROM unnest($1::text[], $2::integer[]) AS v (operator, process)
    WHERE v.operator = s.operator AND v.process = s.process)

-- states_of_operators --
SELECT operator, process, at, state, binds, waiting, in_flight, ailing, carrier_digest
FROM operator_states ORDER BY operator, process
