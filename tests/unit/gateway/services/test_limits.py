"""The limits of an account: what each refuses, what it says, what is not counted, and over many processes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.account import Caller, Env, Policy
from gateway.domain.send import (
    Acceptance,
    Accepted,
    AcceptResult,
    IdempotencyKey,
    Origin,
    Refusal,
    Taken,
    Why,
)
from gateway.domain.suppression import Suppression
from gateway.errors import Overloaded, StoreUnavailable
from gateway.metrics import Metrics
from gateway.services.gates import References, admit
from gateway.services.limits import LIMIT_OF_WHY, Guard, OnSeen, Seen, country_refused, in_words
from routing.ranges import Owner
from tests.unit.gateway.services.rig import NOW, PHONE, Rig, a_rig, a_send

KEY = IdempotencyKey(b"d" * 32, "POST", "/v1/sms/bulk", b"b" * 32)
ORIGIN = Origin("req_1")


@dataclass
class Wire:
    """What one process tells the others, as long as it is well."""

    well: bool = False
    others: list[Wire] = field(default_factory=list)

    def subscribe(self, listener: OnSeen) -> None:
        self.listener = listener

    def tell(self, owner: Owner, number: int, at: float, what: Seen) -> None:
        for other in self.others if self.well else ():
            other.listener(owner, number, at, what)


@dataclass
class Guarded:
    """A guard at a time that the test sets."""

    policy: Policy
    takers: int = 1
    now: datetime = NOW
    bites: list[tuple[str, Env, str, str]] = field(default_factory=list)
    wire: Wire = field(default_factory=Wire)

    def __post_init__(self) -> None:
        self.metrics = Metrics()
        self.guard = Guard(self.metrics, self._bite, lambda: self.takers, self.wire)

    def _bite(self, account: str, env: Env, limit: str, about: str) -> None:
        self.bites.append((account, env, limit, about))

    def caller(self, account: str = "acme", env: Env = Env.LIVE) -> Caller:
        return Caller(account, env, self.policy, frozenset(), "key_1")

    def send(
        self, recipient: str = PHONE, body: str = "hello", caller: Caller | None = None
    ) -> Refusal | None:
        """What the guard says of a message."""
        who = caller or self.caller()
        message = admit(who, a_send(body, recipient=recipient), ORIGIN, References(), self.now, 60.0)
        assert not isinstance(message, Refusal), message
        return self.guard.refusal(who, message, self.now)

    def refused(self, recipient: str = PHONE, body: str = "hello") -> Refusal:
        refusal = self.send(recipient, body)
        assert refusal is not None
        return refusal

    def later(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class TestCountries:
    """`allowed_countries`."""

    GERMAN = "+4915123456789"

    def test_a_country_that_is_allowed(self) -> None:
        at = Guarded(Policy(allowed_countries=frozenset({"DE", "CA"})))
        assert at.send(self.GERMAN) is None
        assert at.send("+14165550123") is None

    def test_one_that_shares_its_code_is_another_country(self) -> None:
        refusal = Guarded(Policy(allowed_countries=frozenset({"DE", "CA"}))).refused("+12025550123")
        assert refusal.why is Why.COUNTRY_NOT_ALLOWED
        assert refusal.detail.startswith("+12025550123 is a number of US; this account may send to CA, DE. ")

    def test_a_number_of_no_country_is_not_allowed(self) -> None:
        refusal = Guarded(Policy(allowed_countries=frozenset({"DE"}))).refused("+88213300655")
        assert "is a number of no known country" in refusal.detail

    def test_a_number_that_no_plan_knows_needs_all_countries_of_its_code(self) -> None:
        for countries, allowed in (({"GB"}, False), ({"GB", "GG", "IM", "JE"}, True)):
            refusal = country_refused("+447700900123", frozenset(countries))
            assert (refusal is None) is allowed
            if refusal is not None:
                assert "may be a number of any of GB, GG, IM, JE; " in refusal.detail

    def test_a_long_list_is_shown_in_part(self) -> None:
        allowed = frozenset(
            {"AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HU"}
        )
        refusal = country_refused("+12025550123", allowed)
        assert refusal is not None
        assert "AT, BE, BG, CH, CY, CZ, DE, DK, EE, ES, FI, FR and 2 more." in refusal.detail

    def test_an_empty_list_allows_none(self) -> None:
        refusal = Guarded(Policy(allowed_countries=frozenset())).refused(self.GERMAN)
        assert refusal.why is Why.COUNTRY_NOT_ALLOWED
        assert "may send to none." in refusal.detail


def test_too_many_segments() -> None:
    at = Guarded(Policy(max_segments=2))
    assert at.send(body="x" * 306) is None
    refusal = at.refused(body="x" * 307)
    assert refusal.why is Why.TOO_MANY_SEGMENTS
    assert "makes 3 segments" in refusal.detail
    assert "at most 2" in refusal.detail


class TestRecipient:
    """`recipient_per_h`: a window that slides."""

    def test_so_many_in_an_hour_and_no_more(self) -> None:
        at = Guarded(Policy(recipient_per_h=3))
        for _ in range(3):
            assert at.send() is None
            at.later(600)
        refusal = at.refused()
        assert refusal.why is Why.TOO_MANY_TO_RECIPIENT
        assert "may send 3 messages to one number within an hour" in refusal.detail
        assert f"{PHONE} has had as many. Try again in 30 minutes." in refusal.detail
        assert refusal.retry_after_s == 1800
        assert at.send("+447700900124") is None
        at.later(1799)
        assert at.refused().detail.endswith("Try again in 1 second.")
        at.later(1)
        assert at.send() is None
        assert at.refused().detail.endswith("Try again in 10 minutes.")

    def test_what_is_refused_is_not_counted(self) -> None:
        at = Guarded(Policy(recipient_per_h=1))
        at.send()
        for _ in range(50):
            at.later(60)
            at.refused()
        at.later(600)
        assert at.send() is None

    def test_accounts_and_environments_are_counted_apart(self) -> None:
        at = Guarded(Policy(recipient_per_h=1))
        assert at.send() is None
        assert at.send(caller=at.caller("globex")) is None
        assert at.send(caller=at.caller(env=Env.TEST)) is None
        assert at.send() is not None

    @given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2000)), max_size=60), st.integers(1, 4))
    def test_never_more_within_any_hour(self, steps: list[tuple[int, int]], limit: int) -> None:
        at, taken = Guarded(Policy(recipient_per_h=limit)), list[tuple[int, datetime]]()
        for last, pause_s in steps:
            at.later(pause_s)
            since = at.now - timedelta(hours=1)
            room = len([1 for known, when in taken if known == last and when > since]) < limit
            assert (at.send(f"+44770090012{last}") is None) == room
            if room:
                taken.append((last, at.now))


class TestPrefix:
    """`prefix_per_h`: numbers that agree in all but the last four digits."""

    def test_a_block_of_numbers_has_one_limit(self) -> None:
        at = Guarded(Policy(prefix_per_h=3))
        for number in ("+447700900001", "+447700905555", "+447700909999"):
            assert at.send(number) is None
        refusal = at.refused("+447700901234")
        assert refusal.why is Why.TOO_MANY_TO_PREFIX
        assert "may send 3 messages within an hour to numbers that begin with +44770090 " in refusal.detail
        assert refusal.detail.endswith("Try again in 60 minutes.")
        assert refusal.retry_after_s == 3600
        assert at.send("+447700910001") is None
        at.later(3600)
        assert at.send("+447700901234") is None

    def test_what_the_recipient_s_limit_refuses_is_no_use_of_the_block(self) -> None:
        at = Guarded(Policy(recipient_per_h=1, prefix_per_h=2))
        assert at.send("+447700900001") is None
        assert at.refused("+447700900001").why is Why.TOO_MANY_TO_RECIPIENT
        assert at.send("+447700900002") is None
        assert at.refused("+447700900003").why is Why.TOO_MANY_TO_PREFIX


class TestNumbersInARow:
    """`numbers_in_a_row`: adjacent numbers one after the other."""

    def test_the_nth_is_refused_and_those_that_follow(self) -> None:
        at = Guarded(Policy(numbers_in_a_row=4))
        for last in (1, 3, 4):
            assert at.send(f"+44770090000{last}") is None
            at.later(60)
        refusal = at.refused("+447700900006")
        assert refusal.why is Why.NUMBERS_IN_A_ROW
        assert "+447700900006 is the number 4 of a series of adjacent numbers" in refusal.detail
        assert "refused from the number 4 on" in refusal.detail
        assert refusal.detail.endswith("has been tried for 10 minutes.")
        at.later(599)
        assert at.refused("+447700900007").why is Why.NUMBERS_IN_A_ROW
        at.later(600)
        assert at.send("+447700900008") is None

    def test_honest_traffic_between_them_hides_nothing_and_is_not_refused(self) -> None:
        at = Guarded(Policy(numbers_in_a_row=4))
        for n in range(8):
            assert (at.send(f"+44770090001{n}") is not None) == (n >= 3)
            assert at.send(f"+4479{n}1234567") is None

    def test_codes_to_the_same_person_are_no_series(self) -> None:
        at = Guarded(Policy(numbers_in_a_row=3))
        for _ in range(20):
            assert at.send() is None


class TestManyProcesses:
    """Where processes do not tell each other, each keeps to its even part."""

    def test_each_has_an_even_part_of_the_windows(self) -> None:
        at = Guarded(Policy(recipient_per_h=6), takers=3)
        assert [at.send() is None for _ in range(3)] == [True, True, False]

    def test_at_least_one(self) -> None:
        at = Guarded(Policy(recipient_per_h=2, prefix_per_h=100), takers=5)
        assert [at.send() is None for _ in range(2)] == [True, False]

    def test_numbers_in_a_row_are_not_divided(self) -> None:
        at = Guarded(Policy(numbers_in_a_row=4), takers=4)
        assert [at.send(f"+44770090000{n}") is None for n in range(5)] == [True, True, True, False, False]


def told_each_other(policy: Policy, processes: int) -> list[Guarded]:
    """Processes that hear at once what another counts."""
    all_of_them = [Guarded(policy, takers=processes) for _ in range(processes)]
    for at in all_of_them:
        at.wire.others += [other.wire for other in all_of_them if other is not at]
        at.wire.well = True
    return all_of_them


class TestProcessesThatTellEachOther:
    """As through Redis: the limit is that of all of them, and a series is seen whole."""

    def test_a_window_is_that_of_all(self) -> None:
        processes = told_each_other(Policy(recipient_per_h=5), 3)
        assert [processes[n % 3].send() is None for n in range(8)] == [True] * 5 + [False] * 3

    def test_a_series_is_seen_whole(self) -> None:
        processes = told_each_other(Policy(numbers_in_a_row=4), 3)
        sent = [processes[n % 3].send(f"+44770090000{n}") is None for n in range(8)]
        assert sent == [True] * 3 + [False] * 5

    def test_what_is_taken_back_is_so_everywhere(self) -> None:
        one, two = told_each_other(Policy(recipient_per_h=1), 2)
        caller = one.caller()
        message = admit(caller, a_send(), ORIGIN, References(), NOW, 60.0)
        assert not isinstance(message, Refusal)
        assert one.guard.refusal(caller, message, NOW) is None
        assert two.send() is not None
        one.guard.take_back(caller, [message])
        assert two.send() is None

    def test_while_the_way_between_them_is_lost_each_has_its_part(self) -> None:
        processes = told_each_other(Policy(recipient_per_h=6), 3)
        for at in processes:
            at.wire.well = False
        assert [processes[0].send() is None for _ in range(3)] == [True, True, False]
        assert processes[1].send() is None


class TestBites:
    """Metric and alert."""

    @pytest.mark.parametrize("why", Why)
    def test_limits_are_counted_by_their_setting_and_told_of(self, why: Why) -> None:
        at = Guarded(Policy())
        at.guard.bitten(at.caller(), [Refusal(why, "so it is"), Refusal(why, "again")])
        limit = LIMIT_OF_WHY.get(why)
        if limit is None:
            assert at.bites == []
            return
        assert at.metrics.limits_refused.value(limit) == 2
        assert at.bites == [("acme", Env.LIVE, limit, "so it is"), ("acme", Env.LIVE, limit, "again")]

    def test_each_is_a_setting_of_the_account_or_its_balance(self) -> None:
        assert {limit for limit in LIMIT_OF_WHY.values() if not hasattr(Policy(), limit)} == {"balance"}


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.2, "1 second"),
        (59.1, "60 seconds"),
        (119, "119 seconds"),
        (119.5, "2 minutes"),
        (3541, "60 minutes"),
    ],
)
def test_times_for_a_person(seconds: float, words: str) -> None:
    assert in_words(seconds) == words


def guarded(rig: Rig, policy: Policy) -> None:
    """Give the account these limits, and the rig a guard."""
    rig.policies[("acme", Env.LIVE)] = policy
    rig.submit._guard = Guard(rig.metrics)


class TestInSubmit:
    """Where it stands among the gates."""

    async def test_a_refused_item_never_spoils_the_rest(self) -> None:
        async with a_rig() as rig:
            guarded(rig, Policy(recipient_per_h=1))
            items = await rig.accept(a_send(), a_send(), a_send(recipient="+447700900124"))
            assert [type(item) for item in items] == [Taken, Refusal, Taken]
            assert rig.metrics.limits_refused.value("recipient_per_h") == 1
            assert rig.metrics.messages_refused.value("too_many_to_recipient") == 1

    async def test_a_replay_wins_and_is_neither_counted_nor_told_of(self) -> None:
        async with a_rig() as rig:
            guarded(rig, Policy(recipient_per_h=2))
            sends = [a_send(), a_send(recipient="+447700900124")]
            first = await rig.submit.accept(rig.caller(), sends, KEY, ORIGIN)
            for _ in range(5):  # there is room, and then there is none: the answer is the same
                again = await rig.submit.accept(rig.caller(), sends, KEY, ORIGIN)
                assert isinstance(first, Accepted)
                assert again == Accepted(first.items, replayed=True)
            assert [type(item) for item in await rig.accept(*sends)] == [Taken, Taken]
            assert isinstance((await rig.submit.accept(rig.caller(), sends, KEY, ORIGIN)), Accepted)
            assert rig.metrics.limits_refused.value("recipient_per_h") == 0
            assert [type(item) for item in await rig.accept(*sends)] == [Refusal, Refusal]

    async def test_two_at_once_with_one_key_are_one(self) -> None:
        async with a_rig() as rig:
            guarded(rig, Policy(recipient_per_h=1))
            results = await asyncio.gather(*[rig.accept(a_send(), key=KEY) for _ in range(5)])
            assert all(result == results[0] for result in results)
            assert isinstance(results[0][0], Taken)

    async def test_a_repeated_request_waits_for_the_first_whatever_the_gates_say(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Contract: "While the first still runs, the orchestrator waits and replays"."""
        async with a_rig() as rig:
            guarded(rig, Policy(recipient_per_h=1))
            gate, accept = asyncio.Event(), rig.store.accept

            async def held(acceptances: Sequence[Acceptance]) -> list[AcceptResult]:
                await gate.wait()
                return await accept(acceptances)

            monkeypatch.setattr(rig.store, "accept", held)
            sending = [asyncio.create_task(rig.accept(a_send(), key=KEY)) for _ in range(3)]
            await asyncio.sleep(0)  # they begin
            other = await rig.accept(a_send())
            gate.set()
            first, *again = await asyncio.gather(*sending)
            assert isinstance(first[0], Taken)
            assert again == [first, first]
            assert isinstance(other[0], Refusal), "without the key it is another message"

    async def test_what_a_later_gate_refuses_is_not_counted(self, monkeypatch: pytest.MonkeyPatch) -> None:
        async with a_rig() as rig:
            guarded(rig, Policy(recipient_per_h=1))
            await rig.store.suppress([Suppression("acme", Env.LIVE, "", PHONE, "stop", NOW)])
            for _ in range(3):
                (item,) = await rig.accept(a_send())
                assert isinstance(item, Refusal)
                assert item.why is Why.SUPPRESSED
            other = a_send(recipient="+447700900124")
            rig.limits.backlog = -1
            with pytest.raises(Overloaded):
                await rig.accept(other)
            rig.limits.backlog = 10
            with monkeypatch.context() as patch:
                patch.setattr(rig.store, "accept", _down)
                with pytest.raises(StoreUnavailable):
                    await rig.accept(other)
            assert isinstance((await rig.accept(other))[0], Taken)
            assert isinstance((await rig.accept(other))[0], Refusal)

    async def test_the_sender_s_limit_is_counted_without_any_other(self) -> None:
        async with a_rig() as rig:
            guarded(rig, Policy(allowed_senders=frozenset({"ACME"})))
            await rig.accept(a_send())
            assert rig.metrics.limits_refused.value("allowed_senders") == 1


async def _down(*_: object) -> list[object]:
    raise StoreUnavailable("taken down by the test")
