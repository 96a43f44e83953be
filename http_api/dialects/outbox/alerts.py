"""The outbox's alerts: the list of what the account was told, and the settings by which it is told.

Both are the whole account's, of the key's environment: a key of a sub-tenant sees neither.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final, Protocol
from urllib.parse import urlsplit

import orjson

from gateway.domain.account import Account, Caller, Env, Policy, Scope
from gateway.domain.addresses import is_private_host
from gateway.domain.alert import Alert
from gateway.domain.send import FieldError
from gateway.ports import ListQuery, Page
from gateway.services import policies
from http_api.alerts import in_list
from http_api.auth import Authenticator
from http_api.dialects.outbox import render
from http_api.dialects.outbox.parse import refused_query
from http_api.errors import Fault, RequestFault
from http_api.exchange import Request, Response, Route
from http_api.json_body import MAX_ERRORS, pointer, read_json
from http_api.page import Cursors
from http_api.parameters import Parameters
from http_api.settings import BodyLimits

DEFAULT_LIMIT: Final = 20
MAX_LIMIT: Final = 100
MAX_RESENDS: Final = 100  #: that an account may allow itself for one entry


class Alerts(Protocol):
    """What is asked of `gateway.services.alerts.Alerts`."""

    async def listed(self, caller: Caller, before: bytes | None, limit: int) -> Page[Alert, bytes]: ...


class Accounts(Protocol):
    """What is asked of `gateway.services.accounts.Accounts`."""

    async def set(self, name: str, settings: Mapping[str, str], env: Env | None) -> Account: ...


class AlertsApi:
    """The routes. `allow_private`: `webhooks.allow_private_addresses`, as it is now."""

    def __init__(
        self, alerts: Alerts, accounts: Accounts, cursors: Cursors, allow_private: Callable[[], bool]
    ) -> None:
        self._alerts = alerts
        self._accounts = accounts
        self._cursors = cursors
        self._allow_private = allow_private

    def routes(self, auth: Authenticator, limits: BodyLimits) -> list[Route]:
        """The routes, to be given to a server."""
        read, manage = auth.needing(Scope.READ_MESSAGES), auth.needing(Scope.MANAGE_ACCOUNT)
        return [
            Route("GET", "/api/sms/alerts", self.list, render.fault, read),
            Route("GET", "/api/sms/alerts/settings", self.settings, render.fault, read),
            Route("PUT", "/api/sms/alerts/settings", self.set, render.fault, manage, limits.outbox),
        ]

    async def list(self, request: Request) -> Response:
        """GET /api/sms/alerts"""
        caller = _whole_account(request)
        before, limit = parse_page(request, self._cursors)
        page = await self._alerts.listed(caller, before, limit)
        cursor = self._cursors.following(caller, _query(caller, limit), page.before)
        body = orjson.dumps(
            {"items": [in_list(alert) for alert in page.items], "nextCursor": cursor, "limit": limit}
        )
        return Response(200, body, headers=(render.NO_STORE, *render.more(request, limit, cursor)))

    async def settings(self, request: Request) -> Response:
        """GET /api/sms/alerts/settings"""
        return _settings(_whole_account(request).policy)

    async def set(self, request: Request) -> Response:
        """PUT /api/sms/alerts/settings"""
        caller = _whole_account(request)
        settings = parse_settings(read_json(request.body), allow_private=self._allow_private())
        account = await self._accounts.set(caller.account, settings, caller.env)
        return _settings(account.policy(caller.env))


def _whole_account(request: Request) -> Caller:
    caller = request.authenticated
    if caller.sub_tenant is not None:
        raise RequestFault(
            Fault.SCOPE_MISSING,
            "Alerts are the whole account's: use a key that is not bound to a sub-tenant.",
        )
    return caller


def _settings(policy: Policy) -> Response:
    failures = {"count": policy.alert_failures, "windowSeconds": policy.alert_window_s}
    document = {
        "lowBalance": [render.number(threshold) for threshold in sorted(policy.alert_balance)],
        "failures": failures if policy.alert_failures else None,
        "webhookUrl": policy.alert_url,
        "resendLimit": policy.resend_limit,
    }
    return Response(200, orjson.dumps(document), headers=(render.NO_STORE,))


# --- parsing


def parse_page(request: Request, cursors: Cursors) -> tuple[bytes | None, int]:
    """Where the page begins, and how long it is. Raises `RequestFault` with every bad parameter."""
    given, caller = Parameters(request.query, ()), request.authenticated
    query = _query(caller, given.limit(DEFAULT_LIMIT, MAX_LIMIT))
    page = given.page(caller, query, cursors, refused_query, fixed=True)
    return page.before, page.limit


def _query(caller: Caller, limit: int) -> ListQuery:
    return ListQuery(caller.account, caller.env, limit)


_FIELDS: Final = ("lowBalance", "failures", "webhookUrl", "resendLimit")
_NO_SUCH_FIELD: Final = f"There are no other fields than {', '.join(_FIELDS)}."


def parse_settings(document: object, *, allow_private: bool) -> dict[str, str]:
    """The account's settings as a person writes them, from a body. What is left out stays as it is.

    Raises `RequestFault` with every bad field.
    """
    faults: list[FieldError] = []
    settings: dict[str, str] = {}
    if not isinstance(document, dict):
        raise _invalid([FieldError("", "The body must be an object.")])
    unknown = [name for name in document if name not in _FIELDS][:MAX_ERRORS]
    faults += [FieldError(pointer([name])[1:], _NO_SUCH_FIELD) for name in unknown]
    if "lowBalance" in document:
        settings["alert_balance"] = _low_balance(document["lowBalance"], faults)
    if "failures" in document:
        settings |= _failures(document["failures"], faults)
    if "webhookUrl" in document:
        settings["alert_url"] = _url(document["webhookUrl"], faults, allow_private=allow_private)
    if document.get("resendLimit") is not None:
        settings["resend_limit"] = _number("resendLimit", document["resendLimit"], 0, MAX_RESENDS, faults)
    if faults:
        raise _invalid(faults)
    return settings


def _low_balance(given: object, faults: list[FieldError]) -> str:
    """Thresholds as `alert_balance` has them; null is none."""
    if given is None:
        return ""
    if not isinstance(given, list) or len(given) > policies.MAX_THRESHOLDS:
        faults.append(
            FieldError(
                "lowBalance", f"It must be a list of up to {policies.MAX_THRESHOLDS} amounts, or null."
            )
        )
        return ""
    texts = []
    for index, item in enumerate(given):
        text = str(item) if isinstance(item, int | float | str) and not isinstance(item, bool) else ""
        if isinstance(item, float):
            # Its shortest text is what the caller wrote, as far as amounts have digits; but not with an exponent.
            text = f"{Decimal(text):f}"
        wrong = 'Write one amount, like 12.5 or "12.50".' if not text.strip() or "," in text else None
        wrong = wrong or _why_not("alert_balance", text)
        if wrong is not None:
            faults.append(FieldError(f"lowBalance/{index}", wrong))
        texts.append(text)
    return ",".join(texts)


def _failures(given: object, faults: list[FieldError]) -> dict[str, str]:
    """`{count, windowSeconds}`; null is never, a window that is left out stays as it is."""
    if given is None:
        return {"alert_failures": "0"}
    if not isinstance(given, dict) or "count" not in given or given.keys() - {"count", "windowSeconds"}:
        faults.append(
            FieldError("failures", "It must be an object with 'count' and 'windowSeconds', or null.")
        )
        return {}
    settings = {"alert_failures": _number("failures/count", given["count"], 1, 999_999_999, faults)}
    if given.get("windowSeconds") is not None:
        window = _number("failures/windowSeconds", given["windowSeconds"], 60, 86_400, faults)
        settings["alert_window_s"] = window
    return settings


def _number(field: str, given: object, least: int, most: int, faults: list[FieldError]) -> str:
    if not isinstance(given, int) or isinstance(given, bool) or not least <= given <= most:
        faults.append(FieldError(field, f"It must be a whole number from {least} to {most}."))
    return str(given)


def _url(given: object, faults: list[FieldError], *, allow_private: bool) -> str:
    """A URL, or null for none. A name is resolved and checked at each delivery."""
    if given is None:
        return ""
    wrong = _why_not("alert_url", given) if isinstance(given, str) and given else "It must be a URL, or null."
    if wrong is None:
        wrong = _why_not_host(str(given), allow_private=allow_private)
    if wrong is not None:
        faults.append(FieldError("webhookUrl", wrong))
    return str(given)


def _why_not_host(url: str, *, allow_private: bool) -> str | None:
    parts = urlsplit(url)
    try:
        plain = not set("@%\\") & set(parts.netloc) and parts.port != 0
    except ValueError:  # a port that is none
        plain = False
    if not plain:
        return "It must name a plain host and port, without user or password."
    if not allow_private and is_private_host(parts.hostname or ""):
        return "It points to a private address."
    return None


def _why_not(setting: str, text: str) -> str | None:
    """Why a setting does not take a value, in the words in which a person at the command line reads it."""
    try:
        policies.PARSERS[setting](text.strip())
    except ValueError as error:
        said = str(error)
        return f"{said[:1].upper()}{said[1:]}."
    return None


def _invalid(faults: list[FieldError]) -> RequestFault:
    first = faults[0]
    detail = f"{first.pointer}: {first.detail}" if first.pointer else first.detail
    if len(faults) > 1:
        detail = f"{len(faults)} fields are not valid; the first is {detail}"
    return RequestFault(Fault.INVALID, detail, fields=tuple(faults))
