"""Fixtures of the tests of upgrades: an empty place for a store, and a clock that is set back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.engines import postgres
from tests.processes.skew import compiled


@pytest.fixture(scope="session")
def skew(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library that sets the clock of the process that it is preloaded into."""
    return compiled(tmp_path_factory.mktemp("skew"))


@pytest.fixture
async def place(engine: str) -> AsyncIterator[str]:
    """Where an empty store can be."""
    if engine == "sqlite":
        yield "sqlite:///trunkline.db"
    else:
        url = await postgres.shared().empty()
        yield url
        await postgres.shared().drop(url)
