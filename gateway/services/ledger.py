"""The ledger by hand: what people book (payments, corrections, refunds), and what they look at.

Messages book by themselves, in the commits that move them (`gateway.domain.money.of_move`). Here is what is asked for
by `trunkline ledger` and the admin API. Each booking may bring a key of its own: the same one again books nothing, so
that a command or request whose answer was lost can be repeated.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Protocol

from gateway.domain import ids
from gateway.domain.account import Account, Billing, Env
from gateway.domain.money import PLACES, ZERO, Balance, Booked, Entry, Flaw, Kind, Purse, is_kept
from gateway.errors import NotFound, Refused
from gateway.ports import Clock, LedgerQuery, LedgerStore, Page, QueryStore
from gateway.services.accounts import Accounts
from gateway.services.pages import gathered
from routing.tariff import Plans

MAX_NOTE_CHARS = 500

_CURRENCY = re.compile(r"[A-Z]{3}").fullmatch
_KEY = re.compile(r"[\x21-\x7e]{1,255}").fullmatch


@dataclass(frozen=True, slots=True)
class Standing:
    """A purse, and what its account may still spend of it."""

    balance: Balance
    credit: Decimal  #: how far the balance may fall below zero
    spendable: Decimal
    """Balance and credit together; nothing in a currency that the account's rate plan does not charge in."""


def place_of(entry: Entry) -> tuple[bytes, int]:
    """Its place in a list."""
    return entry.subject, entry.kind


class Sections(LedgerStore, QueryStore, Protocol):
    """Of the store: what is booked, and the messages that it is booked for."""


class Ledger:
    """The purses of all accounts. `plans`: the rate plans in force."""

    def __init__(self, store: Sections, accounts: Accounts, plans: Callable[[], Plans], clock: Clock) -> None:
        self._store = store
        self._accounts = accounts
        self._plans = plans
        self._clock = clock

    # --- booking

    async def top_up(
        self,
        account: str,
        env: Env,
        amount: Decimal,
        currency: str | None = None,
        key: str | None = None,
        note: str | None = None,
    ) -> Booked:
        """Book what an account has paid. `currency` None: that of its rate plan. Raises `NotFound`, `Refused` with what
        to write instead, and `Conflict` when the key stands for another booking."""
        if _checked_amount(amount) <= 0:
            raise Refused("a top-up is more than nothing: to take money back, book an adjustment")
        return await self._book(Kind.TOP_UP, account, env, amount, currency, key, note)

    async def adjust(
        self,
        account: str,
        env: Env,
        amount: Decimal,
        currency: str | None = None,
        key: str | None = None,
        note: str | None = None,
    ) -> Booked:
        """Book a person's correction, either way; it may take the balance below its limit. As `top_up` else."""
        if not _checked_amount(amount):
            raise Refused("an adjustment of nothing adjusts nothing")
        return await self._book(Kind.ADJUSTMENT, account, env, amount, currency, key, note)

    async def _book(
        self,
        kind: Kind,
        account: str,
        env: Env,
        amount: Decimal,
        currency: str | None,
        key: str | None,
        note: str | None,
    ) -> Booked:
        if key is not None and _KEY(key) is None:
            raise Refused("a key has 1 to 255 visible ASCII characters")
        known = await self._accounts.account(account)
        purse = Purse(account, env, _currency(known, env, currency, self._plans()))
        now = self._clock()
        entry = Entry(ids.new_id(now), kind, purse, amount, ZERO, now, key, _checked_note(note))
        (booked,) = await self._store.book((entry,))
        return booked

    async def refund(self, message_id: bytes, note: str | None = None, env: Env | None = None) -> Booked:
        """Give back the price of a message that was sent; once, and the whole of it. `env`: of no other environment.

        Raises `NotFound`, and `Refused` for one that has cost nothing or whose price is set aside still.
        """
        checked = _checked_note(note)
        entries = {entry.kind: entry for entry in await self._store.entries_of((message_id,))}
        reserved = entries.get(Kind.RESERVATION)
        if reserved is None:
            view = await self._store.message(message_id)
            if view is None or env not in (None, view.message.env):
                raise NotFound("There is no such message.")
            raise Refused("the message has cost nothing: its account was not metered, or its rate was 0")
        if env not in (None, reserved.purse.env):
            raise NotFound("There is no such message.")
        if Kind.REFUND in entries:
            return Booked(entries[Kind.REFUND], new=False)
        if Kind.RELEASE in entries:
            raise Refused("the message has cost nothing: it was not sent, and its price was given back then")
        if Kind.SETTLEMENT not in entries:
            raise Refused("the message is under way: its price is given back by itself if it is not sent")
        now = self._clock()
        entry = Entry(message_id, Kind.REFUND, reserved.purse, reserved.held, ZERO, now, None, checked)
        (booked,) = await self._store.book((entry,))
        return booked

    # --- looking

    async def standing(self, purse: Purse) -> Standing:
        """One purse, also before anything was booked in it. Raises `NotFound`."""
        account = await self._accounts.account(purse.account)
        for balance in await self._store.balances(purse.account):
            if balance.purse == purse:
                return self._standing(account, balance)
        return self._standing(account, Balance(purse, ZERO, ZERO))

    async def standings(self, account: str | None = None) -> list[Standing]:
        """The purses of an account or of all: those that money has moved in, and those that rate plans charge to.
        Raises `NotFound`."""
        if account is None:
            accounts = {each.name: each for each in await self._accounts.accounts()}
        else:
            accounts = {account: await self._accounts.account(account)}
        found = {balance.purse: balance for balance in await self._store.balances(account)}
        for each in accounts.values():
            for env in Env:
                plan = self._plans().get(each.policy(env).rate_plan or "")
                if plan is not None:
                    purse = Purse(each.name, env, plan.currency)
                    found.setdefault(purse, Balance(purse, ZERO, ZERO))
        return [self._standing(accounts.get(purse.account), found[purse]) for purse in sorted(found)]

    def _standing(self, account: Account | None, balance: Balance) -> Standing:
        if account is None:
            return Standing(balance, ZERO, ZERO)
        policy = account.policy(balance.purse.env)
        credit = policy.credit_limit if policy.billing is Billing.POSTPAID else ZERO
        plan = self._plans().get(policy.rate_plan or "")
        if plan is None or plan.currency != balance.purse.currency:
            return Standing(balance, credit, ZERO)
        return Standing(balance, credit, max(ZERO, balance.balance + credit))

    async def entries(self, query: LedgerQuery) -> Page[Entry, tuple[bytes, int]]:
        """A page of an account's entries, newest first; a short one where few of very many are of the kinds that are
        asked for. Raises `NotFound`."""
        await self._accounts.account(query.account)

        async def read(before: tuple[bytes, int] | None) -> Page[Entry, tuple[bytes, int]]:
            return await self._store.entries(replace(query, before=before))

        return await gathered(read, query.before, query.limit, place_of)

    async def audit(self, progress: Callable[[int, int], None] | None = None) -> tuple[int, list[Flaw]]:
        """Prove that it adds up: how many entries were added, and what is wrong. `progress`: done, and of how many."""
        return await self._store.audit(progress)


def _currency(account: Account, env: Env, currency: str | None, plans: Plans) -> str:
    """What is asked for, or what the account's rate plan charges in. Raises `Refused`."""
    if currency is not None:
        if _CURRENCY(currency) is None:
            raise Refused("a currency is three capitals, as EUR (ISO 4217)")
        return currency
    name = account.policy(env).rate_plan
    if name is None:
        raise Refused(f"'{account.name}' has no rate plan in {env.value}, so name the currency, as EUR")
    if name not in plans:
        raise Refused(
            f"the rate plan '{name}' of '{account.name}' is not set up, so name the currency, as EUR"
        )
    return plans[name].currency


def _checked_amount(amount: Decimal) -> Decimal:
    if not is_kept(amount):
        raise Refused(f"an amount has at most {PLACES} decimals and 12 digits before them, like 12.50")
    return amount


def _checked_note(note: str | None) -> str | None:
    if note is not None and (len(note) > MAX_NOTE_CHARS or not note.isprintable()):
        raise Refused(f"a note is one line of at most {MAX_NOTE_CHARS} characters")
    return note or None
