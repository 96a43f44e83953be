"""Price lists and network tables as people send them: CSV, read whole, all mistakes at once.

Comma or semicolon, with or without a byte order mark and spaces, as spreadsheets leave them. What looks like a decimal
comma or a thousands separator is refused: nobody shall guess at money.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import NamedTuple

from routing.errors import Flaw, PriceError
from routing.price import Entry, Networks, PriceList, price_list
from routing.tariff import RatePlan

MAX_FLAWS = 50
"""More are counted: a file in another form has one in each line."""

_PREFIX = re.compile(r"\+?([0-9]{0,15})").fullmatch
_NETWORK = re.compile(r"[0-9]{3}(?:[0-9]{2,3})?").fullmatch
_WHOLE_NETWORK = re.compile(r"[0-9]{5,6}").fullmatch
_AMOUNT = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?").fullmatch
_CURRENCY = re.compile(r"[A-Z]{3}").fullmatch
_LAST_S = datetime.max.replace(tzinfo=UTC).timestamp() - 1
"""A later time is no datetime any more in UTC, and whoever asks until when a price holds gets one."""

NO_NETWORKS = Networks({})


class _Row(NamedTuple):
    line: int
    values: Mapping[str, str]


@dataclass(slots=True)
class _Flaws:
    """What was wrong so far."""

    found: list[Flaw] = field(default_factory=list)
    count: int = 0

    def add(self, line: int, what: str, hint: str) -> None:
        self.count += 1
        if self.count <= MAX_FLAWS:
            self.found.append(Flaw(line, what, hint))

    def complain(self) -> None:
        """Raise PriceError when there are any, in the order of their lines."""
        self.found.sort(key=lambda flaw: flaw.line)
        if self.count > MAX_FLAWS:
            more = self.count - MAX_FLAWS
            self.found.append(Flaw(self.found[-1].line, f"and {more} more mistakes", "mend these first"))
        if self.found:
            raise PriceError(tuple(self.found))


def read_prices(text: str, networks: Networks = NO_NETWORKS) -> PriceList:
    """Read a price list. Raises PriceError with all mistakes."""
    return _read_prices(text, networks, None)


def _read_prices(text: str, networks: Networks, of_plan: _OfPlan | None) -> PriceList:
    flaws = _Flaws()
    rows, head = _rows(text, flaws)
    place = "network" if "network" in head else "prefix"
    flaws_of_head = _flaws_of_head(head, place)
    for what, hint in flaws_of_head:
        flaws.add(1, what, hint)
    entries: list[tuple[str, Entry]] = []
    if not flaws_of_head:
        entries = list(_prices(rows, place, networks, flaws, of_plan))
        if not entries and not flaws.count:
            flaws.add(1, "the list has no prices", "write a row for each prefix")
    flaws.complain()
    return price_list(entries)


def read_plan(name: str, text: str, places: int, networks: Networks = NO_NETWORKS) -> RatePlan:
    """Read a rate plan: a price list of one currency whose prices have at most so many decimal places. Raises
    PriceError with all mistakes."""
    prices = _read_prices(text, networks, _OfPlan(places))
    (currency,) = prices.currencies
    return RatePlan(name, currency, prices)


@dataclass(slots=True)
class _OfPlan:
    """What is asked of the rows of a rate plan beyond those of any list."""

    places: int
    first: tuple[str, int] | None = None  #: the currency, and the line that has named it first

    def check(self, row: _Row, amount: Decimal, currency: str, flaws: _Flaws) -> None:
        """Note what is wrong with a row."""
        exponent = amount.normalize().as_tuple().exponent
        if isinstance(exponent, int) and exponent < -self.places:
            what = f"price {row.values['price']} has more than {self.places} decimals"
            flaws.add(row.line, what, "nothing is rounded: write a price that can be charged as it is")
        if self.first is None:
            self.first = (currency, row.line)
        elif self.first[0] != currency:
            what = f"the plan is in {self.first[0]} (line {self.first[1]}), and this price is in {currency}"
            flaws.add(row.line, what, "a plan has one currency: make a plan for each")


def read_networks(text: str) -> Networks:
    """Read which network has which prefix: the columns `prefix` and `network`. Raises PriceError."""
    flaws = _Flaws()
    rows, head = _rows(text, flaws)
    if not {"prefix", "network"} <= set(head):
        flaws.add(1, "the head lacks `prefix` or `network`", "begin the file with prefix,network")
        flaws.complain()
    found: dict[str, tuple[str, int]] = {}
    for row in rows:
        prefix = _prefix(row, flaws)
        network = row.values["network"]
        if not _WHOLE_NETWORK(network):
            flaws.add(row.line, f"{network!r} is no network", "write MCC and MNC, 5 or 6 digits, as 23410")
        elif prefix in found:
            flaws.add(row.line, f"prefix {prefix} is there twice", f"first in line {found[prefix][1]}")
        elif prefix is not None:
            found[prefix] = (network, row.line)
    flaws.complain()
    return Networks({prefix: network for prefix, (network, _) in found.items()})


def _rows(text: str, flaws: _Flaws) -> tuple[list[_Row], list[str]]:
    """The rows by column, without empty ones and comments, and the head."""
    lines = text.removeprefix("\ufeff").splitlines()
    delimiter = ";" if lines and ";" in lines[0] else ","
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    head: list[str] = []
    rows: list[_Row] = []
    try:
        for fields in reader:
            cells = [cell.strip() for cell in fields]
            if not any(cells) or cells[0].startswith("#"):
                continue
            if not head:
                head = [cell.lower() for cell in cells]
            elif len(cells) != len(head):
                what = f"it has {len(cells)} fields, the head has {len(head)}"
                flaws.add(reader.line_num, what, "an amount is written with a point: 0.0350")
            else:
                rows.append(_Row(reader.line_num, dict(zip(head, cells, strict=True))))
    except csv.Error as error:
        flaws.add(reader.line_num, f"this is no CSV: {error}", "export it again")
    return rows, head


def _flaws_of_head(head: list[str], place: str) -> list[tuple[str, str]]:
    known = {"prefix", "network", "price", "currency", "effective_from"}
    hint = "the head is prefix,price,currency,effective_from, or network in place of prefix"
    flaws = [(f"the head lacks `{name}`", hint) for name in (place, "price", "currency") if name not in head]
    flaws += [(f"there is no column `{name}`", hint) for name in head if name not in known]
    if "prefix" in head and "network" in head:
        flaws.append(
            ("a list is by `prefix` or by `network`", "make two operators' lists, or one form of it")
        )
    if len(set(head)) < len(head):
        flaws.append(("the head names a column twice", hint))
    return flaws


def _prices(
    rows: list[_Row], place: str, networks: Networks, flaws: _Flaws, of_plan: _OfPlan | None
) -> Iterator[tuple[str, Entry]]:
    seen: dict[tuple[str, float], int] = {}
    by_country: list[tuple[str, Entry]] = []
    own_since_s: dict[str, float] = {}
    for row in rows:
        prefixes = _prefixes(row, place, networks, flaws)
        amount, currency, since_s = _amount(row, flaws), _currency(row, flaws), _since(row, flaws)
        if prefixes is None or amount is None or currency is None or since_s is None:
            continue
        if of_plan is not None:
            of_plan.check(row, amount, currency, flaws)
        key = (row.values[place].lstrip("+"), since_s)
        if key in seen:
            what = f"{place} {row.values[place]} is there twice for the same time"
            flaws.add(row.line, what, f"first in line {seen[key]}")
            continue
        seen[key] = row.line
        of_country = place == "network" and len(row.values[place]) == 3
        entry = Entry(since_s, amount, currency)
        for prefix in prefixes:
            if of_country:
                by_country.append((prefix, entry))
            else:
                own_since_s[prefix] = min(since_s, own_since_s.get(prefix, since_s))
                yield prefix, entry
    # A network's own price goes before its country's, once it has one.
    for prefix, entry in by_country:
        if prefix not in own_since_s or entry.since_s < own_since_s[prefix]:
            yield prefix, entry


def _prefixes(row: _Row, place: str, networks: Networks, flaws: _Flaws) -> list[str] | None:
    if place == "prefix":
        prefix = _prefix(row, flaws)
        return None if prefix is None else [prefix]
    network = row.values["network"]
    if not _NETWORK(network):
        flaws.add(row.line, f"{network!r} is no network", "write MCC and MNC as 23410, or the MCC as 234")
        return None
    found = list(networks.of(network))
    if not found:
        what = f"nobody tells which numbers network {network} has"
        flaws.add(row.line, what, "add its prefixes to the file of [rates] networks_file")
        return None
    return found


def _prefix(row: _Row, flaws: _Flaws) -> str | None:
    text = row.values["prefix"]
    found = _PREFIX(text)
    if found is None or not text:
        flaws.add(
            row.line, f"prefix {text!r} is none", "write digits, as 4477 or +4477; + alone is everywhere"
        )
        return None
    return "+" + found.group(1)


def _amount(row: _Row, flaws: _Flaws) -> Decimal | None:
    text = row.values["price"]
    if not _AMOUNT(text):
        flaws.add(row.line, f"price {text!r} is none", "write it with a point and without signs: 0.0350")
        return None
    return Decimal(text)


def _currency(row: _Row, flaws: _Flaws) -> str | None:
    text = row.values["currency"]
    if not _CURRENCY(text):
        flaws.add(row.line, f"currency {text!r} is none", "write three capitals, as EUR (ISO 4217)")
        return None
    return text


def _since(row: _Row, flaws: _Flaws) -> float | None:
    text = row.values.get("effective_from", "")
    if not text:
        return 0.0
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        hint = "write 2026-01-31 or 2026-01-31T06:00:00Z"
        flaws.add(row.line, f"effective_from {text!r} is no time", hint)
        return None
    since_s = (found if found.tzinfo is not None else found.replace(tzinfo=UTC)).timestamp()
    if not 0 <= since_s <= _LAST_S:
        flaws.add(row.line, f"effective_from {text!r} is not from 1970 to 9999", "leave it empty for ever on")
        return None
    return since_s
