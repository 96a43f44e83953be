"""kill -9 (DESIGN.md, promises 1, 2 and 4): nothing accepted is lost, and what is sent twice stays within the bound."""

from __future__ import annotations

import logging
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import count, islice
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.acceptance.harness.api import Api
from tests.acceptance.harness.config import operator
from tests.acceptance.harness.gateway import Gateway, Template, configuration
from tests.acceptance.harness.sink import Sink
from tests.acceptance.harness.waiting import eventually
from tests.acceptance.harness.world import World, world
from tests.faults.evidence import (
    Stored,
    all_final,
    assert_told_in_order,
    receipt,
    statuses,
    stop,
    stored,
    times_sent,
    written_submits,
)
from tests.faults.load import Load, Post, answers
from tests.peers.smsc import NodeSmsc, smsc

pytestmark = pytest.mark.asyncio(loop_scope="module")

log = logging.getLogger(__name__)  # pytest -o log_cli=true -o log_cli_level=info shows what was counted

AT_LEAST = 2000  #: messages
WINDOW, BINDS = 30, 2
WITHHELD = "77"  #: the carrier keeps its answers to numbers with this end to itself
STOPPED = "+447700900666"  #: has opted out: its messages are refused
REFUSED_EVERY = 50
LONG_EVERY = 20
PATIENCE_S = 60.0


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
        await self.gateway.kill9()
        await self.load.ended()
        self.answered += self.load.answered
        self.cut += self.load.cut
        return moment

    async def begin(self, posts: Iterator[Post] | None = None) -> None:
        """Start on the store as it is, and post; so many, or until the next kill."""
        await self.gateway.start()
        self.load = Load(self.gateway.port, self.api.key, self.posts if posts is None else posts)
        await self.load.start()


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


async def test_three_kills_in_the_middle_of_a_load(template: Template, tmp_path: Path) -> None:
    async with scene(template, tmp_path) as at:
        at.sink.open_gate.clear()  # a receiver that is slow: webhooks wait
        await at.begin()
        moments = [await at.kill_when(lambda moment: moment.store.queued > 300)]
        await at.begin()
        moments.append(await at.kill_when(lambda moment: moment.store.in_doubt > 0))
        await at.begin()
        await eventually(lambda: len(at.load.answered) > 300, "more of the load", at.picture, PATIENCE_S)
        await at.carrier.set(answer="never")
        moments.append(await at.kill_when(lambda moment: moment.unanswered >= WINDOW * BINDS))

        await at.carrier.set(answer="now", answer_delay_ms=0, receipt_delay_ms=50, outcomes={})
        at.sink.open_gate.set()
        await at.begin(islice(at.posts, max(500, AT_LEAST - len(at.answered))))
        await at.load.ended(PATIENCE_S)
        at.answered += at.load.answered
        assert not at.load.cut
        assert at.cut

        # Each POST again with its key, those that were cut too.
        repeated = {post.key: post for post in await answers(at.gateway.port, at.api.key, every_again(at))}
        assert all(same_answer(post, repeated[post.key]) for post in at.answered)
        accepted = [post for post in repeated.values() if post.status == 202]
        refused = [post for post in repeated.values() if post.status != 202]
        assert {post.status for post in refused} == {400, 422}

        await eventually(lambda: all_final(at.api), "every message to end", at.picture, PATIENCE_S)
        ends = await statuses(at.api)
        assert set(ends) == {post.identity for post in accepted}, "no message that nobody can ask for"
        assert set(ends.values()) == {"DELIVERED"}

        sent = times_sent(await written_submits(at.carrier, at.submits_path))
        assert {to for to, _ in sent} == {post.to for post in accepted}
        assert set(sent) == {(post.to, part) for post in accepted for part in parts_of(post)}
        twice = sum(times - 1 for times in sent.values())
        limit = bound(at.gateway.document["operators"][0], len(moments))
        log.info("%d accepted, %d refused, %d cut", len(accepted), len(refused), len(at.cut))
        log.info("%d sent twice of at most %d; %s", twice, limit, moments)
        assert 0 < twice <= limit

        identities = {post.identity for post in accepted}
        await eventually(
            lambda: (
                len({hook.data["messageId"] for hook in at.sink.taken("message.delivered")})
                == len(identities)
            ),
            "every webhook",
            at.picture,
            PATIENCE_S,
        )
        assert_told_in_order(at.sink, identities)


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


# --- killed with nothing else under way: what becomes of the doubt


@asynccontextmanager
async def in_doubt(template: Template, folder: Path, **alpha: Any) -> AsyncIterator[tuple[World, list[str]]]:
    """Three messages that were written and not answered by a gateway that is dead now."""
    carriers = {"alpha": {"answer": "never", "receipts": False}}
    async with world(template, folder, carriers=carriers, operators={"alpha": alpha}) as at:
        identities = [await at.api.sent(to=f"+44770091000{n}") for n in range(3)]
        await at.until(lambda: len(at.submits()) == 3, "three parts with the carrier")
        await at.gateway.kill9()
        await at.smsc.set(answer="now")
        yield at, identities


async def test_wait_takes_the_receipt(template: Template, tmp_path: Path) -> None:
    """The carrier had them: its receipts end the doubt, and nothing is sent twice."""
    async with in_doubt(template, tmp_path, on_doubt="wait", on_doubt_wait_s=300) as (at, identities):
        await at.gateway.start()
        await at.bound()
        for identity in identities:
            assert (await at.api.message(identity))["status"] == "QUEUED"
        for submit in at.submits():
            await at.smsc.order("inbound", **receipt(submit))
        for identity in identities:
            await at.status(identity, "DELIVERED")
        assert len(at.submits()) == 3


@pytest.mark.parametrize("policy", [{"on_doubt": "wait", "on_doubt_wait_s": 1}, {"on_doubt": "resend"}])
async def test_wait_without_a_receipt_and_resend_send_again(
    template: Template, tmp_path: Path, policy: dict[str, Any]
) -> None:
    async with in_doubt(template, tmp_path, **policy) as (at, identities):
        await at.smsc.set(receipts=True)
        await at.gateway.start()
        for identity in identities:
            found = await at.status(identity, "DELIVERED")
            assert found["attemptCount"] == 2
        assert set(times_sent(at.submits()).values()) == {2}


async def test_fail_ends_as_unconfirmed(template: Template, tmp_path: Path) -> None:
    async with in_doubt(template, tmp_path, on_doubt="fail") as (at, identities):
        await at.gateway.start()
        for identity in identities:
            found = await at.status(identity, "FAILED")
            assert found["reason"] == "unconfirmed"
            hook = await at.hook(identity, "message.failed")
            assert hook.data["reason"] == "unconfirmed"
        await at.bound()
        await at.status(await at.api.sent(to="+447700910009"), "SENT")
        assert len(at.submits()) == 4, "the three of before, and the one of now"


async def claimed_not_written(at: World) -> tuple[str, str]:
    """With a window of one: a message whose answer is withheld, and one behind it that is claimed already."""
    first = await at.api.sent(to="+447700911001")
    second = await at.api.sent(to="+447700911002")
    await at.until(at.submits, "the first part with the carrier")
    await at.gateway.kill9()
    assert len(at.submits()) == 1
    assert stored(at.gateway.folder).in_hand == 2
    await at.smsc.set(answer="now")
    return first, second


ONE_AT_A_TIME = {"window": 1, "on_doubt": "fail"}


async def test_what_was_claimed_and_not_written_is_in_no_doubt(template: Template, tmp_path: Path) -> None:
    """The flight journal tells the two apart."""
    carriers = {"alpha": {"answer": "never"}}
    async with world(template, tmp_path, carriers=carriers, operators={"alpha": ONE_AT_A_TIME}) as at:
        first, second = await claimed_not_written(at)
        await at.gateway.start()
        await at.status(first, "FAILED")
        await at.status(second, "DELIVERED")
        assert len(at.submits()) == 2


async def test_a_journal_of_another_boot_tells_nothing(template: Template, tmp_path: Path) -> None:
    """The machine went down too: its last writes may be lost, so all that was claimed is in doubt."""
    carriers = {"alpha": {"answer": "never"}}
    async with world(template, tmp_path, carriers=carriers, operators={"alpha": ONE_AT_A_TIME}) as at:
        first, second = await claimed_not_written(at)
        change_boot_id(tmp_path)
        await at.gateway.start()
        for identity in (first, second):
            assert (await at.status(identity, "FAILED"))["reason"] == "unconfirmed"


def change_boot_id(folder: Path) -> None:
    """Make the flight journals here those of another boot of the machine."""
    boot = Path("/proc/sys/kernel/random/boot_id").read_bytes().strip()
    journals = [path for path in folder.iterdir() if boot in path.read_bytes()[:100]]
    assert journals
    for journal in journals:
        journal.write_bytes(journal.read_bytes().replace(boot, boot[::-1], 1))
