"""Alerts on real stores, with money that real acceptances move, at a time that the test sets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.domain.account import Caller, Env, Policy
from gateway.domain.alert import Alert, AlertKind
from gateway.domain.event import Event, EventKind
from gateway.domain.message import End, Message, PartRow, Step, end
from gateway.domain.money import Charge, Entry, Kind, Purse, plain
from gateway.domain.send import Accepted, Taken
from gateway.domain.words import Reason
from gateway.errors import StoreUnavailable
from gateway.metrics import Metrics
from gateway.ports import Mark, Store
from gateway.secrets import Secrets
from gateway.services import alerts as module
from gateway.services.accounts import Accounts
from gateway.services.alerts import Alerts
from storage.open import open_store
from tests.contract import made
from tests.contract.made import NOW, after
from tests.engines import postgres

URL = "https://alerts.example.com/hook"
EUR = Purse("acme", Env.LIVE, "EUR")
CALLER = Caller("acme", Env.LIVE, Policy(), frozenset(), "key_1")


class Process:
    """A process that looks for alerts. `told`: what it has told, in order; `events`: what it has handed over."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self.store = store
        self.accounts = Accounts(store, Secrets(bytes(32)), clock)
        self.metrics = Metrics()
        self.events: list[Event] = []
        self.alerts = Alerts(store, self.accounts, self, self.metrics, clock)

    def hand_over(self, events: list[Event]) -> None:
        self.events += events

    def counted(self) -> dict[str, float]:
        """What its metric says of each kind."""
        return {kind.value: self.metrics.alerts_told.value(kind.value) for kind in AlertKind}


class World:
    """A store, the processes that share it, and what happens to an account."""

    def __init__(self, store: Store) -> None:
        self.now = NOW
        self.store = store
        self.one = Process(store, self.clock)

    def clock(self) -> datetime:
        return self.now

    def later(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    async def set(self, account: str = "acme", env: Env = Env.LIVE, **settings: object) -> None:
        """Settings as a person writes them."""
        await self.one.accounts.set(account, {name: str(value) for name, value in settings.items()}, env)

    async def book(
        self, amount: str, kind: Kind = Kind.TOP_UP, purse: Purse = EUR, at: datetime | None = None
    ) -> None:
        """A top-up or an adjustment, dated now unless the test says otherwise."""
        at = at or self.now
        entry = Entry(made.new_id(at), kind, purse, Decimal(amount), Decimal(0), at)
        await self.store.book([entry])

    async def send(self, cost: str, purse: Purse = EUR, **fields: object) -> Message:
        """A message that is accepted and paid for."""
        charge = Charge(Decimal(cost), Decimal(cost), purse.currency)
        message = made.message(
            id=made.new_id(self.now),
            accepted_at=self.now,
            account=purse.account,
            env=purse.env,
            charge=charge,
            **fields,
        )
        (result,) = await self.store.accept([made.acceptance(message, at=self.now)])
        assert isinstance(result, Accepted)
        assert isinstance(result.items[0], Taken), result.items
        return message

    async def fail(self, *messages: Message, reason: Reason = Reason.NO_ROUTE) -> None:
        """They end; what was reserved for them is released."""

        def decide(message: Message, _rows: list[PartRow]) -> Step:
            step = Step(message)
            assert end(step, End(reason, "no rule matches"), self.now)
            return step

        await self.store.change([message.id for message in messages], decide)

    async def lose(self, count: int, **fields: object) -> None:
        """So many messages that cost nothing fail now."""
        lost = [made.message(id=made.new_id(self.now), accepted_at=self.now, **fields) for _ in range(count)]
        await self.store.accept([made.acceptance(*lost, at=self.now)])
        await self.fail(*lost)

    async def told(self, account: str = "acme", env: Env = Env.LIVE) -> list[dict[str, object]]:
        """The data of all alerts of an account, oldest first."""
        return [alert.data for alert in (await self.store.alerts(account, env, None, 1_000)).items[::-1]]

    async def look(self) -> None:
        """A second passes, and the first process looks."""
        self.later(1)
        await self.one.alerts.look()

    async def balance(self) -> str:
        """What the euros are."""
        (found,) = await self.store.balances("acme")
        return plain(found.balance)


@pytest.fixture(params=["sqlite", "postgres"])
async def url(request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """Where an empty store is."""
    if request.param == "sqlite":
        yield "sqlite:///trunkline.db"
        return
    cluster = postgres.shared()
    database = await cluster.fresh()
    yield database
    await cluster.drop(database)


@pytest.fixture
async def world(url: str, tmp_path: Path) -> AsyncIterator[World]:
    store = open_store(url, tmp_path)
    await store.open()
    await store.register(NOW, "boot-1")
    built = World(store)
    await built.one.accounts.start()
    await built.one.accounts.create("acme")
    yield built
    await store.close()


@pytest.fixture
async def other(world: World, url: str, tmp_path: Path) -> AsyncIterator[Process]:
    """Another process of the same store."""
    store = open_store(url, tmp_path)
    await store.open()
    built = Process(store, world.clock)
    await built.accounts.start()
    yield built
    await store.close()


def low(balance: str, threshold: str, currency: str = "EUR") -> dict[str, object]:
    return {"balance": balance, "threshold": threshold, "currency": currency}


# --- low balance


async def test_a_balance_is_told_of_once_when_it_falls_below_a_threshold(world: World) -> None:
    await world.set(alert_balance="5")
    await world.book("6")
    await world.send("1")
    await world.look()
    assert await world.told() == []  # 5 is not below 5
    await world.send("0.5")
    await world.look()
    await world.send("0.5")
    await world.look()
    assert await world.told() == [low("4.5", "5")]
    assert world.one.counted() == {"low_balance": 1, "failures": 0, "limit": 0}


async def test_a_top_up_begins_anew(world: World) -> None:
    await world.set(alert_balance="5")
    await world.book("4")
    await world.look()
    world.later(3600)
    await world.book("2")
    await world.look()
    assert await world.store.marks() == []
    await world.send("2")
    await world.look()
    await world.look()
    assert await world.told() == [low("4", "5"), low("4", "5")]


async def test_a_top_up_that_does_not_reach_the_threshold_is_no_end(world: World) -> None:
    await world.set(alert_balance="5")
    await world.book("1")
    await world.look()
    world.later(60)
    await world.book("1")
    await world.look()
    await world.send("1")
    await world.look()
    assert len(await world.told()) == 1
    await world.book("10")
    await world.look()
    assert await world.store.marks() == []


async def test_a_release_that_lifts_the_balance_is_no_end(world: World) -> None:
    await world.set(alert_balance="5")
    await world.book("5.01")
    world.later(60)
    for _ in range(3):
        message = await world.send("0.5")
        await world.look()
        await world.fail(message)
        assert await world.balance() == "5.01"
        await world.look()
    assert await world.told() == [low("4.51", "5")]
    await world.book("1")
    await world.look()
    await world.send("1.5")
    await world.look()
    assert len(await world.told()) == 2


async def test_an_adjustment_upwards_is_as_good_as_a_top_up_and_one_downwards_is_none(world: World) -> None:
    await world.set(alert_balance="5")
    await world.book("6")
    world.later(60)
    message = await world.send("2")
    await world.look()
    world.later(60)
    await world.book("-1", Kind.ADJUSTMENT)
    await world.fail(message)
    await world.look()
    assert await world.balance() == "5"
    assert len(await world.store.marks()) == 1
    await world.book("0.5", Kind.ADJUSTMENT)
    await world.look()
    assert await world.store.marks() == []


async def test_a_top_up_by_a_clock_that_is_a_little_behind_counts(world: World) -> None:
    await world.set(alert_balance="5")
    await world.book("1", at=after(-3600))
    await world.look()
    await world.book("9", at=world.now - timedelta(seconds=4))
    await world.look()
    assert await world.store.marks() == []


async def test_each_threshold_is_a_crossing_of_its_own(world: World) -> None:
    await world.set(alert_balance="5,20,10")
    await world.book("25")
    await world.send("13")
    await world.look()
    await world.send("10")
    await world.look()
    assert await world.told() == [low("12", "20"), low("2", "10"), low("2", "5")]


async def test_each_purse_is_looked_at_by_itself(world: World) -> None:
    await world.one.accounts.create("globex")
    await world.set(alert_balance="5")
    for purse in (EUR, Purse("acme", Env.LIVE, "USD"), Purse("acme", Env.TEST, "EUR")):
        await world.book("1", purse=purse)
    await world.book("1", purse=Purse("globex", Env.LIVE, "EUR"))
    await world.look()
    assert sorted(str(data["currency"]) for data in await world.told()) == ["EUR", "USD"]
    assert await world.told(env=Env.TEST) == []  # its threshold is that of the live environment
    assert await world.told("globex") == []
    world.later(60)
    await world.book("9", purse=Purse("acme", Env.LIVE, "USD"))
    await world.look()
    assert [mark.subject for mark in await world.store.marks()] == ["balance:EUR:5"]


async def test_a_threshold_of_who_pays_later_lies_below_zero(world: World) -> None:
    await world.set(alert_balance="-80")
    await world.book("-80", Kind.ADJUSTMENT)
    await world.look()
    assert await world.told() == []
    await world.book("-0.01", Kind.ADJUSTMENT)
    await world.look()
    assert await world.told() == [low("-80.01", "-80")]


async def test_a_new_threshold_above_the_balance_is_told_at_once_and_an_old_one_forgotten(
    world: World,
) -> None:
    await world.book("7")
    await world.set(alert_balance="5")
    await world.look()
    await world.set(alert_balance="10")
    await world.look()
    assert await world.told() == [low("7", "10")]
    await world.set(alert_balance="")
    await world.look()
    assert len(await world.store.marks()) == 1  # another process may not have heard of the change
    world.later(61)
    await world.look()
    assert await world.store.marks() == []
    await world.set(alert_balance="10")
    await world.look()
    assert len(await world.told()) == 2


async def test_many_accounts_are_asked_for_together(world: World) -> None:
    names = [f"shop{n}" for n in range(module.MAX_SINGLY + 1)]
    for name in names:
        await world.one.accounts.create(name)
        await world.set(name, alert_balance="5")
        await world.book("1", purse=Purse(name, Env.LIVE, "EUR"))
    await world.look()
    assert [await world.told(name) for name in names] == [[low("1", "5")]] * len(names)


async def test_what_the_list_has_dropped_is_over_when_the_balance_is_above(world: World) -> None:
    """Retention has dropped the alert: nothing tells since when its mark stands."""
    await world.set(alert_balance="5")
    mark = Mark("acme", Env.LIVE, "balance:EUR:5")
    alert = Alert(made.new_id(), "globex", Env.LIVE, AlertKind.LIMIT, NOW, {"limit": "x", "about": ""})
    assert await world.store.tell(mark, alert, None)
    await world.book("9")
    await world.look()
    assert await world.store.marks() == []


STEPS = st.sampled_from([*["send"] * 4, *["fail"] * 3, "top up", "pay a little"])  # to and fro around 5


@given(st.lists(STEPS, min_size=15, max_size=30))
@settings(max_examples=15, deadline=None)
def test_whatever_happens_a_crossing_is_told_once(steps: list[str]) -> None:
    """Against a model that keeps the balance, and whether money has come since the last alert."""
    asyncio.run(_live_through(steps))


async def _live_through(steps: list[str]) -> None:
    store = open_store("sqlite://", Path())
    await store.open()
    try:
        world = World(store)
        await world.one.accounts.start()
        await world.one.accounts.create("acme")
        await world.set(alert_balance="5")
        await world.book("6")
        balance, standing, paid, crossings = Decimal(6), False, False, 0
        under_way: list[Message] = []
        for step in steps:
            world.later(2 * module.CLOCKS_APART.total_seconds())
            if step == "send" and balance >= 1:
                under_way.append(await world.send("1"))
                balance -= 1
            elif step == "fail" and under_way:
                await world.fail(under_way.pop())
                balance += 1
            elif step in ("top up", "pay a little"):
                amount = "2" if step == "top up" else "0.5"
                await world.book(amount)
                balance, paid = balance + Decimal(amount), True
            await world.look()
            if balance < 5 and not standing:
                standing, paid, crossings = True, False, crossings + 1
            elif balance >= 5 and paid:
                standing = False
        assert await world.balance() == plain(balance)
        assert len(await world.told()) == crossings
    finally:
        await store.close()


# --- failures


async def test_failures_are_told_of_once_from_the_threshold_on(world: World) -> None:
    await world.set(alert_failures=3, alert_window_s=600)
    await world.lose(2)
    await world.look()
    assert await world.told() == []
    await world.lose(1)
    await world.look()
    await world.lose(5)
    await world.look()
    assert await world.told() == [{"count": 3, "threshold": 3, "window_s": 600}]


async def test_failures_are_told_again_when_there_were_fewer_in_between(world: World) -> None:
    await world.set(alert_failures=3, alert_window_s=600)
    await world.lose(3)
    await world.look()
    world.later(300)
    await world.look()
    assert len(await world.store.marks()) == 1
    world.later(361)  # counted to the minute
    await world.look()
    assert await world.store.marks() == []
    await world.lose(3)
    await world.look()
    assert len(await world.told()) == 2


async def test_failures_are_told_at_most_once_in_a_window(world: World) -> None:
    """Where the count goes up and down around the threshold."""
    await world.set(alert_failures=3, alert_window_s=600)
    await world.lose(2)
    world.later(500)
    await world.lose(1)
    await world.look()  # 3
    world.later(200)
    await world.look()  # 1
    await world.lose(2)
    await world.look()  # 3
    assert len(await world.told()) == 1


async def test_failures_have_windows_and_environments_of_their_own(world: World) -> None:
    await world.one.accounts.create("globex")
    await world.set("globex", alert_failures=1, alert_window_s=3600)
    await world.set("acme", alert_failures=1, alert_window_s=600)
    await world.lose(1, account="globex")
    await world.lose(1)
    await world.lose(1, env=Env.TEST)
    world.later(1200)
    await world.look()
    assert await world.told("globex") == [{"count": 1, "threshold": 1, "window_s": 3600}]
    assert await world.told() == []
    assert await world.told(env=Env.TEST) == []


# --- limits


async def test_a_limit_is_told_of_once_an_hour_however_often_it_bites(world: World) -> None:
    for _ in range(3):
        for _ in range(1_000):
            world.one.alerts.limit_hit("acme", Env.LIVE, "recipient_per_h", "more than 5 an hour")
        await world.look()
    world.one.alerts.limit_hit("acme", Env.LIVE, "allowed_countries", "AC is none")
    await world.look()
    assert await world.told() == [
        {"limit": "recipient_per_h", "about": "more than 5 an hour"},
        {"limit": "allowed_countries", "about": "AC is none"},
    ]
    world.later(3600)
    world.one.alerts.limit_hit("acme", Env.LIVE, "recipient_per_h", "more than 5 an hour")
    await world.look()  # the hour is over, and this look still stands under it
    world.one.alerts.limit_hit("acme", Env.LIVE, "recipient_per_h", "again")
    await world.look()
    assert [data["about"] for data in await world.told()][2:] == ["again"]


async def test_a_phone_number_is_masked(world: World) -> None:
    """An alert outlives the erasure of a number, so it holds none."""
    world.one.alerts.limit_hit("acme", Env.LIVE, "recipient_per_h", f"{made.PHONE} got 5 messages")
    await world.look()
    assert await world.told() == [{"limit": "recipient_per_h", "about": "+4477*****123 got 5 messages"}]


async def test_hits_wait_for_a_store_that_is_away(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.one.alerts.limit_hit("acme", Env.LIVE, "max_segments", "9 segments")

    async def away(*_: object) -> bool:
        raise StoreUnavailable("taken down by the test")

    with monkeypatch.context() as patched:
        patched.setattr(world.store, "tell", away)
        with pytest.raises(StoreUnavailable):
            await world.look()
    await world.look()
    assert await world.told() == [{"limit": "max_segments", "about": "9 segments"}]


async def test_hits_are_bounded(world: World) -> None:
    for n in range(module.MAX_HITS + 10):
        world.one.alerts.limit_hit("acme", Env.LIVE, f"limit-{n}", "")
    await world.look()
    assert world.one.counted()["limit"] == module.MAX_HITS


# --- over processes


async def test_two_processes_at_the_same_moment_tell_once(world: World, other: Process) -> None:
    await world.set(alert_balance="5", alert_failures=1, alert_url=URL)
    await world.book("1")
    await world.lose(1)
    await other.accounts.start()  # it has heard of the settings
    world.later(1)
    for process in (world.one, other):
        process.alerts.limit_hit("acme", Env.LIVE, "max_segments", "9 segments")
    await asyncio.gather(world.one.alerts.look(), other.alerts.look())
    assert len(await world.told()) == 3
    both = [world.one.counted(), other.counted()]
    assert {kind: both[0][kind] + both[1][kind] for kind in both[0]} == {
        "low_balance": 1,
        "failures": 1,
        "limit": 1,
    }
    assert len(world.one.events) + len(other.events) == 3


async def test_what_another_process_told_again_stands(world: World, other: Process) -> None:
    """A process whose memory of an alert is old asks the store before it clears the mark."""
    world.one.alerts.limit_hit("acme", Env.LIVE, "max_segments", "first")
    await world.look()
    await other.alerts.look()
    world.later(3600)
    await other.alerts.look()  # cleared there
    other.alerts.limit_hit("acme", Env.LIVE, "max_segments", "second")
    world.later(1)
    await other.alerts.look()  # and told there
    await world.look()
    assert len(await world.store.marks()) == 1
    assert [data["about"] for data in await world.told()] == ["first", "second"]


async def test_a_process_that_begins_knows_what_was_told(world: World, other: Process) -> None:
    await world.set(alert_balance="5")
    await world.book("1")
    await world.look()
    await other.accounts.start()
    world.later(60)
    await other.alerts.look()
    assert len(await world.told()) == 1
    await world.book("9")
    world.later(1)
    await other.alerts.look()
    assert await world.store.marks() == []


async def test_without_thresholds_the_store_is_asked_once_a_minute(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def counting(name: str, result: Callable[[], object]) -> None:
        async def verb(*_: object) -> object:
            asked.append(name)
            return result()

        monkeypatch.setattr(world.store, name, verb)

    counting("marks", list)
    counting("balances", list)
    counting("failures", dict)
    for _ in range(120):
        await world.look()
    assert asked == ["marks", "marks"]
    await world.set(alert_balance="5", alert_failures=2)
    asked.clear()
    await world.look()
    assert asked == ["marks", "balances", "failures"]


# --- the webhook


async def test_the_event_goes_to_the_account_s_alert_url_in_the_commit_of_the_alert(world: World) -> None:
    await world.set(alert_balance="5", alert_url=URL)
    await world.book("1")
    await world.look()
    (alert,) = (await world.one.alerts.listed(CALLER, None, 10)).items
    (event,) = world.one.events
    assert (event.id, event.subject, event.seq, event.owner) == (alert.id, alert.id, 1, None)
    assert (event.kind, event.dialect, event.url) == (EventKind.ALERT, "alerts", URL)
    assert event.destination == "acme https://alerts.example.com"
    assert event.data == {"kind": "low_balance", **alert.data}
    assert await waiting(world, world.one.events) == [alert.id]


async def waiting(world: World, events: Sequence[Event]) -> list[bytes]:
    """Those of these events that the store has."""
    owner = await world.store.register(NOW, "boot-1")
    found, _ = await world.store.due_webhooks(world.now, owner, lambda _destination: 10, 10)
    known: Collection[bytes] = {event.id for event in events}
    return [event.id for event in found if event.id in known]


async def test_without_a_url_there_is_the_list_alone(world: World) -> None:
    await world.set(alert_balance="5")
    await world.book("1")
    await world.look()
    assert world.one.events == []
    assert len((await world.one.alerts.listed(CALLER, None, 10)).items) == 1
    assert (await world.store.facts(world.now)).webhooks_waiting == 0
