"""Fixtures of the fault tests: those of the acceptance tests, whose harness they use. What is marked `soak` is run when
it is asked for: `pytest -m soak`.
"""

import pytest

from tests.acceptance.conftest import fresh, pytest_runtest_makereport, template

__all__ = ["fresh", "pytest_runtest_makereport", "template"]


def pytest_configure(config: pytest.Config) -> None:
    """Tell pytest of the marker."""
    config.addinivalue_line("markers", "soak: takes minutes or a mount; runs with -m soak alone")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is heavier, unless markers were chosen."""
    if config.option.markexpr:
        return
    heavy = [item for item in items if item.get_closest_marker("soak")]
    config.hook.pytest_deselected(items=heavy)
    items[:] = [item for item in items if item not in heavy]
