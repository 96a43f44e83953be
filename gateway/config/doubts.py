"""What a configuration may say, and hardly anybody means: no error, and worth a second look before it is in force."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.config.config import Config
from gateway.config.files import matching
from gateway.config.loading import SIMULATED
from gateway.config.routes import RouteSettings


def doubts(config: Config) -> list[str]:
    """Sentences for a person; none where nothing looks odd."""
    return [*_patterns(config), *_operators(config), *_routes(config)]


def _patterns(config: Config) -> Iterator[str]:
    """A folder that is empty, or has another name."""
    for pattern in config.include:
        if next(matching(config.folder, pattern), None) is None:
            yield f"include: no file is named as {pattern}"


def _operators(config: Config) -> Iterator[str]:
    """Carriers that are bound for nothing: sometimes one is held ready."""
    if not config.routes:
        return
    named = {name for route in config.routes for name in _names(route)}
    for operator in config.operators:
        if operator.id not in named and operator.id != SIMULATED:
            yield f"operator '{operator.id}' stands in no route, so no message takes it"


def _routes(config: Config) -> Iterator[str]:
    """Rules that no message gets to; or none at all."""
    if config.operators and not config.routes:
        yield "there is no route, so every message would fail with no_route"
    for index, route in enumerate(config.routes[:-1]):
        if _takes_all(route):
            rest = ", ".join(f"'{other.id}'" for other in config.routes[index + 1 :])
            yield f"route '{route.id}' matches every message, so these behind it are never asked: {rest}"
            return


def _names(route: RouteSettings) -> Iterator[str]:
    for entry in route.operators:
        yield from (entry,) if isinstance(entry, str) else entry


def _takes_all(route: RouteSettings) -> bool:
    """Whether it asks for nothing."""
    asked = (route.from_, route.account, route.class_, route.regex, route.text, route.script, route.hours)
    return "+" in route.to and not any(asked) and not route.metadata
