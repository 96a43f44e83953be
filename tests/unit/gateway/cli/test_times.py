"""Times as people type them."""

from datetime import UTC, datetime

import pytest

from gateway.cli.times import read_time
from gateway.errors import Refused


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("2026-01-31", datetime(2026, 1, 31, tzinfo=UTC)),
        ("2026-01-31T22:30", datetime(2026, 1, 31, 22, 30, tzinfo=UTC)),
        ("2026-01-31T22:30:00+01:00", datetime(2026, 1, 31, 21, 30, tzinfo=UTC)),
    ],
)
def test_without_a_zone_it_is_utc(text: str, when: datetime) -> None:
    assert read_time("--at", text) == when


def test_what_is_no_time() -> None:
    with pytest.raises(Refused, match="--since soon: write it as 2026-01-31T22:30:00"):
        read_time("--since", "soon")
