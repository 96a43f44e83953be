"""Everything that is kept about an account, as lines of JSON with a `kind`: what it may ask for, or takes along.

Secrets are not in it: of keys their public facts, of webhook secrets nothing. Pages by id keep memory bounded; what
comes after the export has begun is not in it.
"""

from __future__ import annotations

import gzip
import json
import os
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import suppress
from dataclasses import asdict, fields
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from gateway import folders
from gateway.domain import ids
from gateway.domain.account import Account, Env, Key, Policy
from gateway.domain.agreement import Agreement
from gateway.domain.alert import Alert
from gateway.domain.message import Message, PartRow
from gateway.domain.money import Entry, plain
from gateway.domain.suppression import OwnedNumber, StoredInbound, Suppression
from gateway.errors import Refused
from gateway.ports import Clock, LedgerQuery, MessageView, Store, StoredEvent
from gateway.services.accounts import Accounts

PAGE_ROWS = 1_000

Line = dict[str, object]

OnLines = Callable[[str, int], None]
"""Told what is written and how many lines so far."""

_FIRST = bytes(16)


class AccountExport:
    """Exports of whole accounts."""

    def __init__(self, store: Store, accounts: Accounts, clock: Clock, page_rows: int = PAGE_ROWS) -> None:
        self._store = store
        self._accounts = accounts
        self._clock = clock
        self._page_rows = page_rows

    async def export(self, name: str, path: Path, on_lines: OnLines) -> Counter[str]:
        """Write the account's lines, gzipped, to a file that must not exist; how many of each kind. The file is there
        whole or not at all. Raises `NotFound`, `Refused`, `StoreUnavailable`, `OSError`.
        """
        account = await self._accounts.account(name)
        counts: Counter[str] = Counter()
        with _Whole(path) as file:
            async for lines in self._pages(account):
                file.add(lines)
                counts.update(str(line["kind"]) for line in lines)
                on_lines("lines written", counts.total())
            file.finish()
        return counts

    async def _pages(self, account: Account) -> AsyncIterator[list[Line]]:
        """All lines: the account's own facts first, then what it sent and got, by id."""
        until = ids.first_id_at(self._clock() + timedelta(milliseconds=1))
        keys = await self._accounts.keys(account.name)
        numbers = [n for n in await self._store.numbers() if n.account == account.name]
        agreements = await self._store.agreements(account.name)
        yield [_account(account), *map(_key, keys), *map(_number, numbers), *map(_agreement, agreements)]
        async for suppressions in self._suppressions(account.name):
            yield [_suppression(suppression) for suppression in suppressions]
        for env in Env:
            async for views in self._messages((account.name, env), until):
                yield [_message(view) for view in views]
        async for inbounds in self._inbound(account.name, until):
            yield [_inbound(inbound) for inbound in inbounds]
        async for events in self._webhooks(account.name, until):
            yield [_webhook(event) for event in events]
        async for alerts in self._alerts(account.name, until):
            yield [_alert(alert) for alert in alerts]
        for env in Env:
            async for entries in self._entries((account.name, env), until):
                yield [_entry(entry) for entry in entries]

    async def _suppressions(self, account: str) -> AsyncIterator[list[Suppression]]:
        """The list, by time; several may have been made at one moment, on which a page may end."""
        since: datetime | None = None
        limit = self._page_rows
        seen: set[Suppression] = set()  # those of the moment `since`
        while True:
            page = await self._store.suppressions(account, since, limit)
            new = [each for each in page if each not in seen]
            yield new
            if len(page) < limit:
                return
            last = page[-1].created_at
            if last == since:
                limit *= 2
            else:
                since, limit, seen = last, self._page_rows, set()
            seen |= {each for each in page if each.created_at == since}

    async def _messages(self, of: tuple[str, Env], until: bytes) -> AsyncIterator[list[MessageView]]:
        after = _FIRST
        while page := await self._store.messages_by_id(of, after, until, self._page_rows):
            yield page
            after = page[-1].message.id

    async def _inbound(self, account: str, until: bytes) -> AsyncIterator[list[StoredInbound]]:
        after = _FIRST
        while page := await self._store.inbound_by_id(account, after, self._page_rows):
            yield [each for each in page if each.id < until]
            after = page[-1].id
            if after >= until:
                return

    async def _alerts(self, account: str, until: bytes) -> AsyncIterator[list[Alert]]:
        """Newest first: the store has no other order."""
        before: bytes | None = until
        while before is not None:
            page = await self._store.alerts(account, None, before, self._page_rows)
            yield page.items
            before = page.before

    async def _entries(self, of: tuple[str, Env], until: bytes) -> AsyncIterator[list[Entry]]:
        """Newest first, too."""
        before: tuple[bytes, int] | None = (until, 0)
        while before is not None:
            page = await self._store.entries(LedgerQuery(*of, self._page_rows, before))
            yield page.items
            before = page.before

    async def _webhooks(self, account: str, until: bytes) -> AsyncIterator[list[StoredEvent]]:
        after: bytes | None = _FIRST
        while after is not None and after < until:
            page, after = await self._store.webhooks_by_id(account, after, self._page_rows)
            yield [each for each in page if each.event.id < until]


class _Whole:
    """A gzipped file of JSON lines that appears under its name when it is finished."""

    def __init__(self, path: Path) -> None:
        if path.exists():
            raise Refused(f"{path} exists: name a file that does not")
        self._path = path
        self._draft = path.with_name(path.name + ".partial")
        self._draft.unlink(missing_ok=True)
        descriptor = os.open(self._draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        self._file = os.fdopen(descriptor, "wb")
        self._packed = gzip.GzipFile(fileobj=self._file, mode="wb", mtime=0)

    def __enter__(self) -> _Whole:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):  # what could not be written was of a draft that goes
            self._packed.close()
        self._file.close()
        self._draft.unlink(missing_ok=True)

    def add(self, lines: Iterable[Line]) -> None:
        for line in lines:
            text = json.dumps(line, ensure_ascii=False, default=_plain, separators=(",", ":"))
            self._packed.write(text.encode() + b"\n")

    def finish(self) -> None:
        self._packed.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._draft.rename(self._path)
        folders.sync(self._path.parent)


# --- one line per thing


def _account(account: Account) -> Line:
    return {
        "kind": "account",
        "account": account.name,
        "created_at": account.created_at,
        "disabled": account.disabled,
        "live": _policy(account.live),
        "test": _policy(account.test),
    }


def _policy(policy: Policy) -> Line:
    return {field.name: getattr(policy, field.name) for field in fields(policy)}


def _key(key: Key) -> Line:
    facts = {name: value for name, value in asdict(key).items() if name not in ("account", "digest")}
    return {"kind": "key", **facts}


def _number(number: OwnedNumber) -> Line:
    return {
        "kind": "number",
        "number": number.number,
        "keyword": number.keyword or None,
        "env": number.env,
        "created_at": number.created_at,
    }


def _suppression(suppression: Suppression) -> Line:
    return {
        "kind": "suppression",
        "number": suppression.number,
        "env": suppression.env,
        "sub_tenant": suppression.sub_tenant or None,
        "reason": suppression.reason,
        "created_at": suppression.created_at,
    }


def _message(view: MessageView) -> Line:
    m = view.message
    return {
        "kind": "message",
        "message_id": ids.text(m.id),
        "env": m.env,
        "sub_tenant": m.sub_tenant or None,
        "key_id": m.key_id,
        "request_id": m.request_id,
        "dialect": m.dialect,
        "sender": m.sender,
        "recipient": m.recipient,
        "body": m.body,
        "segments": m.segment_count,
        "priority": m.priority.name.lower(),
        "metadata": m.metadata,
        "callback_url": m.callback_url,
        "accepted_at": m.accepted_at,
        "scheduled_at": m.scheduled_at,
        "expires_at": m.expires_at,
        "processed_at": m.processed_at,
        "final_at": m.final_at,
        "status": m.status,
        "reason": m.reason,
        "operator": m.operator,
        "route": m.route,
        "price": None if m.charge is None else plain(m.charge.amount),
        "currency": None if m.charge is None else m.charge.currency,
        "labels": m.labels,
        "last_error": _error(m),
        "attempts": [_part(row) for row in sorted(view.rows, key=lambda row: (row.attempt, row.part))],
    }


def _error(m: Message) -> Line | None:
    if m.error is None:
        return None
    return {"code": m.error.code, "operator_error": m.error.operator_error, "at": m.error.at}


def _part(row: PartRow) -> Line:
    return {
        "attempt": row.attempt,
        "part": row.part,
        "operator": row.operator,
        "state": row.state.name.lower(),
        "carrier_id": row.ref,
        "error": row.error,
        "at": row.at,
        "receipt_at": row.receipt_at,
    }


def _inbound(inbound: StoredInbound) -> Line:
    return {
        "kind": "inbound",
        "inbound_id": ids.text(inbound.id),
        "env": inbound.env,
        "sub_tenant": inbound.sub_tenant or None,
        "operator": inbound.operator,
        "sender": inbound.sender,
        "recipient": inbound.recipient,
        "body": inbound.body,
        "keyword": inbound.keyword,
        "action": inbound.action,
        "reply_to": None if inbound.reply_to is None else ids.text(inbound.reply_to),
        "at": inbound.at,
    }


def _webhook(stored: StoredEvent) -> Line:
    event = stored.event
    return {
        "kind": "webhook",
        "webhook_id": ids.text(event.id),
        "subject": ids.text(event.subject),
        "seq": event.seq,
        "env": event.env,
        "event": event.kind,
        "at": event.at,
        "url": event.url,
        "data": event.data,
        "state": stored.state,
        "attempts": event.attempts,
        "settled_at": stored.settled_at,
        "error": stored.error,
    }


def _agreement(agreement: Agreement) -> Line:
    return {
        "kind": "agreement",
        "member": agreement.member,
        "version": agreement.version,
        "at": agreement.at,
        "address": agreement.address or None,
    }


def _alert(alert: Alert) -> Line:
    return {
        "kind": "alert",
        "alert_id": ids.text(alert.id),
        "env": alert.env,
        "alert": alert.kind,
        "at": alert.at,
        "data": alert.data,
    }


def _entry(entry: Entry) -> Line:
    return {
        "kind": "entry",
        "subject": ids.text(entry.subject),
        "env": entry.purse.env,
        "entry": entry.kind.name.lower(),
        "amount": str(entry.amount),
        "held": str(entry.held),
        "currency": entry.purse.currency,
        "at": entry.at,
        "key": entry.key,
        "note": entry.note,
    }


def _plain(value: object) -> object:
    """What JSON has no type for."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, frozenset):
        return sorted(map(str, value))
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"no JSON for {type(value).__name__}")
