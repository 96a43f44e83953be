"""Routes by path and method."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from http_api.exchange import Request, Response, Route
from http_api.problem import ProblemWriter
from http_api.router import Router


async def handler(_request: Request) -> Response:
    return Response(200, b"")


def route(method: str, path: str) -> Route:
    """A route that nobody calls."""
    return Route(method, path, handler, ProblemWriter("https://errors.example/").fault)


ROUTER = Router(
    [
        route("POST", "/v1/sms/send"),
        route("GET", "/v1/sms/{id}"),
        route("GET", "/v1/sms"),
        route("PUT", "/v1/sms"),
        route("GET", "/admin/accounts/{name}/balance"),
        route("POST", "/admin/accounts/{name}/top-ups"),
    ]
)


@pytest.mark.parametrize(
    ("path", "methods", "tail"),
    [
        ("/v1/sms", {"GET", "PUT"}, ""),
        ("/v1/sms/send", {"POST"}, ""),
        ("/v1/sms/abc", {"GET"}, "abc"),
        ("/v1/sms/%2F", {"GET"}, "%2F"),
        ("/v1/sms/", set(), ""),
        ("/v1/sms/a/b", set(), ""),
        ("/admin/accounts/acme/balance", {"GET"}, "acme"),
        ("/admin/accounts/acme/top-ups", {"POST"}, "acme"),
        ("/admin/accounts/acme/", set(), ""),
        ("/admin/accounts//balance", set(), ""),
        ("/admin/accounts/a/b/balance", set(), ""),
        ("/admin/accounts/balance", set(), ""),
        ("/v1", set(), ""),
        ("v1", set(), ""),
        ("", set(), ""),
    ],
)
def test_paths(path: str, methods: set[str], tail: str) -> None:
    found, name = ROUTER.methods(path)
    assert set(found) == methods
    if methods:
        assert name == tail


@given(st.text())
def test_any_path_has_an_answer(path: str) -> None:
    assert isinstance(ROUTER.methods(path)[0], dict)


def test_two_routes_for_one_thing_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="two routes for GET /a"):
        Router([route("GET", "/a"), route("GET", "/a")])
    with pytest.raises(ValueError, match="two routes for GET"):
        Router([route("GET", "/a/{b}/c"), route("GET", "/a/{d}/c")])
