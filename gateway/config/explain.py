"""From pydantic's errors to sentences for a person: what is wrong at a place, and what to write instead."""

from __future__ import annotations

import difflib
import inspect
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

MAX_LISTED = 12

_PLAINLY = (
    ("Value error, ", ""),
    ("Input should", "it should"),
    ("String should", "it should"),
    ("be a valid string", "be a text in quotes"),
    ("be a valid tuple", 'be a list in brackets, as ["a", "b"]'),
    ("be a valid dictionary", "be a table"),
    ("Tuple should", "it should"),
    ("item after validation, not 0", "entry"),
    ("Unable to parse input string as an integer, exceeded maximum size", "it is too large"),
)
"""pydantic's words, and those of who writes a file."""


@dataclass(slots=True)
class _Target:
    """What a location points at: the table (a model, and its name), the key in it, and the key's field if known."""

    model: type[BaseModel]
    table: list[str]
    key: str
    field: FieldInfo | None


def explain(error: ErrorDetails, model: type[BaseModel], name: str = "") -> tuple[str, str]:
    """What is wrong and the hint, for an error found while `model` was made.

    `name` says for people which one it was ("operator 'alpha'"); without it, tables are named as in the file. No value
    of the file is in the answer, for it may be a secret.
    """
    target = _target(model, error["loc"])
    where = name or (f"[{'.'.join(target.table)}]" if target.table else "the file")
    description = target.field.description or "" if target.field is not None else ""
    if error["type"] == "missing":
        return f"{where} needs `{target.key}`", description
    if error["type"] == "extra_forbidden":
        return f"{where} has no `{target.key}`", _known(target)
    message = "it may not be written so" if error["type"] == "string_pattern_mismatch" else error["msg"]
    for theirs, plain in _PLAINLY:
        message = message.replace(theirs, plain)
    if not target.key:
        return f"{where}: {message}", ""
    return f"{where}: `{target.key}`: {message}", description


def name_in_file(name: str, field: FieldInfo) -> str:
    """How a field is called in a file: `from`, which is no name in Python."""
    return field.alias or name


def model_of(annotation: Any) -> type[BaseModel] | None:
    """The model inside an annotation: itself, or beside None. None where there is none."""
    for inside in (annotation, *typing.get_args(annotation)):
        if inspect.isclass(inside) and issubclass(inside, BaseModel):
            return inside
    return None


def is_named(annotation: Any) -> bool:
    """Whether tables stand there by names of the user's: `[operators.tlvs.entity_id]`."""
    return typing.get_origin(annotation) is dict


def fields(model: type[BaseModel]) -> Mapping[str, FieldInfo]:
    """The fields of a model as a file names them."""
    return {name_in_file(name, field): field for name, field in model.model_fields.items()}


def _target(model: type[BaseModel], loc: tuple[int | str, ...]) -> _Target:
    """Follow a location; what comes after the first key that is no table (indexes, pydantic's own marks of a union's
    members) points into its value."""
    target = _Target(model, [], "", None)
    parts = iter(loc)
    for part in parts:
        if isinstance(part, int):
            continue
        if target.key:
            inner = None if target.field is None else model_of(target.field.annotation)
            if inner is None:
                return target
            named = target.field is not None and is_named(target.field.annotation)
            target = _Target(inner, [*target.table, target.key, *([str(part)] if named else [])], "", None)
            if named and isinstance(part := next(parts, ""), int):
                continue
        target.key = part
        target.field = fields(target.model).get(part)
    if target.field is not None and (inner := model_of(target.field.annotation)) is not None:
        return _Target(inner, [*target.table, target.key], "", None)  # an error of a table as a whole
    return target


def _known(target: _Target) -> str:
    known = sorted(fields(target.model))
    close = difflib.get_close_matches(target.key, known, n=1)
    if close:
        return f"did you mean `{close[0]}`?"
    listed = ", ".join(known[:MAX_LISTED])
    return f"it has {listed}" + (f" and {len(known) - MAX_LISTED} more" if len(known) > MAX_LISTED else "")
