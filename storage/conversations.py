"""What both engines know of messages from phones: repetitions, gaps, and the send that an answer answers."""

from __future__ import annotations

from collections.abc import Container
from datetime import timedelta

from gateway.domain.account import Env
from gateway.domain.message import Message
from gateway.domain.receipt import Inbound
from gateway.domain.suppression import PriorSend

REPEAT_WINDOW = timedelta(days=4)
"""How long a carrier may take to repeat an unacknowledged PDU: its own store-and-forward time."""

PRIOR_SENDS = 50
"""How many of the latest sends from our number to a phone are looked at for the one that it answers."""

GAP = "[...]"
"""Stands for parts that never came."""


def explains(sent: Message, inbound: Inbound) -> bool:
    """A message that no operator was given explains nothing, nor does the reply to a STOP; and a test message never
    reached a person through a real carrier, so it explains an answer from its own operator alone."""
    return (
        sent.attempts > 0 and not sent.bypass and (sent.env is Env.LIVE or sent.operator == inbound.operator)
    )


def with_gaps(pieces: Container[int], total: int) -> list[int]:
    """The part numbers of a message with holes: one number stands for each hole, however wide."""
    return [n for n in range(1, total + 1) if n in pieces or n == 1 or n - 1 in pieces]


def prior_of(sent: Message) -> PriorSend:
    """What an answer may need of the send that it answers."""
    return PriorSend(
        sent.id,
        sent.account,
        sent.env,
        sent.sub_tenant,
        sent.dialect,
        sent.callback_url,
        sent.metadata,
        sent.accepted_at,
    )
