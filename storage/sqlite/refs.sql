-- find_refs --
SELECT r.operator, r.ref, r.destination, r.message_id, r.attempt, r.part, r.receipts
FROM (VALUES (?, ?, ?)...) AS v CROSS JOIN carrier_refs AS r
WHERE r.operator = v.column1 AND r.ref = v.column2 AND r.destination = v.column3

-- parked_of_pairs --
-- Only parked rows are in this index, so an answer that no receipt has overtaken costs one look at a small tree.
SELECT r.operator, r.ref, r.destination, r.receipts
FROM (VALUES (?, ?)...) AS v CROSS JOIN carrier_refs AS r INDEXED BY carrier_refs_parked
WHERE r.receipts IS NOT NULL AND r.operator = v.column1 AND r.destination = v.column2
ORDER BY r.at

-- bind_refs --
INSERT INTO carrier_refs (operator, ref, destination, message_id, attempt, part, source, at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)...
ON CONFLICT (operator, ref, destination) DO UPDATE SET message_id = excluded.message_id, attempt = excluded.attempt,
    part = excluded.part, source = excluded.source, at = excluded.at, receipts = NULL

-- park_receipts --
INSERT INTO carrier_refs (operator, ref, destination, source, at, receipts) VALUES (?, ?, ?, ?, ?, ?)...
ON CONFLICT (operator, ref, destination) DO UPDATE SET source = excluded.source, at = excluded.at,
    receipts = excluded.receipts

-- unpark --
UPDATE carrier_refs SET receipts = NULL WHERE operator = ? AND ref = ? AND destination = ?

-- drop_unparked --
DELETE FROM carrier_refs WHERE operator = ? AND ref = ? AND destination = ? AND message_id IS NULL

-- any_parked --
SELECT 1 FROM carrier_refs INDEXED BY carrier_refs_parked WHERE receipts IS NOT NULL LIMIT 1

-- messages_in_doubt --
SELECT id FROM messages INDEXED BY messages_in_doubt WHERE in_doubt > 0
UNION SELECT message_id FROM parts INDEXED BY parts_in_doubt WHERE state = 1

-- has_doubt --
SELECT 1 FROM messages INDEXED BY messages_in_doubt WHERE in_doubt > 0 AND recipient = ?1
UNION ALL SELECT 1 FROM parts INDEXED BY parts_in_doubt WHERE state = 1 AND recipient = ?1 LIMIT 1

-- messages_to --
SELECT id FROM messages WHERE id >= ?2 AND number IN (
    SELECT number FROM temp.late_recipients WHERE recipient = ?1
    UNION ALL SELECT number FROM recipients WHERE recipient = ?1)

-- parked_of_pair --
SELECT ref, receipts FROM carrier_refs INDEXED BY carrier_refs_parked
WHERE receipts IS NOT NULL AND operator = ? AND destination = ? AND source = ?
ORDER BY at
