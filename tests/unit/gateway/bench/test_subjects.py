"""The configurations that the subjects run on."""

import re
from pathlib import Path
from typing import Any

import pytest

from gateway.bench import BenchOptions, kannel, trunkline
from gateway.config import parse


def test_the_gateways_configuration_is_valid_and_durable(tmp_path: Path) -> None:
    config = parse(trunkline.configuration(8080, 8081, 2775, BenchOptions(window=100)), tmp_path)
    (operator,) = config.operators
    assert (operator.id, operator.window, operator.on_doubt) == ("carrier", 100, "wait")
    assert config.store.url.startswith("sqlite:///")
    assert config.webhooks.allow_private_addresses


def test_kannels_configuration_has_every_group_it_needs() -> None:
    text = kannel.configuration(1, 2, 3, 4, 100, Path("/data/messages"))
    groups = [dict(re.findall(r"^(\S+) = (.+)$", group, re.MULTILINE)) for group in text.split("\n\n")]
    assert [group["group"] for group in groups] == ["core", "smsc", "smsbox", "sendsms-user"]
    core, smsc, smsbox, _ = groups
    assert (core["store-type"], core["store-location"]) == ("file", "/data/messages")
    assert (smsc["port"], smsc["transceiver-mode"], smsc["max-pending-submits"]) == ("4", "true", "100")
    assert smsbox["sendsms-port"] == "1"
    assert core["smsbox-port"] == smsbox["bearerbox-port"] == "3"


def test_kannel_is_installed_when_both_of_its_boxes_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kannel, "SYSTEM_DIRECTORIES", "")
    monkeypatch.setenv("PATH", str(tmp_path))
    found = []
    for name in ("bearerbox", "smsbox"):
        found.append(kannel.installed())
        (tmp_path / name).touch(mode=0o755)
    assert [*found, kannel.installed()] == [False, False, True]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"workers": 2}, "many workers share a PostgreSQL store: name one with --store"),
        ({"store": "sqlite:///x.db"}, "--store names a PostgreSQL database, postgresql://"),
        ({"redis": "redis://127.0.0.1"}, "--redis goes with a PostgreSQL store: name one with --store"),
        ({"metered": True, "kannel": True}, "Kannel knows no money: leave out --kannel"),
        ({"rounds": 2, "store": "postgresql://127.0.0.1/x"}, "its database is empty once"),
        ({"rounds": 2, "profile": Path("x.svg")}, "each would write its stacks over the last one's"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, dict) else "",
)
def test_options_that_contradict_each_other_are_refused(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        BenchOptions(**wrong)


@pytest.mark.parametrize("wrong", [{"messages": 0}, {"clients": 0}, {"window": 0}, {"warm_up": -1}])
def test_options_that_measure_nothing_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="at least"):
        BenchOptions(**wrong)  # type: ignore[arg-type]
