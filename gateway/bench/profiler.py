"""py-spy on the gateway while it is measured, where somebody wants its stacks: it slows the gateway a little."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path

from gateway.bench.child import Child
from gateway.bench.errors import BenchError
from gateway.bench.subject import Subject

_SAMPLES_PER_S = "250"


class Profiler:
    """Records the stacks of a subject's first process, all its threads."""

    def __init__(self, child: Child | None) -> None:
        self._child = child

    @classmethod
    async def start(cls, path: Path | None, subject: Subject) -> Profiler:
        """Begin; without a path, and for a subject that is not Python, nothing is done. Raises BenchError."""
        if path is None or subject.name != "trunkline":
            return cls(None)
        program = shutil.which("py-spy")
        if program is None:
            raise BenchError("--profile needs py-spy on the PATH: pip install py-spy")
        form = "raw" if path.suffix in {".txt", ".raw"} else "flamegraph"
        (pid,) = subject.pids()
        options = ("--threads", "--rate", _SAMPLES_PER_S, "--format", form, "--output", str(path))
        command = (program, "record", "--pid", str(pid), *options)
        return cls(await Child.start("py-spy", command, path.parent, talks=False))

    async def stop(self) -> None:
        """End the recording, which writes the file."""
        if self._child is not None:
            await self._child.stop(signal.SIGINT)
