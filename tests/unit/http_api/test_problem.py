"""Every fault and every refusal has its status, code and title, and they are the document's where it names one."""

from __future__ import annotations

import orjson
import pytest

from gateway.domain.send import FieldError, Refusal, Why
from http_api.errors import Fault, RequestFault
from http_api.exchange import Request
from http_api.problem import OF_FAULT, OF_WHY, Problem, ProblemWriter, instance

# Document 000, 1.1 "Errors"
DOCUMENTED = {
    (400, "INVALID_PAYLOAD"),
    (400, "INVALID_DESTINATION"),
    (400, "SMS_BODY_TOO_LONG"),
    (401, "UNAUTHENTICATED"),
    (403, "TENANT_MISMATCH"),
    (409, "IDEMPOTENCY_CONFLICT"),
    (413, "REQUEST_TOO_LARGE"),
    (429, "RATE_LIMITED"),
    (503, "DEPENDENCY_UNAVAILABLE"),
}

WRITER = ProblemWriter("https://errors.ghasi.io/sms/")


@pytest.mark.parametrize("fault", Fault)
def test_every_fault_is_a_problem(fault: Fault) -> None:
    _check(OF_FAULT[fault])


@pytest.mark.parametrize("why", Why)
def test_every_refusal_is_a_problem(why: Why) -> None:
    _check(OF_WHY[why])


def _check(problem: Problem) -> None:
    assert 400 <= problem.status <= 599
    assert problem.code.isupper()
    assert problem.title


def test_every_row_of_the_documents_table_is_there() -> None:
    written = {(problem.status, problem.code) for problem in (*OF_FAULT.values(), *OF_WHY.values())}
    assert written >= DOCUMENTED


def test_one_code_has_one_status_and_one_title() -> None:
    by_code: dict[str, Problem] = {}
    for problem in (*OF_FAULT.values(), *OF_WHY.values()):
        assert by_code.setdefault(problem.code, problem) == problem


def test_a_problem_has_the_documents_fields() -> None:
    request = Request("POST", "/v1/sms/send", "", {"x-request-id": "req_01H"}, "")
    refusal = Refusal(Why.INVALID_RECIPIENT, "Value '00447700900123' is not a valid E.164 number")
    response = WRITER.refusal(request, refusal)
    assert response.content_type == "application/problem+json"
    # Document 000, 2
    assert orjson.loads(response.body) == {
        "type": "https://errors.ghasi.io/sms/INVALID_DESTINATION",
        "title": "Invalid destination phone number",
        "status": 400,
        "code": "INVALID_DESTINATION",
        "detail": "Value '00447700900123' is not a valid E.164 number",
        "instance": "/v1/sms/send",
        "requestId": "req_01H",
    }


def test_bad_fields_are_listed_by_pointer_or_parameter() -> None:
    fields = (FieldError("/to", "a"), FieldError("", "b"), FieldError("limit", "c"))
    fault = RequestFault(Fault.INVALID, "bad", fields=fields, headers=(("X", "y"),))
    response = WRITER.fault(Request("GET", "/v1/sms", "", {}, ""), fault)
    assert orjson.loads(response.body)["errors"] == [
        {"pointer": "/to", "detail": "a"},
        {"pointer": "", "detail": "b"},
        {"parameter": "limit", "detail": "c"},
    ]
    assert (response.headers, response.code) == ((("X", "y"),), "INVALID_PAYLOAD")


def test_an_instance_is_a_uri_reference_of_bounded_length() -> None:
    assert instance('/a "b"') == "/a%20%22b%22"
    assert len(instance("/" + "a" * 5000)) == 1000
