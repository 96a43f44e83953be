-- bump_generation --
UPDATE meta SET value = value + 1 WHERE name = 'generation'

-- generation --
SELECT value FROM meta WHERE name = 'generation'

-- save_account --
INSERT INTO accounts (name, document) VALUES (?, ?)
ON CONFLICT (name) DO UPDATE SET document = excluded.document

-- accounts --
SELECT document FROM accounts ORDER BY name

-- save_key --
INSERT INTO keys (digest, key_id, account, document) VALUES (?, ?, ?, ?)
ON CONFLICT (digest) DO UPDATE SET document = excluded.document WHERE account = excluded.account

-- key --
SELECT document FROM keys WHERE digest = ?

-- keys --
SELECT document FROM keys ORDER BY account, key_id

-- keys_of --
SELECT document FROM keys WHERE account = ? ORDER BY key_id

-- number_owner --
SELECT account FROM numbers WHERE number = ? AND keyword = ?

-- save_number --
INSERT OR REPLACE INTO numbers (number, keyword, account, env, created_at) VALUES (?, ?, ?, ?, ?)

-- numbers --
SELECT number, keyword, account, env, created_at FROM numbers ORDER BY number, keyword

-- owners_of --
SELECT number, keyword, account, env, created_at FROM numbers WHERE number = ? ORDER BY keyword

-- remove_number --
DELETE FROM numbers WHERE number = ? AND keyword = ?

-- suppress --
INSERT INTO suppressions (number, account, env, sub_tenant, reason, created_at) VALUES (?, ?, ?, ?, ?, ?)...
ON CONFLICT (number, account, env, sub_tenant) DO NOTHING

-- unsuppress --
DELETE FROM suppressions WHERE account = ? AND env = ? AND sub_tenant = ? AND number = ?

-- suppressions --
SELECT number, account, env, sub_tenant, reason, created_at FROM suppressions
WHERE created_at >= ? ORDER BY created_at, number LIMIT ?

-- stopped --
SELECT account, env, sub_tenant FROM suppressions WHERE number = ? AND reason = 'stop'

-- suppressions_of --
SELECT number, account, env, sub_tenant, reason, created_at FROM suppressions
WHERE account = ? AND created_at >= ? ORDER BY created_at, number LIMIT ?

-- agree --
INSERT INTO agreements (account, member, version, at, address) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING

-- agreed --
SELECT account, member, version, at, address FROM agreements WHERE account = ? AND member = ? AND version = ?

-- agreements --
SELECT account, member, version, at, address FROM agreements WHERE account = ? ORDER BY member, version
