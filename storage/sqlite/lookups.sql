-- messages_page --
-- Times are compared by the column; the bounds of the id only spare the scan.
SELECT * FROM messages
WHERE account = ?1 AND env = ?2 AND id < ?3 AND id >= ?4 AND accepted_at BETWEEN ?5 AND ?6
    AND (?7 IS NULL OR status IN (SELECT value FROM json_each(?7)))
    AND (?8 IS NULL OR sub_tenant = ?8) AND (?10 IS NULL OR sender = ?10)
    AND (?11 IS NULL OR json_extract(facts, '$[7]') = ?11) AND (?12 IS NULL OR recipient = ?12)
ORDER BY id DESC LIMIT ?9

-- messages_page_ended --
-- The index knows these statuses alone, and asks to hear so.
SELECT * FROM messages INDEXED BY messages_ended
WHERE (status = 'undeliverable' OR status = 'failed' OR status = 'canceled')
    AND account = ?1 AND env = ?2 AND status = ?7 AND id < ?3 AND id >= ?4 AND accepted_at BETWEEN ?5 AND ?6
    AND (?8 IS NULL OR sub_tenant = ?8) AND (?10 IS NULL OR sender = ?10)
    AND (?11 IS NULL OR json_extract(facts, '$[7]') = ?11) AND (?12 IS NULL OR recipient = ?12)
ORDER BY id DESC LIMIT ?9

-- messages_page_open --
-- Through all that is not final, of every account, for it stands in no order.
SELECT * FROM messages INDEXED BY messages_open
WHERE final_at IS NULL AND account = ?1 AND env = ?2 AND status IN (SELECT value FROM json_each(?7))
    AND id < ?3 AND id >= ?4 AND accepted_at BETWEEN ?5 AND ?6 AND (?8 IS NULL OR sub_tenant = ?8)
    AND (?10 IS NULL OR sender = ?10) AND (?11 IS NULL OR json_extract(facts, '$[7]') = ?11)
    AND (?12 IS NULL OR recipient = ?12)
ORDER BY id DESC LIMIT ?9

-- messages_page_to --
-- By the numbers: in the order of the account's index, all that it has would be looked through. What the index of
-- recipients does not hold yet are the newest rows: those are.
SELECT * FROM messages NOT INDEXED
WHERE account = ?1 AND env = ?2 AND id < ?3 AND id >= ?4 AND accepted_at BETWEEN ?5 AND ?6
    AND (?7 IS NULL OR status IN (SELECT value FROM json_each(?7)))
    AND (?8 IS NULL OR sub_tenant = ?8) AND (?10 IS NULL OR sender = ?10)
    AND (?11 IS NULL OR json_extract(facts, '$[7]') = ?11)
    AND number IN (
        SELECT number FROM recipients WHERE recipient = ?12
        UNION SELECT number FROM messages
        WHERE number > (SELECT value FROM meta WHERE name = 'recipients') AND recipient = ?12)
    AND (SELECT count(*) FROM labels AS l WHERE l.account = ?1 AND l.env = ?2
        AND l.label IN (SELECT value FROM json_each(?13)) AND l.id = messages.id) = json_array_length(?13)
ORDER BY id DESC LIMIT ?9

-- messages_page_labelled --
-- Along the first label, newest first, each with a look whether it has the others too.
SELECT m.* FROM labels AS first CROSS JOIN messages AS m ON m.id = first.id
WHERE first.account = ?1 AND first.env = ?2 AND first.label = ?13 AND first.id < ?3 AND first.id >= ?4
    AND m.accepted_at BETWEEN ?5 AND ?6 AND (?7 IS NULL OR m.status IN (SELECT value FROM json_each(?7)))
    AND (?8 IS NULL OR m.sub_tenant = ?8) AND (?10 IS NULL OR m.sender = ?10)
    AND (?11 IS NULL OR json_extract(m.facts, '$[7]') = ?11) AND (?12 IS NULL OR m.recipient = ?12)
    AND (SELECT count(*) FROM labels AS l WHERE l.account = ?1 AND l.env = ?2
        AND l.label IN (SELECT value FROM json_each(?14)) AND l.id = first.id) = json_array_length(?14)
ORDER BY first.id DESC LIMIT ?9

-- messages_crowd_to --
-- Those that the index of recipients does not hold yet are no more than late.py gathers.
SELECT 1 FROM recipients WHERE recipient = ?1 LIMIT 1 OFFSET ?2

-- messages_crowd_open --
SELECT 1 FROM messages INDEXED BY messages_open WHERE final_at IS NULL LIMIT 1 OFFSET ?1

-- messages_horizon --
-- From the index alone: where so many of the account's messages have been passed.
SELECT id FROM messages WHERE account = ?1 AND env = ?2 AND id < ?3 AND id >= ?4
ORDER BY id DESC LIMIT 1 OFFSET ?5

-- messages_horizon_ended --
SELECT id FROM messages INDEXED BY messages_ended
WHERE (status = 'undeliverable' OR status = 'failed' OR status = 'canceled')
    AND account = ?1 AND env = ?2 AND status = ?6 AND id < ?3 AND id >= ?4
ORDER BY id DESC LIMIT 1 OFFSET ?5

-- messages_horizon_labelled --
SELECT id FROM labels WHERE account = ?1 AND env = ?2 AND id < ?3 AND id >= ?4 AND label = ?6
ORDER BY id DESC LIMIT 1 OFFSET ?5

-- inbound_page --
SELECT * FROM inbound ORDER BY id DESC LIMIT ?

-- inbound_page_of --
SELECT * FROM inbound WHERE account = ? ORDER BY id DESC LIMIT ?

-- queues --
SELECT operator, priority, count(*), min(next_at) FROM messages INDEXED BY messages_waiting
WHERE next_at IS NOT NULL AND owner IS NULL GROUP BY operator, priority

-- count_webhooks_pending --
SELECT count(*) FROM webhooks INDEXED BY webhooks_pending WHERE state = 0

-- count_webhooks_dead --
SELECT count(*) FROM webhooks INDEXED BY webhooks_dead WHERE state = 3

-- count_parked --
SELECT count(*) FROM carrier_refs INDEXED BY carrier_refs_parked WHERE receipts IS NOT NULL

-- count_in_doubt --
SELECT (SELECT coalesce(sum(in_doubt), 0) FROM messages INDEXED BY messages_in_doubt WHERE in_doubt > 0)
    + (SELECT count(*) FROM parts INDEXED BY parts_in_doubt WHERE state = 1)
