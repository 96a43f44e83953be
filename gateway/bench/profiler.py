"""Where the gateway's time goes: py-spy, a process of its own, records its stacks: it slows the gateway a little."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Mapping
from pathlib import Path

from gateway.bench.child import Child
from gateway.bench.errors import BenchError
from gateway.bench.subject import Subject

_PROGRAM = "py-spy"
_SAMPLES_PER_S = "250"


def check_profile(path: Path | None) -> None:
    """Before anything is measured. Raises BenchError when no stacks can be recorded, or not there."""
    if path is None:
        return
    if shutil.which(_PROGRAM) is None:
        raise BenchError("--profile needs py-spy on the PATH: pip install py-spy")
    if not path.parent.is_dir():
        raise BenchError(f"--profile {path}: there is no folder {path.parent}: make it, or name another file")


class Profiler:
    """Records the stacks of a subject's Python processes, all their threads, into a file for each."""

    def __init__(self, recordings: Mapping[Path, Child]) -> None:
        self._recordings = recordings

    @classmethod
    async def start(cls, path: Path | None, subject: Subject, directory: Path) -> Profiler:
        """Begin; without a path, and for a subject that is not Python, nothing is done. What py-spy says goes into
        logs in `directory`. `check_profile` comes before. Raises BenchError."""
        if path is None:
            return cls({})
        recordings = {}
        for label, pid in subject.interpreters().items():
            file = path.with_stem(f"{path.stem}-{label}") if label else path
            file.unlink(missing_ok=True)  # of an earlier run, which would be taken for this one's
            form = "raw" if path.suffix in {".txt", ".raw"} else "flamegraph"
            options = ("--threads", "--rate", _SAMPLES_PER_S, "--format", form, "--output", str(file))
            command = (_PROGRAM, "record", "--pid", str(pid), *options)
            recordings[file] = await Child.start(f"py-spy {file.name}", command, directory, talks=False)
        return cls(recordings)

    async def stop(self) -> None:
        """End the recordings, which writes their files. Raises BenchError for one that was not written."""
        for child in self._recordings.values():
            await child.stop(signal.SIGINT)
        for file, child in self._recordings.items():
            if not file.exists():
                raise BenchError(f"--profile: py-spy has not written {file}: {child.last_words()}")
