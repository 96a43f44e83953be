"""From method and path to a route: dictionaries, because measured against a pattern walk they cost nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from http_api.exchange import Refuse, Route

MAX_DEPTH = 8
"""Folders of a path that are looked at; no route has so many."""


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
        self._words: dict[str, Refuse | None] = {}
        for route in self.routes:
            for folder in _folders(f"{route.path}/"):
                known = self._words.setdefault(folder, route.refuse)
                self._words[folder] = known if known == route.refuse else None

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

    def words_near(self, path: str) -> Refuse | None:
        """Who words faults about an unknown path: the routes of the deepest folder that there is, if they agree."""
        found = None
        for folder in _folders(f"{path}/"):
            if folder not in self._words:
                break
            found = self._words[folder]
        return found


def _folders(path: str) -> Iterator[str]:
    """The folders above a path, from the root down."""
    folder = "/"
    for step in path.split("/", MAX_DEPTH)[1:-1]:
        yield folder
        folder += f"{step}/"
    yield folder


def split_tail(path: str) -> tuple[str, str]:
    """A path up to and with its last slash, and what follows."""
    at = path.rfind("/") + 1
    return path[:at], path[at:]
