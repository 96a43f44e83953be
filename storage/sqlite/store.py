"""The embedded store: `gateway.ports.Store` on one SQLite file (or in memory, for unit tests)."""

from __future__ import annotations

from pathlib import Path

from storage.batcher import OnCommit
from storage.matching import EquivalentRefs, no_equivalents
from storage.sqlite.verbs.accounts import AccountVerbs, NumberVerbs, SuppressionVerbs
from storage.sqlite.verbs.alerts import AlertVerbs
from storage.sqlite.verbs.answers import AnswerVerbs
from storage.sqlite.verbs.erasure import ErasureVerbs
from storage.sqlite.verbs.exports import ExportVerbs
from storage.sqlite.verbs.inbound import InboundVerbs
from storage.sqlite.verbs.money import LedgerVerbs
from storage.sqlite.verbs.noc import NocVerbs
from storage.sqlite.verbs.processes import ProcessVerbs
from storage.sqlite.verbs.queries import QueryVerbs
from storage.sqlite.verbs.queue import QueueVerbs
from storage.sqlite.verbs.webhooks import WebhookVerbs


class SqliteStore(
    ProcessVerbs,
    QueueVerbs,
    AnswerVerbs,
    InboundVerbs,
    WebhookVerbs,
    QueryVerbs,
    ExportVerbs,
    ErasureVerbs,
    AccountVerbs,
    NumberVerbs,
    SuppressionVerbs,
    LedgerVerbs,
    AlertVerbs,
    NocVerbs,
):
    """All sections of the port. Verbs that write go through the batcher, questions to the readers."""

    def __init__(
        self,
        path: Path | None,
        *,
        on_commit: OnCommit | None = None,
        equivalent_refs: EquivalentRefs = no_equivalents,
    ) -> None:
        """`path` None: in memory. `on_commit` and `equivalent_refs`: see `storage.open.open_store`."""
        super().__init__(path, on_commit, equivalent_refs)
