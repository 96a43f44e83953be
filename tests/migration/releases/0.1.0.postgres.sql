--
-- PostgreSQL database dump
--

\restrict to0zSRzG6KkyqKkcST2naevEtkxFwAodTYvcM6c3QykzSfhbkuXCiyJaNBvijLY

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
    state text NOT NULL
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
    state text NOT NULL
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
    state text NOT NULL
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
    state text NOT NULL
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
    state text NOT NULL
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
    state text NOT NULL
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
    in_flight integer NOT NULL
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
    next_at timestamp with time zone
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
other	{"name":"other","created_at":1795274346977225,"live":{"webhook_url":null,"webhook_format":"orchestrator","webhook_events":["canceled","delivered","failed","inbound","undeliverable"],"default_sender":null,"allowed_senders":null,"rate_per_s":0.0,"stop_replies":true,"stop_reply_text":"You are unsubscribed and will get no more messages. Reply START to resubscribe.","start_reply_text":"You are subscribed again. Reply STOP to unsubscribe.","help_reply_text":"Reply STOP to unsubscribe. Message and data rates may apply.","suppress_on":["blocked","invalid_number","opted_out"]},"test":{"webhook_url":null,"webhook_format":"orchestrator","webhook_events":["canceled","delivered","failed","inbound","undeliverable"],"default_sender":null,"allowed_senders":null,"rate_per_s":0.0,"stop_replies":true,"stop_reply_text":"You are unsubscribed and will get no more messages. Reply START to resubscribe.","start_reply_text":"You are subscribed again. Reply STOP to unsubscribe.","help_reply_text":"Reply STOP to unsubscribe. Message and data rates may apply.","suppress_on":["blocked","invalid_number","opted_out"]},"secrets_sealed":["01fe3a681d1a3d0807659eb2fd7ad5c53a9fa5d5d583eac9efd55f968ba703f7c17e9d946554162b99eea9e294a213697967df6117"],"old_secret_until":null,"disabled":false}
acme	{"name":"acme","created_at":1795274344687597,"live":{"webhook_url":"http://127.0.0.1:26650/hooks","webhook_format":"orchestrator","webhook_events":["delivered","failed","inbound","sent","undeliverable"],"default_sender":null,"allowed_senders":null,"rate_per_s":0.0,"stop_replies":true,"stop_reply_text":"You are unsubscribed and will get no more messages. Reply START to resubscribe.","start_reply_text":"You are subscribed again. Reply STOP to unsubscribe.","help_reply_text":"Reply STOP to unsubscribe. Message and data rates may apply.","suppress_on":["blocked","invalid_number","opted_out"]},"test":{"webhook_url":"http://127.0.0.1:26650/hooks","webhook_format":"orchestrator","webhook_events":["delivered","failed","inbound","sent","undeliverable"],"default_sender":null,"allowed_senders":null,"rate_per_s":0.0,"stop_replies":true,"stop_reply_text":"You are unsubscribed and will get no more messages. Reply START to resubscribe.","start_reply_text":"You are subscribed again. Reply STOP to unsubscribe.","help_reply_text":"Reply STOP to unsubscribe. Message and data rates may apply.","suppress_on":["blocked","invalid_number","opted_out"]},"secrets_sealed":["014e025dc051dd08eb3b618a16cd371397f756536a31898b8a3c82fc8d174b1cb0a146acedfaa21059e9a29fa8dd1ae503b8874ef8"],"old_secret_until":null,"disabled":false}
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
alpha	0000000001	+447700901100	01a1feb1-126a-7000-80b4-e5a68cbf7b00	1	1	+447700900999	2026-11-21 15:19:40.046017+00	\N
alpha	0000000002	+447700901101	01a1feb1-1384-7000-994e-7bef5f917a00	1	1	+447700900999	2026-11-21 15:19:40.185372+00	\N
beta	0000005000	+447700901103	01a1feb1-141a-7000-b8a9-245745ab1200	2	1	+447700900999	2026-11-21 15:19:40.385733+00	\N
alpha	0000000003	+447700901200	01a1feb1-152e-7000-835e-89c4f5f3b100	1	1	+447700900999	2026-11-21 15:19:40.61723+00	\N
alpha	0000000004	+447700901200	01a1feb1-152e-7000-835e-89c4f5f3b100	1	2	+447700900999	2026-11-21 15:19:40.622627+00	\N
simulated	sim-01a1feb1-1623-7000-924b-ac5225936000	+447700901300	01a1feb1-1614-7000-975c-7377ac514400	1	1	+447700900999	2026-11-21 15:19:40.835503+00	\N
alpha	0000000006	+447700900888	01a1feb1-170d-7002-9dfb-6b9630fdba00	1	1	+447700900999	2026-11-21 15:19:41.110352+00	\N
alpha	0000000005	erased:de0a96065ba7b950ebd4da59994779b6	01a1feb1-1624-7000-bce2-02859ca80b00	1	1	+447700900999	2026-11-21 15:19:40.878133+00	\N
beta	777777	+33700900555	\N	\N	\N	+447700900999	2026-11-21 15:19:46.969873+00	[["beta","777777","+447700900999","+33700900555",3,null,"DELIVRD err:000",1795274386969873,null]]
alpha	0000000007	+447700901400	01a1feb1-2e38-7000-bf41-a611835cd700	1	1	+447700900999	2026-11-21 15:19:47.049221+00	\N
alpha	0000000008	+447700901500	01a1feb1-33da-7000-b38b-4deae013d700	1	1	+447700900999	2026-11-21 15:19:48.458188+00	\N
alpha	0000000009	+447700901600	01a1feb1-3408-7000-a5e7-ab88839fed00	1	1	+447700900999	2026-11-21 15:19:48.498053+00	\N
alpha	0000000010	+447700901700	01a1feb1-4684-7000-b879-3c3530c24700	1	1	+447700900999	2026-11-21 15:19:53.230571+00	\N
\.


--
-- Data for Name: commands; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.commands (number, verb, target, at, taken_at) FROM stdin;
1	pause	beta	2026-11-21 15:19:50.036966+00	2026-11-21 15:19:50.271884+00
2	resume	beta	2026-11-21 15:19:52.671255+00	2026-11-21 15:19:52.840669+00
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
\\xc514dcf3c1d34939f3804d82290d075907a18bcfebc12ebd8dac826dacb0d050	POST	/v1/sms/send	\\xb734adcc6968ab434d259da78d0615b6bb64d360738467b70d55b7a0bbc184c3	[["01a1feb1126a700080b4e5a68cbf7b00","queued",1,1795274379882469]]	2026-11-21 15:19:39.882469+00
\\x9a0a545d7a6a2366dadbecdc7b55f41212bacf9d0e73d4bf2a66866f971b1bec	POST	/v1/sms/send	\\xaf52766620822f3d723c4a03502659218dba71c515b3407afccb506ee9cfd347	[["01a1feb113847000994e7bef5f917a00","queued",1,1795274380164097]]	2026-11-21 15:19:40.164097+00
\\x22feabafb55446abbdc69319bb8218646aac2b8c185356800e460951d376c064	POST	/v1/sms/send	\\xe3cb520281777f9a761a5ba713692ec33418d9cd708570b667c47f1906541a81	[["01a1feb113e07000a25b6f08c75a9e00","queued",1,1795274380256518]]	2026-11-21 15:19:40.256518+00
\\x85e8fa7be865fb764f126613099e1f1c3b93afa209cfda9a4df5fce3c3dc5ab0	POST	/v1/sms/send	\\xbf90e785ce6fcb275a3b847f86386c9fbfb5ba8afcfe3054d97c1e61105b7b96	[["01a1feb1141a7000b8a9245745ab1200","queued",1,1795274380314454]]	2026-11-21 15:19:40.314454+00
\\x707115d6076bab666b053d756f1bc9a778fffd4794e332ccd7563a0511587852	POST	/v1/sms/send	\\x3b6156a6b18d0bb487f8d10915aa3205fe05f4a19721a3e9423dd3592342fb30	[["01a1feb1152e7000835e89c4f5f3b100","queued",2,1795274380590095]]	2026-11-21 15:19:40.590095+00
\\x8fb4b903c2f6131582e8a87aed27076b83e0de34c201cf2cd998aff358562a7f	POST	/v1/sms/send	\\xab85dee03b0482357cb50be12e7d4b869abf31212028634d9de14a6d2b538454	[["01a1feb116247000bce202859ca80b00","queued",1,1795274380836428]]	2026-11-21 15:19:40.836428+00
\\xa857e79cac2cca23831b2fdb1d52d530167e03c276487f34a00304565710c3ba	POST	/v1/sms/send	\\xc5a3dc4dc04e4dc38333cf7b8284f7660151bc2687743dab8c3299b2a36fffe6	[["01a1feb12e387000bf41a611835cd700","queued",1,1795274387000924]]	2026-11-21 15:19:47.000924+00
\\x97ed9e3ae30b9e4fa2f1ae089d0fd6d6bd673f946b2ba0dcc019c702c585c566	POST	/v1/sms/send	\\xfd41b4760852211a8aeecb05699c6933cc4af04640cd30a744490e49b6a6835e	[["01a1feb133da7000b38b4deae013d700","queued",1,1795274388442365]]	2026-11-21 15:19:48.442365+00
\\x73cec243b499bf5d925237058c4d887e7bcdf58b75449ddbe0534a6630668956	POST	/v1/sms/send	\\xdd6e2d706ae2734fb961bcefc31f58d7bfaed516e6f9fc645cfe684ec9d04de4	[["01a1feb134087000a5e7ab88839fed00","queued",1,1795274388488688]]	2026-11-21 15:19:48.488688+00
\\x3e6147c0455c7d9a9b985bded2e3dc676dac412ceda5be986c49424b5e7767ac	POST	/v1/sms/send	\\xecbb489a53b6579f8b7ac9442e6f35d753ec65a104cc07e8dd0e502bce69bc3c	[["01a1feb1467870008a080dad7be26200","queued",1,1795274393208981]]	2026-11-21 15:19:53.208981+00
\\x187be6e2679d2f56de50a73551cd3cc35bb759a16476a5c65dedc1ecd702bb84	POST	/v1/sms/send	\\xd6d9de76c59199610c25750425b794f2fad5c0e1c810798b432193e7c3e7befd	[["01a1feb146847000b8793c3530c24700","queued",1,1795274393220805]]	2026-11-21 15:19:53.220805+00
\\x00f9e8a6f2b3e55c7daf77f742d3d8b5e0a15d89114d8c43ce4793ef6ec41daf	POST	/v1/sms/send	\\xac6f24fd6e65b8c46c474bbb18e9a322428643f7697a4d0ddc0193421ed04459	[["01a1feb146957000b1254da59d2d2800","queued",1,1795274393237093]]	2026-11-21 15:19:53.237093+00
\\x5a492145de4147beec120e9e255decbb34b4edca6cf0ced1c9c7f43b26035e75	POST	/v1/sms/send	\\x7ef7dd02b24dbc9425e0daa8fd911dc7644cd2597f170f315e7e97ce1adbe5ef	[["01a1feb14d1870008d4aa3f068267700","queued",1,1795274394904800]]	2026-11-21 15:19:54.9048+00
\.


--
-- Data for Name: inbound; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.inbound (id, operator, sender, recipient, body, at, account, env, sub_tenant, keyword, action, reply_to) FROM stdin;
01a1feb1-170d-7000-b6e5-9687debe1c00	alpha	+447700900888	+447700900999	"STOP"	2026-11-21 15:19:41.051827+00	acme	live		STOP	stop	\N
01a1feb1-16cc-7000-b630-28f7f9289300	alpha	erased:de0a96065ba7b950ebd4da59994779b6	+447700900999	""	2026-11-21 15:19:40.964753+00	acme	live		\N	\N	01a1feb1-1624-7000-bce2-02859ca80b00
\.


--
-- Data for Name: inbound_parts; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.inbound_parts (number, operator, sender, recipient, concat_ref, total, part, body, data, at, fingerprint, joined, answered) FROM stdin;
2	alpha	+447700900888	+447700900999	-1	1	1	""	\N	2026-11-21 15:19:41.051827+00	\\x1b9c36f8d95cf9b26d25a789f40e871e	t	t
3	alpha	+447700900666	+447700900999	42	2	1	"The first half"	\N	2026-11-21 15:19:41.152789+00	\\x5a9d961563e3cc7220ff6bdb362b1a24	f	t
1	alpha	erased:de0a96065ba7b950ebd4da59994779b6	+447700900999	-1	1	1	""	\N	2026-11-21 15:19:40.964753+00	\\x	t	t
\.


--
-- Data for Name: keys; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.keys (digest, key_id, account, document) FROM stdin;
\\xba24058315d12ce6df79958fe62f46155023efbe2b51018cb659e3196e3b1b77	key_2c6d9827a2d24acc	acme	{"key_id":"key_2c6d9827a2d24acc","digest":"ba24058315d12ce6df79958fe62f46155023efbe2b51018cb659e3196e3b1b77","account":"acme","env":"live","scopes":["read:messages","send:sms"],"created_at":1795274351884873,"expires_at":null,"revoked_at":null,"allow_from":[],"member":null,"sub_tenant":null}
\\xdbcb14c19fe75f4f622089ec8544db4f445ceef23c508949ea4629475616a99e	key_4d127921476dfb27	acme	{"key_id":"key_4d127921476dfb27","digest":"dbcb14c19fe75f4f622089ec8544db4f445ceef23c508949ea4629475616a99e","account":"acme","env":"test","scopes":["read:messages","send:sms"],"created_at":1795274354441551,"expires_at":null,"revoked_at":null,"allow_from":[],"member":null,"sub_tenant":null}
\\xe93cba49861c8e097cb6b36406b7f5a4f2bff96b9481411e1538ac729999d159	key_4b2a30b6e852aba5	other	{"key_id":"key_4b2a30b6e852aba5","digest":"e93cba49861c8e097cb6b36406b7f5a4f2bff96b9481411e1538ac729999d159","account":"other","env":"live","scopes":["read:messages","send:sms"],"created_at":1795274356833214,"expires_at":null,"revoked_at":null,"allow_from":["127.0.0.0/8"],"member":null,"sub_tenant":null}
\\x63062897f910674c3a47bfb98aa48a0a97122f4921acb0f09b151ba01dd1fdda	key_b1e703a108edd98d	acme	{"key_id":"key_b1e703a108edd98d","digest":"63062897f910674c3a47bfb98aa48a0a97122f4921acb0f09b151ba01dd1fdda","account":"acme","env":"live","scopes":["admin","read:messages"],"created_at":1795274363302235,"expires_at":null,"revoked_at":null,"allow_from":[],"member":"ann","sub_tenant":null}
\\x1c51cf8e39b8b4489cf0dc43ae212c1264f7dd8b436cc53e67fdf6f3474460c8	key_55da357c963955e3	acme	{"key_id":"key_55da357c963955e3","digest":"1c51cf8e39b8b4489cf0dc43ae212c1264f7dd8b436cc53e67fdf6f3474460c8","account":"acme","env":"live","scopes":["read:messages","send:sms"],"created_at":1795274359929258,"expires_at":null,"revoked_at":1795274365601180,"allow_from":[],"member":null,"sub_tenant":null}
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
01a1feb1-141a-7000-b8a9-245745ab1200	acme	live	+447700900999	+447700901103		1	2026-11-21 15:19:40.314454+00	2026-11-24 15:19:40.314454+00	["orchestrator","This one is second",1,null,0,null,"{\\"order\\":\\"second\\",\\"name\\":\\"Zoë 👋\\"}","key_2c6d9827a2d24acc","req_01M7ZB250TSAG96QHV7RA7AJNY",null,null,false,null,null]	delivered	beta	\N	\N	2026-11-21 15:19:40.398261+00	0	[null,"all",2,1,["alpha"],2,1,false,1,1795274380341944,["carrier_error","ESME_RINVMSGLEN","ESME_RINVMSGLEN",1795274380341944],2,[[2,1,"beta",3,"0000005000",null,1795274380385733,1795274380398261,null,null]]]
01a1feb1-126a-7000-80b4-e5a68cbf7b00	acme	live	+447700900999	+447700901100		1	2026-11-21 15:19:39.882469+00	2026-11-24 15:19:39.882469+00	["orchestrator","This one is delivered",1,null,0,null,"{\\"order\\":\\"delivered\\",\\"name\\":\\"Zoë 👋\\"}","key_2c6d9827a2d24acc","req_01M7ZB24K8XZT70N93RNRWGCBQ",null,null,false,null,null]	delivered	alpha	\N	\N	2026-11-21 15:19:40.056698+00	0	[null,"all",1,1,[],1,1,false,1,1795274380046017,null,2,[[1,1,"alpha",3,"0000000001",null,1795274380046017,1795274380056698,null,null]]]
01a1feb1-1384-7000-994e-7bef5f917a00	acme	live	+447700900999	+447700901101		1	2026-11-21 15:19:40.164097+00	2026-11-24 15:19:40.164097+00	["orchestrator","This one is undelivered",1,null,0,null,"{\\"order\\":\\"undelivered\\",\\"name\\":\\"Zoë 👋\\"}","key_2c6d9827a2d24acc","req_01M7ZB24W3QFKQRYDRWNZRFGQF",null,null,false,null,null]	failed	alpha	\N	\N	2026-11-21 15:19:40.191484+00	0	["carrier_error","all",1,1,[],1,1,false,1,1795274380185372,["carrier_error","receipt: UNDELIV err:001","UNDELIV err:001",1795274380191484],2,[[1,1,"alpha",5,"0000000002","UNDELIV err:001",1795274380185372,1795274380191484,null,null]]]
01a1feb1-13e0-7000-a25b-6f08c75a9e00	acme	live	+447700900999	+447700901102		1	2026-11-21 15:19:40.256518+00	2026-11-24 15:19:40.256518+00	["orchestrator","This one is refused",1,null,0,null,"{\\"order\\":\\"refused\\",\\"name\\":\\"Zoë 👋\\"}","key_2c6d9827a2d24acc","req_01M7ZB24Z0WV4Z1T71MQJRZY4W",null,null,false,null,null]	undeliverable	alpha	\N	\N	2026-11-21 15:19:40.284967+00	0	["invalid_number","all",1,1,[],1,1,false,1,1795274380284967,["invalid_number","refused by alpha: ESME_RINVDSTADR","ESME_RINVDSTADR",1795274380284967],1,[[1,1,"alpha",6,null,"ESME_RINVDSTADR",1795274380284967,null,null,null]]]
01a1feb1-152e-7000-835e-89c4f5f3b100	acme	live	+447700900999	+447700901200		1	2026-11-21 15:19:40.590095+00	2026-11-24 15:19:40.590095+00	["orchestrator","All of this is long. All of this is long. All of this is long. All of this is long. All of this is long. All of this is long. All of this is long. All of this is long. All of this is long. All of this is long. All of this is long. All of this is long. ",2,null,22715,null,null,"key_2c6d9827a2d24acc","req_01M7ZB259DGCXFVJF6TZT7N8DH",null,null,false,null,null]	delivered	alpha	\N	\N	2026-11-21 15:19:40.632842+00	0	[null,"all",1,1,[],1,2,false,1,1795274380617230,null,2,[[1,1,"alpha",3,"0000000003",null,1795274380617230,1795274380632805,null,null],[1,2,"alpha",3,"0000000004",null,1795274380622627,1795274380632842,null,null]]]
01a1feb1-1614-7000-975c-7377ac514400	acme	test	+447700900999	+447700901300		1	2026-11-21 15:19:40.820429+00	2026-11-24 15:19:40.820429+00	["orchestrator","Your code is 123456",1,null,0,null,null,"key_4d127921476dfb27","req_01M7ZB25GJK9KPKJ0HQWXNS3MD",null,null,false,null,null]	delivered	simulated	\N	\N	2026-11-21 15:19:41.336554+00	0	[null,"test",1,1,[],1,1,false,1,1795274380835503,null,2,[[1,1,"simulated",3,"sim-01a1feb1-1623-7000-924b-ac5225936000",null,1795274380835503,1795274381336554,null,null]]]
01a1feb1-1624-7000-bce2-02859ca80b00	acme	live	+447700900999	erased:de0a96065ba7b950ebd4da59994779b6		1	2026-11-21 15:19:40.836428+00	2026-11-24 15:19:40.836428+00	["orchestrator","",1,null,0,null,null,"key_2c6d9827a2d24acc","req_01M7ZB25H4S3NW2ZX4WZ28H3G6",null,null,false,null,null]	delivered	alpha	\N	\N	2026-11-21 15:19:40.888786+00	0	[null,"all",1,1,[],1,1,false,1,1795274380878133,null,2,[[1,1,"alpha",3,"0000000005",null,1795274380878133,1795274380888786,null,null]]]
01a1feb1-33da-7000-b38b-4deae013d700	acme	live	+447700900999	+447700901500		1	2026-11-21 15:19:48.442365+00	2026-11-24 15:19:48.442365+00	["orchestrator","This one is tried_again",1,null,0,"http://127.0.0.1:26651/hooks",null,"key_2c6d9827a2d24acc","req_01M7ZB2CYTX5CT2MBX3N8THCJK",null,null,false,null,null]	delivered	alpha	\N	\N	2026-11-21 15:19:48.468676+00	0	[null,"all",1,1,[],1,1,false,1,1795274388458188,null,2,[[1,1,"alpha",3,"0000000008",null,1795274388458188,1795274388468676,null,null]]]
01a1feb1-3408-7000-a5e7-ab88839fed00	acme	live	+447700900999	+447700901600		1	2026-11-21 15:19:48.488688+00	2026-11-24 15:19:48.488688+00	["orchestrator","This one is under_way",1,null,0,null,null,"key_2c6d9827a2d24acc","req_01M7ZB2D0894FRR5HNMRFZ040Y",null,null,false,null,null]	delivered	alpha	\N	\N	2026-11-21 15:19:48.54469+00	0	[null,"all",1,1,[],1,1,false,1,1795274388498053,null,2,[[1,1,"alpha",3,"0000000009",null,1795274388498053,1795274388544690,null,null]]]
01a1feb1-170d-7002-9dfb-6b9630fdba00	acme	live	+447700900999	+447700900888		0	2026-11-21 15:19:41.069453+00	2026-11-22 15:19:41.069453+00	["orchestrator","You are unsubscribed and will get no more messages. Reply START to resubscribe.",1,null,0,null,null,"reply","",null,null,true,null,null]	delivered	alpha	\N	\N	2026-11-21 15:19:41.152938+00	0	[null,"reply",1,1,[],1,1,false,1,1795274381110352,null,0,[[1,1,"alpha",3,"0000000006",null,1795274381110352,1795274381152938,null,null]]]
01a1feb1-2e38-7000-bf41-a611835cd700	acme	live	+447700900999	+447700901400		1	2026-11-21 15:19:47.000924+00	2026-11-24 15:19:47.000924+00	["orchestrator","This one is given_up",1,null,0,"http://127.0.0.1:26650/gone",null,"key_2c6d9827a2d24acc","req_01M7ZB2BHG7M5015D7YJN3B0D3",null,null,false,null,null]	delivered	alpha	\N	\N	2026-11-21 15:19:47.124671+00	0	[null,"all",1,1,[],1,1,false,1,1795274387049221,null,2,[[1,1,"alpha",3,"0000000007",null,1795274387049221,1795274387124671,null,null]]]
01a1feb1-4d18-7000-8d4a-a3f068267700	acme	live	+447700900999	+447700901900		1	2026-11-21 15:19:54.9048+00	2026-11-24 15:19:54.9048+00	["orchestrator","This one is in_hand",1,null,0,null,null,"key_2c6d9827a2d24acc","req_01M7ZB2K8R6N18P5JHDREYF117",null,null,false,null,null]	queued	alpha	1	\N	\N	0	[null,"all",1,1,[],1,1,false,1,null,null,0,[]]                                                                                                                  
01a1feb1-4678-7000-8a08-0dad7be26200	acme	live	+447700900999	+4917009017		1	2026-11-21 15:19:53.208981+00	2026-11-24 15:19:53.208981+00	["orchestrator","This one is waiting",1,null,0,null,null,"key_2c6d9827a2d24acc","req_01M7ZB2HKPQ070QP6ZEWT5RJRK",null,null,false,null,null]	queued	gamma	\N	2026-11-21 15:19:53.208981+00	\N	0	[null,"de",0,0,[],1,0,false,0,null,null,0,[]]                                                                                                                   
01a1feb1-4684-7000-b879-3c3530c24700	acme	live	+447700900999	+447700901700		1	2026-11-21 15:19:53.220805+00	2026-11-24 15:19:53.220805+00	["orchestrator","This one is sent",1,null,0,null,null,"key_2c6d9827a2d24acc","req_01M7ZB2HM4QARFC1RJWE6YNDKW",null,null,false,null,null]	sent	alpha	\N	\N	\N	0	[null,"all",1,1,[],1,1,false,1,1795274393230571,null,1,[[1,1,"alpha",2,"0000000010",null,1795274393230571,null,null,null]]]                                     
01a1feb1-4695-7000-b125-4da59d2d2800	acme	live	+447700900999	+447700901800		1	2026-11-21 15:19:53.237093+00	2026-11-24 15:19:53.237093+00	["orchestrator","This one is in_doubt",1,null,0,null,null,"key_2c6d9827a2d24acc","req_01M7ZB2HMMWQD7JX8HW383DHME",null,null,false,null,null]	queued	alpha	\N	2026-11-21 15:24:53.277914+00	\N	1	[null,"all",1,1,[],1,1,true,1,null,null,0,[[1,1,"alpha",1,null,"the link was lost before the answer",1795274393277914,null,null,null]]]                         
01a1feb1-4dc8-7000-b96d-029e86b44100	acme	live	+447700900999	+447700902000		1	2026-11-21 15:19:55.080286+00	2026-11-24 15:19:55.080286+00	["orchestrator","Привет 👋",1,null,0,null,null,"","",null,1795276195080286,false,null,null]	scheduled	alpha	\N	2026-11-21 15:49:55.080286+00	\N	0	[null,"all",0,0,[],1,0,false,0,null,null,0,[]]                                                                                                                  
01a1feb1-4dc8-7001-8f9a-e8435db69800	acme	live	+447700900999	+447700902000		1	2026-11-21 15:19:55.080286+00	2026-11-24 15:19:55.080286+00	["orchestrator","Привет 👋",1,null,0,null,null,"","",null,1795276195080286,false,null,null]	canceled	alpha	\N	\N	2026-11-21 15:19:55.080286+00	0	[null,"all",0,0,[],1,0,false,0,null,null,0,[]]
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
+447700900999		acme	live	2026-11-21 15:19:28.598337+00
60777	win	other	live	2026-11-21 15:19:31.56179+00
\.


--
-- Data for Name: operator_states; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.operator_states (operator, process, at, state, binds, waiting, in_flight) FROM stdin;
alpha	1	2026-11-21 15:19:54.372593+00	up	[{"bind": 0, "since": "2026-11-21T15:19:53+00:00", "state": "bound", "window": 100, "last_error": "closed by the peer", "window_used": 0, "reconnect_at": null}]	0	0
beta	1	2026-11-21 15:19:54.372593+00	up	[{"bind": 0, "since": "2026-11-21T15:19:39+00:00", "state": "bound", "window": 100, "last_error": null, "window_used": 0, "reconnect_at": null}]	0	0
gamma	1	2026-11-21 15:19:54.372593+00	down	[{"bind": 0, "since": "2026-11-21T15:19:53+00:00", "state": "waiting", "window": 100, "last_error": "ConnectionRefusedError: [Errno 111] Connection refused", "window_used": 0, "reconnect_at": "2026-11-21T15:19:54+00:00"}]	0	0
simulated	1	2026-11-21 15:19:54.372593+00	up	[]	0	0
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
01a1feb1-141a-7000-b8a9-245745ab1200	1	1	alpha	6	\N	ESME_RINVMSGLEN	2026-11-21 15:19:40.341944+00	\N	+447700900999	+447700901103
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
1	1	c4e87097-d876-4b9b-8e1a-43fcc6f5b56c	688	2026-11-21 15:19:39.3895+00	2	2026-11-21 15:19:57.776521+00	\N	\N	t
\.


--
-- Data for Name: schema_migrations; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.schema_migrations (name, checksum, applied_at) FROM stdin;
0001_pre_begin	11be5d8dd4a991e8e9d4efe1bd4bfdc33277a0ae5578fd6a3b74c8d69577c562	2026-11-21 15:19:04.454804+00
0002_pre_erasure	9e14b93f758a1055a7b7164b72b2784851e5966be8690d7e992598250a92e624	2026-11-21 15:19:04.454804+00
0003_pre_binds	0311a13bc2e7b7a769ec7193685594812cf3071faacc9dfb79ad2f7f3f4777bc	2026-11-21 15:19:04.454804+00
\.


--
-- Data for Name: suppressions; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.suppressions (number, account, env, sub_tenant, reason, created_at) FROM stdin;
+447700900999	acme	live		manual	2026-11-21 15:19:34.976752+00
+447700901102	acme	live		invalid_number	2026-11-21 15:19:40.284967+00
+447700900888	acme	live		stop	2026-11-21 15:19:41.069453+00
erased:de0a96065ba7b950ebd4da59994779b6	acme	live		erased	2026-11-21 15:19:43.264969+00
\.


--
-- Data for Name: unfinished; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.unfinished (id, operator, priority, expires_at, owner, next_at) FROM stdin;
01a1feb1-4678-7000-8a08-0dad7be26200	gamma	1	2026-11-24 15:19:53.208981+00	\N	2026-11-21 15:19:53.208981+00
01a1feb1-4684-7000-b879-3c3530c24700	alpha	1	2026-11-24 15:19:53.220805+00	\N	\N
01a1feb1-4695-7000-b125-4da59d2d2800	alpha	1	2026-11-24 15:19:53.237093+00	\N	2026-11-21 15:24:53.277914+00
01a1feb1-4d18-7000-8d4a-a3f068267700	alpha	1	2026-11-24 15:19:54.9048+00	1	\N
01a1feb1-4dc8-7000-b96d-029e86b44100	alpha	1	2026-11-24 15:19:55.080286+00	\N	2026-11-21 15:49:55.080286+00
\.


--
-- Data for Name: webhooks; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.webhooks (id, subject, seq, account, destination, document, state, owner, next_at, attempts, body, settled_at, error) FROM stdin;
01a1feb1-130e-7000-809d-b47357947900	01a1feb1-126a-7000-80b4-e5a68cbf7b00	1	acme	acme http://127.0.0.1:26650	["live","orchestrator","sent",1795274380046017,"http://127.0.0.1:26650/hooks",{"message_id":"01a1feb1-126a-7000-80b4-e5a68cbf7b00","status":"sent","reason":null,"recipient":"+447700901100","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":"{\\"order\\":\\"delivered\\",\\"name\\":\\"Zoë 👋\\"}","operator_error":null}]	2	\N	2026-11-21 15:19:40.046017+00	1	\N	2026-11-21 15:19:40.104646+00	\N
01a1feb1-1318-7000-8d86-d77156714f00	01a1feb1-126a-7000-80b4-e5a68cbf7b00	2	acme	acme http://127.0.0.1:26650	["live","orchestrator","delivered",1795274380056698,"http://127.0.0.1:26650/hooks",{"message_id":"01a1feb1-126a-7000-80b4-e5a68cbf7b00","status":"delivered","reason":null,"recipient":"+447700901100","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":"{\\"order\\":\\"delivered\\",\\"name\\":\\"Zoë 👋\\"}","operator_error":null}]	2	\N	2026-11-21 15:19:40.056698+00	1	\N	2026-11-21 15:19:40.138683+00	\N
01a1feb1-1399-7000-866e-70f8ed046800	01a1feb1-1384-7000-994e-7bef5f917a00	1	acme	acme http://127.0.0.1:26650	["live","orchestrator","sent",1795274380185372,"http://127.0.0.1:26650/hooks",{"message_id":"01a1feb1-1384-7000-994e-7bef5f917a00","status":"sent","reason":null,"recipient":"+447700901101","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":"{\\"order\\":\\"undelivered\\",\\"name\\":\\"Zoë 👋\\"}","operator_error":null}]	2	\N	2026-11-21 15:19:40.185372+00	1	\N	2026-11-21 15:19:40.207355+00	\N
01a1feb1-139f-7000-992a-0869e06dfa00	01a1feb1-1384-7000-994e-7bef5f917a00	2	acme	acme http://127.0.0.1:26650	["live","orchestrator","failed",1795274380191484,"http://127.0.0.1:26650/hooks",{"message_id":"01a1feb1-1384-7000-994e-7bef5f917a00","status":"failed","reason":"carrier_error","recipient":"+447700901101","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":"{\\"order\\":\\"undelivered\\",\\"name\\":\\"Zoë 👋\\"}","operator_error":"UNDELIV err:001"}]	2	\N	2026-11-21 15:19:40.191484+00	1	\N	2026-11-21 15:19:40.244577+00	\N
01a1feb1-13fc-7000-a9d6-e78d0fd16600	01a1feb1-13e0-7000-a25b-6f08c75a9e00	1	acme	acme http://127.0.0.1:26650	["live","orchestrator","undeliverable",1795274380284967,"http://127.0.0.1:26650/hooks",{"message_id":"01a1feb1-13e0-7000-a25b-6f08c75a9e00","status":"undeliverable","reason":"invalid_number","recipient":"+447700901102","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":"{\\"order\\":\\"refused\\",\\"name\\":\\"Zoë 👋\\"}","operator_error":"ESME_RINVDSTADR"}]	2	\N	2026-11-21 15:19:40.284967+00	1	\N	2026-11-21 15:19:40.310281+00	\N
01a1feb1-1461-7000-b445-e1ac23168200	01a1feb1-141a-7000-b8a9-245745ab1200	1	acme	acme http://127.0.0.1:26650	["live","orchestrator","sent",1795274380385733,"http://127.0.0.1:26650/hooks",{"message_id":"01a1feb1-141a-7000-b8a9-245745ab1200","status":"sent","reason":null,"recipient":"+447700901103","sender":"+447700900999","segment_count":1,"operator":"beta","route":"all","attempts":2,"metadata":"{\\"order\\":\\"second\\",\\"name\\":\\"Zoë 👋\\"}","operator_error":"ESME_RINVMSGLEN"}]	2	\N	2026-11-21 15:19:40.385733+00	1	\N	2026-11-21 15:19:40.444665+00	\N
01a1feb1-146e-7000-a0fb-477044597300	01a1feb1-141a-7000-b8a9-245745ab1200	2	acme	acme http://127.0.0.1:26650	["live","orchestrator","delivered",1795274380398261,"http://127.0.0.1:26650/hooks",{"message_id":"01a1feb1-141a-7000-b8a9-245745ab1200","status":"delivered","reason":null,"recipient":"+447700901103","sender":"+447700900999","segment_count":1,"operator":"beta","route":"all","attempts":2,"metadata":"{\\"order\\":\\"second\\",\\"name\\":\\"Zoë 👋\\"}","operator_error":"ESME_RINVMSGLEN"}]	2	\N	2026-11-21 15:19:40.398261+00	1	\N	2026-11-21 15:19:40.567096+00	\N
01a1feb1-154e-7000-898e-f6c49c460700	01a1feb1-152e-7000-835e-89c4f5f3b100	1	acme	acme http://127.0.0.1:26650	["live","orchestrator","sent",1795274380622627,"http://127.0.0.1:26650/hooks",{"message_id":"01a1feb1-152e-7000-835e-89c4f5f3b100","status":"sent","reason":null,"recipient":"+447700901200","sender":"+447700900999","segment_count":2,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]	2	\N	2026-11-21 15:19:40.622627+00	1	\N	2026-11-21 15:19:40.694129+00	\N
01a1feb1-154e-7001-8937-121bbefd0900	01a1feb1-152e-7000-835e-89c4f5f3b100	2	acme	acme http://127.0.0.1:26650	["live","orchestrator","delivered",1795274380622627,"http://127.0.0.1:26650/hooks",{"message_id":"01a1feb1-152e-7000-835e-89c4f5f3b100","status":"delivered","reason":null,"recipient":"+447700901200","sender":"+447700900999","segment_count":2,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]	2	\N	2026-11-21 15:19:40.622627+00	1	\N	2026-11-21 15:19:40.814923+00	\N
01a1feb1-1624-7001-906b-daaa78b97f00	01a1feb1-1614-7000-975c-7377ac514400	1	acme	acme http://127.0.0.1:26650	["test","orchestrator","sent",1795274380835503,"http://127.0.0.1:26650/hooks",{"message_id":"01a1feb1-1614-7000-975c-7377ac514400","status":"sent","reason":null,"recipient":"+447700901300","sender":"+447700900999","segment_count":1,"operator":"simulated","route":"test","attempts":1,"metadata":null,"operator_error":null}]	2	\N	2026-11-21 15:19:40.835503+00	1	\N	2026-11-21 15:19:40.86045+00	\N
01a1feb1-170d-7001-b221-0cddb9a7ea00	01a1feb1-170d-7000-b6e5-9687debe1c00	1	acme	acme http://127.0.0.1:26650	["live","orchestrator","inbound",1795274381069453,"http://127.0.0.1:26650/hooks",{"inbound_id":"01a1feb1-170d-7000-b6e5-9687debe1c00","sender":"+447700900888","recipient":"+447700900999","body":"STOP","keyword":"STOP","action":"stop","operator":"alpha","reply_to":null,"metadata":null}]	2	\N	2026-11-21 15:19:41.069453+00	1	\N	2026-11-21 15:19:41.080672+00	\N
01a1feb1-1818-7000-ad3e-2080c045a600	01a1feb1-1614-7000-975c-7377ac514400	2	acme	acme http://127.0.0.1:26650	["test","orchestrator","delivered",1795274381336554,"http://127.0.0.1:26650/hooks",{"message_id":"01a1feb1-1614-7000-975c-7377ac514400","status":"delivered","reason":null,"recipient":"+447700901300","sender":"+447700900999","segment_count":1,"operator":"simulated","route":"test","attempts":1,"metadata":null,"operator_error":null}]	2	\N	2026-11-21 15:19:41.336554+00	1	\N	2026-11-21 15:19:41.396549+00	\N
01a1feb1-164e-7000-b728-8728c8e8e300	01a1feb1-1624-7000-bce2-02859ca80b00	1	acme	acme http://127.0.0.1:26650	["live","orchestrator","sent",1795274380878133,"http://127.0.0.1:26650/hooks",{"message_id":"01a1feb1-1624-7000-bce2-02859ca80b00","status":"sent","reason":null,"recipient":"erased:de0a96065ba7b950ebd4da59994779b6","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]	2	\N	2026-11-21 15:19:40.878133+00	1	\N	2026-11-21 15:19:40.907751+00	\N
01a1feb1-16cc-7001-abea-de0e14ef2c00	01a1feb1-16cc-7000-b630-28f7f9289300	1	acme	acme http://127.0.0.1:26650	["live","orchestrator","inbound",1795274381004858,"http://127.0.0.1:26650/hooks",{"inbound_id":"01a1feb1-16cc-7000-b630-28f7f9289300","sender":"erased:de0a96065ba7b950ebd4da59994779b6","recipient":"+447700900999","body":"","keyword":null,"action":null,"operator":"alpha","reply_to":"01a1feb1-1624-7000-bce2-02859ca80b00","metadata":null}]	2	\N	2026-11-21 15:19:41.004858+00	1	\N	2026-11-21 15:19:41.033597+00	\N
01a1feb1-468e-7000-b46b-1bdc8e413200	01a1feb1-4684-7000-b879-3c3530c24700	1	acme	acme http://127.0.0.1:26650	["live","orchestrator","sent",1795274393230571,"http://127.0.0.1:26650/hooks",{"message_id":"01a1feb1-4684-7000-b879-3c3530c24700","status":"sent","reason":null,"recipient":"+447700901700","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]	1	1	2026-11-21 15:19:53.230571+00	0	\N	\N	\N
01a1feb1-1658-7000-a081-fa3a0838be00	01a1feb1-1624-7000-bce2-02859ca80b00	2	acme	acme http://127.0.0.1:26650	["live","orchestrator","delivered",1795274380888786,"http://127.0.0.1:26650/hooks",{"message_id":"01a1feb1-1624-7000-bce2-02859ca80b00","status":"delivered","reason":null,"recipient":"erased:de0a96065ba7b950ebd4da59994779b6","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]	2	\N	2026-11-21 15:19:40.888786+00	1	\N	2026-11-21 15:19:40.937898+00	\N
01a1feb1-2e69-7000-bdfc-503b3a658900	01a1feb1-2e38-7000-bf41-a611835cd700	1	acme	acme http://127.0.0.1:26650	["live","orchestrator","sent",1795274387049221,"http://127.0.0.1:26650/gone",{"message_id":"01a1feb1-2e38-7000-bf41-a611835cd700","status":"sent","reason":null,"recipient":"+447700901400","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]	3	\N	2026-11-21 15:19:47.049221+00	1	\\x7b226964223a2230316131666562312d326536392d373030302d626466632d353033623361363538393030222c2274797065223a226d6573736167652e73656e74222c226f636375727265644174223a22323032362d31312d32315431353a31393a34372e3034395a222c2264617461223a7b226d6573736167654964223a2230316131666562312d326533382d373030302d626634312d613631313833356364373030222c22737461747573223a2253454e54222c22726561736f6e223a6e756c6c2c22746f223a222b343437373030393031343030222c2266726f6d223a222b343437373030393030393939222c227365676d656e74436f756e74223a312c226f70657261746f724964223a22616c706861222c22726f7574654964223a22616c6c222c22617474656d7074436f756e74223a312c226f70657261746f724572726f72223a6e756c6c2c226d65746164617461223a7b7d7d7d	2026-11-21 15:19:47.057415+00	410: 
01a1feb1-2eb4-7000-9c32-88d9629ad400	01a1feb1-2e38-7000-bf41-a611835cd700	2	acme	acme http://127.0.0.1:26650	["live","orchestrator","delivered",1795274387124671,"http://127.0.0.1:26650/gone",{"message_id":"01a1feb1-2e38-7000-bf41-a611835cd700","status":"delivered","reason":null,"recipient":"+447700901400","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]	3	\N	2026-11-21 15:19:47.124671+00	1	\\x7b226964223a2230316131666562312d326562342d373030302d396333322d383864393632396164343030222c2274797065223a226d6573736167652e64656c697665726564222c226f636375727265644174223a22323032362d31312d32315431353a31393a34372e3132345a222c2264617461223a7b226d6573736167654964223a2230316131666562312d326533382d373030302d626634312d613631313833356364373030222c22737461747573223a2244454c495645524544222c22726561736f6e223a6e756c6c2c22746f223a222b343437373030393031343030222c2266726f6d223a222b343437373030393030393939222c227365676d656e74436f756e74223a312c226f70657261746f724964223a22616c706861222c22726f7574654964223a22616c6c222c22617474656d7074436f756e74223a312c226f70657261746f724572726f72223a6e756c6c2c226d65746164617461223a7b7d7d7d	2026-11-21 15:19:47.17323+00	410: 
01a1feb1-33f4-7000-a8d5-43741c8c0200	01a1feb1-33da-7000-b38b-4deae013d700	2	acme	acme http://127.0.0.1:26651	["live","orchestrator","delivered",1795274388468676,"http://127.0.0.1:26651/hooks",{"message_id":"01a1feb1-33da-7000-b38b-4deae013d700","status":"delivered","reason":null,"recipient":"+447700901500","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]	0	\N	2026-11-21 15:20:23.466731+00	0	\N	\N	\N
01a1feb1-3412-7000-a2ce-9bdedf55b100	01a1feb1-3408-7000-a5e7-ab88839fed00	1	acme	acme http://127.0.0.1:26650	["live","orchestrator","sent",1795274388498053,"http://127.0.0.1:26650/hooks",{"message_id":"01a1feb1-3408-7000-a5e7-ab88839fed00","status":"sent","reason":null,"recipient":"+447700901600","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]	1	1	2026-11-21 15:19:48.498053+00	0	\N	\N	\N
01a1feb1-3440-7000-86b0-9d0ccc716300	01a1feb1-3408-7000-a5e7-ab88839fed00	2	acme	acme http://127.0.0.1:26650	["live","orchestrator","delivered",1795274388544690,"http://127.0.0.1:26650/hooks",{"message_id":"01a1feb1-3408-7000-a5e7-ab88839fed00","status":"delivered","reason":null,"recipient":"+447700901600","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]	0	\N	2026-11-21 15:19:48.54469+00	0	\N	\N	\N
01a1feb1-33ea-7000-9026-9685fb81b700	01a1feb1-33da-7000-b38b-4deae013d700	1	acme	acme http://127.0.0.1:26651	["live","orchestrator","sent",1795274388458188,"http://127.0.0.1:26651/hooks",{"message_id":"01a1feb1-33da-7000-b38b-4deae013d700","status":"sent","reason":null,"recipient":"+447700901500","sender":"+447700900999","segment_count":1,"operator":"alpha","route":"all","attempts":1,"metadata":null,"operator_error":null}]	0	\N	2026-11-21 15:20:23.466731+00	2	\\x7b226964223a2230316131666562312d333365612d373030302d393032362d393638356662383162373030222c2274797065223a226d6573736167652e73656e74222c226f636375727265644174223a22323032362d31312d32315431353a31393a34382e3435385a222c2264617461223a7b226d6573736167654964223a2230316131666562312d333364612d373030302d623338622d346465616530313364373030222c22737461747573223a2253454e54222c22726561736f6e223a6e756c6c2c22746f223a222b343437373030393031353030222c2266726f6d223a222b343437373030393030393939222c227365676d656e74436f756e74223a312c226f70657261746f724964223a22616c706861222c22726f7574654964223a22616c6c222c22617474656d7074436f756e74223a312c226f70657261746f724572726f72223a6e756c6c2c226d65746164617461223a7b7d7d7d	\N	no connection to http://127.0.0.1:26651: Connection refused
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

\unrestrict to0zSRzG6KkyqKkcST2naevEtkxFwAodTYvcM6c3QykzSfhbkuXCiyJaNBvijLY

