"""Tenants who insist: whoever is told 503 waits for as long as `Retry-After` says, and repeats the request; whoever is
told 402 waits for money, and asks for the next one."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp

from tests.acceptance.harness.api import SENDER
from tests.faults.load import Post
from tests.processes.fleet import Fleet

CUT_PAUSE_S = 0.1
POOR_PAUSE_S = 0.1


@dataclass
class Caller:
    """One of them: a request at a time, through one gateway."""

    at: Fleet
    name: str
    posts: Iterator[Post]
    enough: asyncio.Event
    answered: list[Post] = field(default_factory=list)
    metered: bool = False  #: its account pays, and may have no money
    poor: int = 0  #: answers 402
    refused: int = 0  #: answers 503
    cut: int = 0  #: requests without an answer

    async def run(self) -> None:
        """Until it is enough."""
        for post in self.posts:
            while not await self._take(post):
                pass
            if self.enough.is_set():
                return

    async def _take(self, post: Post) -> bool:
        """One try; whether it was the last. Any answer but 202, an honest 503, and 402 where one pays, is an error."""
        url = f"http://127.0.0.1:{self.at.gateways[self.name].port}/v1/sms/send"
        document = {"to": post.to, "from": SENDER, "body": post.text, **post.fields}
        headers = {"X-Api-Key": self.at.prepared.template.key, "Idempotency-Key": post.key}
        try:
            async with self.at.session.post(url, json=document, headers=headers) as got:
                post.status, post.answer = got.status, await got.read()
                told = got.headers.get("Retry-After")
        except aiohttp.ClientConnectionError:
            self.cut += 1
            await asyncio.sleep(CUT_PAUSE_S)
            return False
        if post.status == 202:
            self.answered.append(post)
            return True
        if self.metered and post.status == 402:
            self.poor += 1
            await asyncio.sleep(POOR_PAUSE_S)
            return True
        assert post.status == 503, (post.status, post.answer)
        assert b"DEPENDENCY_UNAVAILABLE" in post.answer
        assert told is not None
        self.refused += 1
        await asyncio.sleep(int(told))
        return False


@dataclass
class Callers:
    """All of one load."""

    at: Fleet
    each: list[Caller]

    async def more(self, count: int) -> None:
        """Wait until so many more are accepted."""
        known = self._accepted()
        await self.at.until(lambda: self._accepted() >= known + count, f"{count} more to be accepted")

    def _accepted(self) -> int:
        return sum(len(caller.answered) for caller in self.each)

    async def all_refused(self) -> None:
        """Wait until each of them is told, at least once from now on, that nothing can be kept now."""
        before = [caller.refused for caller in self.each]

        def told() -> bool:
            return all(caller.refused > known for caller, known in zip(self.each, before, strict=True))

        await self.at.until(told, "every caller to be answered 503")

    async def all_poor(self) -> None:
        """Wait until each of them is told, at least once from now on, that there is too little money."""
        before = [caller.poor for caller in self.each]

        def told() -> bool:
            return all(caller.poor > known for caller, known in zip(self.each, before, strict=True))

        await self.at.until(told, "every caller to be answered 402")

    @property
    def refused(self) -> int:
        """Answers 503."""
        return sum(caller.refused for caller in self.each)

    @property
    def cut(self) -> int:
        """Requests without an answer."""
        return sum(caller.cut for caller in self.each)


@asynccontextmanager
async def callers(at: Fleet, *names: str, count: int = 4, metered: bool = False) -> AsyncIterator[Callers]:
    """So many callers per gateway, who send messages without end. Left when all that they have begun is accepted; or
    refused for want of money, where their account is `metered`."""
    numbers, enough = itertools.count(), asyncio.Event()
    shared = (Post(n, f"+44770{n:07}", f"Message {n:06}") for n in numbers)
    them = Callers(
        at, [Caller(at, name, shared, enough, metered=metered) for name in names for _ in range(count)]
    )
    async with asyncio.TaskGroup() as tasks:
        for caller in them.each:
            tasks.create_task(caller.run())
        yield them
        enough.set()
    at.accepted += [post for caller in them.each for post in caller.answered]
