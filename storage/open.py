"""Finds the store that a URL names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from gateway.errors import StoreError
from gateway.ports import Store
from storage.batcher import OnCommit
from storage.sqlite.refs import EquivalentRefs, no_equivalents
from storage.sqlite.store import SqliteStore


def open_store(
    url: str,
    relative_to: Path | None = None,
    on_commit: OnCommit | None = None,
    equivalent_refs: EquivalentRefs = no_equivalents,
) -> Store:
    """The store of `url`, not opened yet: call `open`.

    `sqlite:////absolute/path`, `sqlite:///relative` (to `relative_to`, the config file's folder), `sqlite://` in
    memory. `on_commit(seconds, items)` is called in the writer's thread. `equivalent_refs(ref)`: the other forms in
    which a carrier may write the same id. Raises `StoreError` for a URL that names no store.
    """
    scheme, separator, rest = url.partition("://")
    engine = _ENGINES.get(scheme) if separator else None
    if engine is None:
        raise StoreError(
            f"[store] url {scheme or url!r}: write sqlite:////absolute/path/trunkline.db or sqlite:///relative.db"
            + (" (PostgreSQL is not part of this release yet)" if scheme.startswith("postgres") else "")
        )
    return engine(rest, relative_to, on_commit, equivalent_refs)


def _sqlite(
    rest: str, relative_to: Path | None, on_commit: OnCommit | None, equivalent_refs: EquivalentRefs
) -> Store:
    if not rest:
        return SqliteStore(None, on_commit=on_commit, equivalent_refs=equivalent_refs)
    if not rest.startswith("/") or rest in ("/", "//"):
        raise StoreError(
            f"[store] url sqlite://{rest}: it takes four slashes for an absolute path, three for one relative to "
            "the config file"
        )
    path = Path(rest[1:])
    if not path.is_absolute():
        path = (relative_to or Path.cwd()) / path
    return SqliteStore(path, on_commit=on_commit, equivalent_refs=equivalent_refs)


_ENGINES: dict[str, Callable[[str, Path | None, OnCommit | None, EquivalentRefs], Store]] = {
    "sqlite": _sqlite
}
