"""`trunkline message`, `webhook dead`, `backup` and `migrate`, against a real store."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import pytest

from gateway.cli.beside import Beside, beside, utc_now
from gateway.domain import ids
from gateway.domain.account import Env
from gateway.domain.event import Event, EventKind, Settled
from gateway.domain.message import Answer, End, Message, PartRow, Step, apply_answer, end, settle
from gateway.domain.outcome import Accepted
from gateway.domain.send import Acceptance
from gateway.domain.words import Priority, Reason, Status
from gateway.ports import Owner
from tests.engines import postgres
from tests.unit.gateway.cli.conftest import Trunkline

T = TypeVar("T")


def within(config: Path, act: Callable[[Beside], Awaitable[T]]) -> T:
    """Do something with the store as another process would."""

    async def run() -> T:
        async with beside(config) as opened:
            return await act(opened)

    return asyncio.run(run())


def kept(config: Path, **changes: object) -> str:
    """A message that waits in the store; its id."""
    now = utc_now()
    message = Message(
        ids.new_id(now),
        "acme",
        Env.LIVE,
        "orchestrator",
        "ACME",
        "+447700900123",
        "A secret text",
        1,
        Priority.TRANSACTIONAL,
        now,
        now + timedelta(hours=72),
        operator="alpha",
        next_at=now + timedelta(hours=1),
    )
    message = replace(message, **changes)  # type: ignore[arg-type]

    async def accept(opened: Beside) -> None:
        await opened.store.accept([Acceptance([message], None, now)])

    within(config, accept)
    return ids.text(message.id)


def stored(config: Path, identity: str) -> Message:
    """The message as it is now."""

    async def read(opened: Beside) -> Message:
        found = await opened.store.message(ids.parse(identity) or b"")
        assert found is not None
        return found.message

    return within(config, read)


@pytest.fixture(autouse=True)
def account(trunkline: Trunkline) -> None:
    """An account with a webhook."""
    trunkline("account", "create", "acme")
    trunkline("account", "set", "acme", "webhook_url=https://a.example/x")


def test_show(trunkline: Trunkline, config: Path) -> None:
    identity = kept(config)
    told = trunkline("message", "show", identity)
    for word in (identity, "queued", "+447700900123", "alpha"):
        assert word in told.out
    assert "secret" not in told.out
    assert "A secret text" in trunkline("message", "show", identity, "--body").out
    facts = trunkline("message", "show", identity, "--json").json
    assert (facts["status"], facts["to"], facts["parts"], facts["in_doubt"]) == (
        "queued",
        "+447700900123",
        [],
        False,
    )
    assert "body" not in facts
    segment = ids.text(ids.segment_id(ids.parse(identity) or b"", 3))
    assert trunkline("message", "show", segment, "--json").json["message_id"] == identity


def test_ids_that_are_none(trunkline: Trunkline) -> None:
    for command in ("show", "requeue", "fail"):
        assert "is no id" in trunkline("message", command, "nonsense", code=2).err
        unknown = trunkline("message", command, "018e7c3a-9b2f-7d4e-a5f1-3c2b1a0d9e00", code=1)
        assert "no such message" in unknown.err


def test_requeue_offers_it_now_and_tells_the_gateway(trunkline: Trunkline, config: Path) -> None:
    identity = kept(config)
    assert trunkline("message", "requeue", identity).out == f"{identity} is offered now to alpha\n"
    next_at = stored(config, identity).next_at
    assert next_at is not None
    assert next_at <= utc_now()

    async def commands(opened: Beside) -> list[tuple[str, str]]:
        return [(c.verb, c.target) for c in await opened.store.take_commands(Owner(1, 1), utc_now())]

    assert within(config, commands) == [("requeue", identity)]


def test_fail_ends_it_and_tells_its_account(trunkline: Trunkline, config: Path) -> None:
    identity = kept(config)
    assert (
        trunkline("message", "fail", identity, "--reason", "regulation").out
        == f"{identity} is failed (regulation)\n"
    )
    message = stored(config, identity)
    assert (message.status, message.reason, message.next_at) == (Status.FAILED, Reason.REGULATION, None)

    async def events(opened: Beside) -> list[Event]:
        found, _ = await opened.store.due_webhooks(utc_now(), Owner(1, 1), lambda _: 10, 10)
        return found

    (event,) = within(config, events)
    assert (event.kind, event.url, event.data["reason"]) == (
        EventKind.FAILED,
        "https://a.example/x",
        "regulation",
    )
    for command in ("requeue", "fail"):
        assert (
            f"{identity} is failed: only one that is" in trunkline("message", command, identity, code=1).err
        )


def test_an_undeliverable_reason_ends_it_so(trunkline: Trunkline, config: Path) -> None:
    assert (
        "is undeliverable (blocked)" in trunkline("message", "fail", kept(config), "--reason", "blocked").out
    )


def test_a_scheduled_message_is_ended_and_not_hurried(trunkline: Trunkline, config: Path) -> None:
    identity = kept(config, status=Status.SCHEDULED, scheduled_at=utc_now() + timedelta(hours=1))
    assert "is scheduled: only one that is queued" in trunkline("message", "requeue", identity, code=1).err
    assert stored(config, identity).status is Status.SCHEDULED
    assert "is failed" in trunkline("message", "fail", identity).out


def test_what_a_process_holds_is_left_alone(trunkline: Trunkline, config: Path) -> None:
    identity = kept(config, owner=1, token=1, attempts=1, tries=1, next_at=None)
    for command in ("requeue", "fail"):
        assert "in the gateway's hands" in trunkline("message", command, identity, code=1).err
    assert stored(config, identity).status is Status.QUEUED


def test_show_tells_every_part(trunkline: Trunkline, config: Path) -> None:
    identity = kept(config, owner=1, token=1, attempts=1, tries=1, next_at=None)
    message = stored(config, identity)

    async def answer(opened: Beside) -> None:
        answered = Answer(
            message.id,
            1,
            1,
            1,
            "alpha",
            "uk",
            "ACME",
            message.recipient,
            Accepted("carrier-ref-7"),
            utc_now(),
        )

        def decide(message: Message, *_: object) -> Step:
            step = Step(message)
            current: dict[int, PartRow] = {}
            apply_answer(step, current, answered)
            settle(step, current, None, utc_now())
            return step

        await opened.store.record_answers([answered], decide)

    within(config, answer)
    told = trunkline("message", "show", identity)
    assert "carrier-ref-7" in told.out
    (part,) = trunkline("message", "show", identity, "--json").json["parts"]
    assert (part["operator"], part["state"], part["ref"]) == ("alpha", "accepted", "carrier-ref-7")


# --- webhooks


def dead_event(config: Path) -> str:
    """An event that was given up."""
    identity = kept(config)

    async def bury(opened: Beside) -> str:
        def decide(message: Message, _rows: object) -> Step:
            now = utc_now()
            step = Step(message)
            end(step, End(Reason.SPAM, "x"), now)
            step.events.append(
                Event(
                    ids.new_id(now),
                    message.id,
                    1,
                    "acme",
                    Env.LIVE,
                    "orchestrator",
                    EventKind.FAILED,
                    now,
                    "https://a.example/x",
                    "https://a.example",
                    {"status": "failed"},
                    1,
                )
            )
            return step

        (step,) = await opened.store.change([ids.parse(identity) or b""], decide)
        assert step is not None
        event = step.events[0]
        await opened.store.settle_webhooks(
            [Settled(event.id, False, True, utc_now(), None, 9, b"{}", "410: gone")]
        )
        return ids.text(event.id)

    return within(config, bury)


def with_events(config: Path, *kinds: EventKind, settled: Callable[[list[Event]], list[Settled]]) -> str:
    """A message that has just ended, with an event of each kind, and how their tries ended; its id."""
    identity = kept(config)
    message_id = ids.parse(identity) or b""
    destination = "acme https://a.example:8443"
    url = "https://user:pass@a.example:8443/hook/s3cret?token=t0ken"

    async def act(opened: Beside) -> None:
        now = utc_now()
        events = [
            Event(
                ids.new_id(now),
                message_id,
                seq,
                "acme",
                Env.LIVE,
                "orchestrator",
                kind,
                now,
                url,
                destination,
                {},
            )
            for seq, kind in enumerate(kinds, 1)
        ]

        def decide(message: Message, _rows: object) -> Step:
            step = Step(message)
            end(step, End(Reason.SPAM, "x"), now)
            message.events = len(events)
            step.events.extend(events)
            return step

        await opened.store.change([message_id], decide)
        await opened.store.settle_webhooks(settled(events))

    within(config, act)
    return identity


def tried(event: Event, next_s: float | None, tries: int, error: str | None) -> Settled:
    """A try that is over: again in so many seconds, or (None) never: delivered, or dead of an error."""
    now = utc_now()
    next_at = None if next_s is None else now + timedelta(seconds=next_s)
    over = next_s is None
    return Settled(event.id, over and not error, over and bool(error), now, next_at, tries, None, error)


def test_show_tells_where_the_webhooks_are(trunkline: Trunkline, config: Path) -> None:
    identity = with_events(
        config,
        EventKind.SENT,
        EventKind.DELIVERED,
        EventKind.FAILED,
        EventKind.CANCELED,
        settled=lambda events: [
            tried(events[0], None, 1, None),
            tried(events[1], None, 9, "410: gone"),
            tried(events[2], 300, 2, "503: come back later"),
        ],
    )
    facts = trunkline("message", "show", identity, "--json").json
    told = [(e["kind"], e["state"], e["tries"], e["last_error"], e["waits_for"]) for e in facts["webhooks"]]
    assert told == [
        ("sent", "delivered", 1, None, None),
        ("delivered", "dead", 9, "410: gone", None),
        ("failed", "waiting", 2, "503: come back later", "next try"),
        ("canceled", "waiting", 0, None, "earlier event"),
    ]
    assert [(e["settled_at"] is None, e["next_try_at"] is None) for e in facts["webhooks"]] == [
        (False, True),
        (False, True),
        (True, False),
        (True, False),
    ]
    assert {e["destination"] for e in facts["webhooks"]} == {"https://a.example:8443"}
    assert facts["events"] == 4
    shown = trunkline("message", "show", identity)
    for word in ("503: come back later", "earlier event", "https://a.example:8443", "NEXT TRY", "410: gone"):
        assert word in shown.out
    for output in (shown.out + shown.err, str(facts)):
        assert "s3cret" not in output
        assert "t0ken" not in output
        assert "pass@" not in output
    assert "not found" not in shown.err


@pytest.mark.parametrize(
    ("next_s", "tries", "error", "waits_for"),
    [
        (120, 0, None, "end of pause"),  # given back untried
        (-1, 0, None, "its turn"),
        (-1, 3, "500: oh", "its turn"),
        (120, 3, "500: oh", "next try"),
    ],
)
def test_show_tells_what_an_event_waits_for(
    trunkline: Trunkline, config: Path, next_s: float, tries: int, error: str | None, waits_for: str
) -> None:
    identity = with_events(
        config, EventKind.FAILED, settled=lambda events: [tried(events[0], next_s, tries, error)]
    )
    (line,) = trunkline("message", "show", identity, "--json").json["webhooks"]
    assert (line["state"], line["tries"], line["waits_for"]) == ("waiting", tries, waits_for)


def test_show_says_why_there_are_no_webhooks(trunkline: Trunkline, config: Path) -> None:
    assert (
        "no webhook events so far: `trunkline account show`" in trunkline("message", "show", kept(config)).err
    )
    gone = kept(config, events=1)
    assert "1 of 1 webhook event(s) not found: past [limits]" in trunkline("message", "show", gone).err
    facts = trunkline("message", "show", gone, "--json").json
    assert (facts["events"], facts["webhooks"]) == (1, [])


def test_dead_webhooks(trunkline: Trunkline, config: Path) -> None:
    first, second = dead_event(config), dead_event(config)
    listed = trunkline("webhook", "dead", "list", "--account", "acme", "--json").json
    assert {one["id"] for one in listed} == {first, second}
    assert (listed[0]["kind"], listed[0]["attempts"], listed[0]["error"]) == ("failed", 9, "410: gone")
    assert first in trunkline("webhook", "dead", "list").out
    assert trunkline("webhook", "dead", "replay", first).out == "1 event(s) will be delivered again\n"
    assert "none of these" in trunkline("webhook", "dead", "replay", first, code=1).err
    assert trunkline("webhook", "dead", "replay", "--all").out == "1 event(s) will be delivered again\n"
    assert trunkline("webhook", "dead", "list", "--json").json == []
    assert "no account" in trunkline("webhook", "dead", "list", "--account", "nobody", code=1).err


def test_replay_wants_ids_or_all(trunkline: Trunkline) -> None:
    assert "--all" in trunkline("webhook", "dead", "replay", code=2).err
    both = trunkline("webhook", "dead", "replay", "--all", "018e7c3a-9b2f-7d4e-a5f1-3c2b1a0d9e00", code=2)
    assert "--all" in both.err


# --- the store


def test_backup(trunkline: Trunkline, config: Path, tmp_path: Path) -> None:
    identity = kept(config)
    copy = tmp_path / "copy.db"
    told = trunkline("backup", str(copy))
    assert str(config.parent / "data" / "trunkline.key") in told.out
    assert "%" not in told.err, "no progress in a pipe"
    with sqlite3.connect(copy) as database:
        assert database.execute(
            "SELECT count(*) FROM messages WHERE id = ?", (ids.parse(identity),)
        ).fetchone() == (1,)
    database.close()
    assert "exists: name a file that does not" in trunkline("backup", str(copy), code=1).err
    assert trunkline("backup", str(tmp_path / "no" / "folder.db"), code=1).err


def test_migrate_is_safe_to_repeat(trunkline: Trunkline) -> None:
    for _ in range(2):
        assert "is up to date" in trunkline("migrate").out
    for phase in ("pre", "post"):
        assert "is up to date" in trunkline("migrate", "--phase", phase).out
    assert trunkline("migrate", "--phase", "middle", code=2).err


def test_only_migrate_makes_tables_on_a_server(trunkline: Trunkline, config: Path) -> None:
    """What answers may be a stand-in without its data: a look at it must not make it a store to serve on."""
    url = asyncio.run(postgres.shared().empty())
    config.write_text(f'[store]\nurl = "{url}"\n')
    for words in (("account", "list"), ("operator", "list"), ("account", "create", "acme")):
        assert "make them with `trunkline migrate`" in trunkline(*words, code=1).err
    assert "is up to date" in trunkline("migrate", "--phase", "pre").out
    assert trunkline("account", "create", "acme").out.startswith("account ")
    asyncio.run(postgres.shared().drop(url))


def test_a_store_of_a_newer_release_is_refused(trunkline: Trunkline, config: Path) -> None:
    with sqlite3.connect(config.parent / "data" / "trunkline.db") as database:
        database.execute("INSERT INTO schema_migrations (name, checksum) VALUES ('9999_post_future', 'x')")
    database.close()
    assert "written by a newer release" in trunkline("account", "list", code=1).err


def test_a_key_file_that_others_may_read_is_refused(trunkline: Trunkline, config: Path) -> None:
    (config.parent / "data" / "trunkline.key").chmod(0o644)
    told = trunkline("account", "list", code=1)
    assert told.err.startswith("trunkline: the key file ")
    assert len(told.err.splitlines()) == 1
    assert told.out == ""
