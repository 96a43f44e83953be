"""What is looked at from outside: a stopped process, its store, what the carrier got, and how every message stands."""

from __future__ import annotations

import json
import shutil
import signal
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.acceptance.harness.api import Api
from tests.acceptance.harness.gateway import Gateway
from tests.acceptance.harness.handset import read as read_segment
from tests.acceptance.harness.sink import Sink
from tests.acceptance.harness.waiting import eventually
from tests.peers.smsc import NodeSmsc

MAX_PAGE = 100


@dataclass(frozen=True)
class Stored:
    """Counts of a store, read from a copy of its files."""

    messages: int
    queued: int  #: messages that wait for a process
    in_hand: int  #: messages that a process has claimed
    in_doubt: int  #: messages with a part in doubt
    answers: int  #: carriers' answers
    webhooks: int  #: events that are not delivered


def stored(folder: Path) -> Stored:
    """The store in this folder. Its process must stand still: a copy of files that change is no store."""
    with TemporaryDirectory() as aside:
        for each in folder.glob("trunkline.db*"):
            if each.suffix in (".db", ".db-wal"):  # the index of the log is made anew
                shutil.copy(each, aside)
        with closing(sqlite3.connect(Path(aside) / "trunkline.db")) as store:

            def count(table: str, where: str) -> int:
                found: int = store.execute(f"SELECT count(*) FROM {table} WHERE {where}").fetchone()[0]
                return found

            return Stored(
                count("messages", "true"),
                count("messages", "owner IS NULL AND next_at IS NOT NULL"),
                count("messages", "owner IS NOT NULL"),
                count("messages", "in_doubt > 0"),
                count("carrier_refs", "message_id IS NOT NULL"),
                count("webhooks", "state < 2"),
            )


async def stop(gateway: Gateway) -> None:
    """Hold the process where it is; SIGCONT lets it go on."""
    gateway.send_signal(signal.SIGSTOP)
    await eventually(lambda: _state(gateway.pid) == "T", "the process to stop", gateway.picture)


def _state(pid: int) -> str:
    """One letter (proc(5)); the name before it may hold spaces and parentheses."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def rss_bytes(pid: int) -> int:
    """Memory of a process that is resident now."""
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmRSS:"))


async def written_submits(carrier: NodeSmsc, path: Path) -> list[dict[str, Any]]:
    """All submit_sm that a carrier with --quiet-submits got so far."""
    await carrier.order("flush")
    return _json_lines(path)


def _json_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def times_sent(submits: list[dict[str, Any]]) -> Counter[tuple[str, int]]:
    """How often each part came, by recipient and part number."""
    return Counter((f"+{submit['to']}", read_segment(submit).number) for submit in submits)


def receipt(submit: dict[str, Any]) -> dict[str, Any]:
    """A receipt in plain text (SMPP 3.4, appendix B), to be sent on order."""
    text = f"id:{submit['id']} sub:001 dlvrd:001 submit date:2604181000 done date:2604181001 stat:DELIVRD err:000 text:"
    return {"from": submit["to"], "to": submit["from"], "text": text, "esm_class": 4}


async def statuses(api: Api) -> dict[str, str]:
    """The status of every message of the account, by id."""
    return {each["messageId"]: each["status"] for each in await every_message(api)}


async def every_message(api: Api) -> list[dict[str, Any]]:
    """Every message of the account, as a list shows it."""
    found: list[dict[str, Any]] = []
    page: dict[str, str] = {}
    while True:
        answer = await api.list(limit=str(MAX_PAGE), **page)
        assert answer.status == 200, answer
        found += answer.json["messages"]
        cursor = answer.json["nextCursor"]
        if cursor is None:
            return found
        page = {"cursor": cursor}


async def all_final(api: Api) -> bool:
    """Whether no message of the account is under way."""
    for status in ("QUEUED", "SENT"):
        answer = await api.list(limit="1", status=status)
        assert answer.status == 200, answer
        if answer.json["messages"]:
            return False
    return True


def assert_told_in_order(sink: Sink, identities: set[str]) -> None:
    """Every message's final event was taken, and where `message.sent` was told too, it came first."""
    first: dict[tuple[str, str], int] = {}
    for at, hook in enumerate(sink.taken()):
        first.setdefault((hook.data["messageId"], hook.type), at)
    untold = [each for each in identities if (each, "message.delivered") not in first]
    assert not untold, f"{len(untold)} messages were not told of: {untold[:5]}"
    turned = [
        each
        for each in identities
        if first.get((each, "message.sent"), -1) > first[each, "message.delivered"]
    ]
    assert not turned, f"delivered was told before sent: {turned[:5]}"
