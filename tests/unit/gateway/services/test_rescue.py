"""What the NOC does with one message: decided inside the store, so nobody is overtaken. More in the commands' tests."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from gateway.domain import ids
from gateway.domain.account import Env
from gateway.domain.message import FINAL, Message, Step
from gateway.domain.send import Acceptance
from gateway.domain.words import Priority, Reason, Status
from gateway.errors import Conflict, NotFound
from gateway.ports import DecideMessage, Owner, Store
from gateway.secrets import Secrets
from gateway.services.accounts import Accounts
from gateway.services.rescue import Rescue
from storage.open import open_store

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


def clock() -> datetime:
    return LATER


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    opened = open_store("sqlite://")
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
async def rescue(store: Store) -> Rescue:
    accounts = Accounts(store, Secrets(bytes(32)), clock)
    await accounts.create("acme")
    await accounts.set("acme", {"webhook_url": "https://a.example/x"}, None)
    return Rescue(store, accounts, clock)


async def kept(store: Store, status: Status = Status.QUEUED, final_at: datetime | None = None) -> bytes:
    """A message that waits for its time; its id."""
    message = Message(
        ids.new_id(NOW),
        "acme",
        Env.LIVE,
        "orchestrator",
        "ACME",
        "+447700900123",
        "hello",
        1,
        Priority.TRANSACTIONAL,
        NOW,
        NOW + timedelta(hours=72),
        operator="alpha",
        status=status,
        next_at=None if status in FINAL or final_at else NOW + timedelta(days=1),
        final_at=final_at,
    )
    await store.accept([Acceptance([message], None, NOW)])
    return message.id


async def test_requeued_and_claimed_at_once(store: Store, rescue: Rescue) -> None:
    id_ = await kept(store)
    assert (await store.claim("alpha", 10, Owner(1, 1), LATER)).claimed == []
    assert (await rescue.requeue(id_)).next_at == LATER
    batch = await store.claim("alpha", 10, Owner(1, 1), LATER)
    assert [claimed.message.id for claimed in batch.claimed] == [id_]


async def test_a_claim_in_between_wins(store: Store, rescue: Rescue, monkeypatch: pytest.MonkeyPatch) -> None:
    id_ = await kept(store)
    change = store.change

    async def after_a_claim(wanted: Sequence[bytes], decide: DecideMessage) -> list[Step | None]:
        await store.claim("alpha", 10, Owner(1, 1), NOW + timedelta(days=2))
        return await change(wanted, decide)

    monkeypatch.setattr(store, "change", after_a_claim)
    with pytest.raises(Conflict, match="in the gateway's hands"):
        await rescue.fail(id_, Reason.SPAM)
    with pytest.raises(Conflict, match="in the gateway's hands"):
        await rescue.requeue(id_)


@pytest.mark.parametrize("status", sorted(FINAL))
async def test_a_final_message_stays_as_it_is(store: Store, rescue: Rescue, status: Status) -> None:
    id_ = await kept(store, status)
    with pytest.raises(Conflict, match=f"is {status.value}: only one that is queued"):
        await rescue.requeue(id_)
    with pytest.raises(Conflict, match=f"is {status.value}: only one that is queued or scheduled or sent"):
        await rescue.fail(id_, Reason.SPAM)


async def test_what_is_over_as_sent_stays_as_it_is(store: Store, rescue: Rescue) -> None:
    id_ = await kept(store, Status.SENT, final_at=NOW)
    with pytest.raises(Conflict, match="is sent: only one that is queued"):
        await rescue.requeue(id_)
    with pytest.raises(Conflict, match="asked for no receipts: it is over"):
        await rescue.fail(id_, Reason.SPAM)


async def test_failed_with_its_event(store: Store, rescue: Rescue) -> None:
    id_ = await kept(store)
    message = (await rescue.fail(id_, Reason.SPAM)).message
    assert (message.status, message.reason, message.final_at) == (Status.FAILED, Reason.SPAM, LATER)
    events, _ = await store.due_webhooks(LATER, Owner(1, 1), lambda _: 10, 10)
    assert [(event.subject, event.kind.value) for event in events] == [(id_, "failed")]


async def test_no_such_message(rescue: Rescue) -> None:
    for act in (rescue.message, rescue.requeue):
        with pytest.raises(NotFound, match="retention_days"):
            await act(ids.new_id(NOW))
    with pytest.raises(NotFound):
        await rescue.fail(ids.new_id(NOW), Reason.SPAM)
