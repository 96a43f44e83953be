"""Who is asking, by each kind of header, and what is not believed."""

from __future__ import annotations

import pytest

from gateway.domain.account import Env, Scope
from http_api.auth import Authenticator
from http_api.errors import Fault, RequestFault
from http_api.exchange import Request
from http_api.proxies import TrustedProxies
from http_api.settings import JwtSettings
from http_api.tokens import TokenVerifier
from tests.unit.http_api.memory import LIVE_KEY, OFFICE_KEY, READ_ONLY_KEY, TEST_KEY, MemoryAccounts
from tests.unit.http_api.test_tokens import SECRET, Clock, claims, signed

PROXY = "10.0.0.1"
STRANGER = "203.0.113.9"


def request(remote: str = STRANGER, **headers: str) -> Request:
    """A request with these headers; underscores stand for dashes."""
    return Request(
        "GET",
        "/v1/sms",
        "",
        {name.replace("_", "-").lower(): value for name, value in headers.items()},
        remote,
    )


def authenticator(tenant_claim: str | None = None, tokens: bool = True) -> Authenticator:
    """One that knows the keys of `MemoryAccounts`, tokens of `SECRET`, and one proxy."""
    settings = JwtSettings(hs256_secret_file="x", tenant_claim=tenant_claim)
    verifier = TokenVerifier(settings, hs256_secret=SECRET, keys=None, now=Clock()) if tokens else None
    return Authenticator(MemoryAccounts(), verifier, TrustedProxies([PROXY]))


async def refused(auth: Authenticator, asked: Request) -> RequestFault:
    """The fault that a request meets."""
    with pytest.raises(RequestFault) as caught:
        await auth.caller(asked)
    return caught.value


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": f"Bearer {LIVE_KEY}"},
        {"Authorization": f"bearer  {LIVE_KEY} "},
        {"X_Api_Key": LIVE_KEY},
    ],
)
async def test_a_key_in_either_header(headers: dict[str, str]) -> None:
    caller = await authenticator().caller(request(**headers))
    assert (caller.account, caller.env) == ("acme", Env.LIVE)


async def test_a_token() -> None:
    caller = await authenticator().caller(
        request(Authorization=f"Bearer {signed(claims(env='test', scope='send:sms'))}")
    )
    assert (caller.account, caller.env, caller.key_id, caller.member) == (
        "acme",
        Env.TEST,
        "jwt:user-1",
        "user-1",
    )
    assert caller.scopes == {"send:sms"}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Basic YTpi"},
        {"Authorization": "Bearer"},
        {"Authorization": LIVE_KEY},
        {"Authorization": "Bearer sok_live_unknown"},
        {"Authorization": "Bearer tökén"},
        {"X_Api_Key": ""},
        # Its own text changes by the second.
        pytest.param({"X_Api_Key": signed(claims())}, id="a JWT that is no key"),
        {"X_Api_Key": "sok_live_\udcff\udcff\udcff\udcff\udcff\udcff\udcff\udcff"},
        {"Authorization": "Bearer not-known", "X_Api_Key": LIVE_KEY},
        {"X_Tenant_Id": "acme", "X_Api_Key_Id": "key_1"},
    ],
    ids=repr,
)
async def test_no_credentials_or_wrong_ones(headers: dict[str, str]) -> None:
    fault = await refused(authenticator(), request(**headers))
    assert fault.fault is Fault.UNAUTHENTICATED
    assert fault.headers[0][0] == "WWW-Authenticate"
    assert LIVE_KEY not in fault.detail


async def test_tokens_where_none_are_configured() -> None:
    fault = await refused(authenticator(tokens=False), request(Authorization=f"Bearer {signed(claims())}"))
    assert fault.fault is Fault.UNAUTHENTICATED


async def test_a_token_of_an_account_that_is_not_there() -> None:
    fault = await refused(authenticator(), request(Authorization=f"Bearer {signed(claims(account='gone'))}"))
    assert fault.fault is Fault.UNAUTHENTICATED


async def test_x_tenant_id_is_always_compared() -> None:
    auth = authenticator()
    for headers in ({"X_Api_Key": LIVE_KEY}, {"Authorization": f"Bearer {signed(claims())}"}):
        assert (await auth.caller(request(**headers, X_Tenant_Id="acme"))).account == "acme"
        for wrong in ("other", "", "ACME"):
            fault = await refused(auth, request(**headers, X_Tenant_Id=wrong))
            assert fault.fault is Fault.WRONG_TENANT


async def test_x_tenant_id_is_compared_with_the_tenant_claim_when_there_is_one() -> None:
    auth = authenticator(tenant_claim="tid")
    bearer = f"Bearer {signed(claims(tid='tenant-7'))}"
    assert (await auth.caller(request(Authorization=bearer, X_Tenant_Id="tenant-7"))).account == "acme"
    assert (
        await refused(auth, request(Authorization=bearer, X_Tenant_Id="acme"))
    ).fault is Fault.WRONG_TENANT


async def test_a_trusted_proxy_may_say_who_it_is() -> None:
    auth = authenticator()
    caller = await auth.caller(request(PROXY, X_Tenant_Id="acme", X_Api_Key_Id="kong-7"))
    assert (caller.account, caller.env, caller.key_id) == ("acme", Env.LIVE, "proxy:kong-7")
    assert Scope.ADMIN not in caller.scopes
    for headers in (
        {"X_Tenant_Id": "acme"},
        {"X_Api_Key_Id": "kong-7"},
        {"X_Tenant_Id": "gone", "X_Api_Key_Id": "kong-7"},
        {"X_Tenant_Id": "../x", "X_Api_Key_Id": "kong-7"},
        {"X_Tenant_Id": "acme", "X_Api_Key_Id": ""},
    ):
        assert (await refused(auth, request(PROXY, **headers))).fault is Fault.UNAUTHENTICATED


async def test_a_proxys_word_never_wins_over_credentials() -> None:
    asked = request(PROXY, X_Tenant_Id="other", X_Api_Key_Id="kong-7", X_Api_Key=LIVE_KEY)
    assert (await refused(authenticator(), asked)).fault is Fault.WRONG_TENANT


async def test_the_address_of_a_key_is_the_callers_and_only_a_proxy_may_tell_it() -> None:
    auth = authenticator()
    assert (await auth.caller(request("198.51.100.7", X_Api_Key=OFFICE_KEY))).account == "acme"
    forwarded = {"X_Api_Key": OFFICE_KEY, "X_Forwarded_For": "198.51.100.7"}
    assert (await auth.caller(request(PROXY, **forwarded))).account == "acme"
    assert (await refused(auth, request(STRANGER, **forwarded))).fault is Fault.UNAUTHENTICATED


async def test_a_scope_is_needed() -> None:
    auth = authenticator()
    assert (await auth.needing(Scope.READ_MESSAGES)(request(X_Api_Key=READ_ONLY_KEY))).account == "acme"
    with pytest.raises(RequestFault) as caught:
        await auth.needing(Scope.SEND_SMS)(request(X_Api_Key=READ_ONLY_KEY))
    assert caught.value.fault is Fault.SCOPE_MISSING
    assert 'scope="send:sms"' in caught.value.headers[0][1]
    assert (await auth.needing(Scope.SEND_SMS)(request(X_Api_Key=TEST_KEY))).env is Env.TEST
