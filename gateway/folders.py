"""Folders on the disk."""

from __future__ import annotations

import os
from pathlib import Path


def sync(folder: Path) -> None:
    """Have the disk keep the names that a folder has got: the sync of a file says nothing of its name (fsync(2)).

    Raises `OSError`.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
