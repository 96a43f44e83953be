"""Errors of a configuration. They stand apart from `gateway.errors`: they are never part of answering a request.

ConfigErrors    all that is wrong with a configuration, each a `ConfigError` with its file, line and hint
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class ConfigError:
    """One thing that is wrong. Never holds a value that may be a secret."""

    file: str
    line: int
    what: str
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what}" + (f": {self.hint}" if self.hint else "")


class ConfigErrors(Exception):
    """A configuration is refused whole; `errors` are all of its errors, by file and line."""

    def __init__(self, errors: Sequence[ConfigError]) -> None:
        self.errors = tuple(sorted(set(errors)))
        super().__init__("\n".join(str(error) for error in self.errors))
