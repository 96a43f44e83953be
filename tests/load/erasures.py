"""Everything that an erasure and the verbs after it execute, for the plans (`test_plans.py`)."""

from __future__ import annotations

from gateway.domain.account import Env
from gateway.domain.erasure import Erasure
from gateway.domain.suppression import Suppression
from gateway.ports import Store
from tests.contract.made import (
    NOW,
    InboundDecider,
    acceptance,
    after,
    answer,
    decide_answers,
    decide_receipt,
    inbound,
    message,
    receipt,
)

PERSON = "+33612345678"


def name_of(number: str) -> str:
    """As the key file would have it."""
    return f"erased:{number[1:]:0>32}"


async def erasures(store: Store) -> None:
    """A person with something in every table, erased; then what still comes for them."""
    store.recognize(name_of)
    m = message(recipient=PERSON, attempts=1, part_count=1)
    await store.accept([acceptance(m)])
    await store.record_answers([answer(m, "e-1")], decide_answers)
    m.attempts = 2
    await store.record_answers([answer(m, "e-2", attempt=2)], decide_answers)
    await store.apply_receipts([receipt(m, "e-2")], decide_receipt)
    await store.suppress([Suppression("acme", Env.LIVE, "", PERSON, "stop", NOW)])
    await store.accept([acceptance(message(recipient=PERSON), message(), key="erased")])
    await store.record_inbound([inbound("Hello", sender=PERSON)], InboundDecider())
    asked = Erasure(PERSON, name_of(PERSON), None, after(60))
    assert await store.traces(asked)
    done = await store.erase(asked)
    assert (done.messages, done.inbound, done.results, done.suppressions) == (1, 1, 1, 1)
    await store.accept([acceptance(message(recipient=PERSON))])
    await store.apply_receipts([receipt(m, "e-1")], decide_receipt)
    await store.record_answers([answer(m, "e-3", attempt=2)], decide_answers)
    lift = InboundDecider(lift=("acme", Env.LIVE, "", PERSON))
    await store.record_inbound([inbound("START", sender=PERSON)], lift)
