"""The tables of docs/simulator.md from the code: `python -m tests.architecture.simulator_page` writes them."""

from __future__ import annotations

import enum
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from gateway.operators import simulated
from gateway.simulator import QUIRKS, STEPS, InboundSchedule, Profile, Rule, Share, magic
from smpp.constants import status_name
from tests.architecture.sources import ROOT
from tests.wire.interop import MATRIX, Feature, Peer

PAGE = ROOT / "docs" / "simulator.md"
_MOMENT = {"at_s", "after_submits", "do"}
_STATUSES = {"status", "bind_status"}
_TABLES: Mapping[str, type[BaseModel]] = {"outcomes": Share, "rules": Rule, "inbound": InboundSchedule}


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """In Markdown."""
    titles = list(head)
    lines = [titles, ["---"] * len(titles), *(list(row) for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def default(name: str, field: FieldInfo) -> str:
    """What holds when nothing is said."""
    value: Any = field.default
    if field.is_required():
        return "(must be said)"
    if name in _STATUSES and value:
        return f"`{status_name(value)}`"
    if isinstance(value, enum.Enum):
        value = value.value
    return (
        f"`{str(value).lower()}`" if isinstance(value, bool) else f"`{value}`" if value != "" else "(empty)"
    )


def meaning(field: FieldInfo) -> str:
    """What it is, with the words that it may have."""
    says = field.description or ""
    if isinstance(field.annotation, type) and issubclass(field.annotation, enum.Enum):
        says += "; one of " + ", ".join(f"`{word.value}`" for word in field.annotation)
    return says


def of(fields: Mapping[str, FieldInfo]) -> str:
    """A table of fields."""
    rows = ((f"`{name}`", default(name, field), meaning(field)) for name, field in fields.items())
    return table(("field", "default", "what it is"), rows)


def fields() -> str:
    """The profile's own fields, then those of its tables; the script has its own."""
    lists = {*_TABLES, "script"}
    parts = [of({name: field for name, field in Profile.model_fields.items() if name not in lists})]
    for name, kind in _TABLES.items():
        parts.append(f"`[[{name}]]`: {Profile.model_fields[name].description}\n\n{of(kind.model_fields)}")
    return "\n\n".join(parts)


def quirks() -> str:
    """Each quirk by its name."""
    return table(("quirk", "what it does"), ((f"`{name}`", quirk.says) for name, quirk in QUIRKS.items()))


def standing_in(module: ModuleType) -> str:
    """The table that stands with a module's rules."""
    assert module.__doc__ is not None
    return "\n".join(line for line in module.__doc__.splitlines() if line.startswith("|"))


def steps() -> str:
    """The verbs of a script, and what else their steps may say."""
    rows = []
    for verb, kind in STEPS.items():
        own = {name: field for name, field in kind.model_fields.items() if name not in _MOMENT}
        said = "; ".join(f"`{name}` {default(name, field)}" for name, field in own.items())
        rows.append((f"`{verb}`", (kind.__doc__ or "").strip(), said or "-"))
    return table(("`do`", "what happens", "fields, and their defaults"), rows)


def interop() -> str:
    """What is proven with SMPP that is not ours."""
    rows = []
    for feature in Feature:
        cells = (MATRIX[peer][feature] for peer in Peer)
        rows.append((str(feature), *("no: " + reason if reason else "yes" for reason in cells)))
    return table(("", *Peer), rows)


SECTIONS: Mapping[str, Callable[[], str]] = {
    "fields": fields,
    "quirks": quirks,
    "magic": partial(standing_in, magic),
    "steps": steps,
    "interop": interop,
    "test": partial(standing_in, simulated),
}


def written(page: str) -> str:
    """The page with its tables as they should be. Raises ValueError when their marks are not there."""
    for name, make in SECTIONS.items():
        begin, end = f"<!-- generated: {name} -->\n", f"<!-- end: {name} -->"
        before, opened, rest = page.partition(begin)
        _, closed, after = rest.partition(end)
        if not opened or not closed:
            raise ValueError(
                f"docs/simulator.md lacks {begin.strip()} or {end}, between which a table stands"
            )
        page = f"{before}{begin}\n{make()}\n\n{end}{after}"
    return page


def main(path: Path = PAGE) -> int:
    """Write them."""
    path.write_text(written(path.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
