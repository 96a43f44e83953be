-- keys_used --
SELECT k.* FROM unnest($1::bytea[]) AS v (digest) JOIN idempotency AS k ON k.digest = v.digest

-- save_keys_used --
-- A key that is past its time is used anew. One that another transaction has taken meanwhile is not given back.
INSERT INTO idempotency AS k (digest, method, path, body_digest, result, at)
SELECT v.digest, v.method, v.path, v.body_digest, v.result, v.at
FROM unnest($1::bytea[], $2::text[], $3::text[], $4::bytea[], $5::text[], $6::timestamptz[])
    AS v (digest, method, path, body_digest, result, at)
ON CONFLICT (digest) DO UPDATE SET method = excluded.method, path = excluded.path,
    body_digest = excluded.body_digest, result = excluded.result, at = excluded.at
    WHERE k.at <= excluded.at - $7::interval
RETURNING k.digest
