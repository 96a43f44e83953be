"""Every member of the core's closed sets has a word in this dialect."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.message import FINAL
from gateway.domain.send import Why
from gateway.domain.words import Status
from gateway.services.outbox import NotResent
from http_api.dialects.outbox.words import (
    DETAIL_OF_NOT_RESENT,
    FIELD_OF_WHY,
    OF_FAULT,
    OF_NOT_RESENT,
    OF_WHY,
    WORD_OF_STATUS,
    WORDS,
    outbox_id,
    read_outbox_id,
    statuses_of,
    word_of,
    words_of,
)
from http_api.errors import Fault

# CONTRACTS, "Statuses", the column of this dialect.
CONTRACT = {
    "scheduled": "pending",
    "queued": "pending",
    "sent": "pending",
    "delivered": "sent",
    "undeliverable": "failed",
    "failed": "failed",
    "canceled": "failed",
}


@pytest.mark.parametrize("status", Status)
def test_every_status_has_the_contracts_word(status: Status) -> None:
    assert word_of(status, over=status in FINAL) == CONTRACT[status.value] == WORD_OF_STATUS[status]
    assert word_of(status, over=True) == ("sent" if status is Status.SENT else CONTRACT[status.value])


@given(st.sets(st.sampled_from(WORDS)))
def test_words_and_the_statuses_that_may_have_them(words: set[str]) -> None:
    statuses = statuses_of(words)
    assert words_of(statuses) == words
    for status in Status:
        may = {word_of(status, over=over) for over in (False, True)}
        assert (status in statuses) == bool(may & words)


@pytest.mark.parametrize("fault", Fault)
def test_every_fault_has_a_status_and_a_code(fault: Fault) -> None:
    status, code = OF_FAULT[fault]
    assert 400 <= status < 600
    assert code.replace("_", "").isupper()


@pytest.mark.parametrize("why", Why)
def test_every_refusal_has_a_status_and_a_code(why: Why) -> None:
    status, code = OF_WHY[why]
    assert 400 <= status < 500
    assert code.replace("_", "").isupper()
    assert FIELD_OF_WHY[why] in {"", "recipientPhoneNumber", "senderId", "message"}


@pytest.mark.parametrize("why", NotResent)
def test_every_reason_not_to_resend_has_a_code(why: NotResent) -> None:
    assert OF_NOT_RESENT[why].status in {404, 409}
    assert DETAIL_OF_NOT_RESENT[why].endswith(".")


def test_codes_say_one_thing() -> None:
    told = [*OF_FAULT.values(), *OF_WHY.values(), *OF_NOT_RESENT.values()]
    assert len({each.code for each in told}) == len(set(told))


@given(st.binary(min_size=16, max_size=16))
def test_an_id_and_back(first: bytes) -> None:
    assert read_outbox_id(outbox_id(first)) == first


@given(st.text(alphabet="obx_0123456789abcdefABCDEF-", max_size=40))
def test_no_other_text_is_an_id(text: str) -> None:
    found = read_outbox_id(text)
    assert found is None or outbox_id(found) == text
