"""From the headers of a request to its caller: an API key, a token, or the word of a trusted proxy.

401 says that we do not know who is asking, 403 that we do and that it may not. Keys and tokens are looked at in
`gateway.services.accounts` and `http_api.tokens`; here stands what the headers mean.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Collection
from typing import Final, Protocol

from gateway.domain.account import ACCOUNT_NAME, Caller, Env, Scope
from gateway.services.accounts import AuthError
from http_api.errors import Fault, RequestFault
from http_api.exchange import Request
from http_api.headers import AUTHORIZATION, X_API_KEY, X_API_KEY_ID, X_FORWARDED_FOR, X_TENANT_ID
from http_api.proxies import TrustedProxies
from http_api.tokens import TokenError, TokenVerifier

KEY_PREFIX: Final = "sok_"
_KEY: Final = re.compile(r"sok_[A-Za-z0-9_-]{8,200}")
_KEY_ID: Final = re.compile(r"[\x21-\x7e]{1,100}")
_CHALLENGE: Final = 'Bearer realm="trunkline"'
_HOW: Final = "No credentials: send 'Authorization: Bearer <token or key>', or 'X-Api-Key: <key>'."


class Accounts(Protocol):
    """What is asked of `gateway.services.accounts.Accounts`. The callers raise `AuthError`."""

    async def caller_by_key(self, secret: str, remote: str) -> Caller: ...

    async def fresh(self) -> None: ...

    async def caller_by_key_id(self, key_id: str, account: str, remote: str) -> Caller: ...

    def caller_by_name(
        self,
        account: str,
        env: Env,
        scopes: Collection[str],
        key_id: str,
        sub_tenant: str | None = None,
        member: str | None = None,
    ) -> Caller: ...


class Authenticator:
    """Finds the caller of a request."""

    def __init__(self, accounts: Accounts, tokens: TokenVerifier | None, proxies: TrustedProxies) -> None:
        self._accounts = accounts
        self._tokens = tokens
        self._proxies = proxies

    def needing(self, scope: Scope) -> Callable[[Request], Awaitable[Caller]]:
        """For a route: its caller, who must have this scope."""

        def authenticate(request: Request) -> Awaitable[Caller]:
            return self.caller(request, scope)

        return authenticate

    async def caller(self, request: Request, needed: Scope | None = None) -> Caller:
        """Who is asking, with the scope that is needed. Raises `RequestFault` (401, 403) and `StoreUnavailable`."""
        headers = request.headers
        tenant = headers.get(X_TENANT_ID)
        authorization = headers.get(AUTHORIZATION)
        key = headers.get(X_API_KEY) if authorization is None else _bearer(authorization)
        try:
            if key is None:
                caller, own_tenant = await self._by_proxy(request, tenant)
            elif authorization is None or key.startswith(KEY_PREFIX):
                caller = await self._by_key(key, request)
                own_tenant = caller.account
            else:
                caller, own_tenant = await self._by_token(key)
        except (AuthError, TokenError) as error:
            raise _unauthenticated(str(error), ', error="invalid_token"') from error
        if tenant is not None and tenant != own_tenant:
            raise RequestFault(
                Fault.WRONG_TENANT, "X-Tenant-Id names another tenant than the credentials do."
            )
        if needed is not None and needed not in caller.scopes:
            raise _not_allowed(needed)
        return caller

    def _by_key(self, key: str, request: Request) -> Awaitable[Caller]:
        if _KEY.fullmatch(key) is None:
            raise AuthError("This is no API key.")
        return self._accounts.caller_by_key(key, self.address(request))

    def address(self, request: Request) -> str:
        """From where a request came, as far as the proxies in front are believed."""
        forwarded_for = request.headers.get(X_FORWARDED_FOR)
        if forwarded_for is None:
            return request.remote
        return self._proxies.caller_address(request.remote, forwarded_for)

    async def _by_token(self, token: str) -> tuple[Caller, str]:
        if self._tokens is None:
            raise AuthError("Tokens are not taken here: use an API key.")
        if not token.isascii():
            raise TokenError("The token can not be read.")
        identity = await self._tokens.verify(token)
        await self._accounts.fresh()
        key_id = f"jwt:{identity.subject}"
        member = identity.subject or None
        caller = self._accounts.caller_by_name(
            identity.account, identity.env, identity.scopes, key_id, member=member
        )
        return caller, identity.tenant

    async def _by_proxy(self, request: Request, tenant: str | None) -> tuple[Caller, str]:
        """A proxy of ours has checked the credentials, and says whose they were."""
        key_id = request.headers.get(X_API_KEY_ID)
        if tenant is None or key_id is None or not self._proxies.trusts(request.remote):
            raise _unauthenticated(_HOW)
        if ACCOUNT_NAME.fullmatch(tenant) is None or _KEY_ID.fullmatch(key_id) is None:
            raise AuthError("X-Tenant-Id is no account name, or X-Api-Key-Id is no key id.")
        await self._accounts.fresh()
        caller = await self._accounts.caller_by_key_id(key_id, tenant, self.address(request))
        return caller, caller.account


def _bearer(authorization: str) -> str:
    """The credentials of an Authorization header. Raises `RequestFault` for a scheme that is not taken."""
    scheme, _, credentials = authorization.partition(" ")
    if scheme.lower() != "bearer":
        raise _unauthenticated(_HOW)
    return credentials.strip()


def _unauthenticated(detail: str, error: str = "") -> RequestFault:
    return RequestFault(Fault.UNAUTHENTICATED, detail, headers=(("WWW-Authenticate", _CHALLENGE + error),))


def _not_allowed(needed: Scope) -> RequestFault:
    challenge = f'{_CHALLENGE}, error="insufficient_scope", scope="{needed.value}"'
    detail = f"This needs the scope '{needed.value}', which the credentials do not have."
    return RequestFault(Fault.SCOPE_MISSING, detail, headers=(("WWW-Authenticate", challenge),))
