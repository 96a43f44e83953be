"""What a text would be as a caller's message."""

from gateway.domain.account import Caller, Env, Policy
from gateway.domain.send import Refusal, Why
from gateway.services.preview import preview_text
from routing.preview import Preview


def a_caller(policy: Policy) -> Caller:
    return Caller("acme", Env.LIVE, policy, frozenset(), "key_1")


def test_by_the_account_s_own_policy() -> None:
    text = "It\u2019s " + "ğ" * 71
    plain = preview_text(a_caller(Policy()), text, 1600)
    assert isinstance(plain, Preview)
    assert (plain.segments.count, plain.segments.shift, plain.replacement.wanted) == (2, None, False)
    policy = Policy(smart_replacement=True, national_languages=frozenset({"tr"}))
    allowed = preview_text(a_caller(policy), text, 1600)
    assert isinstance(allowed, Preview)
    assert (allowed.segments.count, allowed.replacement.applied) == (1, True)
    assert str(allowed.segments.shift) == "single shift tr"


def test_through_the_gate_of_a_message() -> None:
    too_long = preview_text(a_caller(Policy()), "a" * 1601, 1600)
    assert isinstance(too_long, Refusal)
    assert too_long.why is Why.BODY_TOO_LONG
    assert preview_text(a_caller(Policy()), "", 1600) == Refusal(Why.BODY_EMPTY, "The text is empty.")
