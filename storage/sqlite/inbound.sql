-- same_fingerprint --
SELECT 1 FROM inbound_parts WHERE operator = ? AND fingerprint = ? AND answered = 0 AND at >= ? LIMIT 1

-- answered_inbound --
UPDATE inbound_parts SET answered = 1 FROM (VALUES (?, ?)...) AS v
WHERE inbound_parts.answered = 0 AND inbound_parts.operator = v.column1 AND inbound_parts.fingerprint = v.column2

-- insert_inbound_part --
INSERT INTO inbound_parts (operator, sender, recipient, concat_ref, total, part, body, data, at, fingerprint, joined)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)

-- parts_of_inbound --
SELECT number, part, body, data, at, fingerprint FROM inbound_parts
WHERE joined = 0 AND operator = ? AND sender = ? AND recipient = ? AND concat_ref IS ? AND total = ?
ORDER BY part, number

-- join_inbound_parts --
UPDATE inbound_parts SET joined = 1, body = '', data = NULL WHERE number IN (?...)

-- inbound_incomplete --
SELECT operator, sender, recipient, concat_ref, total, max(at) AS last FROM inbound_parts
WHERE joined = 0 GROUP BY operator, sender, recipient, concat_ref, total HAVING last < ?

-- insert_inbound --
INSERT INTO inbound VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)...

-- latest_of_pair --
SELECT number FROM temp.late_recipients WHERE recipient = ?1 AND sender = ?2
UNION ALL SELECT number FROM recipients WHERE recipient = ?1 AND sender = ?2
ORDER BY number DESC LIMIT ?3

-- messages_by_number --
SELECT * FROM messages WHERE number IN (?...) ORDER BY number DESC
