"""`trunkline bench`: options that do not go together are refused before anything is started."""

from pathlib import Path

import pytest

from tests.unit.gateway.cli.conftest import program

STORE = ("--store", "postgresql://u@127.0.0.1/d")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--workers", "2"), "many workers share a PostgreSQL store: name one with --store"),
        (("--workers", "65", *STORE), "1<=x<=64"),
        (("--window", "10001"), "1<=x<=10000"),
        (("--redis", "redis://127.0.0.1"), "--redis goes with a PostgreSQL store: name one with --store"),
        (("--store", "sqlite:///x"), "--store names a PostgreSQL database"),
        (("--rounds", "2", *STORE), "with --store just one"),
        (("--rounds", "2", "--profile", "x.svg"), "with --profile just one round"),
        (("--metered", "--kannel"), "leave out --kannel"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_does_not_go_together(options: tuple[str, ...], said: str) -> None:
    told = program("bench", *options)
    assert (told.code, told.out) == (2, "")
    assert said in " ".join(told.err.split())


def test_a_profile_that_can_not_be_written_is_told_before_the_measurement(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    told = program("bench", "--dir", str(tmp_path), "--profile", str(tmp_path / "stacks.svg"))
    assert (told.code, told.out) == (1, "")
    assert told.err == "trunkline: --profile needs py-spy on the PATH: pip install py-spy\n"
    assert list(tmp_path.iterdir()) == []
