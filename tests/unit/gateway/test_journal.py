"""The flight journal: what a dead process has written, torn tails, other boots, taking turns."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import journal
from gateway.domain import ids
from gateway.domain.outcome import Part


def a_part(number: int = 1, attempt: int = 1, total: int = 1) -> Part:
    """A part of a new message."""
    return Part(ids.new_id(datetime.now(UTC)), attempt, number, total, b"body")


def test_tells_written_from_returned(tmp_path: Path) -> None:
    path = tmp_path / "flight"
    log = journal.FlightJournal(path, "boot")
    first, second, third = a_part(), a_part(2, 3, 4), a_part()
    log.written([first, second])
    log.written([third])
    log.returned(first)
    assert journal.read(path, "boot") == {
        (second.message_id, 3): [(2, 4)],
        (third.message_id, 1): [(1, 1)],
    }


def test_another_boot_tells_nothing(tmp_path: Path) -> None:
    journal.FlightJournal(tmp_path / "flight", "boot").written([a_part()])
    assert journal.read(tmp_path / "flight", "another boot") is None


def test_no_journal_tells_nothing(tmp_path: Path) -> None:
    assert journal.read(tmp_path / "flight", "boot") is None


@pytest.mark.parametrize("cut", [1, 10, 27])
def test_a_torn_tail_ends_the_reading(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "flight"
    log = journal.FlightJournal(path, "boot")
    kept, torn = a_part(), a_part()
    log.written([kept])
    log.written([torn])
    file = journal.turn_path(path, 0)
    file.write_bytes(file.read_bytes()[:-cut])
    assert journal.read(path, "boot") == {(kept.message_id, 1): [(1, 1)]}


def test_a_damaged_record_ends_the_reading(tmp_path: Path) -> None:
    path = tmp_path / "flight"
    log = journal.FlightJournal(path, "boot")
    log.written([a_part()])
    file = journal.turn_path(path, 0)
    data = bytearray(file.read_bytes())
    data[-10] ^= 0xFF
    file.write_bytes(data)
    assert journal.read(path, "boot") == {}


def test_a_file_without_a_head_holds_nothing(tmp_path: Path) -> None:
    """The process was killed while it began the next file: the other one tells all the same."""
    path = tmp_path / "flight"
    part = a_part()
    journal.FlightJournal(path, "boot").written([part])
    journal.turn_path(path, 1).touch()
    assert journal.read(path, "boot") == {(part.message_id, 1): [(1, 1)]}
    journal.turn_path(path, 0).write_bytes(b"")
    assert journal.read(path, "boot") is None


def test_a_file_goes_only_when_all_of_it_is_recorded(tmp_path: Path) -> None:
    path = tmp_path / "flight"
    log = journal.FlightJournal(path, "boot", rotate_bytes=200)
    stays = a_part()
    log.written([stays])
    for _ in range(100):
        part = a_part()
        log.written([part])
        log.recorded([(part.message_id, part.attempt, part.part)])
    flights = journal.read(path, "boot")
    assert flights is not None
    assert (stays.message_id, 1) in flights
    log.recorded([(stays.message_id, 1, 1)])
    for _ in range(100):
        part = a_part()
        log.written([part])
        log.recorded([(part.message_id, part.attempt, part.part)])
    flights = journal.read(path, "boot")
    assert flights is not None
    assert (stays.message_id, 1) not in flights
    assert sum(file.stat().st_size for file in journal.paths(path)) < 2000


def test_a_new_journal_forgets_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "flight"
    journal.FlightJournal(path, "boot").written([a_part()])
    journal.FlightJournal(path, "boot")
    assert journal.read(path, "boot") == {}


def test_two_files_are_read_in_the_order_in_which_they_were_written(tmp_path: Path) -> None:
    """A part that was throttled in the one and written again in the next is out there."""
    path = tmp_path / "flight"
    log = journal.FlightJournal(path, "boot", rotate_bytes=1)  # a new file whenever there may be one
    again = a_part()
    for _ in range(6):  # so that it is once the first file that is the older one, and once the second
        log.written([again])
        flights = journal.read(path, "boot")
        assert flights is not None
        assert (again.message_id, 1) in flights
        log.returned(again)
        filler = a_part()
        log.written([filler])
        log.recorded([(filler.message_id, 1, 1)])


def short_of_room(monkeypatch: pytest.MonkeyPatch, octets: int) -> None:
    """The disk takes so many octets of the next write; then there is room again."""
    write = os.write

    def once(file: int, data: bytes) -> int:
        monkeypatch.setattr(os, "write", write)
        return write(file, data[:octets])

    monkeypatch.setattr(os, "write", once)


@pytest.mark.parametrize("octets", [0, 1, 20, 40])
def test_a_full_disk_allows_no_write_and_hides_none_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, octets: int
) -> None:
    path = tmp_path / "flight"
    log = journal.FlightJournal(path, "boot")
    first, refused, later = a_part(), a_part(), a_part()
    log.written([first])
    short_of_room(monkeypatch, octets)
    with pytest.raises(OSError, match="the disk is full"):
        log.written([refused, refused])
    log.written([later])
    assert journal.read(path, "boot") == {(first.message_id, 1): [(1, 1)], (later.message_id, 1): [(1, 1)]}


def test_a_return_that_can_not_be_noted_leaves_doubt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "flight"
    log = journal.FlightJournal(path, "boot")
    part = a_part()
    log.written([part])
    short_of_room(monkeypatch, 5)
    log.returned(part)
    assert journal.read(path, "boot") == {(part.message_id, 1): [(1, 1)]}


def test_no_room_for_a_new_file_goes_on_in_the_present_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "flight"
    log = journal.FlightJournal(path, "boot", rotate_bytes=1)
    part, write, calls = a_part(), os.write, list[int]()

    def second_is_short(file: int, data: bytes) -> int:
        calls.append(len(data))
        return write(file, data[:3] if len(calls) == 2 else data)

    monkeypatch.setattr(os, "write", second_is_short)
    log.written([part])  # its record, then the head of the next file, which fails
    later = a_part()
    log.written([later])
    flights = journal.read(path, "boot")
    assert flights is not None
    assert set(flights) == {(part.message_id, 1), (later.message_id, 1)}


def test_closed_it_can_still_be_read(tmp_path: Path) -> None:
    path = tmp_path / "flight"
    log = journal.FlightJournal(path, "boot")
    part = a_part()
    log.written([part])
    log.close()
    assert journal.read(path, "boot") == {(part.message_id, 1): [(1, 1)]}


def test_this_machine_s_boot_has_one_id() -> None:
    assert journal.boot_id() == journal.boot_id() != ""


KEYS = st.integers(0, 5)


@given(st.lists(st.tuples(st.sampled_from(["written", "returned", "recorded"]), KEYS), max_size=200))
def test_what_is_out_there_is_always_known(acts: list[tuple[str, int]]) -> None:
    """Whatever happens, and however the files take turns: a part that was written, not returned and not recorded is
    told; one that was returned and not written again is not."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "flight"
        log = journal.FlightJournal(path, "boot", rotate_bytes=150)
        parts = [a_part() for _ in range(6)]
        out: set[int] = set()
        returned: set[int] = set()
        for act, number in acts:
            part = parts[number]
            if act == "written":
                log.written([part])
                out.add(number)
                returned.discard(number)
            elif act == "returned" and number in out:
                log.returned(part)
                out.discard(number)
                returned.add(number)
            elif act == "recorded" and number in out:
                log.recorded([(part.message_id, 1, 1)])
                out.discard(number)
        log.close()
        flights = journal.read(path, "boot")
        assert flights is not None
        told = {number for number, part in enumerate(parts) if (part.message_id, 1) in flights}
        assert out <= told
        assert not told & returned


# --- the sign of life

HOLD = """
import sys
from pathlib import Path
from gateway.journal import LifeSign
sign = LifeSign(Path(sys.argv[1]), "boot-1")
print("held", flush=True)
sys.stdin.read()
"""


def test_a_process_is_gone_when_it_lives_no_more_and_not_before(tmp_path: Path) -> None:
    path = tmp_path / "trunkline.7.flights"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        assert not journal.is_gone(path, "boot-1", process.pid)
        process.send_signal(signal.SIGSTOP)
        assert not journal.is_gone(path, "boot-1", process.pid), "it stands still, and may go on"
        process.kill()
        process.wait()
    assert journal.is_gone(path, "boot-1", process.pid)
    assert not journal.is_gone(path, "boot-2", process.pid), (
        "another machine's, or of another start of this one"
    )
    assert not journal.is_gone(path, "boot-1", process.pid + 1), "another process's, whose number came again"


def test_of_a_process_without_a_sign_nothing_is_known(tmp_path: Path) -> None:
    assert not journal.is_gone(tmp_path / "trunkline.7.flights", "boot-1", 1)


def test_a_sign_is_given_up_with_all_else(tmp_path: Path) -> None:
    path = tmp_path / "trunkline.7.flights"
    sign = journal.LifeSign(path, "boot-1")
    assert not journal.is_gone(path, "boot-1", os.getpid())
    sign.close()
    assert journal.is_gone(path, "boot-1", os.getpid())
    assert [each.name for each in tmp_path.iterdir()] == ["trunkline.7.flights.lives"]
