"""Mutated frames against the decoder and sessions of both roles; `make fuzz` runs a million of them.

What was found that way stands below, each as a test of its own.
"""

from __future__ import annotations

import gc
import random
import struct
import sys

import pytest

from smpp.constants import CommandId
from smpp.states import Role, State
from tests.wire.fuzz import WINDOW, Frames, Life, fuzz, written

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


def test_a_session_that_lives_long_does_not_grow() -> None:
    """All that a peer may send without end: wrong answers, wrong requests, broken bodies; nothing of it is kept."""
    chance = random.Random(3)
    made = Frames(chance)
    life = Life(chance)
    while life.session.role is not Role.ESME or life.session.state is not State.BOUND_TRX:
        life = Life(chance)
    ends = {CommandId.UNBIND, CommandId.UNBIND_RESP}

    def live(frames: int) -> int:
        for _ in range(frames):
            frame = bytearray(made.next(chance.randrange(1, 1000), Role.ESME))
            frame[:4] = struct.pack(">I", len(frame))
            if len(frame) < 16 or int.from_bytes(frame[4:8], "big") in ends or len(frame) > 4096:
                continue
            life.session.receive(bytes(frame), life.now)
            written(life.session.data_to_send())
            life.owner.to_answer.clear()
        gc.collect()
        return sys.getallocatedblocks()

    before = live(2000)
    assert live(20_000) - before < BLOCKS_ALLOWED, (
        "one block kept of ten frames; the free lists take some hundred"
    )
    assert life.session.window_free == WINDOW
