"""Routes as a file writes them become rules as routing takes them."""

import typing

import pytest
from pydantic import ValidationError

from gateway.config import RouteSettings
from gateway.config.routes import PriorityClass
from gateway.services.routes import CLASS_OF_PRIORITY
from routing.rules import By, FailoverOn, Rule, Weighted


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


def test_every_way_to_choose_reaches_the_rule() -> None:
    rule = RouteSettings.model_validate(
        {
            "text": "code",
            "script": "Cyrillic",
            "hours": ["mon-fri 08:00-20:00", "sat 10:00-14:00"],
            "zone": "Europe/London",
            "metadata": {"campaign": "spring", "tags": ["a", "b"]},
            "by": "cost",
            "failover_on": ["rejected", "undeliverable"],
            "failover_within_s": 60,
            "operators": ["alpha", "beta"],
        }
    ).rule()
    assert (rule.text, rule.scripts) == ("code", ("Cyrillic",))
    assert rule.hours is not None
    assert rule.hours.text == "mon-fri 08:00-20:00, sat 10:00-14:00 (Europe/London)"
    assert rule.metadata == {"campaign": ("spring",), "tags": ("a", "b")}
    assert (rule.by, rule.failover_on, rule.within_s) == (By.COST, frozenset(FailoverOn), 60)
    assert rule.operators == ((Weighted("alpha"), Weighted("beta")),), "by cost they are one group"
    assert RouteSettings(operators=({"a": 1, "b": 2},), sticky=True).rule().sticky
    assert RouteSettings(operators=("a",), failover_on=frozenset()).rule().failover_on == frozenset()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"hours": "8-20"}, "is no span of time"),
        ({"zone": "Europe/Nowhere"}, "there is no time zone"),
        ({"zone": "../../etc/passwd"}, "there is no time zone"),
        ({"by": "cost", "operators": [{"a": 1}]}, "without weights"),
        ({"by": "cost", "sticky": True}, "`sticky` is for weights"),
        ({"failover_on": ["whenever"]}, "'rejected' or 'undeliverable'"),
        ({"failover_within_s": 0}, "greater than 0"),
        ({"metadata": {"a": 1}}, "tuple"),
    ],
)
def test_what_does_not_go_together(fields: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        RouteSettings.model_validate({"operators": ["a"], **fields})
    assert said in str(caught.value)


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
