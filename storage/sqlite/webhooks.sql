-- OR ROLLBACK: see messages.sql.

-- insert_events --
INSERT OR ROLLBACK INTO webhooks (id, subject, seq, account, destination, document, state, owner, next_at, attempts,
    body)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)...

-- queue_behind_earlier --
-- A later event of a subject is due no sooner than the earlier ones, so that it never stands in front of the queue
-- while it may not leave.
UPDATE webhooks SET next_at = max(next_at, coalesce((
    SELECT max(e.next_at) FROM webhooks AS e
    WHERE e.subject = webhooks.subject AND e.seq < webhooks.seq AND e.state < 2 AND e.state = 0), 0))
WHERE id IN (?...)

-- destinations_pending --
-- A loose scan of the index: one probe per destination, however many rows it has.
WITH RECURSIVE d (destination) AS (
    SELECT min(destination) FROM webhooks WHERE state = 0
    UNION ALL
    SELECT (SELECT min(w.destination) FROM webhooks AS w WHERE w.state = 0 AND w.destination > d.destination)
    FROM d WHERE d.destination IS NOT NULL
)
SELECT destination,
    (SELECT min(w.next_at) FROM webhooks AS w WHERE w.state = 0 AND w.destination = d.destination)
FROM d WHERE destination IS NOT NULL

-- due_of_destination --
SELECT w.* FROM webhooks AS w
WHERE w.state = 0 AND w.destination = ? AND w.next_at <= ?
    AND (w.seq = 1 OR NOT EXISTS (
        SELECT 1 FROM webhooks AS e WHERE e.subject = w.subject AND e.seq < w.seq AND e.state < 2))
ORDER BY w.next_at, w.id LIMIT ?

-- next_of_destination --
SELECT min(next_at) FROM webhooks WHERE state = 0 AND destination = ? AND next_at > ?

-- claim_event_rows --
UPDATE webhooks SET state = 1, owner = v.column2 FROM (VALUES (?, ?)...) AS v WHERE webhooks.id = v.column1

-- events_delivered --
UPDATE OR ROLLBACK webhooks SET state = 2, owner = NULL, settled_at = ?, attempts = ? WHERE id IN (?...)

-- event_dead --
UPDATE webhooks SET state = 3, owner = NULL, settled_at = ?, attempts = ?, body = coalesce(?, body), error = ?
WHERE id = ?

-- event_again --
UPDATE webhooks SET state = 0, owner = NULL, next_at = ?, attempts = ?, body = coalesce(?, body), error = ?
WHERE id = ?

-- hold_later_events --
UPDATE webhooks SET next_at = ? WHERE state < 2 AND state = 0 AND next_at < ?
    AND seq > (SELECT seq FROM webhooks WHERE id = ?) AND subject = (SELECT subject FROM webhooks WHERE id = ?)

-- dead_events --
SELECT * FROM webhooks INDEXED BY webhooks_dead WHERE state = 3 AND id < ? ORDER BY id DESC LIMIT ?

-- dead_events_of --
SELECT * FROM webhooks INDEXED BY webhooks_dead WHERE state = 3 AND account = ? AND id < ? AND id >= ?
ORDER BY id DESC LIMIT ?

-- dead_horizon --
-- Where so many dead events, of whichever account, have been passed.
SELECT id FROM webhooks INDEXED BY webhooks_dead WHERE state = 3 AND id < ? ORDER BY id DESC LIMIT 1 OFFSET ?

-- open_events_of --
SELECT * FROM webhooks WHERE state < 2 AND subject = ?

-- events_behind --
-- Settled events have no index by subject, which would be on the path of each: so many rows in the order of their ids,
-- no further than until all that are missing are found.
SELECT * FROM (SELECT * FROM webhooks WHERE id >= ? ORDER BY id LIMIT ?) WHERE subject = ? LIMIT ?

-- replay_all_events --
UPDATE webhooks SET state = 0, attempts = 0, next_at = ?, settled_at = NULL WHERE state = 3

-- replay_event --
UPDATE webhooks SET state = 0, attempts = 0, next_at = ?, settled_at = NULL WHERE id = ? AND state = 3

-- free_events --
UPDATE webhooks INDEXED BY webhooks_open SET state = 0, owner = NULL, next_at = ?
WHERE state < 2 AND state = 1 AND owner <> ?

-- held_events --
SELECT id, attempts FROM webhooks INDEXED BY webhooks_open WHERE state < 2 AND state = 1 AND owner = ?
