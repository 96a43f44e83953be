-- late_recipients_catch_up --
INSERT OR IGNORE INTO temp.late_recipients SELECT recipient, sender, number FROM messages WHERE number > ?

-- late_recipients_last --
SELECT max(number) FROM messages

-- late_recipients_count --
SELECT count(*) FROM temp.late_recipients

-- late_recipients_end --
SELECT recipient, sender, number FROM temp.late_recipients
WHERE (recipient, sender, number) > (?, ?, ?) ORDER BY recipient, sender, number LIMIT 1 OFFSET ?

-- late_recipients_tail --
SELECT recipient, sender, number FROM temp.late_recipients
WHERE (recipient, sender, number) > (?, ?, ?) ORDER BY recipient DESC, sender DESC, number DESC LIMIT 1

-- late_recipients_copy --
INSERT OR IGNORE INTO recipients SELECT recipient, sender, number FROM temp.late_recipients
WHERE (recipient, sender, number) > (?, ?, ?) AND (recipient, sender, number) <= (?, ?, ?)

-- late_recipients_drop --
DELETE FROM temp.late_recipients
WHERE (recipient, sender, number) > (?, ?, ?) AND (recipient, sender, number) <= (?, ?, ?)

-- late_digests_catch_up --
INSERT OR IGNORE INTO temp.late_digests SELECT digest, number FROM idempotency WHERE number > ?

-- late_digests_last --
SELECT max(number) FROM idempotency

-- late_digests_count --
SELECT count(*) FROM temp.late_digests

-- late_digests_end --
SELECT digest, number FROM temp.late_digests
WHERE (digest, number) > (?, ?) ORDER BY digest, number LIMIT 1 OFFSET ?

-- late_digests_tail --
SELECT digest, number FROM temp.late_digests
WHERE (digest, number) > (?, ?) ORDER BY digest DESC, number DESC LIMIT 1

-- late_digests_copy --
INSERT OR IGNORE INTO digests SELECT digest, number FROM temp.late_digests
WHERE (digest, number) > (?, ?) AND (digest, number) <= (?, ?)

-- late_digests_drop --
DELETE FROM temp.late_digests WHERE (digest, number) > (?, ?) AND (digest, number) <= (?, ?)

-- late_until --
SELECT value FROM meta WHERE name = ?

-- write_late_until --
UPDATE meta SET value = ? WHERE name = ?
