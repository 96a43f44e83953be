--
-- PostgreSQL database dump
--

\restrict P7j4ZS99HCqGF06i6EL4puOclhA48yRjgysOy6rDRs801uLu0Cii1Cwz29NHOlY

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
    sends boolean DEFAULT false NOT NULL
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
other	{"name":"other","created_at":1795277340928799,"live":{"webhook_url":null,"webhook_format":"orchestrator","webhook_events":["canceled","delivered","failed","inbound","undeliverable"],"default_sender":null,"allowed_senders":null,"rate_per_s":0.0,"stop_replies":true,"stop_reply_text":"You are unsubscribed and will get no more messages. Reply START to resubscribe.","start_reply_text":"You are subscribed again. Reply STOP to unsubscribe.","help_reply_text":"Reply STOP to unsubscribe. Message and data rates may apply.","suppress_on":["blocked","invalid_number","opted_out"],"smart_replacement":false,"national_languages":[]},"test":{"webhook_url":null,"webhook_format":"orchestrator","webhook_events":["canceled","delivered","failed","inbound","undeliverable"],"default_sender":null,"allowed_senders":null,"rate_per_s":0.0,"stop_replies":true,"stop_reply_text":"You are unsubscribed and will get no more messages. Reply START to resubscribe.","start_reply_text":"You are subscribed again. Reply STOP to unsubscribe.","help_reply_text":"Reply STOP to unsubscribe. Message and data rates may apply.","suppress_on":["blocked","invalid_number","opted_out"],"smart_replacement":false,"national_languages":[]},"secrets_sealed":["012ce91ed881faded195465d39ec3152e46f95315a08b52e84d69c58ae9d33454904154d0644045699eb7ebd50072ea120cf57e230"],"old_secret_until":null,"disabled":false}
acme	{"name":"acme","created_at":1795277336655520,"live":{"webhook_url":"http://127.0.0.1:29922/hooks","webhook_format":"orchestrator","webhook_events":["delivered","failed","inbound","sent","undeliverable"],"default_sender":null,"allowed_senders":null,"rate_per_s":0.0,"stop_replies":true,"stop_reply_text":"You are unsubscribed and will get no more messages. Reply START to resubscribe.","start_reply_text":"You are subscribed again. Reply STOP to unsubscribe.","help_reply_text":"Reply STOP to unsubscribe. Message and data rates may apply.","suppress_on":["blocked","invalid_number","opted_out"],"smart_replacement":false,"national_languages":[]},"test":{"webhook_url":"http://127.0.0.1:29922/hooks","webhook_format":"orchestrator","webhook_events":["delivered","failed","inbound","sent","undeliverable"],"default_sender":null,"allowed_senders":null,"rate_per_s":0.0,"stop_replies":true,"stop_reply_text":"You are unsubscribed and will get no more messages. Reply START to resubscribe.","start_reply_text":"You are subscribed again. Reply STOP to unsubscribe.","help_reply_text":"Reply STOP to unsubscribe. Message and data rates may apply.","suppress_on":["blocked","invalid_number","opted_out"],"smart_replacement":false,"national_languages":[]},"secrets_sealed":["011b26237cf85459f27e81e94f3c882b4c8d6a7fa5086048507032365560eaf42ff4fa57eb5e3a7635a9240475503947a444333b37"],"old_secret_until":null,"disabled":false}
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
alpha	0000000001	+447700901100	01a1fede-ce21-7000-b0f8-32453d71b300	1	1	+447700900999	2026-11-21 16:09:37.220706+00	\N
alpha	0000000002	+447700901101	01a1fede-cf50-7000-9872-f460d2b5bc00	1	1	+447700900999	2026-11-21 16:09:37.381369+00	\N
beta	0000005000	+447700901103	01a1fede-cff7-7000-a8ff-7ecd29d20800	2	1	+447700900999	2026-11-21 16:09:37.568631+00	\N
alpha	0000000003	+447700901200	01a1fede-d09a-7000-8aaa-4a0be31bf400	1	1	+447700900999	2026-11-21 16:09:37.737677+00	\N
alpha	0000000004	+447700901200	01a1fede-d09a-7000-8aaa-4a0be31bf400	1	2	+447700900999	2026-11-21 16:09:37.737808+00	\N
simulated	sim-01a1fede-d147-7000-a7c5-37032a3e6700	+447700901300	01a1fede-d137-7000-8b7c-73d687db1d00	1	1	+447700900999	2026-11-21 16:09:37.863054+00	\N
alpha	0000000006	+447700900888	01a1fede-d2b0-7002-8010-21b8361abb00	1	1	+447700900999	2026-11-21 16:09:38.320401+00	\N
alpha	0000000005	erased:78fc9416927115ae2c6296219e467c8a	01a1fede-d156-7000-9d0a-d1fcf123e100	1	1	+447700900999	2026-11-21 16:09:37.900664+00	\N
beta	777777	+33700900555	\N	\N	\N	+447700900999	2026-11-21 16:09:46.241084+00	[["beta","777777","+447700900999","+33700900555",3,null,"DELIVRD err:000",1795277386241084,null]]
alpha	0000000007	+447700901400	01a1fede-f22e-7000-9da8-1bfbef6ed200	1	1	+447700900999	2026-11-21 16:09:46.317944+00	\N
alpha	0000000008	+447700901500	01a1fedf-00ab-7000-a45f-587387fdc500	1	1	+447700900999	2026-11-21 16:09:50.009257+00	\N
alpha	0000000009	+447700901600	01a1fedf-00f4-7000-b3bb-72cff9cf8100	1	1	+447700900999	2026-11-21 16:09:50.098081+00	\N
alpha	0000000010	+447700901700	01a1fedf-2191-7000-a86f-35fb6bdf1600	1	1	+447700900999	2026-11-21 16:09:58.424655+00	\N
\.


--
-- Data for Name: commands; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.commands (number, verb, target, at, taken_at) FROM stdin;
1	pause	beta	2026-11-21 16:09:53.352805+00	2026-11-21 16:09:53.79718+00
2	resume	beta	2026-11-21 16:09:57.604085+00	2026-11-21 16:09:57.916165+00
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
\\xc514dcf3c1d34939f3804d82290d075907a18bcfebc12ebd8dac826dacb0d050	POST	/v1/sms/send	\\xb734adcc6968ab434d259da78d0615b6bb64d360738467b70d55b7a0bbc184c3	[["01a1fedece217000b0f832453d71b300","queued",1,1795277377057970]]	2026-11-21 16:09:37.05797+00
\\x9a0a545d7a6a2366dadbecdc7b55f41212bacf9d0e73d4bf2a66866f971b1bec	POST	/v1/sms/send	\\xaf52766620822f3d723c4a03502659218dba71c515b3407afccb506ee9cfd347	[["01a1fedecf5070009872f460d2b5bc00","queued",1,1795277377360878]]	2026-11-21 16:09:37.360878+00
\\x22feabafb55446abbdc69319bb8218646aac2b8c185356800e460951d376c064	POST	/v1/sms/send	\\xe3cb520281777f9a761a5ba713692ec33418d9cd708570b667c47f1906541a81	[["01a1fedecfc17000ae7ed273377c8c00","queued",1,1795277377473647]]	2026-11-21 16:09:37.473647+00
\\x85e8fa7be865fb764f126613099e1f1c3b93afa209cfda9a4df5fce3c3dc5ab0	POST	/v1/sms/send	\\xbf90e785ce6fcb275a3b847f86386c9fbfb5ba8afcfe3054d97c1e61105b7b96	[["01a1fedecff77000a8ff7ecd29d20800","queued",1,1795277377527481]]	2026-11-21 16:09:37.527481+00
\\x707115d6076bab666b053d756f1bc9a778fffd4794e332ccd7563a0511587852	POST	/v1/sms/send	\\x3b6156a6b18d0bb487f8d10915aa3205fe05f4a19721a3e9423dd3592342fb30	[["01a1feded09a70008aaa4a0be31bf400","queued",2,1795277377690506]]	2026-11-21 16:09:37.690506+00
\\x8fb4b903c2f6131582e8a87aed27076b83e0de34c201cf2cd998aff358562a7f	POST	/v1/sms/send	\\xab85dee03b0482357cb50be12e7d4b869abf31212028634d9de14a6d2b538454	[["01a1feded15670009d0ad1fcf123e100","queued",1,1795277377878841]]	2026-11-21 16:09:37.878841+00
\\xa857e79cac2cca23831b2fdb1d52d530167e03c276487f34a00304565710c3ba	POST	/v1/sms/send	\\x269a7def6de312c1b581dae7132660e51b53a6b35064d63b869bc3d2a9ccfaa5	[["01a1fedef22e70009da81bfbef6ed200","queued",1,1795277386286414]]	2026-11-21 16:09:46.286414+00
\\x97ed9e3ae30b9e4fa2f1ae089d0fd6d6bd673f946b2ba0dcc019c702c585c566	POST	/v1/sms/send	\\xa0e53bb303e5faf4e06a28c0ab42ecb1b491b156d5d90786a35c3792caf53833	[["01a1fedf00ab7000a45f587387fdc500","queued",1,1795277389995307]]	2026-11-21 16:09:49.995307+00
\\x73cec243b499bf5d925237058c4d887e7bcdf58b75449ddbe0534a6630668956	POST	/v1/sms/send	\\xdd6e2d706ae2734fb961bcefc31f58d7bfaed516e6f9fc645cfe684ec9d04de4	[["01a1fedf00f47000b3bb72cff9cf8100","queued",1,1795277390068852]]	2026-11-21 16:09:50.068852+00
\\x3e6147c0455c7d9a9b985bded2e3dc676dac412ceda5be986c49424b5e7767ac	POST	/v1/sms/send	\\xecbb489a53b6579f8b7ac9442e6f35d753ec65a104cc07e8dd0e502bce69bc3c	[["01a1fedf218a7000b0228a2091bc0300","queued",1,1795277398410496]]	2026-11-21 16:09:58.410496+00
\\x187be6e2679d2f56de50a73551cd3cc35bb759a16476a5c65dedc1ecd702bb84	POST	/v1/sms/send	\\xd6d9de76c59199610c25750425b794f2fad5c0e1c810798b432193e7c3e7befd	[["01a1fedf21917000a86f35fb6bdf1600","queued",1,1795277398417548]]	2026-11-21 16:09:58.417548+00
\\x00f9e8a6f2b3e55c7daf77f742d3d8b5e0a15d89114d8c43ce4793ef6ec41daf	POST	/v1/sms/send	\\xac6f24fd6e65b8c46c474bbb18e9a322428643f7697a4d0ddc0193421ed04459	[["01a1fedf21bb7000a0cf22f794ebb700","queued",1,1795277398459764]]	2026-11-21 16:09:58.459764+00
\\x5a492145de4147beec120e9e255decbb34b4edca6cf0ced1c9c7f43b26035e75	POST	/v1/sms/send	\\x7ef7dd02b24dbc9425e0daa8fd911dc7644cd2597f170f315e7e97ce1adbe5ef	[["01a1fedf2d4f70009fdb53686cf07d00","queued",1,1795277401423926]]	2026-11-21 16:10:01.423926+00
\.


--
-- Data for Name: inbound; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.inbound (id, operator, sender, recipient, body, at, account, env, sub_tenant, keyword, action, reply_to) FROM stdin;
01a1fede-d2b0-7000-aca5-42a47fe0e300	alpha	+447700900888	+447700900999	"STOP"	2026-11-21 16:09:38.188772+00	acme	live		STOP	stop	\N
01a1fede-d24b-7000-9658-cf7b298be300	alpha	erased:78fc9416927115ae2c6296219e467c8a	+447700900999	""	2026-11-21 16:09:38.088015+00	acme	live		\N	\N	01a1fede-d156-7000-9d0a-d1fcf123e100
\.


--
-- Data for Name: inbound_parts; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.inbound_parts (number, operator, sender, recipient, concat_ref, total, part, body, data, at, fingerprint, joined, answered) FROM stdin;
2	alpha	+447700900888	+447700900999	-1	1	1	""	\N	2026-11-21 16:09:38.188772+00	\\x1b9c36f8d95cf9b26d25a789f40e871e	t	t
3	alpha	+447700900666	+447700900999	42	2	1	"The first half"	\N	2026-11-21 16:09:38.294166+00	\\x5a9d961563e3cc7220ff6bdb362b1a24	f	t
1	alpha	erased:78fc9416927115ae2c6296219e467c8a	+447700900999	-1	1	1	""	\N	2026-11-21 16:09:38.088015+00	\\x	t	t
\.


--
-- Data for Name: keys; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.keys (digest, key_id, account, document) FROM stdin;
\\xdf1361e940446d68bc8427c55a4cd70bf8e4171f69dc95de296bb6c19d17a03f	key_273456d49af42eb3	acme	{"key_id":"key_273456d49af42eb3","digest":"df1361e940446d68bc8427c55a4cd70bf8e4171f69dc95de296bb6c19d17a03f","account":"acme","env":"live","scopes":["read:messages","send:sms"],"created_at":1795277347797576,"expires_at":null,"revoked_at":null,"allow_from":[],"member":null,"sub_tenant":null}
\\x6656c871d09aee61a5f3aca4989ea4fed9b94acb62866c5ccef3d46649c6ca3a	key_064d2ca73c050d25	acme	{"key_id":"key_064d2ca73c050d25","digest":"6656c871d09aee61a5f3aca4989ea4fed9b94acb62866c5ccef3d46649c6ca3a","account":"acme","env":"test","scopes":["read:messages","send:sms"],"created_at":1795277351000767,"expires_at":null,"revoked_at":null,"allow_from":[],"member":null,"sub_tenant":null}
\\xf0888092f4176ccb1a5dbe1d0cccabebd1e5fa703293c819e7998c7db5034455	key_b42be38639d9908f	other	{"key_id":"key_b42be38639d9908f","digest":"f0888092f4176ccb1a5dbe1d0cccabebd1e5fa703293c819e7998c7db5034455","account":"other","env":"live","scopes":["read:messages","send:sms"],"created_at":1795277353932857,"expires_at":null,"revoked_at":null,"allow_from":["127.0.0.0/8"],"member":null,"sub_tenant":null}
\\x8040a0d5ab61f2d699509c9ba84c2fbdfb481ff23380ef59eca10b96df328dde	key_0ff8b74004f7f60f	acme	{"key_id":"key_0ff8b74004f7f60f","digest":"8040a0d5ab61f2d699509c9ba84c2fbdfb481ff23380ef59eca10b96df328dde","account":"acme","env":"live","scopes":["admin","read:messages"],"created_at":1795277359979792,"expires_at":null,"revoked_at":null,"allow_from":[],"member":"ann","sub_tenant":null}
\\x3b47d6830d350dddb89d5e0d6ed8eaa1fe2c558699e43357ebc309d14f11fcfc	key_db92a710382ef90d	acme	{"key_id":"key_db92a710382ef90d","digest":"3b47d6830d350dddb89d5e0d6ed8eaa1fe2c558699e43357ebc309d14f11fcfc","account":"acme","env":"live","scopes":["read:messages","send:sms"],"created_at":1795277356688194,"expires_at":null,"revoked_at":1795277363017918,"allow_from":[],"member":null,"sub_tenant":null}
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
01a1fede-cff7-7000-a8ff-7ecd29d20800	acme	live	+447700900999	+447700901103		1	2026-11-21 16:09:37.527481+00	2026-11-24 16:09:37.527481+00	["orchestrator","This one is second",1,null,0,null,"{\\"order\\":\\"second\\",\\"name\\":\\"Zoë 👋\\"}","key_273456d49af42eb3","req_01M7ZDXKZQH54THG8W29P2BDFT",null,null,false,null,null]	delivered	beta	\N	\N	2026-11-21 16:09:37.586986+00	0	[null,"all",2,1,["alpha"],2,1,false,1,1795277377553161,["carrier_error","ESME_RINVMSGLEN","ESME_RINVMSGLEN",1795277377553161],2,[[2,1,"beta",3,"0000005000",null,1795277377568631,1795277377586986,null,null]]]
01a1fede-ce21-7000-b0f8-32453d71b300	acme	live	+447700900999	+447700901100		1	2026-11-21 16:09:37.05797+00	2026-11-24 16:09:37.05797+00	["orchestrator","This one is delivered",1,null,0,null,"{\\"order\\":\\"delivered\\",\\"name\\":\\"Zoë 👋\\"}","key_273456d49af42eb3","req_01M7ZDXKGWJX82SS85WG6VAE6Y",null,null,false,null,null]	delivered	alpha	\N	\N	2026-11-21 16:09:37.264292+00	0	[null,"all",1,1,[],1,1,false,1,1795277377220706,null,2,[[1,1,"alpha",3,"0000000001",null,1795277377220706,1795277377264292,null,null]]]
01a1fede-cf50-7000-9872-f460d2b5bc00	acme	live	+447700900999	+447700901101		1	2026-11-21 16:09:37.360878+00	2026-11-24 16:09:37.360878+00	["orchestrator","This one is undelivered",1,null,0,null,"{\\"order\\":\\"undelivered\\",\\"name\\":\\"Zoë 👋\\"}","key_273456d49af42eb3","req_01M7ZDXKTGP7C18YSK6MEDSZ1Z",null,null,false,null,null]	failed	alpha	\N	\N	2026-11-21 16:09:37.390447+00	0	["carrier_error","all",1,1,[],1,1,false,1,1795277377381369,["carrier_error","receipt: UNDELIV err:001","UNDELIV err:001",1795277377390447],2,[[1,1,"alpha",5,"0000000002","UNDELIV err:001",1795277377381369,1795277377390447,null,null]]]
01a1fede-cfc1-7000-ae7e-d273377c8c00	acme	live	+447700900999	+447700901102		1	2026-11-21 16:09:37.473647+00	2026-11-24 16:09:37.473647+00	["orchestrator","This one is refused",1,null,0,null,"{\\"order\\":\\"refused\\",\\"name\\":\\"Zoë 👋\\"}","key_273456d49af42eb3","req_01M7ZDXKY1KXSBMV36B02DA7VF",null,null,false,null,null]	undeliverable	alpha	\N	\N	2026-11-21 16:09:37.500911+00	0	["invalid_number","all",1,1,[],1,1,false,1,1795277377500911,["invalid_number","refused by alpha: ESME_RINVDSTADR","ESME_RINVDSTADR",1795277377500911],1,[[1,1,"alpha",6,null,"ESME_RINVDSTADR",1795277377500911,null,null,null]]]
01a1fede-d09a-7000-8aaa-4a0be31bf400	acme	live	+447700900999	+447700901200		1	2026-11-21 16:09:37.690506+00	2026-11-24 16:09:37.690506+00	["orchestrator","All of this is long. All of this is long. All of this is long. All of this is long. All of this is long. All of this is long. All of this is long. All of this is long. All of this is long. All of this is long. All of this is long. All of this is long. ",2,null,46301,null,null,"key_273456d49af42eb3","req_01M7ZDXM4TW846F5VA6NV4PGTS",null,null,false,null,null]	delivered	alpha	\N	\N	2026-11-21 16:09:37.745538+00	0	[null,"all",1,1,[],1,2,false,1,1795277377737677,null,2,[[1,1,"alpha",3,"0000000003",null,1795277377737677,1795277377745379,null,null],[1,2,"alpha",3,"0000000004",null,1795277377737808,1795277377745538,null,null]]]
01a1fede-d137-7000-8b7c-73d687db1d00	acme	test	+447700900999	+447700901300		1	2026-11-21 16:09:37.847893+00	2026-11-24 16:09:37.847893+00	["orchestrator","Your code is 123456",1,null,0,null,null,"key_064d2ca73c050d25","req_01M7ZDXM9NQXMS5XJZXC8JZG2V",null,null,false,null,null]	delivered	simulated	\N	\N	2026-11-21 16:09:38.363962+00	0	[null,"test",1,1,[],1,1,false,1,1795277377863054,null,2,[[1,1,"simulated",3,"sim-01a1fede-d147-7000-a7c5-37032a3e6700",null,1795277377863054,1795277378363962,null,null]]]
01a1fede-d156-7000-9d0a-d1fcf123e100	acme	live	+447700900999	erased:78fc9416927115ae2c6296219e467c8a		1	2026-11-21 16:09:37.878841+00	2026-11-24 16:09:37.878841+00	["orchestrator","",1,null,0,null,null,"key_273456d49af42eb3","req_01M7ZDXMAPDA4B7DY4ZYNJCJKN",null,null,false,null,null]	delivered	alpha	\N	\N	2026-11-21 16:09:37.915626+00	0	[null,"all",1,1,[],1,1,false,1,1795277377900664,null,2,[[1,1,"alpha",3,"0000000005",null,1795277377900664,1795277377915626,null,null]]]
01a1fedf-00ab-7000-a45f-587387fdc500	acme	live	+447700900999	+447700901500		1	2026-11-21 16:09:49.995307+00	2026-11-24 16:09:49.995307+00	["orchestrator","This one is tried_again",1,null,0,"http://127.0.0.1:29923/hooks",null,"key_273456d49af42eb3","req_01M7ZDY05BMAKRYXZB3RHMAYQ5",null,null,false,null,null]	delivered	alpha	\N	\N	2026-11-21 16:09:50.048903+00	0	[null,"all",1,1,[],1,1,false,1,1795277390009257,null,2,[[1,1,"alpha",3,"0000000008",null,1795277390009257,1795277390048903,null,null]]]
01a1fedf-218a-7000-b022-8a2091bc0300	acme	live	+447700900999	+4917009017		1	2026-11-21 16:09:58.410496+00	2026-11-24 16:09:58.410496+00	["orchestrator","This one is waiting",1,null,0,null,null,"key_273456d49af42eb3","req_01M7ZDY8C8W2VN2KYDP7NR51CB",null,null,false,null,null]	queued	gamma	\N	2026-11-21 16:09:58.410496+00	\N	0	[null,"de",0,0,[],1,0,false,0,null,null,0,[]]                                                                                                                   
01a1fedf-2191-7000-a86f-35fb6bdf1600	acme	live	+447700900999	+447700901700		1	2026-11-21 16:09:58.417548+00	2026-11-24 16:09:58.417548+00	["orchestrator","This one is sent",1,null,0,null,null,"key_273456d49af42eb3","req_01M7ZDY8CHHS7HZ3GPT9RT9R1Z",null,null,false,null,null]	sent	alpha	\N	\N	\N	0	[null,"all",1,1,[],1,1,false,1,1795277398424655,null,1,[[1,1,"alpha",2,"0000000010",null,1795277398424655,null,null,null]]]                                     
01a1fede-d2b0-7002-8010-21b8361abb00	acme	live	+447700900999	+447700900888		0	2026-11-21 16:09:38.224594+00	2026-11-22 16:09:38.224594+00	["orchestrator","You are unsubscribed and will get no more messages. Reply START to resubscribe.",1,null,0,null,null,"reply","",null,null,true,null,null]	delivered	alpha	\N	\N	2026-11-21 16:09:38.346133+00	0	[null,"reply",1,1,[],1,1,false,1,1795277378320401,null,0,[[1,1,"alpha",3,"0000000006",null,1795277378320401,1795277378346133,null,null]]]
01a1fedf-00f4-7000-b3bb-72cff9cf8100	acme	live	+447700900999	+447700901600		1	2026-11-21 16:09:50.068852+00	2026-11-24 16:09:50.068852+00	["orchestrator","This one is under_way",1,null,0,null,null,"key_273456d49af42eb3","req_01M7ZDY07MJTTAJCKYFW4V5HM5",null,null,false,null,null]	delivered	alpha	\N	\N	2026-11-21 16:09:50.156715+00	0	[null,"all",1,1,[],1,1,false,1,1795277390098081,null,2,[[1,1,"alpha",3,"0000000009",null,1795277390098081,1795277390156715,null,null]]]
01a1fede-f22e-7000-9da8-1bfbef6ed200	acme	live	+447700900999	+447700901400		1	2026-11-21 16:09:46.286414+00	2026-11-24 16:09:46.286414+00	["orchestrator","This one is given_up",1,null,0,"http://127.0.0.1:29922/gone",null,"key_273456d49af42eb3","req_01M7ZDXWHDEXJAEH94HRMEN91D",null,null,false,null,null]	delivered	alpha	\N	\N	2026-11-21 16:09:46.372781+00	0	[null,"all",1,1,[],1,1,false,1,1795277386317944,null,2,[[1,1,"alpha",3,"0000000007",null,1795277386317944,1795277386372781,null,null]]]
01a1fedf-21bb-7000-a0cf-22f794ebb700	acme	live	+447700900999	+447700901800		1	2026-11-21 16:09:58.459764+00	2026-11-24 16:09:58.459764+00	["orchestrator","This one is in_doubt",1,null,0,null,null,"key_273456d49af42eb3","req_01M7ZDY8DVE568FN7T9FTVKX28",null,null,false,null,null]	queued	alpha	\N	2026-11-21 16:14:58.490047+00	\N	1	[null,"all",1,1,[],1,1,true,1,null,null,0,[[1,1,"alpha",1,null,"the link was lost before the answer",1795277398490047,null,null,null]]]                         
01a1fedf-2d4f-7000-9fdb-53686cf07d00	acme	live	+447700900999	+447700901900		1	2026-11-21 16:10:01.423926+00	2026-11-24 16:10:01.423926+00	["orchestrator","This one is in_hand",1,null,0,null,null,"key_273456d49af42eb3","req_01M7ZDYBAFEYSWH999R3BGK65T",null,null,false,null,null]	queued	alpha	1	\N	\N	0	[null,"all",1,1,[],1,1,false,1,null,null,0,[]]                                                                                                                  
01a1fedf-2f6a-7000-ae56-26dbcd302700	acme	live	+447700900999	+447700902000		1	2026-11-21 16:10:01.96262+00	2026-11-24 16:10:01.96262+00	["orchestrator","Привет 👋",1,null,0,null,null,"","",null,1795279201962620,false,null,null]	scheduled	alpha	\N	2026-11-21 16:40:01.96262+00	\N	0	[null,"all",0,0,[],1,0,false,0,null,null,0,[]]                                                                                                                  
01a1fedf-2f6a-7001-aa3d-f2d99d794d00	acme	live	+447700900999	+447700902000		1	2026-11-21 16:10:01.96262+00	2026-11-24 16:10:01.96262+00	["orchestrator","Привет 👋",1,null,0,null,null,"","",null,1795279201962620,false,null,null]	canceled	alpha	\N	\N	2026-11-21 16:10:01.96262+00	0	[null,"all",0,0,[],1,0,false,0,null,null,0,[]]
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
+447700900999		acme	live	2026-11-21 16:09:25.982415+00
60777	win	other	live	2026-11-21 16:09:28.576002+00
\.


--
-- Data for Name: operator_states; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.operator_states (operator, process, at, state, binds, waiting, in_flight, ailing) FROM stdin;
alpha	1	2026-11-21 16:10:01.480508+00	up	[{"bind": 0, "since": "2026-11-21T16:09:59+00:00", "state": "bound", "window": 100, "last_error": "closed by the peer", "message_ids": "as_is", "window_used": 1, "reconnect_at": null}]	0	1	[]
beta	1	2026-11-21 16:10:01.480508+00	up	[{"bind": 0, "since": "2026-11-21T16:09:37+00:00", "state": "bound", "window": 100, "last_error": null, "message_ids": "any", "window_used": 0, "reconnect_at": null}]	0	0	[]
gamma	1	2026-11-21 16:10:01.480508+00	down	[{"bind": 0, "since": "2026-11-21T16:10:01+00:00", "state": "waiting", "window": 100, "last_error": "ConnectionRefusedError: [Errno 111] Connection refused", "message_ids": "any", "window_used": 0, "reconnect_at": "2026-11-21T16:10:01+00:00"}]	0	0	[]
simulated	1	2026-11-21 16:10:01.480508+00	up	[]	0	0	[]
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
01a1fede-cff7-7000-a8ff-7ecd29d20800	1	1	alpha	6	\N	ESME_RINVMSGLEN	2026-11-21 16:09:37.553161+00	\N	+447700900999	+447700901103
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

COPY public.processes (number, token, boot_id, pid, started_at, commands_seen, lease_until, ended_at, recovered_at, sends) FROM stdin;
1	1	c4e87097-d876-4b9b-8e1a-43fcc6f5b56c	12171	2026-11-21 16:09:36.594731+00	2	2026-11-21 16:10:04.178966+00	\N	\N	t
\.


--
-- Data for Name: schema_migrations; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.schema_migrations (name, checksum, applied_at) FROM stdin;
0001_pre_begin	08cc42a074cafb1ef5f6b927f7ac6f4d2192952f7366b9388bb09e055c8f4911	2026-11-21 16:08:56.436185+00
0002_pre_erasure	9e14b93f758a1055a7b7164b72b2784851e5966be8690d7e992598250a92e624	2026-11-21 16:08:56.436185+00
0003_pre_binds	0311a13bc2e7b7a769ec7193685594812cf3071faacc9dfb79ad2f7f3f4777bc	2026-11-21 16:08:56.436185+00
0004_pre_standings	ec2c7cb2ded210ff5e0bb37ceb36d017c4d9c3a5538ccc18af5ce1eb4de734ec	2026-11-21 16:08:56.436185+00
\.


--
-- Data for Name: suppressions; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.suppressions (number, account, env, sub_tenant, reason, created_at) FROM stdin;
+447700900999	acme	live		manual	2026-11-21 16:09:31.514065+00
+447700901102	acme	live		invalid_number	2026-11-21 16:09:37.500911+00
+447700900888	acme	live		stop	2026-11-21 16:09:38.224594+00
erased:78fc9416927115ae2c6296219e467c8a	acme	live		erased	2026-11-21 16:09:42.094482+00
\.


--
-- Data for Name: unfinished; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.unfinished (id, operator, priority, expires_at, owner, next_at, account, env, status) FROM stdin;
01a1fedf-218a-7000-b022-8a2091bc0300	gamma	1	2026-11-24 16:09:58.410496+00	\N	2026-11-21 16:09:58.410496+00	acme	live	queued
01a1fedf-2191-7000-a86f-35fb6bdf1600	alpha	1	2026-11-24 16:09:58.417548+00	\N	\N	acme	live	sent
01a1fedf-21bb-7000-a0cf-22f794ebb700	alpha	1	2026-11-24 16:09:58.459764+00	\N	2026-11-21 16:14:58.490047+00	acme	live	queued
01a1fedf-2d4f-7000-9fdb-53686cf07d00	alpha	1	2026-11-24 16:10:01.423926+00	1	\N	acme	live	queued
01a1fedf-2f6a-7000-ae56-26dbcd302700	alpha	1	2026-11-24 16:10:01.96262+00	\N	2026-11-21 16:40:01.96262+00	acme	live	scheduled
\.


--
-- Data for Name: webhooks; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.webhooks (id, subject, seq, account, destination, document, state, owner, next_at, attempts, body, settled_at, error) FROM stdin;
01a1fede-cec4-7000-8cd3-e0339f71ab00	01a1fede-ce21-7000-b0f8-32453d71b300	1	acme	acme http://127.0.0.1:29922	["live","orchestrator","sent",1795277377220706,"http://127.0.0.1:29922/hooks",{"message_id":"01a1fede-ce21-7000-b0f8-32453d71b300","status":"sent","reason":null,"recipient":"+447700901100","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":"{\\"order\\":\\"delivered\\",\\"name\\":\\"Zoë 👋\\"}","operator_error":null}]	2	\N	2026-11-21 16:09:37.220706+00	1	\N	2026-11-21 16:09:37.268605+00	\N
01a1fede-cef0-7000-b1e6-9f3fd0d21b00	01a1fede-ce21-7000-b0f8-32453d71b300	2	acme	acme http://127.0.0.1:29922	["live","orchestrator","delivered",1795277377264292,"http://127.0.0.1:29922/hooks",{"message_id":"01a1fede-ce21-7000-b0f8-32453d71b300","status":"delivered","reason":null,"recipient":"+447700901100","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":"{\\"order\\":\\"delivered\\",\\"name\\":\\"Zoë 👋\\"}","operator_error":null}]	2	\N	2026-11-21 16:09:37.264292+00	1	\N	2026-11-21 16:09:37.35608+00	\N
01a1fede-cf65-7000-96c3-4daf651ffd00	01a1fede-cf50-7000-9872-f460d2b5bc00	1	acme	acme http://127.0.0.1:29922	["live","orchestrator","sent",1795277377381369,"http://127.0.0.1:29922/hooks",{"message_id":"01a1fede-cf50-7000-9872-f460d2b5bc00","status":"sent","reason":null,"recipient":"+447700901101","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":"{\\"order\\":\\"undelivered\\",\\"name\\":\\"Zoë 👋\\"}","operator_error":null}]	2	\N	2026-11-21 16:09:37.381369+00	1	\N	2026-11-21 16:09:37.401837+00	\N
01a1fede-cf6e-7000-a02a-da6b2d237000	01a1fede-cf50-7000-9872-f460d2b5bc00	2	acme	acme http://127.0.0.1:29922	["live","orchestrator","failed",1795277377390447,"http://127.0.0.1:29922/hooks",{"message_id":"01a1fede-cf50-7000-9872-f460d2b5bc00","status":"failed","reason":"carrier_error","recipient":"+447700901101","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":"{\\"order\\":\\"undelivered\\",\\"name\\":\\"Zoë 👋\\"}","operator_error":"UNDELIV err:001"}]	2	\N	2026-11-21 16:09:37.390447+00	1	\N	2026-11-21 16:09:37.445127+00	\N
01a1fede-cfdc-7000-9d53-ba95397a5b00	01a1fede-cfc1-7000-ae7e-d273377c8c00	1	acme	acme http://127.0.0.1:29922	["live","orchestrator","undeliverable",1795277377500911,"http://127.0.0.1:29922/hooks",{"message_id":"01a1fede-cfc1-7000-ae7e-d273377c8c00","status":"undeliverable","reason":"invalid_number","recipient":"+447700901102","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":"{\\"order\\":\\"refused\\",\\"name\\":\\"Zoë 👋\\"}","operator_error":"ESME_RINVDSTADR"}]	2	\N	2026-11-21 16:09:37.500911+00	1	\N	2026-11-21 16:09:37.515411+00	\N
01a1fede-d020-7000-ac24-bf830db3b600	01a1fede-cff7-7000-a8ff-7ecd29d20800	1	acme	acme http://127.0.0.1:29922	["live","orchestrator","sent",1795277377568631,"http://127.0.0.1:29922/hooks",{"message_id":"01a1fede-cff7-7000-a8ff-7ecd29d20800","status":"sent","reason":null,"recipient":"+447700901103","sender":"+447700900999","segment_count":1,"operator":"beta","route":"all","attempts":2,"metadata":"{\\"order\\":\\"second\\",\\"name\\":\\"Zoë 👋\\"}","operator_error":"ESME_RINVMSGLEN"}]	2	\N	2026-11-21 16:09:37.568631+00	1	\N	2026-11-21 16:09:37.649238+00	\N
01a1fede-d032-7000-86cd-fda9eb049000	01a1fede-cff7-7000-a8ff-7ecd29d20800	2	acme	acme http://127.0.0.1:29922	["live","orchestrator","delivered",1795277377586986,"http://127.0.0.1:29922/hooks",{"message_id":"01a1fede-cff7-7000-a8ff-7ecd29d20800","status":"delivered","reason":null,"recipient":"+447700901103","sender":"+447700900999","segment_count":1,"operator":"beta","route":"all","attempts":2,"metadata":"{\\"order\\":\\"second\\",\\"name\\":\\"Zoë 👋\\"}","operator_error":"ESME_RINVMSGLEN"}]	2	\N	2026-11-21 16:09:37.586986+00	1	\N	2026-11-21 16:09:37.676235+00	\N
01a1fede-d0c9-7000-891b-c8e7786e6700	01a1fede-d09a-7000-8aaa-4a0be31bf400	1	acme	acme http://127.0.0.1:29922	["live","orchestrator","sent",1795277377737808,"http://127.0.0.1:29922/hooks",{"message_id":"01a1fede-d09a-7000-8aaa-4a0be31bf400","status":"sent","reason":null,"recipient":"+447700901200","sender":"+447700900999","segment_count":2,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]	2	\N	2026-11-21 16:09:37.737808+00	1	\N	2026-11-21 16:09:37.77436+00	\N
01a1fede-d0d1-7000-ad03-86daa616de00	01a1fede-d09a-7000-8aaa-4a0be31bf400	2	acme	acme http://127.0.0.1:29922	["live","orchestrator","delivered",1795277377745538,"http://127.0.0.1:29922/hooks",{"message_id":"01a1fede-d09a-7000-8aaa-4a0be31bf400","status":"delivered","reason":null,"recipient":"+447700901200","sender":"+447700900999","segment_count":2,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]	2	\N	2026-11-21 16:09:37.745538+00	1	\N	2026-11-21 16:09:37.836961+00	\N
01a1fede-d156-7001-9f0b-8443aefa5500	01a1fede-d137-7000-8b7c-73d687db1d00	1	acme	acme http://127.0.0.1:29922	["test","orchestrator","sent",1795277377863054,"http://127.0.0.1:29922/hooks",{"message_id":"01a1fede-d137-7000-8b7c-73d687db1d00","status":"sent","reason":null,"recipient":"+447700901300","sender":"+447700900999","segment_count":1,"operator":"simulated","route":"test","attempts":1,"metadata":null,"operator_error":null}]	2	\N	2026-11-21 16:09:37.863054+00	1	\N	2026-11-21 16:09:37.932222+00	\N
01a1fede-d2b0-7001-9e24-8ef3f2774800	01a1fede-d2b0-7000-aca5-42a47fe0e300	1	acme	acme http://127.0.0.1:29922	["live","orchestrator","inbound",1795277378224594,"http://127.0.0.1:29922/hooks",{"inbound_id":"01a1fede-d2b0-7000-aca5-42a47fe0e300","sender":"+447700900888","recipient":"+447700900999","body":"STOP","keyword":"STOP","action":"stop","operator":"alpha","reply_to":null,"metadata":null}]	2	\N	2026-11-21 16:09:38.224594+00	1	\N	2026-11-21 16:09:38.26904+00	\N
01a1fede-d33b-7000-9bf4-a2d81f5a9200	01a1fede-d137-7000-8b7c-73d687db1d00	2	acme	acme http://127.0.0.1:29922	["test","orchestrator","delivered",1795277378363962,"http://127.0.0.1:29922/hooks",{"message_id":"01a1fede-d137-7000-8b7c-73d687db1d00","status":"delivered","reason":null,"recipient":"+447700901300","sender":"+447700900999","segment_count":1,"operator":"simulated","route":"test","attempts":1,"metadata":null,"operator_error":null}]	2	\N	2026-11-21 16:09:38.363962+00	1	\N	2026-11-21 16:09:38.434047+00	\N
01a1fede-d16c-7000-8b7f-6a52189e7000	01a1fede-d156-7000-9d0a-d1fcf123e100	1	acme	acme http://127.0.0.1:29922	["live","orchestrator","sent",1795277377900664,"http://127.0.0.1:29922/hooks",{"message_id":"01a1fede-d156-7000-9d0a-d1fcf123e100","status":"sent","reason":null,"recipient":"erased:78fc9416927115ae2c6296219e467c8a","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]	2	\N	2026-11-21 16:09:37.900664+00	1	\N	2026-11-21 16:09:37.9732+00	\N
01a1fede-d24b-7001-b36d-ea44e8c84600	01a1fede-d24b-7000-9658-cf7b298be300	1	acme	acme http://127.0.0.1:29922	["live","orchestrator","inbound",1795277378123585,"http://127.0.0.1:29922/hooks",{"inbound_id":"01a1fede-d24b-7000-9658-cf7b298be300","sender":"erased:78fc9416927115ae2c6296219e467c8a","recipient":"+447700900999","body":"","keyword":null,"action":null,"operator":"alpha","reply_to":"01a1fede-d156-7000-9d0a-d1fcf123e100","metadata":null}]	2	\N	2026-11-21 16:09:38.123585+00	1	\N	2026-11-21 16:09:38.155325+00	\N
01a1fede-d16c-7001-8862-45a5ff89b800	01a1fede-d156-7000-9d0a-d1fcf123e100	2	acme	acme http://127.0.0.1:29922	["live","orchestrator","delivered",1795277377900664,"http://127.0.0.1:29922/hooks",{"message_id":"01a1fede-d156-7000-9d0a-d1fcf123e100","status":"delivered","reason":null,"recipient":"erased:78fc9416927115ae2c6296219e467c8a","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]	2	\N	2026-11-21 16:09:37.900664+00	1	\N	2026-11-21 16:09:38.075579+00	\N
01a1fede-f24d-7000-9c7f-96f94169e200	01a1fede-f22e-7000-9da8-1bfbef6ed200	1	acme	acme http://127.0.0.1:29922	["live","orchestrator","sent",1795277386317944,"http://127.0.0.1:29922/gone",{"message_id":"01a1fede-f22e-7000-9da8-1bfbef6ed200","status":"sent","reason":null,"recipient":"+447700901400","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]	3	\N	2026-11-21 16:09:46.317944+00	1	\\x7b226964223a2230316131666564652d663234642d373030302d396337662d393666393431363965323030222c2274797065223a226d6573736167652e73656e74222c226f636375727265644174223a22323032362d31312d32315431363a30393a34362e3331375a222c2264617461223a7b226d6573736167654964223a2230316131666564652d663232652d373030302d396461382d316266626566366564323030222c22737461747573223a2253454e54222c22726561736f6e223a6e756c6c2c22746f223a222b343437373030393031343030222c2266726f6d223a222b343437373030393030393939222c227365676d656e74436f756e74223a312c226f70657261746f724964223a22616c706861222c22726f7574654964223a22616c6c222c22617474656d7074436f756e74223a312c226f70657261746f724572726f72223a6e756c6c2c226d65746164617461223a7b7d7d7d	2026-11-21 16:09:46.356666+00	410: 
01a1fedf-2198-7000-996b-da124a68ae00	01a1fedf-2191-7000-a86f-35fb6bdf1600	1	acme	acme http://127.0.0.1:29922	["live","orchestrator","sent",1795277398424655,"http://127.0.0.1:29922/hooks",{"message_id":"01a1fedf-2191-7000-a86f-35fb6bdf1600","status":"sent","reason":null,"recipient":"+447700901700","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]	1	1	2026-11-21 16:09:58.424655+00	0	\N	\N	\N
01a1fede-f284-7000-a6e8-13f25877e600	01a1fede-f22e-7000-9da8-1bfbef6ed200	2	acme	acme http://127.0.0.1:29922	["live","orchestrator","delivered",1795277386372781,"http://127.0.0.1:29922/gone",{"message_id":"01a1fede-f22e-7000-9da8-1bfbef6ed200","status":"delivered","reason":null,"recipient":"+447700901400","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]	3	\N	2026-11-21 16:09:46.372781+00	1	\\x7b226964223a2230316131666564652d663238342d373030302d613665382d313366323538373765363030222c2274797065223a226d6573736167652e64656c697665726564222c226f636375727265644174223a22323032362d31312d32315431363a30393a34362e3337325a222c2264617461223a7b226d6573736167654964223a2230316131666564652d663232652d373030302d396461382d316266626566366564323030222c22737461747573223a2244454c495645524544222c22726561736f6e223a6e756c6c2c22746f223a222b343437373030393031343030222c2266726f6d223a222b343437373030393030393939222c227365676d656e74436f756e74223a312c226f70657261746f724964223a22616c706861222c22726f7574654964223a22616c6c222c22617474656d7074436f756e74223a312c226f70657261746f724572726f72223a6e756c6c2c226d65746164617461223a7b7d7d7d	2026-11-21 16:09:46.467596+00	410: 
01a1fedf-0112-7000-8601-d0e696a51200	01a1fedf-00f4-7000-b3bb-72cff9cf8100	1	acme	acme http://127.0.0.1:29922	["live","orchestrator","sent",1795277390098081,"http://127.0.0.1:29922/hooks",{"message_id":"01a1fedf-00f4-7000-b3bb-72cff9cf8100","status":"sent","reason":null,"recipient":"+447700901600","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]	1	1	2026-11-21 16:09:50.098081+00	0	\N	\N	\N
01a1fedf-014c-7000-be79-5881949b4c00	01a1fedf-00f4-7000-b3bb-72cff9cf8100	2	acme	acme http://127.0.0.1:29922	["live","orchestrator","delivered",1795277390156715,"http://127.0.0.1:29922/hooks",{"message_id":"01a1fedf-00f4-7000-b3bb-72cff9cf8100","status":"delivered","reason":null,"recipient":"+447700901600","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]	0	\N	2026-11-21 16:09:50.156715+00	0	\N	\N	\N
01a1fedf-00b9-7000-a2ab-21e2c8aa3800	01a1fedf-00ab-7000-a45f-587387fdc500	1	acme	acme http://127.0.0.1:29923	["live","orchestrator","sent",1795277390009257,"http://127.0.0.1:29923/hooks",{"message_id":"01a1fedf-00ab-7000-a45f-587387fdc500","status":"sent","reason":null,"recipient":"+447700901500","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]	0	\N	2026-11-21 16:10:25.073026+00	2	\\x7b226964223a2230316131666564662d303062392d373030302d613261622d323165326338616133383030222c2274797065223a226d6573736167652e73656e74222c226f636375727265644174223a22323032362d31312d32315431363a30393a35302e3030395a222c2264617461223a7b226d6573736167654964223a2230316131666564662d303061622d373030302d613435662d353837333837666463353030222c22737461747573223a2253454e54222c22726561736f6e223a6e756c6c2c22746f223a222b343437373030393031353030222c2266726f6d223a222b343437373030393030393939222c227365676d656e74436f756e74223a312c226f70657261746f724964223a22616c706861222c22726f7574654964223a22616c6c222c22617474656d7074436f756e74223a312c226f70657261746f724572726f72223a6e756c6c2c226d65746164617461223a7b7d7d7d	\N	no connection to http://127.0.0.1:29923: Connection refused
01a1fedf-00e0-7000-b79a-8ac8fce35800	01a1fedf-00ab-7000-a45f-587387fdc500	2	acme	acme http://127.0.0.1:29923	["live","orchestrator","delivered",1795277390048903,"http://127.0.0.1:29923/hooks",{"message_id":"01a1fedf-00ab-7000-a45f-587387fdc500","status":"delivered","reason":null,"recipient":"+447700901500","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]	0	\N	2026-11-21 16:10:25.073026+00	0	\N	\N	\N
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

\unrestrict P7j4ZS99HCqGF06i6EL4puOclhA48yRjgysOy6rDRs801uLu0Cii1Cwz29NHOlY

