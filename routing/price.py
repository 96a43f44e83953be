"""What operators ask for a part, by the beginning of the number: price lists, and the price of a destination.

A list is a CSV file of one operator. Its head names its columns: `price`, `currency` (ISO 4217) and either `prefix` or
`network` (MCC and MNC, as 23410, or the MCC alone for all networks of a country); `effective_from` (a date, or a time
with its zone; UTC) may be left out. Of the rows of one prefix the latest that is in effect counts. A network is found
by the beginning of the number, as `Networks` tells: a ported number is priced as the network that once gave it out.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple


class Price(NamedTuple):
    """The price of one part, and the prefix that it is listed under."""

    amount: Decimal
    currency: str
    prefix: str


class Entry(NamedTuple):
    """A price of one part, and the time (seconds since 1970) from which it counts."""

    since_s: float
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True, eq=False)
class PriceList:
    """The prices of one operator: for each prefix its entries, the latest first.

    A list of the world has some 50,000 prefixes and a few hundred prices: so equal entries are one object
    (`price_list`), and a prefix costs its text and its place in the dictionary, some 100 octets.
    """

    entries: Mapping[str, tuple[Entry, ...]]
    lengths: tuple[int, ...] = field(init=False)  #: of the prefixes, the longest first

    def __post_init__(self) -> None:
        object.__setattr__(self, "lengths", tuple(sorted({len(p) for p in self.entries}, reverse=True)))

    def of(self, to: str, at_s: float) -> Price | None:
        """The price of a destination (E.164) at a time: the longest prefix that has one in effect."""
        entries = self.entries
        for length in self.lengths:
            prefix = to[:length]
            for entry in entries.get(prefix, ()):
                if entry.since_s <= at_s:
                    return Price(entry.amount, entry.currency, prefix)
        return None

    @property
    def currencies(self) -> frozenset[str]:
        """All currencies of the list."""
        return frozenset(entry.currency for entries in self.entries.values() for entry in entries)


Prices = Mapping[str, PriceList]
"""The price lists by operator."""

NO_PRICES: Prices = MappingProxyType({})


def price_of(prices: Prices, operator: str, to: str, at_s: float) -> Price | None:
    """What an operator asks for a part to a destination at a time (seconds since 1970); None: it is not in its list, or
    there is none."""
    known = prices.get(operator)
    return known.of(to, at_s) if known is not None else None


def price_list(rows: Iterable[tuple[str, Entry]]) -> PriceList:
    """A list of (prefix, entry) in any order."""
    entries: dict[str, tuple[Entry, ...]] = {}
    known: dict[tuple[Entry, ...], tuple[Entry, ...]] = {}
    for prefix, entry in rows:
        found = tuple(sorted((*entries.get(prefix, ()), entry), reverse=True))
        entries[prefix] = known.setdefault(found, found)
    return PriceList(entries)


@dataclass(frozen=True, slots=True, eq=False)
class Networks:
    """Which network (MCC and MNC) numbers were given out by: its prefixes."""

    prefixes: Mapping[str, str]  #: prefix ("+4477009"): network ("23410")

    def of(self, network: str) -> Iterator[str]:
        """The prefixes of a network, or of all networks of a country (MCC)."""
        if len(network) > 3:
            return (prefix for prefix, known in self.prefixes.items() if known == network)
        return (prefix for prefix, known in self.prefixes.items() if known.startswith(network))
