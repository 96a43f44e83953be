"""Pages put together of several reads."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.ports import Page
from gateway.services.pages import MAX_READS, gathered


class Numbers:
    """A list that counts down from `most` to 1: a read goes through some and finds those that `step` divides."""

    def __init__(self, most: int, looks: int, step: int = 1) -> None:
        self.most = most
        self.looks = looks
        self.step = step
        self.reads = 0

    async def read(self, before: int | None) -> Page[int, int]:
        """What is below a place."""
        self.reads += 1
        first = (self.most + 1 if before is None else before) - 1
        last = max(1, first - self.looks + 1)
        found = [number for number in range(first, last - 1, -1) if number % self.step == 0]
        return Page(found, last if last > 1 else None)


async def test_it_ends_when_it_is_full_when_there_is_no_more_or_after_so_many_reads() -> None:
    full = Numbers(100, 3, 2)
    assert await gathered(full.read, None, 4, int) == Page([100, 98, 96, 94], 94)
    assert full.reads == 3
    exact = Numbers(100, 4)
    assert await gathered(exact.read, None, 4, int) == Page([100, 99, 98, 97], 97)
    assert exact.reads == 1
    ended = Numbers(10, 3, 2)
    assert await gathered(ended.read, 6, 4, int) == Page([4, 2], None)
    rare = Numbers(1_000, 3, 1_000)
    assert await gathered(rare.read, 1_000, 4, int) == Page([], 1_000 - 3 * MAX_READS)
    assert rare.reads == MAX_READS
    to_the_end = Numbers(1_000, 3, 500)
    assert await gathered(to_the_end.read, None, 4, int, reads=None) == Page([1_000, 500], None)


async def test_what_is_sifted_out_is_not_there() -> None:
    async def odd(found: list[int]) -> list[int]:
        return [number for number in found if number % 2]

    assert await gathered(Numbers(9, 4).read, None, 3, int, sift=odd) == Page([9, 7, 5], 5)


async def test_a_fault_of_a_read_is_the_pages() -> None:
    async def broken(_before: int | None) -> Page[int, int]:
        raise ValueError("away")

    with pytest.raises(ValueError, match="away"):
        await gathered(broken, None, 3, int)


@given(
    st.integers(1, 60), st.integers(1, 9), st.integers(1, 9), st.integers(1, 9), st.integers(1, 5) | st.none()
)
async def test_pages_joined_are_the_list(
    most: int, looks: int, step: int, limit: int, reads: int | None
) -> None:
    numbers = Numbers(most, looks, step)
    found: list[int] = []
    before: int | None = None
    while True:
        page = await gathered(numbers.read, before, limit, int, reads=reads)
        assert len(page.items) <= limit
        found += page.items
        before = page.before
        if before is None:
            break
    assert found == [number for number in range(most, 0, -1) if number % step == 0]
