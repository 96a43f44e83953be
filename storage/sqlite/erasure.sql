-- any_erased --
SELECT 1 FROM suppressions WHERE number >= 'erased:' AND number < 'erased;' LIMIT 1

-- lift_erased --
-- Nothing tells any more which sub-tenant's message a START answers: of the whole account it lifts all.
DELETE FROM suppressions WHERE number = ?1 AND account = ?2 AND env = ?3 AND (?4 = '' OR sub_tenant IN ('', ?4))

-- erased_messages --
SELECT id, recipient FROM messages WHERE id IN (?...) AND recipient >= 'erased:' AND recipient < 'erased;'

-- written_to --
SELECT 1 FROM recipients WHERE recipient = ?1
UNION ALL SELECT 1 FROM temp.late_recipients WHERE recipient = ?1 LIMIT 1

-- traces --
SELECT account, env FROM messages WHERE recipient = ?1 AND number IN (
    SELECT number FROM recipients WHERE recipient = ?1
    UNION ALL SELECT number FROM temp.late_recipients WHERE recipient = ?1)
UNION SELECT account, env FROM inbound WHERE sender = ?1 AND account IS NOT NULL
UNION SELECT account, env FROM suppressions WHERE number = ?1

-- has_something --
SELECT EXISTS (SELECT 1 FROM recipients WHERE recipient = ?1) OR EXISTS (SELECT 1 FROM inbound WHERE sender = ?1)
    OR EXISTS (SELECT 1 FROM suppressions WHERE number = ?1)

-- name_suppressions --
INSERT INTO suppressions (number, account, env, sub_tenant, reason, created_at)
SELECT ?2, account, env, sub_tenant, reason, created_at FROM suppressions
WHERE number = ?1 AND (?3 IS NULL OR account = ?3)
ON CONFLICT (number, account, env, sub_tenant) DO NOTHING

-- drop_plain_suppressions --
DELETE FROM suppressions WHERE number = ?1 AND (?2 IS NULL OR account = ?2)

-- places_of --
SELECT sender, number FROM recipients WHERE recipient = ? AND (sender, number) > (?, ?)
ORDER BY sender, number LIMIT ?

-- events_of --
SELECT * FROM webhooks WHERE subject IN (?...)

-- erase_messages --
UPDATE messages SET recipient = v.column2, facts = v.column3, state = v.column4
FROM (VALUES (?, ?, ?, ?)...) AS v WHERE messages.id = v.column1

-- erase_parts --
UPDATE parts SET recipient = v.column2, error = v.column5 FROM (VALUES (?, ?, ?, ?, ?)...) AS v
WHERE parts.message_id = v.column1 AND parts.attempt = v.column3 AND parts.part = v.column4

-- erase_refs --
UPDATE OR REPLACE carrier_refs SET destination = v.column5, receipts = NULL FROM (VALUES (?, ?, ?, ?, ?)...) AS v
WHERE operator = v.column1 AND ref = v.column2 AND destination = v.column3 AND message_id = v.column4

-- name_places --
INSERT OR IGNORE INTO recipients (recipient, sender, number) VALUES (?, ?, ?)...

-- erase_events --
UPDATE webhooks SET document = v.column2, body = NULL, error = v.column3 FROM (VALUES (?, ?, ?)...) AS v
WHERE webhooks.id = v.column1

-- inbound_from --
SELECT * FROM inbound WHERE sender = ? AND id > ? ORDER BY id LIMIT ?

-- erase_inbound --
UPDATE inbound SET sender = v.column2, body = '', keyword = NULL FROM (VALUES (?, ?)...) AS v
WHERE inbound.id = v.column1

-- erase_inbound_parts --
-- Without a fingerprint a part is nobody's repetition; what waited for its other parts waits no more.
UPDATE inbound_parts SET sender = ?2, body = '', data = NULL, fingerprint = x'', joined = 1, answered = 1
WHERE sender = ?1

-- drop_parked_for --
DELETE FROM carrier_refs WHERE receipts IS NOT NULL AND message_id IS NULL AND destination = ?

-- results_with --
SELECT number, result FROM idempotency WHERE number > ? AND number <= ? AND instr(result, ?) > 0

-- last_result --
SELECT coalesce(max(number), 0) FROM idempotency

-- erase_results --
UPDATE idempotency SET result = v.column2 FROM (VALUES (?, ?)...) AS v WHERE idempotency.number = v.column1

-- command_is_taken --
SELECT taken_by IS NOT NULL FROM commands WHERE number = ?

-- last_command --
SELECT max(number) FROM commands

-- stopped_by_name --
SELECT number, account, env, sub_tenant FROM suppressions WHERE number IN (?...) AND reason = 'stop'
