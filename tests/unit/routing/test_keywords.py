"""STOP, START and HELP as people write them, and what only looks like them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.errors import VocabularyError
from routing.keywords import (
    DEFAULT,
    HELP_WORDS,
    START_WORDS,
    STOP_PHRASES,
    STOP_WORDS,
    Action,
    Keyword,
    Vocabulary,
    classify,
)

LISTED = [
    *((word, Action.STOP) for word in (*STOP_WORDS, *STOP_PHRASES)),
    *((word, Action.START) for word in START_WORDS),
    *((word, Action.HELP) for word in HELP_WORDS),
]


@pytest.mark.parametrize(("word", "action"), LISTED)
def test_each_listed_word_in_any_dress(word: str, action: Action) -> None:
    for text in (word, word.lower(), word.title(), f"  {word}.\r\n", f"“{word}!”", f"({word})", f"'{word}'"):
        assert classify(text) == Keyword(word, action, near_miss=False)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        # messaging contract: STOP, STOPALL, UNSUBSCRIBE, CANCEL, END, QUIT; then 47 CFR 64.1200(a)(10)
        ("StopAll", "STOPALL"),
        ("stop all", "STOPALL"),
        ("Opt out", "OPTOUT"),
        ("opt-out", "OPTOUT"),
        ("Revoke", "REVOKE"),
        ("Arrêt", "ARRET"),
        ("ARRÊTÉ", "ARRETE"),
        ("ARRE\u0302T", "ARRET"),
        ("\uff33\uff34\uff2f\uff30", "STOP"),  # full width
        ("s.t.o.p", "STOP"),
        ("STOP\0", "STOP"),
        ("\ufeffSTOP", "STOP"),
        ("STOP 🛑", "STOP"),
        ("don\u2019t text me", "DON'T TEXT ME"),
    ],
)
def test_ways_to_say_stop(text: str, word: str) -> None:
    assert classify(text) == Keyword(word, Action.STOP, near_miss=False)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("STOP PLEASE", "STOP"),
        ("please stop", "PLEASE"),
        ("Please opt out now", "PLEASE"),
        ("I said stop all of this", "I"),
        ("unsubscribe\nsent from my phone", "UNSUBSCRIBE"),
    ],
)
def test_a_near_miss_does_nothing_but_is_marked(text: str, word: str) -> None:
    assert classify(text) == Keyword(word, None, near_miss=True)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", ""),
        ("🛑", ""),
        ("...", ""),
        ("join club", "JOIN"),
        ("unstoppable", "UNSTOPPABLE"),
        ("stopp", "STOPP"),
    ],
)
def test_other_texts(text: str, word: str) -> None:
    assert classify(text) == Keyword(word, None, near_miss=False)


@pytest.mark.parametrize("text", ["start please", "help me", "yes but later"])
def test_only_stop_has_near_misses(text: str) -> None:
    assert classify(text).action is None
    assert not classify(text).near_miss


def test_a_long_text_is_no_keyword_but_may_be_a_near_miss() -> None:
    assert classify("stop" + "." * 200) == Keyword("STOP", None, near_miss=True)
    assert not classify("a " * 300 + "stop").near_miss


@given(st.text(st.characters(exclude_categories=()), max_size=200))
def test_any_text_is_classified(text: str) -> None:
    keyword = classify(text)
    assert keyword.action is None or not keyword.near_miss
    assert keyword.word == "" or keyword.word.strip()


def test_a_vocabulary_is_extended_without_changing_the_default() -> None:
    german = DEFAULT.extended(stop=["STOPP"], start=["AN"], help_=["HILFE"])
    assert classify("Stopp!", german).action is Action.STOP
    assert classify("an", german).action is Action.START
    assert classify("Hilfe", german).action is Action.HELP
    assert classify("stop", german).action is Action.STOP
    assert classify("Stopp!").action is None


def test_case_is_folded_as_the_language_writes_it() -> None:
    assert classify("Schlu\u00df", DEFAULT.extended(stop=["SCHLUSS"])).word == "SCHLUSS"


def test_a_vocabulary_that_contradicts_itself_is_refused() -> None:
    with pytest.raises(VocabularyError, match="'stop' stands for stop and for start"):
        DEFAULT.extended(start=["stop"])
    with pytest.raises(VocabularyError, match=r"'!' has neither a letter nor a digit"):
        Vocabulary(stop=("!",))
