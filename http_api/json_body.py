"""JSON bodies: decoded once, and what is wrong with them told by place."""

from __future__ import annotations

import json
from collections.abc import Sequence

import orjson
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from gateway.domain.send import FieldError
from http_api.errors import Fault, RequestFault

MAX_ERRORS = 50
"""Bad fields listed per message: enough to repair a client with, too few to make a small body into a large answer."""


def read_json(body: bytes) -> object:
    """The decoded body. Raises `RequestFault` when it is not JSON in UTF-8.

    Half of a surrogate pair (`"\\ud83d"`, what is left when a client cuts an emoji in two) is let through for its
    field to be refused alone: it must not spoil a whole bulk.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        if b"\\ud" in body or b"\\uD" in body:
            try:
                return json.loads(body.decode(), parse_constant=_no_constant)
            except (ValueError, RecursionError):
                pass
        detail = f"The body is not JSON in UTF-8: {error.msg}."
        if body:
            detail = (
                f"The body is not JSON in UTF-8: {error.msg}, at line {error.lineno} column {error.colno}."
            )
        fields = (FieldError("", detail),)
        raise RequestFault(Fault.INVALID, detail, fields=fields) from None


def field_errors(error: ValidationError, prefix: str) -> tuple[FieldError, ...]:
    """Pydantic's errors by JSON pointer. What the caller sent is not repeated."""
    found = error.errors(include_url=False, include_input=False)[:MAX_ERRORS]
    return tuple(FieldError(prefix + pointer(each["loc"]), _sentence(each)) for each in found)


def pointer(location: Sequence[str | int]) -> str:
    """A JSON pointer (RFC 6901) to a place in a body. `[key]` is pydantic's mark for the name of a member."""
    steps = [str(step).replace("~", "~0").replace("/", "~1") for step in location if step != "[key]"]
    return "".join(f"/{_printable(step)}" for step in steps)


_SENTENCES = {
    "missing": "This field is required.",
    "string_unicode": "The text has half of a surrogate pair.",
    "string_pattern_mismatch": "The text has a NUL character.",
    "string_type": "It must be a text.",
    "dict_type": "It must be an object.",
    "model_type": "It must be an object.",
    "list_type": "It must be a list.",
    "literal_error": "It must be one of {expected}.",
    "string_too_short": "It must have at least {min_length} characters.",
    "string_too_long": "It must have at most {max_length} characters.",
    "too_long": "It must have at most {max_length} items.",
}


def _sentence(error: ErrorDetails) -> str:
    context = error.get("ctx", {})
    if context.get("min_length") == 1:
        return "It must not be empty."
    sentence = _SENTENCES.get(error["type"])
    return f"{error['msg']}." if sentence is None else sentence.format_map(context)


def _printable(step: str) -> str:
    """Names in the body are the caller's: bounded, and UTF-8 can write them."""
    return step[:200].encode(errors="replace").decode()


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")
