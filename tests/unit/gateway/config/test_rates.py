"""[rates]: price lists are read with the configuration, and refused with it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.config import ConfigErrors, load, load_plans
from routing.price import price_of

NOW_S = datetime(2026, 3, 1, tzinfo=UTC).timestamp()
HEAD = '[rates]\noperators = "rates/*.csv"\n'
OPERATORS = "".join(
    f'[[operators]]\nid = "{name}"\nkind = "smpp"\nhost = "h"\nsystem_id = "x"\n'
    for name in ("alpha", "beta")
)
BY_COST = '[[routes]]\nid = "lcr"\nby = "cost"\noperators = ["alpha", "beta"]\n'
LIST = "prefix,price,currency\n44,0.04,EUR\n"


def written(folder: Path, config: str, **lists: str) -> Path:
    """A configuration and the price lists beside it."""
    (folder / "rates").mkdir()
    for name, text in lists.items():
        (folder / "rates" / f"{name}.csv").write_text(text)
    path = folder / "gateway.toml"
    path.write_text(config)
    return path


def wrong(path: Path) -> list[str]:
    with pytest.raises(ConfigErrors) as caught:
        load(path)
    return [str(error).replace(str(path.parent) + "/", "") for error in caught.value.errors]


def test_the_lists_are_named_as_the_operators(tmp_path: Path) -> None:
    config = load(
        written(tmp_path, HEAD + OPERATORS + BY_COST, alpha=LIST, beta=LIST.replace("0.04", "0.03"))
    )
    prices = [price_of(config.prices, name, "+447700900123", NOW_S) for name in ("alpha", "beta")]
    assert [str(price and price.amount) for price in prices] == ["0.04", "0.03"]


def test_by_network(tmp_path: Path) -> None:
    (tmp_path / "networks.csv").write_text("prefix,network\n4477,23410\n")
    text = HEAD + 'networks_file = "networks.csv"\n' + OPERATORS
    config = load(written(tmp_path, text, alpha="network,price,currency\n23410,0.04,EUR\n"))
    assert price_of(config.prices, "alpha", "+447700900123", NOW_S) is not None


def test_all_mistakes_come_at_once(tmp_path: Path) -> None:
    (tmp_path / "networks.csv").write_text("prefix,network\n4477,1\n")
    text = HEAD + 'networks_file = "networks.csv"\n' + OPERATORS + BY_COST
    found = wrong(written(tmp_path, text, alpha=LIST + "1,0;2,EUR\n45,0.1,E\n", gamma=LIST))
    assert found == [
        (
            "gateway.toml:2: rates/gamma.csv is a price list of an operator that does not exist: "
            "name it as the operator, or move it away"
        ),
        (
            "gateway.toml:17: route 'lcr' goes by cost, and 'beta' has no price list: "
            "write beta.csv where [rates] operators looks for price lists"
        ),
        "networks.csv:2: '1' is no network: write MCC and MNC, 5 or 6 digits, as 23410",
        "rates/alpha.csv:3: price '0;2' is none: write it with a point and without signs: 0.0350",
        "rates/alpha.csv:4: currency 'E' is none: write three capitals, as EUR (ISO 4217)",
    ]


def test_prices_in_two_currencies_are_not_compared(tmp_path: Path) -> None:
    path = written(tmp_path, HEAD + OPERATORS + BY_COST, alpha=LIST, beta=LIST.replace("EUR", "USD"))
    assert wrong(path) == [
        (
            "gateway.toml:16: route 'lcr' would compare prices in EUR, USD: "
            "convert the price lists of its operators to one currency"
        )
    ]


@pytest.mark.parametrize(
    ("operators", "said"),
    [
        ("rates/none.csv", "`rates/none.csv` names no file"),
        ("a**b", "is no pattern of file names"),
        ("rates/*.csv", "rates/alpha.csv:1: this is not UTF-8"),
    ],
)
def test_files_that_can_t_be_read(tmp_path: Path, operators: str, said: str) -> None:
    path = written(tmp_path, f'[rates]\noperators = "{operators}"\n' + OPERATORS)
    (tmp_path / "rates" / "alpha.csv").write_bytes(b"prefix\xff")
    assert any(said in line for line in wrong(path))


@pytest.mark.parametrize("value", ["1", "[1]"])
def test_what_is_no_table_is_told_once(tmp_path: Path, value: str) -> None:
    assert len(wrong(written(tmp_path, f"rates = {value}\n"))) == 1


PLANS = '[rates]\nplans = "rates/*.csv"\n'
PLAN = "prefix,price,currency\n44,0.06,EUR\n+,0.25,EUR\n"


def test_plans_are_named_as_their_files(tmp_path: Path) -> None:
    plans = load(written(tmp_path, PLANS, standard=PLAN, premium=PLAN.replace("EUR", "USD"))).plans
    assert {name: (plan.name, plan.currency) for name, plan in plans.items()} == {
        "standard": ("standard", "EUR"),
        "premium": ("premium", "USD"),
    }
    rate = plans["standard"].rate("+447700900123", NOW_S)
    assert rate is not None
    assert (str(rate.amount), rate.prefix) == ("0.06", "+44")


@pytest.mark.parametrize("named", ["rates/networks.csv", "rates/../rates/networks.csv"])
def test_a_plan_by_network_beside_the_file_of_networks(tmp_path: Path, named: str) -> None:
    text = PLANS + f'networks_file = "{named}"\n'
    path = written(
        tmp_path,
        text,
        networks="prefix,network\n4477,23410\n",
        standard="network,price,currency\n23410,0.05,EUR\n",
    )
    assert list(load(path).plans) == ["standard"]
    assert list(load_plans(path)) == ["standard"]


def test_all_mistakes_of_all_plans_come_at_once(tmp_path: Path) -> None:
    """With those of the rest of the configuration: `trunkline check` tells them all."""
    path = written(
        tmp_path,
        PLANS + "backlog = 1\n",
        a=PLAN + "1,0.1,USD\n",
        b="prefix,price,currency\n44,0.0000001,EUR\n44,1,EUR\n44,1,EUR\n",
        c="prefix,price\n",
        **{"no name": PLAN},
    )
    assert wrong(path) == [
        (
            "gateway.toml:2: rates/no name.csv: 'no name' is no name for a rate plan: "
            "begin with a letter or digit, and go on with those or . _ -"
        ),
        "gateway.toml:3: [rates] has no `backlog`: it has networks_file, operators, plans",
        (
            "rates/a.csv:4: the plan is in EUR (line 2), and this price is in USD: "
            "a plan has one currency: make a plan for each"
        ),
        (
            "rates/b.csv:2: price 0.0000001 has more than 6 decimals: "
            "nothing is rounded: write a price that can be charged as it is"
        ),
        "rates/b.csv:3: prefix 44 is there twice for the same time: first in line 2",
        "rates/b.csv:4: prefix 44 is there twice for the same time: first in line 2",
        (
            "rates/c.csv:1: the head lacks `currency`: "
            "the head is prefix,price,currency,effective_from, or network in place of prefix"
        ),
    ]


def test_a_plan_is_there_once(tmp_path: Path) -> None:
    path = written(tmp_path, PLANS.replace("rates/*", "rates/**/*"), standard=PLAN)
    (tmp_path / "rates" / "old").mkdir()
    (tmp_path / "rates" / "old" / "standard.csv").write_text(PLAN)
    assert wrong(path) == [
        (
            "gateway.toml:2: rates/standard.csv is a rate plan that there is already: "
            "in rates/old/standard.csv: rename one"
        )
    ]


def test_commands_read_the_plans_alone(tmp_path: Path) -> None:
    """A person who books a payment need not wait for somebody who is in the middle of editing routes."""
    path = written(tmp_path, PLANS + '[[operators]]\npassword = "${NOT_SET}"\n', standard=PLAN)
    assert list(load_plans(path)) == ["standard"]
    (tmp_path / "rates" / "standard.csv").write_text("price\n")
    with pytest.raises(ConfigErrors, match=r"standard\.csv:1: the head lacks"):
        load_plans(path)


RATES = Path(__file__).parents[4] / "conf" / "rates"


def test_the_examples_are_price_lists(tmp_path: Path) -> None:
    """`conf/rates` and `conf/networks.csv` as docs/routing.md and docs/money.md tell it."""
    path = tmp_path / "gateway.toml"
    head = f'[rates]\noperators = "{RATES}/operators/*.csv"\nnetworks_file = "{RATES.parent}/networks.csv"\n'
    path.write_text(head + f'plans = "{RATES}/*.csv"\n' + OPERATORS + BY_COST)
    config = load(path)
    prices = config.prices
    assert list(config.plans) == ["standard"]
    found = [price_of(prices, name, "+447700900123", NOW_S) for name in ("alpha", "beta")]
    assert [price and f"{price.amount} {price.prefix}" for price in found] == [
        "0.0350 +4477",
        "0.0330 +447700",
    ]
