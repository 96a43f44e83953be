"""The files of a day's export: the part that grows, the state that tells how far it is, the manifest at the end.

    trunkline-cdr-2026-11-20.csv.gz                the records, RFC 4180, one gzip member per page
    trunkline-cdr-2026-11-20.manifest.json         what is in it, written when all of it was verified
    trunkline-cdr-2026-11-20.csv.gz.part           the records so far
    trunkline-cdr-2026-11-20.csv.gz.part.json      up to which byte and message the part is whole

A page is appended and synchronised before the state says so; what stands behind the state's last byte is cut off when
the export goes on. So the end of the process at any moment costs at most one page of work.
"""

from __future__ import annotations

import csv
import fcntl
import gzip
import hashlib
import io
import json
import os
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

from gateway import folders
from gateway.domain import cdr
from gateway.errors import Refused

FORMAT = "trunkline-cdr/1"
_CHUNK = 1 << 20


@dataclass(slots=True)
class Progress:
    """How far the part is: its last id (hexadecimal), its whole bytes, its rows, and the pages' size."""

    after: str
    page_rows: int
    size: int = 0
    rows: int = 0
    head: str = ",".join(cdr.HEAD)  #: of another release: the part is begun anew


class CdrFiles:
    """The files of one day in one folder. Use it as a context: it locks the day against a second export."""

    def __init__(self, folder: Path, day: date, page_rows: int) -> None:
        stem = f"trunkline-cdr-{day.isoformat()}"
        self.path = folder / f"{stem}.csv.gz"
        self.manifest_path = folder / f"{stem}.manifest.json"
        self._part_path = folder / f"{stem}.csv.gz.part"
        self._state_path = folder / f"{stem}.csv.gz.part.json"
        self._day = day
        self._page_rows = page_rows
        self._part: BinaryIO | None = None
        self._lock: int | None = None

    def __enter__(self) -> CdrFiles:
        """Raises `Refused` while another process exports this day into this folder; `OSError`."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        lock = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(lock)
            raise Refused(
                f"another export writes into {self.path.parent} now: wait for it, or name another folder"
            ) from error
        self._lock = lock
        return self

    def __exit__(self, *_: object) -> None:
        if self._part is not None:
            self._part.close()
            self._part = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    # --- the part

    def resume(self) -> Progress:
        """Open the part where an earlier export has left it, or begin it."""
        progress = self._known_progress()
        new = progress is None
        progress = progress or Progress(cdr.bounds(self._day)[0].hex(), self._page_rows)
        descriptor = os.open(self._part_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._part = os.fdopen(descriptor, "r+b")
        self._part.truncate(progress.size)
        self._part.seek(progress.size)
        if new:
            self._append(progress, [cdr.HEAD])
            self._keep(progress)
        return progress

    def add(self, progress: Progress, records: Sequence[Sequence[str]], last: bytes) -> None:
        """Append a page; durable, and known to be, when this returns. `last`: the id of its last message."""
        self._append(progress, records)
        progress.rows += len(records)
        progress.after = last.hex()
        self._keep(progress)

    def _append(self, progress: Progress, records: Sequence[Sequence[str]]) -> None:
        assert self._part is not None
        text = io.StringIO(newline="")
        csv.writer(text).writerows(records)  # its own dialect is that of RFC 4180: CRLF, quotes where needed
        self._part.write(gzip.compress(text.getvalue().encode(), mtime=0))
        self._part.flush()
        os.fsync(self._part.fileno())
        progress.size = self._part.tell()

    def _known_progress(self) -> Progress | None:
        try:
            known = Progress(**json.loads(self._state_path.read_text()))
            size = self._part_path.stat().st_size
        except (FileNotFoundError, ValueError, TypeError):
            return None
        same = (known.head, known.page_rows) == (",".join(cdr.HEAD), self._page_rows)
        return known if same and size >= known.size else None

    def _keep(self, progress: Progress) -> None:
        _write_whole(self._state_path, asdict(progress))

    # --- reading it again

    def records(self) -> Iterator[list[str]]:
        """The rows of the part as they stand on the disk, without the head.

        Raises `Refused` when the file is not what was written.
        """
        path = self._readable
        try:
            with gzip.open(path, "rt", encoding="utf-8", newline="") as text:
                rows = csv.reader(text, strict=True)
                if next(rows, None) != cdr.HEAD:
                    raise Refused(f"{path} does not begin with the columns")
                yield from rows
        except (gzip.BadGzipFile, zlib.error, EOFError, csv.Error, UnicodeDecodeError) as error:
            raise Refused(f"{path} can't be read again ({error})") from error

    def packed_sum(self) -> tuple[str, int]:
        """SHA-256 of the file as it stands on the disk, and its bytes."""
        digest = hashlib.sha256()
        with self._readable.open("rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
            return digest.hexdigest(), file.tell()

    def text_sum(self) -> str:
        """SHA-256 of the text that is packed in it."""
        digest = hashlib.sha256()
        with gzip.open(self._readable) as text:
            while chunk := text.read(_CHUNK):
                digest.update(chunk)
        return digest.hexdigest()

    @property
    def _readable(self) -> Path:
        return self.path if self._part is None else self._part_path

    # --- the manifest

    def manifest(self) -> dict[str, Any] | None:
        """What an earlier export has finished; None when there is none, or it had begun and never ended.

        Raises `Refused` when the file is not the one that it tells of.
        """
        try:
            known: dict[str, Any] = json.loads(self.manifest_path.read_text())
        except FileNotFoundError:
            return None
        except ValueError as error:
            raise Refused(f"{self.manifest_path} is no manifest: remove it and export again") from error
        if not self.path.exists() or self.packed_sum()[0] != known.get("sha256"):
            raise Refused(
                f"{self.path} is missing or is not the file that {self.manifest_path.name} tells of: "
                "put it back, or remove both and export again"
            )
        return known

    def finish(self, manifest: dict[str, Any]) -> None:
        """The part becomes the file, then the manifest tells of it."""
        self._part_path.replace(self.path)
        folders.sync(self.path.parent)
        self.write_manifest(manifest)
        self._state_path.unlink(missing_ok=True)

    def write_manifest(self, manifest: dict[str, Any]) -> None:
        """Replace the manifest; durable when this returns."""
        _write_whole(self.manifest_path, manifest)

    def begin_anew(self) -> None:
        """An export of which not all was final is made again, from its beginning."""
        for path in (self.manifest_path, self.path, self._state_path, self._part_path):
            path.unlink(missing_ok=True)


def _write_whole(path: Path, document: dict[str, Any]) -> None:
    """A JSON file, there whole or as it was before."""
    draft = path.with_name(path.name + ".new")
    with draft.open("w", encoding="utf-8") as file:
        json.dump(document, file, indent=1)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    folders.sync(path.parent)
