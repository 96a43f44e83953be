"""Two indexes whose keys come in random order: messages by recipient, idempotency keys by digest.

Kept by SQLite itself, each would touch a page of its own for every message, and a page costs 6 microseconds in the log
and as much again at the checkpoint. So new keys gather in a table in memory (`temp`, which takes part in
transactions), and when there are enough, neighbours move into the index on disk together, slice after slice around
the key space. The numbered rows themselves are durable at once: after a restart everything above the number up to
which the index is complete is gathered again.

Whoever looks something up asks both: the writer the index and the table in memory, other connections the index and
the rows above that number.
"""

from __future__ import annotations

from typing import Any

from storage.sqlite.database import Database

GATHERED_ROWS = 16_384
"""Rows that gather in memory (some 2 MB): enough that the neighbours of a slice share pages up to some million rows."""

SLICE_ROWS = 512
"""Rows that move together: about a millisecond."""

FRESH_ROWS = 512
"""New rows that may wait to be gathered: many at once cost a third of a few with each commit."""

SCHEMA = (
    """CREATE TEMP TABLE late_recipients (recipient TEXT, sender TEXT, number INTEGER,
        PRIMARY KEY (recipient, sender, number)) WITHOUT ROWID""",
    "CREATE TEMP TABLE late_digests (digest BLOB, number INTEGER, PRIMARY KEY (digest, number)) WITHOUT ROWID",
)


class LateIndex:
    """One of the two; `name` is that of its table on disk, `first` a key before any."""

    def __init__(self, database: Database, name: str, first: tuple[Any, ...]) -> None:
        self._db = database
        self._name = name
        self._query = f"late_{name}_"
        self._first = first
        self._place = first  #: where in the key space the next slice begins
        self._until = 0  #: what was known when the present round began
        self._known: int | None = None  #: the number up to which rows are gathered; None: none are yet
        self._committed: int | None = None
        self._gathered = 0
        self._fresh = 0

    def grow(self, rows: int) -> None:
        """Rows were added, to be gathered before the next look-up, or when there are enough of them."""
        self._fresh += rows

    def has_enough(self) -> bool:
        """Whether it is time to catch up."""
        return self._fresh >= FRESH_ROWS

    def catch_up(self) -> None:
        """Gather the rows that are new since the last time, those of other processes included."""
        first_time = self._known is None
        if self._known is None:
            self._known = self._number("late_until", self._name)
        self._gathered += self._db.run(self._query + "catch_up", self._known)
        self._known = max(self._known, self._number(self._query + "last"))
        self._fresh = 0
        if first_time and self._gathered >= GATHERED_ROWS:
            # Processes that end before their first round would leave more and more to gather.
            self._move_all()

    def before_commit(self) -> None:
        """Move slices while there is enough."""
        while self._gathered >= GATHERED_ROWS + SLICE_ROWS:
            self._move()

    def after_commit(self) -> None:
        """What was gathered is durable."""
        self._committed = self._known

    def after_rollback(self) -> None:
        """The table in memory is as it was before; so must be what is known of it. The round begins again."""
        self._known = self._committed
        self._place = self._first
        self._gathered = self._number(self._query + "count")

    def _move(self) -> None:
        """Move the next slice, or end the round: all that was known when it began is in the index now."""
        assert self._known is not None
        if self._place == self._first:
            self._until = self._known
        end = self._db.one(self._query + "end", *self._place, SLICE_ROWS - 1) or self._db.one(
            self._query + "tail", *self._place
        )
        if end is None:
            self._db.run("write_late_until", self._until, self._name)
            self._place = self._first
            return
        self._db.run(self._query + "copy", *self._place, *end)
        self._gathered -= self._db.run(self._query + "drop", *self._place, *end)
        self._place = end

    def _move_all(self) -> None:
        end = self._db.one(self._query + "tail", *self._first)
        if end is not None:
            self._db.run(self._query + "copy", *self._first, *end)
            self._gathered -= self._db.run(self._query + "drop", *self._first, *end)
            self._db.run("write_late_until", self._known, self._name)

    def _number(self, query: str, *values: Any) -> int:
        row = self._db.one(query, *values)
        return 0 if row is None or row[0] is None else int(row[0])
