"""What a text would be, told before it is sent."""

from hypothesis import given
from hypothesis import strategies as st

from routing.alphabet import Alphabet, fits_gsm7
from routing.national import Language, Shift
from routing.preview import Foreign, preview
from routing.replacement import Change
from routing.segments import split


def test_a_plain_text() -> None:
    found = preview("hello")
    assert found.segments == split("hello")
    assert (found.foreign, found.replacement.changes, found.replacement.applied) == ((), (), False)


def test_a_curly_quote_and_what_it_costs() -> None:
    text = "It\u2019s " + "a" * 100 + "\u2019"
    found = preview(text)
    assert (found.segments.alphabet, found.segments.count) == (Alphabet.UCS2, 2)
    assert found.foreign == (Foreign("\u2019", "RIGHT SINGLE QUOTATION MARK", (2, 105), "'"),)
    assert found.replacement.segments_saved == 1
    assert found.replacement.changes == (Change(2, "\u2019", "'"), Change(105, "\u2019", "'"))
    assert not found.replacement.applied

    wanted = preview(text, smart_replacement=True)
    assert wanted.replacement.applied
    assert wanted.segments == split("It's " + "a" * 100 + "'")
    assert wanted.foreign == found.foreign


def test_where_nothing_would_be_saved_nothing_is_replaced() -> None:
    found = preview("It\u2019s " + "ж" * 90, smart_replacement=True)
    assert (found.replacement.applied, found.replacement.segments_saved, found.replacement.changes) == (
        False,
        0,
        (),
    )
    assert [each.character for each in found.foreign] == ["\u2019", "ж"]
    assert found.segments.parts[0].startswith("It\u2019s")


def test_control_characters_have_no_name() -> None:
    assert preview("a\x01b").foreign == (Foreign("\x01", None, (1,), None),)


def test_national_languages() -> None:
    found = preview("ğ" * 100, frozenset({Language.TURKISH}))
    assert (found.segments.shift, found.segments.count) == (Shift(locking=Language.TURKISH), 1)
    assert found.foreign[0].positions == tuple(range(100))


@given(st.text(max_size=200), st.booleans())
def test_foreign_characters_are_those_that_do_not_fit(text: str, wanted: bool) -> None:
    found = preview(text, smart_replacement=wanted)
    places = {place: each.character for each in found.foreign for place in each.positions}
    assert places == {at: character for at, character in enumerate(text) if not fits_gsm7(character)}
    sent = found.replacement.text if found.replacement.applied else text
    assert found.segments == split(sent)
    assert (
        split(text).count - found.segments.count
        == found.replacement.segments_saved * found.replacement.applied
    )
