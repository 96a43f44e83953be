"""Every error that the routing package raises.

    RoutingError
    ├── NumberError      a phone number that cannot be brought into E.164
    ├── AlphabetError    a text that an alphabet cannot write
    ├── UdhError         a user data header that cannot be read or built
    ├── PayloadError     a text that no attempt can be made of: too many parts, no such message class
    ├── VocabularyError  a keyword that means nothing, or two things
    ├── HoursError       a span of time that can't be read
    ├── PatternError     a pattern that can't be used, with a hint
    ├── PriceError       a price list with mistakes: all of them, each with its line and a hint
    └── TableError       a routing table with mistakes: all of them, each with its rule and a hint

Each message is a sentence for a person and carries no message body; a number stands in it only where the
caller gave that number itself.
"""

from typing import NamedTuple


class RoutingError(Exception):
    """The root: whatever this package refuses."""


class NumberError(RoutingError):
    """A phone number cannot be brought into E.164."""


class AlphabetError(RoutingError):
    """A text has a character that the alphabet lacks.

    `position` is the index (code points, from 0) of the first such character.
    """

    def __init__(self, alphabet: str, text: str, position: int) -> None:
        self.alphabet = alphabet
        self.position = position
        code_point = ord(text[position])
        super().__init__(
            f"Character U+{code_point:04X} at position {position} is not in the {alphabet} alphabet"
        )


class UdhError(RoutingError):
    """A user data header cannot be read or built."""


class PayloadError(RoutingError):
    """No attempt can be made of a text with these settings."""


class VocabularyError(RoutingError):
    """A keyword has neither a letter nor a digit, or stands for two actions."""


class HoursError(RoutingError):
    """A span of time can't be read: "mon-fri 08:00-20:00" is one."""


class PatternError(RoutingError):
    """A pattern, or the name of a script, can't be used; `hint` says what to do."""

    def __init__(self, what: str, hint: str) -> None:
        self.hint = hint
        super().__init__(what)


class Flaw(NamedTuple):
    """One mistake in a price list: its line (from 1), what is wrong, and what to do about it."""

    line: int
    what: str
    hint: str


class PriceError(RoutingError):
    """A price list has mistakes; `flaws` lists all of them, in the order of the lines."""

    def __init__(self, flaws: tuple[Flaw, ...]) -> None:
        self.flaws = flaws
        super().__init__("\n".join(f"line {flaw.line}: {flaw.what} ({flaw.hint})" for flaw in flaws))


class Problem(NamedTuple):
    """One mistake in a routing table: the rule's id, what is wrong, and what to do about it."""

    rule_id: str
    what: str
    hint: str

    def __str__(self) -> str:
        return f"route {self.rule_id!r}: {self.what} ({self.hint})"


class TableError(RoutingError):
    """A routing table has mistakes; `problems` lists all of them, in the order of the rules."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))
