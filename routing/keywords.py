"""Is an inbound text a STOP, a START or a HELP?

A text counts when, without case, accents, spaces and punctuation, it is one of the listed words or phrases as
a whole. A text that only has such a word in it ("STOP PLEASE") is a near miss: it changes nothing, and is
marked for a person, because the law (47 CFR 64.1200(a)(10)) lets people say it as they like.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from itertools import pairwise

from routing.errors import VocabularyError


class Action(Enum):
    """What a keyword asks for."""

    STOP = "stop"
    START = "start"
    HELP = "help"


# CTIA's classic six; the words that 47 CFR 64.1200(a)(10) names; the carriers' and large providers' defaults;
# French as Canadian toll-free numbers have it. "YES" is a provider's default too: a reply to a question may
# be meant, but START only lifts a STOP of the same person.
STOP_WORDS = (
    *("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"),
    *("REVOKE", "OPTOUT", "REMOVE", "TD"),
    *("ARRET", "ARRETE", "ARRETT"),
)
START_WORDS = ("START", "YES", "UNSTOP", "NONARRET")
HELP_WORDS = ("HELP", "INFO")
# Whole messages that leave no doubt. "OPT OUT" and "STOP ALL" are the words above: spaces do not count.
STOP_PHRASES = (
    *("OPT ME OUT", "UNSUBSCRIBE ME", "REMOVE ME", "TAKE ME OFF YOUR LIST"),
    *("STOP TEXTING ME", "STOP TEXTING", "STOP MESSAGING ME", "STOP MESSAGES", "STOP SENDING ME MESSAGES"),
    *("DO NOT TEXT ME", "DON'T TEXT ME", "NO MORE MESSAGES", "NO MORE TEXTS"),
)

# The longest phrase with some decoration; a longer text is never a keyword as a whole.
MAX_KEYWORD_CHARACTERS = 160
# A near miss is looked for in the first so many characters: who wants to be left alone says it early.
MAX_SEARCHED_CHARACTERS = 480

MAX_PREFIX_CHARACTERS = 8
"""Of what a word list is for: a plus, a country code and an area."""

_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Keyword:
    """What a text asks for.

    `word` is the listed word or phrase in capitals where there is an action, else the first word of the text
    in capitals ("" when it has none), by which a shared number finds its owner. `near_miss` says that a word
    of STOP stands in a text that is none.
    """

    word: str
    action: Action | None
    near_miss: bool


def _words(text: str) -> list[str]:
    """Return the words of a text without case, accents and width."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return _WORD.findall("".join(c for c in plain if not unicodedata.combining(c)))


@dataclass(frozen=True)
class Vocabulary:
    """The words and phrases of one country or account: frozen data, which `extended` adds to.

    Raises VocabularyError when a word stands for two actions, or has no letter or digit.
    """

    stop: tuple[str, ...] = (*STOP_WORDS, *STOP_PHRASES)
    start: tuple[str, ...] = START_WORDS
    help: tuple[str, ...] = HELP_WORDS
    _actions: Mapping[str, tuple[str, Action]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        actions: dict[str, tuple[str, Action]] = {}
        for action, words in ((Action.STOP, self.stop), (Action.START, self.start), (Action.HELP, self.help)):
            for word in words:
                key = "".join(_words(word))
                if not key:
                    raise VocabularyError(f"Keyword {word!r} has neither a letter nor a digit")
                known = actions.setdefault(key, (word.upper(), action))
                if known[1] is not action:
                    raise VocabularyError(
                        f"Keyword {word!r} stands for {known[1].value} and for {action.value}"
                    )
        object.__setattr__(self, "_actions", actions)

    def extended(
        self, stop: Iterable[str] = (), start: Iterable[str] = (), help_: Iterable[str] = ()
    ) -> "Vocabulary":
        """Return a vocabulary with further words: a country's ("STOPP"), an account's own."""
        return Vocabulary((*self.stop, *stop), (*self.start, *start), (*self.help, *help_))

    def find(self, key: str) -> tuple[str, Action] | None:
        """Look up a whole text that is already without case, accents, spaces and punctuation."""
        return self._actions.get(key)

    def is_stop(self, key: str) -> bool:
        """Tell whether a word, or words written together, is one of STOP."""
        found = self._actions.get(key)
        return found is not None and found[1] is Action.STOP


DEFAULT = Vocabulary()


@dataclass(frozen=True, slots=True)
class Country:
    """What people of a country write, and what they are answered where the account has no words of its own."""

    vocabulary: Vocabulary = DEFAULT
    replies: Mapping[Action, str] = field(default_factory=dict)


ANYWHERE = Country()


def country_of(number: str, countries: Mapping[str, Country]) -> Country:
    """The country of a number: that of its longest prefix with a list, or `ANYWHERE`."""
    if countries and number.startswith("+"):
        for length in range(min(len(number), MAX_PREFIX_CHARACTERS), 1, -1):
            found = countries.get(number[:length])
            if found is not None:
                return found
    return ANYWHERE


def classify(text: str, vocabulary: Vocabulary = DEFAULT) -> Keyword:
    """Find what an inbound text asks for."""
    words = _words(text[:MAX_SEARCHED_CHARACTERS])
    if not words:
        return Keyword("", None, False)
    if len(text) <= MAX_KEYWORD_CHARACTERS:
        found = vocabulary.find("".join(words))
        if found is not None:
            return Keyword(found[0], found[1], False)
    near_miss = any(map(vocabulary.is_stop, words)) or any(
        vocabulary.is_stop(first + second) for first, second in pairwise(words)
    )
    return Keyword(words[0].upper(), None, near_miss)
