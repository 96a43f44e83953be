"""The flight journal: which parts were written to a socket and are not recorded yet (DESIGN.md, promise 2).

One append-only file per process, without fsync: it survives the death of the process, not that of the
machine, so its head holds the boot id and a journal of another boot tells nothing. The records of a flush
go out with one `write(2)` before the socket write. A record has its length and checksum; a torn tail ends
the reading.

Two files take turns: when the current one has grown, a new one begins, and the old one goes once every part
in it is recorded. The head numbers them, for a part that was throttled may be returned in one and written again in
the next.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import struct
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from gateway.domain.outcome import Part

MAGIC = b"TLFJ1\n"
ROTATE_BYTES = 4 * 1024 * 1024

_WRITTEN = 1
_RETURNED = 2
_RECORD = struct.Struct("!BB16sIBB")  # length of what follows, kind, message id, attempt, part, total
_CHECK = struct.Struct("!I")
_LENGTH = _RECORD.size - 1 + _CHECK.size
_pack, _crc32 = _RECORD.pack, zlib.crc32  # once per part on the way out

Key = tuple[bytes, int, int]  # message id, attempt, part
Flights = dict[tuple[bytes, int], list[tuple[int, int]]]


class FlightJournal:
    """The writing side. Raises OSError when the file can't be written: then nothing may go to the socket."""

    def __init__(self, path: Path, boot_id: str, rotate_bytes: int = ROTATE_BYTES) -> None:
        self._path = path
        self._boot_id = boot_id
        self._rotate_bytes = rotate_bytes
        self._turn = 0
        self._number = 0
        self._open: list[set[Key]] = [set(), set()]
        self._size = 0
        for old in paths(path):
            old.unlink(missing_ok=True)
        self._file = self._begin()

    def _begin(self) -> int:
        file = os.open(
            turn_path(self._path, self._turn), os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600
        )
        self._number += 1
        head = MAGIC + f"{self._boot_id}\n{self._number}\n".encode()
        try:
            self._write_all(file, head, 0)
        except OSError:
            os.close(file)
            raise
        self._size = len(head)
        return file

    def written(self, parts: Sequence[Part]) -> None:
        """Note parts that the next socket write holds."""
        self._append(_WRITTEN, parts)
        self._open[self._turn].update([(part.message_id, part.attempt, part.part) for part in parts])
        if self._size >= self._rotate_bytes and not self._open[1 - self._turn]:
            self._rotate()

    def returned(self, part: Part) -> None:
        """The carrier did not take the part (throttled) and it will be written again by this process."""
        with contextlib.suppress(OSError):  # without the note it is taken for written: in doubt, not lost
            self._append(_RETURNED, (part,))
        self._forget((part.message_id, part.attempt, part.part))

    def recorded(self, parts: Sequence[Key]) -> None:
        """Their outcomes are in the store."""
        current, other = self._open[self._turn], self._open[1 - self._turn]
        if other:
            other.difference_update([key for key in parts if key not in current])
        current.difference_update(parts)

    def _forget(self, key: Key) -> None:
        current = self._open[self._turn]
        if key in current:
            current.discard(key)
        else:
            self._open[1 - self._turn].discard(key)

    def _append(self, kind: int, parts: Sequence[Part]) -> None:
        chunks: list[bytes] = []
        for part in parts:
            record = _pack(_LENGTH, kind, part.message_id, part.attempt, part.part, part.total)
            chunks += record, _crc32(record).to_bytes(4, "big")
        data = b"".join(chunks)
        self._write_all(self._file, data, self._size)
        self._size += len(data)

    def _rotate(self) -> None:
        """Begin the other file: all that it held is recorded. The present one stays until it is so as well."""
        present, size = self._file, self._size
        self._turn = 1 - self._turn
        try:
            self._file = self._begin()
        except OSError:  # no room for a new one: the present one goes on
            turn_path(self._path, self._turn).unlink(missing_ok=True)
            self._turn, self._size = 1 - self._turn, size
            return
        os.close(present)

    def _write_all(self, file: int, data: bytes, size: int) -> None:
        """One write(2) behind the `size` octets that are there. A short one, which a full disk gives, is an error, and
        taken back: reading would end at its torn record, and not see what is written when there is room again.
        """
        try:
            written = os.write(file, data)
        except OSError as error:
            raise OSError(
                error.errno, f"the flight journal in {self._path.parent}: {error.strerror}"
            ) from error
        if written != len(data):
            os.ftruncate(file, size)
            raise OSError(
                f"the flight journal in {self._path.parent} could not be written whole: the disk is full, make room"
            )

    def close(self) -> None:
        """Close the file; it stays for the next start to read."""
        os.close(self._file)


def turn_path(path: Path, turn: int) -> Path:
    """The file of one turn."""
    return path.with_name(f"{path.name}.{turn}")


def paths(path: Path) -> tuple[Path, Path]:
    """Both files."""
    return turn_path(path, 0), turn_path(path, 1)


def read(path: Path, boot_id: str) -> Flights | None:
    """What a dead process had written: (message id, attempt) to its (part, total).

    None when the journal can't tell: there is none, or the machine has been started anew since (its last
    writes may not have reached the disk).
    """
    head = MAGIC + boot_id.encode() + b"\n"
    found: list[tuple[int, bytes]] = []
    for file in paths(path):
        try:
            data = file.read_bytes()
        except FileNotFoundError:
            continue
        if not data:
            continue  # it was killed between making the file and writing its head: nothing is in it
        number, _, records = data.removeprefix(head).partition(b"\n")
        if not data.startswith(head) or not number.isdigit():
            return None
        found.append((int(number), records))
    if not found:
        return None
    written: dict[Key, int] = {}
    for _, records in sorted(found):
        for kind, key, total in _records(records):
            if kind == _WRITTEN:
                written[key] = total
            else:
                written.pop(key, None)
    flights: Flights = {}
    for (message_id, attempt, part), total in written.items():
        flights.setdefault((message_id, attempt), []).append((part, total))
    return flights


def _records(data: bytes) -> Iterator[tuple[int, Key, int]]:
    size = _RECORD.size + _CHECK.size
    at = 0
    while at + size <= len(data):
        record = data[at : at + _RECORD.size]
        length, kind, message_id, attempt, part, total = _RECORD.unpack(record)
        (check,) = _CHECK.unpack_from(data, at + _RECORD.size)
        if length != _LENGTH or check != zlib.crc32(record):
            return
        yield kind, (message_id, attempt, part), total
        at += size


class LifeSign:
    """A file beside a flight journal, locked for as long as its process lives. The kernel takes the lock away with the
    process's last descriptor, and not before: neither one that stands still nor one in another container loses it."""

    def __init__(self, path: Path, boot_id: str) -> None:
        """`path`: the journal's. Raises OSError."""
        made = path.with_name(f"{path.name}.{os.getpid()}")
        self._file = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        fcntl.flock(self._file, fcntl.LOCK_EX)
        os.write(self._file, _sign_of(boot_id, os.getpid()))
        made.rename(sign_path(path))  # it is never seen there without its lock

    def close(self) -> None:
        """This process has let go of everything."""
        os.close(self._file)


def is_gone(path: Path, boot_id: str, pid: int) -> bool:
    """Whether the process that had this journal lives no more, for certain; False also where nothing is known of it.

    `boot_id` is this machine's: a file that came from another one, with a disk or a backup, tells nothing.
    """
    try:
        file = os.open(sign_path(path), os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return os.read(file, 256) == _sign_of(boot_id, pid)
    except OSError:
        return False
    finally:
        os.close(file)


def sign_path(path: Path) -> Path:
    """The file of a journal's process."""
    return path.with_name(f"{path.name}.lives")


def _sign_of(boot_id: str, pid: int) -> bytes:
    return f"{boot_id} {pid}\n".encode()


def boot_id() -> str:
    """What tells one start of this machine from the next."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        import uuid

        return f"{uuid.getnode():x}"  # no such file on this system: the machine's own number
