"""A caller sees its own messages and nobody else's."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gateway.domain import ids
from gateway.domain.account import Caller, Env, Policy
from gateway.domain.message import Message
from gateway.domain.send import Acceptance
from gateway.domain.words import Priority
from gateway.errors import NotFound
from gateway.ports import ListQuery, Page, Store
from gateway.services.pages import MAX_READS
from gateway.services.queries import Queries
from storage.open import open_store

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
ACME = Caller("acme", Env.LIVE, Policy(), frozenset({"read:messages"}), "key_1")
SHOP = replace(ACME, sub_tenant="shop")


def message(account: str = "acme", env: Env = Env.LIVE, sub_tenant: str = "") -> Message:
    return Message(
        ids.new_id(NOW),
        account,
        env,
        "orchestrator",
        "ACME",
        "+447700900123",
        "hello",
        2,
        Priority.TRANSACTIONAL,
        NOW,
        NOW + timedelta(hours=72),
        sub_tenant=sub_tenant,
        next_at=NOW,
    )


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    opened = open_store("sqlite://")
    await opened.open()
    yield opened
    await opened.close()


async def kept(store: Store, *messages: Message) -> None:
    await store.accept([Acceptance(list(messages), None, NOW)])


async def test_found_by_its_id_and_its_segments(store: Store) -> None:
    mine = message()
    await kept(store, mine)
    for id_ in (mine.id, ids.segment_id(mine.id, 1)):
        view = await Queries(store).message(ACME, id_)
        assert (view.message.id, view.message.body, view.rows) == (mine.id, "hello", [])


@pytest.mark.parametrize(
    ("caller", "theirs"),
    [
        (ACME, message(account="rival")),
        (ACME, message(env=Env.TEST)),
        (replace(ACME, env=Env.TEST), message()),
        (SHOP, message()),
        (SHOP, message(sub_tenant="other")),
    ],
)
async def test_what_is_not_the_callers_is_not_there(store: Store, caller: Caller, theirs: Message) -> None:
    queries = Queries(store)
    await kept(store, theirs)
    with pytest.raises(NotFound) as caught:
        await queries.message(caller, theirs.id)
    with pytest.raises(NotFound) as never:
        await queries.message(caller, ids.new_id(NOW))
    assert str(caught.value) == str(never.value)
    query = ListQuery(caller.account, caller.env, 10, sub_tenant=caller.sub_tenant)
    assert await queries.page(caller, query) == Page([], None)


async def test_a_sub_tenant_sees_its_own_and_the_account_sees_all(store: Store) -> None:
    shops, others = message(sub_tenant="shop"), message()
    await kept(store, shops, others)
    queries = Queries(store)
    assert (await queries.message(SHOP, shops.id)).message.id == shops.id
    assert (await queries.message(ACME, shops.id)).message.id == shops.id
    page = await queries.page(SHOP, ListQuery("acme", Env.LIVE, 10, sub_tenant="shop"))
    assert [found.id for found in page.items] == [shops.id]
    page = await queries.page(ACME, ListQuery("acme", Env.LIVE, 10))
    assert [found.id for found in page.items] == [others.id, shops.id]


@pytest.mark.parametrize(
    "query",
    [
        ListQuery("rival", Env.LIVE, 10, sub_tenant="shop"),
        ListQuery("acme", Env.TEST, 10, sub_tenant="shop"),
        ListQuery("acme", Env.LIVE, 10),
        ListQuery("acme", Env.LIVE, 10, sub_tenant="other"),
    ],
)
async def test_a_query_for_somebody_else_is_a_fault(store: Store, query: ListQuery) -> None:
    with pytest.raises(ValueError, match="own messages"):
        await Queries(store).page(SHOP, query)


async def test_a_page_goes_on_with_the_next_read_as_long_as_it_may(store: Store) -> None:
    """Where little passes, a page takes several reads of a bounded number of rows, and at last says where to go on."""
    made = [message(sub_tenant="shop" if n in (0, 43, 50) else "") for n in range(2 * MAX_READS + 11)]
    await kept(store, *made)
    wanted = [made[n] for n in (0, 43, 50)]
    queries, query = Queries(store, looks=2), ListQuery("acme", Env.LIVE, 10, sub_tenant="shop")
    first = await queries.page(SHOP, query)
    assert [found.id for found in first.items] == [wanted[2].id, wanted[1].id]
    assert first.before is not None
    rest = await queries.page(SHOP, replace(query, before=first.before))
    assert ([found.id for found in rest.items], rest.before) == ([wanted[0].id], None)
    full = await queries.page(SHOP, replace(query, limit=1))
    assert [found.id for found in full.items] == [wanted[2].id]
    assert full.before is not None
