"""`trunkline cdr export` and `account export`, against a real store."""

import gzip
import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from gateway.cli.beside import utc_now
from tests.unit.gateway.cli.conftest import Trunkline
from tests.unit.gateway.cli.test_messages import kept


@pytest.fixture(autouse=True)
def account(trunkline: Trunkline) -> None:
    """An account."""
    trunkline("account", "create", "acme")


def test_a_day_is_exported_and_dropped(trunkline: Trunkline, config: Path, tmp_path: Path) -> None:
    day = (utc_now() - timedelta(days=2)).date()
    line = ("cdr", "export", "--day", day.isoformat(), "--out", str(tmp_path / "cdr"))
    told = trunkline(*line)
    assert told.out == f"{tmp_path / 'cdr'}/trunkline-cdr-{day}.csv.gz: 0 message(s), verified\n"
    assert told.err == ""
    assert "dropped from the store" in trunkline(*line, "--drop").out
    facts = trunkline(*line, "--json").json
    assert (facts["rows"], facts["day"]) == (0, day.isoformat())


def test_a_day_that_is_past_retention_is_warned_of(trunkline: Trunkline, tmp_path: Path) -> None:
    told = trunkline("cdr", "export", "--day", "2020-01-01", "--out", str(tmp_path / "cdr"))
    assert "retention_days = 30" in told.err


def test_what_an_export_of_a_day_refuses(trunkline: Trunkline, tmp_path: Path) -> None:
    today = utc_now().date()
    out = ("--out", str(tmp_path / "cdr"))
    assert "is over" in trunkline("cdr", "export", "--day", today.isoformat(), *out, code=1).err
    trunkline("cdr", "export", "--day", "20-1-1", *out, code=2)
    trunkline("cdr", "export", *out, code=2)
    (tmp_path / "file").write_text("")
    blocked = ("--out", str(tmp_path / "file"))
    trunkline("cdr", "export", "--day", date(2020, 1, 1).isoformat(), *blocked, code=2)


def test_an_account_is_exported(trunkline: Trunkline, config: Path, tmp_path: Path) -> None:
    identity = kept(config)
    path = tmp_path / "acme.jsonl.gz"
    told = trunkline("account", "export", "acme", "--out", str(path), "--json")
    assert told.json["lines"] == {"account": 1, "message": 1}
    lines = [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]
    assert [line["kind"] for line in lines] == ["account", "message"]
    assert lines[1]["message_id"] == identity
    assert "exists" in trunkline("account", "export", "acme", "--out", str(path), code=1).err
    assert "nobody" in trunkline("account", "export", "nobody", "--out", str(path) + "2", code=1).err
