"""Fixtures of the acceptance tests. What is asynchronous in a module runs in one loop, so that worlds can be shared."""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.acceptance.harness.gateway import Template, make_template
from tests.acceptance.harness.world import World, world


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """A store with accounts and keys, to be copied."""
    return make_template(tmp_path_factory.mktemp("template"))


@pytest_asyncio.fixture(loop_scope="module")
async def fresh(template: Template, tmp_path: Path) -> AsyncIterator[World]:
    """A world of the test's own, with one carrier."""
    async with world(template, tmp_path) as built:
        yield built


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def shared(template: Template, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """A world that a module's tests share: each uses recipients of its own."""
    async with world(template, tmp_path_factory.mktemp("shared")) as built:
        yield built


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the worlds of a test that failed."""
    report = yield
    if report.failed and isinstance(item, pytest.Function):
        for name, value in item.funcargs.items():
            if isinstance(value, World):
                report.sections.append((f"the world '{name}'", value.picture()))
    return report
