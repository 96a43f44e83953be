"""The example file: generated, loadable, and with every setting in it."""

import re
import tomllib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from pydantic import BaseModel

from gateway.config import Config, RouteSettings, example, parse
from gateway.config.explain import fields, is_named, model_of
from gateway.operators import smpp


def test_it_loads_as_it_is(tmp_path: Path) -> None:
    config = parse(example.render(), tmp_path, environment={})
    assert [operator.id for operator in config.operators] == ["alpha"]
    assert [route.id for route in config.routes] == ["everywhere"]
    default = Config()
    for name in ("http", "auth", "secrets", "webhooks", "limits"):
        assert getattr(config, name) == getattr(default, name)


def _keys(model: type[BaseModel], prefix: str) -> Iterator[str]:
    for key, field in fields(model).items():
        inner = model_of(field.annotation)
        if key in ("operators", "routes") and not prefix:
            yield from _keys(smpp.Config if key == "operators" else RouteSettings, f"{key}.")
        elif inner is None or is_named(field.annotation):
            yield prefix + key
        else:
            yield from _keys(inner, f"{prefix}{key}.")


def _written(values: dict[str, object], prefix: str, known: set[str]) -> Iterator[str]:
    for key, value in values.items():
        if prefix + key in known:
            yield prefix + key
        elif isinstance(value, dict):
            yield from _written(value, f"{prefix}{key}.", known)
        elif isinstance(value, list):
            yield from _written(value[0], f"{prefix}{key}.", known)
        else:
            yield f"unknown {prefix}{key}"


def test_every_setting_stands_in_it() -> None:
    uncommented = re.sub(r"^#(?! )(?=.)", "", example.render(), flags=re.MULTILINE)
    known = set(_keys(Config, ""))
    assert len(known) > 70
    assert set(_written(tomllib.loads(uncommented), "", known)) == known


def test_every_setting_is_described() -> None:
    lines = example.render().splitlines()
    bare = [
        line
        for before, line in pairwise(lines)
        if re.match(r"#?[a-z_0-9]+ = ", line) and not before.startswith("# ")
    ]
    assert bare == []


def _commented() -> list[int]:
    """The lines of settings that may be in force alone: not half of a pair, no file, no section that is left out."""
    lines = example.render().splitlines()
    jwt = range(lines.index("#[auth.jwt]"), lines.index("[store]"))
    return [
        number
        for number, line in enumerate(lines)
        if re.match(r"#[a-z_0-9]+ = ", line) and number not in jwt and not re.search(r"_file|^#include", line)
    ]


@pytest.mark.parametrize("number", _commented())
def test_every_setting_can_be_uncommented(number: int, tmp_path: Path) -> None:
    lines = example.render().splitlines()
    lines[number] = lines[number][1:]
    parse("\n".join(lines), tmp_path, environment={"ALPHA_PASSWORD": "x"})


def test_no_sample_is_left_over() -> None:
    known = set(_keys(Config, ""))
    assert set(example.SAMPLES) - known == set()
