"""The ledger by hand, on a real store, beside messages that move money by themselves."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from decimal import Decimal

import pytest

from gateway.domain import ids
from gateway.domain.account import Billing, Env
from gateway.domain.money import Kind, Purse
from gateway.domain.outcome import Accepted as Took
from gateway.domain.outcome import Refused as TurnedDown
from gateway.domain.send import Refusal, Taken, Why
from gateway.domain.suppression import OwnedNumber
from gateway.domain.words import PartState, Reason, Status
from gateway.errors import Conflict, NotFound, Refused
from gateway.ports import LedgerQuery, Page
from gateway.services.ledger import MAX_NOTE_CHARS, Ledger
from routing.pricefile import read_plan
from tests.unit.gateway.services.rig import NOW, OURS, Rig, a_receipt, a_rig, a_send, an_inbound

EUR = Purse("acme", Env.LIVE, "EUR")
PLAN = "prefix,price,currency\n44,0.0375,EUR\n"


@asynccontextmanager
async def metered(**settings: object) -> AsyncIterator[tuple[Rig, Ledger]]:
    """A gateway whose account `acme` pays 0.0375 EUR for a segment."""
    async with a_rig() as rig:
        rig.plans = {"standard": read_plan("standard", PLAN, 6)}
        await rig.accounts.create("acme")
        await rig.accounts.create("rival")
        asked = {"rate_plan": "standard", **{name: str(value) for name, value in settings.items()}}
        account = await rig.accounts.set("acme", asked, None)
        rig.policies["acme", Env.LIVE] = account.live
        yield rig, Ledger(rig.store, rig.accounts, lambda: rig.plans, rig.clock)


async def has(ledger: Ledger) -> tuple[str, str]:
    """The live balance of acme, and what is held."""
    balance = (await ledger.standing(EUR)).balance
    return str(balance.balance), str(balance.held)


async def adds_up(ledger: Ledger) -> bool:
    _, flaws = await ledger.audit()
    return not flaws


class TestBooking:
    """Top-ups and adjustments."""

    async def test_a_top_up_may_be_spent_at_once(self) -> None:
        async with metered() as (rig, ledger):
            (refused,) = await rig.accept(a_send())
            assert isinstance(refused, Refusal)
            assert refused.why is Why.INSUFFICIENT_BALANCE
            booked = await ledger.top_up("acme", Env.LIVE, Decimal("0.08"))
            assert booked.new
            assert (booked.entry.kind, booked.entry.purse) == (Kind.TOP_UP, EUR)
            items = await rig.accept(a_send(), a_send(), a_send())
            assert [type(item) for item in items] == [Taken, Taken, Refusal]
            assert await has(ledger) == ("0.005", "0.075")
            assert await adds_up(ledger)

    async def test_the_same_key_books_nothing_again(self) -> None:
        async with metered() as (rig, ledger):
            first = await ledger.top_up("acme", Env.LIVE, Decimal(25), key="invoice-7", note="paid")
            rig.later(60)
            again = await ledger.top_up("acme", Env.LIVE, Decimal("25.00"), key="invoice-7")
            assert again == (first.entry, False)
            assert await has(ledger) == ("25", "0")
            with pytest.raises(Conflict):
                await ledger.top_up("acme", Env.LIVE, Decimal(26), key="invoice-7")
            assert (await ledger.top_up("acme", Env.TEST, Decimal(26), key="invoice-7")).new
            assert (await ledger.top_up("rival", Env.LIVE, Decimal(26), "EUR", key="invoice-7")).new
            assert await has(ledger) == ("25", "0")

    async def test_an_adjustment_goes_either_way_and_below_zero(self) -> None:
        async with metered() as (_, ledger):
            await ledger.adjust("acme", Env.LIVE, Decimal(2))
            booked = await ledger.adjust("acme", Env.LIVE, Decimal("-2.5"), note="charged back")
            assert (booked.entry.kind, booked.entry.note) == (Kind.ADJUSTMENT, "charged back")
            assert await has(ledger) == ("-0.5", "0")
            assert (await ledger.standing(EUR)).spendable == 0

    async def test_the_currency_is_the_plan_s(self) -> None:
        async with metered() as (rig, ledger):
            with pytest.raises(Refused, match="'rival' has no rate plan in live, so name the currency"):
                await ledger.top_up("rival", Env.LIVE, Decimal(1))
            rig.plans = {}
            with pytest.raises(Refused, match="'standard' of 'acme' is not set up, so name the currency"):
                await ledger.top_up("acme", Env.LIVE, Decimal(1))
            assert (await ledger.top_up("acme", Env.LIVE, Decimal(1), "USD")).entry.purse.currency == "USD"

    @pytest.mark.parametrize("amount", ["0", "-1", "NaN", "Infinity", "0.0000001", "1e12"])
    async def test_what_is_no_top_up(self, amount: str) -> None:
        async with metered() as (_, ledger):
            with pytest.raises(Refused):
                await ledger.top_up("acme", Env.LIVE, Decimal(amount))
            assert await ledger.entries(LedgerQuery("acme", Env.LIVE, 10)) == Page([], None)

    async def test_what_is_refused(self) -> None:
        async with metered() as (_, ledger):
            one = Decimal(1)
            with pytest.raises(NotFound):
                await ledger.top_up("nobody", Env.LIVE, one)
            with pytest.raises(Refused, match="nothing adjusts nothing"):
                await ledger.adjust("acme", Env.LIVE, Decimal(0))
            with pytest.raises(Refused, match="three capitals"):
                await ledger.top_up("acme", Env.LIVE, one, "euro")
            with pytest.raises(Refused, match="visible ASCII"):
                await ledger.top_up("acme", Env.LIVE, one, key="a b")
            for note in ("a\nb", "x" * (MAX_NOTE_CHARS + 1)):
                with pytest.raises(Refused, match="one line"):
                    await ledger.top_up("acme", Env.LIVE, one, note=note)


class TestRefunds:
    """Of what was settled; once; the whole of it."""

    async def test_a_message_that_was_sent(self) -> None:
        async with metered() as (rig, ledger):
            await ledger.top_up("acme", Env.LIVE, Decimal(1))
            message_id = await rig.send()
            with pytest.raises(Refused, match="under way"):
                await ledger.refund(message_id)
            rig.operators["alpha"].answer(Took("r1"))
            await rig.quiet()
            assert await has(ledger) == ("0.9625", "0")
            booked = await ledger.refund(message_id, "complaint")
            assert booked.new
            assert (booked.entry.amount, booked.entry.note) == (Decimal("0.0375"), "complaint")
            assert await ledger.refund(message_id, "again") == (booked.entry, False)
            assert await has(ledger) == ("1", "0")
            assert await adds_up(ledger)

    async def test_one_that_ended_unsent_was_released(self) -> None:
        async with metered() as (rig, ledger):
            await ledger.top_up("acme", Env.LIVE, Decimal(1))
            message_id = await rig.send()
            rig.operators["alpha"].answer(TurnedDown(Reason.REJECTED_BY_CARRIER, "ESME_RINVDSTADR"))
            await rig.quiet()
            assert (await rig.message(message_id)).status is Status.FAILED
            assert await has(ledger) == ("1", "0")
            with pytest.raises(Refused, match="given back then"):
                await ledger.refund(message_id)
            assert await adds_up(ledger)

    async def test_the_policy_was_first(self) -> None:
        """An account whose undelivered messages cost nothing: what a receipt has refunded is not refunded by hand."""
        async with metered(refund_undelivered=True) as (rig, ledger):
            await ledger.top_up("acme", Env.LIVE, Decimal(1))
            message_id = await rig.send()
            rig.operators["alpha"].answer(Took("r1"))
            await rig.quiet()
            assert await has(ledger) == ("0.9625", "0")
            await rig.get_receipt(a_receipt("r1", PartState.UNDELIVERABLE, Reason.ABSENT))
            assert await has(ledger) == ("1", "0")
            assert not (await ledger.refund(message_id)).new
            assert await has(ledger) == ("1", "0")
            assert await adds_up(ledger)

    async def test_by_hand_first_and_the_policy_then(self) -> None:
        async with metered(refund_undelivered=True) as (rig, ledger):
            await ledger.top_up("acme", Env.LIVE, Decimal(1))
            message_id = await rig.send()
            rig.operators["alpha"].answer(Took("r1"))
            await rig.quiet()
            assert (await ledger.refund(message_id)).new
            await rig.get_receipt(a_receipt("r1", PartState.UNDELIVERABLE, Reason.ABSENT))
            assert await has(ledger) == ("1", "0")
            assert await adds_up(ledger)

    async def test_one_that_has_cost_nothing(self) -> None:
        async with metered() as (rig, ledger):
            message_id = await rig.send(caller=rig.caller("rival"))
            with pytest.raises(Refused, match="was not metered"):
                await ledger.refund(message_id)
            with pytest.raises(NotFound):
                await ledger.refund(message_id, env=Env.TEST)
            with pytest.raises(NotFound):
                await ledger.refund(ids.new_id(NOW))

    async def test_of_no_other_environment(self) -> None:
        async with metered() as (rig, ledger):
            await ledger.top_up("acme", Env.LIVE, Decimal(1))
            message_id = await rig.send()
            with pytest.raises(NotFound):
                await ledger.refund(message_id, env=Env.TEST)


class TestLooking:
    """What accounts have."""

    async def test_a_postpaid_account_spends_its_credit(self) -> None:
        async with metered(billing=Billing.POSTPAID, credit_limit="0.05") as (rig, ledger):
            (standing, other) = await ledger.standings("acme")
            assert (standing.balance.purse, other.balance.purse.env) == (EUR, Env.TEST)
            assert (standing.credit, standing.spendable) == (Decimal("0.05"), Decimal("0.05"))
            items = await rig.accept(a_send(), a_send())
            assert [type(item) for item in items] == [Taken, Refusal]
            assert (await ledger.standing(EUR)).spendable == Decimal("0.0125")

    async def test_all_accounts(self) -> None:
        async with metered() as (_, ledger):
            await ledger.top_up("rival", Env.LIVE, Decimal(3), "USD")
            found = {each.balance.purse: str(each.spendable) for each in await ledger.standings()}
            assert found == {
                EUR: "0",
                Purse("acme", Env.TEST, "EUR"): "0",
                Purse("rival", Env.LIVE, "USD"): "0",  # nothing of it is charged in USD
            }
            with pytest.raises(NotFound):
                await ledger.standings("nobody")
            with pytest.raises(NotFound):
                await ledger.standing(Purse("nobody", Env.LIVE, "EUR"))

    async def test_entries_are_of_an_account_that_there_is(self) -> None:
        async with metered() as (_, ledger):
            await ledger.top_up("acme", Env.LIVE, Decimal(3))
            (entry,) = (await ledger.entries(LedgerQuery("acme", Env.LIVE, 10))).items
            assert entry.amount == 3
            with pytest.raises(NotFound):
                await ledger.entries(LedgerQuery("nobody", Env.LIVE, 10))


class TestAcceptance:
    """What it costs is decided when the message is taken."""

    async def test_an_account_without_a_plan_pays_nothing(self) -> None:
        async with metered() as (rig, ledger):
            await rig.send(caller=rig.caller("rival"))
            assert await ledger.entries(LedgerQuery("rival", Env.LIVE, 10)) == Page([], None)

    async def test_a_destination_without_a_price_is_refused(self) -> None:
        async with metered() as (rig, ledger):
            await ledger.top_up("acme", Env.LIVE, Decimal(1))
            (refused,) = await rig.accept(a_send(recipient="+4915112345678"))
            assert isinstance(refused, Refusal)
            assert refused.why is Why.NOT_PRICED
            assert await has(ledger) == ("1", "0")

    async def test_the_price_is_fixed_then(self) -> None:
        """A price list that changes while the message waits changes nothing for it."""
        async with metered() as (rig, ledger):
            await ledger.top_up("acme", Env.LIVE, Decimal(1))
            message_id = await rig.send()
            rig.plans = {"standard": read_plan("standard", PLAN.replace("0.0375", "0.5"), 6)}
            rig.operators["alpha"].answer(Took("r1"))
            await rig.quiet()
            assert await has(ledger) == ("0.9625", "0")
            charge = (await rig.message(message_id)).charge
            assert charge is not None
            assert (str(charge.amount), str(charge.rate), charge.currency) == ("0.0375", "0.0375", "EUR")

    async def test_segments_times_rate(self) -> None:
        async with metered() as (rig, ledger):
            await ledger.top_up("acme", Env.LIVE, Decimal(1))
            message_id = await rig.send("x" * 161)
            message = await rig.message(message_id)
            assert message.segment_count == 2
            assert message.charge is not None
            assert message.charge.amount == Decimal("0.075")
            assert await has(ledger) == ("0.925", "0.075")

    async def test_a_message_for_later_is_paid_when_it_is_asked_for(self) -> None:
        async with metered() as (rig, ledger):
            await ledger.top_up("acme", Env.LIVE, Decimal(1))
            message_id = await rig.send(scheduled_at=NOW + timedelta(hours=1))
            assert await has(ledger) == ("0.9625", "0.0375")
            rig.plans = {"standard": read_plan("standard", PLAN.replace("0.0375", "0.5"), 6)}
            rig.later(3600)
            await rig.claim()
            rig.operators["alpha"].answer(Took("r1"))
            await rig.quiet()
            assert (await rig.message(message_id)).status is Status.SENT
            assert await has(ledger) == ("0.9625", "0")
            assert await adds_up(ledger)

    async def test_the_reply_to_stop_costs_nothing(self) -> None:
        """It goes out whatever the balance is: the person asked for it, not the tenant."""
        async with metered() as (rig, ledger):
            await rig.store.save_number(OwnedNumber(OURS, "", "acme", Env.LIVE, NOW))
            await rig.get_inbound(an_inbound("STOP"))
            (reply,) = await rig.store.waiting("alpha", b"", 10)
            assert (reply.bypass, reply.charge) == (True, None)
            assert await ledger.entries(LedgerQuery("acme", Env.LIVE, 10)) == Page([], None)
