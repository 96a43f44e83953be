"""Binds over processes: all of them are held, evenly, and few move."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.shares import share

processes = st.sets(st.integers(1, 10_000), min_size=1, max_size=12)


@given(operator=st.text(max_size=20), binds=st.integers(0, 40), senders=processes)
def test_every_bind_is_somebodys_and_nobody_has_two_more_than_another(
    operator: str, binds: int, senders: set[int]
) -> None:
    shares = [share(operator, binds, process, senders) for process in senders]
    assert sum(shares) == binds
    assert max(shares) - min(shares) <= 1


def test_a_process_that_does_not_send_has_none() -> None:
    assert share("alpha", 4, 3, {1, 2}) == 0
    assert share("alpha", 4, 3, set()) == 0


def test_operators_with_one_bind_are_spread() -> None:
    names = [f"carrier-{n}" for n in range(300)]
    held = {process: sum(share(name, 1, process, {4, 5, 6}) for name in names) for process in (4, 5, 6)}
    assert sum(held.values()) == 300
    assert min(held.values()) > 60


@given(senders=processes, newcomer=st.integers(10_001, 20_000), binds=st.integers(1, 8))
def test_a_newcomer_takes_binds_from_others_and_nobody_gains(
    senders: set[int], newcomer: int, binds: int
) -> None:
    for process in senders:
        before = share("alpha", binds, process, senders)
        assert share("alpha", binds, process, senders | {newcomer}) <= before
