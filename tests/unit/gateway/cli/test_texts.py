"""What `route explain` tells of a text, by the account's own settings."""

from pathlib import Path

from tests.unit.gateway.cli.conftest import program
from tests.unit.gateway.cli.test_routes import config, explained

__all__ = ["config"]

QUOTED = "It\u2019s " + "a" * 80


def test_segments_with_their_texts_and_what_made_it_dear(config: Path) -> None:
    facts = explained(config, "--json", text=QUOTED).json
    assert (facts["alphabet"], facts["segments"], facts["units"]) == ("ucs2", 2, 85)
    assert [part["units"] for part in facts["parts"]] == [67, 18]
    assert "".join(part["text"] for part in facts["parts"]) == QUOTED
    assert facts["non_gsm7"] == [
        {
            "code_point": "U+2019",
            "name": "RIGHT SINGLE QUOTATION MARK",
            "positions": [2],
            "replacement": "'",
        }
    ]
    assert facts["smart_replacement"] == {"applied": False, "segments_saved": 1}

    told = explained(config, text=QUOTED).out
    assert "Text: 85 units of ucs2" in told
    assert "U+2019" in told
    assert "RIGHT SINGLE QUOTATION MARK" in told
    assert (
        "Smart replacement would save 1 segments: trunkline account set NAME smart_replacement=true" in told
    )


def test_the_account_s_settings_hold(config: Path) -> None:
    assert program("account", "create", "acme", "--config", str(config)).code == 0
    setting = ("account", "set", "acme", "smart_replacement=true", "national_languages=tr")
    assert program(*setting, "--config", str(config)).code == 0

    facts = explained(config, "--json", text=QUOTED).json
    assert (facts["alphabet"], facts["segments"]) == ("gsm7", 1)
    assert facts["parts"][0]["text"].startswith("It's ")
    assert "Smart replacement has saved 1 segments." in explained(config, text=QUOTED).out

    turkish = explained(config, "--json", text="ğ" * 150).json
    assert (turkish["segments"], turkish["national_tables"]) == (1, "locking shift tr")
    assert "units of gsm7, with locking shift tr" in explained(config, text="ğ" * 150).out


def test_a_plain_text_has_nothing_to_tell(config: Path) -> None:
    told = explained(config).out
    assert "alphabet   gsm7" in told
    assert not {"Text:", "lacks", "Smart"} & set(told.split())


def test_a_space_that_only_looks_like_one(config: Path) -> None:
    assert "NO-BREAK SPACE" in explained(config, text="a\u00a0b").out
