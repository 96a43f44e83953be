"""The rows of messages' labels, as both engines keep them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gateway.domain.message import Message


def label_rows(messages: Iterable[Message]) -> list[Any]:
    """(account, env, label, message id) of each label of these messages, one after the other, sorted: so that two
    transactions never wait for each other's rows, and neighbours share pages. A label that stands twice counts once."""
    found = {(m.account, m.env._value_, label, m.id) for m in messages if m.labels for label in m.labels}
    return [value for row in sorted(found) for value in row]
