-- bump_generation --
-- Whoever listens hears of it when this transaction commits.
WITH bumped AS (UPDATE meta SET value = value + 1 WHERE name = 'generation' RETURNING value)
SELECT value, pg_notify('trunkline_generation', value::text) FROM bumped

-- generation --
SELECT value FROM meta WHERE name = 'generation'

-- save_account --
INSERT INTO accounts (name, document) VALUES ($1, $2)
ON CONFLICT (name) DO UPDATE SET document = excluded.document

-- accounts --
SELECT document FROM accounts ORDER BY name

-- save_key --
INSERT INTO keys AS k (digest, key_id, account, document) VALUES ($1, $2, $3, $4)
ON CONFLICT (digest) DO UPDATE SET document = excluded.document WHERE k.account = excluded.account

-- key --
SELECT document FROM keys WHERE digest = $1

-- keys --
SELECT document FROM keys ORDER BY account, key_id

-- keys_of --
SELECT document FROM keys WHERE account = $1 ORDER BY key_id

-- save_number --
INSERT INTO numbers AS n (number, keyword, account, env, created_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (number, keyword) DO UPDATE SET env = excluded.env, created_at = excluded.created_at
    WHERE n.account = excluded.account

-- number_owner --
SELECT account FROM numbers WHERE number = $1 AND keyword = $2

-- numbers --
SELECT number, keyword, account, env, created_at FROM numbers ORDER BY number, keyword

-- remove_number --
DELETE FROM numbers WHERE number = $1 AND keyword = $2

-- unsuppress --
DELETE FROM suppressions WHERE account = $1 AND env = $2 AND sub_tenant = $3 AND number = $4

-- suppressions --
SELECT number, account, env, sub_tenant, reason, created_at FROM suppressions
WHERE created_at >= $1 ORDER BY created_at, number LIMIT $2

-- suppressions_of --
SELECT number, account, env, sub_tenant, reason, created_at FROM suppressions
WHERE account = $1 AND created_at >= $2 ORDER BY created_at, number LIMIT $3

-- agree --
INSERT INTO agreements (account, member, version, at, address) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING

-- agreed --
SELECT account, member, version, at, address FROM agreements WHERE account = $1 AND member = $2 AND version = $3

-- agreements --
SELECT account, member, version, at, address FROM agreements WHERE account = $1 ORDER BY member, version
