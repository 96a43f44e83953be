"""docs/limits.md: its table is what the dialects answer, and what is counted; its numbers are the code's."""

import random
import re
import tracemalloc
from collections.abc import Callable

import pytest

from gateway.domain.send import Why
from gateway.services import limits
from gateway.services.limits import LIMIT_OF_WHY
from http_api import problem
from http_api.dialects.contacts import words as contacts
from http_api.dialects.outbox import words as outbox
from routing.ranges import BLOCK_DIGITS, STEP, Series, Velocity
from tests.architecture.sources import ROOT

PAGE = (ROOT / "docs" / "limits.md").read_text()
ANSWERS = {
    limit: (int(status), code)
    for limit, status, code in re.findall(
        r"^\| `(\w+)` \| [^|]+ \| (\d{3}) `([A-Z_]+)` \| `test_\w+` \|$", PAGE, re.MULTILINE
    )
}
SHARES = re.findall(
    r"^\| (\d+) \| (sorted|any) \| (\d+) % \| (\d+) % \| (\d+) % \| (\d+) % \|$", PAGE, re.MULTILINE
)
LENGTHS = (4, 5, 6, 10)
LISTS = 100


def test_every_limit_is_told() -> None:
    assert ANSWERS.keys() == set(LIMIT_OF_WHY.values())


@pytest.mark.parametrize("why", LIMIT_OF_WHY)
def test_every_dialect_answers_as_the_table_says(why: Why) -> None:
    for table in (problem.OF_WHY, outbox.OF_WHY, contacts.OF_WHY):
        answer = table[why]
        assert (answer.status, answer.code) == ANSWERS[LIMIT_OF_WHY[why]]


def test_the_numbers_are_the_code_s() -> None:
    assert f"A process remembers {limits.MAX_COUNTED:,} messages" in PAGE
    assert f"and {limits.MAX_IN_SERIES:,} numbers for series" in PAGE
    assert (limits.WINDOW_S, limits.SERIES_S, STEP, BLOCK_DIGITS) == (3600, 600, 3, 4)


def test_the_shares_are_found() -> None:
    assert len(SHARES) == 6


@pytest.mark.parametrize(("size", "order", "told"), [(int(n), order, told) for n, order, *told in SHARES])
def test_honest_lists_hold_series_as_often_as_the_table_says(size: int, order: str, told: list[str]) -> None:
    chance, longest = random.Random(1), []
    for _ in range(LISTS):
        block = chance.sample(range(10**BLOCK_DIGITS), size)
        series = Series(limits.SERIES_S, size)
        numbers = sorted(block) if order == "sorted" else block
        longest.append(max(series.add(("acme", "live"), 447700000000 + number, 0.0) for number in numbers))
    for length, share in zip(LENGTHS, told, strict=True):
        assert abs(sum(found >= length for found in longest) / LISTS - int(share) / 100) < 0.1, length


def megabytes(fill: Callable[[int], object], bound: int) -> float:
    """What so many numbers take, by a tenth of them."""
    tracemalloc.start()
    try:
        for number in range(bound // 10):
            fill(447700000000 + number * 37)
        return tracemalloc.get_traced_memory()[0] * 10 / 1e6
    finally:
        tracemalloc.stop()


def test_the_memory_is_what_the_page_says() -> None:
    owner = ("acme", "live")
    velocity, series = (
        Velocity(limits.WINDOW_S, limits.MAX_COUNTED),
        Series(limits.SERIES_S, limits.MAX_IN_SERIES),
    )
    windows = megabytes(lambda number: velocity.add(owner, number, 0.0), limits.MAX_COUNTED)
    rows = megabytes(lambda number: series.add(owner, number, 0.0), limits.MAX_IN_SERIES)
    assert "at most 110, 110 and 25 MB" in PAGE
    assert 50 < windows <= 110
    assert 10 < rows <= 25
