"""The store whole: all sections, and its life.

Every verb that writes takes a list and does all that must be atomic inside, for the whole list, with an outcome per
item. What needs the store's own state is decided inside: verbs take the pure decision and run it between their reads
and their writes. A decision may run in another thread and more than once (a batch is retried whole); it must read only
what it is given and immutable snapshots.
"""

from __future__ import annotations

from typing import Protocol

from gateway.ports.accounts import AccountStore, NumberStore, SuppressionStore
from gateway.ports.alerts import AlertStore
from gateway.ports.answers import AnswerStore
from gateway.ports.erasure import ErasureStore
from gateway.ports.exports import ExportStore
from gateway.ports.inbound import InboundStore
from gateway.ports.money import LedgerStore
from gateway.ports.noc import NocStore
from gateway.ports.processes import ProcessStore
from gateway.ports.queries import QueryStore
from gateway.ports.queue import QueueStore
from gateway.ports.webhooks import WebhookStore


class Store(
    ProcessStore,
    QueueStore,
    AnswerStore,
    InboundStore,
    WebhookStore,
    QueryStore,
    ExportStore,
    ErasureStore,
    AccountStore,
    NumberStore,
    SuppressionStore,
    LedgerStore,
    AlertStore,
    NocStore,
    Protocol,
):
    """Everything durable. Raises `StoreUnavailable` when nothing of a call was kept.

    Written by `storage/`, held by `tests/contract/`.
    """

    async def open(self) -> None: ...
    async def close(self) -> None:
        """Finish what was asked, and close. Raises `StoreHangs`."""
        ...
