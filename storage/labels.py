"""The rows of messages' labels, as both engines keep them."""

from __future__ import annotations

from collections.abc import Iterable

from gateway.domain.message import Message

LabelRow = tuple[str, str, str, bytes]
"""(account, env, label, message id)."""


def label_rows(messages: Iterable[Message]) -> list[LabelRow]:
    """Each label of these messages, sorted, so that neighbours share pages. One that stands twice counts once."""
    return sorted(
        {(m.account, m.env._value_, label, m.id) for m in messages if m.labels for label in m.labels}
    )
