-- any_erased --
SELECT 1 FROM suppressions WHERE number >= 'erased:' AND number < 'erased;' LIMIT 1

-- stopped_by_name --
SELECT s.number, s.account, s.env, s.sub_tenant FROM unnest($1::text[]) AS v (number)
JOIN suppressions AS s ON s.number = v.number WHERE s.reason = 'stop'

-- lift_erased --
-- Nothing tells any more which sub-tenant's message a START answers: of the whole account it lifts all.
DELETE FROM suppressions WHERE number = $1 AND account = $2 AND env = $3 AND ($4 = '' OR sub_tenant IN ('', $4))

-- erased_messages --
-- By the id alone: an index of recipients has more names than this asks for.
SELECT m.id, m.recipient FROM unnest($1::uuid[]) AS v (id) CROSS JOIN LATERAL (
    SELECT m.* FROM messages AS m WHERE m.id = v.id OFFSET 0
) AS m WHERE starts_with(m.recipient, 'erased:')

-- written_to --
SELECT 1 FROM messages WHERE recipient = $1 LIMIT 1

-- traces --
SELECT account, env FROM messages WHERE recipient = $1
UNION SELECT account, env FROM inbound WHERE sender = $1 AND account IS NOT NULL
UNION SELECT account, env FROM suppressions WHERE number = $1

-- has_something --
SELECT EXISTS (SELECT FROM messages WHERE recipient = $1) OR EXISTS (SELECT FROM inbound WHERE sender = $1)
    OR EXISTS (SELECT FROM suppressions WHERE number = $1)

-- others_serve --
SELECT 1 FROM processes WHERE recovered_at IS NULL AND ended_at IS NULL AND lease_until > now() AND number <> $1 LIMIT 1

-- name_suppressions --
INSERT INTO suppressions (number, account, env, sub_tenant, reason, created_at)
SELECT $2, account, env, sub_tenant, reason, created_at FROM suppressions
WHERE number = $1 AND ($3::text IS NULL OR account = $3)
ON CONFLICT (number, account, env, sub_tenant) DO NOTHING

-- drop_plain_suppressions --
DELETE FROM suppressions WHERE number = $1 AND ($2::text IS NULL OR account = $2)

-- messages_to_erase --
SELECT id FROM messages WHERE recipient = $1 AND id > $2 AND ($3::text IS NULL OR account = $3) ORDER BY id LIMIT $4

-- lock_events_of --
SELECT w.* FROM webhooks AS w WHERE w.subject = ANY ($1::uuid[]) ORDER BY w.id FOR UPDATE OF w

-- erase_messages --
UPDATE messages AS m SET recipient = v.recipient, facts = v.facts, state = v.state
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) AS v (id, recipient, facts, state) WHERE m.id = v.id

-- erase_parts --
UPDATE parts AS p SET recipient = v.recipient, error = v.error
FROM unnest($1::uuid[], $2::integer[], $3::integer[], $4::text[], $5::text[])
    AS v (message_id, attempt, part, recipient, error)
WHERE p.message_id = v.message_id AND p.attempt = v.attempt AND p.part = v.part

-- drop_refs_by_name --
-- A ref that the same carrier used before for the same person.
DELETE FROM carrier_refs AS r USING unnest($1::text[], $2::text[], $3::text[]) AS v (operator, ref, name)
WHERE r.operator = v.operator AND r.ref = v.ref AND r.destination = v.name

-- erase_refs --
UPDATE carrier_refs AS r SET destination = v.name, receipts = NULL
FROM unnest($1::text[], $2::text[], $3::text[], $4::uuid[], $5::text[])
    AS v (operator, ref, destination, message_id, name)
WHERE r.operator = v.operator AND r.ref = v.ref AND r.destination = v.destination AND r.message_id = v.message_id

-- erase_events --
UPDATE webhooks AS w SET document = v.document, body = NULL, error = v.error
FROM unnest($1::uuid[], $2::text[], $3::text[]) AS v (id, document, error) WHERE w.id = v.id

-- inbound_from --
SELECT id, account FROM inbound WHERE sender = $1 AND id > $2 ORDER BY id LIMIT $3 FOR UPDATE

-- erase_inbound --
UPDATE inbound AS i SET sender = $2, body = '""', keyword = NULL FROM unnest($1::uuid[]) AS v (id) WHERE i.id = v.id

-- erase_inbound_parts --
-- Without a fingerprint a part is nobody's repetition; what waited for its other parts waits no more.
UPDATE inbound_parts SET sender = $2, body = '""', data = NULL, fingerprint = '', joined = true, answered = true
WHERE sender = $1

-- drop_parked_for --
DELETE FROM carrier_refs WHERE receipts IS NOT NULL AND message_id IS NULL AND destination = $1

-- results_page --
SELECT digest, CASE WHEN strpos(result, $3) > 0 THEN result END FROM idempotency
WHERE digest > $1 ORDER BY digest LIMIT $2

-- erase_results --
UPDATE idempotency AS k SET result = v.result FROM unnest($1::bytea[], $2::text[]) AS v (digest, result)
WHERE k.digest = v.digest
