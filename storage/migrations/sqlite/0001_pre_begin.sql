-- The first schema. Times are microseconds since 1970 UTC; ids are the 16 bytes of a UUIDv7, so a table by id grows
-- at its end. Every index stands on the path of each message: one more costs 1 to 3 microseconds and a dirty page.

CREATE TABLE meta (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO meta VALUES ('generation', 1);
INSERT INTO meta VALUES ('probe', 0);
-- Up to which number storage/sqlite/late.py has indexed.
INSERT INTO meta VALUES ('recipients', 0);
INSERT INTO meta VALUES ('digests', 0);

-- What a query asks for is a column; the rest is one JSON array in the order of storage/sqlite/rows.py, for each bound
-- value costs 0.1 microsecond and a message is written three times.
CREATE TABLE messages (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id BLOB NOT NULL UNIQUE,
    account TEXT NOT NULL,
    env TEXT NOT NULL,
    sender TEXT NOT NULL,
    recipient TEXT NOT NULL,
    sub_tenant TEXT NOT NULL,
    priority INTEGER NOT NULL,
    accepted_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    facts TEXT NOT NULL,      -- JSON: what never changes
    status TEXT NOT NULL,
    operator TEXT,
    owner INTEGER,
    next_at INTEGER,
    final_at INTEGER,
    in_doubt INTEGER NOT NULL, -- parts in doubt of the latest attempt
    state TEXT NOT NULL       -- JSON: what decisions rewrite, with the parts of the latest attempt
);
CREATE INDEX messages_by_account ON messages (account, env, id);
-- The rare ends, to be found among the many.
CREATE INDEX messages_ended ON messages (account, env, status, id)
    WHERE status IN ('undeliverable', 'failed', 'canceled');
CREATE INDEX messages_waiting ON messages (operator, priority, next_at, id)
    WHERE next_at IS NOT NULL AND owner IS NULL;
CREATE INDEX messages_waiting_by_id ON messages (operator, id) WHERE next_at IS NOT NULL AND owner IS NULL;
CREATE INDEX messages_open ON messages (expires_at) WHERE final_at IS NULL;
CREATE INDEX messages_in_doubt ON messages (recipient) WHERE in_doubt > 0;

-- Messages by recipient: an index in all but name, filled later and in sorted slices (storage/sqlite/late.py), because
-- a random place per message costs a page of the log per message.
CREATE TABLE recipients (
    recipient TEXT NOT NULL,
    sender TEXT NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (recipient, sender, number)
) WITHOUT ROWID;

-- Parts of earlier attempts: they move here from their message when a later attempt has parts.
CREATE TABLE parts (
    message_id BLOB NOT NULL,
    attempt INTEGER NOT NULL,
    part INTEGER NOT NULL,
    operator TEXT NOT NULL,
    state INTEGER NOT NULL,   -- gateway.domain.words.PartState
    ref TEXT,
    error TEXT,
    at INTEGER NOT NULL,
    receipt_at INTEGER,
    sender TEXT NOT NULL,
    recipient TEXT NOT NULL,
    PRIMARY KEY (message_id, attempt, part)
) WITHOUT ROWID;
CREATE INDEX parts_in_doubt ON parts (recipient) WHERE state = 1;

-- A carrier's name for a part. The answer and the receipt both write it, so whichever comes second finds the other.
CREATE TABLE carrier_refs (
    operator TEXT NOT NULL,
    ref TEXT NOT NULL,
    destination TEXT NOT NULL,
    message_id BLOB,          -- NULL while only receipts have come
    attempt INTEGER,
    part INTEGER,
    source TEXT NOT NULL,
    at INTEGER NOT NULL,
    receipts TEXT,            -- JSON list of parked receipts, in the order in which they came
    PRIMARY KEY (operator, ref, destination)
) WITHOUT ROWID;
CREATE INDEX carrier_refs_parked ON carrier_refs (operator, destination) WHERE receipts IS NOT NULL;

CREATE TABLE webhooks (
    id BLOB PRIMARY KEY,
    subject BLOB NOT NULL,
    seq INTEGER NOT NULL,
    account TEXT NOT NULL,
    destination TEXT NOT NULL,
    document TEXT NOT NULL,   -- JSON
    state INTEGER NOT NULL,   -- 0 pending, 1 claimed, 2 delivered, 3 dead
    owner INTEGER,
    next_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    body BLOB,
    settled_at INTEGER,
    error TEXT
) WITHOUT ROWID;
CREATE INDEX webhooks_open ON webhooks (subject, seq) WHERE state < 2;
CREATE INDEX webhooks_pending ON webhooks (destination, next_at, id) WHERE state = 0;
CREATE INDEX webhooks_dead ON webhooks (id) WHERE state = 3;

CREATE TABLE idempotency (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    digest BLOB NOT NULL,
    method TEXT NOT NULL,
    path TEXT NOT NULL,
    body_digest BLOB NOT NULL,
    result TEXT NOT NULL,     -- JSON list of what became of each item
    at INTEGER NOT NULL
);

-- Keys by digest, filled later like `recipients`. A key that is used again after its time has two rows: the newer counts.
CREATE TABLE digests (
    digest BLOB NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (digest, number)
) WITHOUT ROWID;

CREATE TABLE suppressions (
    number TEXT NOT NULL,
    account TEXT NOT NULL,
    env TEXT NOT NULL,
    sub_tenant TEXT NOT NULL,
    reason TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (number, account, env, sub_tenant)
) WITHOUT ROWID;
CREATE INDEX suppressions_by_account ON suppressions (account, created_at);
CREATE INDEX suppressions_by_time ON suppressions (created_at);

CREATE TABLE accounts (
    name TEXT PRIMARY KEY,
    document TEXT NOT NULL    -- JSON
) WITHOUT ROWID;

CREATE TABLE keys (
    digest BLOB PRIMARY KEY,
    key_id TEXT NOT NULL UNIQUE,
    account TEXT NOT NULL,
    document TEXT NOT NULL    -- JSON
) WITHOUT ROWID;
CREATE INDEX keys_by_account ON keys (account);

CREATE TABLE numbers (
    number TEXT NOT NULL,
    keyword TEXT NOT NULL,
    account TEXT NOT NULL,
    env TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (number, keyword)
) WITHOUT ROWID;

CREATE TABLE inbound (
    id BLOB PRIMARY KEY,
    operator TEXT NOT NULL,
    sender TEXT NOT NULL,
    recipient TEXT NOT NULL,
    body TEXT NOT NULL,
    at INTEGER NOT NULL,
    account TEXT,
    env TEXT NOT NULL,
    sub_tenant TEXT NOT NULL,
    keyword TEXT,
    action TEXT,
    reply_to BLOB
) WITHOUT ROWID;
CREATE INDEX inbound_by_account ON inbound (account, id);

-- Every PDU of an inbound message; kept after the join, so that a repetition is known.
CREATE TABLE inbound_parts (
    number INTEGER PRIMARY KEY,
    operator TEXT NOT NULL,
    sender TEXT NOT NULL,
    recipient TEXT NOT NULL,
    concat_ref INTEGER,
    total INTEGER NOT NULL,
    part INTEGER NOT NULL,
    body TEXT NOT NULL,
    data BLOB,
    at INTEGER NOT NULL,
    fingerprint BLOB NOT NULL,
    joined INTEGER NOT NULL,
    answered INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX inbound_parts_waiting ON inbound_parts (operator, sender, recipient, concat_ref, total, part)
    WHERE joined = 0;
CREATE INDEX inbound_parts_unanswered ON inbound_parts (operator, fingerprint) WHERE answered = 0;

CREATE TABLE processes (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    token INTEGER NOT NULL,
    boot_id TEXT NOT NULL,
    pid INTEGER NOT NULL,
    started_at INTEGER NOT NULL
);

CREATE TABLE commands (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    verb TEXT NOT NULL,
    target TEXT NOT NULL,
    at INTEGER NOT NULL,
    taken_by INTEGER,
    taken_at INTEGER
);
CREATE INDEX commands_new ON commands (number) WHERE taken_by IS NULL;

CREATE TABLE operator_states (
    operator TEXT NOT NULL,
    process INTEGER NOT NULL,
    at INTEGER NOT NULL,
    state TEXT NOT NULL,
    binds TEXT NOT NULL,      -- JSON
    waiting INTEGER NOT NULL,
    in_flight INTEGER NOT NULL,
    PRIMARY KEY (operator, process)
) WITHOUT ROWID;
