"""The repository names nothing of the machine that it was written on, and no package registry."""

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.architecture.sources import ROOT, repository_files

MACHINE_PATH = re.compile(r"(?<![\w.$}~])/(work|root|home|Users|opt/pypi|tmp/brief)/")
REGISTRY_HOST = re.compile(r"pypi\.org|pythonhosted\.org|npmjs\.(org|com)|(?<![\w.])registry\.[a-z]")
LOCKS = ["requirements.txt", "requirements-dev.txt"]


def _text_files() -> Iterator[tuple[Path, str]]:
    for path in repository_files():
        content = (ROOT / path).read_bytes()
        if b"\0" not in content:
            yield path, content.decode()


@pytest.mark.parametrize("pattern", [MACHINE_PATH, REGISTRY_HOST], ids=["machine", "registry"])
def test_nothing_of_one_machine_is_named(pattern: re.Pattern[str]) -> None:
    found = [
        f"{path}:{number}"
        for path, text in _text_files()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]
    assert found == []


def test_text_files_end_with_a_newline() -> None:
    assert [path for path, text in _text_files() if text and not text.endswith("\n")] == []


@pytest.mark.parametrize("lock", [*LOCKS, "tests/peers/requirements.txt"])
def test_python_lock_is_whole_and_names_no_index(lock: str) -> None:
    pinned = 0
    for entry in re.split(r"\n(?=\S)", (ROOT / lock).read_text().strip()):
        assert re.match(r"[a-z0-9.-]+==\S+( ; .+)? \\\n", entry), entry.splitlines()[0]
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), entry.splitlines()[0]
        pinned += 1
    assert pinned > 10


def test_the_locks_agree() -> None:
    """`make test` installs the development lock over the runtime's: the tests must meet what is shipped."""
    runtime, development = (
        {line for line in (ROOT / lock).read_text().splitlines() if "==" in line} for lock in LOCKS
    )
    assert runtime - development == set()


def test_every_named_library_is_locked() -> None:
    locked = {re.split("==", line)[0] for line in (ROOT / LOCKS[1]).read_text().splitlines() if "==" in line}
    for wanted in (ROOT / "requirements").glob("*.in"):
        names = {re.split(r"[><=\[;]", line)[0].strip().lower() for line in wanted.read_text().splitlines()}
        assert names - locked == set(), f"{wanted.name}: run `make lock`"


def test_npm_lock_has_hashes_and_no_registry() -> None:
    lock: dict[str, Any] = json.loads((ROOT / "tests/peers/package-lock.json").read_text())
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert "node_modules/smpp" in packages
    assert [name for name, package in packages.items() if "resolved" in package] == []
    assert [name for name, package in packages.items() if "integrity" not in package] == []


def test_the_command_is_declared() -> None:
    project: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["scripts"] == {"trunkline": "gateway.cli:main"}
    assert project["name"] == "trunkline"
