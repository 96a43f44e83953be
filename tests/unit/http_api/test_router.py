"""Routes by path and method."""

from __future__ import annotations

from dataclasses import replace

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


def test_an_unknown_path_is_told_of_in_the_words_of_its_neighbours() -> None:
    routes = [route("GET", path) for path in ("/api/a/b", "/api/a/{id}", "/api/c/{id}/d", "/api/c")]
    first, _, second, third = routes
    routes[1] = replace(routes[1], refuse=first.refuse)
    routes[3] = replace(third, refuse=second.refuse)
    router = Router(routes)
    for path in ("/api/a", "/api/a/", "/api/a/x/y", "/api/a/b/", "/api/a/b/c/d", "/api/a//"):
        assert router.words_near(path) == first.refuse, path
    for path in ("/api/c/", "/api/c/x", "/api/c/x/y"):
        assert router.words_near(path) == second.refuse, path
    for path in ("/", "", "/api", "/api/", "/api/x", "/x/y", "*", "//", "/api/x/a/b"):
        assert router.words_near(path) is None, path


@given(st.text(alphabet="/ab", max_size=40))
def test_any_unknown_path_has_words_or_none(path: str) -> None:
    assert ROUTER.words_near(path) in (None, *(each.refuse for each in ROUTER.routes))
