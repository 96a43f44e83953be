"""CPU-microseconds of the store per message and verb, in batches of several sizes, on a real disk.

A second thread works and does small system calls all the time, as the event loop of a busy gateway does, so that the
writer must fight for the interpreter's lock. Not collected by pytest:

    python -m tests.load.bench_store [--messages N] [--directory DIR] [--no-rival] [--history N]
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import hashlib
import os
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gateway.domain import ids
from gateway.domain.account import Env
from gateway.domain.event import Event, EventKind, Settled
from gateway.domain.message import Answer, Message, PartRow, Step, apply_answer, apply_receipt, latest, settle
from gateway.domain.outcome import Accepted
from gateway.domain.receipt import Receipt
from gateway.domain.send import Acceptance, IdempotencyKey
from gateway.domain.words import PartState, Priority, ReceiptEffect, Status
from gateway.ports import Owner, Store
from gateway.services.events import snapshot_of
from storage.open import open_store

NOW = datetime.now(UTC)
BODY = "Your one-time code is 123456. It is valid for ten minutes; do not tell it to anybody."


class Rival(threading.Thread):
    """An event loop's share of the interpreter: some Python, then a system call that frees the lock."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.ending = False

    def run(self) -> None:
        near, far = socket.socketpair()
        while not self.ending:
            sum(range(1_500))  # about 30 us
            near.send(b"x")
            far.recv(1)
        near.close()
        far.close()


def new_message(number: int, owner: Owner) -> Message:
    """A message that is claimed by the commit that accepts it."""
    return Message(
        ids.new_id(NOW + timedelta(milliseconds=number)),
        "acme",
        Env.LIVE,
        "orchestrator",
        "+14155550100",
        f"+4479{hash((number, 7)) % 10**8:08}",
        BODY,
        1,
        Priority.TRANSACTIONAL,
        NOW,
        NOW + timedelta(hours=72),
        metadata='{"campaign":"spring"}',
        key_id="key_0123456789abcdef",
        request_id=f"req-{number:024}",
        operator="alpha",
        route="uk-us",
        attempts=1,
        tries=1,
        part_count=1,
        owner=owner.number,
        token=owner.token,
    )


def decide_answers(
    message: Message, rows: list[PartRow], answers: list[Answer], early: list[tuple[int, Receipt]]
) -> Step:
    step, current = Step(message), latest(message, rows)
    for answer in answers:
        apply_answer(step, current, answer)
    for index, receipt in early:
        apply_receipt(step, current, current[answers[index].part], receipt)
    settle(step, current, answers[-1].then, answers[-1].at)
    return step


def decide_receipt(
    message: Message, rows: list[PartRow], row: PartRow, receipt: Receipt
) -> tuple[Step, ReceiptEffect]:
    step = Step(message)
    effect = apply_receipt(step, latest(message, rows), row, receipt)
    for status in step.passed:
        message.events += 1
        step.events.append(event(message, status))
    return step, effect


def event(message: Message, status: Status) -> Event:
    return Event(
        ids.new_id(NOW),
        message.id,
        message.events,
        message.account,
        message.env,
        message.dialect,
        EventKind.DELIVERED,
        NOW,
        "https://hooks.example.com/sms",
        "https://hooks.example.com",
        snapshot_of(message, status, over=False),
        owner=1,
    )


class Bench:
    """One pass of messages through the hot verbs, `size` per call as concurrent callers would join."""

    def __init__(self, store: Store, owner: Owner, size: int, count: int, first: int) -> None:
        self.store = store
        self.owner = owner
        self.size = size
        self.messages = [new_message(first + n, owner) for n in range(count)]
        self.events: list[Event] = []
        self.table: dict[str, float] = {}

    async def run(self) -> dict[str, float]:
        """CPU-microseconds per message: verb to cost."""
        await self._timed("accept", self._accept)
        await self._timed("answers", self._answers)
        await self._timed("receipts", self._receipts)
        await self._timed("settle", self._settle)
        return self.table

    async def pipeline(self) -> None:
        """All verbs at once, each on another cohort, as in a gateway under load: they share their commits."""
        await self._timed(
            "pipeline", self._all_verbs, range(0, len(self.messages) + 3 * self.size, self.size)
        )

    async def _all_verbs(self, start: int, _: int) -> None:
        stages = (self._accept, self._answers, self._receipts, self._settle)
        starts = [start - n * self.size for n in range(len(stages))]
        await asyncio.gather(
            *(
                stage(at, min(at + self.size, len(self.messages)))
                for stage, at in zip(stages, starts, strict=True)
                if 0 <= at < len(self.messages)
            )
        )

    async def _timed(
        self, verb: str, act: Callable[[int, int], Awaitable[None]], starts: range | None = None
    ) -> None:
        writer = next(t for t in threading.enumerate() if t.name == "store-writer")
        clocks = [time.pthread_getcpuclockid(t.ident or 0) for t in (writer, threading.current_thread())]
        before = [time.clock_gettime(clock) for clock in clocks]
        wall = time.perf_counter()
        for start in starts or range(0, len(self.messages), self.size):
            await act(start, min(start + self.size, len(self.messages)))
        spent = [time.clock_gettime(clock) - b for clock, b in zip(clocks, before, strict=True)]
        self.table[verb] = spent[0] / len(self.messages) * 1e6
        self.table[verb + " (caller)"] = spent[1] / len(self.messages) * 1e6
        self.table[verb + " wall"] = (time.perf_counter() - wall) / len(self.messages) * 1e6

    async def _accept(self, start: int, end: int) -> None:
        acceptances = [
            Acceptance(
                [message],
                IdempotencyKey(hashlib.sha256(message.id).digest(), "POST", "/v1/sms/send", bytes(32)),
                NOW,
            )
            for message in self.messages[start:end]
        ]
        await asyncio.gather(*(self.store.accept([acceptance]) for acceptance in acceptances))

    async def _answers(self, start: int, end: int) -> None:
        answers = [
            Answer(m.id, 1, 1, 1, "alpha", "uk-us", m.sender, m.recipient, Accepted(m.id.hex()[4:24]), NOW)
            for m in self.messages[start:end]
        ]
        await self.store.record_answers(answers, decide_answers)

    async def _receipts(self, start: int, end: int) -> None:
        receipts = [
            Receipt("alpha", m.id.hex()[4:24], m.sender, m.recipient, PartState.DELIVERED, None, "", NOW)
            for m in self.messages[start:end]
        ]
        for result in await self.store.apply_receipts(receipts, decide_receipt):
            assert result.effect is ReceiptEffect.APPLIED
            assert result.step is not None
            self.events += result.step.events

    async def _settle(self, start: int, end: int) -> None:
        await self.store.settle_webhooks(
            [Settled(e.id, True, False, NOW, None, 1, None, None) for e in self.events[start:end]]
        )


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=2_000, help="per batch size")
    parser.add_argument("--sizes", type=int, nargs="*", default=[1, 10, 40, 100])
    parser.add_argument("--history", type=int, default=20_000, help="messages in the store before")
    parser.add_argument("--directory", type=Path, default=Path("var"))
    parser.add_argument("--no-rival", action="store_true")
    arguments = parser.parse_args()
    arguments.directory.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=arguments.directory) as folder:
        store = open_store(f"sqlite:///{folder}/bench.db", Path.cwd())
        await store.open()
        owner = await store.register(NOW, "bench")
        await Bench(store, owner, 500, arguments.history, 0).run()
        gc.freeze()
        gc.set_threshold(10_000, 50, 100)  # as the gateway's process does
        rival = Rival()
        if not arguments.no_rival:
            rival.start()
        first = arguments.history
        for size in arguments.sizes:
            table = await Bench(store, owner, size, arguments.messages, first).run()
            first += arguments.messages
            report(size, table)
            together = Bench(store, owner, size, arguments.messages, first)
            await together.pipeline()
            first += arguments.messages
            report(size, together.table, ("pipeline",))
        rival.ending = True
        await store.close()


def report(
    size: int,
    table: dict[str, float],
    verbs: tuple[str, ...] = ("accept", "answers", "receipts", "settle"),
) -> None:
    """One line per batch size."""
    cells = [
        f"{v} {table[v]:6.1f} (+{table[v + ' (caller)']:.1f}, wall {table[v + ' wall']:.0f})" for v in verbs
    ]
    total = sum(table[verb] for verb in verbs)
    sys.stdout.write(f"batch {size:4}: {'  '.join(cells)}   writer {total:6.1f} us/message\n")
    sys.stdout.flush()


if __name__ == "__main__":
    assert os.name == "posix"
    asyncio.run(main())
