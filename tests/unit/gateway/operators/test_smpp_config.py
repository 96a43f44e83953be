"""Settings of a carrier with which nothing would be bound, or worse: refused before they are in force."""

from __future__ import annotations

import types
import typing

import annotated_types
import pytest
from pydantic import BaseModel, ValidationError

from gateway.config import Config as Whole
from gateway.config.explain import model_of
from gateway.operators.simulated import Config as Simulated
from gateway.operators.smpp_config import Config, message_ids_of
from smpp.message_ids import IdRule


def made(**values: object) -> Config:
    """A carrier with these settings."""
    return Config.model_validate({"id": "alpha", "host": "127.0.0.1", "system_id": "esme", **values})


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "::1",
        "fe80::1%eth0",
        "smsc",
        "smsc.example.net",
        "smsc.example.net.",
        "smsc_1.internal",
        "a" * 63,
    ],
)
def test_a_host(host: str) -> None:
    assert made(host=host, source_host=host).host == host


@pytest.mark.parametrize(
    "host",
    [
        "",
        " 127.0.0.1",
        "127.0.0.1:2775",
        "smpp://smsc.example.net",
        "[::1]",
        "smsc..net",
        "smsc.example.net\n",
        "a\0b",
        "smsc\u2026",
        "a" * 64,
        "a." * 130 + "a",
    ],
)
def test_what_is_no_host(host: str) -> None:
    with pytest.raises(ValidationError, match="write a name or an address alone"):
        made(host=host)
    with pytest.raises(ValidationError) if host else pytest.MonkeyPatch.context():
        made(source_host=host)


@pytest.mark.parametrize("key", ["system_id", "password", "system_type"])
@pytest.mark.parametrize("text", ["\u20acuro", "a\0b"])
def test_what_no_bind_can_say(key: str, text: str) -> None:
    """And the error does not tell the password."""
    with pytest.raises(ValidationError) as caught:
        made(**{key: text})
    (error,) = caught.value.errors(include_input=False)
    assert f"`{key}` has a character that SMPP can't carry there" in error["msg"]
    assert text not in error["msg"]


def test_rates() -> None:
    for key in ("rate_per_s", "rate_per_bind_per_s", "rate_per_sender_per_s"):
        for right in (0, 0.1, 0.001, 1_000_000):
            assert getattr(made(**{key: right}), key) == right
        for wrong in (-1, 1e-300, 1e300, float("inf"), float("nan")):
            with pytest.raises(ValidationError, match=key):
                made(**{key: wrong})
    for wrong in (0, 1e-300, float("inf")):
        with pytest.raises(ValidationError, match="rate_per_prefix"):
            made(rate_per_prefix={"+44": wrong})


@pytest.mark.parametrize("steps", [[-1], [1e300], [float("inf")], [float("nan")]])
def test_pauses_that_no_clock_can_tell(steps: list[float]) -> None:
    with pytest.raises(ValidationError, match="retry_steps_s"):
        made(retry_steps_s=steps)


def floats(model: type[BaseModel], path: str = "") -> typing.Iterator[tuple[str, typing.Any]]:
    """Every number with a fraction that a configuration may hold: its name, and what bounds it."""
    for name, field in model.model_fields.items():
        inner = model_of(field.annotation)
        if inner is not None:
            yield from floats(inner, f"{path}{name}.")
        elif field.annotation is float:
            yield f"{path}{name}", field.metadata
        else:
            for each in typing.get_args(field.annotation):
                if typing.get_origin(each) is typing.Annotated and each.__origin__ is float:
                    yield f"{path}{name}", each.__metadata__[0].metadata


def test_no_number_is_without_end() -> None:
    """In 1e300 s, or inf, is no date any more: it would show when somebody counts with it, at night."""
    unbounded = types.SimpleNamespace(found=[], seen=0)
    for model in (Whole, Config, Simulated):
        for name, metadata in floats(model, f"{model.__module__}: "):
            unbounded.seen += 1
            if not any(isinstance(bound, (annotated_types.Le, annotated_types.Lt)) for bound in metadata):
                unbounded.found.append(name)
    assert unbounded.found == []
    assert unbounded.seen > 20


@pytest.mark.parametrize(
    ("answered", "receipted", "rule"),
    [
        ("4d2", "4d2", IdRule.AS_IS),
        ("4d2", "1234", IdRule.HEX_THEN_DECIMAL),
        ("00001234", "1234", IdRule.ZEROS),
        ("4d2", "9", IdRule.ANY),  # nothing explains it, so nothing is left out
    ],
)
def test_a_pair_of_ids_tells_its_message_ids(answered: str, receipted: str, rule: IdRule) -> None:
    assert message_ids_of(answered, receipted) is rule
    if rule is not IdRule.ANY:
        assert answered in made(message_ids=rule.value).refs_like(receipted)


@pytest.mark.parametrize(
    "other",
    [
        {"host": "127.0.0.2"},
        {"port": 2776},
        {"system_id": "esme2"},
        {"host": "127.0.0.1", "port": 1, "system_id": "2775esme"},
    ],
)
def test_another_carrier_has_another_digest(other: dict[str, object]) -> None:
    assert made(**other).carrier_digest() != made().carrier_digest()


def test_the_same_carrier_has_the_same_digest_however_it_is_used() -> None:
    settings = {"id": "beta", "password": "secret", "window": 50, "binds": 4, "tls": True, "rate_per_s": 7.0}
    assert made(**settings).carrier_digest() == made().carrier_digest()
    assert made(host="SMSC.Example.NET.").carrier_digest() == made(host="smsc.example.net").carrier_digest()
    assert len(made().carrier_digest()) == 64


def test_a_simulated_one_is_no_carrier_s() -> None:
    assert Simulated(id="alpha").carrier_digest() == Simulated(id="beta").carrier_digest()
    assert Simulated(id="alpha").carrier_digest() != made().carrier_digest()
