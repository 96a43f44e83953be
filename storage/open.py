"""Finds the store that a URL names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from gateway.errors import StoreError
from gateway.ports import Store
from storage.batcher import OnCommit
from storage.lifetimes import LEASE_S
from storage.matching import EquivalentRefs, no_equivalents
from storage.sqlite.store import SqliteStore


@dataclass(frozen=True, slots=True)
class _Options:
    """What every engine is given."""

    relative_to: Path | None
    on_commit: OnCommit | None
    equivalent_refs: EquivalentRefs
    lease_s: float
    makes_schema: bool


def open_store(
    url: str,
    relative_to: Path | None = None,
    on_commit: OnCommit | None = None,
    equivalent_refs: EquivalentRefs = no_equivalents,
    lease_s: float = LEASE_S,
    makes_schema: bool = True,
) -> Store:
    """The store of `url`, not opened yet: call `open`.

    `sqlite:////absolute/path`, `sqlite:///relative` (to `relative_to`, the config file's folder), `sqlite://` in
    memory; `postgresql://user:password@host:port/database`. `on_commit(seconds, items)` is called in the thread that
    commits. `equivalent_refs(operator, ref)`: the other forms in which a carrier may write the same id. `lease_s`: of a
    store that many processes share. `makes_schema`: False refuses an empty database of a server, for it may be another
    one's. Raises `StoreError` for a URL that names no store.
    """
    scheme, separator, _ = url.partition("://")
    engine = _ENGINES.get(scheme) if separator else None
    if engine is None:
        raise StoreError(
            f"[store] url {scheme or url!r}: write sqlite:////absolute/path/trunkline.db, sqlite:///relative.db or "
            "postgresql://user:password@host/database"
        )
    return engine(url, _Options(relative_to, on_commit, equivalent_refs, lease_s, makes_schema))


async def bring_up_to_date(url: str) -> list[str]:
    """Apply what opening a store leaves out, because processes of an earlier release may stand on it; the names of
    what was applied. An embedded store has one process: with nobody serving it, opening has left nothing out."""
    if url.startswith("sqlite:"):
        return []
    from storage.postgres.schema import bring_up_to_date as apply_all

    return await apply_all(url)


def _sqlite(url: str, options: _Options) -> Store:
    rest = url.removeprefix("sqlite://")
    if not rest:
        return SqliteStore(None, on_commit=options.on_commit, equivalent_refs=options.equivalent_refs)
    if not rest.startswith("/") or rest in ("/", "//"):
        raise StoreError(
            f"[store] url sqlite://{rest}: it takes four slashes for an absolute path, three for one relative to "
            "the config file"
        )
    path = Path(rest[1:])
    if not path.is_absolute():
        path = (options.relative_to or Path.cwd()) / path
    return SqliteStore(path, on_commit=options.on_commit, equivalent_refs=options.equivalent_refs)


def _postgres(url: str, options: _Options) -> Store:
    from storage.postgres.store import PostgresStore  # an embedded store starts faster without the driver

    try:
        parts = urlsplit(url)
        named = parts.path.strip("/") != "" and (parts.port is None or parts.port > 0)
    except ValueError:
        named = False
    if not named:
        raise StoreError(
            "[store] url: write postgresql://user:password@host:port/database, with the database's name"
        )
    return PostgresStore(
        url,
        on_commit=options.on_commit,
        equivalent_refs=options.equivalent_refs,
        lease_s=options.lease_s,
        makes_schema=options.makes_schema,
    )


_ENGINES: dict[str, Callable[[str, _Options], Store]] = {
    "sqlite": _sqlite,
    "postgresql": _postgres,
    "postgres": _postgres,
}
