"""JSON Web Tokens: verified by algorithm, key, times, issuer and audience as configured, and read into an identity.

The algorithm is fixed by the config, never by the token. A key set from a URL is fetched through a function that is
handed in; while the URL is down, the keys in hand stay good.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import jwt
import orjson
import structlog

from gateway.domain.account import ACCOUNT_NAME, DEFAULT_SCOPES, Env
from http_api.settings import JwtSettings

log = structlog.get_logger(__name__)

Fetch = Callable[[str], Awaitable[bytes]]
"""Gets a URL's body; raises `OSError` (`ConnectionError`, `TimeoutError`) when it can't."""


class TokenError(Exception):
    """A token that is not taken; the text says why and is for the caller."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What a verified token says. `tenant` is what X-Tenant-Id must equal."""

    account: str
    tenant: str
    env: Env
    scopes: frozenset[str]
    subject: str
    expires_at: float  #: seconds since 1970


class KeySet:
    """A JSON Web Key Set (RFC 7517) from a file or a URL, by key id. Symmetric keys in it are never used."""

    def __init__(
        self, source: str, fetch: Fetch, refresh_s: float, min_refresh_s: float, now: Callable[[], float]
    ) -> None:
        """`source`: a URL, or text that `fetch` understands as a file. `now`: seconds, monotonic."""
        self._source = source
        self._fetch = fetch
        self._refresh_s = refresh_s
        self._min_refresh_s = min_refresh_s
        self._now = now
        self._keys: dict[str | None, jwt.PyJWK] = {}
        self._tried_at = float("-inf")
        self._fetched_at = float("-inf")
        self._lock = asyncio.Lock()

    async def key(self, kid: str | None) -> jwt.PyJWK:
        """The key with this id (None: the only key there is). Raises `TokenError` when there is none."""
        now = self._now()
        if now - self._fetched_at > self._refresh_s or self._find(kid) is None:
            await self._refresh()
        found = self._find(kid)
        if found is None:
            raise TokenError("The token's key is not in the key set.")
        return found

    def _find(self, kid: str | None) -> jwt.PyJWK | None:
        if kid is None and len(self._keys) == 1:
            return next(iter(self._keys.values()))
        return self._keys.get(kid)

    async def _refresh(self) -> None:
        """Fetch the set, but not again within `min_refresh_s`: unknown key ids are the callers' to invent."""
        async with self._lock:
            if self._now() - self._tried_at < self._min_refresh_s:
                return
            self._tried_at = self._now()
            try:
                keys = read_key_set(await self._fetch(self._source))
            except (OSError, ValueError) as error:
                log.warning(
                    "jwks.unavailable", source=self._source, keys_in_hand=len(self._keys), error=str(error)
                )
                return
            self._keys = keys
            self._fetched_at = self._now()


def read_key_set(document: bytes) -> dict[str | None, jwt.PyJWK]:
    """The RSA and EC keys of a key set that may verify signatures. Raises `ValueError` when it is no key set."""
    try:
        data = orjson.loads(document)
    except orjson.JSONDecodeError as error:
        raise ValueError("not a JSON Web Key Set: it is not JSON") from error
    entries = data.get("keys") if isinstance(data, dict) else None
    if not isinstance(entries, list):
        raise ValueError("not a JSON Web Key Set: it has no list of keys")  # noqa: TRY004 - a value from outside
    keys: dict[str | None, jwt.PyJWK] = {}
    for entry in entries:
        if (
            not isinstance(entry, dict)
            or entry.get("kty") not in ("RSA", "EC")
            or entry.get("use", "sig") != "sig"
        ):
            continue
        try:
            key = jwt.PyJWK(entry)
        except jwt.PyJWTError as error:
            log.warning("jwks.key_unusable", kid=str(entry.get("kid"))[:100], error=str(error))
            continue
        keys[key.key_id] = key
    return keys


class TokenVerifier:
    """Verifies tokens. What was verified is remembered by the token's hash until it expires, within a bound."""

    def __init__(
        self,
        settings: JwtSettings,
        *,
        hs256_secret: bytes | None,
        keys: KeySet | None,
        now: Callable[[], float],
        bound: int = 10_000,
    ) -> None:
        """`now`: seconds since 1970."""
        if (hs256_secret is None) == (keys is None):
            raise ValueError("a verifier has a shared secret or a key set")
        if hs256_secret is not None and len(hs256_secret) < 32:  # RFC 7518, 3.2
            raise ValueError("an HS256 secret needs at least 32 bytes")
        self._settings = settings
        self._secret = hs256_secret
        self._keys = keys
        self._now = now
        self._bound = bound
        self._verified: OrderedDict[bytes, Identity] = OrderedDict()
        self._required = ["exp", settings.account_claim]

    async def verify(self, token: str) -> Identity:
        """Who the token speaks for. Raises `TokenError`."""
        digest = hashlib.sha256(token.encode()).digest()
        known = self._verified.get(digest)
        if known is not None:
            if known.expires_at + self._settings.leeway_s > self._now():
                return known
            del self._verified[digest]
        identity = self._read(await self._claims(token))
        self._verified[digest] = identity
        if len(self._verified) > self._bound:
            self._verified.popitem(last=False)
        return identity

    async def _claims(self, token: str) -> Mapping[str, Any]:
        settings = self._settings
        try:
            header = jwt.get_unverified_header(token)
            if header.get("alg") not in settings.allowed_algorithms:
                raise TokenError("The token's algorithm is not one that is taken here.")
            key: jwt.PyJWK | bytes | None = self._secret
            if self._keys is not None:
                key = await self._keys.key(header.get("kid"))
            assert key is not None
            claims: Mapping[str, Any] = jwt.decode(
                token,
                key,
                algorithms=list(settings.allowed_algorithms),
                audience=settings.audience,
                issuer=settings.issuer,
                leeway=settings.leeway_s,
                options={"require": self._required, "verify_aud": settings.audience is not None},
            )
        except jwt.PyJWTError as error:
            raise TokenError(_why(error)) from error
        return claims

    def _read(self, claims: Mapping[str, Any]) -> Identity:
        settings = self._settings
        account = claims[settings.account_claim]
        if not isinstance(account, str) or ACCOUNT_NAME.fullmatch(account) is None:
            raise TokenError(f"The token's claim '{settings.account_claim}' is no account name.")
        tenant = account
        if settings.tenant_claim is not None:
            tenant = claims.get(settings.tenant_claim, account)
            if not isinstance(tenant, str):
                raise TokenError(f"The token's claim '{settings.tenant_claim}' is no text.")
        env = claims.get(settings.env_claim, Env.LIVE.value)
        if env not in (Env.LIVE.value, Env.TEST.value):
            raise TokenError(f"The token's claim '{settings.env_claim}' is neither 'live' nor 'test'.")
        scopes = _scopes(claims.get(settings.scope_claim), settings.scope_claim)
        return Identity(
            account, tenant, Env(env), scopes, str(claims.get("sub", ""))[:100], float(claims["exp"])
        )


def _scopes(claim: object, name: str) -> frozenset[str]:
    if claim is None:
        return frozenset(DEFAULT_SCOPES)
    if isinstance(claim, str):
        return frozenset(claim.split())
    if isinstance(claim, list) and all(isinstance(scope, str) for scope in claim):
        return frozenset(claim)
    raise TokenError(f"The token's claim '{name}' is neither text nor a list of texts.")


_WHY: dict[type[jwt.PyJWTError], str] = {
    jwt.ExpiredSignatureError: "The token has expired.",
    jwt.ImmatureSignatureError: "The token is not valid yet.",
    jwt.InvalidIssuedAtError: "The token's time of issue is no time.",
    jwt.InvalidAudienceError: "The token is for another audience.",
    jwt.InvalidIssuerError: "The token is from another issuer.",
    jwt.InvalidSignatureError: "The token's signature is wrong.",
    jwt.InvalidAlgorithmError: "The token's algorithm is not one that is taken here.",
}


def _why(error: jwt.PyJWTError) -> str:
    """In our words: the library's own may quote the token."""
    if isinstance(error, jwt.MissingRequiredClaimError):
        return f"The token has no claim '{error.claim}'."
    return _WHY.get(type(error), "The token can not be read.")
