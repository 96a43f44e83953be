-- durable_commits --
-- Promise 1: a commit is on the disk before it is answered for. Stricter settings (a standby's copy) are kept.
SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'

-- transaction_id --
SELECT pg_current_xact_id()::text

-- transaction_status --
SELECT pg_xact_status($1::text::xid8)

-- begin_as --
SELECT begin_as($1, $2)
