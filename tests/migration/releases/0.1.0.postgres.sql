--
-- PostgreSQL database dump
--

\restrict CznE59qPhNPCp7FJkfd8Q0HfFEeZsuwXA3K3B6xOBMgkx4wpeSavh15YA1KL88W

-- Dumped from database version 15.18 (Debian 15.18-0+deb12u1)
-- Dumped by pg_dump version 15.18 (Debian 15.18-0+deb12u1)

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: begin_as(integer, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.begin_as(owner_number integer, owner_token bigint) RETURNS text
    LANGUAGE plpgsql
    AS $$
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


--
-- Name: drop_day(date, timestamp with time zone); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.drop_day(old date, cutoff timestamp with time zone) RETURNS bigint
    LANGUAGE plpgsql
    AS $$
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


--
-- Name: first_id_of(date); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.first_id_of(day date) RETURNS uuid
    LANGUAGE sql IMMUTABLE
    AS $$
    SELECT rpad(lpad(to_hex((extract(epoch FROM day) * 1000)::bigint), 12, '0'), 32, '0')::uuid
$$;


--
-- Name: make_day(date); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.make_day(wanted date) RETURNS boolean
    LANGUAGE plpgsql
    AS $$
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


SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: accounts; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.accounts (
    name text NOT NULL COLLATE pg_catalog."C",
    document text NOT NULL
);


--
-- Name: bind_leases; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.bind_leases (
    operator text NOT NULL COLLATE pg_catalog."C",
    bind integer NOT NULL,
    owner integer,
    token bigint NOT NULL
);


--
-- Name: carrier_refs; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.carrier_refs (
    operator text NOT NULL COLLATE pg_catalog."C",
    ref text NOT NULL COLLATE pg_catalog."C",
    destination text NOT NULL COLLATE pg_catalog."C",
    message_id uuid,
    attempt integer,
    part integer,
    source text NOT NULL COLLATE pg_catalog."C",
    at timestamp with time zone NOT NULL,
    receipts text
);


--
-- Name: commands; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.commands (
    number bigint NOT NULL,
    verb text NOT NULL,
    target text NOT NULL,
    at timestamp with time zone NOT NULL,
    taken_at timestamp with time zone
);


--
-- Name: commands_number_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.commands ALTER COLUMN number ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.commands_number_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: days; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.days (
    day date NOT NULL
);


--
-- Name: idempotency; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.idempotency (
    digest bytea NOT NULL,
    method text NOT NULL,
    path text NOT NULL,
    body_digest bytea NOT NULL,
    result text NOT NULL,
    at timestamp with time zone NOT NULL
);


--
-- Name: inbound; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.inbound (
    id uuid NOT NULL,
    operator text NOT NULL COLLATE pg_catalog."C",
    sender text NOT NULL COLLATE pg_catalog."C",
    recipient text NOT NULL COLLATE pg_catalog."C",
    body text NOT NULL,
    at timestamp with time zone NOT NULL,
    account text COLLATE pg_catalog."C",
    env text NOT NULL COLLATE pg_catalog."C",
    sub_tenant text NOT NULL COLLATE pg_catalog."C",
    keyword text COLLATE pg_catalog."C",
    action text,
    reply_to uuid
);


--
-- Name: inbound_parts; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.inbound_parts (
    number bigint NOT NULL,
    operator text NOT NULL COLLATE pg_catalog."C",
    sender text NOT NULL COLLATE pg_catalog."C",
    recipient text NOT NULL COLLATE pg_catalog."C",
    concat_ref integer NOT NULL,
    total integer NOT NULL,
    part integer NOT NULL,
    body text NOT NULL,
    data bytea,
    at timestamp with time zone NOT NULL,
    fingerprint bytea NOT NULL,
    joined boolean NOT NULL,
    answered boolean DEFAULT false NOT NULL
);


--
-- Name: inbound_parts_number_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.inbound_parts ALTER COLUMN number ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.inbound_parts_number_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: keys; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.keys (
    digest bytea NOT NULL,
    key_id text NOT NULL COLLATE pg_catalog."C",
    account text NOT NULL COLLATE pg_catalog."C",
    document text NOT NULL
);


--
-- Name: messages; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.messages (
    id uuid NOT NULL,
    account text NOT NULL COLLATE pg_catalog."C",
    env text NOT NULL COLLATE pg_catalog."C",
    sender text NOT NULL COLLATE pg_catalog."C",
    recipient text NOT NULL COLLATE pg_catalog."C",
    sub_tenant text NOT NULL COLLATE pg_catalog."C",
    priority smallint NOT NULL,
    accepted_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    facts text NOT NULL,
    status text NOT NULL,
    operator text COLLATE pg_catalog."C",
    owner integer,
    next_at timestamp with time zone,
    final_at timestamp with time zone,
    in_doubt integer NOT NULL,
    state text NOT NULL,
    ended text GENERATED ALWAYS AS (
CASE
    WHEN (status = ANY (ARRAY['undeliverable'::text, 'failed'::text, 'canceled'::text])) THEN status
    ELSE NULL::text
END) STORED COLLATE pg_catalog."C"
)
PARTITION BY RANGE (id);


--
-- Name: messages_20261120; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.messages_20261120 (
    id uuid NOT NULL,
    account text NOT NULL COLLATE pg_catalog."C",
    env text NOT NULL COLLATE pg_catalog."C",
    sender text NOT NULL COLLATE pg_catalog."C",
    recipient text NOT NULL COLLATE pg_catalog."C",
    sub_tenant text NOT NULL COLLATE pg_catalog."C",
    priority smallint NOT NULL,
    accepted_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    facts text NOT NULL,
    status text NOT NULL,
    operator text COLLATE pg_catalog."C",
    owner integer,
    next_at timestamp with time zone,
    final_at timestamp with time zone,
    in_doubt integer NOT NULL,
    state text NOT NULL,
    ended text GENERATED ALWAYS AS (
CASE
    WHEN (status = ANY (ARRAY['undeliverable'::text, 'failed'::text, 'canceled'::text])) THEN status
    ELSE NULL::text
END) STORED COLLATE pg_catalog."C"
)
WITH (fillfactor='70');


--
-- Name: messages_20261121; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.messages_20261121 (
    id uuid NOT NULL,
    account text NOT NULL COLLATE pg_catalog."C",
    env text NOT NULL COLLATE pg_catalog."C",
    sender text NOT NULL COLLATE pg_catalog."C",
    recipient text NOT NULL COLLATE pg_catalog."C",
    sub_tenant text NOT NULL COLLATE pg_catalog."C",
    priority smallint NOT NULL,
    accepted_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    facts text NOT NULL,
    status text NOT NULL,
    operator text COLLATE pg_catalog."C",
    owner integer,
    next_at timestamp with time zone,
    final_at timestamp with time zone,
    in_doubt integer NOT NULL,
    state text NOT NULL,
    ended text GENERATED ALWAYS AS (
CASE
    WHEN (status = ANY (ARRAY['undeliverable'::text, 'failed'::text, 'canceled'::text])) THEN status
    ELSE NULL::text
END) STORED COLLATE pg_catalog."C"
)
WITH (fillfactor='70');


--
-- Name: messages_20261122; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.messages_20261122 (
    id uuid NOT NULL,
    account text NOT NULL COLLATE pg_catalog."C",
    env text NOT NULL COLLATE pg_catalog."C",
    sender text NOT NULL COLLATE pg_catalog."C",
    recipient text NOT NULL COLLATE pg_catalog."C",
    sub_tenant text NOT NULL COLLATE pg_catalog."C",
    priority smallint NOT NULL,
    accepted_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    facts text NOT NULL,
    status text NOT NULL,
    operator text COLLATE pg_catalog."C",
    owner integer,
    next_at timestamp with time zone,
    final_at timestamp with time zone,
    in_doubt integer NOT NULL,
    state text NOT NULL,
    ended text GENERATED ALWAYS AS (
CASE
    WHEN (status = ANY (ARRAY['undeliverable'::text, 'failed'::text, 'canceled'::text])) THEN status
    ELSE NULL::text
END) STORED COLLATE pg_catalog."C"
)
WITH (fillfactor='70');


--
-- Name: messages_20261123; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.messages_20261123 (
    id uuid NOT NULL,
    account text NOT NULL COLLATE pg_catalog."C",
    env text NOT NULL COLLATE pg_catalog."C",
    sender text NOT NULL COLLATE pg_catalog."C",
    recipient text NOT NULL COLLATE pg_catalog."C",
    sub_tenant text NOT NULL COLLATE pg_catalog."C",
    priority smallint NOT NULL,
    accepted_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    facts text NOT NULL,
    status text NOT NULL,
    operator text COLLATE pg_catalog."C",
    owner integer,
    next_at timestamp with time zone,
    final_at timestamp with time zone,
    in_doubt integer NOT NULL,
    state text NOT NULL,
    ended text GENERATED ALWAYS AS (
CASE
    WHEN (status = ANY (ARRAY['undeliverable'::text, 'failed'::text, 'canceled'::text])) THEN status
    ELSE NULL::text
END) STORED COLLATE pg_catalog."C"
)
WITH (fillfactor='70');


--
-- Name: messages_20261124; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.messages_20261124 (
    id uuid NOT NULL,
    account text NOT NULL COLLATE pg_catalog."C",
    env text NOT NULL COLLATE pg_catalog."C",
    sender text NOT NULL COLLATE pg_catalog."C",
    recipient text NOT NULL COLLATE pg_catalog."C",
    sub_tenant text NOT NULL COLLATE pg_catalog."C",
    priority smallint NOT NULL,
    accepted_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    facts text NOT NULL,
    status text NOT NULL,
    operator text COLLATE pg_catalog."C",
    owner integer,
    next_at timestamp with time zone,
    final_at timestamp with time zone,
    in_doubt integer NOT NULL,
    state text NOT NULL,
    ended text GENERATED ALWAYS AS (
CASE
    WHEN (status = ANY (ARRAY['undeliverable'::text, 'failed'::text, 'canceled'::text])) THEN status
    ELSE NULL::text
END) STORED COLLATE pg_catalog."C"
)
WITH (fillfactor='70');


--
-- Name: meta; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.meta (
    name text NOT NULL COLLATE pg_catalog."C",
    value bigint NOT NULL
);


--
-- Name: numbers; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.numbers (
    number text NOT NULL COLLATE pg_catalog."C",
    keyword text NOT NULL COLLATE pg_catalog."C",
    account text NOT NULL COLLATE pg_catalog."C",
    env text NOT NULL COLLATE pg_catalog."C",
    created_at timestamp with time zone NOT NULL
);


--
-- Name: operator_states; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.operator_states (
    operator text NOT NULL COLLATE pg_catalog."C",
    process integer NOT NULL,
    at timestamp with time zone NOT NULL,
    state text NOT NULL,
    binds jsonb NOT NULL,
    waiting integer NOT NULL,
    in_flight integer NOT NULL,
    ailing jsonb DEFAULT '[]'::jsonb NOT NULL
);


--
-- Name: parts; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.parts (
    message_id uuid NOT NULL,
    attempt integer NOT NULL,
    part integer NOT NULL,
    operator text NOT NULL COLLATE pg_catalog."C",
    state smallint NOT NULL,
    ref text COLLATE pg_catalog."C",
    error text,
    at timestamp with time zone NOT NULL,
    receipt_at timestamp with time zone,
    sender text NOT NULL COLLATE pg_catalog."C",
    recipient text NOT NULL COLLATE pg_catalog."C"
)
PARTITION BY RANGE (message_id);


--
-- Name: parts_20261120; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.parts_20261120 (
    message_id uuid NOT NULL,
    attempt integer NOT NULL,
    part integer NOT NULL,
    operator text NOT NULL COLLATE pg_catalog."C",
    state smallint NOT NULL,
    ref text COLLATE pg_catalog."C",
    error text,
    at timestamp with time zone NOT NULL,
    receipt_at timestamp with time zone,
    sender text NOT NULL COLLATE pg_catalog."C",
    recipient text NOT NULL COLLATE pg_catalog."C"
)
WITH (fillfactor='70');


--
-- Name: parts_20261121; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.parts_20261121 (
    message_id uuid NOT NULL,
    attempt integer NOT NULL,
    part integer NOT NULL,
    operator text NOT NULL COLLATE pg_catalog."C",
    state smallint NOT NULL,
    ref text COLLATE pg_catalog."C",
    error text,
    at timestamp with time zone NOT NULL,
    receipt_at timestamp with time zone,
    sender text NOT NULL COLLATE pg_catalog."C",
    recipient text NOT NULL COLLATE pg_catalog."C"
)
WITH (fillfactor='70');


--
-- Name: parts_20261122; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.parts_20261122 (
    message_id uuid NOT NULL,
    attempt integer NOT NULL,
    part integer NOT NULL,
    operator text NOT NULL COLLATE pg_catalog."C",
    state smallint NOT NULL,
    ref text COLLATE pg_catalog."C",
    error text,
    at timestamp with time zone NOT NULL,
    receipt_at timestamp with time zone,
    sender text NOT NULL COLLATE pg_catalog."C",
    recipient text NOT NULL COLLATE pg_catalog."C"
)
WITH (fillfactor='70');


--
-- Name: parts_20261123; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.parts_20261123 (
    message_id uuid NOT NULL,
    attempt integer NOT NULL,
    part integer NOT NULL,
    operator text NOT NULL COLLATE pg_catalog."C",
    state smallint NOT NULL,
    ref text COLLATE pg_catalog."C",
    error text,
    at timestamp with time zone NOT NULL,
    receipt_at timestamp with time zone,
    sender text NOT NULL COLLATE pg_catalog."C",
    recipient text NOT NULL COLLATE pg_catalog."C"
)
WITH (fillfactor='70');


--
-- Name: parts_20261124; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.parts_20261124 (
    message_id uuid NOT NULL,
    attempt integer NOT NULL,
    part integer NOT NULL,
    operator text NOT NULL COLLATE pg_catalog."C",
    state smallint NOT NULL,
    ref text COLLATE pg_catalog."C",
    error text,
    at timestamp with time zone NOT NULL,
    receipt_at timestamp with time zone,
    sender text NOT NULL COLLATE pg_catalog."C",
    recipient text NOT NULL COLLATE pg_catalog."C"
)
WITH (fillfactor='70');


--
-- Name: processes; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.processes (
    number integer NOT NULL,
    token bigint NOT NULL,
    boot_id text NOT NULL,
    pid integer NOT NULL,
    started_at timestamp with time zone NOT NULL,
    commands_seen bigint NOT NULL,
    lease_until timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    recovered_at timestamp with time zone,
    sends boolean DEFAULT false NOT NULL,
    roles text[] DEFAULT '{api,sender,webhooks}'::text[] NOT NULL
);


--
-- Name: processes_number_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.processes ALTER COLUMN number ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.processes_number_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: processes_token_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.processes ALTER COLUMN token ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.processes_token_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: schema_migrations; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.schema_migrations (
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);


--
-- Name: suppressions; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.suppressions (
    number text NOT NULL COLLATE pg_catalog."C",
    account text NOT NULL COLLATE pg_catalog."C",
    env text NOT NULL COLLATE pg_catalog."C",
    sub_tenant text NOT NULL COLLATE pg_catalog."C",
    reason text NOT NULL,
    created_at timestamp with time zone NOT NULL
);


--
-- Name: unfinished; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.unfinished (
    id uuid NOT NULL,
    operator text NOT NULL COLLATE pg_catalog."C",
    priority smallint NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    owner integer,
    next_at timestamp with time zone,
    account text NOT NULL COLLATE pg_catalog."C",
    env text NOT NULL COLLATE pg_catalog."C",
    status text NOT NULL
)
WITH (fillfactor='70', autovacuum_vacuum_scale_factor='0.02', autovacuum_vacuum_threshold='5000');


--
-- Name: webhooks; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.webhooks (
    id uuid NOT NULL,
    subject uuid NOT NULL,
    seq integer NOT NULL,
    account text NOT NULL COLLATE pg_catalog."C",
    destination text NOT NULL COLLATE pg_catalog."C",
    document text NOT NULL,
    state smallint NOT NULL,
    owner integer,
    next_at timestamp with time zone NOT NULL,
    attempts integer NOT NULL,
    body bytea,
    settled_at timestamp with time zone,
    error text
);


--
-- Name: messages_20261120; Type: TABLE ATTACH; Schema: public; Owner: -
--

ALTER TABLE ONLY public.messages ATTACH PARTITION public.messages_20261120 FOR VALUES FROM ('01a1f640-bc00-0000-0000-000000000000') TO ('01a1fb67-1800-0000-0000-000000000000');


--
-- Name: messages_20261121; Type: TABLE ATTACH; Schema: public; Owner: -
--

ALTER TABLE ONLY public.messages ATTACH PARTITION public.messages_20261121 FOR VALUES FROM ('01a1fb67-1800-0000-0000-000000000000') TO ('01a2008d-7400-0000-0000-000000000000');


--
-- Name: messages_20261122; Type: TABLE ATTACH; Schema: public; Owner: -
--

ALTER TABLE ONLY public.messages ATTACH PARTITION public.messages_20261122 FOR VALUES FROM ('01a2008d-7400-0000-0000-000000000000') TO ('01a205b3-d000-0000-0000-000000000000');


--
-- Name: messages_20261123; Type: TABLE ATTACH; Schema: public; Owner: -
--

ALTER TABLE ONLY public.messages ATTACH PARTITION public.messages_20261123 FOR VALUES FROM ('01a205b3-d000-0000-0000-000000000000') TO ('01a20ada-2c00-0000-0000-000000000000');


--
-- Name: messages_20261124; Type: TABLE ATTACH; Schema: public; Owner: -
--

ALTER TABLE ONLY public.messages ATTACH PARTITION public.messages_20261124 FOR VALUES FROM ('01a20ada-2c00-0000-0000-000000000000') TO ('01a21000-8800-0000-0000-000000000000');


--
-- Name: parts_20261120; Type: TABLE ATTACH; Schema: public; Owner: -
--

ALTER TABLE ONLY public.parts ATTACH PARTITION public.parts_20261120 FOR VALUES FROM ('01a1f640-bc00-0000-0000-000000000000') TO ('01a1fb67-1800-0000-0000-000000000000');


--
-- Name: parts_20261121; Type: TABLE ATTACH; Schema: public; Owner: -
--

ALTER TABLE ONLY public.parts ATTACH PARTITION public.parts_20261121 FOR VALUES FROM ('01a1fb67-1800-0000-0000-000000000000') TO ('01a2008d-7400-0000-0000-000000000000');


--
-- Name: parts_20261122; Type: TABLE ATTACH; Schema: public; Owner: -
--

ALTER TABLE ONLY public.parts ATTACH PARTITION public.parts_20261122 FOR VALUES FROM ('01a2008d-7400-0000-0000-000000000000') TO ('01a205b3-d000-0000-0000-000000000000');


--
-- Name: parts_20261123; Type: TABLE ATTACH; Schema: public; Owner: -
--

ALTER TABLE ONLY public.parts ATTACH PARTITION public.parts_20261123 FOR VALUES FROM ('01a205b3-d000-0000-0000-000000000000') TO ('01a20ada-2c00-0000-0000-000000000000');


--
-- Name: parts_20261124; Type: TABLE ATTACH; Schema: public; Owner: -
--

ALTER TABLE ONLY public.parts ATTACH PARTITION public.parts_20261124 FOR VALUES FROM ('01a20ada-2c00-0000-0000-000000000000') TO ('01a21000-8800-0000-0000-000000000000');


--
-- Data for Name: accounts; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.accounts (name, document) FROM stdin;
other	{"name":"other","created_at":1795278351505857,"live":{"webhook_url":null,"webhook_format":"orchestrator","webhook_events":["canceled","delivered","failed","inbound","undeliverable"],"default_sender":null,"allowed_senders":null,"rate_per_s":0.0,"stop_replies":true,"stop_reply_text":"You are unsubscribed and will get no more messages. Reply START to resubscribe.","start_reply_text":"You are subscribed again. Reply STOP to unsubscribe.","help_reply_text":"Reply STOP to unsubscribe. Message and data rates may apply.","suppress_on":["blocked","invalid_number","opted_out"],"smart_replacement":false,"national_languages":[]},"test":{"webhook_url":null,"webhook_format":"orchestrator","webhook_events":["canceled","delivered","failed","inbound","undeliverable"],"default_sender":null,"allowed_senders":null,"rate_per_s":0.0,"stop_replies":true,"stop_reply_text":"You are unsubscribed and will get no more messages. Reply START to resubscribe.","start_reply_text":"You are subscribed again. Reply STOP to unsubscribe.","help_reply_text":"Reply STOP to unsubscribe. Message and data rates may apply.","suppress_on":["blocked","invalid_number","opted_out"],"smart_replacement":false,"national_languages":[]},"secrets_sealed":["017ebfa3cba668278ece6819891298f0864461114d9a95f0d6ea262b6b6e9731b88a477214b679687740b5fbe1388cc539a908672e"],"old_secret_until":null,"disabled":false}
acme	{"name":"acme","created_at":1795278350830352,"live":{"webhook_url":"http://127.0.0.1:31555/hooks","webhook_format":"orchestrator","webhook_events":["delivered","failed","inbound","sent","undeliverable"],"default_sender":null,"allowed_senders":null,"rate_per_s":0.0,"stop_replies":true,"stop_reply_text":"You are unsubscribed and will get no more messages. Reply START to resubscribe.","start_reply_text":"You are subscribed again. Reply STOP to unsubscribe.","help_reply_text":"Reply STOP to unsubscribe. Message and data rates may apply.","suppress_on":["blocked","invalid_number","opted_out"],"smart_replacement":false,"national_languages":[]},"test":{"webhook_url":"http://127.0.0.1:31555/hooks","webhook_format":"orchestrator","webhook_events":["delivered","failed","inbound","sent","undeliverable"],"default_sender":null,"allowed_senders":null,"rate_per_s":0.0,"stop_replies":true,"stop_reply_text":"You are unsubscribed and will get no more messages. Reply START to resubscribe.","start_reply_text":"You are subscribed again. Reply STOP to unsubscribe.","help_reply_text":"Reply STOP to unsubscribe. Message and data rates may apply.","suppress_on":["blocked","invalid_number","opted_out"],"smart_replacement":false,"national_languages":[]},"secrets_sealed":["013ada83d6ea57f977ef117ff85e201aeeab063183d39e38087a709d930509af10e96914de484886e57f8386d5d27869b355f2e135"],"old_secret_until":null,"disabled":false}
\.


--
-- Data for Name: bind_leases; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.bind_leases (operator, bind, owner, token) FROM stdin;
alpha	0	1	1
beta	0	1	1
gamma	0	1	1
\.


--
-- Data for Name: carrier_refs; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.carrier_refs (operator, ref, destination, message_id, attempt, part, source, at, receipts) FROM stdin;
alpha	0000000001	+447700901100	01a1feed-d542-7000-bd8e-0afe84bd3200	1	1	+447700900999	2026-11-21 16:26:01.976629+00	\N
alpha	0000000002	+447700901101	01a1feed-d604-7000-be60-16d3a8401300	1	1	+447700900999	2026-11-21 16:26:02.1233+00	\N
beta	0000005000	+447700901103	01a1feed-d668-7000-a681-c4009fe69a00	2	1	+447700900999	2026-11-21 16:26:02.228543+00	\N
alpha	0000000003	+447700901200	01a1feed-d698-7000-bb0a-8ab6c6971a00	1	1	+447700900999	2026-11-21 16:26:02.269107+00	\N
alpha	0000000004	+447700901200	01a1feed-d698-7000-bb0a-8ab6c6971a00	1	2	+447700900999	2026-11-21 16:26:02.269516+00	\N
simulated	sim-01a1feed-d6b4-7000-8525-c4aebf51b000	+447700901300	01a1feed-d6b2-7000-8a00-21664ce82500	1	1	+447700900999	2026-11-21 16:26:02.292452+00	\N
alpha	0000000006	+447700900888	01a1feed-d717-7002-a587-f2341a717600	1	1	+447700900999	2026-11-21 16:26:02.404631+00	\N
alpha	0000000005	erased:f84faf3d0e3bc4d36f8cb62fecaed9b5	01a1feed-d6b5-7000-90c1-33581a6e5800	1	1	+447700900999	2026-11-21 16:26:02.297769+00	\N
beta	777777	+33700900555	\N	\N	\N	+447700900999	2026-11-21 16:26:06.440748+00	[["beta","777777","+447700900999","+33700900555",3,null,"DELIVRD err:000",1795278366440748,null]]
alpha	0000000007	+447700901400	01a1feed-e700-7000-a564-c65efd6c4c00	1	1	+447700900999	2026-11-21 16:26:06.469018+00	\N
alpha	0000000008	+447700901500	01a1feed-ea6a-7000-9be8-7ee2930b3500	1	1	+447700900999	2026-11-21 16:26:07.346566+00	\N
alpha	0000000009	+447700901600	01a1feed-eab5-7000-ad94-446781b71500	1	1	+447700900999	2026-11-21 16:26:07.416398+00	\N
alpha	0000000010	+447700901700	01a1feed-f5f4-7000-a212-3a5d618cb400	1	1	+447700900999	2026-11-21 16:26:10.29493+00	\N
\.


--
-- Data for Name: commands; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.commands (number, verb, target, at, taken_at) FROM stdin;
1	pause	beta	2026-11-21 16:26:08.100257+00	2026-11-21 16:26:08.507002+00
2	resume	beta	2026-11-21 16:26:09.526831+00	2026-11-21 16:26:10.015377+00
\.


--
-- Data for Name: days; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.days (day) FROM stdin;
2026-11-20
2026-11-21
2026-11-22
2026-11-23
2026-11-24
\.


--
-- Data for Name: idempotency; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.idempotency (digest, method, path, body_digest, result, at) FROM stdin;
\\xc514dcf3c1d34939f3804d82290d075907a18bcfebc12ebd8dac826dacb0d050	POST	/v1/sms/send	\\xb734adcc6968ab434d259da78d0615b6bb64d360738467b70d55b7a0bbc184c3	[["01a1feedd5427000bd8e0afe84bd3200","queued",1,1795278361922055]]	2026-11-21 16:26:01.922055+00
\\x9a0a545d7a6a2366dadbecdc7b55f41212bacf9d0e73d4bf2a66866f971b1bec	POST	/v1/sms/send	\\xaf52766620822f3d723c4a03502659218dba71c515b3407afccb506ee9cfd347	[["01a1feedd6047000be6016d3a8401300","queued",1,1795278362116799]]	2026-11-21 16:26:02.116799+00
\\x22feabafb55446abbdc69319bb8218646aac2b8c185356800e460951d376c064	POST	/v1/sms/send	\\xe3cb520281777f9a761a5ba713692ec33418d9cd708570b667c47f1906541a81	[["01a1feedd64b7000b03e9f6bbab7fc00","queued",1,1795278362187414]]	2026-11-21 16:26:02.187414+00
\\x85e8fa7be865fb764f126613099e1f1c3b93afa209cfda9a4df5fce3c3dc5ab0	POST	/v1/sms/send	\\xbf90e785ce6fcb275a3b847f86386c9fbfb5ba8afcfe3054d97c1e61105b7b96	[["01a1feedd6687000a681c4009fe69a00","queued",1,1795278362216366]]	2026-11-21 16:26:02.216366+00
\\x707115d6076bab666b053d756f1bc9a778fffd4794e332ccd7563a0511587852	POST	/v1/sms/send	\\x3b6156a6b18d0bb487f8d10915aa3205fe05f4a19721a3e9423dd3592342fb30	[["01a1feedd6987000bb0a8ab6c6971a00","queued",2,1795278362264900]]	2026-11-21 16:26:02.2649+00
\\x8fb4b903c2f6131582e8a87aed27076b83e0de34c201cf2cd998aff358562a7f	POST	/v1/sms/send	\\xab85dee03b0482357cb50be12e7d4b869abf31212028634d9de14a6d2b538454	[["01a1feedd6b5700090c133581a6e5800","queued",1,1795278362293469]]	2026-11-21 16:26:02.293469+00
\\xa857e79cac2cca23831b2fdb1d52d530167e03c276487f34a00304565710c3ba	POST	/v1/sms/send	\\x31b8a2601cbeaa9d5d3371c4a555f9381e5671af6fbc775c50a7703fdae7cc2b	[["01a1feede7007000a564c65efd6c4c00","queued",1,1795278366464849]]	2026-11-21 16:26:06.464849+00
\\x97ed9e3ae30b9e4fa2f1ae089d0fd6d6bd673f946b2ba0dcc019c702c585c566	POST	/v1/sms/send	\\xfaf40b1c3a4f148b7fbc080196fba386013ce0e336f13e19c63f4d94d6caab9e	[["01a1feedea6a70009be87ee2930b3500","queued",1,1795278367338561]]	2026-11-21 16:26:07.338561+00
\\x73cec243b499bf5d925237058c4d887e7bcdf58b75449ddbe0534a6630668956	POST	/v1/sms/send	\\xdd6e2d706ae2734fb961bcefc31f58d7bfaed516e6f9fc645cfe684ec9d04de4	[["01a1feedeab57000ad94446781b71500","queued",1,1795278367413898]]	2026-11-21 16:26:07.413898+00
\\x3e6147c0455c7d9a9b985bded2e3dc676dac412ceda5be986c49424b5e7767ac	POST	/v1/sms/send	\\xecbb489a53b6579f8b7ac9442e6f35d753ec65a104cc07e8dd0e502bce69bc3c	[["01a1feedf5f07000b5a543f6fe1ea800","queued",1,1795278370288543]]	2026-11-21 16:26:10.288543+00
\\x187be6e2679d2f56de50a73551cd3cc35bb759a16476a5c65dedc1ecd702bb84	POST	/v1/sms/send	\\xd6d9de76c59199610c25750425b794f2fad5c0e1c810798b432193e7c3e7befd	[["01a1feedf5f47000a2123a5d618cb400","queued",1,1795278370292359]]	2026-11-21 16:26:10.292359+00
\\x00f9e8a6f2b3e55c7daf77f742d3d8b5e0a15d89114d8c43ce4793ef6ec41daf	POST	/v1/sms/send	\\xac6f24fd6e65b8c46c474bbb18e9a322428643f7697a4d0ddc0193421ed04459	[["01a1feedf61170008885eacc2ca68700","queued",1,1795278370321459]]	2026-11-21 16:26:10.321459+00
\\x5a492145de4147beec120e9e255decbb34b4edca6cf0ced1c9c7f43b26035e75	POST	/v1/sms/send	\\x7ef7dd02b24dbc9425e0daa8fd911dc7644cd2597f170f315e7e97ce1adbe5ef	[["01a1feedfa7f7000866f63f90daa2200","queued",1,1795278371455421]]	2026-11-21 16:26:11.455421+00
\.


--
-- Data for Name: inbound; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.inbound (id, operator, sender, recipient, body, at, account, env, sub_tenant, keyword, action, reply_to) FROM stdin;
01a1feed-d717-7000-81f7-371b4d638900	alpha	+447700900888	+447700900999	"STOP"	2026-11-21 16:26:02.385237+00	acme	live		STOP	stop	\N
01a1feed-d6ff-7000-97b2-b7113f938900	alpha	erased:f84faf3d0e3bc4d36f8cb62fecaed9b5	+447700900999	""	2026-11-21 16:26:02.361946+00	acme	live		\N	\N	01a1feed-d6b5-7000-90c1-33581a6e5800
\.


--
-- Data for Name: inbound_parts; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.inbound_parts (number, operator, sender, recipient, concat_ref, total, part, body, data, at, fingerprint, joined, answered) FROM stdin;
2	alpha	+447700900888	+447700900999	-1	1	1	""	\N	2026-11-21 16:26:02.385237+00	\\x1b9c36f8d95cf9b26d25a789f40e871e	t	t
3	alpha	+447700900666	+447700900999	42	2	1	"The first half"	\N	2026-11-21 16:26:02.444948+00	\\x5a9d961563e3cc7220ff6bdb362b1a24	f	t
1	alpha	erased:f84faf3d0e3bc4d36f8cb62fecaed9b5	+447700900999	-1	1	1	""	\N	2026-11-21 16:26:02.361946+00	\\x	t	t
\.


--
-- Data for Name: keys; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.keys (digest, key_id, account, document) FROM stdin;
\\x5034322f34534bcde012440746bc5290793053c310f2c02175c5a76536722aea	key_cda886aa64e9f093	acme	{"key_id":"key_cda886aa64e9f093","digest":"5034322f34534bcde012440746bc5290793053c310f2c02175c5a76536722aea","account":"acme","env":"live","scopes":["read:messages","send:sms"],"created_at":1795278353366187,"expires_at":null,"revoked_at":null,"allow_from":[],"member":null,"sub_tenant":null}
\\xd02b9d226e1077b0967a3c69dbbd2fef1c76188e6f087e94325d62ab5af2d973	key_7786a442885c9bcc	acme	{"key_id":"key_7786a442885c9bcc","digest":"d02b9d226e1077b0967a3c69dbbd2fef1c76188e6f087e94325d62ab5af2d973","account":"acme","env":"test","scopes":["read:messages","send:sms"],"created_at":1795278354164250,"expires_at":null,"revoked_at":null,"allow_from":[],"member":null,"sub_tenant":null}
\\xab1a3b24129e61f82cfcde1cf7fcbdc99f92bf05a089778326e098034d2c91c5	key_4ae79de1d3bf2a7b	other	{"key_id":"key_4ae79de1d3bf2a7b","digest":"ab1a3b24129e61f82cfcde1cf7fcbdc99f92bf05a089778326e098034d2c91c5","account":"other","env":"live","scopes":["read:messages","send:sms"],"created_at":1795278354832815,"expires_at":null,"revoked_at":null,"allow_from":["127.0.0.0/8"],"member":null,"sub_tenant":null}
\\x6ecc703d5bd402ad197eda4df7defb56f17c97acec97c5ff1386d16eae3990eb	key_91de2a1f4e5de4b9	acme	{"key_id":"key_91de2a1f4e5de4b9","digest":"6ecc703d5bd402ad197eda4df7defb56f17c97acec97c5ff1386d16eae3990eb","account":"acme","env":"live","scopes":["admin","read:messages"],"created_at":1795278356686228,"expires_at":null,"revoked_at":null,"allow_from":[],"member":"ann","sub_tenant":null}
\\x851a2db76153f916e0f28eac90ccf874e1d94aff89c3b07a771c6b801f169209	key_1114bf192a6559cd	acme	{"key_id":"key_1114bf192a6559cd","digest":"851a2db76153f916e0f28eac90ccf874e1d94aff89c3b07a771c6b801f169209","account":"acme","env":"live","scopes":["read:messages","send:sms"],"created_at":1795278355787779,"expires_at":null,"revoked_at":1795278357591875,"allow_from":[],"member":null,"sub_tenant":null}
\.


--
-- Data for Name: messages_20261120; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.messages_20261120 (id, account, env, sender, recipient, sub_tenant, priority, accepted_at, expires_at, facts, status, operator, owner, next_at, final_at, in_doubt, state) FROM stdin;
\.


--
-- Data for Name: messages_20261121; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.messages_20261121 (id, account, env, sender, recipient, sub_tenant, priority, accepted_at, expires_at, facts, status, operator, owner, next_at, final_at, in_doubt, state) FROM stdin;
01a1feed-d698-7000-bb0a-8ab6c6971a00	acme	live	+447700900999	+447700901200		1	2026-11-21 16:26:02.2649+00	2026-11-24 16:26:02.2649+00	["orchestrator","All of this is long. All of this is long. All of this is long. All of this is long. All of this is long. All of this is long. All of this is long. All of this is long. All of this is long. All of this is long. All of this is long. All of this is long. ",2,null,58364,null,null,"key_cda886aa64e9f093","req_01M7ZEVNMRERBZHYQ1KEZYS42Q",null,null,false,null,null]	delivered	alpha	\N	\N	2026-11-21 16:26:02.275659+00	0	[null,"all",1,1,[],1,2,false,1,1795278362269107,null,2,[[1,1,"alpha",3,"0000000003",null,1795278362269107,1795278362274935,null,null],[1,2,"alpha",3,"0000000004",null,1795278362269516,1795278362275659,null,null]]]
01a1feed-d668-7000-a681-c4009fe69a00	acme	live	+447700900999	+447700901103		1	2026-11-21 16:26:02.216366+00	2026-11-24 16:26:02.216366+00	["orchestrator","This one is second",1,null,0,null,"{\\"order\\":\\"second\\",\\"name\\":\\"Zoë 👋\\"}","key_cda886aa64e9f093","req_01M7ZEVNK82D1YV1SCAWENPWD5",null,null,false,null,null]	delivered	beta	\N	\N	2026-11-21 16:26:02.235206+00	0	[null,"all",2,1,["alpha"],2,1,false,1,1795278362220205,["carrier_error","ESME_RINVMSGLEN","ESME_RINVMSGLEN",1795278362220205],2,[[2,1,"beta",3,"0000005000",null,1795278362228543,1795278362235206,null,null]]]
01a1feed-d542-7000-bd8e-0afe84bd3200	acme	live	+447700900999	+447700901100		1	2026-11-21 16:26:01.922055+00	2026-11-24 16:26:01.922055+00	["orchestrator","This one is delivered",1,null,0,null,"{\\"order\\":\\"delivered\\",\\"name\\":\\"Zoë 👋\\"}","key_cda886aa64e9f093","req_01M7ZEVNA0QWJVXDH93T8R0328",null,null,false,null,null]	delivered	alpha	\N	\N	2026-11-21 16:26:01.983534+00	0	[null,"all",1,1,[],1,1,false,1,1795278361976629,null,2,[[1,1,"alpha",3,"0000000001",null,1795278361976629,1795278361983534,null,null]]]
01a1feed-d604-7000-be60-16d3a8401300	acme	live	+447700900999	+447700901101		1	2026-11-21 16:26:02.116799+00	2026-11-24 16:26:02.116799+00	["orchestrator","This one is undelivered",1,null,0,null,"{\\"order\\":\\"undelivered\\",\\"name\\":\\"Zoë 👋\\"}","key_cda886aa64e9f093","req_01M7ZEVNG4CTMNTQ3D59VK6FW1",null,null,false,null,null]	failed	alpha	\N	\N	2026-11-21 16:26:02.164847+00	0	["carrier_error","all",1,1,[],1,1,false,1,1795278362123300,["carrier_error","receipt: UNDELIV err:001","UNDELIV err:001",1795278362164847],2,[[1,1,"alpha",5,"0000000002","UNDELIV err:001",1795278362123300,1795278362164847,null,null]]]
01a1feed-d64b-7000-b03e-9f6bbab7fc00	acme	live	+447700900999	+447700901102		1	2026-11-21 16:26:02.187414+00	2026-11-24 16:26:02.187414+00	["orchestrator","This one is refused",1,null,0,null,"{\\"order\\":\\"refused\\",\\"name\\":\\"Zoë 👋\\"}","key_cda886aa64e9f093","req_01M7ZEVNJBY0P3T7SPVYD627Z8",null,null,false,null,null]	undeliverable	alpha	\N	\N	2026-11-21 16:26:02.191355+00	0	["invalid_number","all",1,1,[],1,1,false,1,1795278362191355,["invalid_number","refused by alpha: ESME_RINVDSTADR","ESME_RINVDSTADR",1795278362191355],1,[[1,1,"alpha",6,null,"ESME_RINVDSTADR",1795278362191355,null,null,null]]]
01a1feed-d6b5-7000-90c1-33581a6e5800	acme	live	+447700900999	erased:f84faf3d0e3bc4d36f8cb62fecaed9b5		1	2026-11-21 16:26:02.293469+00	2026-11-24 16:26:02.293469+00	["orchestrator","",1,null,0,null,null,"key_cda886aa64e9f093","req_01M7ZEVNNN1G788TR23MXBMQ46",null,null,false,null,null]	delivered	alpha	\N	\N	2026-11-21 16:26:02.340723+00	0	[null,"all",1,1,[],1,1,false,1,1795278362297769,null,2,[[1,1,"alpha",3,"0000000005",null,1795278362297769,1795278362340723,null,null]]]
01a1feed-d717-7002-a587-f2341a717600	acme	live	+447700900999	+447700900888		0	2026-11-21 16:26:02.391064+00	2026-11-22 16:26:02.391064+00	["orchestrator","You are unsubscribed and will get no more messages. Reply START to resubscribe.",1,null,0,null,null,"reply","",null,null,true,null,null]	delivered	alpha	\N	\N	2026-11-21 16:26:02.445142+00	0	[null,"reply",1,1,[],1,1,false,1,1795278362404631,null,0,[[1,1,"alpha",3,"0000000006",null,1795278362404631,1795278362445142,null,null]]]
01a1feed-d6b2-7000-8a00-21664ce82500	acme	test	+447700900999	+447700901300		1	2026-11-21 16:26:02.290835+00	2026-11-24 16:26:02.290835+00	["orchestrator","Your code is 123456",1,null,0,null,null,"key_7786a442885c9bcc","req_01M7ZEVNNH9JK5R90QYT010RJR",null,null,false,null,null]	delivered	simulated	\N	\N	2026-11-21 16:26:02.793987+00	0	[null,"test",1,1,[],1,1,false,1,1795278362292452,null,2,[[1,1,"simulated",3,"sim-01a1feed-d6b4-7000-8525-c4aebf51b000",null,1795278362292452,1795278362793987,null,null]]]
01a1feed-e700-7000-a564-c65efd6c4c00	acme	live	+447700900999	+447700901400		1	2026-11-21 16:26:06.464849+00	2026-11-24 16:26:06.464849+00	["orchestrator","This one is given_up",1,null,0,"http://127.0.0.1:31555/gone",null,"key_cda886aa64e9f093","req_01M7ZEVSQZRMA735F38SDTVXQ7",null,null,false,null,null]	delivered	alpha	\N	\N	2026-11-21 16:26:06.516849+00	0	[null,"all",1,1,[],1,1,false,1,1795278366469018,null,2,[[1,1,"alpha",3,"0000000007",null,1795278366469018,1795278366516849,null,null]]]
01a1feed-ea6a-7000-9be8-7ee2930b3500	acme	live	+447700900999	+447700901500		1	2026-11-21 16:26:07.338561+00	2026-11-24 16:26:07.338561+00	["orchestrator","This one is tried_again",1,null,0,"http://127.0.0.1:31556/hooks",null,"key_cda886aa64e9f093","req_01M7ZEVTKABWA9A06XJ9J487WY",null,null,false,null,null]	delivered	alpha	\N	\N	2026-11-21 16:26:07.388858+00	0	[null,"all",1,1,[],1,1,false,1,1795278367346566,null,2,[[1,1,"alpha",3,"0000000008",null,1795278367346566,1795278367388858,null,null]]]
01a1feed-eab5-7000-ad94-446781b71500	acme	live	+447700900999	+447700901600		1	2026-11-21 16:26:07.413898+00	2026-11-24 16:26:07.413898+00	["orchestrator","This one is under_way",1,null,0,null,null,"key_cda886aa64e9f093","req_01M7ZEVTNNAVZ1QVVB14R7A9RB",null,null,false,null,null]	delivered	alpha	\N	\N	2026-11-21 16:26:07.456705+00	0	[null,"all",1,1,[],1,1,false,1,1795278367416398,null,2,[[1,1,"alpha",3,"0000000009",null,1795278367416398,1795278367456705,null,null]]]
01a1feed-f5f0-7000-b5a5-43f6fe1ea800	acme	live	+447700900999	+4917009017		1	2026-11-21 16:26:10.288543+00	2026-11-24 16:26:10.288543+00	["orchestrator","This one is waiting",1,null,0,null,null,"key_cda886aa64e9f093","req_01M7ZEVXFEEN2AD3AFFZZ70Z6M",null,null,false,null,null]	queued	gamma	\N	2026-11-21 16:26:10.288543+00	\N	0	[null,"de",0,0,[],1,0,false,0,null,null,0,[]]                                                                                                                   
01a1feed-f5f4-7000-a212-3a5d618cb400	acme	live	+447700900999	+447700901700		1	2026-11-21 16:26:10.292359+00	2026-11-24 16:26:10.292359+00	["orchestrator","This one is sent",1,null,0,null,null,"key_cda886aa64e9f093","req_01M7ZEVXFM71KCQRDHR5FPGZ60",null,null,false,null,null]	sent	alpha	\N	\N	\N	0	[null,"all",1,1,[],1,1,false,1,1795278370294930,null,1,[[1,1,"alpha",2,"0000000010",null,1795278370294930,null,null,null]]]                                     
01a1feed-f611-7000-8885-eacc2ca68700	acme	live	+447700900999	+447700901800		1	2026-11-21 16:26:10.321459+00	2026-11-24 16:26:10.321459+00	["orchestrator","This one is in_doubt",1,null,0,null,null,"key_cda886aa64e9f093","req_01M7ZEVXGHYMXYMN3673XV2ZAZ",null,null,false,null,null]	queued	alpha	\N	2026-11-21 16:31:10.346602+00	\N	1	[null,"all",1,1,[],1,1,true,1,null,null,0,[[1,1,"alpha",1,null,"the link was lost before the answer",1795278370346602,null,null,null]]]                         
01a1feed-fa7f-7000-866f-63f90daa2200	acme	live	+447700900999	+447700901900		1	2026-11-21 16:26:11.455421+00	2026-11-24 16:26:11.455421+00	["orchestrator","This one is in_hand",1,null,0,null,null,"key_cda886aa64e9f093","req_01M7ZEVYKZM066XG1SNY8RZ3EQ",null,null,false,null,null]	queued	alpha	1	\N	\N	0	[null,"all",1,1,[],1,1,false,1,null,null,0,[]]                                                                                                                  
01a1feed-fb3c-7000-a315-0847ed45e100	acme	live	+447700900999	+447700902000		1	2026-11-21 16:26:11.644396+00	2026-11-24 16:26:11.644396+00	["orchestrator","Привет 👋",1,null,0,null,null,"","",null,1795280171644396,false,null,null]	scheduled	alpha	\N	2026-11-21 16:56:11.644396+00	\N	0	[null,"all",0,0,[],1,0,false,0,null,null,0,[]]                                                                                                                  
01a1feed-fb3c-7001-b0fd-b88eb953b000	acme	live	+447700900999	+447700902000		1	2026-11-21 16:26:11.644396+00	2026-11-24 16:26:11.644396+00	["orchestrator","Привет 👋",1,null,0,null,null,"","",null,1795280171644396,false,null,null]	canceled	alpha	\N	\N	2026-11-21 16:26:11.644396+00	0	[null,"all",0,0,[],1,0,false,0,null,null,0,[]]
\.


--
-- Data for Name: messages_20261122; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.messages_20261122 (id, account, env, sender, recipient, sub_tenant, priority, accepted_at, expires_at, facts, status, operator, owner, next_at, final_at, in_doubt, state) FROM stdin;
\.


--
-- Data for Name: messages_20261123; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.messages_20261123 (id, account, env, sender, recipient, sub_tenant, priority, accepted_at, expires_at, facts, status, operator, owner, next_at, final_at, in_doubt, state) FROM stdin;
\.


--
-- Data for Name: messages_20261124; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.messages_20261124 (id, account, env, sender, recipient, sub_tenant, priority, accepted_at, expires_at, facts, status, operator, owner, next_at, final_at, in_doubt, state) FROM stdin;
\.


--
-- Data for Name: meta; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.meta (name, value) FROM stdin;
probe	1
generation	19
\.


--
-- Data for Name: numbers; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.numbers (number, keyword, account, env, created_at) FROM stdin;
+447700900999		acme	live	2026-11-21 16:25:58.671105+00
60777	win	other	live	2026-11-21 16:25:59.705123+00
\.


--
-- Data for Name: operator_states; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.operator_states (operator, process, at, state, binds, waiting, in_flight, ailing) FROM stdin;
alpha	1	2026-11-21 16:26:10.519047+00	down	[{"bind": 0, "since": "2026-11-21T16:26:10+00:00", "state": "waiting", "window": 100, "waits_for": null, "last_error": "closed by the peer", "rate_per_s": 0.0, "message_ids": "as_is", "window_used": 0, "reconnect_at": "2026-11-21T16:26:11+00:00", "message_ids_learned": true}]	0	0	[]
beta	1	2026-11-21 16:26:10.519047+00	up	[{"bind": 0, "since": "2026-11-21T16:26:01+00:00", "state": "bound", "window": 100, "waits_for": null, "last_error": null, "rate_per_s": 0.0, "message_ids": "any", "window_used": 0, "reconnect_at": null, "message_ids_learned": false}]	0	0	[]
gamma	1	2026-11-21 16:26:10.519047+00	down	[{"bind": 0, "since": "2026-11-21T16:26:10+00:00", "state": "waiting", "window": 100, "waits_for": null, "last_error": "ConnectionRefusedError: [Errno 111] Connection refused", "rate_per_s": 0.0, "message_ids": "any", "window_used": 0, "reconnect_at": "2026-11-21T16:26:10+00:00", "message_ids_learned": false}]	0	0	[]
simulated	1	2026-11-21 16:26:10.519047+00	up	[]	0	0	[]
\.


--
-- Data for Name: parts_20261120; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.parts_20261120 (message_id, attempt, part, operator, state, ref, error, at, receipt_at, sender, recipient) FROM stdin;
\.


--
-- Data for Name: parts_20261121; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.parts_20261121 (message_id, attempt, part, operator, state, ref, error, at, receipt_at, sender, recipient) FROM stdin;
01a1feed-d668-7000-a681-c4009fe69a00	1	1	alpha	6	\N	ESME_RINVMSGLEN	2026-11-21 16:26:02.220205+00	\N	+447700900999	+447700901103
\.


--
-- Data for Name: parts_20261122; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.parts_20261122 (message_id, attempt, part, operator, state, ref, error, at, receipt_at, sender, recipient) FROM stdin;
\.


--
-- Data for Name: parts_20261123; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.parts_20261123 (message_id, attempt, part, operator, state, ref, error, at, receipt_at, sender, recipient) FROM stdin;
\.


--
-- Data for Name: parts_20261124; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.parts_20261124 (message_id, attempt, part, operator, state, ref, error, at, receipt_at, sender, recipient) FROM stdin;
\.


--
-- Data for Name: processes; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.processes (number, token, boot_id, pid, started_at, commands_seen, lease_until, ended_at, recovered_at, sends, roles) FROM stdin;
1	1	c4e87097-d876-4b9b-8e1a-43fcc6f5b56c	17657	2026-11-21 16:26:01.742677+00	2	2026-11-21 16:26:13.844116+00	\N	\N	t	{api,sender,webhooks}
\.


--
-- Data for Name: schema_migrations; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.schema_migrations (name, checksum, applied_at) FROM stdin;
0001_pre_begin	08cc42a074cafb1ef5f6b927f7ac6f4d2192952f7366b9388bb09e055c8f4911	2026-11-21 16:25:50.769581+00
0002_pre_erasure	9e14b93f758a1055a7b7164b72b2784851e5966be8690d7e992598250a92e624	2026-11-21 16:25:50.769581+00
0003_pre_binds	0311a13bc2e7b7a769ec7193685594812cf3071faacc9dfb79ad2f7f3f4777bc	2026-11-21 16:25:50.769581+00
0004_pre_standings	ec2c7cb2ded210ff5e0bb37ceb36d017c4d9c3a5538ccc18af5ce1eb4de734ec	2026-11-21 16:25:50.769581+00
0005_pre_roles	f376be759bbd94344394d04c4e81f6763dc4f3abb89a806a731fcca08a3da87e	2026-11-21 16:25:50.769581+00
\.


--
-- Data for Name: suppressions; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.suppressions (number, account, env, sub_tenant, reason, created_at) FROM stdin;
+447700900999	acme	live		manual	2026-11-21 16:26:00.666555+00
+447700901102	acme	live		invalid_number	2026-11-21 16:26:02.191355+00
+447700900888	acme	live		stop	2026-11-21 16:26:02.391064+00
erased:f84faf3d0e3bc4d36f8cb62fecaed9b5	acme	live		erased	2026-11-21 16:26:03.270974+00
\.


--
-- Data for Name: unfinished; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.unfinished (id, operator, priority, expires_at, owner, next_at, account, env, status) FROM stdin;
01a1feed-f5f0-7000-b5a5-43f6fe1ea800	gamma	1	2026-11-24 16:26:10.288543+00	\N	2026-11-21 16:26:10.288543+00	acme	live	queued
01a1feed-f5f4-7000-a212-3a5d618cb400	alpha	1	2026-11-24 16:26:10.292359+00	\N	\N	acme	live	sent
01a1feed-f611-7000-8885-eacc2ca68700	alpha	1	2026-11-24 16:26:10.321459+00	\N	2026-11-21 16:31:10.346602+00	acme	live	queued
01a1feed-fa7f-7000-866f-63f90daa2200	alpha	1	2026-11-24 16:26:11.455421+00	1	\N	acme	live	queued
01a1feed-fb3c-7000-a315-0847ed45e100	alpha	1	2026-11-24 16:26:11.644396+00	\N	2026-11-21 16:56:11.644396+00	acme	live	scheduled
\.


--
-- Data for Name: webhooks; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.webhooks (id, subject, seq, account, destination, document, state, owner, next_at, attempts, body, settled_at, error) FROM stdin;
01a1feed-d578-7000-aed8-4aeb61652500	01a1feed-d542-7000-bd8e-0afe84bd3200	1	acme	acme http://127.0.0.1:31555	["live","orchestrator","sent",1795278361976629,"http://127.0.0.1:31555/hooks",{"message_id":"01a1feed-d542-7000-bd8e-0afe84bd3200","status":"sent","reason":null,"recipient":"+447700901100","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":"{\\"order\\":\\"delivered\\",\\"name\\":\\"Zoë 👋\\"}","operator_error":null}]	2	\N	2026-11-21 16:26:01.976629+00	1	\N	2026-11-21 16:26:01.98525+00	\N
01a1feed-d57f-7000-b858-f2e9e5dfc000	01a1feed-d542-7000-bd8e-0afe84bd3200	2	acme	acme http://127.0.0.1:31555	["live","orchestrator","delivered",1795278361983534,"http://127.0.0.1:31555/hooks",{"message_id":"01a1feed-d542-7000-bd8e-0afe84bd3200","status":"delivered","reason":null,"recipient":"+447700901100","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":"{\\"order\\":\\"delivered\\",\\"name\\":\\"Zoë 👋\\"}","operator_error":null}]	2	\N	2026-11-21 16:26:01.983534+00	1	\N	2026-11-21 16:26:02.099041+00	\N
01a1feed-d60b-7000-8303-aa319ab74700	01a1feed-d604-7000-be60-16d3a8401300	1	acme	acme http://127.0.0.1:31555	["live","orchestrator","sent",1795278362123300,"http://127.0.0.1:31555/hooks",{"message_id":"01a1feed-d604-7000-be60-16d3a8401300","status":"sent","reason":null,"recipient":"+447700901101","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":"{\\"order\\":\\"undelivered\\",\\"name\\":\\"Zoë 👋\\"}","operator_error":null}]	2	\N	2026-11-21 16:26:02.1233+00	1	\N	2026-11-21 16:26:02.130626+00	\N
01a1feed-d634-7000-a14a-be7cecd09b00	01a1feed-d604-7000-be60-16d3a8401300	2	acme	acme http://127.0.0.1:31555	["live","orchestrator","failed",1795278362164847,"http://127.0.0.1:31555/hooks",{"message_id":"01a1feed-d604-7000-be60-16d3a8401300","status":"failed","reason":"carrier_error","recipient":"+447700901101","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":"{\\"order\\":\\"undelivered\\",\\"name\\":\\"Zoë 👋\\"}","operator_error":"UNDELIV err:001"}]	2	\N	2026-11-21 16:26:02.164847+00	1	\N	2026-11-21 16:26:02.172146+00	\N
01a1feed-d64f-7000-bd1e-bec808595f00	01a1feed-d64b-7000-b03e-9f6bbab7fc00	1	acme	acme http://127.0.0.1:31555	["live","orchestrator","undeliverable",1795278362191355,"http://127.0.0.1:31555/hooks",{"message_id":"01a1feed-d64b-7000-b03e-9f6bbab7fc00","status":"undeliverable","reason":"invalid_number","recipient":"+447700901102","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":"{\\"order\\":\\"refused\\",\\"name\\":\\"Zoë 👋\\"}","operator_error":"ESME_RINVDSTADR"}]	2	\N	2026-11-21 16:26:02.191355+00	1	\N	2026-11-21 16:26:02.194914+00	\N
01a1feed-d674-7000-9ad6-3b83da4e7600	01a1feed-d668-7000-a681-c4009fe69a00	1	acme	acme http://127.0.0.1:31555	["live","orchestrator","sent",1795278362228543,"http://127.0.0.1:31555/hooks",{"message_id":"01a1feed-d668-7000-a681-c4009fe69a00","status":"sent","reason":null,"recipient":"+447700901103","sender":"+447700900999","segment_count":1,"operator":"beta","route":"all","attempts":2,"metadata":"{\\"order\\":\\"second\\",\\"name\\":\\"Zoë 👋\\"}","operator_error":"ESME_RINVMSGLEN"}]	2	\N	2026-11-21 16:26:02.228543+00	1	\N	2026-11-21 16:26:02.236385+00	\N
01a1feed-d67b-7000-a825-4bb5da39a700	01a1feed-d668-7000-a681-c4009fe69a00	2	acme	acme http://127.0.0.1:31555	["live","orchestrator","delivered",1795278362235206,"http://127.0.0.1:31555/hooks",{"message_id":"01a1feed-d668-7000-a681-c4009fe69a00","status":"delivered","reason":null,"recipient":"+447700901103","sender":"+447700900999","segment_count":1,"operator":"beta","route":"all","attempts":2,"metadata":"{\\"order\\":\\"second\\",\\"name\\":\\"Zoë 👋\\"}","operator_error":"ESME_RINVMSGLEN"}]	2	\N	2026-11-21 16:26:02.235206+00	1	\N	2026-11-21 16:26:02.246581+00	\N
01a1feed-d69d-7000-817c-0835702c0900	01a1feed-d698-7000-bb0a-8ab6c6971a00	1	acme	acme http://127.0.0.1:31555	["live","orchestrator","sent",1795278362269516,"http://127.0.0.1:31555/hooks",{"message_id":"01a1feed-d698-7000-bb0a-8ab6c6971a00","status":"sent","reason":null,"recipient":"+447700901200","sender":"+447700900999","segment_count":2,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]	2	\N	2026-11-21 16:26:02.269516+00	1	\N	2026-11-21 16:26:02.274615+00	\N
01a1feed-d6a3-7000-a8eb-6b83c0e1b500	01a1feed-d698-7000-bb0a-8ab6c6971a00	2	acme	acme http://127.0.0.1:31555	["live","orchestrator","delivered",1795278362275659,"http://127.0.0.1:31555/hooks",{"message_id":"01a1feed-d698-7000-bb0a-8ab6c6971a00","status":"delivered","reason":null,"recipient":"+447700901200","sender":"+447700900999","segment_count":2,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]	2	\N	2026-11-21 16:26:02.275659+00	1	\N	2026-11-21 16:26:02.280386+00	\N
01a1feed-d6b5-7001-869f-361aecfdf900	01a1feed-d6b2-7000-8a00-21664ce82500	1	acme	acme http://127.0.0.1:31555	["test","orchestrator","sent",1795278362292452,"http://127.0.0.1:31555/hooks",{"message_id":"01a1feed-d6b2-7000-8a00-21664ce82500","status":"sent","reason":null,"recipient":"+447700901300","sender":"+447700900999","segment_count":1,"operator":"simulated","route":"test","attempts":1,"metadata":null,"operator_error":null}]	2	\N	2026-11-21 16:26:02.292452+00	1	\N	2026-11-21 16:26:02.295297+00	\N
01a1feed-d717-7001-9531-c22f70666100	01a1feed-d717-7000-81f7-371b4d638900	1	acme	acme http://127.0.0.1:31555	["live","orchestrator","inbound",1795278362391064,"http://127.0.0.1:31555/hooks",{"inbound_id":"01a1feed-d717-7000-81f7-371b4d638900","sender":"+447700900888","recipient":"+447700900999","body":"STOP","keyword":"STOP","action":"stop","operator":"alpha","reply_to":null,"metadata":null}]	2	\N	2026-11-21 16:26:02.391064+00	1	\N	2026-11-21 16:26:02.398118+00	\N
01a1feed-d8a9-7000-8e07-28b4c111b100	01a1feed-d6b2-7000-8a00-21664ce82500	2	acme	acme http://127.0.0.1:31555	["test","orchestrator","delivered",1795278362793987,"http://127.0.0.1:31555/hooks",{"message_id":"01a1feed-d6b2-7000-8a00-21664ce82500","status":"delivered","reason":null,"recipient":"+447700901300","sender":"+447700900999","segment_count":1,"operator":"simulated","route":"test","attempts":1,"metadata":null,"operator_error":null}]	2	\N	2026-11-21 16:26:02.793987+00	1	\N	2026-11-21 16:26:02.804401+00	\N
01a1feed-d6b9-7000-817f-d751e6932000	01a1feed-d6b5-7000-90c1-33581a6e5800	1	acme	acme http://127.0.0.1:31555	["live","orchestrator","sent",1795278362297769,"http://127.0.0.1:31555/hooks",{"message_id":"01a1feed-d6b5-7000-90c1-33581a6e5800","status":"sent","reason":null,"recipient":"erased:f84faf3d0e3bc4d36f8cb62fecaed9b5","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]	2	\N	2026-11-21 16:26:02.297769+00	1	\N	2026-11-21 16:26:02.300828+00	\N
01a1feed-d6ff-7001-9a08-dd77df4dd900	01a1feed-d6ff-7000-97b2-b7113f938900	1	acme	acme http://127.0.0.1:31555	["live","orchestrator","inbound",1795278362367811,"http://127.0.0.1:31555/hooks",{"inbound_id":"01a1feed-d6ff-7000-97b2-b7113f938900","sender":"erased:f84faf3d0e3bc4d36f8cb62fecaed9b5","recipient":"+447700900999","body":"","keyword":null,"action":null,"operator":"alpha","reply_to":"01a1feed-d6b5-7000-90c1-33581a6e5800","metadata":null}]	2	\N	2026-11-21 16:26:02.367811+00	1	\N	2026-11-21 16:26:02.372944+00	\N
01a1feed-d6e4-7000-afc6-10b76115c000	01a1feed-d6b5-7000-90c1-33581a6e5800	2	acme	acme http://127.0.0.1:31555	["live","orchestrator","delivered",1795278362340723,"http://127.0.0.1:31555/hooks",{"message_id":"01a1feed-d6b5-7000-90c1-33581a6e5800","status":"delivered","reason":null,"recipient":"erased:f84faf3d0e3bc4d36f8cb62fecaed9b5","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]	2	\N	2026-11-21 16:26:02.340723+00	1	\N	2026-11-21 16:26:02.345638+00	\N
01a1feed-e705-7000-8c56-99babdbf5700	01a1feed-e700-7000-a564-c65efd6c4c00	1	acme	acme http://127.0.0.1:31555	["live","orchestrator","sent",1795278366469018,"http://127.0.0.1:31555/gone",{"message_id":"01a1feed-e700-7000-a564-c65efd6c4c00","status":"sent","reason":null,"recipient":"+447700901400","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]	3	\N	2026-11-21 16:26:06.469018+00	1	\\x7b226964223a2230316131666565642d653730352d373030302d386335362d393962616264626635373030222c2274797065223a226d6573736167652e73656e74222c226f636375727265644174223a22323032362d31312d32315431363a32363a30362e3436395a222c2264617461223a7b226d6573736167654964223a2230316131666565642d653730302d373030302d613536342d633635656664366334633030222c22737461747573223a2253454e54222c22726561736f6e223a6e756c6c2c22746f223a222b343437373030393031343030222c2266726f6d223a222b343437373030393030393939222c227365676d656e74436f756e74223a312c226f70657261746f724964223a22616c706861222c22726f7574654964223a22616c6c222c22617474656d7074436f756e74223a312c226f70657261746f724572726f72223a6e756c6c2c226d65746164617461223a7b7d7d7d	2026-11-21 16:26:06.481304+00	410: 
01a1feed-e734-7000-b227-4134ed64f300	01a1feed-e700-7000-a564-c65efd6c4c00	2	acme	acme http://127.0.0.1:31555	["live","orchestrator","delivered",1795278366516849,"http://127.0.0.1:31555/gone",{"message_id":"01a1feed-e700-7000-a564-c65efd6c4c00","status":"delivered","reason":null,"recipient":"+447700901400","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]	3	\N	2026-11-21 16:26:06.516849+00	1	\\x7b226964223a2230316131666565642d653733342d373030302d623232372d343133346564363466333030222c2274797065223a226d6573736167652e64656c697665726564222c226f636375727265644174223a22323032362d31312d32315431363a32363a30362e3531365a222c2264617461223a7b226d6573736167654964223a2230316131666565642d653730302d373030302d613536342d633635656664366334633030222c22737461747573223a2244454c495645524544222c22726561736f6e223a6e756c6c2c22746f223a222b343437373030393031343030222c2266726f6d223a222b343437373030393030393939222c227365676d656e74436f756e74223a312c226f70657261746f724964223a22616c706861222c22726f7574654964223a22616c6c222c22617474656d7074436f756e74223a312c226f70657261746f724572726f72223a6e756c6c2c226d65746164617461223a7b7d7d7d	2026-11-21 16:26:06.525662+00	410: 
01a1feed-eae0-7000-8645-18aaa6b22300	01a1feed-eab5-7000-ad94-446781b71500	2	acme	acme http://127.0.0.1:31555	["live","orchestrator","delivered",1795278367456705,"http://127.0.0.1:31555/hooks",{"message_id":"01a1feed-eab5-7000-ad94-446781b71500","status":"delivered","reason":null,"recipient":"+447700901600","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]	0	\N	2026-11-21 16:26:07.456705+00	0	\N	\N	\N
01a1feed-ea72-7000-8c42-460a2d3c3a00	01a1feed-ea6a-7000-9be8-7ee2930b3500	1	acme	acme http://127.0.0.1:31556	["live","orchestrator","sent",1795278367346566,"http://127.0.0.1:31556/hooks",{"message_id":"01a1feed-ea6a-7000-9be8-7ee2930b3500","status":"sent","reason":null,"recipient":"+447700901500","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]	0	\N	2026-11-21 16:26:12.350604+00	1	\\x7b226964223a2230316131666565642d656137322d373030302d386334322d343630613264336333613030222c2274797065223a226d6573736167652e73656e74222c226f636375727265644174223a22323032362d31312d32315431363a32363a30372e3334365a222c2264617461223a7b226d6573736167654964223a2230316131666565642d656136612d373030302d396265382d376565323933306233353030222c22737461747573223a2253454e54222c22726561736f6e223a6e756c6c2c22746f223a222b343437373030393031353030222c2266726f6d223a222b343437373030393030393939222c227365676d656e74436f756e74223a312c226f70657261746f724964223a22616c706861222c22726f7574654964223a22616c6c222c22617474656d7074436f756e74223a312c226f70657261746f724572726f72223a6e756c6c2c226d65746164617461223a7b7d7d7d	\N	no connection to http://127.0.0.1:31556: Connection refused
01a1feed-ea9c-7000-8e94-c2cbe4cf6400	01a1feed-ea6a-7000-9be8-7ee2930b3500	2	acme	acme http://127.0.0.1:31556	["live","orchestrator","delivered",1795278367388858,"http://127.0.0.1:31556/hooks",{"message_id":"01a1feed-ea6a-7000-9be8-7ee2930b3500","status":"delivered","reason":null,"recipient":"+447700901500","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]	0	\N	2026-11-21 16:26:12.350604+00	0	\N	\N	\N
01a1feed-eab8-7000-ab21-3445f32db900	01a1feed-eab5-7000-ad94-446781b71500	1	acme	acme http://127.0.0.1:31555	["live","orchestrator","sent",1795278367416398,"http://127.0.0.1:31555/hooks",{"message_id":"01a1feed-eab5-7000-ad94-446781b71500","status":"sent","reason":null,"recipient":"+447700901600","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]	1	1	2026-11-21 16:26:07.416398+00	0	\N	\N	\N
01a1feed-f5f6-7000-b5d7-69782096a600	01a1feed-f5f4-7000-a212-3a5d618cb400	1	acme	acme http://127.0.0.1:31555	["live","orchestrator","sent",1795278370294930,"http://127.0.0.1:31555/hooks",{"message_id":"01a1feed-f5f4-7000-a212-3a5d618cb400","status":"sent","reason":null,"recipient":"+447700901700","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]	1	1	2026-11-21 16:26:10.29493+00	0	\N	\N	\N
\.


--
-- Name: commands_number_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.commands_number_seq', 2, true);


--
-- Name: inbound_parts_number_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.inbound_parts_number_seq', 3, true);


--
-- Name: processes_number_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.processes_number_seq', 1, true);


--
-- Name: processes_token_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.processes_token_seq', 1, true);


--
-- Name: accounts accounts_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_pkey PRIMARY KEY (name);


--
-- Name: bind_leases bind_leases_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.bind_leases
    ADD CONSTRAINT bind_leases_pkey PRIMARY KEY (operator, bind);


--
-- Name: carrier_refs carrier_refs_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.carrier_refs
    ADD CONSTRAINT carrier_refs_pkey PRIMARY KEY (operator, ref, destination);


--
-- Name: commands commands_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.commands
    ADD CONSTRAINT commands_pkey PRIMARY KEY (number);


--
-- Name: days days_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.days
    ADD CONSTRAINT days_pkey PRIMARY KEY (day);


--
-- Name: idempotency idempotency_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.idempotency
    ADD CONSTRAINT idempotency_pkey PRIMARY KEY (digest);


--
-- Name: inbound_parts inbound_parts_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.inbound_parts
    ADD CONSTRAINT inbound_parts_pkey PRIMARY KEY (number);


--
-- Name: inbound inbound_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.inbound
    ADD CONSTRAINT inbound_pkey PRIMARY KEY (id);


--
-- Name: keys keys_key_id_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.keys
    ADD CONSTRAINT keys_key_id_key UNIQUE (key_id);


--
-- Name: keys keys_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.keys
    ADD CONSTRAINT keys_pkey PRIMARY KEY (digest);


--
-- Name: messages messages_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.messages
    ADD CONSTRAINT messages_pkey PRIMARY KEY (id);


--
-- Name: messages_20261120 messages_20261120_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.messages_20261120
    ADD CONSTRAINT messages_20261120_pkey PRIMARY KEY (id);


--
-- Name: messages_20261121 messages_20261121_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.messages_20261121
    ADD CONSTRAINT messages_20261121_pkey PRIMARY KEY (id);


--
-- Name: messages_20261122 messages_20261122_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.messages_20261122
    ADD CONSTRAINT messages_20261122_pkey PRIMARY KEY (id);


--
-- Name: messages_20261123 messages_20261123_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.messages_20261123
    ADD CONSTRAINT messages_20261123_pkey PRIMARY KEY (id);


--
-- Name: messages_20261124 messages_20261124_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.messages_20261124
    ADD CONSTRAINT messages_20261124_pkey PRIMARY KEY (id);


--
-- Name: meta meta_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.meta
    ADD CONSTRAINT meta_pkey PRIMARY KEY (name);


--
-- Name: numbers numbers_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.numbers
    ADD CONSTRAINT numbers_pkey PRIMARY KEY (number, keyword);


--
-- Name: operator_states operator_states_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.operator_states
    ADD CONSTRAINT operator_states_pkey PRIMARY KEY (operator, process);


--
-- Name: parts parts_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.parts
    ADD CONSTRAINT parts_pkey PRIMARY KEY (message_id, attempt, part);


--
-- Name: parts_20261120 parts_20261120_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.parts_20261120
    ADD CONSTRAINT parts_20261120_pkey PRIMARY KEY (message_id, attempt, part);


--
-- Name: parts_20261121 parts_20261121_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.parts_20261121
    ADD CONSTRAINT parts_20261121_pkey PRIMARY KEY (message_id, attempt, part);


--
-- Name: parts_20261122 parts_20261122_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.parts_20261122
    ADD CONSTRAINT parts_20261122_pkey PRIMARY KEY (message_id, attempt, part);


--
-- Name: parts_20261123 parts_20261123_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.parts_20261123
    ADD CONSTRAINT parts_20261123_pkey PRIMARY KEY (message_id, attempt, part);


--
-- Name: parts_20261124 parts_20261124_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.parts_20261124
    ADD CONSTRAINT parts_20261124_pkey PRIMARY KEY (message_id, attempt, part);


--
-- Name: processes processes_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.processes
    ADD CONSTRAINT processes_pkey PRIMARY KEY (number);


--
-- Name: schema_migrations schema_migrations_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.schema_migrations
    ADD CONSTRAINT schema_migrations_pkey PRIMARY KEY (name);


--
-- Name: suppressions suppressions_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.suppressions
    ADD CONSTRAINT suppressions_pkey PRIMARY KEY (number, account, env, sub_tenant);


--
-- Name: unfinished unfinished_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.unfinished
    ADD CONSTRAINT unfinished_pkey PRIMARY KEY (id);


--
-- Name: webhooks webhooks_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.webhooks
    ADD CONSTRAINT webhooks_pkey PRIMARY KEY (id);


--
-- Name: carrier_refs_by_time; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX carrier_refs_by_time ON public.carrier_refs USING brin (at) WITH (autosummarize='on');


--
-- Name: carrier_refs_parked; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX carrier_refs_parked ON public.carrier_refs USING btree (destination, operator) WHERE (receipts IS NOT NULL);


--
-- Name: idempotency_by_time; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX idempotency_by_time ON public.idempotency USING brin (at) WITH (autosummarize='on');


--
-- Name: inbound_by_account; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX inbound_by_account ON public.inbound USING btree (account, id);


--
-- Name: inbound_by_sender; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX inbound_by_sender ON public.inbound USING btree (sender, id);


--
-- Name: inbound_parts_by_sender; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX inbound_parts_by_sender ON public.inbound_parts USING btree (sender);


--
-- Name: inbound_parts_unanswered; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX inbound_parts_unanswered ON public.inbound_parts USING btree (operator, fingerprint) WHERE (NOT answered);


--
-- Name: inbound_parts_waiting; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX inbound_parts_waiting ON public.inbound_parts USING btree (operator, sender, recipient, concat_ref, total, part) WHERE (NOT joined);


--
-- Name: keys_by_account; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX keys_by_account ON public.keys USING btree (account, key_id);


--
-- Name: messages_ended; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX messages_ended ON ONLY public.messages USING btree (account, env, ended, id) WHERE (ended IS NOT NULL);


--
-- Name: messages_20261120_account_env_ended_id_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX messages_20261120_account_env_ended_id_idx ON public.messages_20261120 USING btree (account, env, ended, id) WHERE (ended IS NOT NULL);


--
-- Name: messages_by_account; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX messages_by_account ON ONLY public.messages USING btree (account, env, id);


--
-- Name: messages_20261120_account_env_id_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX messages_20261120_account_env_id_idx ON public.messages_20261120 USING btree (account, env, id);


--
-- Name: messages_by_recipient; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX messages_by_recipient ON ONLY public.messages USING btree (recipient, id);


--
-- Name: messages_20261120_recipient_id_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX messages_20261120_recipient_id_idx ON public.messages_20261120 USING btree (recipient, id);


--
-- Name: messages_in_doubt; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX messages_in_doubt ON ONLY public.messages USING btree (recipient) WHERE (in_doubt > 0);


--
-- Name: messages_20261120_recipient_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX messages_20261120_recipient_idx ON public.messages_20261120 USING btree (recipient) WHERE (in_doubt > 0);


--
-- Name: messages_20261121_account_env_ended_id_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX messages_20261121_account_env_ended_id_idx ON public.messages_20261121 USING btree (account, env, ended, id) WHERE (ended IS NOT NULL);


--
-- Name: messages_20261121_account_env_id_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX messages_20261121_account_env_id_idx ON public.messages_20261121 USING btree (account, env, id);


--
-- Name: messages_20261121_recipient_id_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX messages_20261121_recipient_id_idx ON public.messages_20261121 USING btree (recipient, id);


--
-- Name: messages_20261121_recipient_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX messages_20261121_recipient_idx ON public.messages_20261121 USING btree (recipient) WHERE (in_doubt > 0);


--
-- Name: messages_20261122_account_env_ended_id_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX messages_20261122_account_env_ended_id_idx ON public.messages_20261122 USING btree (account, env, ended, id) WHERE (ended IS NOT NULL);


--
-- Name: messages_20261122_account_env_id_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX messages_20261122_account_env_id_idx ON public.messages_20261122 USING btree (account, env, id);


--
-- Name: messages_20261122_recipient_id_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX messages_20261122_recipient_id_idx ON public.messages_20261122 USING btree (recipient, id);


--
-- Name: messages_20261122_recipient_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX messages_20261122_recipient_idx ON public.messages_20261122 USING btree (recipient) WHERE (in_doubt > 0);


--
-- Name: messages_20261123_account_env_ended_id_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX messages_20261123_account_env_ended_id_idx ON public.messages_20261123 USING btree (account, env, ended, id) WHERE (ended IS NOT NULL);


--
-- Name: messages_20261123_account_env_id_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX messages_20261123_account_env_id_idx ON public.messages_20261123 USING btree (account, env, id);


--
-- Name: messages_20261123_recipient_id_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX messages_20261123_recipient_id_idx ON public.messages_20261123 USING btree (recipient, id);


--
-- Name: messages_20261123_recipient_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX messages_20261123_recipient_idx ON public.messages_20261123 USING btree (recipient) WHERE (in_doubt > 0);


--
-- Name: messages_20261124_account_env_ended_id_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX messages_20261124_account_env_ended_id_idx ON public.messages_20261124 USING btree (account, env, ended, id) WHERE (ended IS NOT NULL);


--
-- Name: messages_20261124_account_env_id_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX messages_20261124_account_env_id_idx ON public.messages_20261124 USING btree (account, env, id);


--
-- Name: messages_20261124_recipient_id_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX messages_20261124_recipient_id_idx ON public.messages_20261124 USING btree (recipient, id);


--
-- Name: messages_20261124_recipient_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX messages_20261124_recipient_idx ON public.messages_20261124 USING btree (recipient) WHERE (in_doubt > 0);


--
-- Name: parts_in_doubt; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX parts_in_doubt ON ONLY public.parts USING btree (recipient) WHERE (state = 1);


--
-- Name: parts_20261120_recipient_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX parts_20261120_recipient_idx ON public.parts_20261120 USING btree (recipient) WHERE (state = 1);


--
-- Name: parts_20261121_recipient_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX parts_20261121_recipient_idx ON public.parts_20261121 USING btree (recipient) WHERE (state = 1);


--
-- Name: parts_20261122_recipient_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX parts_20261122_recipient_idx ON public.parts_20261122 USING btree (recipient) WHERE (state = 1);


--
-- Name: parts_20261123_recipient_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX parts_20261123_recipient_idx ON public.parts_20261123 USING btree (recipient) WHERE (state = 1);


--
-- Name: parts_20261124_recipient_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX parts_20261124_recipient_idx ON public.parts_20261124 USING btree (recipient) WHERE (state = 1);


--
-- Name: processes_not_recovered; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX processes_not_recovered ON public.processes USING btree (number) WHERE (recovered_at IS NULL);


--
-- Name: suppressions_by_account; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX suppressions_by_account ON public.suppressions USING btree (account, created_at, number);


--
-- Name: suppressions_by_time; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX suppressions_by_time ON public.suppressions USING btree (created_at, number);


--
-- Name: unfinished_by_expiry; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX unfinished_by_expiry ON public.unfinished USING btree (expires_at, id) WHERE (owner IS NULL);


--
-- Name: unfinished_held; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX unfinished_held ON public.unfinished USING btree (owner, id) WHERE (owner IS NOT NULL);


--
-- Name: unfinished_waiting; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX unfinished_waiting ON public.unfinished USING btree (operator, priority, next_at, id) WHERE ((owner IS NULL) AND (next_at IS NOT NULL));


--
-- Name: unfinished_waiting_by_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX unfinished_waiting_by_id ON public.unfinished USING btree (operator, id) WHERE ((owner IS NULL) AND (next_at IS NOT NULL));


--
-- Name: webhooks_by_subject; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX webhooks_by_subject ON public.webhooks USING btree (subject, seq);


--
-- Name: webhooks_claimed; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX webhooks_claimed ON public.webhooks USING btree (owner, id) WHERE (state = 1);


--
-- Name: webhooks_dead; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX webhooks_dead ON public.webhooks USING btree (id) WHERE (state = 3);


--
-- Name: webhooks_pending; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX webhooks_pending ON public.webhooks USING btree (destination, next_at, id) WHERE (state = 0);


--
-- Name: messages_20261120_account_env_ended_id_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.messages_ended ATTACH PARTITION public.messages_20261120_account_env_ended_id_idx;


--
-- Name: messages_20261120_account_env_id_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.messages_by_account ATTACH PARTITION public.messages_20261120_account_env_id_idx;


--
-- Name: messages_20261120_pkey; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.messages_pkey ATTACH PARTITION public.messages_20261120_pkey;


--
-- Name: messages_20261120_recipient_id_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.messages_by_recipient ATTACH PARTITION public.messages_20261120_recipient_id_idx;


--
-- Name: messages_20261120_recipient_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.messages_in_doubt ATTACH PARTITION public.messages_20261120_recipient_idx;


--
-- Name: messages_20261121_account_env_ended_id_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.messages_ended ATTACH PARTITION public.messages_20261121_account_env_ended_id_idx;


--
-- Name: messages_20261121_account_env_id_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.messages_by_account ATTACH PARTITION public.messages_20261121_account_env_id_idx;


--
-- Name: messages_20261121_pkey; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.messages_pkey ATTACH PARTITION public.messages_20261121_pkey;


--
-- Name: messages_20261121_recipient_id_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.messages_by_recipient ATTACH PARTITION public.messages_20261121_recipient_id_idx;


--
-- Name: messages_20261121_recipient_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.messages_in_doubt ATTACH PARTITION public.messages_20261121_recipient_idx;


--
-- Name: messages_20261122_account_env_ended_id_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.messages_ended ATTACH PARTITION public.messages_20261122_account_env_ended_id_idx;


--
-- Name: messages_20261122_account_env_id_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.messages_by_account ATTACH PARTITION public.messages_20261122_account_env_id_idx;


--
-- Name: messages_20261122_pkey; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.messages_pkey ATTACH PARTITION public.messages_20261122_pkey;


--
-- Name: messages_20261122_recipient_id_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.messages_by_recipient ATTACH PARTITION public.messages_20261122_recipient_id_idx;


--
-- Name: messages_20261122_recipient_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.messages_in_doubt ATTACH PARTITION public.messages_20261122_recipient_idx;


--
-- Name: messages_20261123_account_env_ended_id_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.messages_ended ATTACH PARTITION public.messages_20261123_account_env_ended_id_idx;


--
-- Name: messages_20261123_account_env_id_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.messages_by_account ATTACH PARTITION public.messages_20261123_account_env_id_idx;


--
-- Name: messages_20261123_pkey; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.messages_pkey ATTACH PARTITION public.messages_20261123_pkey;


--
-- Name: messages_20261123_recipient_id_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.messages_by_recipient ATTACH PARTITION public.messages_20261123_recipient_id_idx;


--
-- Name: messages_20261123_recipient_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.messages_in_doubt ATTACH PARTITION public.messages_20261123_recipient_idx;


--
-- Name: messages_20261124_account_env_ended_id_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.messages_ended ATTACH PARTITION public.messages_20261124_account_env_ended_id_idx;


--
-- Name: messages_20261124_account_env_id_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.messages_by_account ATTACH PARTITION public.messages_20261124_account_env_id_idx;


--
-- Name: messages_20261124_pkey; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.messages_pkey ATTACH PARTITION public.messages_20261124_pkey;


--
-- Name: messages_20261124_recipient_id_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.messages_by_recipient ATTACH PARTITION public.messages_20261124_recipient_id_idx;


--
-- Name: messages_20261124_recipient_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.messages_in_doubt ATTACH PARTITION public.messages_20261124_recipient_idx;


--
-- Name: parts_20261120_pkey; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.parts_pkey ATTACH PARTITION public.parts_20261120_pkey;


--
-- Name: parts_20261120_recipient_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.parts_in_doubt ATTACH PARTITION public.parts_20261120_recipient_idx;


--
-- Name: parts_20261121_pkey; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.parts_pkey ATTACH PARTITION public.parts_20261121_pkey;


--
-- Name: parts_20261121_recipient_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.parts_in_doubt ATTACH PARTITION public.parts_20261121_recipient_idx;


--
-- Name: parts_20261122_pkey; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.parts_pkey ATTACH PARTITION public.parts_20261122_pkey;


--
-- Name: parts_20261122_recipient_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.parts_in_doubt ATTACH PARTITION public.parts_20261122_recipient_idx;


--
-- Name: parts_20261123_pkey; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.parts_pkey ATTACH PARTITION public.parts_20261123_pkey;


--
-- Name: parts_20261123_recipient_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.parts_in_doubt ATTACH PARTITION public.parts_20261123_recipient_idx;


--
-- Name: parts_20261124_pkey; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.parts_pkey ATTACH PARTITION public.parts_20261124_pkey;


--
-- Name: parts_20261124_recipient_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.parts_in_doubt ATTACH PARTITION public.parts_20261124_recipient_idx;


--
-- PostgreSQL database dump complete
--

\unrestrict CznE59qPhNPCp7FJkfd8Q0HfFEeZsuwXA3K3B6xOBMgkx4wpeSavh15YA1KL88W

