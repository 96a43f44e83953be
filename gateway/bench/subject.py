"""What is measured: a gateway with HTTP on one side and a carrier on the other."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from gateway.bench.options import BenchOptions
from gateway.bench.requests import Template


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where a subject is put: its own directory, the carrier's port, the sink's port."""

    directory: Path
    carrier_port: int
    sink_port: int
    options: BenchOptions


class Subject(Protocol):
    """A gateway under load. It is `prepare`d, `start`ed, asked, and `stop`ped."""

    name: str
    binds: int  #: that it holds with the carrier when it is ready

    async def prepare(self, directory: Path, sink_port: int) -> str:
        """Make what it needs in its directory; returns the secret that signs its webhooks, "" for none."""

    async def start(self, around: Surroundings) -> None:
        """Start it, and return when it takes requests. Raises BenchError."""

    def template(self) -> Template:
        """The requests that it takes."""

    @property
    def port(self) -> int:
        """Where it takes them."""

    def pids(self) -> Collection[int]:
        """Its processes, whose CPU time counts."""

    def interpreters(self) -> Mapping[str, int]:
        """Those of its processes that are Python, by what tells their profiles apart: "" for the only one."""

    async def stop(self) -> None:
        """End it."""

    async def audit(self, messages: int) -> list[str]:
        """What its own books say is wrong after so many messages, once it has ended."""
