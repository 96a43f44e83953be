"""A store as SQL text, in the words of its engine's own tools, and a store made of it."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

from tests.engines.postgres import program

ENGINES = ("sqlite", "postgres")

PATIENCE_S = 60


def dump(url: str, folder: Path) -> str:
    """Schema and rows of the store of `url`, which no process writes to. `folder`: of its configuration."""
    if url.startswith("sqlite:"):
        with closing(sqlite3.connect(_file(url, folder))) as connection:
            return "\n".join(connection.iterdump()) + "\n"
    return _run("pg_dump", url, "--no-owner", "--no-privileges", "--no-comments")


def load(text: str, url: str, folder: Path) -> None:
    """Lay it into the empty place that `url` names."""
    if url.startswith("sqlite:"):
        with closing(sqlite3.connect(_file(url, folder))) as connection:
            connection.executescript(text)
    else:
        _run("psql", url, "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--output=/dev/null", given=text)


def rows(url: str, folder: Path) -> dict[str, int]:
    """How many rows each table has; of a partitioned one all of them."""
    if url.startswith("sqlite:"):
        with closing(sqlite3.connect(_file(url, folder))) as connection:
            names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            return {
                name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for (name,) in names
            }
    listed = _sql(
        url,
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') "
        "AND NOT relispartition",
    )
    return {name: int(_sql(url, f"SELECT count(*) FROM {name}")) for name in listed.split()}


def applied(url: str, folder: Path) -> dict[str, str]:
    """The migrations that a store has, with their checksums."""
    if url.startswith("sqlite:"):
        with closing(sqlite3.connect(_file(url, folder))) as connection:
            return dict(connection.execute("SELECT name, checksum FROM schema_migrations").fetchall())
    lines = _sql(url, "SELECT name || ' ' || checksum FROM schema_migrations").splitlines()
    return dict(line.split() for line in lines)


def _sql(url: str, query: str) -> str:
    return _run("psql", url, "--no-psqlrc", "--tuples-only", "--no-align", "--command", query)


def _file(url: str, folder: Path) -> Path:
    return folder / urlsplit(url).path.removeprefix("/")


def _run(tool: str, *words: str, given: str | None = None) -> str:
    done = subprocess.run(
        [program(tool), *words],
        input=given,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
        env={**os.environ, "PGCLIENTENCODING": "UTF8"},
    )
    if done.returncode:
        raise RuntimeError(f"{tool} failed: {done.stderr}")
    return done.stdout
