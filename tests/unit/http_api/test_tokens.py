"""Tokens: each way in which one is forged, stale or for somebody else; key sets that change or are out of reach."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from gateway.domain.account import DEFAULT_SCOPES, Env
from http_api.settings import JwtSettings
from http_api.tokens import Identity, KeySet, TokenError, TokenVerifier, read_key_set

SECRET = b"0123456789abcdef0123456789abcdef"
NOW = 1_776_506_400.0

RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())


class Clock:
    """A clock that a test moves. PyJWT reads the system's own, so tokens carry times around it."""

    def __init__(self, at: float = 0.0) -> None:
        self.at = at

    def __call__(self) -> float:
        return self.at


def claims(**changed: Any) -> dict[str, Any]:
    """Good claims, for an hour from now by the system's clock."""
    import time

    now = int(time.time())
    given = {"account": "acme", "sub": "user-1", "iat": now, "exp": now + 3600, **changed}
    return {name: value for name, value in given.items() if value is not None}


def hs256(
    settings: JwtSettings | None = None, now: Callable[[], float] | None = None, bound: int = 10
) -> TokenVerifier:
    """A verifier with a shared secret."""
    settings = settings or JwtSettings(hs256_secret_file="secret")
    return TokenVerifier(settings, hs256_secret=SECRET, keys=None, now=now or Clock(), bound=bound)


def signed(payload: dict[str, Any], key: Any = SECRET, algorithm: str = "HS256", **headers: Any) -> str:
    """A token."""
    return jwt.encode(payload, key, algorithm=algorithm, headers=headers)


def unsigned(payload: dict[str, Any], algorithm: str = "none") -> str:
    """What an attacker writes without any key."""

    def part(data: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(data).encode()).rstrip(b"=").decode()

    return f"{part({'alg': algorithm, 'typ': 'JWT'})}.{part(payload)}."


def jwk(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, kid: str) -> dict[str, Any]:
    """The public half as an entry of a key set."""
    if isinstance(key, rsa.RSAPrivateKey):
        public: dict[str, Any] = RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
        return {**public, "kid": kid, "alg": "RS256", "use": "sig"}
    return {**ECAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": kid, "alg": "ES256", "use": "sig"}


class KeySource:
    """A key set's URL: what it serves now, how often it was asked, and whether it is down."""

    def __init__(self, *keys: dict[str, Any]) -> None:
        self.keys = list(keys)
        self.fetched = 0
        self.down = False

    async def __call__(self, source: str) -> bytes:
        assert source == "https://id.example/jwks"
        self.fetched += 1
        if self.down:
            raise ConnectionError("refused")
        return json.dumps({"keys": self.keys}).encode()


def by_key_set(source: KeySource, clock: Clock, **settings: Any) -> TokenVerifier:
    """A verifier with a key set from a URL, refreshed every 600 s, at most every 30 s."""
    keys = KeySet("https://id.example/jwks", source, 600.0, 30.0, clock)
    return TokenVerifier(
        JwtSettings(jwks="https://id.example/jwks", **settings), hs256_secret=None, keys=keys, now=Clock()
    )


async def test_a_good_token_says_who_it_is() -> None:
    token = signed(claims())
    identity = await hs256().verify(token)
    assert identity == Identity(
        "acme",
        "acme",
        Env.LIVE,
        frozenset(DEFAULT_SCOPES),
        "user-1",
        float(jwt.decode(token, options={"verify_signature": False})["exp"]),
    )


async def test_environment_scopes_and_tenant_are_claims() -> None:
    settings = JwtSettings(
        hs256_secret_file="x", tenant_claim="tid", account_claim="org", scope_claim="scp", env_claim="mode"
    )
    token = signed(claims(account=None, org="acme", tid="tenant-7", scp=["send:sms"], mode="test"))
    identity = await hs256(settings).verify(token)
    assert (identity.account, identity.tenant, identity.env) == ("acme", "tenant-7", Env.TEST)
    assert identity.scopes == {"send:sms"}
    text = await hs256(settings).verify(
        signed(claims(account=None, org="acme", scp="send:sms read:messages"))
    )
    assert text.scopes == {"send:sms", "read:messages"}
    assert text.tenant == "acme"


@pytest.mark.parametrize(
    ("token", "why"),
    [
        (lambda: unsigned(claims()), "algorithm"),
        (lambda: unsigned(claims(), "None"), "algorithm"),
        (lambda: unsigned(claims(), "HS256"), "signature|read"),
        (lambda: signed(claims(), SECRET + b"x"), "signature"),
        (lambda: signed(claims(), RSA_KEY, "RS256"), "algorithm"),
        (lambda: signed(claims(), SECRET * 2, "HS512"), "algorithm"),
        (lambda: signed(claims(exp=1)), "expired"),
        (lambda: signed(claims(nbf=claims()["exp"])), "not valid yet"),
        (lambda: signed(claims(exp=None)), "no claim 'exp'"),
        (lambda: signed(claims(account=None)), "no claim 'account'"),
        (lambda: signed(claims(account=7)), "account name"),
        (lambda: signed(claims(account="../etc")), "account name"),
        (lambda: signed(claims(env="prod")), "neither 'live' nor 'test'"),
        (lambda: signed(claims(scope=7)), "list of texts"),
        (lambda: signed(claims(scope=["a", 7])), "list of texts"),
        (lambda: signed(claims(exp="soon")), "read"),
        (lambda: "", "read"),
        (lambda: "a.b.c", "read"),
        (lambda: "x" * 10_000, "read"),
    ],
)
async def test_tokens_that_are_not_taken(token: Callable[[], str], why: str) -> None:
    with pytest.raises(TokenError, match=why):
        await hs256().verify(token())


async def test_issuer_and_audience_when_they_are_configured() -> None:
    verifier = hs256(JwtSettings(hs256_secret_file="x", issuer="https://id.example", audience="sms"))
    good = claims(iss="https://id.example", aud=["other", "sms"])
    assert (await verifier.verify(signed(good))).account == "acme"
    for changed, why in (
        ({"iss": "https://evil.example"}, "issuer"),
        ({"aud": "mail"}, "audience"),
        ({"iss": None}, "iss"),
        ({"aud": None}, "aud"),
    ):
        with pytest.raises(TokenError, match=why):
            await verifier.verify(
                signed({name: value for name, value in {**good, **changed}.items() if value is not None})
            )


async def test_a_verified_token_is_remembered_until_it_expires_and_within_a_bound() -> None:
    clock = Clock()
    verifier = hs256(JwtSettings(hs256_secret_file="x", leeway_s=5), clock, bound=2)
    token = signed(claims())
    first = await verifier.verify(token)
    assert await verifier.verify(token) is first
    clock.at = first.expires_at + 6
    assert await verifier.verify(token) is not first, "it was verified anew"
    clock.at = 0.0
    again = await verifier.verify(token)
    for number in range(2):
        await verifier.verify(signed(claims(sub=f"user-{number + 2}")))
    assert await verifier.verify(token) is not again, "the oldest was forgotten"


@pytest.mark.parametrize(("key", "algorithm"), [(RSA_KEY, "RS256"), (EC_KEY, "ES256")])
async def test_signatures_by_a_key_of_the_set(key: Any, algorithm: str) -> None:
    source = KeySource(jwk(RSA_KEY, "r1"), jwk(EC_KEY, "e1"))
    verifier = by_key_set(source, Clock())
    kid = "r1" if algorithm == "RS256" else "e1"
    assert (await verifier.verify(signed(claims(), key, algorithm, kid=kid))).account == "acme"
    with pytest.raises(TokenError):
        await verifier.verify(signed(claims(), key, algorithm, kid="e1" if kid == "r1" else "r1"))
    assert source.fetched == 1


async def test_a_public_key_is_no_shared_secret() -> None:
    """The classic confusion: HS256 with the text of the public key."""
    source = KeySource(jwk(RSA_KEY, "r1"))
    forged = unsigned(claims(), "HS256")
    with pytest.raises(TokenError, match="algorithm"):
        await by_key_set(source, Clock()).verify(forged)


async def test_an_unknown_key_refreshes_the_set_but_not_again_and_again() -> None:
    clock, source = Clock(1000.0), KeySource(jwk(RSA_KEY, "old"))
    verifier = by_key_set(source, clock)
    assert (await verifier.verify(signed(claims(), RSA_KEY, "RS256", kid="old"))).account == "acme"
    source.keys = [jwk(OTHER_RSA_KEY, "new")]
    for number in range(20):
        with pytest.raises(TokenError, match="key set"):
            await verifier.verify(signed(claims(), RSA_KEY, "RS256", kid=f"invented-{number}"))
    assert source.fetched == 1, "within 30 s of the fetch before"
    clock.at += 31
    assert (await verifier.verify(signed(claims(sub="b"), OTHER_RSA_KEY, "RS256", kid="new"))).subject == "b"
    assert source.fetched == 2


async def test_keys_in_hand_stay_good_while_the_url_is_down() -> None:
    clock, source = Clock(1000.0), KeySource(jwk(RSA_KEY, "k"))
    verifier = by_key_set(source, clock)
    await verifier.verify(signed(claims(), RSA_KEY, "RS256", kid="k"))
    source.down = True
    clock.at += 601
    assert (await verifier.verify(signed(claims(sub="b"), RSA_KEY, "RS256", kid="k"))).subject == "b"
    assert (await verifier.verify(signed(claims(sub="c"), RSA_KEY, "RS256", kid="k"))).subject == "c"
    assert source.fetched == 2, "the second look within 30 s did not fetch"
    source.down, clock.at = False, clock.at + 31
    source.keys = []
    with pytest.raises(TokenError, match="key set"):
        await verifier.verify(signed(claims(sub="d"), RSA_KEY, "RS256", kid="k"))


async def test_a_set_that_was_never_reached_lets_nobody_in() -> None:
    source = KeySource()
    source.down = True
    with pytest.raises(TokenError, match="key set"):
        await by_key_set(source, Clock()).verify(signed(claims(), RSA_KEY, "RS256", kid="k"))


async def test_without_a_key_id_the_only_key_is_meant() -> None:
    token = signed(claims(), RSA_KEY, "RS256")
    assert (await by_key_set(KeySource(jwk(RSA_KEY, "k")), Clock()).verify(token)).account == "acme"
    with pytest.raises(TokenError, match="key set"):
        await by_key_set(KeySource(jwk(RSA_KEY, "k"), jwk(EC_KEY, "e")), Clock()).verify(token)


def test_only_public_signing_keys_of_a_set_are_used() -> None:
    symmetric = {"kty": "oct", "kid": "s", "k": "c2VjcmV0"}
    encryption = {**jwk(RSA_KEY, "enc"), "use": "enc"}
    broken = {"kty": "RSA", "kid": "broken", "n": "!", "e": "AQAB"}
    document = json.dumps({"keys": [symmetric, encryption, broken, 7, jwk(EC_KEY, "e")]}).encode()
    assert list(read_key_set(document)) == ["e"]


@pytest.mark.parametrize("document", [b"", b"<html>", b"[]", b'{"keys": 7}', b"\xff"])
def test_documents_that_are_no_key_set(document: bytes) -> None:
    with pytest.raises(ValueError, match="not a JSON Web Key Set"):
        read_key_set(document)


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        TokenVerifier(JwtSettings(hs256_secret_file="x"), hs256_secret=b"short", keys=None, now=Clock())
    with pytest.raises(ValueError, match="shared secret or a key set"):
        TokenVerifier(JwtSettings(hs256_secret_file="x"), hs256_secret=None, keys=None, now=Clock())
