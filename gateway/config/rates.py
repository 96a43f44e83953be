"""[rates]: what operators ask, for routes that go by cost. The files are read with the configuration: as one with it
they are taken or refused."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from gateway.config.errors import ConfigError
from gateway.config.files import Document
from gateway.config.routes import RouteSettings
from routing.errors import PriceError
from routing.price import Networks, PriceList, Prices
from routing.pricefile import NO_NETWORKS, read_networks, read_prices
from routing.rules import By

MAX_OCTETS = 64 << 20
"""Of one file. A list of the world by prefix has some 50,000 rows, 2 MiB."""


class RateSettings(BaseModel):
    """[rates]: price lists."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    operators: str = Field(
        "",
        description="price lists of operators, a CSV file for each, named as the operator: rates/operators/*.csv. Its "
        "head: prefix,price,currency,effective_from, or network (MCC and MNC) in place of prefix. Left out: none",
    )
    networks_file: str | None = Field(
        None,
        description="for lists by network, which network gave out which numbers: a CSV file, its head prefix,network",
    )


def read_rates(document: Document, operators: Iterable[str], routes: Mapping[int, RouteSettings]) -> Prices:
    """Read all price lists, and complain about whatever is wrong with them or lacks for the routes that go by cost."""
    settings = document.values.get("rates", {})
    if not isinstance(settings, dict):  # told by the model
        return {}
    networks = _networks(document, settings.get("networks_file"))
    prices: dict[str, PriceList] = {}
    broken: set[str] = set()
    for path in _files(document, settings.get("operators")):
        name = document.beside_main(os.path.relpath(path, document.folder))
        if path.stem not in operators:
            what = f"{name} is a price list of an operator that does not exist"
            document.complain(("rates", "operators"), what, "name it as the operator, or move it away")
            continue
        found = _read(document, path, name)
        try:
            prices[path.stem] = read_prices(found, networks) if found is not None else PriceList({})
        except PriceError as error:
            broken.add(path.stem)
            _complain(document, name, error)
        broken |= {path.stem} if found is None else set()
    for index, route in routes.items():
        if route.by is By.COST:
            _check_route(document, index, route, prices, broken)
    return prices


def _check_route(
    document: Document, index: int, route: RouteSettings, prices: Prices, broken: set[str]
) -> None:
    """Prices are compared: so each operator needs a list, and all of them one currency."""
    named = [member.operator for group in route.groups() for member in group]
    place = ("routes", index, "operators")
    for operator in named:
        if operator not in prices and operator not in broken:
            hint = f"write {operator}.csv where [rates] operators looks for price lists"
            document.complain(
                place, f"route '{route.id}' goes by cost, and '{operator}' has no price list", hint
            )
    currencies = {currency for name in named if name in prices for currency in prices[name].currencies}
    if len(currencies) > 1:
        what = f"route '{route.id}' would compare prices in {', '.join(sorted(currencies))}"
        document.complain(place, what, "convert the price lists of its operators to one currency")


def _files(document: Document, pattern: Any) -> list[Path]:
    if not isinstance(pattern, str) or not pattern:
        return []
    path = Path(pattern)
    try:
        folder = Path(path.anchor) if path.is_absolute() else document.folder
        found = sorted(folder.glob(str(path.relative_to(path.anchor)) if path.is_absolute() else pattern))
    except ValueError as error:
        document.complain(("rates", "operators"), f"`{pattern}` is no pattern of file names ({error})")
        return []
    if not found and not any(sign in pattern for sign in "*?["):
        what, hint = f"`{pattern}` names no file", "paths are relative to the main file"
        document.complain(("rates", "operators"), what, hint)
    return found


def _networks(document: Document, name: Any) -> Networks:
    if not isinstance(name, str) or not os.access(name, os.R_OK):
        return NO_NETWORKS  # what is named and missing is told with all such files
    shown = document.beside_main(os.path.relpath(name, document.folder))
    text = _read(document, Path(name), shown)
    try:
        return read_networks(text) if text is not None else NO_NETWORKS
    except PriceError as error:
        _complain(document, shown, error)
        return NO_NETWORKS


def _read(document: Document, path: Path, name: str) -> str | None:
    try:
        if path.stat().st_size > MAX_OCTETS:
            document.errors.append(
                ConfigError(name, 1, f"it has more than {MAX_OCTETS >> 20} MiB", "is it a list?")
            )
            return None
        return path.read_text(encoding="utf-8")
    except OSError as error:
        document.errors.append(ConfigError(name, 1, f"it can't be read ({error.strerror})", "let us read it"))
    except UnicodeDecodeError:
        document.errors.append(ConfigError(name, 1, "this is not UTF-8", "save the file as UTF-8"))
    return None


def _complain(document: Document, name: str, error: PriceError) -> None:
    document.errors += [ConfigError(name, flaw.line, flaw.what, flaw.hint) for flaw in error.flaws]
