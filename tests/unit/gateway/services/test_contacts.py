"""One text to many numbers: what becomes of the list, and of what the core refuses."""

from __future__ import annotations

import asyncio

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.labels import BATCH, value_of
from gateway.domain.send import IdempotencyKey, Origin, Refusal, Send, Why
from gateway.services import contacts as module
from gateway.services.contacts import SILENT, Contacts, Enqueued, known_country, resolve
from gateway.services.queries import Queries
from routing import numbers
from tests.unit.gateway.services.rig import Rig, a_rig

TEXT = Send("contacts", "", "ACME", "hello")
ORIGIN = Origin("req_1")
ANNA, BERTA = "+573001234567", "+573009876543"

written = st.one_of(
    st.sampled_from(["3001234567", ANNA, "300 987 6543", BERTA, "0057 3001234567", "12", "", "nobody"]),
    st.text(max_size=12),
)


@given(st.lists(written), st.sampled_from([None, "CO", "US"]))
def test_each_number_once_in_the_order_of_the_first(given_: list[str], country: str | None) -> None:
    found = asyncio.run(resolve(given_, country))
    assert len(set(found)) == len(found)
    assert all(numbers.is_e164(number) for number in found)
    assert asyncio.run(resolve(found, country)) == found, "what was normalised stays"
    again = asyncio.run(resolve([*given_, *reversed(given_)], country))
    assert again == found, "later copies change nothing"


async def test_the_loop_has_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SLICE", 2)
    turns: list[int] = []
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(resolve(["3001234567"] * 5, "CO"))
    while not task.done():
        loop.call_soon(turns.append, 0)
        await asyncio.sleep(0)
    assert await task == [ANNA]
    assert len(turns) >= 3


@pytest.mark.parametrize(
    ("text", "country"),
    [("CO", "CO"), ("co", "CO"), ("XX", None), ("COL", None), ("", None), ("\u0131t", None)],
)
def test_countries(text: str, country: str | None) -> None:
    assert known_country(text) == country


def test_every_country_of_the_numbering_plans_is_known() -> None:
    assert all(known_country(region) == region for region in phonenumbers.SUPPORTED_REGIONS)


async def batch(rig: Rig, *contacts: str, key: IdempotencyKey | None = None) -> Enqueued | Refusal:
    sender = Contacts(rig.submit, Queries(rig.store), rig.clock)
    result = await sender.send(rig.caller(), TEXT, contacts, "CO", key, ORIGIN)
    assert isinstance(result, Enqueued | Refusal)
    return result


async def test_all_of_a_batch_have_its_label() -> None:
    async with a_rig() as rig:
        sent = await batch(rig, ANNA, BERTA)
        other = await batch(rig, ANNA)
        assert isinstance(sent, Enqueued)
        assert isinstance(other, Enqueued)
        for message_id, recipient in sent.messages:
            kept = await rig.message(message_id)
            assert (kept.recipient, value_of(kept.labels, BATCH)) == (recipient, sent.batch)
        assert len(sent.batch) == 32
        assert sent.batch != other.batch


async def test_a_replay_is_the_same_batch() -> None:
    async with a_rig() as rig:
        key = IdempotencyKey(b"d" * 32, "POST", "/", b"b" * 32)
        first = await batch(rig, ANNA, BERTA, key=key)
        assert await batch(rig, ANNA, "3009876543", key=key) == first, "the same numbers, written otherwise"
        assert len(await rig.store.labelled("acme", rig.caller().env, [f"{BATCH}{first.batch}"])) == 1  # type: ignore[union-attr]


@pytest.mark.parametrize("why", Why)
async def test_every_refusal_is_skipped_or_told(why: Why, monkeypatch: pytest.MonkeyPatch) -> None:
    async with a_rig() as rig:
        admit = rig.submit._admit
        refusal = Refusal(why, "So it is.")

        def refuse(caller: object, send: Send, *more: object) -> object:
            return refusal if send.recipient == BERTA else admit(caller, send, *more)  # type: ignore[arg-type]

        monkeypatch.setattr(rig.submit, "_admit", refuse)
        part, whole = await batch(rig, ANNA, BERTA), await batch(rig, BERTA)
        assert isinstance(part, Enqueued)
        assert [recipient for _, recipient in part.messages] == [ANNA]
        if why in SILENT:
            assert (part.refused, whole) == ([], Enqueued("", [], []))
        else:
            assert (part.refused, whole) == ([(BERTA, refusal)], refusal)
