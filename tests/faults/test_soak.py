"""Heavier variants, run by `make soak` (pytest -m soak): what needs a mount, or more time than a test run has."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from random import Random

import pytest

from tests.acceptance.harness.gateway import Template
from tests.acceptance.harness.world import World, world
from tests.faults.evidence import rss_bytes, times_sent
from tests.faults.load import Load, Post, answers
from tests.faults.scene import assert_nothing_lost, scene
from tests.faults.test_backlog import post

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.soak]

PATIENCE_S = 120.0


@contextmanager
def small_disk(path: Path, size: str) -> Iterator[Path]:
    """A file system of this size. Needs root."""
    path.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", path], check=True)
    try:
        yield path
    finally:
        subprocess.run(["umount", "--lazy", path], check=True)


def grow(disk: Path, size: str) -> None:
    """Make room on it."""
    subprocess.run(["mount", "-o", f"remount,size={size}", disk], check=True)


async def test_a_small_disk_fills_up_with_log_and_all(template: Template, tmp_path: Path) -> None:
    """Posts go on until the disk is full, and beyond; even the log can't be written. Then there is room again."""
    with small_disk(tmp_path / "disk", "6m") as disk:
        async with world(template, disk, operators={"alpha": {"on_doubt_wait_s": 1}}) as at:
            posts = [
                Post(number, f"+44770{number:07}", f"Message {number:06} " + "x" * 100)
                for number in range(8000)
            ]
            load = Load(at.gateway.port, at.api.key, posts)
            await load.start()
            await load.ended(PATIENCE_S)
            assert not load.cut
            accepted = [post for post in load.answered if post.status == 202]
            refused = [post for post in load.answered if post.status != 202]
            assert {post.status for post in refused} == {503}
            # A small commit may find room for a while where a message finds none.
            await at.until(lambda: ready_says(at, 503), "/health/ready to say 503")
            assert at.gateway.running
            grow(disk, "200m")
            await at.until(lambda: ready_says(at, 200), "/health/ready to say 200")
            again = await answers(at.gateway.port, at.api.key, [post.again() for post in load.answered])
            assert {post.status for post in again} == {202}
            known = {post.key: post.answer for post in accepted}
            assert all(known.get(post.key, post.answer) == post.answer for post in again)
            await at.until(lambda: len(at.sink.taken()) >= len(posts), "every webhook", PATIENCE_S)
            sent = times_sent(at.submits())
            assert set(sent) == {(post.to, 1) for post in posts}


async def ready_says(at: World, status: int) -> bool:
    return (await at.gateway.health("ready"))[0] == status


@contextmanager
def disk_to_freeze(folder: Path) -> Iterator[Path]:
    """A file system of its own. Needs root."""
    image, disk = folder / "image", folder / "disk"
    disk.mkdir()
    subprocess.run(["truncate", "--size=128M", image], check=True)
    subprocess.run(["mkfs.ext4", "-q", image], check=True)
    subprocess.run(["mount", "-o", "loop", image, disk], check=True)
    try:
        yield disk
    finally:
        subprocess.run(["umount", "--lazy", disk], check=True)


@contextmanager
def frozen(disk: Path) -> Iterator[None]:
    """Each write to it waits in the kernel, and no signal ends that."""
    subprocess.run(["fsfreeze", "--freeze", disk], check=True)
    try:
        yield
    finally:
        subprocess.run(["fsfreeze", "--unfreeze", disk], check=True)


async def test_a_frozen_volume_with_store_journal_and_log(template: Template, tmp_path: Path) -> None:
    """At rest and under load: not ready, by a word or because it can't answer; and nothing is lost or sent twice."""
    with disk_to_freeze(tmp_path) as disk:
        async with world(template, disk) as at:
            await at.status(await at.api.sent(to="+447700975001"), "DELIVERED")
            with frozen(disk):
                posting = asyncio.create_task(at.api.send(key="once", to="+447700975002"))
                await at.until(lambda: not_ready(at), "/health/ready not to say 200")
                await asyncio.sleep(FROZEN_S)
            (answer,) = await asyncio.gather(posting, return_exceptions=True)
            assert not isinstance(answer, BaseException), answer
            assert answer.status in (202, 503)
            await at.until(lambda: ready_says(at, 200), "/health/ready to say 200")
            await at.status(
                (await at.api.send(key="once", to="+447700975002")).json["messageId"], "DELIVERED"
            )
            posts = [Post(number, f"+44770{number:07}", f"Message {number:06}") for number in range(3000)]
            load = Load(at.gateway.port, at.api.key, posts)
            await load.start()
            await at.until(lambda: len(load.answered) > 500, "some of the load")
            with frozen(disk):
                await asyncio.sleep(FROZEN_S)
            await load.ended(PATIENCE_S)
            assert not load.cut
            assert {post.status for post in load.answered} <= {202, 503}
            await at.until(lambda: ready_says(at, 200), "/health/ready to say 200")
            again = await answers(at.gateway.port, at.api.key, [post.again() for post in load.answered])
            assert {post.status for post in again} == {202}
            await at.until(lambda: len(at.sink.taken()) >= len(posts) + 2, "every webhook", PATIENCE_S)
            sent = times_sent(at.submits())
            assert set(sent.values()) == {1}
            assert len(sent) == len(posts) + 2
            assert len(at.gateway.events("serving")) == 1


async def not_ready(at: World) -> bool:
    try:
        async with asyncio.timeout(5):
            return not await ready_says(at, 200)
    except TimeoutError:
        return True


FROZEN_S = 13.0  #: longer than anybody waits for a commit


async def test_memory_has_a_bound(template: Template, tmp_path: Path) -> None:
    """Once SQLite's page cache is full, 80,000 waiting messages more take nothing."""
    async with world(template, tmp_path) as at:
        await at.smsc.order("close")
        await post(at, 0, 80_000)
        before = rss_bytes(at.gateway.pid)
        await post(at, 80_000, 160_000)
        assert rss_bytes(at.gateway.pid) - before < 8 * 1024 * 1024


KILLS = 12


async def test_many_kills(template: Template, tmp_path: Path) -> None:
    """Each at another moment: after some more answers to posts, chosen by chance, whatever is under way then."""
    chance = Random(20260418)
    async with scene(template, tmp_path) as at:
        for kill in range(KILLS):
            (at.sink.open_gate.set if kill % 3 else at.sink.open_gate.clear)()
            await at.begin()
            await at.until_answered(chance.randrange(20, 800))
            await at.kill()
        await at.end(islice(at.posts, 500))
        await assert_nothing_lost(at, KILLS)
