"""Transports are found by their kind, and every one is whole."""

from __future__ import annotations

import inspect
from typing import get_args

import pytest

from gateway.domain.retry import RetryPolicy
from gateway.errors import OperatorError
from gateway.metrics import Metrics
from gateway.operators import simulated, smpp
from gateway.operators.settings import OperatorSettings
from gateway.operators.wiring import Wiring, find, kinds, make
from tests.unit.gateway.services.rig import NOW, Journal

WIRING = Wiring(Journal(), Metrics(), lambda: NOW, lambda: True)


def test_what_there_is() -> None:
    assert kinds() == ["simulated", "smpp"]


@pytest.mark.parametrize("kind", ["wiring", "settings", "smpp_config", "smpp_words", "carrier pigeon", ""])
def test_what_is_no_transport(kind: str) -> None:
    with pytest.raises(OperatorError, match="simulated, smpp"):
        find(kind)


@pytest.mark.parametrize("kind", kinds())
def test_every_transport_is_whole(kind: str) -> None:
    module = find(kind)
    config = module.Config
    assert module.kind == kind
    assert issubclass(config, OperatorSettings)
    assert get_args(config.model_fields["kind"].annotation) == (kind,)
    assert config.model_config["frozen"]
    assert inspect.isfunction(module.make)


@pytest.mark.parametrize("kind", kinds())
def test_every_no_has_its_reason(kind: str) -> None:
    for what, answer in find(kind).CAPABILITIES.items():
        assert answer is True or (isinstance(answer, str) and answer.startswith("no: ")), what


@pytest.mark.parametrize("kind", kinds())
def test_every_field_is_documented(kind: str) -> None:
    for name, field in find(kind).Config.model_fields.items():
        assert field.description, name


async def test_made_by_its_configuration() -> None:
    made = make(simulated.Config(id="sim"), WIRING)
    assert isinstance(made, simulated.SimulatedOperator)
    settings = smpp.Config.model_validate(
        {"id": "alpha", "kind": "smpp", "host": "127.0.0.1", "system_id": "x"}
    )
    assert isinstance(make(settings, WIRING), smpp.SmppOperator)


def test_the_gateway_s_patience() -> None:
    settings = simulated.Config.model_validate(
        {
            "id": "sim",
            "on_doubt": "resend",
            "on_doubt_wait_s": 7,
            "max_attempts": 3,
            "retry_steps_s": [1, 2],
            "resplit_on_failover": True,
        }
    )
    policy = settings.retry_policy()
    assert (policy.steps_s, policy.max_attempts, policy.on_doubt) == ((1.0, 2.0), 3, "resend")
    assert (policy.on_doubt_wait_s, policy.resplit_on_failover) == (7.0, True)


def test_the_defaults_are_the_core_s() -> None:
    assert simulated.Config(id="sim").retry_policy() == RetryPolicy()
