-- The same index of the rare ends, said without IN: for that SQLite makes a table of the three words for each message
-- that is written, and two for each that is rewritten. `post`, for the queries of an older release name the old one.
DROP INDEX messages_ended;
CREATE INDEX messages_ended ON messages (account, env, status, id)
    WHERE status = 'undeliverable' OR status = 'failed' OR status = 'canceled';
