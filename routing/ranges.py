"""What tells a run of traffic to numbers that somebody pumps from honest traffic: countries, how often, how adjacent.

Whoever earns by the message (artificially inflated traffic, revenue share fraud) rents numbers in blocks, in countries
that a tenant has no customers in, and has a form of the tenant's send to one after the other. Times are floats of
seconds, passed in; owners are whoever is counted apart.
"""

from array import array
from bisect import bisect_right, insort
from collections import OrderedDict
from collections.abc import Callable
from functools import lru_cache
from typing import Final

import phonenumbers

from routing.breaker import country_of

BLOCK_DIGITS: Final = 4  #: numbers that agree in all digits but the last so many are a block
STEP: Final = 3  #: how far the numbers of a series lie apart at most
_BLOCK: Final = 10**BLOCK_DIGITS
_NO_COUNTRY: Final = "001"  # libphonenumber's word for satellites, premium and other numbers of no country

Owner = tuple[str, str]
"""An account and its environment."""


def countries_of(number: str) -> frozenset[str]:
    """The country (ISO 3166-1 alpha-2) that an E.164 number belongs to.

    Of a number that no country's plan knows yet: all countries that share its code, for it may be any of theirs.
    Empty: of no country (satellites, premium services), or of a code that is not assigned.
    """
    regions = _regions_of(country_of(number))
    return regions if len(regions) < 2 else _country_among(number, regions)


@lru_cache(maxsize=1024)
def _regions_of(code: str) -> frozenset[str]:
    return frozenset(phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(code), ())) - {_NO_COUNTRY}


@lru_cache(maxsize=65_536)  # a look-up costs some 25 us
def _country_among(number: str, regions: frozenset[str]) -> frozenset[str]:
    region = phonenumbers.region_code_for_number(phonenumbers.parse(number))
    return frozenset((region,)) if region else regions


def as_int(number: str) -> int:
    """An E.164 number without its plus."""
    return int(number[1:])


def block_of(number: int) -> int:
    """The block that a number lies in. Plans have numbers of one length in a block: no two blocks share this value
    that are not the same."""
    return number // _BLOCK


class Memory:
    """What is known of numbers, by owner: floats, the last of which is when the number was touched last.

    What was not touched for `span_s` is forgotten. No more than `bound` floats are kept, over all owners: then the
    owner who has the most forgets the hundredth that he has not touched for the longest time. So one owner's flood
    costs no other owner anything, and a number that is written to again and again is the last to be forgotten.
    """

    def __init__(self, span_s: float, bound: int) -> None:
        self.span_s = span_s
        self._bound = bound
        self._books: OrderedDict[Owner, _Book] = OrderedDict()  # the owner who was touched last is at the end
        self._size = 0

    def __len__(self) -> int:
        """How many floats are kept."""
        return self._size

    def get(self, owner: Owner, number: int) -> "array[float] | None":
        """What is known of a number; whoever changes it says so by `put`."""
        book = self._books.get(owner)
        return None if book is None else book.known.get(number)

    def put(self, owner: Owner, number: int, known: "array[float]", more: int) -> None:
        """Keep this of a number, which takes so many floats more than before."""
        now = known[-1]
        book = self._books.get(owner)
        if book is None:
            book = self._books[owner] = _Book()
        book.known[number] = known
        book.known.move_to_end(number)
        book.size += more
        self._size += more
        self._books.move_to_end(owner)
        self._tidy(book, now - self.span_s)
        if self._size > self._bound:
            self._make_room()

    def forget(self, owner: Owner, number: int) -> None:
        """Know nothing of a number any more."""
        book = self._books[owner]
        self._less(book, len(book.known.pop(number)))

    def shorter(self, owner: Owner, floats: int) -> None:
        """So many floats were taken from what is known of one of the owner's numbers."""
        self._less(self._books[owner], floats)

    def _tidy(self, book: "_Book", until: float) -> None:
        """Forget what is over: two of this owner's numbers for one that is kept, and an owner who is silent."""
        for _ in range(2):
            number = next(iter(book.known))
            if book.known[number][-1] > until:
                break
            self._less(book, len(book.known.pop(number)))
        owner, oldest = next(iter(self._books.items()))
        if not oldest.known or oldest.known[next(reversed(oldest.known))][-1] <= until:
            self._size -= oldest.size
            del self._books[owner]

    def _make_room(self) -> None:
        book = max(self._books.values(), key=lambda each: each.size)
        enough = self._bound - self._bound // 100
        while self._size > enough and book.known:
            _, known = book.known.popitem(last=False)
            self._less(book, len(known))

    def _less(self, book: "_Book", floats: int) -> None:
        book.size -= floats
        self._size -= floats


class _Book:
    """What is known of one owner's numbers; the one that was touched last is at the end."""

    __slots__ = ("known", "size")

    def __init__(self) -> None:
        self.known: OrderedDict[int, array[float]] = OrderedDict()
        self.size = 0


class Velocity:
    """How many messages went to each number, or block, within the last `span_s`: a window that slides, exact as long as
    no more than `bound` messages are to be remembered."""

    def __init__(self, span_s: float, bound: int) -> None:
        self._memory = Memory(span_s, bound)

    def __len__(self) -> int:
        """How many messages are remembered."""
        return len(self._memory)

    def wait_s(self, owner: Owner, number: int, limit: int, now: float) -> float:
        """How long it takes until there are fewer than `limit`; 0.0: there are."""
        times = self._memory.get(owner, number)
        if times is None or len(times) < limit:
            return 0.0
        span_s = self._memory.span_s
        wait_s = times[-limit] + span_s - now
        if (
            wait_s > 2 * span_s
        ):  # counted by a clock that was wrong, or the window would be full until that time
            self._memory.forget(owner, number)
            return 0.0
        return max(0.0, wait_s)

    def add(self, owner: Owner, number: int, now: float) -> None:
        """Count a message."""
        times = self._memory.get(owner, number)
        if times is None:
            self._memory.put(owner, number, array("d", (now,)), 1)
            return
        insort(times, now)  # the last, unless it comes late from another process or the clock was set back
        over = bisect_right(times, times[-1] - self._memory.span_s)
        del times[:over]
        self._memory.put(owner, number, times, 1 - over)

    def take_back(self, owner: Owner, number: int, at: float) -> None:
        """Count a message no more that was counted at that time."""
        times = self._memory.get(owner, number)
        if times is None:
            return
        if len(times) == 1:
            self._memory.forget(owner, number)
            return
        del times[max(0, bisect_right(times, at) - 1)]
        self._memory.shorter(owner, 1)


class Series:
    """Numbers written to one after the other, rising or falling, `STEP` apart at most: how long each series is.

    Other numbers may come between them: a series is told by its numbers, not by what else the owner sends. Each number
    follows its neighbour within `span_s`. The same number again makes no series longer. `bound` numbers are remembered.
    """

    def __init__(self, span_s: float, bound: int) -> None:
        self._memory = Memory(span_s, 3 * bound)

    def __len__(self) -> int:
        """How many numbers are remembered."""
        return len(self._memory) // 3

    def add(self, owner: Owner, number: int, now: float) -> int:
        """Note the number; how many numbers the longest series has that ends with it."""
        since, until = (
            now - self._memory.span_s,
            now + self._memory.span_s,
        )  # beyond: by a clock that was wrong
        get: Callable[[Owner, int], array[float] | None] = self._memory.get
        rising = falling = 0.0
        for step in range(1, STEP + 1):
            below, above = get(owner, number - step), get(owner, number + step)
            if below is not None and since < below[2] <= until:
                rising = max(rising, below[0])
            if above is not None and since < above[2] <= until:
                falling = max(falling, above[1])
        known = get(owner, number)
        at = now if known is None or known[2] > until else max(now, known[2])
        self._memory.put(owner, number, array("d", (rising + 1, falling + 1, at)), 0 if known else 3)
        return int(max(rising, falling)) + 1
