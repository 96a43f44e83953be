-- Money, in millionths: each change of a purse is a row of the ledger, and the sums of a purse's rows are what it has.
-- A purse lies in several slots, so that transactions that spend from it side by side need not wait for each other: each
-- takes one that is free. What a slot alone can't pay is paid by all of them together, which are made even then.
CREATE TABLE purses (
    account text COLLATE "C" NOT NULL,
    env text COLLATE "C" NOT NULL,
    currency text COLLATE "C" NOT NULL,
    slot smallint NOT NULL,
    balance bigint NOT NULL,
    held bigint NOT NULL,
    day integer NOT NULL,      -- of `charged`: days since 1970
    charged bigint NOT NULL,   -- reserved on that day, released or not
    PRIMARY KEY (account, env, currency, slot)
) WITH (fillfactor = 50);

-- Of all slots of a purse the least balance and the most that is charged on a day (or the next: clocks differ), as they
-- stand at this moment. A statement sees what stood when it began, also after it has waited for a slot; a function that
-- is volatile looks anew.
CREATE FUNCTION purse_now(of_account text, of_env text, of_currency text, of_day integer, of_slot smallint,
    OUT poorest bigint, OUT spent bigint) LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    SELECT min(p.balance), max(CASE WHEN p.day IN (of_day, of_day + 1) THEN p.charged ELSE 0 END)
    INTO poorest, spent FROM purses AS p
    WHERE p.account = of_account AND p.env = of_env AND p.currency = of_currency;
END
$$;

CREATE TABLE ledger (
    subject uuid NOT NULL,     -- a message, or the id of a top-up or an adjustment
    kind smallint NOT NULL,    -- gateway.domain.money.Kind
    account text COLLATE "C" NOT NULL,
    env text COLLATE "C" NOT NULL,
    currency text COLLATE "C" NOT NULL,
    amount bigint NOT NULL,
    held bigint NOT NULL,
    at timestamptz NOT NULL,
    key text COLLATE "C",
    note text,
    PRIMARY KEY (subject, kind)
);
CREATE INDEX ledger_by_account ON ledger (account, env, subject, kind);
CREATE UNIQUE INDEX ledger_keys ON ledger (account, env, key) WHERE key IS NOT NULL;

-- What messages are found by besides their columns; for those that have such a thing.
CREATE TABLE labels (
    account text COLLATE "C" NOT NULL,
    env text COLLATE "C" NOT NULL,
    label text COLLATE "C" NOT NULL, -- gateway.domain.labels
    id uuid NOT NULL,
    PRIMARY KEY (account, env, label, id)
);
CREATE INDEX labels_by_id ON labels USING brin (id) WITH (autosummarize = on);

CREATE TABLE alerts (
    id uuid PRIMARY KEY,
    account text COLLATE "C" NOT NULL,
    env text COLLATE "C" NOT NULL,
    kind text NOT NULL,
    at timestamptz NOT NULL,
    data text NOT NULL         -- JSON
);
CREATE INDEX alerts_by_account ON alerts (account, env, id);

-- Alerts that were told and are not over.
CREATE TABLE marks (
    account text COLLATE "C" NOT NULL,
    env text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    PRIMARY KEY (account, env, subject)
);

-- Messages that failed, by the minute; each process counts its own, so that none waits for another.
CREATE TABLE failures (
    minute integer NOT NULL,   -- since 1970
    account text COLLATE "C" NOT NULL,
    env text COLLATE "C" NOT NULL,
    process integer NOT NULL,
    count integer NOT NULL,
    PRIMARY KEY (minute, account, env, process)
);

CREATE TABLE agreements (
    account text COLLATE "C" NOT NULL,
    member text COLLATE "C" NOT NULL,
    version text COLLATE "C" NOT NULL,
    at timestamptz NOT NULL,
    address text NOT NULL,
    PRIMARY KEY (account, member, version)
);
