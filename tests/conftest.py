"""Settings for every test: which ones a quick run leaves out, and what hypothesis does by default."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import HealthCheck, settings

from gateway.domain import ids

# No deadline: how long an example takes says how busy the machine is, not whether the code is right.
settings.register_profile(
    "trunkline", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("trunkline")


@pytest.fixture(autouse=True)
def ids_of_this_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ids never go back behind those that a process has made. Those of earlier tests may be of later times."""
    monkeypatch.setattr(ids._Latest, "half", 0)


@pytest.fixture(autouse=True)
def logs_of_this_test() -> Iterator[None]:
    """What a command that runs in a test says of logs ends with the test, as it ends with its process elsewhere.

    Without it `demo`, which wants errors alone, hid the warnings that a later test looked for.
    """
    settings, root = structlog.get_config(), logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.configure(**settings)
    root.handlers[:] = handlers
    root.setLevel(level)


FOR_FULL = ("soak", "again")
"""Markers of what `make test` leaves out and `make test-full` runs."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Tell pytest of our option."""
    parser.addoption("--full", action="store_true", help=f"every test, those marked {FOR_FULL} too")


def pytest_configure(config: pytest.Config) -> None:
    """Tell pytest of the markers."""
    config.addinivalue_line(
        "markers", "soak: takes minutes, or a mount as root; runs with --full, or -m soak"
    )
    config.addinivalue_line(
        "markers", "again: what has run on another engine, and hardly differs; runs with --full"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is for a full run, unless that is asked for or markers were chosen."""
    if config.option.full or config.option.markexpr:
        return
    heavy = [item for item in items if any(map(item.get_closest_marker, FOR_FULL))]
    config.hook.pytest_deselected(items=heavy)
    items[:] = [item for item in items if item not in set(heavy)]


def pytest_report_header(config: pytest.Config) -> str | None:
    """Say what is left out."""
    if config.option.full or config.option.markexpr:
        return None
    return f"left out: tests marked {' or '.join(FOR_FULL)}; `make test-full` (pytest --full) runs them"
