"""Two deployments on one database, each with a carrier of its own by the same id: both are told, none is stopped."""

from __future__ import annotations

import copy
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.peers.smsc import smsc
from tests.processes.fleet import EVERYTHING, Fleet, Prepared, fleet

pytestmark = pytest.mark.asyncio(loop_scope="module")

CONFLICT = "another process of this store has another carrier by the same id: messages may leave by either"
OVER = "no other carrier by the same id any more"
NAMES = ("production", "staging")


def elsewhere(at: Fleet, port: int) -> dict[str, Any]:
    """The configuration of the second one with alpha at another port."""
    document = copy.deepcopy(dict(at.gateways["staging"].document))
    document["operators"][0]["port"] = port
    return document


def told(at: Fleet, event: str) -> list[list[tuple[str, int]]]:
    """Operator and process of these log lines of each."""
    return [
        [(line["operator"], line["process"]) for line in at.gateways[name].events(event)] for name in NAMES
    ]


async def conflicts(at: Fleet) -> list[float]:
    """What each one's metric says of alpha."""
    return [
        (await at.gateways[name].metrics()).value("carrier_conflicts", operator="alpha") for name in NAMES
    ]


async def test_two_deployments_on_one_database_are_told_of(prepared: Prepared, tmp_path: Path) -> None:
    async with (
        smsc() as other,
        fleet(prepared, tmp_path, dict.fromkeys(NAMES, EVERYTHING)) as at,
    ):
        production, staging = (at.gateways[name] for name in NAMES)
        same = dict(staging.document)
        staging.configure(elsewhere(at, other.port))
        await at.start("production")
        await at.start("staging")
        ours, theirs = (gateway.events("serving")[0]["process"] for gateway in (production, staging))
        each = [[("alpha", theirs)], [("alpha", ours)]]
        await at.until(lambda: told(at, CONFLICT) == each, "both to tell")
        assert await conflicts(at) == [1, 1]
        listed = await staging.cli("operator", "list")
        sides = " / ".join(map(str, sorted((ours, theirs))))
        assert f"alpha: processes {sides} mean different carriers by this id" in listed.out
        await at.api("production").sent()
        await at.api("staging").sent()

        staging.configure(same)
        staging.send_signal(signal.SIGHUP)
        await at.until(lambda: told(at, OVER) == each, "both to tell that it is over")
        assert told(at, CONFLICT) == each, "once per change"
        assert await conflicts(at) == [0, 0]
        assert "mean different carriers" not in (await staging.cli("operator", "list")).out
