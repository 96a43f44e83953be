"""The files of the repository as the architecture tests read them."""

import ast
import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("gateway", "http_api", "routing", "smpp", "storage")

# What git ignores: made by tools, or the user's own.
_IGNORED = {".git", ".venv", ".image", "node_modules", "build", "dist", "var", "__pycache__"}
_IGNORED_ENDINGS = (".egg-info", "_cache", ".hypothesis")


@cache
def repository_files() -> tuple[Path, ...]:
    """Every file that belongs to the repository, relative to its root."""
    found = []
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [
            name for name in folders if name not in _IGNORED and not name.endswith(_IGNORED_ENDINGS)
        ]
        found += [(Path(folder) / name).relative_to(ROOT) for name in names]
    return tuple(sorted(found))


def python_files(*tops: str) -> list[Path]:
    """The Python files below the given folders (without any: the five packages), relative to the root."""
    wanted = tops or PACKAGES
    return [path for path in repository_files() if path.suffix == ".py" and path.parts[0] in wanted]


@cache
def _test_names() -> frozenset[str]:
    """The names of all tests, and of the classes that they stand in."""
    found: set[str] = set()
    for path in repository_files():
        if path.parts[0] == "tests" and path.name.startswith("test_") and path.suffix == ".py":
            found.update(_DEFINED.findall((ROOT / path).read_text()))
    return frozenset(found)


def named_tests(page: str) -> set[str]:
    """The tests that a page's text names: `test_...` or `Test...` between backquotes."""
    return set(_NAMED_TEST.findall(page))


def missing_tests(page: str) -> set[str]:
    """Those among them that are nowhere."""
    return named_tests(page) - _test_names()


_DEFINED = re.compile(r"^ *(?:async def|def|class) (test_\w+|Test\w+)\b", re.MULTILINE)
_NAMED_TEST = re.compile(r"`(test_\w+|Test\w+)`")


@cache
def tree(path: Path) -> ast.Module:
    """The syntax tree of a file of the repository."""
    return ast.parse((ROOT / path).read_text(), str(path))


def module_name(path: Path) -> str:
    """`smpp/codec.py` -> `smpp.codec`, `smpp/__init__.py` -> `smpp`."""
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def functions(module: ast.Module) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Every function of a module with its qualified name, such as `Submit.accept`."""
    yield from _functions(module, "")


def scopes(module: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    """Every function of a module, and under the name `module` the module itself."""
    yield "module", module
    yield from functions(module)


def _functions(node: ast.AST, prefix: str) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield prefix + child.name, child
        inside = f"{prefix}{child.name}." if isinstance(child, _NAMED) else prefix
        yield from _functions(child, inside)


_NAMED = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
