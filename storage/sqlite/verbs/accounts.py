"""Accounts and all that they are given and agree to, of the embedded store."""

from __future__ import annotations

from gateway.domain.account import Env
from storage.sqlite.accounts import Accounts
from storage.sqlite.lookups import Lookups
from storage.sqlite.verbs.session import Session, asked, written


def _writers(session: Session) -> Accounts:
    return session._accounts


def _readers(lookups: Lookups) -> Accounts:
    return lookups.accounts


class AccountVerbs(Session):
    """See `AccountStore`."""

    save_account = written(_writers, Accounts.save_account)
    accounts = asked(_readers, Accounts.accounts)
    save_key = written(_writers, Accounts.save_key)
    key = asked(_readers, Accounts.key)
    keys = asked(_readers, Accounts.keys)
    agree = written(_writers, Accounts.agree)
    agreed = asked(_readers, Accounts.agreed)
    agreements = asked(_readers, Accounts.agreements)

    def generation(self) -> int:
        """See `AccountStore.generation`."""
        return self._generation()


class NumberVerbs(Session):
    """See `NumberStore`."""

    save_number = written(_writers, Accounts.save_number)
    numbers = asked(_readers, Accounts.numbers)
    remove_number = written(_writers, Accounts.remove_number)


class SuppressionVerbs(Session):
    """See `SuppressionStore`."""

    suppress = written(_writers, Accounts.suppress)
    suppressions = asked(_readers, Accounts.suppressions)

    async def unsuppress(self, account: str, env: Env, sub_tenant: str, number: str) -> bool:
        """See `SuppressionStore.unsuppress`."""

        def verb() -> bool:
            plain = self._accounts.unsuppress(account, env, sub_tenant, number)
            return self._knowing.lift(account, env, sub_tenant, number) or plain

        return await self._alone(verb)
