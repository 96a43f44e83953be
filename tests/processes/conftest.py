"""Fixtures of the tests with many processes."""

from __future__ import annotations

import asyncio

import pytest

from tests.engines import postgres
from tests.processes.fleet import Prepared, prepare


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """A database with accounts, to be copied."""
    return asyncio.run(prepare(postgres.shared(), tmp_path_factory.mktemp("prepared")))
