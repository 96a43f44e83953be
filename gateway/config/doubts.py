"""What a configuration may say, and hardly anybody means: no error, and worth a second look before it is in force."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.config.config import Config
from gateway.config.files import matching
from gateway.config.loading import SIMULATED
from gateway.config.routes import RouteSettings
from gateway.operators import smpp
from gateway.operators.settings import OperatorSettings
from gateway.operators.smpp_profile import Receipts


def doubts(config: Config) -> list[str]:
    """Sentences for a person; none where nothing looks odd."""
    return [*_patterns(config), *_operators(config), *_twins(config), *_routes(config)]


def left_behind(config: Config, old: Config) -> list[str]:
    """Of a reload: carriers that are not where they were, and whose receipts therefore do not come or find nothing."""
    found = []
    now = {operator.id: operator for operator in config.operators}
    theirs = {_account(operator): operator.id for operator in old.operators if _account(operator)}
    for operator in old.operators:
        if operator.id == SIMULATED or not _asks_for_receipts(operator):
            continue
        new = now.get(operator.id)
        if new is None:
            found.append(f"operator '{operator.id}' is gone: {_NO_RECEIPTS}")
        elif _account(new) != _account(operator):
            other = theirs.get(_account(new))
            where = f"is where '{other}' was" if other else "is at another address"
            found.append(f"operator '{operator.id}' {where}: if that is another carrier, {_NO_RECEIPTS}")
    return found


_NO_RECEIPTS = (
    "receipts of what it has sent find no message any more, which then ends as expired with its validity. Take a "
    "carrier out of the routes first, and out of the operators when its receipts are in; a new one gets a new id"
)


def _account(operator: OperatorSettings) -> tuple[str, int, str] | None:
    """What a carrier knows us by; None for what is no carrier of SMPP."""
    if not isinstance(operator, smpp.Config):
        return None
    return operator.host.rstrip(".").lower(), operator.port, operator.system_id


def _asks_for_receipts(operator: OperatorSettings) -> bool:
    """Without them, messages were over as they were sent."""
    return not isinstance(operator, smpp.Config) or operator.receipts is not Receipts.NONE


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


def _twins(config: Config) -> Iterator[str]:
    """Two operators that are one account to the SMSC: it sends the receipts of either to any bind (complaint 4), and
    what comes to the other one stays parked, for refs are an operator's own."""
    known: dict[tuple[str, int, str], OperatorSettings] = {}
    for operator in config.operators:
        account = _account(operator)
        twin = operator if account is None else known.setdefault(account, operator)
        if (
            isinstance(operator, smpp.Config)
            and twin is not operator
            and any(map(_asks_for_receipts, (twin, operator)))
        ):
            yield (
                f"operators '{twin.id}' and '{operator.id}' are one account to the carrier ({operator.host}:"
                f"{operator.port}, system_id {operator.system_id}): it may send the receipts of one to the other, "
                f"where they find no message. Make them one operator with binds = 2 or more"
            )


def _routes(config: Config) -> Iterator[str]:
    """Rules that no message gets to; or none at all."""
    if not config.routes and any(operator.id != SIMULATED for operator in config.operators):
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
