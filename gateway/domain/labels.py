"""Labels: what messages are found by besides their columns. Each kind is a prefix, so that no two are mistaken.

Indexed by (account, environment, label, id), and written only for messages that have some: those of
`Message.labels` from the beginning, and `OVER`, which the store puts on and takes off by itself.
"""

from __future__ import annotations

from collections.abc import Iterable

TAG = "tag:"
USER = "user:"  #: the member of the account whose key sent it
BATCH = "batch:"  #: 32 hex digits: the messages of one call
RESENDS = "resends:"  #: 32 hex digits: the first message of those that are the same one sent again
OVER = (
    "over:"  #: `sent`, and that is its end: among all that are `sent` or delivered nothing else finds these
)

MAX_CHARS = 200  #: of a label with its prefix


def values_of(labels: Iterable[str], kind: str) -> list[str]:
    """The labels of one kind, without its prefix, in their order."""
    return [label[len(kind) :] for label in labels if label.startswith(kind)]


def value_of(labels: Iterable[str], kind: str) -> str | None:
    """The first label of a kind, without its prefix."""
    for label in labels:
        if label.startswith(kind):
            return label[len(kind) :]
    return None
