"""Looking at messages, within what a caller may see (promise 6) and what one look may cost (promise 8)."""

from __future__ import annotations

from dataclasses import replace

from gateway.domain import ids
from gateway.domain.account import Caller
from gateway.domain.message import Message
from gateway.domain.words import Status
from gateway.errors import NotFound
from gateway.ports import LOOKS, ListQuery, MessageView, Page, QueryStore
from gateway.services.pages import gathered

MessagePage = Page[Message, bytes]


class Queries:
    """Messages for the caller to read. `looks`: as `ListQuery.looks`, for each read of the store."""

    def __init__(self, store: QueryStore, looks: int = LOOKS) -> None:
        self._store = store
        self._looks = looks

    async def message(self, caller: Caller, message_id: bytes) -> MessageView:
        """One message with its attempts, by its id or a segment's.

        Raises `NotFound` unless it is the caller's: the same account and environment, and the same sub-tenant for a
        caller that is bound to one. Whose else it may be is not told.
        """
        view = await self._store.message(ids.message_of(message_id))
        if view is None or not _may_see(caller, view.message):
            raise NotFound("There is no such message.")
        return view

    async def page(self, caller: Caller, query: ListQuery) -> MessagePage:
        """A page of the caller's messages, newest first: `query.limit` of them, or fewer where few of very many pass
        its filters. Then `Page.before` says where to go on.

        The query's account, environment and sub-tenant must be the caller's: `ValueError` else, for that is a fault
        in the dialect.
        """
        check_own(caller, query)

        async def read(before: bytes | None) -> MessagePage:
            return await self._store.messages(replace(query, before=before, looks=self._looks))

        return await gathered(read, query.before, query.limit, id_of)

    async def counts(self, caller: Caller, label: str) -> dict[Status, int]:
        """How many of the account's messages with a label stand where; of a caller that is bound to a sub-tenant the
        others' too: show it to whoever has been shown one of them."""
        return await self._store.count_labelled(caller.account, caller.env, label)


def check_own(caller: Caller, query: ListQuery) -> None:
    """Raises `ValueError` for a query that is for somebody else's messages."""
    if (query.account, query.env, query.sub_tenant) != (caller.account, caller.env, caller.sub_tenant):
        raise ValueError("the query is not for the caller's own messages")


def id_of(message: Message) -> bytes:
    """Its place in a list."""
    return message.id


def _may_see(caller: Caller, message: Message) -> bool:
    if (message.account, message.env) != (caller.account, caller.env):
        return False
    return caller.sub_tenant is None or caller.sub_tenant == message.sub_tenant
