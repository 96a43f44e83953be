"""The layers of pyproject.toml: import-linter keeps them, and no module stands outside of them."""

import ast
import tomllib
from pathlib import Path
from typing import Any

import pytest
from importlinter import configuration
from importlinter.application import use_cases

from tests.architecture.sources import ROOT, module_name, python_files, tree

configuration.configure()
SETTINGS: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
CONTRACTS: list[dict[str, Any]] = SETTINGS["contracts"]


@pytest.mark.parametrize("contract", [contract["id"] for contract in CONTRACTS])
def test_import_contract_is_kept(contract: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    kept = use_cases.lint_imports(
        config_filename="pyproject.toml", limit_to_contracts=(contract,), cache_dir=None, no_logo=True
    )
    assert kept, "broken contract: the chains are in the captured output"


def test_every_module_has_a_layer() -> None:
    layers = next(contract["layers"] for contract in CONTRACTS if contract["type"] == "layers")
    placed = {module.strip() for layer in layers for module in layer.split("|")}
    names = {module_name(path) for path in python_files()} - {"gateway"}
    outside = {name for name in names if not any(name == top or name.startswith(f"{top}.") for top in placed)}
    assert not outside, f"name them in the layers contract of pyproject.toml: {sorted(outside)}"


def test_every_pure_module_of_smpp_is_under_contract() -> None:
    """What is not a shell around sockets is sans-I/O, a module that comes later too."""
    pure = next(contract["source_modules"] for contract in CONTRACTS if contract["id"] == "pure")
    shells = {
        "smpp",
        "smpp.bind",
        "smpp.capture",
        "smpp.client",
        "smpp.link",
        "smpp.outbind",
        "smpp.pool",
        "smpp.server",
    }
    names = {module_name(path) for path in python_files("smpp")}
    assert names - shells - set(pure) == set(), "add it to the contract `pure` of pyproject.toml"


def test_nobody_uses_the_web_server_of_aiohttp() -> None:
    """import-linter sees `aiohttp` whole; gateway.outbound may use its client only."""
    assert {path for path in python_files() if _imports(path, "aiohttp.web", "aiohttp.test_utils")} == set()


def test_pure_modules_read_no_clock_and_open_nothing() -> None:
    """What an import contract cannot see: `datetime.now()` and the built-in `open`."""
    pure = next(contract["source_modules"] for contract in CONTRACTS if contract["id"] == "pure")
    found = [
        f"{path}:{call.lineno}"
        for path in python_files()
        if any(module_name(path) == top or module_name(path).startswith(f"{top}.") for top in pure)
        for call in ast.walk(tree(path))
        if isinstance(call, ast.Call) and _is_impure(call.func)
    ]
    assert not found, "take `now` or the text as an argument"


def _is_impure(function: ast.expr) -> bool:
    match function:
        case ast.Name(id="open" | "input" | "print"):
            return True
        case ast.Attribute(value=ast.Name(id="datetime" | "date"), attr="now" | "utcnow" | "today"):
            return True
    return False


def _imports(path: Path, *modules: str) -> bool:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import) and any(alias.name in modules for alias in node.names):
            return True
        if isinstance(node, ast.ImportFrom):
            names = {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
            if names & set(modules):
                return True
    return False
