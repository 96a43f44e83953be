"""Fixtures of the fault tests: those of the acceptance tests, whose harness they use."""

from tests.acceptance.conftest import fresh, pytest_runtest_makereport, template

__all__ = ["fresh", "pytest_runtest_makereport", "template"]
