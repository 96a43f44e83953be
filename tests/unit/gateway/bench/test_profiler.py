"""The stacks of a subject: a file for each of its Python processes, and no run that ends without them."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import pytest

from gateway.bench import BenchError, BenchOptions, procfs
from gateway.bench.child import Child, until
from gateway.bench.kannel import Kannel
from gateway.bench.profiler import Profiler, check_profile
from gateway.bench.trunkline import Trunkline

# As py-spy does: it ends at SIGINT, and writes then. What: the command of the process that it was to look at.
RECORDER = """#!{python}
import pathlib, signal, sys
said = dict(zip(sys.argv[2::1], sys.argv[3::1]))
try:
    pathlib.Path(said["--output"] + ".begun").touch()
    signal.pause()
except KeyboardInterrupt:
    command = pathlib.Path("/proc", said["--pid"], "cmdline").read_text().replace(chr(0), " ")
    pathlib.Path(said["--output"] + ".begun").unlink()
    pathlib.Path(said["--output"]).write_text(command + chr(10) + said["--format"])
"""


def recorder(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str = RECORDER) -> None:
    """A `py-spy` before all others on the PATH."""
    folder.mkdir()
    (folder / "py-spy").write_text(script.format(python=sys.executable))
    (folder / "py-spy").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


class Processes(Kannel):
    """A subject with these Python processes."""

    def __init__(self, found: Mapping[str, int]) -> None:
        super().__init__(BenchOptions())
        self._found = dict(found)

    def interpreters(self) -> dict[str, int]:
        """As given."""
        return self._found


def there(path: Path) -> Callable[[], Awaitable[bool]]:
    """Whether a file has come, and something in it where it is a log."""

    def has_come() -> bool:
        return path.exists() and (path.suffix != ".log" or bool(path.read_text()))

    async def look() -> bool:
        return has_come()

    return look


def names(folder: Path) -> list[str]:
    """Of its files."""
    return sorted(each.name for each in folder.iterdir())


async def test_each_process_has_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recorder(tmp_path / "bin", monkeypatch)
    targets = [await Child.start(f"{n}", ("sleep", f"60.{n}"), tmp_path) for n in (1, 2)]
    subject = Processes({str(number): target.pid for number, target in enumerate(targets, 1)})
    (tmp_path / "stacks-1.txt").write_text("of an earlier run")
    profiler = await Profiler.start(tmp_path / "stacks.txt", subject, tmp_path)
    for number, target in enumerate(targets, 1):
        await until(there(tmp_path / f"stacks-{number}.txt.begun"), target, "the recording")
    await profiler.stop()
    for number, target in enumerate(targets, 1):
        assert (tmp_path / f"stacks-{number}.txt").read_text() == f"sleep 60.{number} \nraw"
        await target.stop()


async def test_a_recording_that_fails_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where one may not look into processes that are not one's own children."""
    recorder(tmp_path / "bin", monkeypatch, "#!{python}\nraise SystemExit('Permission Denied')")
    target = await Child.start("target", ("sleep", "60"), tmp_path)
    profiler = await Profiler.start(tmp_path / "stacks.svg", Processes({"": target.pid}), tmp_path)
    await until(there(tmp_path / "py-spy stacks.svg.log"), target, "its end")
    with pytest.raises(BenchError, match=r"py-spy has not written .*/stacks.svg: Permission Denied"):
        await profiler.stop()
    await target.stop()


async def test_nothing_is_recorded_of_what_is_not_python(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder(tmp_path / "bin", monkeypatch)
    profiler = await Profiler.start(tmp_path / "stacks.svg", Kannel(BenchOptions()), tmp_path)
    await profiler.stop()
    assert names(tmp_path) == ["bin"]


def test_what_can_not_be_recorded_is_told_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check_profile(None)
    recorder(tmp_path / "bin", monkeypatch)
    check_profile(tmp_path / "stacks.svg")
    with pytest.raises(BenchError, match=r"there is no folder .*/no: make it, or name another file"):
        check_profile(tmp_path / "no" / "stacks.svg")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(BenchError, match="--profile needs py-spy on the PATH"):
        check_profile(tmp_path / "stacks.svg")


class Serving(Trunkline):
    """A gateway whose first process is this one."""

    def __init__(self, pid: int, options: BenchOptions, *, metered: bool = False) -> None:
        super().__init__(options, metered=metered)
        self._pid = pid

    def pids(self) -> list[int]:
        """As given."""
        return [self._pid]


async def test_workers_are_looked_at_and_not_their_supervisor(tmp_path: Path) -> None:
    two = ("sh", "-c", "sleep 60 & sleep 60 & wait")
    supervisor = await Child.start("supervisor", two, tmp_path)
    pid = supervisor.pid

    async def both() -> bool:
        return len(procfs.children(pid)) == 2

    await until(both, supervisor, "its children")
    first, second = procfs.children(pid)
    many = BenchOptions(workers=2, store="postgresql://127.0.0.1/x")
    assert Serving(pid, many).interpreters() == {"1": first, "2": second}
    assert Serving(pid, many, metered=True).interpreters() == {"metered-1": first, "metered-2": second}
    assert Serving(pid, BenchOptions()).interpreters() == {"": pid}
    assert Serving(pid, BenchOptions(), metered=True).interpreters() == {"metered": pid}
    for worker in (first, second):
        os.kill(worker, signal.SIGTERM)
    await supervisor.stop()
