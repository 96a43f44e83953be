"""The program itself: its commands, how it begins, how errors reach a person."""

import errno
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import click
import pytest

from gateway.cli.program import COMMANDS, HIDDEN, Program, main
from gateway.errors import Refused
from tests.unit.gateway.cli.conftest import Trunkline, program
from tests.unit.gateway.cli.processes import TRUNKLINE

BESIDE = [
    ("account", "list"),
    ("key", "list"),
    ("number", "list"),
    ("suppression", "list"),
    ("operator", "list"),
    ("webhook", "dead", "list"),
    ("migrate",),
    ("check",),
    ("serve",),
]


def walk(group: click.Group, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], click.Command]]:
    """Every command with its path."""
    context = click.Context(group)
    found: list[tuple[tuple[str, ...], click.Command]] = []
    for name in [*group.list_commands(context), *(HIDDEN if group is main else ())]:
        command = group.get_command(context, name)
        assert command is not None
        found.append(((*path, name), command))
        if isinstance(command, click.Group):
            found += walk(command, (*path, name))
    return found


def test_every_command_is_there_and_helps() -> None:
    assert isinstance(main, Program)
    paths = {path for path, _ in walk(main)}
    assert {(name,) for name in COMMANDS} <= paths
    assert ("webhook", "dead", "replay") in paths
    for path, command in walk(main):
        assert command.help, f"{path} says what it does"
        told = program(*path, "--help")
        assert told.code == 0
        assert told.out.startswith(f"Usage: trunkline {' '.join(path)}")


def test_every_option_is_described() -> None:
    bare = [
        (path, parameter.name)
        for path, command in walk(main)
        for parameter in command.params
        if isinstance(parameter, click.Option) and not parameter.help
    ]
    assert bare == []


def test_help_lists_commands_without_importing_them() -> None:
    code = (
        "import sys; from gateway.cli.program import main; main(['--help'], standalone_mode=False); "
        "print([m for m in sys.modules if m.startswith('gateway.cli.') and m != 'gateway.cli.program'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    for name in set(COMMANDS) - HIDDEN:
        assert f"  {name} " in done.stdout
    assert "health" not in done.stdout


def test_version() -> None:
    assert program("--version").out == f"trunkline {version('trunkline')}\n"


@pytest.mark.parametrize("command", BESIDE, ids=" ".join)
def test_a_configuration_must_be_named(command: tuple[str, ...]) -> None:
    told = program(*command, environment={"TRUNKLINE_CONFIG": ""})
    assert told.code == 2
    assert "--config FILE, or the environment variable TRUNKLINE_CONFIG" in told.err


@pytest.mark.parametrize("command", BESIDE, ids=" ".join)
def test_a_configuration_that_is_not_there(command: tuple[str, ...], tmp_path: Path) -> None:
    path = tmp_path / "none.toml"
    told = program(*command, "--config", str(path))
    assert told.code == 1
    assert told.out == ""
    assert (
        told.err == f"{path}:1: can't be read (No such file or directory): name another file with --config\n"
    )


def test_unknown_commands_and_options_are_usage(trunkline: Trunkline) -> None:
    assert "No such command 'acount'" in trunkline("acount", code=2).err
    assert "No such option" in trunkline("account", "list", "--jsn", code=2).err
    assert trunkline("account", "create", code=2).err


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (Refused("no, and here is why"), "trunkline: no, and here is why\n"),
        (
            OSError(errno.ENOSPC, "No space left on device", "/x/y"),
            "trunkline: /x/y: No space left on device\n",
        ),
        (OSError("plain"), "trunkline: plain\n"),
    ],
)
def test_errors_are_one_line(error: Exception, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    @click.command()
    def fails() -> None:
        raise error

    monkeypatch.setattr(Program, "get_command", lambda *_: fails)
    told = program("migrate")
    assert (told.code, told.out, told.err) == (1, "", said)


def test_a_pipe_that_closes_ends_it_quietly(config: Path) -> None:
    for number in range(3):
        assert program("account", "create", f"a{number}", "--config", str(config)).code == 0
    command = [TRUNKLINE, "account", "list", "--config", str(config)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        assert b"Traceback" not in process.stderr.read()


def test_signs_that_the_terminal_lacks_are_escaped(config: Path) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1", "TRUNKLINE_CONFIG": str(config)}
    for command in (("create", "acme"), ("set", "acme", "help_reply_text=\u20ac 1"), ("show", "acme")):
        told = subprocess.run(
            [TRUNKLINE, "account", *command], env=environment, capture_output=True, text=True, check=True
        )
    assert "\\u20ac 1" in told.stdout
