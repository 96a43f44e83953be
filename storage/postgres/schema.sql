-- wait_a_moment_for_tables --
-- A table's lock that is waited for stands before all who want the table after it, writers too.
SELECT set_config('lock_timeout', '2s', true)

-- wait_as_long_as_it_takes --
SELECT set_config('statement_timeout', '0', true), set_config('lock_timeout', '0', true),
    set_config('idle_in_transaction_session_timeout', '0', true)

-- lock_schema --
SELECT pg_advisory_xact_lock(1414681161, 1)

-- has_schema_migrations --
SELECT to_regclass('schema_migrations') IS NOT NULL

-- make_schema_migrations --
CREATE TABLE IF NOT EXISTS schema_migrations (
    name text PRIMARY KEY,
    checksum text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
)

-- applied_migrations --
SELECT name, checksum FROM schema_migrations

-- keep_migration --
INSERT INTO schema_migrations (name, checksum) VALUES ($1, $2)

-- make_days --
-- Those that are there are not asked for: `make_day` waits for whoever drops a day, which may take long.
SELECT make_day(v.day) FROM unnest($1::date[]) AS v (day)
WHERE NOT EXISTS (SELECT FROM days AS d WHERE d.day = v.day)
