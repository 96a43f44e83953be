"""Versioned schema files, applied in order, once, also when two processes start at the same moment.

A file is `0001_pre_begin.sql`: its number, `pre` (before the new code runs) or `post` (after it), and a word. What was
applied is kept by name and checksum. A store may know a `pre` that this release does not: the release after it has
prepared it, and this one can live with that. One that knows such a `post` is newer: refused.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gateway.errors import SchemaTooNew, StoreError

_FILE = re.compile(r"\d{4}_(pre|post)_[a-z0-9_]+")


@dataclass(frozen=True, slots=True)
class Migration:
    """One schema file."""

    name: str
    text: str
    checksum: str

    @property
    def phase(self) -> str:
        """`pre` or `post`."""
        return self.name.split("_")[1]


def load(folder: Path) -> list[Migration]:
    """The migrations of a folder, in the order in which they are applied. Raises ValueError for a bad name."""
    found = []
    for path in sorted(folder.glob("*.sql")):
        if _FILE.fullmatch(path.stem) is None:
            raise ValueError(f"{path}: name it NNNN_pre_word.sql or NNNN_post_word.sql")
        text = path.read_text(encoding="utf-8")
        found.append(Migration(path.stem, text, hashlib.sha256(text.encode()).hexdigest()))
    return found


def missing(known: list[Migration], applied: Mapping[str, str]) -> list[Migration]:
    """Those of `known` that a store with the `applied` ones (name to checksum) still needs.

    Raises `SchemaTooNew`, or `StoreError` for a file that was changed after it was applied.
    """
    unknown = set(applied) - {migration.name for migration in known}
    beyond = sorted(name for name in unknown if "_pre_" not in name)
    if beyond:
        raise SchemaTooNew(
            f"the store was written by a newer release (it has {beyond[-1]}): run that release, or restore a backup"
        )
    for migration in known:
        if applied.get(migration.name, migration.checksum) != migration.checksum:
            raise StoreError(
                f"migration {migration.name} is not the one that this store was made with: "
                "install the release as it was published"
            )
    return [migration for migration in known if migration.name not in applied]
