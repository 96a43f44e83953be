"""`make fuzz`: as many mutated frames as wanted, and which branches of the protocol they have reached.

python -m tests.wire.fuzz_long [FRAMES] [SEED]
"""

from __future__ import annotations

import secrets
import sys
import time

import coverage

PROTOCOL = ("codec", "errors", "events", "fields", "pdu", "receipt", "states", "timers")
SESSIONS = ("session", "esme", "smsc", "questions")
"""The half of the package that owns no socket."""
MEASURED = 100_000
"""Frames of which the branches are noted: that takes five times as long."""
EACH = 100_000


def main(arguments: list[str]) -> None:
    """Fuzz, then print the coverage. A seed that was not given is made, and printed first."""
    frames = int(arguments[0]) if arguments else 1_000_000
    seed = int(arguments[1]) if len(arguments) > 1 else secrets.randbelow(1 << 32)
    measured = coverage.Coverage(
        data_file=None, branch=True, include=[f"smpp/{module}.py" for module in PROTOCOL + SESSIONS]
    )
    measured.start()
    from tests.wire.fuzz import fuzz  # after the start, so that what runs at the import counts

    begun = time.monotonic()
    said = 0

    def progress(done: int) -> None:
        nonlocal said
        if done // EACH > said:
            said = done // EACH
            sys.stderr.write(f"fuzz: {done} frames, {done / (time.monotonic() - begun):.0f} a second\n")

    sys.stdout.write(f"fuzz: {frames} frames, seed {seed}; the first {min(frames, MEASURED)} are measured\n")
    try:
        fuzz(min(frames, MEASURED), seed, progress)
    finally:
        measured.stop()
    said = 0
    fuzz(frames - MEASURED, seed + 1, progress)
    sys.stdout.write(f"fuzz: {frames} frames did no harm in {time.monotonic() - begun:.0f} s\n")
    measured.report(show_missing=True)


if __name__ == "__main__":
    main(sys.argv[1:])
