"""docs/money.md: its rate plan is the one that comes with the gateway, its commands say what it says, its kinds and
statuses are the code's."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from gateway.cli.program import main
from gateway.domain.money import PLACES, Kind
from gateway.domain.send import Why
from http_api.admin_money import NOT_REFUNDABLE
from http_api.admin_openapi import document
from http_api.problem import OF_WHY
from tests.architecture.sources import ROOT

PAGE = (ROOT / "docs" / "money.md").read_text()
RATES = ROOT / "conf" / "rates"


def block(first: str) -> list[str]:
    """The indented block that begins with this line, without its indent."""
    _, found, rest = PAGE.partition(f"\n    {first}\n")
    assert found, f"docs/money.md has no block that begins with {first}"
    lines = [first]
    for line in rest.splitlines():
        if not line.startswith("    "):
            break
        lines.append(line[4:])
    return lines


def test_the_plan_is_the_example() -> None:
    rows = [line for line in (RATES / "standard.csv").read_text().splitlines() if not line.startswith("#")]
    assert block("prefix,price,currency,effective_from") == rows


def test_what_rates_show_says(tmp_path: Path) -> None:
    config = tmp_path / "gateway.toml"
    config.write_text(f'[rates]\nplans = "{RATES}/*.csv"\n')
    command = "rates show standard --to +447700900123 --at 2026-06-01"
    told = CliRunner().invoke(main, [*command.split(), "--config", str(config)])
    assert told.exit_code == 0, told.output
    assert [line.rstrip() for line in told.output.splitlines()] == block(f"$ trunkline {command}")[1:]


def test_every_kind_of_entry_and_the_decimals_are_told() -> None:
    for kind in Kind:
        assert re.search(rf"\b{kind.name.lower().replace('_', '-')}\b", PAGE)
    assert f"with at most {PLACES} places" in PAGE


@pytest.mark.parametrize("path", document()["paths"])
def test_every_path_of_the_admin_api_is_told(path: str) -> None:
    (method,) = document()["paths"][path]
    assert f"`{method.upper()} {path}`" in PAGE


def test_the_codes_are_the_code_s() -> None:
    for problem in (OF_WHY[Why.INSUFFICIENT_BALANCE], OF_WHY[Why.NOT_PRICED], NOT_REFUNDABLE):
        assert f"{problem.status} `{problem.code}`" in PAGE
