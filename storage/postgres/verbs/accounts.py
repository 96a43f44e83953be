"""Accounts and all that they are given and agree to, of the production store."""

from __future__ import annotations

from gateway.domain.account import Env
from storage.postgres import accounts as table
from storage.postgres.database import Database
from storage.postgres.verbs.session import Session, asked, written


class AccountVerbs(Session):
    """See `AccountStore`."""

    save_account = written(table.save_account)
    accounts = asked(table.accounts)
    save_key = written(table.save_key)
    key = asked(table.key)
    keys = asked(table.keys)
    agree = written(table.agree)
    agreed = asked(table.agreed)
    agreements = asked(table.agreements)

    def generation(self) -> int:
        """See `AccountStore.generation`."""
        return self._generation()


class NumberVerbs(Session):
    """See `NumberStore`."""

    save_number = written(table.save_number)
    numbers = asked(table.numbers)
    remove_number = written(table.remove_number)


class SuppressionVerbs(Session):
    """See `SuppressionStore`."""

    suppress = written(table.suppress)
    suppressions = asked(table.listed)

    async def unsuppress(self, account: str, env: Env, sub_tenant: str, number: str) -> bool:
        """See `SuppressionStore.unsuppress`."""

        async def act(db: Database) -> bool:
            plain = await table.unsuppress(db, account, env, sub_tenant, number)
            return await self._knowing.lift(db, account, env, sub_tenant, number) or plain

        return await self._groups.alone(act)
