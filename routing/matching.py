"""Does a rule hold for a message? Compiled once per configuration, tested for every message.

Destination, sender, account and class have few values between them, so the table looks them up and keeps what it
found; text, hours, metadata and a regex are asked each time (`asks`).
"""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from routing.patterns import Pattern, of_scripts
from routing.rules import Query, Rule

_SHOWN_VALUES = 5


class Compiled(NamedTuple):
    """The conditions of a rule in a form that is quick to test; None always holds."""

    rule: Rule
    sender_prefixes: tuple[str, ...]
    sender_names: frozenset[str]
    accounts: frozenset[str] | None
    priorities: frozenset[str] | None
    regex: Pattern | None
    text: Pattern | None
    scripts: Pattern | None
    asks: bool

    def fits(self, sender: str, account: str, priority: str) -> bool:
        """Test what is kept, but for the destination; the sender is without case."""
        if self.accounts is not None and account not in self.accounts:
            return False
        if self.priorities is not None and priority not in self.priorities:
            return False
        if self.rule.from_:
            return sender in self.sender_names or sender.startswith(self.sender_prefixes)
        return True

    def holds(self, query: Query) -> bool:
        """Test what is asked each time, cheap to dear."""
        rule = self.rule
        return (
            (rule.hours is None or rule.hours.hold(query.at))
            and (self.regex is None or self.regex.found_in(query.to))
            and (not rule.metadata or _has(rule.metadata, query.metadata))
            and (self.scripts is None or self.scripts.found_in(query.text))
            and (self.text is None or self.text.found_in(query.text))
        )

    def mismatch(self, query: Query) -> str | None:
        """The first condition that does not hold, as a phrase for a person; None when all hold.

        Of the message's text nothing is repeated.
        """
        rule = self.rule
        if not query.to.startswith(rule.to):
            return f"{query.to!r} begins with none of {listed(rule.to)}"
        if rule.accounts and query.account not in rule.accounts:
            return f"account {query.account!r} is not {listed(rule.accounts)}"
        if rule.priorities and query.priority not in rule.priorities:
            return f"class {query.priority!r} is not {listed(rule.priorities)}"
        if rule.from_ and not self.fits(query.from_.casefold(), query.account, query.priority):
            return f"sender {query.from_!r} is not {listed(rule.from_)}"
        if rule.hours is not None and not rule.hours.hold(query.at):
            return f"{query.at.astimezone(rule.hours.zone):%a %H:%M} is not within {rule.hours.text}"
        return self._mismatch_of_content(query)

    def _mismatch_of_content(self, query: Query) -> str | None:
        rule = self.rule
        if self.regex is not None and not self.regex.found_in(query.to):
            return f"{query.to!r} does not match the regex {rule.regex!r}"
        for key, values in rule.metadata.items():
            if not _has({key: values}, query.metadata):
                return f"its metadata has no {key!r} that is {listed(values)}"
        if self.scripts is not None and not self.scripts.found_in(query.text):
            return f"no letter of the text is {listed(rule.scripts)}"
        if self.text is not None and not self.text.found_in(query.text):
            return f"the text does not match {rule.text!r}"
        return None


def compiled(rule: Rule) -> Compiled:
    """Make a rule ready; its mistakes must have been asked for before (`rules.problems`)."""
    return Compiled(
        rule=rule,
        sender_prefixes=tuple(sender for sender in rule.from_ if sender.startswith("+")),
        sender_names=frozenset(sender.casefold() for sender in rule.from_ if not sender.startswith("+")),
        accounts=frozenset(rule.accounts) if rule.accounts else None,
        priorities=frozenset(rule.priorities) if rule.priorities else None,
        regex=None if rule.regex is None else Pattern(rule.regex),
        text=None if rule.text is None else Pattern(rule.text),
        scripts=of_scripts(rule.scripts) if rule.scripts else None,
        asks=bool(
            rule.regex is not None
            or rule.text is not None
            or rule.scripts
            or rule.hours is not None
            or rule.metadata
        ),
    )


def conditions(rule: Rule, to: str) -> str:
    """What a rule that matches has asked for, as a phrase for a person."""
    prefix = max((prefix for prefix in rule.to if to.startswith(prefix)), key=len)
    phrases = ["any destination" if prefix == "+" else f"the destination begins with {prefix}"]
    named = (("account", rule.accounts), ("class", rule.priorities), ("sender", rule.from_))
    phrases += [f"{name} is {listed(values)}" for name, values in named if values]
    if rule.hours is not None:
        phrases.append(f"it is within {rule.hours.text}")
    if rule.regex is not None:
        phrases.append(f"the regex {rule.regex!r} matches")
    phrases += [f"metadata {key!r} is {listed(values)}" for key, values in rule.metadata.items()]
    if rule.scripts:
        phrases.append(f"the text has letters that are {listed(rule.scripts)}")
    if rule.text is not None:
        phrases.append(f"the text matches {rule.text!r}")
    return ", ".join(phrases)


def listed(values: tuple[str, ...]) -> str:
    """Some values for a person, and how many more there are."""
    shown = ", ".join(values[:_SHOWN_VALUES])
    more = len(values) - _SHOWN_VALUES
    return f"{shown} and {more} more" if more > 0 else shown


def _has(wanted: Mapping[str, tuple[str, ...]], metadata: str | None) -> bool:
    """Whether each wanted key has one of its values; of a list, some entry."""
    if not metadata:
        return False
    found: Any = json.loads(metadata)
    return isinstance(found, dict) and all(
        any(value in values for value in _texts(found.get(key))) for key, values in wanted.items()
    )


def _texts(value: object) -> list[str]:
    """A JSON value as the texts that a rule can name: 5 is "5", true is "true", a list is its entries."""
    if isinstance(value, list):
        return [text for entry in value if not isinstance(entry, list) for text in _texts(entry)]
    if isinstance(value, str):
        return [value]
    return [] if value is None or isinstance(value, dict) else [json.dumps(value)]
