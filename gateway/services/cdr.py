"""The export of a day's messages as call detail records: written, read again and compared, then dropped on request.

Nothing is dropped that was not verified: every row of the file, as it stands on the disk, is compared with a second
reading of the store by id and status. A day of which something is not final can be exported, but is not dropped.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from gateway.domain import cdr, ids
from gateway.domain.message import FINAL
from gateway.domain.words import Status
from gateway.errors import Conflict, Refused
from gateway.ports import Clock, ExportStore
from gateway.services.cdr_files import FORMAT, CdrFiles

PAGE_ROWS = 2_000
"""Messages read at once: about 4 MB."""

SETTLE = timedelta(minutes=5)
"""After its end a day may still get messages: clocks differ by seconds, and a commit takes its time."""

_FINAL = frozenset(status.value for status in FINAL)

OnRows = Callable[[str, int], None]
"""Told what is done and how many messages it was done to so far."""


class CdrExport:
    """Exports of days into a folder."""

    def __init__(self, store: ExportStore, clock: Clock, page_rows: int = PAGE_ROWS) -> None:
        self._store = store
        self._clock = clock
        self._page_rows = page_rows

    async def export(self, day: date, folder: Path, on_rows: OnRows) -> dict[str, Any]:
        """Write and verify the records of a UTC day; the manifest. Goes on where an earlier call was ended, and does
        nothing when one has finished with all messages final, as they stood at its end. Raises `Refused`,
        `StoreUnavailable`, `OSError`.
        """
        self._check_over(day)
        with CdrFiles(folder, day, self._page_rows) as files:
            known = files.manifest()
            if known is not None and not (known["not_final"] or known["moved"]):
                return known
            if known is not None:
                files.begin_anew()
            return await self._export(day, files, on_rows)

    async def drop(self, day: date, folder: Path, on_rows: OnRows) -> dict[str, Any]:
        """Drop the messages of a day whose export is finished; the manifest, which tells of it. Goes on where an
        earlier call was ended. Raises `Refused`, and `Conflict` when not all are final; then nothing was dropped.
        """
        with CdrFiles(folder, day, self._page_rows) as files:
            manifest = files.manifest()
            if manifest is None:
                raise Refused(f"{day} is not exported into {folder}: export it first")
            if manifest["dropped"] is not None and manifest["dropped"]["at"] is not None:
                return manifest
            if manifest["not_final"]:
                raise Conflict(
                    f"{manifest['not_final']} message(s) of {day} are not final yet: nothing was dropped. "
                    "Do it again when they are; their validity ends them at last"
                )
            if manifest["dropped"] is None:
                try:
                    compared = await self._compare(day, files, on_rows)
                    if compared.moved:
                        raise Refused(f"{compared.moved} message(s) got a receipt after the export")
                except Refused as refused:
                    raise Refused(
                        f"{refused}: nothing was dropped. Remove the file and its manifest to export what is there now"
                    ) from refused
                manifest["dropped"] = {"begun": _shown(self._clock()), "at": None}
                files.write_manifest(manifest)  # from now on the store may hold less than the file
            await self._store.drop_day(day, lambda rows: on_rows("dropped", rows))
            manifest["dropped"]["at"] = _shown(self._clock())
            files.write_manifest(manifest)
            return manifest

    def _check_over(self, day: date) -> None:
        from_when = cdr.end_of(day) + SETTLE
        if self._clock() < from_when:
            raise Refused(f"{day} can be exported from {from_when:%Y-%m-%d %H:%M} UTC on, when it is over")

    async def _export(self, day: date, files: CdrFiles, on_rows: OnRows) -> dict[str, Any]:
        until = cdr.bounds(day)[1]
        progress = files.resume()
        while page := await self._store.messages_by_id(
            None, bytes.fromhex(progress.after), until, self._page_rows
        ):
            files.add(progress, [cdr.record(view.message) for view in page], page[-1].message.id)
            on_rows("written", progress.rows)
        try:
            compared = await self._compare(day, files, on_rows)
        except Refused as refused:
            files.begin_anew()
            raise Refused(f"{refused}. The file was removed: export again") from refused
        packed, size = files.packed_sum()
        manifest = {
            "format": FORMAT,
            "day": day.isoformat(),
            "file": files.path.name,
            "columns": cdr.HEAD,
            "rows": compared.rows,
            "statuses": dict(sorted(compared.statuses.items())),
            "not_final": compared.not_final,
            "moved": compared.moved,
            "first_id": compared.first_id,
            "last_id": compared.last_id,
            "bytes": size,
            "sha256": packed,
            "text_sha256": files.text_sum(),
            "ids_and_statuses_sha256": compared.digest,
            "verified_at": _shown(self._clock()),
            "dropped": None,
        }
        files.finish(manifest)
        return manifest

    async def _compare(self, day: date, files: CdrFiles, on_rows: OnRows) -> _Comparison:
        """Every row of the file with the store's. Raises `Refused` at the first that is not the same message, or had a
        status that none follows and has another."""
        after, until = cdr.bounds(day)
        compared = _Comparison(files)
        while page := await self._store.statuses_by_id(after, until, self._page_rows):
            for message_id, status in page:
                compared.take(ids.text(message_id), status)
            after = page[-1][0]
            on_rows("verified", compared.rows)
        compared.end()
        return compared


class _Comparison:
    """The rows of a file, one after the other, against what the store says of them."""

    def __init__(self, files: CdrFiles) -> None:
        self._path = files.path
        self._records: Iterator[list[str]] = files.records()
        self._of_file, self._of_store = hashlib.sha256(), hashlib.sha256()
        self.rows = 0
        self.statuses: Counter[str] = Counter()
        self.not_final = 0
        self.moved = 0  #: messages that have another status now than the one that was written
        self.first_id: str | None = None
        self.last_id: str | None = None

    @property
    def digest(self) -> str:
        """SHA-256 over `id status` and a line feed for each row of the file."""
        return self._of_file.hexdigest()

    def take(self, message_id: str, status: Status) -> None:
        """The store's next message."""
        record = next(self._records, None)
        if record is None or record[cdr.MESSAGE_ID] != message_id:
            raise self._differs(f"message {message_id} of the store is not in its place")
        written = record[cdr.STATUS]
        if written != status.value:
            if written in _FINAL:
                raise self._differs(
                    f"message {message_id} is {written} there and {status.value} in the store"
                )
            self.moved += 1
        self._of_file.update(f"{record[cdr.MESSAGE_ID]} {written}\n".encode())
        self._of_store.update(f"{message_id} {status.value}\n".encode())
        self.rows += 1
        self.statuses[written] += 1
        self.not_final += not record[cdr.FINAL_AT]
        self.first_id = self.first_id or message_id
        self.last_id = message_id

    def end(self) -> None:
        """The store has no more: nor must the file."""
        record = next(self._records, None)
        if record is not None:
            raise self._differs(f"message {record[cdr.MESSAGE_ID]} is not in the store any more")
        if not self.moved and self._of_file.digest() != self._of_store.digest():
            raise self._differs("the checksums are not the same")

    def _differs(self, how: str) -> Refused:
        return Refused(f"row {self.rows + 1} of {self._path}: {how}")


def _shown(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
