"""The README keeps its word: its first commands are the two, and every name in the straight line exists."""

import importlib
import re
from functools import reduce
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT, module_name, python_files

# `gateway/services/submit.py: Submit.accept`, or the file alone, which may be named by its last folders.
NAME = re.compile(r"`(?P<file>[\w/]+\.py)(?:: (?P<attribute>[\w.]+))?`")
ROW = re.compile(r"^\| (?P<step>\d+) .*\|$")


def readme() -> str:
    return (ROOT / "README.md").read_text()


def rows() -> list[str]:
    """The rows of the table "One message, in a straight line"."""
    return [line for line in readme().splitlines() if ROW.match(line)]


def names() -> list[tuple[str, str | None]]:
    """Every (file, attribute) that the table names."""
    return [(found["file"], found["attribute"]) for row in rows() for found in NAME.finditer(row)]


def resolve(file: str) -> Path:
    """The one source file whose path ends so."""
    wanted = Path(file).parts
    found = [path for path in python_files() if path.parts[-len(wanted) :] == wanted]
    assert len(found) == 1, f"{file} is {[str(path) for path in found] or 'nowhere'}: write its whole path"
    return found[0]


def test_begins_with_the_two_commands() -> None:
    start = "\n".join(readme().splitlines()[:25])
    assert re.findall(r"\bmake (\w+)", start)[:2] == ["demo", "test"]


def test_the_line_has_every_step_once() -> None:
    steps = [int(found["step"]) for row in rows() if (found := ROW.match(row))]
    assert steps == list(range(1, len(steps) + 1))
    assert len(steps) >= 11
    assert len(names()) >= 20


@pytest.mark.parametrize("step", range(11))
def test_every_name_of_a_step_exists(step: int) -> None:
    found = list(NAME.finditer(rows()[step]))
    assert found, "a step says where it happens"
    for name in found:
        module = importlib.import_module(module_name(resolve(name["file"])))
        reduce(getattr, (name["attribute"] or "__name__").split("."), module)


def test_every_page_is_found_from_here() -> None:
    pages = {f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")}
    assert pages <= set(re.findall(r"\]\(([^)#]+)", readme().partition("## Pages")[2]))
