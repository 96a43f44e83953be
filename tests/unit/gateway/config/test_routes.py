"""Routes as a file writes them become rules as routing takes them."""

import typing

import pytest
from pydantic import ValidationError

from gateway.config import RouteSettings
from gateway.config.routes import PriorityClass
from gateway.services.routes import CLASS_OF_PRIORITY
from routing.table import Rule, Weighted


def test_every_condition_reaches_the_rule() -> None:
    route = RouteSettings.model_validate(
        {
            "id": "otp",
            "to": ["+44", "+1"],
            "from": "ACME",
            "account": ["acme"],
            "class": ["otp", "marketing"],
            "regex": "7",
            "operators": ["alpha", {"beta": 3, "gamma": 1}],
        }
    )
    assert route.rule() == Rule(
        "otp",
        ((Weighted("alpha", 1),), (Weighted("beta", 3), Weighted("gamma", 1))),
        ("+44", "+1"),
        ("ACME",),
        ("acme",),
        ("otp", "marketing"),
        "7",
    )


def test_an_id_is_made_of_the_operators() -> None:
    assert RouteSettings(operators=("a", {"b": 1, "c": 2})).rule().id == "a-b-c"


def test_the_classes_are_those_of_the_services() -> None:
    assert set(typing.get_args(PriorityClass)) == set(CLASS_OF_PRIORITY.values())


@pytest.mark.parametrize(
    "operators", [None, [], 1, [1], [[]], [{}], [{"a": 0}], [{"a": "1"}], [{"a": 10**7}], {"a": 1}, [None]]
)
def test_operators_that_are_none(operators: object) -> None:
    with pytest.raises(ValidationError) as caught:
        RouteSettings.model_validate({"operators": operators})
    assert caught.value.error_count() == 1
