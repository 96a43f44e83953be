"""From method and path to a route: two dictionaries, because measured against a pattern walk they cost nothing."""

from __future__ import annotations

from collections.abc import Iterable

from http_api.exchange import Route


class Router:
    """Exact paths first, then paths whose last segment is a name (`/v1/sms/{id}`)."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._exact: dict[str, dict[str, Route]] = {}
        self._tails: dict[str, dict[str, Route]] = {}
        self.routes = tuple(routes)
        for route in self.routes:
            prefix, tail = split_tail(route.path)
            table = self._tails if tail.startswith("{") else self._exact
            methods = table.setdefault(prefix if tail.startswith("{") else route.path, {})
            if methods.setdefault(route.method, route) is not route:
                raise ValueError(f"two routes for {route.method} {route.path}")

    def methods(self, path: str) -> tuple[dict[str, Route], str]:
        """The routes at a path by method, and what stood for the name; no routes when the path is unknown."""
        found = self._exact.get(path)
        if found is not None:
            return found, ""
        prefix, tail = split_tail(path)
        return (self._tails.get(prefix, {}), tail) if tail else ({}, "")


def split_tail(path: str) -> tuple[str, str]:
    """A path up to and with its last slash, and what follows."""
    at = path.rfind("/") + 1
    return path[:at], path[at:]
