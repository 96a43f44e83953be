"""Where in a TOML file each key stands: the standard library's parser tells values, not lines.

Reads files that `tomllib` has accepted, so only as much of the grammar as finding the keys needs. Keys of inline
tables and entries of arrays are at the line of the key that holds them.
"""

from __future__ import annotations

import re

Place = tuple[str | int, ...]
"""Keys and indexes from the top of a document: ("operators", 0, "port")."""

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_SPACE = re.compile(r"[ \t]*")
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
# What can stand in a value and hold a bracket, a comma or a line end without meaning it; longest quotes first.
_STRING = re.compile(
    r'"""(?:\\.|[^\\])*?"""(?:"{0,2}(?!"))|'
    r"'''.*?'''(?:'{0,2}(?!'))|"
    r'"(?:\\.|[^"\\\n])*"|'
    r"'[^'\n]*'|"
    r"#[^\n]*",
    re.DOTALL,
)
_ESCAPE = re.compile(r'\\(["\\])')


def locate(text: str) -> dict[Place, int]:
    """The line (from 1) of every table and key of a TOML document."""
    return _Scanner(text).scan()


class _Scanner:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._line = 1
        self._counted_to = 0
        self._lines: dict[Place, int] = {}
        self._counts: dict[Place, int] = {}  # how many tables each array of tables has so far

    def scan(self) -> dict[Place, int]:
        table: Place = ()
        while True:
            self._skip(_BLANK)
            if self._at >= len(self._text):
                return self._lines
            line = self._line_here()
            if self._text[self._at] == "[":
                table = self._header(line)
            else:
                self._note((*table, *self._key()), line)
                self._at += 1  # the equals sign
                self._skip_value()

    def _header(self, line: int) -> Place:
        is_array = self._text.startswith("[[", self._at)
        self._at += 2 if is_array else 1
        keys = self._key()
        self._at = self._text.index("]", self._at) + (2 if is_array else 1)
        table: Place = ()
        for key in keys[:-1]:
            table = self._latest((*table, key))
        table = (*table, keys[-1])
        if is_array:
            self._lines.setdefault(table, line)
            index = self._counts.get(table, 0)
            self._counts[table] = index + 1
            table = (*table, index)
        self._note(table, line)
        return table

    def _latest(self, table: Place) -> Place:
        """A key on the way to a table: where it is an array of tables, its last one is meant."""
        count = self._counts.get(table)
        return table if count is None else (*table, count - 1)

    def _key(self) -> tuple[str, ...]:
        """A key with its dots; what follows it is at hand afterwards."""
        keys = []
        while True:
            self._skip(_SPACE)
            quote = self._text[self._at]
            if quote in "\"'":
                found = _STRING.match(self._text, self._at)
                assert found is not None
                inner = found.group()[1:-1]
                keys.append(_ESCAPE.sub(r"\1", inner) if quote == '"' else inner)
            else:
                found = _BARE.match(self._text, self._at)
                assert found is not None
                keys.append(found.group())
            self._at = found.end()
            self._skip(_SPACE)
            if self._text[self._at] != ".":
                return tuple(keys)
            self._at += 1

    def _skip_value(self) -> None:
        """To the end of a value: a line end outside of all brackets and strings."""
        depth = 0
        while self._at < len(self._text):
            found = _STRING.match(self._text, self._at)
            if found is not None:
                self._at = found.end()
                continue
            sign = self._text[self._at]
            self._at += 1
            if sign in "[{":
                depth += 1
            elif sign in "]}":
                depth -= 1
            elif sign == "\n" and depth == 0:
                return

    def _skip(self, pattern: re.Pattern[str]) -> None:
        found = pattern.match(self._text, self._at)
        assert found is not None
        self._at = found.end()

    def _line_here(self) -> int:
        self._line += self._text.count("\n", self._counted_to, self._at)
        self._counted_to = self._at
        return self._line

    def _note(self, path: Place, line: int) -> None:
        for length in range(1, len(path) + 1):  # of `a.b = 1` both stand here
            self._lines.setdefault(path[:length], line)
