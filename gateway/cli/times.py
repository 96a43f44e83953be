"""Times as people type them to a command."""

from __future__ import annotations

from datetime import UTC, datetime

from gateway.cli.output import shown
from gateway.errors import Refused


def read_time(option: str, text: str) -> datetime:
    """The time that an option names; without a zone it is UTC. Raises `Refused`."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        what = f"{option} {shown(text)}: write it as 2026-01-31T22:30:00+01:00"
        raise Refused(what) from error
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
