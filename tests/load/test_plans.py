"""No statement of the PostgreSQL store reads a table from its beginning, with many messages stored and counted.

`auto_explain` writes the plan of every statement that the verbs execute, with their real parameters, into the server's
log; each named query must be among them. `make plans` does it with 1,000,000 messages.
"""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import asyncpg
import pytest

from gateway.domain.account import Account, Env, Key
from gateway.domain.agreement import Agreement
from gateway.domain.alert import Alert, AlertKind
from gateway.domain.event import Settled
from gateway.domain.message import End, Message, PartRow, Step, Wait, end, settle
from gateway.domain.money import Kind
from gateway.domain.outcome import Accepted, Doubt, Retry
from gateway.domain.suppression import OwnedNumber, Suppression
from gateway.domain.words import PartState, Reason, Status
from gateway.errors import Conflict
from gateway.ports import LedgerQuery, ListQuery, Mark, MessageView, OperatorState, Owner, Recovery, Store
from smpp.message_ids import answered_as
from storage import rows
from storage.open import open_store
from storage.postgres.database import QUERIES
from tests.contract.made import (
    NOW,
    OURS,
    PHONE,
    InboundDecider,
    acceptance,
    after,
    answer,
    changing,
    claimed,
    decide_answers,
    decide_receipt,
    event,
    idempotency_key,
    inbound,
    message,
    new_id,
    receipt,
)
from tests.contract.test_store_money import paying, priced, top_up
from tests.contract.test_store_webhooks import written
from tests.engines import postgres
from tests.load.erasures import erasures

ROWS = int(os.environ.get("TRUNKLINE_PLAN_ROWS", "100000"))
DAYS = 30

SMALL = {
    "accounts",
    "bind_leases",
    "commands",
    "days",
    "keys",
    "marks",
    "meta",
    "numbers",
    "operator_states",
    "processes",
    "purses",
    "schema_migrations",
}
"""Tables of which some statement lists all."""

BEYOND_VERBS = {
    "make_schema_migrations": "once per database",
    "keep_migration": "once per migration",
    "lock_schema": "once per migration",
    "wait_a_moment_for_tables": "once per migration",
    "wait_as_long_as_it_takes": "once per migration",
    "transaction_status": "after a commit without an answer; it reads no table",
}

BY_NATURE = {
    # Partial indexes that hold little else than what is asked for.
    ("counts", "carrier_refs_parked"),
    ("counts", "messages_recipient_idx"),
    ("counts", "parts_recipient_idx"),
    ("counts", "webhooks_dead"),
    ("counts", "webhooks_pending"),
    ("dead_events", "webhooks_dead"),
    ("dead_events_of", "webhooks_dead"),
    ("drop_parked", "carrier_refs_parked"),
    ("inbound_incomplete", "inbound_parts_waiting"),
    ("parked_pairs_in_doubt", "messages_recipient_idx"),
    ("parked_pairs_in_doubt", "parts_recipient_idx"),
    ("queues", "unfinished_by_expiry"),
    ("queues", "unfinished_waiting"),
    ("replay_all_events", "webhooks_dead"),
    ("waiting_operators", "unfinished_by_expiry"),
    ("waiting_operators", "unfinished_waiting_by_id"),
    # From one end, as far as the limit goes.
    ("destinations_pending", "webhooks_pending"),
    ("drop_inbound_parts", "inbound_parts_pkey"),
    ("inbound_page", "inbound_pkey"),
    ("inbound_page_of", "inbound_pkey"),
    # In partitions that were empty when the statement was planned, until they are counted for the first time.
    ("latest_of_pairs", "messages_pkey"),
}
"""(query, index) of what reads an index from its beginning, and may."""

_STORED = """
INSERT INTO messages
SELECT id, account, 'live', '+14155550100', '+4477' || lpad((n * 7919 % 90000000)::text, 8, '0'), '', n % 3, at,
    at + interval '72 h', $3, CASE WHEN open THEN 'queued' ELSE 'delivered' END, 'op' || n % 5, NULL,
    CASE WHEN open THEN at END, CASE WHEN open THEN NULL ELSE at + interval '1 min' END, 0, $4
FROM (
    SELECT n, n % 50 = 0 AS open, 'account' || n % 20 AS account, at,
        rpad(lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || lpad(to_hex(n % 4096), 3, '0')
            || '8' || lpad(to_hex(n), 13, '0'), 32, '0')::uuid AS id
    FROM (
        SELECT n, $1::timestamptz - n * ($2::interval / 1) AS at FROM generate_series(1::bigint, $5::bigint) AS n
    ) AS made
) AS made
"""

_BESIDE = """
INSERT INTO unfinished SELECT id, operator, priority, expires_at, owner, next_at, account, env, status FROM messages
    WHERE final_at IS NULL;
INSERT INTO carrier_refs (operator, ref, destination, message_id, attempt, part, source, at, receipts)
    SELECT operator, id::text, recipient, id, 1, 1, sender, accepted_at, NULL FROM messages;
INSERT INTO webhooks SELECT id, id, 1, account, account || ' https://x', '["live","d","delivered",0,"u",{}]',
    CASE WHEN final_at IS NULL THEN 0 ELSE 2 END, NULL, accepted_at, 1, NULL, final_at, NULL FROM messages;
INSERT INTO idempotency SELECT uuid_send(id), 'POST', '/', uuid_send(id), '[]', accepted_at FROM messages;
INSERT INTO suppressions SELECT recipient, account, env, id::text, 'stop', accepted_at FROM messages
    WHERE priority = 0 AND final_at IS NULL;
INSERT INTO inbound SELECT id, operator, recipient, sender, '""', accepted_at, account, env, '', NULL, NULL, NULL
    FROM messages WHERE priority = 1;
INSERT INTO inbound_parts
    (operator, sender, recipient, concat_ref, total, part, body, at, fingerprint, joined, answered)
    SELECT operator, recipient, sender, -1, 1, 1, '""', accepted_at, uuid_send(id), true, true
    FROM messages WHERE priority = 1;
INSERT INTO parts SELECT id, 1, 1, 'op', 0, NULL, 'x', accepted_at, NULL, sender, recipient FROM messages
    WHERE priority = 2;
INSERT INTO ledger SELECT id, kind, account, env, 'EUR', -1, 1, accepted_at, id::text || kind, NULL
    FROM messages, generate_series(1, 2) AS kind WHERE priority = 0;
INSERT INTO purses SELECT 'account' || a, 'live', 'EUR', slot, 0, 0, 0, 0
    FROM generate_series(0, 999) AS a, generate_series(0, 7) AS slot;
INSERT INTO labels SELECT account, env, label, id FROM messages
    CROSS JOIN LATERAL unnest(ARRAY['tag:' || priority, 'user:' || substr(recipient, 13)]) AS l (label);
INSERT INTO alerts SELECT id, account, env, 'limit', accepted_at, '{}' FROM messages WHERE priority = 1;
INSERT INTO failures SELECT extract(epoch FROM accepted_at)::bigint / 60, account, env, 1, count(*) FROM messages
    GROUP BY 1, 2, 3;
INSERT INTO agreements SELECT account, recipient, '1', min(accepted_at), '' FROM messages WHERE priority = 0
    GROUP BY 1, 2;
"""


@pytest.fixture
async def full() -> AsyncIterator[str]:
    """The URL of a store with many messages, counted by ANALYZE, whose sessions explain all that they execute."""
    cluster = postgres.shared()
    url = await cluster.fresh()
    connection = await asyncpg.connect(url)
    await connection.execute(
        "SELECT make_day(d::date) FROM generate_series($1::timestamptz, $2, interval '1 day') AS d",
        NOW - timedelta(days=DAYS + 1),
        NOW + timedelta(days=3),
    )
    template = rows.message_row(message(attempts=2, part_count=1))
    step = timedelta(days=DAYS) / ROWS
    await connection.execute(_STORED, NOW, step, template[9], template[16], ROWS, timeout=600)
    await connection.execute(_BESIDE, timeout=600)
    await connection.execute("ANALYZE", timeout=600)
    name = url.rpartition("/")[2]
    for setting in (
        "session_preload_libraries = 'auto_explain'",
        "auto_explain.log_min_duration = 0",
        "auto_explain.log_nested_statements = on",
        "log_min_messages = log",
    ):
        await connection.execute(f"ALTER DATABASE {name} SET {setting}")
    await connection.close()
    yield url
    await cluster.drop(url)


async def test_every_statement_finds_its_rows_by_an_index(full: str) -> None:
    explained = await explain_all(full)
    assert len(explained) > len(QUERIES)
    seen = {plan.query for plan in explained}
    missed = {name for name, query in QUERIES.items() if _squeezed(query.text) not in seen}
    assert missed == set(BEYOND_VERBS), "add what executes it to every_verb"
    assert {(plan.name, table) for plan in explained for table in plan.read_whole} == set()
    whole = {(plan.name, index) for plan in explained for index in plan.indexes_read_whole}
    assert whole - BY_NATURE == set()


async def test_a_look_up_by_id_uses_the_primary_key_also_where_a_partition_was_empty(full: str) -> None:
    """It is planned once: what was the same while the day had no message would be its whole index a moment later."""
    explained = await explain_all(full)
    by_id = {
        (plan.name, index)
        for plan in explained
        for index in re.findall(r"using (\w+) on messages_[^\n]*\n\s+Index Cond: \(id = [^\n]*", plan.text)
        if not index.endswith("_pkey")
    }
    assert by_id == set()


async def test_labels_are_looked_up_by_account_and_label_or_by_their_age(full: str) -> None:
    """An account's labels may be as many as its messages: none of them are looked through for one."""
    explained = await explain_all(full)
    conditions = {
        (plan.name, condition)
        for plan in explained
        for condition in re.findall(r"labels_(?:pkey|by_id)[^\n]*\n\s+Index Cond: \((.*)\)", plan.text)
    }
    assert {name for name, _ in conditions} == {
        "count_labelled",
        "drop_labels",
        "messages_horizon_labelled",
        "labelled",
        "messages_page_labelled",
        "messages_page_to",
        "take_labels_off",
    }
    beside = {
        (name, condition)
        for name, condition in conditions
        if "(label = " not in condition and condition != "(id >= $1) AND (id < $2)"
    }
    assert beside == set()


async def explain_all(url: str) -> list[Plan]:
    """The plans of all that the verbs execute."""
    log = postgres.shared().folder / "server.log"
    begin = log.stat().st_size
    store = open_store(url, equivalent_refs=lambda _operator, ref: answered_as(ref))
    await store.open()
    await every_verb(store)
    await store.close()
    return plans(log.read_bytes()[begin:].decode())


class Plan:
    """One statement that was executed, and how."""

    def __init__(self, text: str) -> None:
        query, *rest = re.split(r"\n\t(?=\S.*\(cost=)", text, maxsplit=1)
        self.query = _squeezed(query.removeprefix("Query Text:"))
        self.name = _NAMES.get(self.query, self.query)
        self.text = "\n\t".join(rest)

    @property
    def read_whole(self) -> list[str]:
        """Tables that were read from their beginning; one of a day that is about to go does not count."""
        if self.query.startswith("SELECT count(*), max(final_at) FROM messages_"):
            return []
        found = re.findall(r"Seq Scan on (?:public\.)?(\w+)", self.text)
        return [table for table in found if table not in SMALL]

    @property
    def indexes_read_whole(self) -> list[str]:
        """Indexes of large tables that were read without a condition."""
        found = re.findall(
            r"(?:using|Bitmap Index Scan on) (\w+)(?: on (\w+))?[^\n]*\n(?!\s*Index Cond)", self.text
        )
        return [
            re.sub(r"_\d{8}", "", index)
            for index, table in found
            if table not in SMALL and not table.startswith("pg_") and not index.startswith("pg_")
        ]


_NAMES: dict[str, str] = {}


def plans(log: str) -> list[Plan]:
    """The plans of a server's log."""
    return [
        Plan(entry)
        for entry in re.findall(r"plan:\n\t(Query Text:.*?)(?=\n\d{4}-\d\d-\d\d |\Z)", log, re.DOTALL)
    ]


def _squeezed(text: str) -> str:
    without_comments = re.sub(r"^\s*--.*$", "", text, flags=re.MULTILINE)
    return " ".join(re.sub(r"--[^\n]*", "", without_comments).split())


_NAMES |= {_squeezed(query.text): name for name, query in QUERIES.items()}


async def every_verb(store: Store) -> None:
    """Each verb, in each way that executes another statement."""
    owner = await store.register(NOW, "boot")
    await accounts(store)
    await sends(store, owner)
    await receipts(store, owner)
    await conversations(store)
    await money(store)
    await webhooks(store, owner)
    await looks(store)
    await labels(store)
    await alerts(store)
    await exports(store)
    await erasures(store)
    await processes(store, owner)
    assert await store.purge(NOW + timedelta(days=12), DAYS)


async def accounts(store: Store) -> None:
    await store.save_account(Account("acme", NOW))
    await store.accounts()
    key = Key("key_1", b"d" * 32, "acme", Env.LIVE, frozenset(), NOW)
    await store.save_key(key)
    await store.key(key.digest)
    await store.keys(None)
    await store.keys("acme")
    number = OwnedNumber(OURS, "", "acme", Env.LIVE, NOW)
    await store.save_number(number)
    with pytest.raises(Conflict):
        await store.save_number(OwnedNumber(OURS, "", "other", Env.LIVE, NOW))
    await store.numbers()
    await store.remove_number(OURS, "")
    await store.suppress([Suppression("acme", Env.LIVE, "", "+447700900999", "stop", NOW)])
    await store.unsuppress("acme", Env.LIVE, "", "+447700900999")
    await store.suppressions(None, NOW, 10)
    await store.suppressions("acme", NOW, 10)


async def sends(store: Store, owner: Owner) -> None:
    messages = [message(operator="alpha", recipient=f"+4477009{n:05}") for n in range(20)]
    await store.accept([acceptance(*messages, key="k")])
    await store.find_key(idempotency_key("k"), NOW)
    await store.reassign([(messages[0].id, "alpha", "beta", None)])
    await store.change([messages[0].id], changing(lambda m: setattr(m, "route", "x")))
    batch = await store.claim("alpha", 100, owner, NOW)
    fault = Retry(Reason.CARRIER_ERROR, "ESME_RSYSERR")
    again = [answer(c.message, fault, then=Wait("alpha", NOW)) for c in batch.claimed]
    await store.record_answers(again, decide_answers)
    batch = await store.claim("alpha", 100, owner, NOW)
    refs = [answer(c.message, f"ref-{n}") for n, c in enumerate(batch.claimed)]
    await store.record_answers(refs, decide_answers)
    view = await store.message(batch.claimed[0].message.id)
    assert view is not None
    assert [row.attempt for row in view.rows] == [1, 2]
    await store.apply_receipts(
        [receipt(c.message, f"ref-{n}") for n, c in enumerate(batch.claimed)], decide_receipt
    )


async def receipts(store: Store, owner: Owner) -> None:
    early, first, second = (claimed(owner, recipient=f"+44770080000{n}") for n in range(3))
    await store.accept([acceptance(early, first, second)])
    await store.apply_receipts([receipt(early, "early")], decide_receipt)
    await store.record_answers([answer(early, "early")], decide_answers)
    for m in (first, second):
        if m is second:
            await store.apply_receipts([receipt(m, "unknown-2")], decide_receipt)
        doubt = answer(m, Doubt("no answer"), then=Wait("alpha", after(300)))
        await store.record_answers([doubt], decide_answers)
    (result,) = await store.apply_receipts([receipt(first, "unknown-1")], decide_receipt)
    assert result.step is not None
    assert len(await store.match_doubt(decide_receipt, NOW)) == 1
    over = claimed(owner)
    await store.accept([acceptance(over)])
    await store.record_answers([answer(over, Accepted("over", receipt=False))], decide_answers)
    await store.apply_receipts([receipt(over, "over")], decide_receipt)


async def conversations(store: Store) -> None:
    stop = Suppression("acme", Env.LIVE, "", PHONE, "stop", NOW)
    decide = InboundDecider(suppress=stop, lift=("acme", Env.LIVE, "", PHONE))
    yes = inbound("YES")
    await store.record_inbound([yes, inbound("a", concat_ref=1, concat_total=3, concat_part=1)], decide)
    await store.record_inbound([inbound("b", concat_ref=1, concat_total=3, concat_part=2)], decide)
    await store.record_inbound([inbound("STOP")], InboundDecider(suppress=stop))
    await store.answered_inbound([(yes.operator, yes.fingerprint)])
    assert len(await store.flush_inbound(after(60), decide)) == 1


async def money(store: Store) -> None:
    dear, m = priced("3"), priced("1")
    await store.book([top_up("1", key="k")])
    await store.accept([paying(dear, m)])
    await store.record_answers([answer(m, "paid")], decide_answers)
    assert await store.entries_of([m.id])
    everything = LedgerQuery("account1", Env.LIVE, 20)
    assert len((await store.entries(everything)).items) == 20
    await store.entries(replace(everything, kinds=frozenset({Kind.REFUND}), after=NOW, until=after(1)))
    await store.balances("acme")
    await store.balances()
    _, flaws = await store.audit()
    assert flaws


async def webhooks(store: Store, owner: Owner) -> None:
    subject = new_id()
    await written(store, event(subject), event(subject, 2), event(new_id()))
    events, _ = await store.due_webhooks(after(60), owner, lambda _: 100, 100_000)
    assert events
    ended = [
        Settled(e.id, n % 3 == 0, n % 3 == 1, NOW, after(60), 1, b"{}", "error") for n, e in enumerate(events)
    ]
    await store.settle_webhooks(ended)
    assert (await store.dead_webhooks(None, None, 10)).items
    assert (await store.dead_webhooks("account1", None, 10, looks=10)).before
    assert await store.message_webhooks(MessageView(message(id=subject), []))
    await store.replay_webhooks([events[1].id], NOW)
    await store.replay_webhooks(None, NOW)


async def looks(store: Store) -> None:
    everything = ListQuery("account1", Env.LIVE, 20)
    page = await store.messages(everything)
    assert len(page.items) == 20
    recent = replace(everything, before=page.before, created_after=NOW - timedelta(days=9))
    assert (await store.messages(replace(recent, status=frozenset({Status.DELIVERED})))).items
    to_one = replace(everything, recipient=page.items[0].recipient)
    assert (await store.messages(to_one)).items
    rare = frozenset({Status.QUEUED, Status.FAILED, Status.CANCELED})
    of_rare = ListQuery("account0", Env.LIVE, 20, status=rare)
    assert (await store.messages(of_rare)).items
    assert (await store.messages(replace(of_rare, sender="nobody", looks=10))).before, (
        "more are open than that"
    )
    assert await store.waiting("op0", b"", 20)
    assert await store.waiting_operators()
    assert await store.overdue(NOW, 20)
    assert await store.inbound(None, 10)
    assert await store.inbound("account1", 10)
    assert (await store.facts(NOW)).waiting > ROWS // 100


async def labels(store: Store) -> None:
    await store.accept([acceptance(message(labels=("tag:0", "batch:1")))])
    assert await store.labelled("account1", Env.LIVE, ["tag:0", "tag:1"])
    assert await store.count_labelled("account1", Env.LIVE, "tag:0")
    by_tag = ListQuery("account1", Env.LIVE, 20, labels=("tag:1",))
    page = await store.messages(by_tag)
    assert len(page.items) == 20
    of_page = page.items[0]
    assert (await store.messages(replace(by_tag, before=page.before, sender=of_page.sender))).items
    both = replace(by_tag, labels=("tag:1", f"user:{of_page.recipient[12:]}"))
    assert (await store.messages(both)).items
    assert (await store.messages(replace(both, recipient=of_page.recipient, key_id=of_page.key_id))).items
    by_key = ListQuery("account1", Env.LIVE, 20, sender=of_page.sender, key_id=of_page.key_id)
    assert (await store.messages(by_key)).items
    assert (await store.messages(replace(by_tag, sender="nobody", looks=10))).before


async def alerts(store: Store) -> None:
    mark, told = Mark("acme", Env.LIVE, "failures"), new_id()
    alert = Alert(told, "acme", Env.LIVE, AlertKind.FAILURES, NOW, {})
    assert await store.tell(mark, alert, event(told))
    assert await store.marks()
    await store.clear_marks([mark])
    assert (await store.alerts("acme", None, None, 10)).items
    assert (await store.alerts(None, Env.LIVE, told, 10, looks=10)).before
    m = message()
    await store.accept([acceptance(m)])

    def fail(m: Message, _: list[PartRow]) -> Step:
        step = Step(m)
        end(step, End(Reason.CARRIER_ERROR, ""), NOW)
        return step

    await store.change([m.id], fail)
    assert await store.failures(NOW - timedelta(hours=1))
    await store.agree(Agreement("acme", "anna", "1", NOW, ""))
    assert await store.agreements("acme")


async def exports(store: Store) -> None:
    first, last = bytes(16), b"\xff" * 16
    assert await store.messages_by_id(None, first, last, 10)
    assert await store.messages_by_id(("account1", Env.LIVE), first, last, 10)
    assert await store.statuses_by_id(first, last, 10)
    assert await store.inbound_by_id("account1", first, 10)
    events, after_them = await store.webhooks_by_id("account1", first, 10)
    assert (len(events), after_them) == (10, events[-1].event.id)
    with pytest.raises(Conflict):
        await store.drop_day((NOW - timedelta(days=3)).date(), lambda _: None)


async def processes(store: Store, owner: Owner) -> None:
    await store.post_command("pause", "alpha", NOW)
    await store.take_commands(owner, NOW)
    await store.write_states([OperatorState("alpha", owner.number, NOW, "up", [], 0, 0)])
    await store.states()
    await store.probe()
    await store.renew(owner)
    await store.share_binds(owner, {"alpha": 2}, [])
    await store.share_binds(owner, {"alpha": 2}, [("alpha", 0)])
    await store.peers(owner)
    m: Message = claimed(owner, recipient="+447700700000")
    await store.accept([acceptance(m)])
    heir = await store.register(NOW, "boot")

    def decide(recovery: Recovery) -> Step:
        step = Step(recovery.message)
        settle(step, {}, Wait("alpha", after(10)), NOW)
        return step

    await store.held(heir)
    assert await store.recover(heir, None, decide, NOW) >= 1
    await store.leave(heir)


def test_the_states_of_parts_in_the_schema_are_the_domains() -> None:
    """Partial indexes name the number."""
    assert (PartState.DOUBT.value, rows.PENDING, rows.CLAIMED, rows.DEAD) == (1, 0, 1, 3)
