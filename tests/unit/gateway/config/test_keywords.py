"""[inbound] keywords: the lists that come with the gateway, and mistakes in lists of one's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.config import ConfigErrors, load
from gateway.generated import ROOT
from routing.keywords import ANYWHERE, Action, classify, country_of
from routing.segments import count

HEAD = '[inbound]\nkeywords = "keywords/*.toml"\n'


def written(folder: Path, **lists: str) -> Path:
    """A configuration and the word lists beside it."""
    (folder / "keywords").mkdir()
    for name, text in lists.items():
        (folder / "keywords" / f"{name}.toml").write_text(text)
    path = folder / "gateway.toml"
    path.write_text(HEAD)
    return path


def wrong(path: Path) -> list[str]:
    with pytest.raises(ConfigErrors) as caught:
        load(path)
    return [str(error).replace(str(path.parent) + "/", "") for error in caught.value.errors]


def test_those_that_come_with_the_gateway(tmp_path: Path) -> None:
    lists = {path.stem: path.read_text() for path in (ROOT / "conf" / "keywords").glob("*.toml")}
    assert set(lists) >= {"de", "es", "pt", "it", "nl", "sv", "no", "da"}
    countries = load(written(tmp_path, **lists)).countries
    for number, text, action in (
        ("+4915112345678", "Stopp!", Action.STOP),
        ("+34600123456", "baja", Action.STOP),
        ("+4512345678", "hjælp", Action.HELP),
        ("+46701234567", "Starta", Action.START),
        ("+4712345678", "meld på", Action.START),
        ("+393201234567", "Cancellami.", Action.STOP),
        ("+447700900123", "STOP", Action.STOP),
    ):
        country = country_of(number, countries)
        assert classify(text, country.vocabulary).action is action, (number, text)
    assert classify("Stopp", country_of("+447700900123", countries).vocabulary).action is None
    for country in countries.values():
        assert set(country.replies) == set(Action)
        assert all(count(text) <= 2 for text in country.replies.values())


def test_the_longest_prefix_wins(tmp_path: Path) -> None:
    path = written(
        tmp_path, us='prefixes = ["+1"]\nstop = ["HALT"]\n', quebec='prefixes = ["+1418"]\nstop = ["ASSEZ"]\n'
    )
    countries = load(path).countries
    assert classify("assez", country_of("+14185550123", countries).vocabulary).action is Action.STOP
    assert classify("halt", country_of("+14185550123", countries).vocabulary).action is None
    assert country_of("60777", countries) is ANYWHERE


def test_all_mistakes_come_at_once(tmp_path: Path) -> None:
    found = wrong(
        written(
            tmp_path,
            a='prefixes = ["49"]\n\nstop = ["X"]\nstopp = ["Y"]\n',
            b='prefixes = ["+49"]\nstop = ["!?"]\n',
            c='prefixes = ["+43"]\nstart = ["STOP"]\n',
            d='prefixes = ["+43"]\n',
            e='prefixes = ["+43"]\n',
            f="prefixes = [\n",
        )
    )
    assert [line.split(": ")[0] for line in found] == [
        "keywords/a.toml:1",
        "keywords/a.toml:4",
        "keywords/b.toml:2",
        "keywords/c.toml:1",
        "keywords/e.toml:1",
        "keywords/f.toml:1",
    ]
    assert "did you mean `stop`?" in found[1]
    assert "has neither a letter nor a digit" in found[2]
    assert "stands for stop and for start" in found[3]
    assert "+43 has a word list already: in keywords/d.toml" in found[4]


def test_a_pattern_that_names_nothing(tmp_path: Path) -> None:
    path = tmp_path / "gateway.toml"
    path.write_text(HEAD.replace("*", "de"))
    assert wrong(path) == [
        "gateway.toml:2: `keywords/de.toml` names no file: paths are relative to the main file"
    ]
