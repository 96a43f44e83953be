"""`conf/operators/*.toml`: an operator's file for each ready profile, written from it, to be copied and filled in.

All of it is commented out, so a folder that is included whole stays as it is until somebody has filled in an operator.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from gateway.config.example import WIDTH, toml
from gateway.operators.smpp_profile import Profile, ready

_USE = """\
Copy this file, fill it in and take the `#` from its lines; the main file names it by include = ["operators/*.toml"].
The settings of the profile can be changed one by one: what stands here goes before it. All settings with their
meaning are in gateway.example.toml. `trunkline check` tells what can't be had together, and `trunkline probe` what the
carrier does."""


def files() -> dict[str, str]:
    """The text of each file, by its name."""
    return {
        f"conf/operators/{name}.toml": "\n".join(_lines(name, habits)) + "\n"
        for name, habits in ready().items()
    }


def _lines(name: str, habits: Mapping[str, Any]) -> Iterator[str]:
    yield "# Written by `python -m gateway.generated`."
    yield "#"
    yield from _comment(" ".join(str(habits["description"]).split()))
    yield "#"
    for paragraph in _USE.splitlines():
        yield f"# {paragraph}"
    yield ""
    yield "#[[operators]]"
    for key, value in _REACHED.items():
        yield f"#{key} = {toml(value)}"
    if habits.get("interface_version") == "3.3":
        yield '#bind = "transmitter+receiver"'
    yield f'#profile = "{name}"'
    yield ""
    yield "# What the profile sets:"
    for key, value in habits.items():
        if key == "description":
            continue
        yield from _comment(Profile.model_fields[key].description or "")
        yield f"#{key} = {toml(value)}"


_REACHED: Mapping[str, Any] = {
    "id": "carrier",
    "kind": "smpp",
    "host": "smsc.example.com",
    "port": 2775,
    "system_id": "esme",
    "password": "${CARRIER_PASSWORD}",
    "window": 10,
    "rate_per_s": 10,
}


def _comment(text: str) -> Iterator[str]:
    yield from (f"# {line}" for line in textwrap.wrap(text, WIDTH - 2, break_long_words=False))
