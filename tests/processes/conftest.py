"""Fixtures of the tests with many processes. What is marked `soak` is run when it is asked for: `pytest -m soak`."""

from __future__ import annotations

import asyncio

import pytest

from tests.engines import postgres
from tests.faults.conftest import pytest_collection_modifyitems, pytest_configure
from tests.processes.fleet import Prepared, prepare

__all__ = ["pytest_collection_modifyitems", "pytest_configure"]


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """A database with accounts, to be copied."""
    return asyncio.run(prepare(postgres.shared(), tmp_path_factory.mktemp("prepared")))
