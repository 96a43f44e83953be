"""Price lists: the longest prefix, what is in effect, and mistakes of files all at once."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.errors import Flaw, PriceError
from routing.price import Entry, Networks, PriceList, price_list, price_of
from routing.pricefile import MAX_FLAWS, read_networks, read_prices

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
UK = "+447700900123"


def amount(prices: PriceList, to: str = UK, at: datetime = NOON) -> str | None:
    found = prices.of(to, at.timestamp())
    return None if found is None else f"{found.amount} {found.currency} {found.prefix}"


def test_the_longest_prefix_counts() -> None:
    prices = read_prices("prefix,price,currency\n44,0.04,EUR\n+4477,0.035,EUR\n1,0.01,EUR\n")
    assert amount(prices) == "0.035 EUR +4477"
    assert amount(prices, "+442079460000") == "0.04 EUR +44"
    assert amount(prices, "+33612345678") is None


def test_a_plus_alone_is_everywhere() -> None:
    assert amount(read_prices("prefix,price,currency\n+,0.1,EUR\n")) == "0.1 EUR +"


def test_the_latest_that_is_in_effect_counts() -> None:
    prices = read_prices(
        "prefix,price,currency,effective_from\n"
        "44,0.05,EUR,2026-03-01T12:00:00Z\n44,0.04,EUR,\n44,0.06,EUR,2026-04-01\n4477,0.01,EUR,2027-01-01\n"
    )
    assert amount(prices, at=datetime(2026, 3, 1, 11, 59, tzinfo=UTC)) == "0.04 EUR +44"
    assert amount(prices, at=NOON) == "0.05 EUR +44"
    assert amount(prices, at=datetime(2026, 4, 1, tzinfo=UTC)) == "0.06 EUR +44"
    assert amount(prices, at=datetime(2027, 1, 1, tzinfo=UTC)) == "0.01 EUR +4477"


def test_a_time_may_have_its_zone() -> None:
    prices = read_prices("prefix,price,currency,effective_from\n44,0.05,EUR,2026-03-01T13:00:00+01:00\n")
    assert amount(prices, at=datetime(2026, 3, 1, 11, 59, tzinfo=UTC)) is None
    assert amount(prices) == "0.05 EUR +44"


def test_a_spreadsheet_s_file() -> None:
    text = '\ufeffPrefix; Price ;Currency\r\n"44"; 0.04 ;EUR\r\n\r\n# until March\r\n1;0.01;EUR\r\n'
    assert amount(read_prices(text)) == "0.04 EUR +44"


NETWORKS = read_networks("prefix,network\n4477,23410\n4478,23415\n44,23430\n1,310410\n")


def test_by_network() -> None:
    prices = read_prices("network,price,currency\n23410,0.035,EUR\n234,0.05,EUR\n310410,0.01,EUR\n", NETWORKS)
    assert amount(prices) == "0.035 EUR +4477", "its own price goes before the country's"
    assert amount(prices, "+447800900123") == "0.05 EUR +4478"
    assert amount(prices, "+442079460000") == "0.05 EUR +44"
    assert amount(prices, "+12025550123") == "0.01 EUR +1"


def test_a_country_s_price_counts_until_the_network_has_its_own() -> None:
    prices = read_prices(
        "network,price,currency,effective_from\n23410,0.035,EUR,2026-03-01T12:00:00Z\n"
        "234,0.05,EUR,2026-01-01\n234,0.07,EUR,2026-03-02\n",
        NETWORKS,
    )
    assert amount(prices, at=datetime(2026, 2, 1, tzinfo=UTC)) == "0.05 EUR +4477"
    assert amount(prices) == "0.035 EUR +4477"
    assert amount(prices, at=datetime(2026, 4, 1, tzinfo=UTC)) == "0.035 EUR +4477"


def flaws(text: str, networks: Networks = NETWORKS) -> list[Flaw]:
    with pytest.raises(PriceError) as caught:
        read_prices(text, networks)
    return list(caught.value.flaws)


def test_all_mistakes_come_at_once_with_their_lines() -> None:
    text = (
        "prefix,price,currency,effective_from\n"
        "44x,0.04,EUR,\n"
        "44,0,04,EUR,\n"
        "45,-1,EUR,\n"
        "46,0.04,eur,\n"
        "47,0.04,EUR,31.01.2026\n"
        "48,0.04,EUR,\n"
        "+48,0.05,EUR,\n"
        ",0.05,EUR,\n"
        "49,1e3,EUR,\n"
    )
    assert [(flaw.line, flaw.what) for flaw in flaws(text)] == [
        (2, "prefix '44x' is none"),
        (3, "it has 5 fields, the head has 4"),
        (4, "price '-1' is none"),
        (5, "currency 'eur' is none"),
        (6, "effective_from '31.01.2026' is no time"),
        (8, "prefix +48 is there twice for the same time"),
        (9, "prefix '' is none"),
        (10, "price '1e3' is none"),
    ]
    assert all(flaw.hint for flaw in flaws(text))


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "the head lacks `prefix`"),
        ("44,0.04,EUR\n", "the head lacks `prefix`"),
        ("prefix,currency\n44,EUR\n", "the head lacks `price`"),
        ("prefix,price,currency,colour\n44,0.04,EUR,red\n", "there is no column `colour`"),
        ("prefix,network,price,currency\n44,23410,0.04,EUR\n", "a list is by `prefix` or by `network`"),
        ("prefix,price,price,currency\n44,1,2,EUR\n", "the head names a column twice"),
        ("prefix,price,currency\n", "the list has no prices"),
        ("network,price,currency\n2341,0.04,EUR\n", "'2341' is no network"),
        ("network,price,currency\n26201,0.04,EUR\n", "nobody tells which numbers network 26201 has"),
        ('prefix,price,currency\n"44,0.04,EUR\n', "this is no CSV"),
    ],
)
def test_single_mistakes(text: str, what: str) -> None:
    assert any(flaw.what.startswith(what) for flaw in flaws(text)), flaws(text)


@pytest.mark.parametrize("time", ["9999-12-31T23:59:59-05:00", "1969-12-31", "0001-01-01T00:00:00+05:00"])
def test_a_time_that_no_clock_will_show(time: str) -> None:
    """Whoever is told until when a price holds gets a time of the UTC calendar."""
    (flaw,) = flaws(f"prefix,price,currency,effective_from\n44,0.04,EUR,{time}\n")
    assert flaw.what == f"effective_from '{time}' is not from 1970 to 9999"


def test_a_file_in_another_form_does_not_fill_the_screen() -> None:
    found = flaws("prefix,price,currency\n" + "x,y,z\n" * 1000)
    assert len(found) == MAX_FLAWS + 1
    assert found[-1].what == f"and {3000 - MAX_FLAWS} more mistakes"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("network\n23410\n", "the head lacks `prefix` or `network`"),
        ("prefix,network\n44,234\n", "'234' is no network"),
        ("prefix,network\n44,23410\n+44,23415\n", "prefix +44 is there twice"),
    ],
)
def test_mistakes_of_networks(text: str, what: str) -> None:
    with pytest.raises(PriceError) as caught:
        read_networks(text)
    assert caught.value.flaws[0].what == what
    assert "line " in str(caught.value)


def test_equal_prices_are_kept_once() -> None:
    """A list of the world has many prefixes and few prices."""
    rows = "".join(f"{prefix},0.04,EUR\n" for prefix in range(1000, 2000))
    entries = read_prices("prefix,price,currency\n" + rows).entries
    assert len(entries) == 1000
    assert len({id(each) for each in entries.values()}) == 1


cells = st.sampled_from(
    [
        "44",
        "+4477",
        "0.04",
        "1,5",
        "EUR",
        "",
        '"',
        "2026-01-01",
        "0001-01-01T00:00+14:00",
        "9999-12-31",
        "\x00",
        "#",
    ]
) | st.text(max_size=8)
lines = st.lists(cells, max_size=6).map(",".join)


@given(st.sampled_from(["prefix", "network"]), st.lists(lines, max_size=6), st.booleans())
def test_whatever_a_file_holds_it_is_a_list_or_has_mistakes(place: str, rows: list[str], head: bool) -> None:
    text = "\n".join([*([f"{place},price,currency,effective_from"] if head else []), *rows])
    mistakes: tuple[Flaw, ...] = ()
    entries = 0
    try:
        entries = len(read_prices(text, NETWORKS).entries)
    except PriceError as error:
        mistakes = error.flaws
    assert bool(entries) is not bool(mistakes)
    assert all(flaw.line >= 1 and flaw.what and flaw.hint for flaw in mistakes)


digits = st.text("0123", max_size=4)


@given(st.dictionaries(digits, st.integers(0, 99)), st.text("0123", min_size=4, max_size=8))
def test_the_look_up_is_that_of_a_person_with_a_list(listed: dict[str, int], number: str) -> None:
    prices = price_list(("+" + prefix, Entry(0.0, Decimal(price), "EUR")) for prefix, price in listed.items())
    fits = [prefix for prefix in listed if number.startswith(prefix)]
    expected = listed[max(fits, key=len)] if fits else None
    found = price_of({"alpha": prices}, "alpha", "+" + number, NOON.timestamp())
    assert (found and int(found.amount)) == expected
    assert price_of({}, "alpha", "+" + number, NOON.timestamp()) is None
