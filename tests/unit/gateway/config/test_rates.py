"""[rates]: price lists are read with the configuration, and refused with it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.config import ConfigErrors, load
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


RATES = Path(__file__).parents[4] / "conf" / "rates"


def test_the_examples_are_price_lists(tmp_path: Path) -> None:
    """`conf/rates` as docs/routing.md tells it."""
    path = tmp_path / "gateway.toml"
    head = f'[rates]\noperators = "{RATES}/operators/*.csv"\nnetworks_file = "{RATES}/networks.csv"\n'
    path.write_text(head + OPERATORS + BY_COST)
    prices = load(path).prices
    found = [price_of(prices, name, "+447700900123", NOW_S) for name in ("alpha", "beta")]
    assert [price and f"{price.amount} {price.prefix}" for price in found] == [
        "0.0350 +4477",
        "0.0330 +447700",
    ]
