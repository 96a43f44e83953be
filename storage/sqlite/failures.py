"""How many messages failed in each minute, by account: what alerts about failures go by."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from gateway.domain.account import Env
from storage import rows
from storage.changes import FailureKey
from storage.lifetimes import FAILURES_LIFETIME
from storage.sqlite.database import Database


class Failures:
    """The table `failures`."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, failures: Mapping[FailureKey, int]) -> None:
        """Count those of one transaction."""
        flat: list[object] = []
        for (minute, account, env), count in sorted(failures.items()):
            flat += (minute, account, env._value_, count)
        self._db.many("add_failures", flat, 4)

    def since(self, since: datetime) -> dict[tuple[str, Env], int]:
        """See `Store.failures`."""
        counted = self._db.all("failures_since", rows.minutes(since))
        return {(account, rows.ENVS[env]): count for account, env, count in counted}

    def drop(self, now: datetime) -> int:
        """Drop the minutes that nobody asks for any more; how many rows."""
        return self._db.run("drop_failures", rows.minutes(now - FAILURES_LIFETIME))
