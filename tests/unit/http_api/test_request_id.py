"""Request ids are ULIDs, sorted by time."""

from __future__ import annotations

import re

from http_api.request_id import new_request_id


def test_an_id_is_a_ulid_with_its_prefix() -> None:
    made = new_request_id()
    assert re.fullmatch(r"req_[0-7][0-9A-HJKMNP-TV-Z]{25}", made)


def test_the_time_stands_in_front() -> None:
    # The ULID specification's own example of a time
    assert new_request_id(1_469_918_176_385).startswith("req_01ARYZ6S41")
    assert new_request_id(1000) < new_request_id(1001)


def test_ids_of_one_millisecond_differ() -> None:
    assert len({new_request_id(1000) for _ in range(1000)}) == 1000
