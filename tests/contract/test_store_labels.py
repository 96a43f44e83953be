"""The store's contract: labels, and pages of messages by every filter."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.domain.account import Env
from gateway.domain.message import FINAL, Message
from gateway.domain.words import Status
from gateway.ports import LOOKS, ListQuery, Page, Store
from storage.open import open_store
from storage.sqlite import late
from tests.contract.made import NOW, OURS, PHONE, acceptance, after, changing, message
from tests.contract.test_store import found, kept
from tests.engines import postgres

PROMO, SHOP, ANNA = "tag:promo", "tag:shop", "user:anna"
DAY = timedelta(days=1)


def final(status: Status = Status.DELIVERED, **fields: object) -> Message:
    """A message that is over."""
    at = fields.get("accepted_at", NOW)
    return message(**({"status": status, "final_at": at, "next_at": None} | fields))


async def listed(store: Store, **query: object) -> list[bytes]:
    """The ids of a page of acme's live messages."""
    values: dict[str, object] = {"account": "acme", "env": Env.LIVE, "limit": 100}
    return [m.id for m in (await store.messages(ListQuery(**(values | query)))).items]  # type: ignore[arg-type]


# --- by label


async def test_messages_are_found_by_their_labels_oldest_first(store: Store) -> None:
    first, second, third = message(labels=(PROMO,)), message(labels=(SHOP, PROMO)), message(labels=(ANNA,))
    await kept(store, third, second, first, message())
    by_label = await store.labelled("acme", Env.LIVE, [PROMO, SHOP, "tag:none", SHOP])
    assert by_label == {PROMO: [first.id, second.id], SHOP: [second.id]}
    assert await store.labelled("acme", Env.LIVE, []) == {}


async def test_a_label_that_stands_twice_counts_once(store: Store) -> None:
    m = message(labels=(PROMO, PROMO))
    await kept(store, m)
    assert await store.labelled("acme", Env.LIVE, [PROMO]) == {PROMO: [m.id]}
    assert await store.count_labelled("acme", Env.LIVE, PROMO) == {Status.QUEUED: 1}
    assert await listed(store, labels=(PROMO, PROMO)) == [m.id]


async def test_nobody_finds_by_label_what_is_another_accounts_or_environments(store: Store) -> None:
    mine = message(labels=(PROMO,))
    await kept(store, mine, message(labels=(PROMO,), account="other"), message(labels=(PROMO,), env=Env.TEST))
    assert await store.labelled("acme", Env.LIVE, [PROMO]) == {PROMO: [mine.id]}
    assert await store.count_labelled("acme", Env.LIVE, PROMO) == {Status.QUEUED: 1}
    assert await listed(store, labels=(PROMO,)) == [mine.id]
    assert await store.labelled("acme", Env.LIVE, ["tag:prom", "tag:promo%", "TAG:PROMO"]) == {}


async def test_labels_of_any_characters_are_told_apart(store: Store) -> None:
    labels = ["tag:a", "tag:a\0b", "tag:a'b", 'tag:a"b', "tag:a,b", "tag:{a}", "tag:\\", "tag:ä👋", "tag: "]
    each = {label: message(labels=(label, PROMO)) for label in labels}
    await kept(store, *each.values())
    for label, m in each.items():
        assert await store.labelled("acme", Env.LIVE, [label]) == {label: [m.id]}
        assert await store.count_labelled("acme", Env.LIVE, label) == {Status.QUEUED: 1}
        assert await listed(store, labels=(label,)) == [m.id]
        assert await listed(store, labels=(PROMO, label)) == [m.id]
        assert await listed(store, labels=(PROMO, label), recipient=PHONE) == [m.id]
        assert (await found(store, m)).labels == (label, PROMO)


async def test_a_batch_is_counted_by_where_its_messages_stand_now(store: Store) -> None:
    waiting = [message(labels=("batch:1",)) for _ in range(5)]
    ended = [final(Status.FAILED, labels=("batch:1",)) for _ in range(3)]
    await kept(store, *waiting, *ended, final(labels=("batch:2",)))

    def sent(m: Message) -> None:
        m.status, m.next_at = Status.SENT, None

    await store.change([waiting[0].id, waiting[1].id], changing(sent))
    assert await store.count_labelled("acme", Env.LIVE, "batch:1") == {
        Status.QUEUED: 3,
        Status.SENT: 2,
        Status.FAILED: 3,
    }
    assert await store.count_labelled("acme", Env.LIVE, "batch:3") == {}


async def test_ten_thousand_messages_of_one_call_are_counted(store: Store) -> None:
    batch = [message(labels=("batch:1",)) for _ in range(10_000)]
    await store.accept([acceptance(*batch)])
    assert await store.count_labelled("acme", Env.LIVE, "batch:1") == {Status.QUEUED: 10_000}
    first = await listed(store, labels=("batch:1",), limit=3)
    assert first == [m.id for m in batch[:-4:-1]]
    assert await listed(store, labels=("batch:1",), limit=3, before=first[-1]) == [
        m.id for m in batch[-4:-7:-1]
    ]


async def test_of_a_request_whose_key_was_used_no_labels_are_kept(store: Store) -> None:
    first, again = message(labels=(PROMO,)), message(labels=(PROMO, SHOP))
    await store.accept([acceptance(first, key="k")])
    await store.accept([acceptance(again, key="k")])
    assert await store.labelled("acme", Env.LIVE, [PROMO, SHOP]) == {PROMO: [first.id]}


# --- their end


async def test_labels_go_with_their_messages_when_those_are_past_retention(store: Store) -> None:
    old, still_open, young = (
        final(labels=(PROMO, SHOP)),
        message(labels=(PROMO,)),
        final(labels=(PROMO,), accepted_at=NOW + 5 * DAY),
    )
    await kept(store, old, still_open, young)
    await store.purge(NOW + 32 * DAY, 30)
    assert await store.labelled("acme", Env.LIVE, [PROMO, SHOP]) == {PROMO: [still_open.id, young.id]}


async def test_labels_go_with_their_day(store: Store) -> None:
    of_the_day, of_the_next = final(labels=(PROMO, SHOP)), final(labels=(PROMO,), accepted_at=NOW + DAY)
    await kept(store, of_the_day, of_the_next)
    assert await store.drop_day(NOW.date(), lambda _: None) == 1
    assert await store.labelled("acme", Env.LIVE, [PROMO, SHOP]) == {PROMO: [of_the_next.id]}
    assert await store.count_labelled("acme", Env.LIVE, PROMO) == {Status.DELIVERED: 1}


async def test_more_labels_than_one_transaction_drops_go_too(store: Store) -> None:
    old = [final(labels=(PROMO, SHOP, ANNA)) for _ in range(1_500)]
    await store.accept([acceptance(*old)])
    await store.purge(NOW + 40 * DAY, 30)
    assert await store.labelled("acme", Env.LIVE, [PROMO, SHOP, ANNA]) == {}


# --- pages by every filter

SENDERS = (OURS, "ACME")
KEYS = ("key_1", 'key"2\\')
PHONES = (PHONE, "+447700900999")
LABELS = (PROMO, SHOP, ANNA)
STATUSES = tuple(Status)


def crowd() -> list[Message]:
    """Messages of two accounts, two environments and two sub-tenants, in which each filter finds some: each facet
    steps at its own pace."""
    messages = []
    for n in range(480):
        status = STATUSES[n % 7]
        at = after(60 * (n % 97))
        over = {"status": status, "final_at": at, "next_at": None} if status in FINAL else {"status": status}
        facts = {
            "account": "other" if n % 11 == 0 else "acme",
            "env": Env.TEST if n % 13 == 0 else Env.LIVE,
            "sub_tenant": "shop" if n % 3 == 0 else "",
            "sender": SENDERS[n % 5 == 0],
            "key_id": KEYS[n % 4 == 0],
            "recipient": PHONES[n % 2],
            "labels": tuple(label for bit, label in enumerate(LABELS) if n // 2 >> bit & 1),
            "body": "\0 is not \\u0000",
            "accepted_at": at,
        }
        messages.append(message(**(facts | over)))
    return messages


class Crowded:
    """A store with a crowd, and the loop that it lives in: hypothesis calls no coroutines."""

    def __init__(self, store: Store, messages: list[Message], runner: asyncio.Runner) -> None:
        self.messages = sorted(messages, key=lambda m: m.id, reverse=True)
        self._store = store
        self._runner = runner

    def page(self, query: ListQuery) -> Page[Message, bytes]:
        """One of a list."""
        return self._runner.run(self._store.messages(query))

    def pages(self, query: ListQuery) -> list[bytes]:
        """The ids of all that a query finds, page after page."""
        ids: list[bytes] = []
        while True:
            page = self.page(query)
            assert len(page.items) <= query.limit
            ids += [m.id for m in page.items]
            if page.before is None:
                return ids
            assert query.before is None or page.before < query.before
            query = replace(query, before=page.before)


@pytest.fixture(scope="module", params=["sqlite", "sqlite-memory", "postgres"])
def crowded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crowded]:
    """In each engine."""
    messages = crowd()
    with asyncio.Runner() as runner, pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            late, "GATHERED_ROWS", 100
        )  # so that SQLite's index of recipients has some of the crowd
        patch.setattr(late, "SLICE_ROWS", 50)
        patch.setattr(late, "FRESH_ROWS", 1)
        making = made(str(request.param), tmp_path_factory.mktemp("crowded"), messages)
        yield Crowded(runner.run(making.__aenter__()), messages, runner)
        runner.run(making.__aexit__(None, None, None))


@asynccontextmanager
async def made(engine: str, folder: Path, messages: list[Message]) -> AsyncIterator[Store]:
    """A store of that kind that holds these messages."""
    urls = {"sqlite": "sqlite:///trunkline.db", "sqlite-memory": "sqlite://"}
    url = urls.get(engine) or await postgres.shared().fresh()
    store = open_store(url, folder)
    await store.open()
    await store.accept([acceptance(*messages)])
    yield store
    await store.close()
    if engine == "postgres":
        await postgres.shared().drop(url)


QUERIES = st.builds(
    ListQuery,
    account=st.sampled_from(["acme", "acme", "other", "nobody"]),
    env=st.sampled_from(Env),
    limit=st.integers(1, 40),
    status=st.none() | st.frozensets(st.sampled_from(STATUSES), max_size=4),
    recipient=st.sampled_from([None, None, *PHONES, "+447700900000"]),
    created_after=st.none() | st.integers(0, 97).map(lambda n: after(60 * n)),
    created_before=st.none() | st.integers(0, 97).map(lambda n: after(60 * n)),
    sub_tenant=st.sampled_from([None, "", "shop"]),
    labels=st.lists(st.sampled_from([*LABELS, PROMO, "tag:none"]), max_size=3).map(tuple),
    sender=st.sampled_from([None, None, *SENDERS, "nobody"]),
    key_id=st.sampled_from([None, None, *KEYS, "key_"]),
)


@given(query=QUERIES, looks=st.integers(1, 100) | st.just(LOOKS))
@settings(max_examples=300)
def test_the_pages_of_any_filters_are_those_of_a_look_through_all(
    crowded: Crowded, query: ListQuery, looks: int
) -> None:
    """However soon each of them ends."""
    assert crowded.pages(replace(query, looks=looks)) == [m.id for m in crowded.messages if fits(m, query)]


ACME = ListQuery("acme", Env.LIVE, 20)
RARE = (
    replace(ACME, sender="nobody"),
    replace(ACME, key_id="nobody"),
    replace(ACME, sub_tenant="nobody"),
    replace(ACME, status=frozenset({Status.DELIVERED}), sender="nobody"),
    replace(ACME, status=frozenset({Status.DELIVERED, Status.FAILED}), sender="nobody"),
    replace(ACME, status=frozenset({Status.FAILED}), sender="nobody"),
    replace(ACME, status=frozenset({Status.FAILED}), sub_tenant="nobody"),
    replace(ACME, created_after=NOW, sender="nobody"),
    replace(ACME, labels=(PROMO,), sender="nobody"),
    replace(ACME, labels=(PROMO,), status=frozenset({Status.FAILED}), key_id="nobody"),
    replace(ACME, labels=(PROMO, "tag:none")),
)
"""Of which an account with very many messages may have none."""

CROWDED = (
    replace(ACME, labels=(PROMO,), recipient=PHONE, sender="nobody"),
    replace(ACME, recipient=PHONE, sender="nobody"),
    replace(ACME, recipient=PHONE, status=frozenset({Status.FAILED}), sender="nobody"),
    replace(ACME, status=frozenset({Status.QUEUED}), sender="nobody"),
    replace(ACME, status=frozenset({Status.DELIVERED, Status.FAILED}), sender="nobody"),
    replace(ACME, status=frozenset({Status.QUEUED, Status.SCHEDULED}), sub_tenant="nobody"),
)
"""The same, by what is looked through whole where it is little."""


@pytest.mark.parametrize("query", [*RARE, *CROWDED])
def test_a_read_that_finds_nothing_ends_where_it_has_gone_through_enough(
    crowded: Crowded, query: ListQuery
) -> None:
    """Along the account's messages, those of a status that few end with, or those of a label."""
    passed = passed_by(crowded, query)
    assert crowded.page(replace(query, looks=10)) == Page([], passed[9])
    assert crowded.page(replace(query, looks=10, before=passed[4])) == Page([], passed[14])


@pytest.mark.parametrize("query", RARE)
def test_and_where_there_is_no_more(crowded: Crowded, query: ListQuery) -> None:
    passed = passed_by(crowded, query)
    assert crowded.page(replace(query, looks=len(passed))) == Page([], passed[-1])
    assert crowded.page(replace(query, looks=len(passed), before=passed[-1])) == Page([], None)


def passed_by(crowded: Crowded, query: ListQuery) -> list[bytes]:
    """The ids along which it is looked for."""
    few = query.status if query.status == frozenset({Status.FAILED}) and not query.labels else None
    return [m.id for m in crowded.messages if fits(m, replace(ACME, status=few, labels=query.labels[:1]))]


def test_a_short_page_has_what_was_found_until_then(crowded: Crowded) -> None:
    """The rare ends have a way of their own, and end where it does; what others have below waits for the next page."""
    query = replace(ACME, status=frozenset({Status.FAILED, Status.CANCELED}), sender="ACME", looks=5)
    failed, canceled = (
        [m.id for m in crowded.messages if fits(m, replace(ACME, status=frozenset({status})))]
        for status in (Status.FAILED, Status.CANCELED)
    )
    end = max(failed[4], canceled[4])
    expected = [m.id for m in crowded.messages if fits(m, query) and m.id >= end]
    page = crowded.page(query)
    assert ([m.id for m in page.items], page.before) == (expected, end)


@pytest.mark.parametrize(
    "query",
    [
        ACME,
        replace(ACME, labels=(PROMO,)),
        replace(ACME, status=frozenset({Status.FAILED, Status.CANCELED})),
    ],
)
def test_what_an_index_knows_fills_its_pages(crowded: Crowded, query: ListQuery) -> None:
    """However few rows are to be looked at."""
    wanted = [m.id for m in crowded.messages if fits(m, query)]
    page = crowded.page(replace(query, looks=1))
    assert ([m.id for m in page.items], page.before) == (wanted[:20], wanted[19])


@pytest.mark.parametrize(
    "query",
    [
        replace(ACME, recipient=PHONE, sender="nobody"),
        replace(ACME, status=frozenset({Status.QUEUED}), sender="nobody"),
    ],
)
def test_what_is_little_is_looked_through_whole(crowded: Crowded, query: ListQuery) -> None:
    """A number's messages, and what is open: many others beside them do not end a page."""
    assert crowded.page(replace(query, looks=len(crowded.messages))) == Page([], None)


def fits(m: Message, query: ListQuery) -> bool:
    """What each filter means."""
    return (
        (m.account, m.env) == (query.account, query.env)
        and (query.status is None or m.status in query.status)
        and (query.recipient is None or m.recipient == query.recipient)
        and (query.created_after is None or m.accepted_at >= query.created_after)
        and (query.created_before is None or m.accepted_at <= query.created_before)
        and (query.sub_tenant is None or m.sub_tenant == query.sub_tenant)
        and (query.sender is None or m.sender == query.sender)
        and (query.key_id is None or m.key_id == query.key_id)
        and set(query.labels) <= set(m.labels)
    )


def test_the_crowd_has_messages_for_every_filter() -> None:
    """Or the property would hold for empty pages."""
    query = ListQuery(
        "acme",
        Env.LIVE,
        1,
        status=frozenset({Status.QUEUED}),
        recipient=PHONE,
        sub_tenant="",
        labels=LABELS[:2],
    )
    assert len([m for m in crowd() if fits(m, query)]) > 1
