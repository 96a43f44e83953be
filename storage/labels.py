"""The rows of messages' labels, as both engines keep them."""

from __future__ import annotations

from collections.abc import Iterable

from gateway.domain.labels import OVER
from gateway.domain.message import Message
from gateway.domain.words import Status

LabelRow = tuple[str, str, str, bytes]
"""(account, env, label, message id)."""


def label_rows(messages: Iterable[Message]) -> list[LabelRow]:
    """Each label of these messages, sorted, so that neighbours share pages. One that stands twice counts once."""
    return sorted(
        {(m.account, m.env._value_, as_kept(label), m.id) for m in messages if m.labels for label in m.labels}
    )


def over_row(m: Message) -> LabelRow:
    """The label of a message that is over as `sent`."""
    return m.account, m.env._value_, OVER, m.id


def all_rows(messages: Iterable[Message]) -> list[LabelRow]:
    """All labels that these messages have by now."""
    known = list(messages)
    return [*label_rows(known), *(over_row(m) for m in known if m.status is Status.SENT and m.over)]


def as_kept(label: str) -> str:
    """A label as it is kept and looked for. PostgreSQL's text takes no U+0000, and where SQLite reads JSON a text ends
    there, so that it would be taken for another label: U+FFFD stands for it."""
    return label.replace("\0", "\ufffd")


def asked(labels: Iterable[str]) -> dict[str, str]:
    """Labels by what they are kept as, each once, in their order."""
    return {as_kept(label): label for label in labels}
