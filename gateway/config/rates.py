"""[rates]: what operators ask, for routes that go by cost, and what tenants pay, by rate plans. The files are read with
the configuration: as one with it they are taken or refused."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from gateway.config.errors import ConfigError
from gateway.config.files import Document
from gateway.config.routes import RouteSettings
from gateway.domain.account import ACCOUNT_NAME
from gateway.domain.money import PLACES
from routing.errors import PriceError
from routing.price import NO_PRICES, Networks, PriceList, Prices
from routing.pricefile import NO_NETWORKS, read_networks, read_plan, read_prices
from routing.rules import By
from routing.tariff import NO_PLANS, Plans, RatePlan


class RateSettings(BaseModel):
    """[rates]: price lists of operators, and rate plans of tenants."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    operators: str = Field(
        "",
        description="price lists of operators, a CSV file for each, named as the operator: rates/operators/*.csv. Its "
        "head: prefix,price,currency,effective_from, or network (MCC and MNC) in place of prefix. Left out: none",
    )
    plans: str = Field(
        "",
        description="rate plans, by which accounts pay (`trunkline account set NAME rate_plan=standard`): a CSV file "
        "for each, named as the plan, in the form of operators' lists: the price of a segment, one currency in a "
        f"plan, at most {PLACES} decimals. Left out: none, and no account can be metered",
    )
    networks_file: str | None = Field(
        None,
        description="for lists by network, which network gave out which numbers: a CSV file, its head prefix,network",
    )


class Rates(NamedTuple):
    """What the files of [rates] say."""

    operators: Prices = NO_PRICES
    plans: Plans = NO_PLANS


NO_RATES = Rates()


def read_rates(document: Document, operators: Iterable[str], routes: Mapping[int, RouteSettings]) -> Rates:
    """Read all lists, and complain about whatever is wrong with them or lacks for the routes that go by cost."""
    settings = document.values.get("rates", {})
    if not isinstance(settings, dict):  # told by the model
        return NO_RATES
    networks = _networks(document, settings.get("networks_file"))
    prices = _read_operators(document, settings, networks, operators, routes)
    return Rates(prices, _read_plans(document, settings, networks))


def read_plans(document: Document) -> Plans:
    """Read the rate plans alone, and complain about whatever is wrong with them."""
    settings = document.values.get("rates", {})
    if not isinstance(settings, dict):
        return NO_PLANS
    return _read_plans(document, settings, _networks(document, settings.get("networks_file")))


def _read_plans(document: Document, settings: Mapping[str, Any], networks: Networks) -> Plans:
    place = ("rates", "plans")
    named = settings.get("networks_file")
    networks_file = Path(named).resolve() if isinstance(named, str) else None
    plans: dict[str, RatePlan] = {}
    first: dict[str, str] = {}
    for path, name in document.named(place, settings.get("plans")):
        if networks_file is not None and path.resolve() == networks_file:
            continue  # it may lie among them
        if ACCOUNT_NAME.fullmatch(path.stem) is None:
            what = f"{name}: '{path.stem}' is no name for a rate plan"
            document.complain(place, what, "begin with a letter or digit, and go on with those or . _ -")
            continue
        if path.stem in first:
            what = f"{name} is a rate plan that there is already"
            document.complain(place, what, f"in {first[path.stem]}: rename one")
            continue
        first[path.stem] = name
        text = document.text_of(path, name)
        try:
            if text is not None:
                plans[path.stem] = read_plan(path.stem, text, PLACES, networks)
        except PriceError as error:
            _complain(document, name, error)
    return plans


def _read_operators(
    document: Document,
    settings: Mapping[str, Any],
    networks: Networks,
    operators: Iterable[str],
    routes: Mapping[int, RouteSettings],
) -> Prices:
    prices: dict[str, PriceList] = {}
    broken: set[str] = set()
    for path, name in document.named(("rates", "operators"), settings.get("operators")):
        if path.stem not in operators:
            what = f"{name} is a price list of an operator that does not exist"
            document.complain(("rates", "operators"), what, "name it as the operator, or move it away")
            continue
        found = document.text_of(path, name)
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


def _networks(document: Document, name: Any) -> Networks:
    if not isinstance(name, str) or not os.access(name, os.R_OK):
        return NO_NETWORKS  # what is named and missing is told with all such files
    shown = document.beside_main(os.path.relpath(name, document.folder))
    text = document.text_of(Path(name), shown)
    try:
        return read_networks(text) if text is not None else NO_NETWORKS
    except PriceError as error:
        _complain(document, shown, error)
        return NO_NETWORKS


def _complain(document: Document, name: str, error: PriceError) -> None:
    document.errors += [ConfigError(name, flaw.line, flaw.what, flaw.hint) for flaw in error.flaws]
