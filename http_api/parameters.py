"""The query string of a list: parameters by name, and what is wrong with them, for every dialect to put into its words.

A page's filters, its limit and its cursor are read here once; which filters there are and what they mean is the
dialect's.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple
from urllib.parse import parse_qsl

from gateway.domain.account import Caller
from gateway.ports import ListQuery
from http_api.errors import RequestFault
from http_api.page import CursorError, Cursors, same_filters
from http_api.times import read_time
from routing.numbers import is_e164

MAX_PARAMETERS: Final = 100
PAGE: Final = frozenset({"cursor", "limit"})  #: what every list takes beside its filters
UNKNOWN: Final = "is no parameter of this list, which takes "
_FIRST: Final = datetime(1970, 1, 1, tzinfo=UTC)
OTHER_LIST: Final = "belongs to another list"
OTHER_FILTERS: Final = "belongs to other filters: leave the filters out, or the cursor"


class Wrong(NamedTuple):
    """What is wrong with a parameter: "must be a number from 1 to 100". `name` "": with the query string."""

    name: str
    says: str


class Parameters:
    """The parameters of one request. What is wrong is gathered in `wrong`, so that all of it can be told at once."""

    def __init__(self, query: str, filters: Collection[str], repeated: Collection[str] = ()) -> None:
        """`filters`: those that there are beside `PAGE`; `repeated`: those that may be given several times."""
        self.wrong: list[Wrong] = []
        self._given: dict[str, list[str]] = {}
        self._filters = filters
        try:
            pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=MAX_PARAMETERS)
        except ValueError:
            self.wrong.append(Wrong("", f"must have at most {MAX_PARAMETERS} parameters"))
            return
        for name, value in pairs:
            self._given.setdefault(name, []).append(value)
        for name, values in self._given.items():
            if name not in filters and name not in PAGE:
                known = ", ".join((*filters, *sorted(PAGE)))
                self.wrong.append(Wrong(_printable(name), UNKNOWN + known))
            elif len(values) > 1 and name not in repeated:
                self.wrong.append(Wrong(name, "must be given once"))

    def all(self, name: str) -> list[str]:
        """All values of a parameter that may be given several times."""
        return self._given.get(name, [])

    def one(self, name: str) -> str | None:
        """A parameter's value; None when it is not given."""
        return self._given.get(name, [None])[0]

    def words(self, name: str, known: Collection[str]) -> list[str]:
        """Values of a closed set."""
        given = self.all(name)
        if any(word not in known for word in given):
            self.wrong.append(Wrong(name, f"must be one of the following values: {', '.join(known)}"))
        return [word for word in given if word in known]

    def text(self, name: str, most: int) -> str | None:
        """A text that may stand in the store: of up to `most` characters, and without NUL."""
        text = self.one(name)
        if text is not None and (not 1 <= len(text) <= most or "\0" in text):
            self.wrong.append(Wrong(name, f"must have 1 to {most} characters, and no NUL among them"))
        return text

    def address(self, name: str, most: int) -> str | None:
        """A phone number or sender: its plus arrives as a space where it was not encoded."""
        text = self.text(name, most)
        return "+" + text[1:] if text is not None and text[:1] == " " and text[1:2].isdigit() else text

    def recipient(self, name: str) -> str | None:
        """A number in E.164, as every message's recipient is one: any other text would find nothing, without a word."""
        text = self.one(name)
        number = "+" + text[1:] if text is not None and text[:1] == " " else text  # as in `address`
        if number is not None and not is_e164(number):
            self.wrong.append(Wrong(name, "must be a number in E.164, like +447700900123"))
        return number

    def time(self, name: str) -> datetime | None:
        """A time of RFC 3339, in UTC."""
        text = self.one(name)
        if text is None:
            return None
        time = read_time(text.replace(" ", "+"))  # as in `address`
        if time is None:
            self.wrong.append(Wrong(name, "must be a time like 2026-04-18T10:00:00Z, not before 1970"))
        return time

    def end(self, name: str) -> datetime | None:
        """The end of a period to which it does not itself belong, as `ListQuery.created_before`, which does."""
        time = self.time(name)
        return None if time is None else max(_FIRST, time - timedelta(milliseconds=1))

    def limit(self, default: int, most: int) -> int:
        """How long a page is."""
        text = self.one("limit")
        if text is None:
            return default
        if text.isascii() and text.isdigit() and len(text) <= len(str(most)) and 1 <= int(text) <= most:
            return int(text)
        self.wrong.append(Wrong("limit", f"must be a number from 1 to {most}"))
        return default

    def page(
        self,
        caller: Caller,
        query: ListQuery,
        cursors: Cursors,
        refusal: Callable[[list[Wrong]], RequestFault],
        *,
        fixed: bool = False,
    ) -> ListQuery:
        """The page that is asked for: `query`, or where a cursor stands in it. Raises `refusal` of what is wrong.

        A cursor holds the filters; those that are given beside it must be the same. `fixed`: `query` has some that no
        parameter names, so it must be the same in any case.
        """
        cursor, continued = self.one("cursor"), query
        if cursor is not None and not self.wrong:
            try:
                continued = cursors.read(caller, cursor, query.limit)
            except CursorError as error:
                said = str(error).removeprefix("The cursor ").removesuffix(".")
                self.wrong.append(Wrong("cursor", said))
            filtered = fixed or any(name in self._given for name in self._filters)
            if filtered and not self.wrong and not same_filters(query, continued):
                self.wrong.append(Wrong("cursor", OTHER_LIST if fixed else OTHER_FILTERS))
        if self.wrong:
            raise refusal(self.wrong)
        return continued


def _printable(name: str) -> str:
    """A parameter's name as the caller wrote it, fit for an answer."""
    return "".join(char if char.isprintable() else "\ufffd" for char in name[:100]) or "?"
