"""The index of the write-ahead log, read where SQLite itself shares it between processes: `<store>-shm`.

Its header says, without a system call, whether anybody has committed since a last look, and how long the log is
(sqlite.org/walformat.html, 2.1). A header that is read in the middle of its change is unlike both the old and the new
one, so it only makes its reader look again.
"""

from __future__ import annotations

import mmap
import os
import sys
from pathlib import Path

_HEADER_BYTES = 48
_FRAMES = slice(16, 20)  #: mxFrame, in the machine's byte order


class LogIndex:
    """The header of one store's index. The store must have been read once, and stay open for as long."""

    def __init__(self, store: Path) -> None:
        fd = os.open(store.with_name(store.name + "-shm"), os.O_RDONLY | os.O_CLOEXEC)
        try:
            self._map = mmap.mmap(fd, _HEADER_BYTES, prot=mmap.PROT_READ)
        finally:
            os.close(fd)

    def header(self) -> bytes:
        """Something that changes with each commit of any process."""
        return self._map[:_HEADER_BYTES]

    def frames(self) -> int:
        """Pages in the log."""
        return int.from_bytes(self._map[_FRAMES], sys.byteorder)

    def close(self) -> None:
        """Let go of the file."""
        self._map.close()
