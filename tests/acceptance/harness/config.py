"""Configuration files for the gateway under test, written out of dictionaries."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

Table = Mapping[str, Any]

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def operator(name: str, port: int, **settings: Any) -> dict[str, Any]:
    """An SMPP operator at a port of this machine; it comes back quickly when its carrier was away."""
    return {
        "id": name,
        "kind": "smpp",
        "host": "127.0.0.1",
        "port": port,
        "system_id": f"esme-{name}",
        "password": "secret12",
        "window": 100,
        "reconnect_max_s": 1,
        **settings,
    }


def toml(document: Table) -> str:
    """The document as TOML."""
    return "\n".join(_table("", document)) + "\n"


def merged(below: Table, above: Table) -> dict[str, Any]:
    """`above` over `below`, table by table; lists are taken whole."""
    result = dict(below)
    for name, value in above.items():
        known = result.get(name)
        result[name] = merged(known, value) if isinstance(known, dict) and isinstance(value, dict) else value
    return result


def _table(path: str, table: Table) -> list[str]:
    lines: list[str] = []
    inner: list[str] = []
    for name, value in table.items():
        place = f"{path}.{name}" if path else name
        if isinstance(value, Mapping):
            inner += [f"\n[{place}]", *_table(place, value)]
        elif isinstance(value, list) and value and isinstance(value[0], Mapping):
            for entry in value:
                inner += [f"\n[[{place}]]", *_table(place, entry)]
        else:
            key = name if _BARE.fullmatch(name) else json.dumps(name)
            lines.append(f"{key} = {json.dumps(value, ensure_ascii=False)}")
    return lines + inner
