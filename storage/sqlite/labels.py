"""Labels: what messages are found by besides their columns (`gateway.domain.labels`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gateway.domain.account import Env
from gateway.domain.message import Message
from gateway.domain.words import Status
from storage import rows
from storage.labels import all_rows, as_kept, asked, label_rows, over_row
from storage.sqlite.database import Database


class Labels:
    """The table `labels`; pages of messages by label stand with the other look-ups."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def insert(self, messages: Iterable[Message]) -> None:
        """The labels of new messages."""
        self._db.many("insert_labels", [value for row in label_rows(messages) for value in row], 4)

    def drop(self, messages: Iterable[Message]) -> None:
        """Their messages go."""
        for row in all_rows(messages):
            self._db.run("drop_label", *row)

    def keep_over(self, over: Iterable[Message], no_more: Iterable[Message]) -> None:
        """Put the label of what is over as `sent` on the first ones, and take it off the others."""
        found = sorted(map(over_row, over))
        self._db.many("insert_labels", [value for row in found for value in row], 4)
        for message in no_more:
            self._db.run("drop_label", *over_row(message))

    def labelled(self, account: str, env: Env, labels: Sequence[str]) -> dict[str, list[bytes]]:
        """See `Store.labelled`."""
        found: dict[str, list[bytes]] = {}
        wanted = asked(labels)
        for kept, message_id in self._db.many("labelled", list(wanted), head=(account, env._value_)):
            found.setdefault(wanted[kept], []).append(message_id)
        return found

    def count(self, account: str, env: Env, label: str) -> dict[Status, int]:
        """See `Store.count_labelled`."""
        counted = self._db.all("count_labelled", account, env._value_, as_kept(label))
        return {rows.STATUSES[status]: count for status, count in counted}
