"""The production store: `gateway.ports.Store` on a PostgreSQL database that many processes share."""

from __future__ import annotations

from storage.batcher import OnCommit
from storage.lifetimes import LEASE_S
from storage.matching import EquivalentRefs, no_equivalents
from storage.postgres.verbs.accounts import AccountVerbs, NumberVerbs, SuppressionVerbs
from storage.postgres.verbs.alerts import AlertVerbs
from storage.postgres.verbs.answers import AnswerVerbs
from storage.postgres.verbs.erasure import ErasureVerbs
from storage.postgres.verbs.exports import ExportVerbs
from storage.postgres.verbs.inbound import InboundVerbs
from storage.postgres.verbs.money import LedgerVerbs
from storage.postgres.verbs.noc import NocVerbs
from storage.postgres.verbs.processes import ProcessVerbs
from storage.postgres.verbs.queries import QueryVerbs
from storage.postgres.verbs.queue import QueueVerbs
from storage.postgres.verbs.webhooks import WebhookVerbs

POOL_SIZE = 8
"""Connections of one process, besides the one that listens. PostgreSQL's default allows 100 in all."""


class PostgresStore(
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
    """All sections of the port. Verbs that write go through the groups, questions straight to a connection."""

    def __init__(
        self,
        url: str,
        *,
        on_commit: OnCommit | None = None,
        equivalent_refs: EquivalentRefs = no_equivalents,
        lease_s: float = LEASE_S,
        pool_size: int = POOL_SIZE,
    ) -> None:
        """`on_commit`, `equivalent_refs` and `lease_s`: see `storage.open.open_store`."""
        super().__init__(url, on_commit, equivalent_refs, lease_s, pool_size)
