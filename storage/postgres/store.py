"""The production store: `gateway.ports.Store` on a PostgreSQL database that many processes share."""

from __future__ import annotations

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
