"""Where keys stand in a TOML file."""

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.config.lines import Place, locate

DOCUMENT = '''\
# a comment with [brackets] and "quotes
include = [
    "a.toml",  # ] not the end
    'b.toml',
]
"odd key" = 1
dotted . "key" = 2

[http]
listen = "127.0.0.1:8080" # why
text = """
[not.a.table]
quote \\""" inside
"""
literal = \'\'\'
key = "no key"
\'\'\'
after = { a = "}", b = [1, 2] }

[auth.jwt]
issuer = 'x'

[[operators]]
id = "alpha"

  [[ operators ]]
  id = "beta"
  [operators.tls]
  ca = "x"

[[routes]]
to = ["+"]
'''


def test_every_key_has_its_line() -> None:
    tomllib.loads(DOCUMENT)
    assert locate(DOCUMENT) == {
        ("include",): 2,
        ("odd key",): 6,
        ("dotted",): 7,
        ("dotted", "key"): 7,
        ("http",): 9,
        ("http", "listen"): 10,
        ("http", "text"): 11,
        ("http", "literal"): 15,
        ("http", "after"): 18,
        ("auth",): 20,
        ("auth", "jwt"): 20,
        ("auth", "jwt", "issuer"): 21,
        ("operators",): 23,
        ("operators", 0): 23,
        ("operators", 0, "id"): 24,
        ("operators", 1): 26,
        ("operators", 1, "id"): 27,
        ("operators", 1, "tls"): 28,
        ("operators", 1, "tls", "ca"): 29,
        ("routes",): 31,
        ("routes", 0): 31,
        ("routes", 0, "to"): 32,
    }


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        "# only a comment",
        "a=1",
        "a = 1\r\nb = 2\r\n",
        'a = """"x""""',
        "a = ''''x''''",
        'a="\\\\"',
    ],
)
def test_small_files(text: str) -> None:
    values = tomllib.loads(text)
    assert locate(text) == {(key,): number for number, key in enumerate(values, 1)}


KEYS = st.text("abc-_", min_size=1, max_size=3) | st.text(st.sampled_from('x."]=#[ '), max_size=4).map(
    lambda text: '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
)
VALUES = st.sampled_from(
    [
        "1",
        "true",
        '"x"',
        '"] # = ["',
        "'\\'",
        '[1, ["]"], # no end\n 2]',
        '{ a = "}" }',
        '"""\nx = 1\n"""',
        "1979-05-27",
    ]
)


def _places(values: Any, place: Place) -> set[Place]:
    """Every table and key, but those of inline tables and arrays."""
    found = {place} if place else set()
    for key, value in values.items():
        found.add((*place, key))
        if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
            for index, item in enumerate(value):
                found |= _places(item, (*place, key, index))
    return found


@given(st.lists(st.tuples(KEYS, VALUES, st.sampled_from(["", "\n", "# [a]\n"])), max_size=8), st.booleans())
def test_lines_agree_with_the_parser(entries: list[tuple[str, str, str]], in_array: bool) -> None:
    head = "[[list]]\n" if in_array else ""
    text, expected, number = head, {}, head.count("\n") + 1
    for key, value, gap in entries:
        name = next(iter(tomllib.loads(f"{key} = 1")))
        if name in expected:
            continue
        text += f"{gap}{key} = {value}\n"
        expected[name] = number + gap.count("\n")
        number = text.count("\n") + 1
    prefix: Place = ("list", 0) if in_array else ()
    found = locate(text)
    assert {
        place[-1]: line for place, line in found.items() if place not in (("list",), ("list", 0))
    } == expected
    assert set(found) == _places(tomllib.loads(text), ())
    assert all(place[: len(prefix)] == prefix for place in found if place != ("list",))
