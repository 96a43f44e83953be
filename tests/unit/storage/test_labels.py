"""The rows of labels."""

from __future__ import annotations

from storage.labels import as_kept, asked, label_rows
from tests.contract.made import message


def test_messages_without_labels_have_no_rows() -> None:
    assert label_rows([message(), message()]) == []


def test_rows_are_sorted_and_each_stands_once() -> None:
    first, second = message(labels=("tag:b", "tag:a", "tag:b")), message(account="abel", labels=("tag:c",))
    assert label_rows([first, second]) == [
        ("abel", "live", "tag:c", second.id),
        ("acme", "live", "tag:a", first.id),
        ("acme", "live", "tag:b", first.id),
    ]


def test_u0000_is_kept_and_asked_for_as_another_character() -> None:
    (row,) = label_rows([message(labels=("tag:a\0b",))])
    assert row[2] == as_kept("tag:a\0b") == "tag:a\ufffdb"
    assert asked(["tag:z", "tag:a\0b", "tag:z"]) == {"tag:z": "tag:z", "tag:a\ufffdb": "tag:a\0b"}
