"""Every fault and every refusal has its status, code and title, and they are the document's where it names one."""

from __future__ import annotations

import orjson

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

# What clients have been answered since the first release: no table of ours changes it unseen.
ANSWERED: dict[Fault | Why, tuple[int, str, str]] = {
    Fault.INVALID: (400, "INVALID_PAYLOAD", "Invalid payload"),
    Fault.UNAUTHENTICATED: (401, "UNAUTHENTICATED", "Authentication required"),
    Fault.WRONG_TENANT: (403, "TENANT_MISMATCH", "Tenant does not match the credentials"),
    Fault.SCOPE_MISSING: (403, "INSUFFICIENT_SCOPE", "The credentials do not allow this"),
    Fault.NO_SUCH_PATH: (404, "NOT_FOUND", "No such resource"),
    Fault.NOT_FOUND: (404, "MESSAGE_NOT_FOUND", "Message not found"),
    Fault.METHOD_NOT_ALLOWED: (405, "METHOD_NOT_ALLOWED", "Method not allowed"),
    Fault.BODY_TIMEOUT: (408, "REQUEST_TIMEOUT", "The request took too long to arrive"),
    Fault.KEY_CONFLICT: (409, "IDEMPOTENCY_CONFLICT", "Idempotency key was used for another request"),
    Fault.TOO_LARGE: (413, "REQUEST_TOO_LARGE", "Request body too large"),
    Fault.MEDIA_TYPE: (415, "UNSUPPORTED_MEDIA_TYPE", "Unsupported media type"),
    Fault.EXPECTATION: (417, "EXPECTATION_FAILED", "Expectation can not be met"),
    Fault.RATE_LIMITED: (429, "RATE_LIMITED", "Too many requests"),
    Fault.INTERNAL: (500, "INTERNAL_ERROR", "Internal error"),
    Fault.OVERLOADED: (503, "OVERLOADED", "The gateway is overloaded"),
    Fault.UNAVAILABLE: (503, "DEPENDENCY_UNAVAILABLE", "A dependency is not available"),
    Why.INVALID: (400, "INVALID_PAYLOAD", "Invalid payload"),
    Why.INVALID_RECIPIENT: (400, "INVALID_DESTINATION", "Invalid destination phone number"),
    Why.INVALID_SENDER: (400, "INVALID_PAYLOAD", "Invalid payload"),
    Why.SENDER_MISSING: (400, "INVALID_PAYLOAD", "Invalid payload"),
    Why.SENDER_NOT_ALLOWED: (422, "SENDER_NOT_ALLOWED", "Sender not allowed"),
    Why.BODY_EMPTY: (400, "INVALID_PAYLOAD", "Invalid payload"),
    Why.BODY_TOO_LONG: (400, "SMS_BODY_TOO_LONG", "Message body too long"),
    Why.CALLBACK_NOT_ALLOWED: (400, "INVALID_PAYLOAD", "Invalid payload"),
    Why.SUPPRESSED: (422, "RECIPIENT_SUPPRESSED", "Recipient is on the suppression list"),
    Why.COUNTRY_NOT_ALLOWED: (422, "COUNTRY_NOT_ALLOWED", "Country not allowed"),
    Why.TOO_MANY_SEGMENTS: (422, "TOO_MANY_SEGMENTS", "Message has too many segments"),
    Why.TOO_MANY_TO_RECIPIENT: (429, "TOO_MANY_TO_RECIPIENT", "Too many messages to this number"),
    Why.TOO_MANY_TO_PREFIX: (429, "TOO_MANY_TO_PREFIX", "Too many messages to this range of numbers"),
    Why.NUMBERS_IN_A_ROW: (422, "NUMBERS_IN_A_ROW", "Too many adjacent numbers"),
    Why.NOT_PRICED: (422, "DESTINATION_NOT_PRICED", "The destination has no price"),
    Why.SPENDING_CAP: (402, "SPENDING_CAP_REACHED", "The cap on spending of a day is reached"),
    Why.INSUFFICIENT_BALANCE: (402, "INSUFFICIENT_BALANCE", "Insufficient balance"),
}

WRITER = ProblemWriter("https://errors.ghasi.io/sms/")


def test_every_fault_and_every_refusal_is_answered_as_ever() -> None:
    assert ANSWERED.keys() == {*Fault, *Why}
    given: list[tuple[Fault | Why, Problem]] = [*OF_FAULT.items(), *OF_WHY.items()]
    assert dict(given) == ANSWERED


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
