"""Files that are made from the code: `python -m gateway.generated` writes them, `--check` compares them.

- `conf/gateway.example.toml`, from the configuration's types
- `conf/operators/*.toml`, from the ready profiles of carriers
- `http_api/openapi.json`, from the dialects' schemas, and `openapi-admin.json` beside it, from those of the admin API
- the diagram of statuses in `README.md`, from the transition table
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from gateway.config import carriers, example
from gateway.domain.message import TRANSITIONS
from gateway.domain.words import Status
from http_api.admin_openapi import render as render_admin_openapi
from http_api.openapi import render as render_openapi

ROOT = Path(__file__).parents[1]

STATUSES = ("<!-- generated: statuses -->", "<!-- end: statuses -->")
"""What stands around the diagram in the README."""


def status_diagram() -> str:
    """The transition table as a Mermaid diagram."""
    lines = ["```mermaid", "stateDiagram-v2"]
    lines += [f"    [*] --> {status.value}" for status in (Status.SCHEDULED, Status.QUEUED)]
    for status, nexts in TRANSITIONS.items():
        lines += [f"    {status.value} --> {following.value}" for following in Status if following in nexts]
        if not nexts:
            lines.append(f"    {status.value} --> [*]")
        elif status is Status.SENT:
            lines.append(f"    {status.value} --> [*]: no receipt was asked for")
    return "\n".join([*lines, "```"])


def readme(present: str) -> str:
    """The README with the diagram as it should be. Raises `ValueError` when its marks are not there."""
    begin, end = STATUSES
    before, found, rest = present.partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise ValueError(f"README.md lacks {begin} and {end}, between which the diagram stands")
    return f"{before}{begin}\n{status_diagram()}\n{end}{after}"


FILES: Mapping[str, Callable[[str], str]] = {
    "conf/gateway.example.toml": lambda _present: example.render(),
    "http_api/openapi.json": lambda _present: render_openapi(),
    "http_api/openapi-admin.json": lambda _present: render_admin_openapi(),
    "README.md": readme,
    **{name: lambda _present, name=name: carriers.files()[name] for name in carriers.files()},  # type: ignore[misc]
}
"""Each file and what it should be, from what it is."""


def stale(root: Path) -> dict[str, str]:
    """Files that differ from what they should be, and what that is."""
    wanted: dict[str, str] = {}
    for name, make in FILES.items():
        path = root / name
        present = path.read_text(encoding="utf-8") if path.exists() else ""
        text = make(present)
        if text != present:
            wanted[name] = text
    return wanted


def main(arguments: Sequence[str]) -> int:
    """Write what is stale, or with `--check` tell it: 0 when nothing is."""
    found = stale(ROOT)
    if "--check" in arguments:
        for name in found:
            sys.stderr.write(f"check: {name} is not what the code says: run `python -m gateway.generated`\n")
        return 1 if found else 0
    for name, text in found.items():
        path = ROOT / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        sys.stdout.write(f"wrote {name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
