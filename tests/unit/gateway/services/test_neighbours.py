"""The other processes: routes go by what they reach, and what the dead held is taken over by who knows most of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import pytest
from structlog.testing import capture_logs

from gateway.domain.message import Step
from gateway.domain.words import Priority, Role
from gateway.ports import Owner, Peer, Process, Recovery, Store
from gateway.services.hints import topic_of
from gateway.services.lease import Lease
from gateway.services.neighbours import Flights, Neighbours
from tests.unit.gateway.services.rig import NOW, Rig, a_rig
from tests.unit.gateway.services.test_hints import wired

OURS = Owner(1, 1)
DEAD = Process(Owner(7, 7), "this boot", 4711)


class Others:
    """A store as others have left it."""

    def __init__(self) -> None:
        self.says: list[Peer] = []
        self.dead: list[Process] = []
        self.fenced: list[int] = []
        self.left: list[int] = []
        self.recovered: list[tuple[Sequence[int], Flights | None]] = []

    async def peers(self, owner: Owner) -> list[Peer]:
        return self.says

    async def dead_owners(self) -> list[Process]:
        return self.dead

    async def leave(self, owner: Owner) -> None:
        self.left.append(owner.number)
        self.dead += [peer.process for peer in self.says if peer.process.owner == owner]
        self.says = [peer for peer in self.says if peer.process.owner != owner]

    async def fence(self, owner: Owner, of: Sequence[int]) -> None:
        self.fenced += of

    async def recover(
        self, owner: Owner, journal: Flights | None, decide: Any, now: Any, of: Sequence[int]
    ) -> int:
        self.recovered.append((of, journal))
        self.dead = [process for process in self.dead if process.owner.number not in of]
        return 3


class Files:
    """Journals, of which none is here until the test says so."""

    def __init__(self) -> None:
        self.here: dict[int, Flights] = {}
        self.boot = "this boot"
        self.dropped: list[int] = []
        self.gone: set[int] = set()

    def is_gone(self, process: Process) -> bool:
        return process.owner.number in self.gone

    def read(self, process: Process) -> Flights | None:
        return self.here.get(process.owner.number)

    def is_elsewhere(self, process: Process) -> bool:
        return process.boot_id == self.boot

    def drop(self, process: Process) -> None:
        self.dropped.append(process.owner.number)


class Heir:
    def get_ready(self) -> None:
        return

    def decide(self, recovery: Recovery) -> Step:
        raise NotImplementedError("the store is not a real one")


class Held:
    """A lease as the test wants it."""

    def __init__(self) -> None:
        self.steady = True

    def is_steady(self) -> bool:
        return self.steady


class Scene:
    """A look around from a rig's process."""

    def __init__(self, rig: Rig) -> None:
        self.store, self.files, self.lease, self.rig = Others(), Files(), Held(), rig
        self.takers: list[int] = []
        self.carriers: dict[str, str] = {}
        self.neighbours = Neighbours(
            cast(Store, self.store),
            OURS,
            cast(Lease, self.lease),
            rig.dispatch,
            self.files,
            Heir(),
            lambda: NOW,
            patience=3,
            metrics=rig.metrics,
            carriers=lambda: self.carriers,
            on_takers=self.takers.append,
        )

    async def hear(self, *says: Mapping[str, str]) -> None:
        self.store.says = [
            Peer(Process(Owner(number, number), "this boot", 4700 + number), frozenset({Role.SENDER}), each)
            for number, each in enumerate(says, 2)
        ]
        await self.neighbours.turn()


async def test_an_operator_that_is_up_elsewhere_is_usable_and_keeps_what_waits_for_it() -> None:
    async with a_rig() as rig:
        at = Scene(rig)
        rig.operators["alpha"].up = False
        rig.dispatch.changed("alpha")
        assert not rig.dispatch.usable("alpha")
        await at.hear({"alpha": "up"}, {"alpha": "down"})
        assert rig.dispatch.usable("alpha")
        waits = await rig.send()
        await rig.move()
        message = await rig.message(waits)
        assert (message.operator, message.owner) == ("alpha", None)
        await at.hear({"alpha": "down"})
        assert not rig.dispatch.usable("alpha")
        await rig.move()
        assert (await rig.message(waits)).operator == "beta"


async def test_another_carrier_by_the_same_id_is_told_of_once_and_when_it_ends() -> None:
    async with a_rig() as rig:
        at = Scene(rig)
        at.carriers = {"alpha": "a1", "beta": "b1"}

        async def look(*carriers: Mapping[str, str]) -> list[tuple[str, str, int]]:
            """What is told when the others mean these."""
            at.store.says = [
                Peer(Process(Owner(number, number), "another boot", 1), frozenset(), {}, each)
                for number, each in enumerate(carriers, 2)
            ]
            with capture_logs() as logs:
                await at.neighbours.turn()
            return [(line["log_level"], line["operator"], line["process"]) for line in logs]

        def conflicts() -> list[float]:
            return [rig.metrics.carrier_conflicts.value(operator) for operator in ("alpha", "beta")]

        same = {"alpha": "a1", "beta": "b1", "gamma": "of no concern"}
        other = {**same, "alpha": "a2"}
        assert (await look(same, {}), conflicts()) == ([], [0, 0])
        assert (await look(other, same, other), conflicts()) == (
            [("warning", "alpha", 2), ("warning", "alpha", 4)],
            [2, 0],
        )
        assert (await look(other, same, other), conflicts()) == ([], [2, 0])
        assert (await look(other, same), conflicts()) == ([("info", "alpha", 4)], [1, 0])
        at.carriers = other  # a reload has come here, too
        assert (await look(other, same), conflicts()) == (
            [("warning", "alpha", 3), ("info", "alpha", 2)],
            [1, 0],
        )
        assert (await look(other, other), conflicts()) == ([("info", "alpha", 3)], [0, 0])


async def test_what_is_paused_here_is_not_usable_however_well_it_is_elsewhere() -> None:
    async with a_rig() as rig:
        at = Scene(rig)
        rig.dispatch.pause("alpha", paused=True)
        await at.hear({"alpha": "up"})
        assert not rig.dispatch.usable("alpha")


async def test_a_newcomer_pauses_what_its_elders_were_told_to_pause() -> None:
    async with a_rig() as rig:
        at = Scene(rig)
        await at.hear({"alpha": "paused", "beta": "up"})
        assert rig.dispatch.lanes["alpha"].paused
        assert not rig.dispatch.lanes["beta"].paused
        rig.dispatch.pause("alpha", paused=False)
        await at.hear({"alpha": "paused"})
        assert not rig.dispatch.lanes["alpha"].paused, "only at the first look: later it hears for itself"


async def test_those_that_take_messages_in_are_counted() -> None:
    async with a_rig() as rig:
        at = Scene(rig)
        do = [set(Role), {Role.API}, {Role.SENDER, Role.WEBHOOKS}, set[Role]()]
        at.store.says = [
            Peer(Process(Owner(number, number), "this boot", 4700 + number), frozenset(roles), {})
            for number, roles in enumerate(do, 2)
        ]
        await at.neighbours.turn()
        at.store.says = at.store.says[1:]
        await at.neighbours.turn()
        assert at.takers == [2, 1]


async def test_the_dead_are_recovered_by_their_journal() -> None:
    async with a_rig() as rig:
        at = Scene(rig)
        at.store.dead = [DEAD]
        at.files.here[7] = {(bytes(16), 1): [(1, 1)]}
        await at.hear()
        assert at.store.recovered == [([7], {(bytes(16), 1): [(1, 1)]})]
        assert (at.files.dropped, at.store.fenced) == ([7], [])


async def test_what_the_dead_had_in_hand_is_told_of_to_every_sender() -> None:
    """Who recovers it need not be the one that can send it."""
    async with a_rig() as rig:
        wire, at = wired(rig), Scene(rig)
        await rig.claim()
        at.store.dead = [DEAD]
        at.files.here[7] = {}
        await at.hear({"gamma": "up"})
        operators = ("alpha", "beta", "gamma", "simulated")
        assert wire.published == {topic_of(name, priority): 3 for name in operators for priority in Priority}
        assert rig.dispatch.lanes["alpha"].wants(NOW)


async def test_a_journal_that_may_be_elsewhere_is_waited_for_while_the_binds_are_free() -> None:
    async with a_rig() as rig:
        at = Scene(rig)
        at.store.dead = [DEAD]
        await at.hear()
        await at.hear()
        assert (at.store.fenced, at.store.recovered) == ([7, 7], [])
        await at.hear()
        assert at.store.recovered == [([7], None)]


async def test_of_another_boot_nothing_is_known() -> None:
    async with a_rig() as rig:
        at = Scene(rig)
        at.files.boot = "another"
        at.store.dead = [DEAD]
        await at.hear()
        assert at.store.recovered == [([7], None)]


async def test_right_after_an_outage_nobody_is_taken_for_dead() -> None:
    async with a_rig() as rig:
        at = Scene(rig)
        at.lease.steady = False
        at.store.dead = [DEAD]
        await at.hear({"beta": "up"})
        assert (at.store.fenced, at.store.recovered) == ([], [])


@pytest.mark.parametrize("steady", [True, False])
async def test_one_that_is_seen_to_live_no_more_is_not_waited_for(steady: bool) -> None:
    """Also by a process that has just begun, to which all the others might look dead."""
    async with a_rig() as rig:
        at = Scene(rig)
        at.lease.steady = steady
        at.files.gone, at.files.here = {3}, {3: {}}
        await at.hear({"alpha": "up"}, {"alpha": "up"})
        assert at.store.left == [3]
        assert at.store.recovered == [([3], {})]
        assert at.files.dropped == [3]
        assert [peer.process.owner.number for peer in at.store.says] == [2]
