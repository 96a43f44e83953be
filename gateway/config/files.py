"""Configuration files as they are read: TOML, includes, `${NAME}` from the environment, and where each value stands."""

from __future__ import annotations

import os
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gateway.config.errors import ConfigError, ConfigErrors
from gateway.config.lines import Place, locate

_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_ANY_REFERENCE = re.compile(r"\$\{([^}]*)\}")
_POSITION = re.compile(r" \(at line (\d+), column (\d+)\)$")
_AT_END = re.compile(r" \(at end of document\)$")

UTF8 = "utf-8-sig"
"""As editors of Windows write it too, with a mark at the beginning."""

_LOOKALIKES = "\u201c\u201d\u201e\u2018\u2019\u2013\u2014\u00a0\u200b\ufeff"
"""Quotes, dashes and spaces of word processors and chats."""

_TOML_HINTS = (
    (
        "Cannot overwrite",
        "a key stands once in its table; tables of a list have two brackets, as [[operators]]",
    ),
    ("Cannot declare", "a table stands once; tables of a list have two brackets, as [[operators]]"),
    ("Expected '='", 'write name = value, as host = "127.0.0.1"'),
    ("Unterminated", "it begins and ends with the same quotes, in one line"),
    ("Expected newline", "each name = value has a line of its own"),
    ("Unescaped", "write a backslash twice, or put the text in single quotes"),
    ("Invalid value", "texts stand in quotes"),
)
"""By how the parser's words begin; what else it says needs no hint."""

MAX_OCTETS = 64 << 20
"""Of one named file. A price list of the world by prefix has some 50,000 rows, 2 MiB."""

_LISTS = ("operators", "routes")
"""Arrays of tables, which may be spread over files."""


@dataclass(frozen=True, slots=True)
class Source:
    """One file: its name as people gave it, and the lines of its keys."""

    name: str
    lines: Mapping[Place, int]

    def line(self, path: Place) -> int:
        """The line of a key, or of the nearest table around it."""
        for length in range(len(path), 0, -1):
            found = self.lines.get(path[:length])
            if found is not None:
                return found
        return 1


@dataclass(slots=True)
class Document:
    """All files of a configuration as one, and what was wrong with them so far."""

    folder: Path
    environment: Mapping[str, str]
    values: dict[str, Any] = field(default_factory=dict)
    errors: list[ConfigError] = field(default_factory=list)
    _sections: dict[str, Source] = field(default_factory=dict)
    _entries: dict[str, list[tuple[Source, int]]] = field(
        default_factory=lambda: {name: [] for name in _LISTS}
    )
    _main: Source = field(default_factory=lambda: Source("", {}))
    _taken: set[Path] = field(default_factory=set)
    is_whole: bool = True
    """False: a file could not be read, so what nobody has written may well stand in it."""

    def complain(self, path: Place, what: str, hint: str = "") -> None:
        """Note an error at a place of the whole."""
        source, line = self.place(path)
        self.errors.append(ConfigError(source, line, what, hint))

    def place(self, path: Place) -> tuple[str, int]:
        """File and line of a place of the whole."""
        top = path[0] if path else ""
        entries = self._entries.get(str(top), [])
        if len(path) > 1 and isinstance(path[1], int) and path[1] < len(entries):
            source, index = entries[path[1]]
            return source.name, source.line((top, index, *path[2:]))
        source = self._sections.get(str(top), self._main)
        return source.name, source.line(path)

    # --- reading

    def read_main(self, text: str, name: str) -> None:
        """Take the main file and what it includes, each file once however many patterns name it."""
        self._taken.add((self.folder / Path(name).name).resolve())
        values, self._main = self._parse(text, name)
        self._add(values, self._main)
        include = values.get("include", [])
        if isinstance(include, list):  # anything else is told by the model
            for pattern in include:
                if isinstance(pattern, str):
                    self._include(pattern)

    def _include(self, pattern: str) -> None:
        try:
            found = sorted(matching(self.folder, pattern))
        except ValueError as error:
            self.complain(
                ("include",), f"`{pattern}` is no pattern of file names ({error})", 'like "routes/*.toml"'
            )
            return
        if not found and not any(sign in pattern for sign in "*?["):
            self.complain(
                ("include",), f"the included file {pattern} does not exist", "remove it, or write it"
            )
        for path in found:
            if path.resolve() in self._taken:
                continue
            self._taken.add(path.resolve())
            name = self.beside_main(os.path.relpath(path, self.folder))
            text = self.text_of(path, name)
            if text is None:
                continue
            values, source = self._parse(text, name)
            if "include" in values:
                line = source.line(("include",))
                self.errors.append(
                    ConfigError(
                        source.name, line, "an included file includes another", "include it in the main file"
                    )
                )
                del values["include"]
            self._add(values, source)

    # --- files that a setting names

    def named(self, place: Place, pattern: object) -> list[tuple[Path, str]]:
        """The files that a setting names by a path or a pattern, in order, each with its name as people would write
        it. Complains about a path without a file; a pattern may match nothing."""
        if not isinstance(pattern, str) or not pattern:  # left out, or told by the model
            return []
        try:
            found = sorted(matching(self.folder, pattern))
        except ValueError as error:
            self.complain(place, f"`{pattern}` is no pattern of file names ({error})")
            return []
        if not found and not any(sign in pattern for sign in "*?["):
            self.complain(place, f"`{pattern}` names no file", "paths are relative to the main file")
        return [(path, self.beside_main(os.path.relpath(path, self.folder))) for path in found]

    def text_of(self, path: Path, name: str) -> str | None:
        """What a named file says; None, and complained about, when it can't be read."""
        try:
            if path.exists() and not path.is_file():  # a pipe would keep us waiting
                raise ConfigErrors(
                    [ConfigError(name, 1, "this is no file", "remove it, or name another one")]
                )
            return text_of(path, name, "let us read it, or remove it")
        except ConfigErrors as error:
            self.errors += error.errors
            self.is_whole = False
        return None

    def beside_main(self, name: str) -> str:
        """A path relative to the main file, as people would write it where they have named that one."""
        return os.path.join(os.path.dirname(self._main.name), name)  # noqa: PTH118, PTH120 - as people gave it

    def _parse(self, text: str, name: str) -> tuple[dict[str, Any], Source]:
        try:
            values = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            message = str(error)
            position = _POSITION.search(message)
            line = int(position.group(1)) if position else text.count("\n") + 1
            what = _AT_END.sub("", _POSITION.sub("", message))
            hint = _odd_sign(text, line, position and int(position.group(2))) or next(
                (hint for beginning, hint in _TOML_HINTS if what.startswith(beginning)), ""
            )
            self.errors.append(ConfigError(name, line, f"this is no TOML: {what}", hint))
            self.is_whole = False
            return {}, Source(name, {})
        return values, Source(name, locate(text))

    def _add(self, values: dict[str, Any], source: Source) -> None:
        for name, value in values.items():
            if name in _LISTS and not isinstance(value, list):
                what, hint = f"`{name}` is no list of tables", f"write [[{name}]] above each one"
                self.errors.append(ConfigError(source.name, source.line((name,)), what, hint))
                self.is_whole = False
            elif name in _LISTS:
                self.values.setdefault(name, []).extend(value)
                self._entries[name] += [(source, index) for index in range(len(value))]
            elif name in self.values:
                other = self._sections.get(name, self._main)
                self.errors.append(
                    ConfigError(
                        source.name,
                        source.line((name,)),
                        f"[{name}] stands in two files",
                        f"it is in {other.name}:{other.line((name,))} already, keep one",
                    )
                )
            else:
                self.values[name] = value
                self._sections[name] = source

    # --- substitution

    def substitute(self) -> None:
        """Put in what `${NAME}` stands for, and make the paths of files absolute."""
        self.values = self._substituted(self.values, ())

    def _substituted(self, value: Any, path: Place) -> Any:
        if isinstance(value, dict):
            return {key: self._substituted(inner, (*path, key)) for key, inner in value.items()}
        if isinstance(value, list):
            return [self._substituted(inner, (*path, index)) for index, inner in enumerate(value)]
        if not isinstance(value, str):
            return value
        text = self._from_environment(value, path)
        key = path[-1] if path else ""
        if isinstance(key, str) and key.endswith("_file") and text:
            return str(self.folder / text)
        return text

    def _from_environment(self, text: str, path: Place) -> str:
        if "${" not in text:
            return text
        for name in _ANY_REFERENCE.findall(text):
            if _REFERENCE.fullmatch(f"${{{name}}}") is None:
                self.complain(
                    path, f"`${{{name}}}` names no environment variable", "write letters, digits and _"
                )
            elif name not in self.environment:
                self.complain(
                    path, f"the environment variable {name} is not set", f"export {name} before you start"
                )
        return _REFERENCE.sub(lambda found: self.environment.get(found.group(1), ""), text)


def text_of(path: Path, name: str, hint: str) -> str:
    """What a file says. Raises `ConfigErrors` when it can't be read, which `hint` helps with."""
    try:
        if path.stat().st_size > MAX_OCTETS:
            what = f"it has more than {MAX_OCTETS >> 20} MiB"
            raise ConfigErrors([ConfigError(name, 1, what, "is it the right file?")])
        octets = path.read_bytes()
        return octets.decode(UTF8).replace("\r\n", "\n").replace("\r", "\n")
    except OSError as error:
        what = f"can't be read ({error.strerror})"
        raise ConfigErrors([ConfigError(name, 1, what, hint)]) from error
    except UnicodeDecodeError as error:
        line = octets[: error.start].count(b"\n") + 1
        raise ConfigErrors(
            [ConfigError(name, line, "this is not UTF-8", "save the file as UTF-8")]
        ) from error


def matching(folder: Path, pattern: str) -> Iterator[Path]:
    """The files of a pattern. Those whose names begin with a point are editors' (`.#alpha.toml`, `._alpha.toml`): as in
    a shell, they must be meant. Raises `ValueError` for what is no pattern."""
    path = Path(pattern)
    if any("**" in part and part != "**" for part in path.parts):  # Python 3.13 took it for one star
        raise ValueError("** stands alone between two slashes")
    found: Iterable[Path] = ()
    if path.is_absolute():
        found = Path(path.anchor).glob(str(path.relative_to(path.anchor)))
    elif pattern:
        found = folder.glob(pattern)
    return (file for file in found if not file.name.startswith(".") or path.name.startswith("."))


def _odd_sign(text: str, line: int, column: int | None) -> str:
    """A sign that only looks like one that TOML knows: where an error stands, or anywhere before it in the line."""
    if column is None:
        return ""
    for sign in reversed(text.splitlines()[line - 1][:column] if text else ""):
        if (not sign.isprintable() and sign != "\t") or sign in _LOOKALIKES:
            return f"there is a {unicodedata.name(sign, f'sign U+{ord(sign):04X}')}: type it anew"
    return ""
