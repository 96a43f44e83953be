"""What the services need from outside, as protocols: the store, the operators, the webhook client, the clock.

The store has sections (`QueueStore`, `AnswerStore`, ...), each in a file of its own with the shapes that it speaks
in. A service asks for the section that it needs, or names the few of them (its `Sections`). `Store` is all of them: for
who goes through most of what is kept, as an export of an account does.
"""

from gateway.ports.accounts import AccountStore, NumberStore, SuppressionStore
from gateway.ports.alerts import AlertStore, Mark
from gateway.ports.answers import AnswerStore, DecideAnswers, DecideMessage, DecideReceipt, ReceiptResult
from gateway.ports.clock import Clock
from gateway.ports.erasure import ErasureStore
from gateway.ports.exports import ExportStore, StoredEvent
from gateway.ports.inbound import DecideInbound, InboundContext, InboundStep, InboundStore
from gateway.ports.journal import Journal
from gateway.ports.money import LedgerQuery, LedgerStore
from gateway.ports.noc import Command, NocStore, OperatorState, Queue, StoreFacts
from gateway.ports.operators import Acknowledge, OnOutcome, Operator, Reports
from gateway.ports.pages import LOOKS, Page
from gateway.ports.processes import (
    BindShare,
    DecideRecovery,
    Held,
    Owner,
    Peer,
    Process,
    ProcessStore,
    Recovery,
)
from gateway.ports.queries import ListQuery, MessageView, QueryStore
from gateway.ports.queue import ClaimBatch, Claimed, QueueStore
from gateway.ports.store import Store
from gateway.ports.webhooks import Renderer, WebhookAnswer, WebhookClient, WebhookStore

__all__ = [
    "LOOKS",
    "AccountStore",
    "Acknowledge",
    "AlertStore",
    "AnswerStore",
    "BindShare",
    "ClaimBatch",
    "Claimed",
    "Clock",
    "Command",
    "DecideAnswers",
    "DecideInbound",
    "DecideMessage",
    "DecideReceipt",
    "DecideRecovery",
    "ErasureStore",
    "ExportStore",
    "Held",
    "InboundContext",
    "InboundStep",
    "InboundStore",
    "Journal",
    "LedgerQuery",
    "LedgerStore",
    "ListQuery",
    "Mark",
    "MessageView",
    "NocStore",
    "NumberStore",
    "OnOutcome",
    "Operator",
    "OperatorState",
    "Owner",
    "Page",
    "Peer",
    "Process",
    "ProcessStore",
    "QueryStore",
    "Queue",
    "QueueStore",
    "ReceiptResult",
    "Recovery",
    "Renderer",
    "Reports",
    "Store",
    "StoreFacts",
    "StoredEvent",
    "SuppressionStore",
    "WebhookAnswer",
    "WebhookClient",
    "WebhookStore",
]
