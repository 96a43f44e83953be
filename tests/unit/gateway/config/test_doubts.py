"""What is no error and hardly meant so."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.config import doubts, left_behind, parse
from tests.unit.gateway.config.test_files import ALPHA, ROUTE

SIMULATED = '[[operators]]\nid = "simulated"\nkind = "simulated"\nreceipt_after_s = 1\n'
BETA = ALPHA.replace("alpha", "beta").replace("esme", "other")


def test_nothing_where_nothing_is_odd(tmp_path: Path) -> None:
    for text in (
        "",
        ALPHA + ROUTE,
        f"{ALPHA}{BETA}{ROUTE}[[routes]]\noperators = [{{ alpha = 1, beta = 1 }}]\n",
    ):
        assert doubts(parse(text, tmp_path)) == []


def test_an_operator_without_a_route(tmp_path: Path) -> None:
    assert doubts(parse(ALPHA + BETA + ROUTE, tmp_path)) == [
        "operator 'beta' stands in no route, so no message takes it"
    ]


@pytest.mark.parametrize(
    ("host", "beside", "told"),
    [
        ("127.0.0.1", "", True),
        ("SMSC.example.com.", "", True),
        ("smsc.example.org", "", False),
        ("smsc.example.com", "port = 2776\n", False),
    ],
)
def test_two_operators_that_are_one_account_to_the_carrier(
    tmp_path: Path, host: str, beside: str, told: bool
) -> None:
    first = ALPHA.replace("127.0.0.1", "127.0.0.1" if host == "127.0.0.1" else "smsc.example.com")
    second = first.replace('"alpha"', '"beta"')
    second = second.replace("smsc.example.com", host) + beside
    both = '[[routes]]\nto = ["+44"]\noperators = ["alpha", "beta"]\n'
    found = doubts(parse(first + second + both, tmp_path))
    assert bool(found) is told
    for words in (
        "operators 'alpha' and 'beta' are one account",
        "system_id esme",
        "one operator with binds = 2",
    ):
        assert all(words in doubt for doubt in found)


def test_one_account_is_nothing_odd_where_neither_asks_for_receipts(tmp_path: Path) -> None:
    both = ALPHA + 'receipts = "none"\n' + ALPHA.replace('"alpha"', '"beta"')
    route = '[[routes]]\noperators = ["alpha", "beta"]\n'
    assert doubts(parse(f'{both}receipts = "none"\n{route}', tmp_path)) == []
    assert len(doubts(parse(both + route, tmp_path))) == 1


def test_no_route_at_all(tmp_path: Path) -> None:
    assert doubts(parse(ALPHA, tmp_path)) == ["there is no route, so every message would fail with no_route"]
    assert doubts(parse(SIMULATED, tmp_path)) == []  # test keys need none


def test_a_pattern_without_a_file(tmp_path: Path) -> None:
    (tmp_path / "routes").mkdir()
    (tmp_path / "routes" / ".#uk.toml").touch()
    text = 'include = ["routes/*.toml"]\n' + ALPHA + ROUTE
    assert doubts(parse(text, tmp_path)) == ["include: no file is named as routes/*.toml"]
    (tmp_path / "routes" / "uk.toml").touch()
    assert doubts(parse(text, tmp_path)) == []


def test_routes_behind_one_that_takes_everything(tmp_path: Path) -> None:
    behind = '[[routes]]\nid = "behind"\noperators = ["alpha"]\n'
    everything = '[[routes]]\nid = "all"\noperators = ["alpha"]\n'
    (told,) = doubts(parse(ALPHA + everything + behind, tmp_path))
    assert told == "route 'all' matches every message, so these behind it are never asked: 'behind'"
    for condition in (
        'to = ["+44"]',
        'account = ["acme"]',
        'hours = ["08:00-20:00"]',
        "metadata = { a = 'b' }",
    ):
        assert doubts(parse(f"{ALPHA}{everything}{condition}\n{behind}", tmp_path)) == []


def test_what_a_reload_leaves_behind(tmp_path: Path) -> None:
    alpha, beta = (ALPHA.replace("alpha", name).replace("esme", f"{name}s") for name in ("alpha", "beta"))
    old = parse(alpha + beta + ROUTE, tmp_path)

    def after(text: str) -> list[str]:
        return [told.split(":")[0] for told in left_behind(parse(text + ROUTE, tmp_path), old)]

    swapped = alpha.replace("alphas", "betas") + beta.replace("betas", "alphas")
    assert after(f"{alpha}window = 7\n{beta}") == []
    assert after(alpha) == ["operator 'beta' is gone"]
    assert after(swapped) == ["operator 'alpha' is where 'beta' was", "operator 'beta' is where 'alpha' was"]
    assert after(f"{alpha}{beta}port = 1\n") == ["operator 'beta' is at another address"]


def test_a_reload_leaves_nothing_behind_of_who_gives_no_receipts_or_is_always_there(tmp_path: Path) -> None:
    old = parse(SIMULATED + BETA + 'receipts = "none"\n' + ALPHA + ROUTE, tmp_path)
    assert left_behind(parse(ALPHA + ROUTE, tmp_path), old) == []
