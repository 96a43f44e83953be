"""A configuration with a store of its own, and the program run against it as a person would."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from gateway.cli.program import main


@dataclass(frozen=True, slots=True)
class Told:
    """What a command said, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its output, which is one JSON value."""
        return json.loads(self.out)


Trunkline = Callable[..., Told]


def program(*arguments: str, environment: dict[str, str] | None = None) -> Told:
    """Run the program; an error that is nobody's purpose is raised."""
    result = CliRunner().invoke(main, list(arguments), env=environment, prog_name="trunkline")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Told(result.exit_code, result.stdout, result.stderr)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A configuration whose operators can't even be read: commands beside a gateway don't look at them."""
    path = tmp_path / "gateway.toml"
    path.write_text('[store]\nurl = "sqlite:///data/trunkline.db"\n[[operators]]\npassword = "${NOT_SET}"\n')
    return path


@pytest.fixture
def trunkline(config: Path) -> Trunkline:
    """`trunkline ARGUMENTS` with TRUNKLINE_CONFIG set; `code` is the exit code that is expected."""

    def run(*arguments: str, code: int = 0) -> Told:
        told = program(*arguments, environment={"TRUNKLINE_CONFIG": str(config)})
        assert told.code == code, told
        return told

    return run
