-- The first schema. Ids are UUIDv7, so a table by id grows at its end and a range of ids is a range of time. Keys are
-- compared by their bytes: that is fast, and no upgrade of the system's library changes the order of an index.

CREATE TABLE meta (
    name text COLLATE "C" PRIMARY KEY,
    value bigint NOT NULL
);
INSERT INTO meta VALUES ('generation', 1), ('probe', 0);

-- What a query asks for is a column; the rest is one JSON array in the order of storage/rows.py. Text, not
-- jsonb: nothing in it is searched, and jsonb takes no U+0000. Whatever changes stands in no index, so that an update
-- stays on its page (HOT); what must be found by it stands in `unfinished`.
CREATE TABLE messages (
    id uuid NOT NULL,
    account text COLLATE "C" NOT NULL,
    env text COLLATE "C" NOT NULL,
    sender text COLLATE "C" NOT NULL,
    recipient text COLLATE "C" NOT NULL,
    sub_tenant text COLLATE "C" NOT NULL,
    priority smallint NOT NULL,
    accepted_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    facts text NOT NULL,       -- JSON: what never changes
    status text NOT NULL,
    operator text COLLATE "C",
    owner integer,
    next_at timestamptz,
    final_at timestamptz,
    in_doubt integer NOT NULL, -- parts in doubt of the latest attempt
    state text NOT NULL,       -- JSON: what decisions rewrite, with the parts of the latest attempt
    -- The rare ends, to be found among the many: a column of its own, for an index on `status` would change with it.
    ended text COLLATE "C" GENERATED ALWAYS AS
        (CASE WHEN status IN ('undeliverable', 'failed', 'canceled') THEN status END) STORED
) PARTITION BY RANGE (id);
CREATE INDEX messages_by_account ON messages (account, env, id);
CREATE INDEX messages_ended ON messages (account, env, ended, id) WHERE ended IS NOT NULL;
CREATE INDEX messages_by_recipient ON messages (recipient, id);
CREATE INDEX messages_in_doubt ON messages (recipient) WHERE in_doubt > 0;
-- The last one: while a partition is empty all its indexes seem alike, and the planner takes the youngest.
ALTER TABLE messages ADD PRIMARY KEY (id);

-- Parts of earlier attempts: they move here from their message when a later attempt has parts.
CREATE TABLE parts (
    message_id uuid NOT NULL,
    attempt integer NOT NULL,
    part integer NOT NULL,
    operator text COLLATE "C" NOT NULL,
    state smallint NOT NULL,   -- gateway.domain.words.PartState
    ref text COLLATE "C",
    error text,
    at timestamptz NOT NULL,
    receipt_at timestamptz,
    sender text COLLATE "C" NOT NULL,
    recipient text COLLATE "C" NOT NULL,
    PRIMARY KEY (message_id, attempt, part)
) PARTITION BY RANGE (message_id);
CREATE INDEX parts_in_doubt ON parts (recipient) WHERE state = 1;

-- The queue and the hands: a narrow row for each message that is not final, written by whoever has locked the message.
-- It is an index in all but name.
CREATE TABLE unfinished (
    id uuid PRIMARY KEY,
    operator text COLLATE "C" NOT NULL,    -- '': to be routed
    priority smallint NOT NULL,
    expires_at timestamptz NOT NULL,
    owner integer,
    next_at timestamptz,
    account text COLLATE "C" NOT NULL,     -- and what lists ask for
    env text COLLATE "C" NOT NULL,
    status text NOT NULL
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000);
CREATE INDEX unfinished_waiting ON unfinished (operator, priority, next_at, id)
    WHERE owner IS NULL AND next_at IS NOT NULL;
CREATE INDEX unfinished_waiting_by_id ON unfinished (operator, id) WHERE owner IS NULL AND next_at IS NOT NULL;
CREATE INDEX unfinished_by_expiry ON unfinished (expires_at, id) WHERE owner IS NULL;
CREATE INDEX unfinished_held ON unfinished (owner, id) WHERE owner IS NOT NULL;

-- The days for which `messages` and `parts` have partitions.
CREATE TABLE days (
    day date PRIMARY KEY
);

-- The smallest id that can be made on a day.
CREATE FUNCTION first_id_of(day date) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT rpad(lpad(to_hex((extract(epoch FROM day) * 1000)::bigint), 12, '0'), 32, '0')::uuid
$$;

-- Make the partitions of a day; whether they were missing. They are made beside their table and attached then, which
-- lets others go on reading and writing.
CREATE FUNCTION make_day(wanted date) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    parent text;
    child text;
BEGIN
    PERFORM pg_advisory_xact_lock(1414681162, 1); -- storage/postgres/schema.py
    IF EXISTS (SELECT FROM days WHERE day = wanted) THEN
        RETURN false;
    END IF;
    FOREACH parent IN ARRAY ARRAY['messages', 'parts'] LOOP
        child := parent || '_' || to_char(wanted, 'YYYYMMDD');
        -- Room on the page for the next two versions of a row.
        EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL) WITH (fillfactor = 70)', child, parent);
        EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
            parent, child, first_id_of(wanted), first_id_of(wanted + 1));
    END LOOP;
    INSERT INTO days VALUES (wanted);
    RETURN true;
END
$$;

-- Drop the partitions of a day of which every message has been final since before `cutoff`; how many messages. -1: some
-- are not final; -2: some became so after `cutoff`; -3: somebody reads the tables for long, and nobody shall wait
-- behind the one that waits for him.
CREATE FUNCTION drop_day(old date, cutoff timestamptz) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    held bigint;
    newest timestamptz;
BEGIN
    PERFORM pg_advisory_xact_lock(1414681162, 1);
    IF NOT EXISTS (SELECT FROM days WHERE day = old) THEN
        RETURN 0; -- another process was faster
    END IF;
    IF EXISTS (SELECT FROM unfinished WHERE id >= first_id_of(old) AND id < first_id_of(old + 1)) THEN
        RETURN -1;
    END IF;
    -- The one statement that reads a whole partition: it is about to go.
    EXECUTE format('SELECT count(*), max(final_at) FROM %I', 'messages_' || to_char(old, 'YYYYMMDD'))
        INTO held, newest;
    IF newest >= cutoff THEN
        RETURN -2;
    END IF;
    PERFORM set_config('lock_timeout', '500ms', true);
    BEGIN
        EXECUTE format('DROP TABLE %I', 'messages_' || to_char(old, 'YYYYMMDD'));
        EXECUTE format('DROP TABLE %I', 'parts_' || to_char(old, 'YYYYMMDD'));
    EXCEPTION WHEN lock_not_available THEN
        RETURN -3;
    END;
    DELETE FROM days WHERE day = old;
    RETURN held;
END
$$;

-- A carrier's name for a part, unique over all time. The answer and the receipt both write it, so whichever comes
-- second finds the other.
CREATE TABLE carrier_refs (
    operator text COLLATE "C" NOT NULL,
    ref text COLLATE "C" NOT NULL,
    destination text COLLATE "C" NOT NULL,
    message_id uuid,           -- NULL while only receipts have come
    attempt integer,
    part integer,
    source text COLLATE "C" NOT NULL,
    at timestamptz NOT NULL,
    receipts text,             -- JSON list of parked receipts, in the order in which they came
    PRIMARY KEY (operator, ref, destination)
);
CREATE INDEX carrier_refs_parked ON carrier_refs (destination, operator) WHERE receipts IS NOT NULL;
CREATE INDEX carrier_refs_by_time ON carrier_refs USING brin (at) WITH (autosummarize = on);

CREATE TABLE webhooks (
    id uuid PRIMARY KEY,
    subject uuid NOT NULL,
    seq integer NOT NULL,
    account text COLLATE "C" NOT NULL,
    destination text COLLATE "C" NOT NULL,
    document text NOT NULL,    -- JSON
    state smallint NOT NULL,   -- 0 pending, 1 claimed, 2 delivered, 3 dead
    owner integer,
    next_at timestamptz NOT NULL,
    attempts integer NOT NULL,
    body bytea,
    settled_at timestamptz,
    error text
);
CREATE INDEX webhooks_by_subject ON webhooks (subject, seq);
CREATE INDEX webhooks_pending ON webhooks (destination, next_at, id) WHERE state = 0;
CREATE INDEX webhooks_claimed ON webhooks (owner, id) WHERE state = 1;
CREATE INDEX webhooks_dead ON webhooks (id) WHERE state = 3;

CREATE TABLE idempotency (
    digest bytea PRIMARY KEY,
    method text NOT NULL,
    path text NOT NULL,
    body_digest bytea NOT NULL,
    result text NOT NULL,      -- JSON list of what became of each item
    at timestamptz NOT NULL
);
CREATE INDEX idempotency_by_time ON idempotency USING brin (at) WITH (autosummarize = on);

CREATE TABLE suppressions (
    number text COLLATE "C" NOT NULL,
    account text COLLATE "C" NOT NULL,
    env text COLLATE "C" NOT NULL,
    sub_tenant text COLLATE "C" NOT NULL,
    reason text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (number, account, env, sub_tenant)
);
CREATE INDEX suppressions_by_account ON suppressions (account, created_at, number);
CREATE INDEX suppressions_by_time ON suppressions (created_at, number);

CREATE TABLE accounts (
    name text COLLATE "C" PRIMARY KEY,
    document text NOT NULL     -- JSON
);

CREATE TABLE keys (
    digest bytea PRIMARY KEY,
    key_id text COLLATE "C" NOT NULL UNIQUE,
    account text COLLATE "C" NOT NULL,
    document text NOT NULL     -- JSON
);
CREATE INDEX keys_by_account ON keys (account, key_id);

CREATE TABLE numbers (
    number text COLLATE "C" NOT NULL,
    keyword text COLLATE "C" NOT NULL,
    account text COLLATE "C" NOT NULL,
    env text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (number, keyword)
);

CREATE TABLE inbound (
    id uuid PRIMARY KEY,
    operator text COLLATE "C" NOT NULL,
    sender text COLLATE "C" NOT NULL,
    recipient text COLLATE "C" NOT NULL,
    body text NOT NULL,        -- JSON: a phone may send U+0000, which text does not take
    at timestamptz NOT NULL,
    account text COLLATE "C",
    env text COLLATE "C" NOT NULL,
    sub_tenant text COLLATE "C" NOT NULL,
    keyword text COLLATE "C",
    action text,
    reply_to uuid
);
CREATE INDEX inbound_by_account ON inbound (account, id);

-- Every PDU of an inbound message; kept after the join, so that a repetition is known.
CREATE TABLE inbound_parts (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    operator text COLLATE "C" NOT NULL,
    sender text COLLATE "C" NOT NULL,
    recipient text COLLATE "C" NOT NULL,
    concat_ref integer NOT NULL, -- -1: none
    total integer NOT NULL,
    part integer NOT NULL,
    body text NOT NULL,        -- JSON
    data bytea,
    at timestamptz NOT NULL,
    fingerprint bytea NOT NULL,
    joined boolean NOT NULL,
    answered boolean NOT NULL DEFAULT false
);
CREATE INDEX inbound_parts_waiting ON inbound_parts (operator, sender, recipient, concat_ref, total, part)
    WHERE NOT joined;
CREATE INDEX inbound_parts_unanswered ON inbound_parts (operator, fingerprint) WHERE NOT answered;

-- A process and its lease. A number is never used again; `token` grows with each registration.
CREATE TABLE processes (
    number integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    token bigint GENERATED ALWAYS AS IDENTITY,
    boot_id text NOT NULL,
    pid integer NOT NULL,
    started_at timestamptz NOT NULL,
    commands_seen bigint NOT NULL, -- up to which number it has taken commands
    lease_until timestamptz NOT NULL, -- by this server's clock
    ended_at timestamptz,      -- nothing is written in its name any more
    recovered_at timestamptz   -- nothing is left in its hands
);
CREATE INDEX processes_not_recovered ON processes (number) WHERE recovered_at IS NULL;

-- The first word of each transaction in a process's name. Whoever ends the process takes the same lock alone: it waits
-- for what is under way, and what comes later is refused. Gives the transaction's id.
CREATE FUNCTION begin_as(owner_number integer, owner_token bigint) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(1414681163, owner_number); -- storage/postgres/processes.py
    IF NOT EXISTS (
        SELECT FROM processes WHERE number = owner_number AND token = owner_token AND ended_at IS NULL
    ) THEN
        RAISE EXCEPTION 'process % was fenced', owner_number USING ERRCODE = 'TL001';
    END IF;
    RETURN pg_current_xact_id()::text;
END
$$;

-- Which process holds which bind. `token` grows with each change of hands and is kept when nobody holds it.
CREATE TABLE bind_leases (
    operator text COLLATE "C" NOT NULL,
    bind integer NOT NULL,
    owner integer,
    token bigint NOT NULL,
    lease_until timestamptz NOT NULL,
    PRIMARY KEY (operator, bind)
);

CREATE TABLE commands (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    verb text NOT NULL,
    target text NOT NULL,
    at timestamptz NOT NULL,
    taken_at timestamptz       -- by the first process that did; each takes it once
);

CREATE TABLE operator_states (
    operator text COLLATE "C" NOT NULL,
    process integer NOT NULL,
    at timestamptz NOT NULL,
    state text NOT NULL,
    binds jsonb NOT NULL,
    waiting integer NOT NULL,
    in_flight integer NOT NULL,
    PRIMARY KEY (operator, process)
);
