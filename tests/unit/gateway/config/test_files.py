"""Files as tired people and their editors leave them: read where it is plain what they mean, else told by line."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gateway.config import ConfigErrors, load
from gateway.operators import smpp

ALPHA = """\
[[operators]]
id = "alpha"
kind = "smpp"
host = "127.0.0.1"
system_id = "esme"
"""
ROUTE = '[[routes]]\nto = ["+44"]\noperators = ["alpha"]\n'


@pytest.fixture
def main(tmp_path: Path) -> Path:
    """A configuration of one operator, in a file of its own, and one route."""
    (tmp_path / "operators").mkdir()
    (tmp_path / "operators" / "alpha.toml").write_text(ALPHA)
    path = tmp_path / "gateway.toml"
    path.write_text('include = ["operators/*.toml"]\n' + ROUTE)
    return path


def leave(main: Path, octets: bytes, name: str = "alpha.toml") -> None:
    """Write a file of the folder."""
    (main.parent / "operators" / name).write_bytes(octets)


def wrong(main: Path) -> list[str]:
    """The errors, their paths beginning at the main file's folder."""
    with pytest.raises(ConfigErrors) as caught:
        load(main)
    return [str(error).removeprefix(f"{main.parent}{os.sep}") for error in caught.value.errors]


@pytest.mark.parametrize(
    "octets",
    [
        b"\xef\xbb\xbf" + ALPHA.encode(),
        ALPHA.replace("\n", "\r\n").encode(),
        ALPHA.replace(" = ", "\t=\t").encode(),
    ],
    ids=["with a mark", "line ends of Windows", "tabs"],
)
def test_what_editors_make_of_it_is_read(main: Path, octets: bytes) -> None:
    leave(main, octets)
    assert [operator.id for operator in load(main).operators] == ["alpha"]
    main.write_bytes(b"\xef\xbb\xbf" + main.read_bytes())
    assert len(load(main).routes) == 1


@pytest.mark.parametrize(
    ("octets", "said"),
    [
        (ALPHA.encode() + b"# caf\xe9\n", "6: this is not UTF-8: save the file as UTF-8"),
        (
            ALPHA.replace("[[operators]]", "[operators]").encode(),
            "1: `operators` is no list of tables: write [[operators]] above each one",
        ),
        (
            (ALPHA + "port = 1\nport = 2\n").encode(),
            "7: this is no TOML: Cannot overwrite a value: a key stands once in its table; ",
        ),
        (
            ALPHA.replace('"esme"', "\u201cesme\u201d").encode(),
            "5: this is no TOML: Invalid value: there is a LEFT DOUBLE QUOTATION MARK: type it anew",
        ),
        (
            ALPHA.replace("id = ", "id\u00a0= ").encode(),
            "2: this is no TOML: Expected '=' after a key in a key/value pair: there is a NO-BREAK SPACE: type it anew",
        ),
        (
            ALPHA.encode() + b"\0\n",
            "6: this is no TOML: Invalid statement: there is a sign U+0000: type it anew",
        ),
        (ALPHA.replace('esme"\n', "es").encode(), "5: this is no TOML: Unterminated string: "),
    ],
    ids=["latin-1", "one bracket", "twice", "quotes", "space", "nul", "half written"],
)
def test_what_can_not_be_read_is_told_at_its_line_and_alone(main: Path, octets: bytes, said: str) -> None:
    """The route to the operator in that file is no error of its own: it may well stand there."""
    leave(main, octets)
    (error,) = wrong(main)
    assert error.startswith(f"operators/alpha.toml:{said}")


def test_a_route_to_nobody_is_told_where_all_files_can_be_read(main: Path) -> None:
    leave(main, b"")
    (error,) = wrong(main)
    assert error.startswith("gateway.toml:4: route 'alpha': operator 'alpha' does not exist")


def test_what_editors_leave_beside_a_file_is_passed_over(main: Path) -> None:
    leave(main, b"\0\5\x16\7\xff", "._alpha.toml")
    (main.parent / "operators" / ".#alpha.toml").symlink_to("somebody@host.4711:1")
    leave(main, ALPHA.encode(), "alpha.toml~")
    assert len(load(main).operators) == 1
    main.write_text('include = ["operators/.*.toml"]\n')
    assert len(wrong(main)) == 2


def test_a_file_that_two_patterns_name_is_read_once(main: Path) -> None:
    main.write_text(main.read_text().replace('["op', '["operators/alpha.toml", "*.toml", "op'))
    assert len(load(main).operators) == 1


def test_what_is_no_file_is_told_and_not_waited_for(main: Path) -> None:
    os.mkfifo(main.parent / "operators" / "pipe.toml")
    (main.parent / "operators" / "folder.toml").mkdir()
    assert wrong(main) == [
        f"operators/{name}.toml:1: this is no file: remove it, or name another one"
        for name in ("folder", "pipe")
    ]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('password_file = "operators"', "operators is a folder"),
        ('password_file = "binary"', "binary is not UTF-8"),
        ('password_file = "nowhere"', "nowhere does not exist"),
    ],
)
def test_a_password_file_that_is_none(main: Path, line: str, said: str) -> None:
    (main.parent / "binary").write_bytes(b"\xff\xfe\0")
    leave(main, f"{ALPHA}{line}\n".encode())
    (error,) = wrong(main)
    assert error.startswith("operators/alpha.toml:6: ")
    assert said in error


def test_a_password_file_of_an_editor_that_marks_it(main: Path) -> None:
    (main.parent / "password").write_bytes(b"\xef\xbb\xbfsecret\r\n")
    leave(main, f'{ALPHA}password_file = "password"\n'.encode())
    (operator,) = load(main).operators
    assert isinstance(operator, smpp.Config)
    assert operator.password.get_secret_value() == "secret"


def test_a_head_that_is_missing_is_told(main: Path) -> None:
    leave(main, ALPHA.removeprefix("[[operators]]\n").encode())
    main.write_text('include = ["operators/*.toml"]\n[limits]\ninclude = ["routes/*.toml"]\nto = 1\n')
    assert wrong(main) == [
        "gateway.toml:3: [limits] has no `include`: it stands above the first [section]",
        "gateway.toml:4: [limits] has no `to`: it has backlog, default_validity_s, drain_timeout_s, retention_days",
        "operators/alpha.toml:1: the file has no `id`: is [[operators]] or [[routes]] missing above it?",
        "operators/alpha.toml:2: the file has no `kind`: is [[operators]] missing above it?",
        "operators/alpha.toml:3: the file has no `host`: is [[operators]] missing above it?",
        "operators/alpha.toml:4: the file has no `system_id`: is [[operators]] missing above it?",
    ]
