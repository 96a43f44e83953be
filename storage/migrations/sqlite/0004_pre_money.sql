-- Money, in millionths: each change of a purse is a row of the ledger, and the sums of a purse's rows are what it has.
CREATE TABLE purses (
    account TEXT NOT NULL,
    env TEXT NOT NULL,
    currency TEXT NOT NULL,
    balance INTEGER NOT NULL,
    held INTEGER NOT NULL,
    day INTEGER NOT NULL,     -- of `charged`: days since 1970
    charged INTEGER NOT NULL, -- reserved on that day, released or not
    PRIMARY KEY (account, env, currency)
) WITHOUT ROWID;

CREATE TABLE ledger (
    subject BLOB NOT NULL,    -- a message, or the id of a top-up or an adjustment
    kind INTEGER NOT NULL,    -- gateway.domain.money.Kind
    account TEXT NOT NULL,
    env TEXT NOT NULL,
    currency TEXT NOT NULL,
    amount INTEGER NOT NULL,
    held INTEGER NOT NULL,
    at INTEGER NOT NULL,
    key TEXT,
    note TEXT,
    PRIMARY KEY (subject, kind)
) WITHOUT ROWID;
CREATE INDEX ledger_by_account ON ledger (account, env, subject, kind);
CREATE UNIQUE INDEX ledger_keys ON ledger (account, env, key) WHERE key IS NOT NULL;

-- What messages are found by besides their columns; for those that have such a thing.
CREATE TABLE labels (
    account TEXT NOT NULL,
    env TEXT NOT NULL,
    label TEXT NOT NULL,      -- gateway.domain.labels
    id BLOB NOT NULL,
    PRIMARY KEY (account, env, label, id)
) WITHOUT ROWID;

CREATE TABLE alerts (
    id BLOB PRIMARY KEY,
    account TEXT NOT NULL,
    env TEXT NOT NULL,
    kind TEXT NOT NULL,
    at INTEGER NOT NULL,
    data TEXT NOT NULL        -- JSON
) WITHOUT ROWID;
CREATE INDEX alerts_by_account ON alerts (account, env, id);

-- Alerts that were told and are not over.
CREATE TABLE marks (
    account TEXT NOT NULL,
    env TEXT NOT NULL,
    subject TEXT NOT NULL,
    PRIMARY KEY (account, env, subject)
) WITHOUT ROWID;

-- Messages that failed, by the minute.
CREATE TABLE failures (
    minute INTEGER NOT NULL,  -- since 1970
    account TEXT NOT NULL,
    env TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (minute, account, env)
) WITHOUT ROWID;

CREATE TABLE agreements (
    account TEXT NOT NULL,
    member TEXT NOT NULL,
    version TEXT NOT NULL,
    at INTEGER NOT NULL,
    address TEXT NOT NULL,
    PRIMARY KEY (account, member, version)
) WITHOUT ROWID;
