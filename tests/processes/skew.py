"""A clock that is wrong, for a process that a test starts: skew.c, compiled."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path


def compiled(folder: Path) -> Path:
    """The library, to be named by LD_PRELOAD; SKEW_S in the environment says by how much."""
    library = folder / "skew.so"
    compiler = shutil.which("cc")
    assert compiler is not None, "this test compiles its own clock: install gcc"
    source = Path(__file__).with_name("skew.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True)
    return library
