"""The stage of the kills: a gateway under more load than its carrier takes, with a slow webhook receiver, and what must
be true of it in the end.
"""

from __future__ import annotations

import logging
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import aiohttp

from tests.acceptance.harness.api import Api
from tests.acceptance.harness.config import operator
from tests.acceptance.harness.gateway import Gateway, Template, configuration
from tests.acceptance.harness.sink import Sink
from tests.acceptance.harness.waiting import eventually
from tests.faults.evidence import (
    Stored,
    all_final,
    assert_told_in_order,
    statuses,
    stop,
    stored,
    times_sent,
    written_submits,
)
from tests.faults.load import Load, Post, answers
from tests.peers.smsc import NodeSmsc, smsc

log = logging.getLogger(__name__)  # pytest -o log_cli=true -o log_cli_level=info shows what was counted

WINDOW, BINDS = 30, 2
WITHHELD = "77"  #: the carrier keeps its answers to numbers with this end to itself
STOPPED = "+447700900666"  #: has opted out: its messages are refused
REFUSED_EVERY = 50
LONG_EVERY = 20
PATIENCE_S = 90.0


def posts() -> Iterator[Post]:
    """Without end: mostly one part, some of two, some that are refused for their recipient or their text."""
    for number in count():
        text, to = f"Message {number:06}", f"+44770{number:07}"
        if number % LONG_EVERY == 1:
            text += " and more" * 20
        if number % REFUSED_EVERY == 2:
            to = STOPPED
        elif number % REFUSED_EVERY == 3:
            text = ""
        yield Post(number, to, text)


@dataclass(frozen=True)
class Moment:
    """What is under way while the gateway stands still."""

    posts: int  #: written and not answered
    unanswered: int  #: parts that the carrier has not answered
    uncommitted: int  #: answers of the carrier that the store does not hold
    webhooks_held: int  #: requests that the receiver has not answered
    store: Stored

    def is_busy(self) -> bool:
        """Whether there is something of everything."""
        return bool(
            self.posts
            and self.unanswered
            and self.uncommitted
            and self.webhooks_held
            and self.store.queued
            and self.store.in_hand
            and self.store.webhooks
        )


@dataclass
class Scene:
    """A gateway under load, its carrier, its receiver, and what was posted so far."""

    gateway: Gateway
    carrier: NodeSmsc
    submits_path: Path
    sink: Sink
    api: Api
    posts: Iterator[Post]
    load: Load
    answered: list[Post] = field(default_factory=list)
    cut: list[Post] = field(default_factory=list)

    def picture(self) -> str:
        """For a person."""
        counts = f"answered {len(self.load.answered)}, under way {len(self.load.under_way)}"
        return "\n".join([counts, str(self.carrier.events[-3:]), self.sink.picture(), self.gateway.picture()])

    async def look(self) -> Moment:
        """Stop the gateway, and look."""
        await stop(self.gateway)
        carrier = await self.carrier.stats()
        store = stored(self.gateway.folder)
        return Moment(
            len(self.load.under_way),
            carrier["submits"] - carrier["answers"],
            carrier["answers"] - store.answers,
            self.sink.under_way,
            store,
        )

    async def kill_when(self, is_it: Callable[[Moment], bool]) -> Moment:
        """SIGKILL at a moment with something of everything, and with what this kill is about."""

        async def look() -> Moment | None:
            moment = await self.look()
            if moment.is_busy() and is_it(moment):
                return moment
            self.gateway.send_signal(signal.SIGCONT)
            return None

        moment: Moment = await eventually(look, "the moment to kill", self.picture, PATIENCE_S)
        await self.kill()
        return moment

    async def until_answered(self, enough: int) -> None:
        """Wait until so many posts of the present load are answered."""
        await eventually(
            lambda: len(self.load.answered) >= enough, f"{enough} answers", self.picture, PATIENCE_S
        )

    async def kill(self) -> None:
        """SIGKILL now; what was posted is kept in `answered` and `cut`."""
        await self.gateway.kill9()
        await self.load.ended()
        self.answered += self.load.answered
        self.cut += self.load.cut

    async def begin(self, posts: Iterator[Post] | None = None) -> None:
        """Start on the store as it is, and post; so many, or until the next kill."""
        await self.gateway.start()
        self.load = Load(self.gateway.port, self.api.key, self.posts if posts is None else posts)
        await self.load.start()

    async def end(self, posts: Iterator[Post]) -> None:
        """Start for the last time, with carrier and receiver well again, and post no more than these."""
        await self.carrier.set(answer="now", answer_delay_ms=0, receipt_delay_ms=50, outcomes={})
        self.sink.open_gate.set()
        await self.begin(posts)
        await self.load.ended(PATIENCE_S)
        self.answered += self.load.answered
        assert not self.load.cut


@asynccontextmanager
async def scene(template: Template, folder: Path) -> AsyncIterator[Scene]:
    """Everything set up, the gateway not started."""
    template.copy_to(folder)
    submits = folder / "submits.jsonl"
    async with AsyncExitStack() as stack:
        carrier = await stack.enter_async_context(
            smsc(
                f"--quiet-submits={submits}",
                answer_delay_ms=80,
                receipt_delay_ms=8000,
                outcomes={WITHHELD: {"answer": "never"}},
            )
        )
        alpha = operator("alpha", carrier.port, window=WINDOW, binds=BINDS, on_doubt_wait_s=3)
        routes = [{"id": "all", "to": ["+"], "operators": ["alpha"]}]
        gateway = Gateway(folder, configuration(operators=[alpha], routes=routes))
        stack.push_async_callback(gateway.close)
        sink = Sink(template.sink_port, [template.secret])
        await sink.open()
        stack.push_async_callback(sink.close)
        await gateway.cli("account", "set", "acme", "webhook_events=sent,delivered")
        await gateway.cli("suppression", "add", STOPPED, "--account", "acme")
        session = await stack.enter_async_context(aiohttp.ClientSession())
        api = Api(session, f"http://127.0.0.1:{gateway.port}", template.key)
        every = posts()
        yield Scene(gateway, carrier, submits, sink, api, every, Load(gateway.port, template.key, every))


def bound(alpha: dict[str, Any], kills: int) -> int:
    """How many parts may be written twice: for each dead process the sum of its binds' windows, and as many answers as
    may be unrecorded, which by default is twice that sum."""
    windows: int = alpha["window"] * alpha["binds"]
    return kills * (windows + 2 * windows)


async def assert_nothing_lost(at: Scene, kills: int) -> None:
    """After the last kill, with carrier and receiver well again and all that was posted answered or cut: each promise,
    counted."""
    repeated = {post.key: post for post in await answers(at.gateway.port, at.api.key, every_again(at))}
    assert all(same_answer(post, repeated[post.key]) for post in at.answered)
    accepted = [post for post in repeated.values() if post.status == 202]
    assert {post.status for post in repeated.values()} == {202, 400, 422}

    await eventually(lambda: all_final(at.api), "every message to end", at.picture, PATIENCE_S)
    ends = await statuses(at.api)
    assert set(ends) == {post.identity for post in accepted}, "no message that nobody can ask for"
    assert set(ends.values()) == {"DELIVERED"}

    sent = times_sent(await written_submits(at.carrier, at.submits_path))
    assert set(sent) == {(post.to, part) for post in accepted for part in parts_of(post)}
    twice = sum(times - 1 for times in sent.values())
    limit = bound(at.gateway.document["operators"][0], kills)
    log.info("%d kills, %d accepted, %d cut", kills, len(accepted), len(at.cut))
    log.info("%d parts sent twice, of at most %d", twice, limit)
    assert 0 < twice <= limit

    await eventually(lambda: told(at.sink) == set(ends), "every webhook", at.picture, PATIENCE_S)
    assert_told_in_order(at.sink, set(ends))


def told(sink: Sink) -> set[str]:
    """Messages whose end was taken."""
    return {hook.data["messageId"] for hook in sink.taken("message.delivered")}


def every_again(at: Scene) -> list[Post]:
    return [post.again() for post in at.answered + at.cut]


def same_answer(first: Post, again: Post) -> bool:
    """Byte for byte where it was accepted; a refusal names its own request."""
    if first.status == 202:
        return (again.status, again.answer) == (first.status, first.answer)
    return again.status == first.status


def parts_of(post: Post) -> range:
    """The part numbers that its text makes: one part up to 160 characters of the basic alphabet."""
    return range(1, 2 if len(post.text) <= 160 else 3)
