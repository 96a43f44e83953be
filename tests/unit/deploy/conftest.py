"""PostgreSQL as docs/production.md asks for it: a role of its own that owns its database, and is no superuser."""

from __future__ import annotations

import itertools
import os
from collections.abc import AsyncIterator

import asyncpg
import pytest

from tests.engines import postgres

PASSWORD = "letters0and1digits"

_numbers = itertools.count()


@pytest.fixture
async def role() -> AsyncIterator[str]:
    """The name of a role and of its database."""
    cluster = postgres.shared()
    admin = await asyncpg.connect(cluster.url("postgres"))
    name = f"u{os.getpid()}_{next(_numbers)}"
    await admin.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{PASSWORD}'")
    await admin.execute(f"CREATE DATABASE {name} OWNER {name}")
    yield name
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await admin.execute(f"DROP ROLE {name}")
    await admin.close()
