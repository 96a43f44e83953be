"""What the table says of the Python that was measured with."""

import platform

import pytest

from gateway.bench.interpreter import described, interpreter


@pytest.mark.parametrize(
    ("arguments", "prefix"),
    [
        ("'--enable-shared' '--enable-optimizations' '--with-lto'", "/usr/local"),
        ("'--enable-shared' '--prefix=/usr'", "/usr"),
    ],
)
def test_an_optimised_python_is_named_alone(arguments: str, prefix: str) -> None:
    assert described("3.14.0", arguments, prefix) == "Python 3.14.0"


def test_one_compiled_without_optimisations_is_told() -> None:
    assert described("3.11.7", "'--enable-shared'", "/opt/python").startswith(
        "Python 3.11.7, compiled without --enable-optimizations: "
    )


def test_the_running_one_is_told() -> None:
    assert interpreter().startswith(f"Python {platform.python_version()}")
