-- purses_of --
SELECT account, env, currency, balance, held, day, charged FROM purses
WHERE (account, env, currency) IN (VALUES (?, ?, ?)...)

-- purses --
SELECT account, env, currency, balance, held FROM purses WHERE ?1 IS NULL OR account = ?1
ORDER BY account, env, currency

-- insert_entries --
INSERT INTO ledger (subject, kind, account, env, currency, amount, held, at, key, note)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)...
ON CONFLICT DO NOTHING
RETURNING subject, kind, account, env, currency, amount, held

-- move_purses --
-- By how much balance and held change; where a day is given, what is charged on it now.
INSERT INTO purses AS p (account, env, currency, balance, held, day, charged) VALUES (?, ?, ?, ?, ?, ?, ?)...
ON CONFLICT (account, env, currency) DO UPDATE SET balance = p.balance + excluded.balance,
    held = p.held + excluded.held,
    day = CASE WHEN excluded.day > 0 THEN excluded.day ELSE p.day END,
    charged = CASE WHEN excluded.day > 0 THEN excluded.charged ELSE p.charged END

-- entry_by_key --
SELECT * FROM ledger WHERE account = ? AND env = ? AND key = ?

-- entries_of --
SELECT * FROM ledger WHERE subject IN (?...) ORDER BY subject, kind

-- entries_page --
SELECT * FROM ledger
WHERE account = ? AND env = ? AND (subject, kind) < (?, ?) AND (subject, kind) >= (?, ?)
    AND kind IN (SELECT value FROM json_each(?))
ORDER BY subject DESC, kind DESC LIMIT ?

-- entries_horizon --
-- From the index alone: where so many of the account's entries have been passed.
SELECT subject, kind FROM ledger
WHERE account = ? AND env = ? AND (subject, kind) < (?, ?) AND (subject, kind) >= (?, ?)
ORDER BY subject DESC, kind DESC LIMIT 1 OFFSET ?

-- count_entries --
SELECT count(*) FROM ledger

-- entries_after --
SELECT * FROM ledger WHERE (subject, kind) > (?, ?) ORDER BY subject, kind LIMIT ?
