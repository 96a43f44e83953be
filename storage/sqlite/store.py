"""The embedded store: `gateway.ports.Store` on one SQLite file (or in memory, for unit tests)."""

from __future__ import annotations

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
