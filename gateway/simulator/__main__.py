"""`python -m gateway.simulator PORT [PROFILE]`: the simulated carrier as a process of its own, for `trunkline bench`.

People use `trunkline simulator`. It reads commands from its input and flushes each line, for who reads by a pipe.
"""

from __future__ import annotations

import sys
from pathlib import Path

import uvloop

from gateway.simulator import Profile, load_profile, run_simulator


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(arguments: list[str]) -> None:
    """Serve on the loopback until SIGTERM."""
    port, *rest = arguments
    profile = load_profile(Path(rest[0])) if rest else Profile()
    uvloop.run(run_simulator("127.0.0.1", int(port), profile, say=_say, commands=sys.stdin))


if __name__ == "__main__":
    main(sys.argv[1:])
