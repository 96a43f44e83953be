"""From method and path to a route: dictionaries, because measured against a pattern walk they cost nothing."""

from __future__ import annotations

from collections.abc import Iterable

from http_api.exchange import Route


class Router:
    """Exact paths first, then paths whose last segment is a name (`/v1/sms/{id}`), then those with a name before the
    last segment (`/admin/accounts/{name}/balance`)."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._exact: dict[str, dict[str, Route]] = {}
        self._tails: dict[str, dict[str, Route]] = {}
        self._middles: dict[tuple[str, str], dict[str, Route]] = {}
        self.routes = tuple(routes)
        for route in self.routes:
            methods = self._place(route.path)
            if methods.setdefault(route.method, route) is not route:
                raise ValueError(f"two routes for {route.method} {route.path}")

    def _place(self, path: str) -> dict[str, Route]:
        """Where the routes of a path stand."""
        prefix, tail = split_tail(path)
        if tail.startswith("{"):
            return self._tails.setdefault(prefix, {})
        before, name = split_tail(prefix[:-1])
        if name.startswith("{"):
            return self._middles.setdefault((before, tail), {})
        return self._exact.setdefault(path, {})

    def methods(self, path: str) -> tuple[dict[str, Route], str]:
        """The routes at a path by method, and what stood for the name; no routes when the path is unknown."""
        found = self._exact.get(path)
        if found is not None:
            return found, ""
        prefix, tail = split_tail(path)
        if not tail:
            return {}, ""
        found = self._tails.get(prefix)
        if found is not None:
            return found, tail
        before, name = split_tail(prefix[:-1])
        return (self._middles.get((before, tail), {}), name) if name else ({}, "")


def split_tail(path: str) -> tuple[str, str]:
    """A path up to and with its last slash, and what follows."""
    at = path.rfind("/") + 1
    return path[:at], path[at:]
