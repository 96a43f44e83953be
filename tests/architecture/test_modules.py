"""The shape of the code: telling names, files and functions that fit a head, no swallowed errors."""

import ast
import re
from pathlib import Path

import pytest

from tests.architecture.sources import PACKAGES, ROOT, functions, python_files, scopes, tree

MAX_FILE_LINES = 700
MAX_FUNCTION_LINES = 80
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "manager", "base", "common", "misc"}

# Where everything may be caught, as `path:function`, and why. Elsewhere an error has a name.
CATCH_ALL: dict[str, str] = {
    "http_api/connection.py:Connection._serve": "the top of a connection's task: logged, counted, answered 500",
    "gateway/app/app.py:App.reload_now": "the top of a reload: refused whole, logged and counted, the old one goes on",
    "gateway/app/tasks.py:Tasks._once": "the top of a task: counted, logged, and the process ends loudly",
    "gateway/app/tasks.py:Tasks._again": "the top of an operator's task: counted, logged, and it begins anew",
    "storage/batcher.py:Batcher._run": "the top of the writer's thread: who waits and who comes later is told",
    "storage/batcher.py:Batcher._serve": "a batch that a defect ended: its callers are told, and the next one runs",
    "storage/batcher.py:Batcher._attempt": "a transaction is rolled back whole whatever ended it; the calls raise it",
    "storage/postgres/groups.py:Groups._attempt": "the same, of a group on its own connection",
}

EVERY_FILE = python_files(*PACKAGES, "tests")
SOURCES = python_files()


@pytest.mark.parametrize("path", EVERY_FILE, ids=str)
def test_file_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(tree(path)), f"{path} begins with a docstring that says what it is for"


@pytest.mark.parametrize("path", EVERY_FILE, ids=str)
def test_file_fits_a_head(path: Path) -> None:
    lines = len((ROOT / path).read_text().splitlines())
    assert lines <= MAX_FILE_LINES, f"{path}: {lines} lines, split it by what it does"


@pytest.mark.parametrize("path", EVERY_FILE, ids=str)
def test_functions_fit_a_screen(path: Path) -> None:
    long = {name: _length(node) for name, node in functions(tree(path)) if _length(node) > MAX_FUNCTION_LINES}
    assert long == {}


def test_names_say_something() -> None:
    assert [path for path in EVERY_FILE if EMPTY_NAMES & {path.stem, *path.parent.parts}] == []


def test_no_dialect_is_known_outside_its_package() -> None:
    found = [
        f"{path}:{subject.lineno}"
        for path in SOURCES
        if path.parts[:2] != ("http_api", "dialects")
        for node in ast.walk(tree(path))
        for subject in _compared(node)
        if _is_dialect(subject)
    ]
    assert found == [], "what differs between dialects belongs into http_api/dialects/<name>/"


def test_everything_is_caught_only_where_listed() -> None:
    found = {
        f"{path}:{name}"
        for path in SOURCES
        for name, scope in scopes(tree(path))
        for node in _own_nodes(scope)
        if isinstance(node, ast.ExceptHandler) and _catches_all(node)
    }
    assert found - set(CATCH_ALL) == set(), (
        "name the error, or list the function in CATCH_ALL with the reason"
    )
    assert set(CATCH_ALL) - found == set(), "no longer there: take it off the list"


@pytest.mark.parametrize("path", python_files("tests"), ids=str)
def test_tests_neither_skip_nor_block(path: Path) -> None:
    """A skipped test proves nothing, and a sleep outside of a polling loop is a guess about the machine."""
    found = [
        f"{path}:{node.lineno}"
        for _, scope in scopes(tree(path))
        for node in _own_nodes(scope)
        if isinstance(node, ast.Attribute)
        and (_is_skip(node) or (_is_sleep(node) and not _in_loop(scope, node)))
    ]
    assert found == []


def _length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def _own_nodes(scope: ast.AST) -> list[ast.AST]:
    """The nodes of a scope without those of the functions inside of it: these have their own turn."""
    found: list[ast.AST] = []
    waiting = list(ast.iter_child_nodes(scope))
    while waiting:
        node = waiting.pop()
        found.append(node)
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            waiting += ast.iter_child_nodes(node)
    return found


def _catches_all(handler: ast.ExceptHandler) -> bool:
    """Whether a handler takes every error and keeps it; one that ends with `raise` only cleans up."""
    last = handler.body[-1]
    if isinstance(last, ast.Raise) and last.exc is None:
        return False
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(
        kind is None or (isinstance(kind, ast.Name) and kind.id in {"Exception", "BaseException"})
        for kind in kinds
    )


def _compared(node: ast.AST) -> list[ast.expr]:
    """What a comparison or a `match` looks at."""
    match node:
        case ast.Match(subject=subject):
            return [subject]
        case ast.Compare(left=left, ops=operators, comparators=others):
            tells_apart = any(
                isinstance(op, ast.Eq | ast.NotEq | ast.Is | ast.IsNot | ast.In) for op in operators
            )
            return [left, *others] if tells_apart else []
    return []


def _is_dialect(node: ast.expr) -> bool:
    return (isinstance(node, ast.Name) and node.id == "dialect") or (
        isinstance(node, ast.Attribute) and node.attr == "dialect"
    )


def _is_skip(node: ast.Attribute) -> bool:
    return ast.unparse(node) in {
        *(f"pytest.mark.{word}" for word in ("skip", "skipif", "xfail")),
        *(f"pytest.{word}" for word in ("skip", "xfail", "importorskip")),
    }


def _is_sleep(node: ast.Attribute) -> bool:
    return ast.unparse(node) == "time.sleep"


def _in_loop(scope: ast.AST, node: ast.AST) -> bool:
    loops = [loop for loop in ast.walk(scope) if isinstance(loop, ast.While | ast.For)]
    return any(node is inner for loop in loops for inner in ast.walk(loop))


def test_nothing_opens_a_stores_files_beside_sqlite() -> None:
    """Closing any descriptor of a file drops all fcntl locks that the process holds on it: SQLite's, too
    (https://www.sqlite.org/howtocorrupt.html, 2.2). So the log and its index are SQLite's alone.
    """
    found = [path for path in python_files("storage") if re.search(r"-(shm|wal)\b", strings_of(path))]
    assert found == []


def strings_of(path: Path) -> str:
    """All string constants of a module that are no docstrings."""
    module = tree(path)
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(module)
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    return "\n".join(
        node.value
        for node in ast.walk(module)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings
    )
