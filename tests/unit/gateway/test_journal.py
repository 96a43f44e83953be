"""The flight journal: what a dead process has written, torn tails, other boots, taking turns."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

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
