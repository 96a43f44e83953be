"""Pages of messages are found by an index that fits, however many messages there are: SQLite chooses without counts."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from storage.sqlite.database import QUERIES
from storage.sqlite.files import MIGRATIONS

VALUES = ("acme", "live", b"\xff" * 16, bytes(16), 0, 2**60, None, None, 20, None, None, "+447700900123")
"""Of a page; what some of them ask for besides follows."""

PLACES = "(account=? AND env=? AND (subject,kind)>(?,?) AND (subject,kind)<(?,?))"
"""Of entries from one to another."""


@pytest.mark.parametrize(
    ("query", "more", "how"),
    [
        (
            "messages_page",
            (),
            "SEARCH messages USING INDEX messages_by_account (account=? AND env=? AND id>? AND id<?)",
        ),
        ("messages_page_to", ("[]",), "SEARCH messages USING INTEGER PRIMARY KEY (rowid=?)"),
        (
            "messages_page_ended",
            (),
            "SEARCH messages USING INDEX messages_ended (account=? AND env=? AND status=? AND id>? AND id<?)",
        ),
        ("messages_page_open", (), "SCAN messages USING INDEX messages_open"),  # it holds the open ones alone
        (
            "messages_page_labelled",
            ("tag:a", '["tag:b"]'),
            "SEARCH first USING PRIMARY KEY (account=? AND env=? AND label=? AND id>? AND id<?)",
        ),
    ],
)
def test_a_page_is_found_by_the_index_that_fits(query: str, more: tuple[str, ...], how: str) -> None:
    plan = plan_of(query, *VALUES, *more)
    assert plan[0] == how
    assert not [step for step in plan if step == "SCAN messages"]


def test_a_page_by_labels_looks_up_each_message_and_each_other_label() -> None:
    plan = plan_of("messages_page_labelled", *VALUES, "tag:a", '["tag:b"]')
    assert "SEARCH m USING INDEX sqlite_autoindex_messages_1 (id=?)" in plan
    assert "SEARCH l USING PRIMARY KEY (account=? AND env=? AND label=? AND id=?)" in plan
    assert not [step for step in plan if "TEMP B-TREE FOR ORDER BY" in step]


@pytest.mark.parametrize(
    ("query", "more", "how"),
    [
        ("messages_horizon", (), "messages_by_account (account=? AND env=? AND id>? AND id<?)"),
        (
            "messages_horizon_ended",
            ("failed",),
            "messages_ended (account=? AND env=? AND status=? AND id>? AND id<?)",
        ),
    ],
)
def test_where_a_look_ends_is_found_in_the_index_alone(query: str, more: tuple[str, ...], how: str) -> None:
    assert plan_of(query, *VALUES[:4], 5_000, *more) == [f"SEARCH messages USING COVERING INDEX {how}"]


def test_where_a_look_along_a_label_ends_is_found_in_its_key() -> None:
    how = "SEARCH labels USING PRIMARY KEY (account=? AND env=? AND label=? AND id>? AND id<?)"
    assert plan_of("messages_horizon_labelled", *VALUES[:4], 5_000, "tag:a") == [how]


def test_whether_a_number_or_what_is_open_is_too_much_is_counted_in_an_index() -> None:
    """No further than until it is too much."""
    to_one = plan_of("messages_crowd_to", "+447700900123", 5_000)
    assert to_one == ["SEARCH recipients USING PRIMARY KEY (recipient=?)"]
    assert plan_of("messages_crowd_open", 5_000) == ["SCAN messages USING INDEX messages_open"]


def test_a_batch_is_counted_along_its_labels() -> None:
    plan = plan_of("count_labelled", "acme", "live", "batch:1")
    assert plan[:2] == [
        "SEARCH l USING PRIMARY KEY (account=? AND env=? AND label=?)",
        "SEARCH m USING INDEX sqlite_autoindex_messages_1 (id=?)",
    ]


@pytest.mark.parametrize(
    ("query", "width", "how"),
    [
        ("labelled", 3, "SEARCH labels USING PRIMARY KEY (account=? AND env=? AND label=?)"),
        ("drop_label", 4, "SEARCH labels USING PRIMARY KEY (account=? AND env=? AND label=? AND id=?)"),
        ("clear_marks", 3, "SEARCH marks USING PRIMARY KEY (account=? AND env=? AND subject=?)"),
        ("alerts_of", 4, "SEARCH alerts USING INDEX alerts_by_account (account=? AND env=? AND id<?)"),
        ("alerts_page", 4, "SEARCH alerts USING PRIMARY KEY (id>? AND id<?)"),
        ("alerts_horizon", 2, "SEARCH alerts USING PRIMARY KEY (id<?)"),
        ("drop_alerts", 1, "SEARCH alerts USING PRIMARY KEY (id<?)"),
        ("failures_since", 1, "SEARCH failures USING PRIMARY KEY (minute>?)"),
        ("drop_failures", 1, "SEARCH failures USING PRIMARY KEY (minute<?)"),
        ("agreements", 1, "SEARCH agreements USING PRIMARY KEY (account=?)"),
        ("agreed", 3, "SEARCH agreements USING PRIMARY KEY (account=? AND member=? AND version=?)"),
    ],
)
def test_labels_alerts_and_terms_are_found_by_their_keys(query: str, width: int, how: str) -> None:
    assert how in plan_of(query, *[1] * width)


@pytest.mark.parametrize(
    ("query", "width", "how"),
    [
        ("purses_of", 3, "SEARCH purses USING PRIMARY KEY (account=? AND env=? AND currency=?)"),
        ("entry_by_key", 3, "SEARCH ledger USING INDEX ledger_keys (account=? AND env=? AND key=?)"),
        ("entries_of", 1, "SEARCH ledger USING PRIMARY KEY (subject=?)"),
        (
            "entries_page",
            8,
            f"SEARCH ledger USING INDEX ledger_by_account {PLACES}",
        ),
        (
            "entries_horizon",
            7,
            f"SEARCH ledger USING COVERING INDEX ledger_by_account {PLACES}",
        ),
        ("entries_after", 3, "SEARCH ledger USING PRIMARY KEY ((subject,kind)>(?,?))"),
    ],
)
def test_money_is_found_by_its_keys(query: str, width: int, how: str) -> None:
    plan = plan_of(query, *["1"] * width)
    assert how in plan
    assert not [step for step in plan if "TEMP B-TREE FOR ORDER BY" in step]


def test_dead_events_are_found_in_the_index_that_has_no_others() -> None:
    how = "webhooks_dead (id<?)"
    assert plan_of("dead_events", "1", 20) == [f"SEARCH webhooks USING INDEX {how}"]
    horizon = plan_of("dead_horizon", "1", 20)  # newer releases of SQLite tell that the index suffices
    assert horizon in ([f"SEARCH webhooks USING {covering}INDEX {how}"] for covering in ("", "COVERING "))
    of_one = plan_of("dead_events_of", "acme", "9", "1", 20)
    assert of_one == ["SEARCH webhooks USING INDEX webhooks_dead (id>? AND id<?)"]


def test_a_message_s_events_are_found_among_the_open_ones_or_behind_an_id() -> None:
    assert plan_of("open_events_of", "1") == ["SEARCH webhooks USING INDEX webhooks_open (subject=?)"]
    behind = plan_of("events_behind", "1", 20, "1", 2)
    assert "SEARCH webhooks USING PRIMARY KEY (id>?)" in behind
    assert not [step for step in behind if step.startswith(("MATERIALIZE", "SCAN webhooks", "USE TEMP"))], (
        "a row at a time: the look ends with the last event that is missing"
    )


def plan_of(query: str, *values: object) -> list[str]:
    """What SQLite makes of a query in an empty store, for one row where it takes many."""
    with closing(sqlite3.connect(":memory:")) as connection:
        for migration in MIGRATIONS:
            connection.executescript(migration.text)
        return [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {QUERIES[query].rows(1)}", values)]
