"""Fixtures of the acceptance tests. What is asynchronous in a module runs in one loop, so that worlds can be shared."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Generator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.acceptance.harness.gateway import Template, make_template
from tests.acceptance.harness.store import Engine
from tests.acceptance.harness.world import World, world
from tests.engines import postgres

MARKERS = (
    "only_on(engine, why): about this engine as such",
    "alike(why): hardly differs by engine; a quick run tries the embedded one",
    "differs: by engine after all, in a module whose tests are alike",
)


def pytest_configure(config: pytest.Config) -> None:
    """Tell pytest of the markers."""
    for line in MARKERS:
        config.addinivalue_line("markers", line)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every test with a gateway runs on every engine, unless it is marked as one engine's own. What is marked `alike`
    does so in a full run."""
    if "template" not in metafunc.fixturenames:
        return
    marker = metafunc.definition.get_closest_marker
    only_on, alike = marker("only_on"), marker("alike")
    for each in filter(None, (only_on, alike)):
        assert each.kwargs["why"], f"{metafunc.definition.nodeid}: say why"
    engines = [Engine(only_on.args[0])] if only_on else list(Engine)
    later = [pytest.mark.again] if alike and not only_on and not marker("differs") else []
    params = [pytest.param(each, marks=later if each is not Engine.SQLITE else []) for each in engines]
    metafunc.parametrize("template", params, indirect=True, scope="session")


TEMPLATES = pytest.StashKey[dict[Engine, Template]]()
"""Those that were made: a parametrized fixture forgets its value whenever the parameter changes."""


@pytest.fixture(scope="session")
def template(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Template:
    """A store with accounts and keys, to be copied. The embedded one, where no engine is asked for."""
    engine: Engine = getattr(request, "param", Engine.SQLITE)
    templates = request.config.stash.setdefault(TEMPLATES, {})
    if engine not in templates:
        folder = tmp_path_factory.mktemp(f"template-{engine}")
        tables = {}
        if engine is Engine.POSTGRES:
            tables = {"store": {"url": asyncio.run(postgres.shared().fresh())}}
        templates[engine] = make_template(folder, **tables)
    return templates[engine]


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
