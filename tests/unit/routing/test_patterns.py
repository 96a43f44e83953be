"""Patterns: found somewhere, refused with a hint, and never slow."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.errors import PatternError
from routing.patterns import Pattern, check_pattern, check_script, of_scripts


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("code", "Your code is 1", True),
        ("code", "Your CODE is 1", False),
        ("(?i)code", "Your CODE is 1", True),
        (r"^\+447[0-9]{9}$", "+447700900123", True),
        (r"\bpin\b", "spinning", False),
        ("é", "café", True),
        ("", "anything", True),
        ("x", "\ud800x", True),  # half a character, as a broken tenant sends it
    ],
)
def test_found_somewhere(pattern: str, text: str, found: bool) -> None:
    assert Pattern(pattern).found_in(text) is found


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("(", "missing )"),
        ("(?=x)", "invalid perl operator"),
        (r"(a)\1", "invalid escape sequence"),
        ("a{1001}", "invalid repetition size"),
        (r"(\pL?){99}", "pattern too large"),
        ("a" * 501, "it has 501 characters"),
    ],
)
def test_refused_with_a_hint(pattern: str, said: str) -> None:
    with pytest.raises(PatternError) as caught:
        check_pattern(pattern)
    assert said in str(caught.value)
    assert caught.value.hint


CATASTROPHIC = ["(a+)+$", "(a|aa)+$", "(a*)*b", "(.*a){20}b", "([a-z]+)*!"]


@pytest.mark.parametrize("pattern", CATASTROPHIC)
def test_what_would_stop_python_s_own_engine_does_not_stop_this_one(pattern: str) -> None:
    """Python needs twice as long for each letter more: for these 3,200 longer than the world is old. That the test
    ends at all is what it shows."""
    re.compile(pattern)
    assert not Pattern(pattern).found_in("a" * 3200 + "?")


@given(st.text(max_size=60), st.text(max_size=60))
def test_whatever_is_written_is_refused_or_searched_for(pattern: str, text: str) -> None:
    try:
        compiled = Pattern(pattern)
    except PatternError:
        return
    assert compiled.found_in(text) in (True, False)


def test_scripts() -> None:
    texts = {"Cyrillic": "код 1", "Arabic": "رمز 1", "Han": "代码 1", "Greek": "κωδικός", "Latin": "code"}
    for script, text in texts.items():
        assert of_scripts((script,)).found_in(text)
        assert not of_scripts((script,)).found_in("12 !")
    for (script, _), (_, other) in pairwise(texts.items()):
        assert not of_scripts((script,)).found_in(other)
    assert of_scripts(("Greek", "Han")).found_in(texts["Han"])


@pytest.mark.parametrize("script", ["Klingon", "", "L", "Lu", "Han}|.{1", "^Han"])
def test_scripts_that_are_none(script: str) -> None:
    with pytest.raises(PatternError) as caught:
        check_script(script)
    assert "Cyrillic" in caught.value.hint
