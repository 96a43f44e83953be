"""What becomes of messages that a dead process had in hand: its flight journal, and the decision by it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import structlog

from gateway import journal as flight
from gateway.app.core import settings_of, utc_now
from gateway.config import Config
from gateway.domain.message import Message, Step
from gateway.metrics import Metrics
from gateway.operators.wiring import Wiring, make
from gateway.ports import Operator, Process, Recovery
from gateway.services.accounts import Accounts
from gateway.services.events import Announcer
from gateway.services.recovery import decide_recovery

log = structlog.get_logger("gateway.heir")


class Journals:
    """The flight journals that this process can read: those in its own folder."""

    def __init__(self, path_of: Callable[[int], Path], boot_id: str) -> None:
        self._path_of = path_of
        self._boot_id = boot_id

    def read(self, process: Process) -> flight.Flights | None:
        """What a process had written; None: its journal is not here, or of another boot."""
        if process.boot_id != self._boot_id:
            return None
        try:
            return flight.read(self._path_of(process.owner.number), self._boot_id)
        except OSError as error:
            log.error("a flight journal can't be read", process=process.owner.number, error=str(error))
            return None

    def is_elsewhere(self, process: Process) -> bool:
        """Whether another process of this machine may read it: containers have folders of their own."""
        return process.boot_id == self._boot_id

    def is_gone(self, process: Process) -> bool:
        """Whether it lives no more, for certain."""
        path = self._path_of(process.owner.number)
        return process.boot_id == self._boot_id and flight.is_gone(path, self._boot_id, process.pid)

    def drop(self, process: Process) -> None:
        """It is of no more use."""
        journal = self._path_of(process.owner.number)
        for path in (*flight.paths(journal), flight.sign_path(journal)):
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                log.warning("a flight journal can't be removed", path=str(path), error=str(error))


class Heir:
    """Decides on what the dead had in hand, by the configuration in force."""

    def __init__(self, config: Callable[[], Config], accounts: Accounts, metrics: Metrics) -> None:
        self._config = config
        self._metrics = metrics
        # The events wait in the store, for whoever delivers.
        self._announcer = Announcer(accounts.policy, lambda _url: None)
        self._made_of: Config | None = None
        self._operators: dict[str, Operator] = {}

    def get_ready(self) -> None:
        """Make what `decide` asks, in the event loop's thread: an embedded store decides in its own."""
        config = self._config()
        if config is not self._made_of:
            wiring = Wiring(NoJournal(), self._metrics, utc_now, lambda: False)
            settings = settings_of(config)
            self._policies = {key: value.retry_policy() for key, value in settings.items()}
            self._operators = {key: make(value, wiring) for key, value in settings.items()}
            self._made_of = config

    def decide(self, recovery: Recovery) -> Step:
        """Back to the queue, or in doubt."""
        return decide_recovery(recovery, self._policies, self._count_parts, self._announcer, utc_now())

    def _count_parts(self, message: Message) -> int:
        """1 for an operator that is configured no more."""
        operator = self._operators.get(message.operator or "")
        return 1 if operator is None else len(operator.parts(message))


class NoJournal:
    """For operators that never write."""

    def written(self, parts: object) -> None:
        """Nothing is written."""

    def returned(self, part: object) -> None:
        """Nothing is returned."""

    def recorded(self, parts: object) -> None:
        """Nothing is recorded."""
