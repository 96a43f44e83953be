"""A part's id in two notations: those of users' complaints, by thread, and what is learned from pairs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp.message_ids import IdRule, Learner, answered_as, rule_of

NUMBERS = [
    (
        "33647f6c",
        "862224236",
        IdRule.HEX_THEN_DECIMAL,
    ),  # Vonage: hexadecimal in the answer, decimal in the receipt
    ("862224236", "33647f6c", IdRule.DECIMAL_THEN_HEX),
    ("812FC7470000001B", "9308878062554710043", IdRule.HEX_THEN_DECIMAL),  # jookies/jasmin#586
    ("0E99", "E99", IdRule.ZEROS),  # jookies/jasmin#643: a leading zero
    ("0e99", "E99", IdRule.ZEROS),
    ("706678557", "0706678557", IdRule.ZEROS),
    ("12345678", "0000000012345678", IdRule.ZEROS),
    ("bc614e", "0000000012345678", IdRule.HEX_THEN_DECIMAL),
    ("00BC614E", "12345678", IdRule.HEX_THEN_DECIMAL),
]


@pytest.mark.parametrize(("answered", "receipted", "rule"), NUMBERS)
def test_one_number_in_two_notations(answered: str, receipted: str, rule: IdRule) -> None:
    assert answered in answered_as(receipted)
    assert receipted in answered_as(answered)
    assert rule_of(answered, receipted) is rule
    assert answered in answered_as(receipted, rule)


@pytest.mark.parametrize(("answered", "receipted", "rule"), NUMBERS)
def test_a_rule_looks_for_no_more_than_it_says(answered: str, receipted: str, rule: IdRule) -> None:
    others = {IdRule.AS_IS, IdRule.CASE, IdRule.HEX_THEN_DECIMAL, IdRule.DECIMAL_THEN_HEX} - {rule}
    for other in others:
        assert answered not in answered_as(receipted, other), other


@pytest.mark.parametrize(
    "ref",
    ["SAR-2347039245475-1-2-1", "64567564356765435676000", "0", "", "\u0661\u0662\u0663"],
)
def test_what_is_no_number_has_no_other_notation(ref: str) -> None:
    assert answered_as(ref)[0] == ref
    assert {form.upper() for form in answered_as(ref)} == {ref.upper()}


@pytest.mark.parametrize(
    "ref",
    [
        "0e999f21-81ef-4974-a414-3de98174e3c7",  # jookies/jasmin#1123: no number, whatever it begins with
        "5be9f816f19992a78c8e26442f8afa50",  # without hyphens: 128 bits
        "rdwjwxns18krxr9936ey96ymcw",
    ],
)
def test_an_id_with_letters_differs_in_case_alone(ref: str) -> None:
    assert answered_as(ref) == (ref, ref.upper())
    assert rule_of(ref, ref.upper()) is IdRule.CASE
    assert answered_as(ref, IdRule.AS_IS) == (ref,)


def test_two_ids_of_two_parts_have_no_rule() -> None:
    assert rule_of("1234", "9999") is None


@given(st.text(max_size=24) | st.text("0123456789abcdefABCDEF", max_size=24), st.sampled_from(IdRule))
def test_the_forms_of_an_id_begin_with_it_and_are_few(ref: str, rule: IdRule) -> None:
    forms = answered_as(ref, rule)
    assert forms[0] == ref
    assert len(set(forms)) == len(forms) <= 24


@given(st.integers(1, 2**64 - 1))
def test_every_number_is_found_in_its_other_notation(number: int) -> None:
    assert f"{number:x}" in answered_as(str(number), IdRule.HEX_THEN_DECIMAL)
    assert f"{number:X}" in answered_as(str(number))
    assert str(number) in answered_as(f"{number:X}", IdRule.DECIMAL_THEN_HEX)


# --- learned from pairs

FIRST = 0xA0000


def learn(pairs: list[tuple[str, str]]) -> Learner:
    learner = Learner()
    for answered, _ in pairs:
        learner.answered(answered)
    for _, receipted in pairs:
        learner.receipted(receipted)
    return learner


@pytest.mark.parametrize(
    ("answer", "receipt", "rule"),
    [
        ("{:x}", "{:d}", IdRule.HEX_THEN_DECIMAL),
        ("{:d}", "{:X}", IdRule.DECIMAL_THEN_HEX),
        ("{:d}", "{:d}", IdRule.AS_IS),
        ("{:016d}", "{:d}", IdRule.ZEROS),
        ("{:X}-Q", "{:x}-q", IdRule.CASE),
    ],
)
def test_a_habit_is_learned_from_eight_pairs_that_agree(answer: str, receipt: str, rule: IdRule) -> None:
    numbers = range(FIRST, FIRST + Learner.ENOUGH)
    pairs = [(answer.format(number), receipt.format(number)) for number in numbers]
    assert learn(pairs[:-1]).rule is None
    assert learn(pairs).rule is rule


def test_receipts_of_nobody_teach_nothing() -> None:
    learner = Learner()
    assert not any(learner.receipted(str(number)) for number in range(100))
    assert learner.rule is None


def test_it_tells_once_that_it_has_learned() -> None:
    learner = Learner()
    told = []
    for number in range(3 * Learner.ENOUGH):
        learner.answered(f"q{number}")
        told.append(learner.receipted(f"q{number}"))
    assert told.count(True) == 1


def test_answers_without_receipts_are_forgotten() -> None:
    learner = Learner()
    for number in range(Learner.KEPT + 1):
        learner.answered(f"q{number}")
    for _ in range(Learner.ENOUGH):
        learner.receipted("q0")
    assert learner.rule is None
    for _ in range(Learner.ENOUGH):
        learner.receipted("q1")
    assert learner.rule is IdRule.AS_IS
