"""What commands print."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest

from gateway.cli.output import print_facts, print_json, print_table, shown


def test_columns_stand_under_their_heads(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("name", "text"), [("a", "日本"), ("long name", None)], "nothing")
    assert capsys.readouterr().out == "NAME       TEXT\na          日本\nlong name  -\n"


def test_no_rows_say_so_beside_the_output(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("name",), [], "nothing here")
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "nothing here\n")


def test_facts(capsys: pytest.CaptureFixture[str]) -> None:
    print_facts({"a": 1, "long": True})
    assert capsys.readouterr().out == "a     1\nlong  yes\n"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "-"),
        (False, "no"),
        (datetime(2026, 5, 1, 14, 0, tzinfo=timezone(timedelta(hours=2))), "2026-05-01 12:00:00Z"),
        (timedelta(minutes=2), "120 s"),
        ("evil\x1b[2J\r\n\u202e", "evil\ufffd[2J\ufffd\ufffd\ufffd"),
        (frozenset({"b", "a"}), "a, b"),
        (["b", "a"], "b, a"),
        (2.5, "2.5"),
    ],
)
def test_values_as_people_read_them(value: object, text: str) -> None:
    assert shown(value) == text


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    print_json(
        {"at": datetime(2026, 5, 1, 12, 0, 0, 5000, tzinfo=UTC), "set": frozenset({"b", "a"}), "ж": None}
    )
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    assert json.loads(out) == {"at": "2026-05-01T12:00:00.005Z", "set": ["a", "b"], "ж": None}


def test_what_json_has_no_word_for() -> None:
    with pytest.raises(TypeError, match="no JSON for object"):
        print_json(object())
