"""Mutated frames against the decoder and sessions of both roles; `make fuzz` runs a million of them.

What was found that way stands below, each as a test of its own.
"""

from __future__ import annotations

import gc
import sys

import pytest

from tests.wire.fuzz import fuzz

FRAMES = 60_000
BLOCKS_ALLOWED = 2000


@pytest.mark.parametrize("seed", [1, 2])
def test_mutated_frames_do_no_harm(seed: int) -> None:
    """Also to the memory: from a tenth of the way on, nothing that a frame has brought stays."""
    fuzz(FRAMES // 10, seed)
    gc.collect()
    before = sys.getallocatedblocks()
    fuzz(FRAMES, seed + 100)
    gc.collect()
    assert sys.getallocatedblocks() - before < BLOCKS_ALLOWED
