"""Who may ask: API keys with expiry, revocation and allowed addresses; tokens of three algorithms; trusted proxies."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
import pytest_asyncio
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from gateway.bench.child import free_port
from tests.acceptance.harness.api import Answer, Api, message, problem
from tests.acceptance.harness.gateway import Template
from tests.acceptance.harness.world import World, world

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.alike(why="who may ask is decided before the store does anything but look keys up"),
]

SECRET = b"a shared secret of at least 32 bytes"
ISSUER, AUDIENCE = "https://id.example.com/", "sms"
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC = ec.generate_private_key(ec.SECP256R1())
STRANGER = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def claims(**changes: Any) -> dict[str, Any]:
    """Claims of a good token; a change to None takes one away."""
    now = int(time.time())
    good = {
        "sub": "service-1",
        "iss": ISSUER,
        "aud": AUDIENCE,
        "iat": now,
        "exp": now + 300,
        "account": "acme",
        "tenant": "acme-uk",
    }
    return {name: value for name, value in {**good, **changes}.items() if value is not None}


def key_set() -> bytes:
    """The public halves as a JSON Web Key Set."""
    keys = [
        {**jwt.algorithms.RSAAlgorithm.to_jwk(RSA.public_key(), as_dict=True), "kid": "rsa-1", "use": "sig"},
        {**jwt.algorithms.ECAlgorithm.to_jwk(EC.public_key(), as_dict=True), "kid": "ec-1", "use": "sig"},
    ]
    return json.dumps({"keys": keys}).encode()


JWT = {"issuer": ISSUER, "audience": AUDIENCE, "tenant_claim": "tenant"}


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def shared_secret(template: Template, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """Takes HS256 tokens."""
    folder: Path = tmp_path_factory.mktemp("hs256")
    (folder / "jwt.secret").write_bytes(SECRET + b"\n")
    config = {
        "auth": {"jwt": {"hs256_secret_file": "jwt.secret", **JWT}},
        "http": {"trusted_proxies": ["127.0.0.1"]},
    }
    async with world(template, folder, config=config) as built:
        yield built


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def by_key_set(template: Template, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """Takes RS256 and ES256 tokens by a key set in a file."""
    folder: Path = tmp_path_factory.mktemp("jwks")
    (folder / "jwks.json").write_bytes(key_set())
    config = {"auth": {"jwt": {"jwks": "jwks.json", **JWT}}}
    async with world(template, folder, config=config) as built:
        yield built


async def asked(at: World, token: str, **headers: str) -> Answer:
    """A list with this token."""
    return await at.api.request("GET", "/v1/sms", headers={"Authorization": f"Bearer {token}", **headers})


def signed(**changes: Any) -> str:
    return jwt.encode(claims(**changes), SECRET, "HS256")


# --- tokens


async def test_hs256(shared_secret: World) -> None:
    token = signed()
    answer = await shared_secret.api.request(
        "POST", "/v1/sms/send", json=message(), headers={"Authorization": f"Bearer {token}"}
    )
    assert answer.status == 202
    assert (await shared_secret.api.message(answer.json["messageId"]))["status"], "the key's account sees it"


@pytest.mark.parametrize(("algorithm", "key", "kid"), [("RS256", RSA, "rsa-1"), ("ES256", EC, "ec-1")])
async def test_a_key_set(by_key_set: World, algorithm: str, key: Any, kid: str) -> None:
    token = jwt.encode(claims(), key, algorithm, headers={"kid": kid})
    assert (await asked(by_key_set, token)).status == 200


async def test_a_key_set_by_url(template: Template, tmp_path: Path) -> None:
    """A key that comes later is fetched when a token names it; while the URL is down, the keys in hand stay good."""
    published = {"keys": json.loads(key_set())["keys"][:1]}
    identity_provider = web.Server(lambda _request: served(published))
    runner = web.ServerRunner(identity_provider, shutdown_timeout=0.1)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    settings = {"jwks": f"http://127.0.0.1:{port}/jwks.json", "jwks_min_refresh_s": 0.01, **JWT}
    by_rsa = jwt.encode(claims(), RSA, "RS256", headers={"kid": "rsa-1"})
    by_ec = jwt.encode(claims(), EC, "ES256", headers={"kid": "ec-1"})
    try:
        async with world(template, tmp_path, config={"auth": {"jwt": settings}}) as at:
            assert (await asked(at, by_rsa)).status == 200
            problem(await asked(at, by_ec), 401, "UNAUTHENTICATED")
            published["keys"] = json.loads(key_set())["keys"]

            async def is_known() -> bool:
                return (await asked(at, by_ec)).status == 200

            await at.until(is_known, "the new key to be fetched")
            await runner.cleanup()
            later = jwt.encode(claims(sub="service-2"), EC, "ES256", headers={"kid": "ec-1"})
            assert (await asked(at, later)).status == 200
            assert (await at.gateway.health("ready"))[0] == 200
    finally:
        await runner.cleanup()


async def served(document: dict[str, Any]) -> web.Response:
    """A document as it is now."""
    return web.json_response(document)


async def test_a_token_sends_for_its_account_alone(shared_secret: World) -> None:
    identity = await shared_secret.other.sent()
    headers = {"Authorization": f"Bearer {signed()}"}
    answer = await shared_secret.api.request("GET", f"/v1/sms/{identity}", headers=headers)
    problem(answer, 404, "MESSAGE_NOT_FOUND")


async def test_the_tenant_header_is_compared_with_the_claim(shared_secret: World) -> None:
    assert (await asked(shared_secret, signed(), **{"X-Tenant-Id": "acme-uk"})).status == 200
    problem(await asked(shared_secret, signed(), **{"X-Tenant-Id": "acme"}), 403, "TENANT_MISMATCH")


async def test_scopes_of_a_token(shared_secret: World) -> None:
    reader = signed(scope="read:messages")
    assert (await asked(shared_secret, reader)).status == 200
    headers = {"Authorization": f"Bearer {reader}"}
    answer = await shared_secret.api.request("POST", "/v1/sms/send", json=message(), headers=headers)
    problem(answer, 403, "INSUFFICIENT_SCOPE")
    problem(await asked(shared_secret, signed(scope=["send:sms"])), 403, "INSUFFICIENT_SCOPE")


async def test_a_test_token_never_reaches_a_carrier(shared_secret: World) -> None:
    number = "+447700903001"
    headers = {"Authorization": f"Bearer {signed(env='test')}"}
    answer = await shared_secret.api.request("POST", "/v1/sms/send", json=message(to=number), headers=headers)
    found = await shared_secret.status(answer.json["messageId"], "DELIVERED", shared_secret.tester)
    assert found["operatorId"] == "simulated"
    assert shared_secret.submits(to=number) == []


def tampered(token: str) -> str:
    """The same signature below other claims."""
    head, _, signature = token.split(".")
    body = base64.urlsafe_b64encode(json.dumps(claims(account="other")).encode()).rstrip(b"=").decode()
    return f"{head}.{body}.{signature}"


def unsigned(algorithm: str) -> str:
    """A token that says it needs no signature."""
    parts = [{"alg": algorithm, "typ": "JWT"}, claims()]
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts]
    return ".".join([*encoded, ""])


NOW = int(time.time())
FORGED = {
    "alg none": unsigned("none"),
    "alg None": unsigned("None"),
    "no alg": unsigned(""),
    "wrong secret": jwt.encode(claims(), b"another secret of at least 32 bytes", "HS256"),
    "HS512": jwt.encode(claims(), SECRET * 2, "HS512"),
    "RS256 where HS256 is fixed": jwt.encode(claims(), RSA, "RS256"),
    "other claims": tampered(signed()),
    "cut": signed()[:-5],
    "expired": signed(exp=NOW - 3600, iat=NOW - 7200),
    "without exp": signed(exp=None),
    "exp is text": jwt.encode({**claims(), "exp": "never"}, SECRET, "HS256"),
    "not yet": signed(nbf=NOW + 3600),
    "another issuer": signed(iss="https://evil.example.com/"),
    "another audience": signed(aud="payments"),
    "without audience": signed(aud=None),
    "without account": signed(account=None),
    "account is a list": signed(account=["acme"]),
    "an account that does not exist": signed(account="nobody"),
    "an account name with a slash": signed(account="../acme"),
    "an environment that does not exist": signed(env="prod"),
    "scope is a number": signed(scope=7),
    "tenant is a number": signed(tenant=7),
    "dots": "..",
    "long": "a" * 6000 + ".b.c",
}


@pytest.mark.parametrize("token", FORGED.values(), ids=FORGED)
async def test_a_token_that_does_not_hold(shared_secret: World, token: str) -> None:
    before = await shared_secret.gateway.metrics()
    answer = await asked(shared_secret, token)
    document = problem(answer, 401, "UNAUTHENTICATED")
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]
    assert token not in document["detail"]
    after = await shared_secret.gateway.metrics()
    labels = {"source": "http", "kind": "UNAUTHENTICATED"}
    assert after.value("bad_input_total", **labels) == before.value("bad_input_total", **labels) + 1


def by_public_key() -> str:
    """The classic confusion: HMAC with the public key's text as the secret."""
    secret = json.dumps(json.loads(key_set())["keys"][0]).encode()
    head = {"alg": "HS256", "typ": "JWT", "kid": "rsa-1"}
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (head, claims())]
    signature = hmac.new(secret, b".".join(encoded), hashlib.sha256).digest()
    return b".".join([*encoded, base64.urlsafe_b64encode(signature).rstrip(b"=")]).decode()


STRANGERS = {
    "another key under a known id": jwt.encode(claims(), STRANGER, "RS256", headers={"kid": "rsa-1"}),
    "an unknown id": jwt.encode(claims(), RSA, "RS256", headers={"kid": "rsa-9"}),
    "no id among several keys": jwt.encode(claims(), RSA, "RS256"),
    "the EC id on an RSA signature": jwt.encode(claims(), RSA, "RS256", headers={"kid": "ec-1"}),
    "RS512": jwt.encode(claims(), RSA, "RS512", headers={"kid": "rsa-1"}),
    "HMAC with the public key": by_public_key(),
    "alg none": unsigned("none"),
}


@pytest.mark.parametrize("token", STRANGERS.values(), ids=STRANGERS)
async def test_a_token_by_another_key(by_key_set: World, token: str) -> None:
    problem(await asked(by_key_set, token), 401, "UNAUTHENTICATED")


# --- trusted proxies


async def test_a_trusted_proxy_speaks_for_a_tenant(shared_secret: World) -> None:
    stranger = shared_secret.api.as_caller("")
    headers = {"X-Tenant-Id": "acme", "X-Api-Key-Id": "kong-key-7"}
    answer = await stranger.request("POST", "/v1/sms/send", json=message(), headers=headers)
    assert answer.status == 202
    assert (await shared_secret.api.message(answer.json["messageId"]))["to"] == message()["to"]
    alone = await stranger.request("GET", "/v1/sms", headers={"X-Tenant-Id": "acme"})
    problem(alone, 401, "UNAUTHENTICATED")
    nobody = await stranger.request("GET", "/v1/sms", headers={**headers, "X-Tenant-Id": "nobody"})
    problem(nobody, 401, "UNAUTHENTICATED")


async def test_an_allowed_address_is_looked_for_behind_the_proxy(shared_secret: World) -> None:
    api = await key(shared_secret, "--allow-from", "203.0.113.0/24")
    problem(await api.list(), 401, "UNAUTHENTICATED")
    for forwarded, status in (
        ("203.0.113.9", 200),
        ("203.0.113.9, 127.0.0.1", 200),
        ("203.0.113.9, 198.51.100.1", 401),
        ("198.51.100.1", 401),
        ("nonsense", 401),
    ):
        answer = await api.request("GET", "/v1/sms", headers={"X-Forwarded-For": forwarded})
        assert answer.status == status, forwarded


# --- keys


async def key(at: World, *words: str) -> Api:
    """The API with a new key of acme."""
    made = await at.gateway.cli("key", "create", "acme", *words, "--json")
    return at.api.as_caller(made.json["key"])


async def test_a_key_as_bearer_and_in_its_own_header(shared: World) -> None:
    for headers in ({"X-Api-Key": shared.api.key}, {"Authorization": f"Bearer {shared.api.key}"}):
        answer = await shared.api.request("GET", "/v1/sms", headers=headers)
        assert answer.status == 200


@pytest.mark.differs
async def test_a_revoked_key_is_refused_from_the_next_request(shared: World) -> None:
    api = await key(shared)
    assert (await api.list()).status == 200
    assert (await api.list()).status == 200, "now it is known to the process"
    await shared.gateway.cli("key", "revoke", api.key)
    problem(await api.list(), 401, "UNAUTHENTICATED")
    await shared.gateway.cli("key", "revoke", api.key, status=1)


async def test_an_expired_key(shared: World) -> None:
    soon, api = await expiring(shared)
    first = await api.list()
    assert first.status == 200 or datetime.now(UTC) >= soon, "it holds until then"

    async def is_refused() -> bool:
        return (await api.list()).status == 401

    await shared.until(is_refused, "the key to expire")
    assert datetime.now(UTC) >= soon


async def expiring(at: World) -> tuple[datetime, Api]:
    """A key that holds for some seconds yet, however long this machine takes to make it."""
    for lead_s in (2, 8, 32):
        soon = datetime.now(UTC) + timedelta(seconds=lead_s)
        made = key(at, "--expires", soon.isoformat(timespec="milliseconds"))
        with contextlib.suppress(AssertionError):  # refused, for it has expired already
            api = await made
            if datetime.now(UTC) < soon:
                return soon, api
    raise AssertionError("no key could be made in half a minute")


async def test_allowed_addresses(shared: World) -> None:
    elsewhere = await key(shared, "--allow-from", "192.0.2.0/24", "--allow-from", "2001:db8::/32")
    problem(await elsewhere.list(), 401, "UNAUTHENTICATED")
    forwarded = await elsewhere.request("GET", "/v1/sms", headers={"X-Forwarded-For": "192.0.2.7"})
    problem(forwarded, 401, "UNAUTHENTICATED")
    here = await key(shared, "--allow-from", "192.0.2.0/24", "--allow-from", "127.0.0.0/8")
    assert (await here.list()).status == 200


async def test_a_disabled_account(shared: World) -> None:
    await shared.gateway.cli("account", "set", "other", "disabled=true")
    problem(await shared.other.list(), 401, "UNAUTHENTICATED")
    await shared.gateway.cli("account", "set", "other", "disabled=false")
    assert (await shared.other.list()).status == 200


@pytest.mark.differs
async def test_no_key_stands_in_the_store(shared: World) -> None:
    """Keys are kept as SHA-256, webhook secrets sealed: neither is in any row or any file of the store."""
    secrets = [shared.api.key, shared.template.test_key, shared.template.secret.removeprefix("whsec_")]
    raw_secret = base64.b64decode(secrets[-1])
    rows = await shared.store.dump()
    assert "whsec" in rows or "secrets_sealed" in rows, "the account is there"
    assert not [secret for secret in (*secrets, raw_secret.hex()) if secret in rows]
    for path in shared.gateway.folder.glob("trunkline*"):
        octets = path.read_bytes()
        assert not [secret for secret in secrets if secret.encode() in octets], path.name
        assert raw_secret not in octets, path.name
    key_file = shared.gateway.folder / "trunkline.key"
    assert key_file.stat().st_mode & 0o077 == 0, "the key file is for its owner alone"
