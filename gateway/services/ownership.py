"""Which account owns an inbound number, or a keyword on a shared one."""

from __future__ import annotations

from gateway.domain.account import Env
from gateway.domain.suppression import OwnedNumber
from gateway.errors import NotFound, Refused
from gateway.ports import Clock, NumberStore
from gateway.services.accounts import Accounts
from routing import keywords, numbers
from routing.numbers import SenderKind

MAX_KEYWORD_CHARS = 30


class Ownership:
    """The numbers at which people answer."""

    def __init__(self, store: NumberStore, accounts: Accounts, clock: Clock) -> None:
        self._store = store
        self._accounts = accounts
        self._clock = clock

    async def add(self, number: str, keyword: str, account: str, env: Env) -> OwnedNumber:
        """Give a number (keyword "") or a keyword on it to an account.

        Raises `NotFound` (account), `Refused` (no number, no keyword) and `Conflict` (another account's).
        """
        await self._accounts.account(account)
        owned = OwnedNumber(_inbound_number(number), _keyword(keyword), account, env, self._clock())
        await self._store.save_number(owned)
        return owned

    async def remove(self, number: str, keyword: str) -> None:
        """Raises `NotFound` when nobody owns it."""
        if not await self._store.remove_number(_inbound_number(number), _keyword(keyword)):
            raise NotFound(f"nobody owns {f'keyword {keyword} on ' if keyword else ''}{number}")

    async def numbers(self, account: str | None = None) -> list[OwnedNumber]:
        """All numbers and keywords, or those of one account. Raises `NotFound`."""
        if account is not None:
            await self._accounts.account(account)
        return [owned for owned in await self._store.numbers() if account in (None, owned.account)]


def _inbound_number(text: str) -> str:
    if numbers.kind_of_sender(text) not in (SenderKind.E164, SenderKind.SHORT_CODE):
        raise Refused(
            f"'{text}' is no number at which people can answer: write +447700900123 or a short code of 3 to 8 digits"
        )
    return text


def _keyword(text: str) -> str:
    word = text.strip().casefold()
    if len(word.split()) > 1 or len(word) > MAX_KEYWORD_CHARS:
        raise Refused(f"'{text}' is no keyword: it is one word of at most {MAX_KEYWORD_CHARS} characters")
    if word and keywords.classify(word).action is not None:
        raise Refused(f"'{text}' means the same on every number (STOP, START, HELP): nobody owns it")
    return word
