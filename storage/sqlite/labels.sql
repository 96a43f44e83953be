-- insert_labels --
INSERT INTO labels (account, env, label, id) VALUES (?, ?, ?, ?)...

-- drop_label --
-- One at a time: for a list of rows SQLite looks through all that have the label.
DELETE FROM labels WHERE account = ? AND env = ? AND label = ? AND id = ?

-- labelled --
SELECT label, id FROM labels WHERE account = ? AND env = ? AND label IN (?...) ORDER BY label, id

-- count_labelled --
-- From the labels to their messages: the other way round, all that the account has would be looked through.
SELECT m.status, count(*) FROM labels AS l CROSS JOIN messages AS m ON m.id = l.id
WHERE l.account = ? AND l.env = ? AND l.label = ?
GROUP BY m.status
