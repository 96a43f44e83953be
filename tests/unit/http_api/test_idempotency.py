"""Idempotency keys: which are keys, and what makes two requests the same."""

from __future__ import annotations

import hashlib

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.account import Env
from http_api.errors import RequestFault
from http_api.exchange import Request
from http_api.idempotency import body_digest, idempotency_key, key_digest
from tests.unit.http_api.memory import caller


def request(**headers: str) -> Request:
    """A send by `acme`."""
    made = Request(
        "POST",
        "/v1/sms/send",
        "",
        {name.replace("_", "-").lower(): value for name, value in headers.items()},
        "",
    )
    made.caller = caller()
    return made


def test_the_digest_is_the_documents_hash_in_its_environment_and_sub_tenant() -> None:
    of_document = hashlib.sha256(b"acme:order-1").digest()  # document 000, 4
    assert key_digest(caller(), "order-1") == hashlib.sha256(b"live\0\0" + of_document).digest()
    digests = {
        key_digest(who, "order-1")
        for who in (
            caller(),
            caller(env=Env.TEST),
            caller("other"),
            caller(sub_tenant="a"),
            caller(sub_tenant="b"),
        )
    }
    assert len(digests) == 5


def test_the_key_holds_method_path_and_body() -> None:
    key = idempotency_key(request(Idempotency_Key="order-1"), {"b": 1, "a": 2})
    assert key is not None
    assert (key.method, key.path) == ("POST", "/v1/sms/send")
    assert key.body_digest == hashlib.sha256(b'{"a":2,"b":1}').digest()


def test_without_the_header_there_is_no_key() -> None:
    assert idempotency_key(request(), {}) is None


@pytest.mark.parametrize("value", ["", " ", "a b", "x" * 256, "a\x7f", "é"])
def test_values_that_are_no_key(value: str) -> None:
    with pytest.raises(RequestFault, match="1 to 255 visible"):
        idempotency_key(request(Idempotency_Key=value), {})


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4)
    ),
    max_leaves=10,
)


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), json_values, max_size=5))
def test_order_and_white_space_do_not_matter(document: dict[str, object]) -> None:
    shuffled = dict(reversed(document.items()))
    spaced = orjson.dumps(shuffled, option=orjson.OPT_INDENT_2)
    assert body_digest(document, b"") == body_digest(orjson.loads(spaced), spaced)


def test_half_a_surrogate_pair_is_compared_as_it_was_written() -> None:
    assert body_digest({"body": "\ud83d"}, b"one") == body_digest({"body": "\ud83d"}, b"one")
    assert body_digest({"body": "\ud83d"}, b"one") != body_digest({"body": "\ud83d"}, b"two")
