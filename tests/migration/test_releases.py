"""From the store of every release that was: migrated by two at once, it serves, and nothing in it is lost.

The gateway runs an hour after the store was frozen, by a clock of its own (tests/processes/skew.c): what waited is due,
and no validity, retry or key has ended meanwhile.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage import migrate
from tests.acceptance.harness.api import SENDER, problem
from tests.acceptance.harness.waiting import eventually
from tests.faults.evidence import receipt
from tests.migration import life
from tests.migration.dumps import ENGINES, applied, load, rows
from tests.migration.freeze import paths, releases
from tests.migration.upgraded import Upgraded, around

FOLDERS = {engine: Path(migrate.__file__).with_name("migrations") / engine for engine in ENGINES}
EMPTY_WHEN_KILLED = {"recipients", "digests"}
"""Late indexes of the embedded store: they fill from some thousand rows on."""

CASES = [(release, engine) for release in releases() for engine in ENGINES]


@pytest.fixture
async def upgraded(
    release: str, engine: str, place: str, tmp_path: Path, skew: Path
) -> AsyncIterator[Upgraded]:
    """Migrated by two processes at once, and served."""
    at = Upgraded(release, engine, place, tmp_path)
    async with around(at, skew):
        told = await asyncio.gather(*(at.gateway.cli("migrate") for _ in range(2)))
        assert all("is up to date" in each.out for each in told)
        await at.gateway.start()
        yield at


# --- the files


def test_there_is_a_release() -> None:
    assert releases()[0] == "0.1.0"


@pytest.mark.parametrize(("release", "engine"), CASES)
async def test_its_migrations_are_as_they_were_published(
    release: str, engine: str, place: str, tmp_path: Path
) -> None:
    load(paths(release, engine)[0].read_text(), place, tmp_path)
    known = {each.name: each.checksum for each in migrate.load(FOLDERS[engine])}
    was = applied(place, tmp_path)
    assert was.items() <= known.items(), (
        f"a migration of {release} was changed: write a new one instead. While {release} is not out yet, "
        "freeze it again: python -m tests.migration.freeze"
    )
    assert list(known)[: len(was)] == sorted(was), "new ones come after those that are out"


@pytest.mark.parametrize(("release", "engine"), CASES)
async def test_every_table_has_something(release: str, engine: str, place: str, tmp_path: Path) -> None:
    load(paths(release, engine)[0].read_text(), place, tmp_path)
    empty = {name for name, count in rows(place, tmp_path).items() if not count}
    assert empty - EMPTY_WHEN_KILLED == set()


DESTRUCTIVE = re.compile(r"\b(DROP|RENAME|SET NOT NULL|TYPE|TRUNCATE|DELETE)\b")


@pytest.mark.parametrize("engine", ENGINES)
def test_what_comes_before_the_new_release_takes_nothing_away(engine: str) -> None:
    """The release before runs on with it; what it can't live with is `post`."""
    first = len(re.findall("pre_", " ".join(frozen(engine))))
    later = [each for each in migrate.load(FOLDERS[engine])[first:] if each.phase == "pre"]
    bad = [each.name for each in later if DESTRUCTIVE.search(re.sub(r"--.*", "", each.text).upper())]
    assert bad == []


def frozen(engine: str) -> set[str]:
    """The migrations of the first release."""
    text = paths(releases()[0], engine)[0].read_text()
    return set(re.findall(r"\b(\d{4}_(?:pre|post)_[a-z0-9_]+)\b", text))


# --- the upgrade


@pytest.mark.parametrize(("release", "engine"), CASES)
async def test_nothing_is_lost_by_an_upgrade(upgraded: Upgraded) -> None:
    at = upgraded
    await what_had_ended_is_as_it_was(at)
    await what_was_unfinished_ends(at)
    await what_carriers_say_finds_its_message(at)
    await keys_and_lists_hold(at)
    await dead_letters_can_be_replayed(at)
    for label in ("delivered", "undelivered", "refused", "second", "long", "under_way", "canceled"):
        if label != "canceled":
            assert at.submits(at.facts.messages[label].document["to"]) == 0, "it was sent long ago"
    assert await at.gateway.terminate() == 0


async def what_had_ended_is_as_it_was(at: Upgraded) -> None:
    """Every message that had ended shows all that it showed, and every key gives the same answer, byte for byte."""
    for label, said in at.facts.messages.items():
        if said.view.get("status") in ("DELIVERED", "FAILED", "UNDELIVERABLE"):
            view = await at.api.message(said.id)
            assert {name: view[name] for name in said.view} == said.view, label  # a later release says more
        if said.key and label != "erased":
            headers = {"Idempotency-Key": said.key}
            again = await at.api.request("POST", "/v1/sms/send", json=said.document, headers=headers)
            assert (again.status, again.body.decode()) == (202, said.answer), label


async def what_was_unfinished_ends(at: Upgraded) -> None:
    """Sent once: what waited, what was for later, what was in doubt, and what the dead gateway had in its hands."""
    for label in ("waiting", "for_later", "in_doubt", "in_hand"):
        await at.ends(label)
        assert at.submits(at.facts.messages[label].document["to"]) == 1, label
    for label in ("under_way", "tried_again"):
        await eventually(lambda: at.hooks(label, "delivered"), f"the webhook of {label}", at.picture)  # noqa: B023
    canceled = await at.api.message(at.facts.messages["canceled"].id)
    assert canceled["status"] == "CANCELED"


async def what_carriers_say_finds_its_message(at: Upgraded) -> None:
    """A receipt for what was sent before; a send that its receipt had overtaken; a message whose end never came."""
    to = at.facts.messages["sent"].document["to"]
    submit = {"id": at.facts.refs["sent"], "from": SENDER[1:], "to": to[1:]}
    await at.carriers["alpha"].order("inbound", **receipt(submit))
    await at.ends("sent")
    parked = await at.api.sent(to=life.PARKED_PHONE)

    async def found() -> bool:
        return bool((await at.api.message(parked))["status"] == "DELIVERED")

    await eventually(found, "the parked receipt to be found", at.picture)
    await eventually(
        lambda: [hook for hook in at.sink.taken("message.inbound") if hook.data["from"] == life.PHONE],
        "the half message with its gap",
        at.picture,
    )


async def keys_and_lists_hold(at: Upgraded) -> None:
    """Who may, who may no more, and who must not be written to."""
    keys = at.facts.keys
    for label in ("test", "other"):
        assert (await at.api.as_caller(keys[label]).send(to="+447700903000")).status == 202
    problem(await at.api.as_caller(keys["revoked"]).send(), 401, "UNAUTHENTICATED")
    for number in (life.STOPPED, life.PERSON, "+447700900999"):
        problem(await at.api.send(to=number), 422, "RECIPIENT_SUPPRESSED")


async def dead_letters_can_be_replayed(at: Upgraded) -> None:
    """Both events of the message whose receiver wanted no more."""
    assert len((await at.gateway.cli("webhook", "dead", "list", "--json")).json) == 2
    await at.gateway.cli("webhook", "dead", "replay", "--all")
    await eventually(lambda: at.hooks("given_up", "delivered"), "the replayed event", at.picture)
