"""Verbs that are handed on keep their arguments, and both engines have each verb of the port as the port has it."""

import inspect
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from gateway.ports import Store
from storage.postgres.store import PostgresStore
from storage.sqlite.store import SqliteStore
from storage.verbs import handed_on

ENGINES: tuple[type, ...] = (SqliteStore, PostgresStore)
Arguments = list[tuple[str, object]]


VERBS = [
    (section.__name__.removesuffix("Store"), name)
    for section in Store.__mro__[:-3]  # without Protocol, Generic and object
    for name, verb in vars(section).items()
    if not name.startswith("_") and callable(verb)
]
"""Each verb of the port with its section."""


def arguments(verb: Callable[..., object]) -> Arguments:
    """Names and defaults, without the one that says whose verb it is."""
    return [(each.name, each.default) for each in list(inspect.signature(verb).parameters.values())[1:]]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("section", "name"), VERBS)
def test_an_engine_has_the_ports_verb(engine: type, section: str, name: str) -> None:
    """The type checker passes over names of arguments here, and callers use them."""
    assert arguments(getattr(engine, name)) == arguments(getattr(Store, name))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("section", "name"), VERBS)
def test_a_verb_stands_in_its_section(engine: type, section: str, name: str) -> None:
    owner = next(each for each in engine.__mro__ if name in vars(each))
    assert owner.__name__ == (f"{section}Verbs" if section else "Session")


def test_both_engines_have_all_sections() -> None:
    assert len(set(VERBS)) > 60
    for engine in ENGINES:
        assert [base.__name__.removesuffix("Verbs") for base in engine.__bases__] == [
            base.__name__.removesuffix("Store") for base in Store.__mro__[1:-3]
        ]


class Counting:
    """A store whose place is a number."""

    def __init__(self) -> None:
        self.places = 0

    async def at_next(self, act: Callable[[int], Any]) -> Any:
        """Run at the next place."""
        self.places += 1
        return act(self.places)


def told(place: int, what: str, *, loud: bool = False) -> str:
    """What, and where."""
    return f"{what.upper() if loud else what} at {place}"


async def test_a_verb_runs_at_the_place_that_its_store_chooses() -> None:
    class Verbs(Counting):
        told: Callable[..., Awaitable[str]] = handed_on(told, Counting.at_next)

    store = Verbs()
    assert [await store.told("here"), await store.told(what="there", loud=True)] == [
        "here at 1",
        "THERE at 2",
    ]
    assert arguments(Verbs.told) == [("what", inspect.Parameter.empty), ("loud", False)]
    assert Verbs.told.__doc__ == told.__doc__
