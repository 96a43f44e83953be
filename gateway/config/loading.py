"""From files to a `Config`, or to every error in them at once."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

from pydantic import BaseModel, SecretStr, ValidationError

from gateway.config.config import Config
from gateway.config.errors import ConfigErrors
from gateway.config.explain import explain, fields
from gateway.config.files import Document, text_of
from gateway.config.keywords import read_keywords
from gateway.config.lines import Place
from gateway.config.rates import NO_RATES, Rates, read_plans, read_rates
from gateway.config.routes import RouteSettings
from gateway.config.trial import try_all
from gateway.operators import wiring
from gateway.operators.settings import OperatorSettings, secret_in
from routing.errors import TableError
from routing.keywords import Country
from routing.table import Table
from routing.tariff import Plans

SIMULATED = "simulated"
"""The id and the kind of the operator of test keys, which is there without being configured."""

_MADE_ON_FIRST_USE = "key_file"
_ANOTHER = "name another file with --config"
_FOR_COMMANDS = ("store", "secrets", "terms")


def load(path: Path, environment: Mapping[str, str] = os.environ) -> Config:
    """Read a configuration file and what it includes. Raises `ConfigErrors` with all that is wrong."""
    return parse(text_of(path, str(path), _ANOTHER), path.parent, str(path), environment)


def parse(
    text: str, folder: Path, name: str = "gateway.toml", environment: Mapping[str, str] = os.environ
) -> Config:
    """Read a configuration from its text. `folder` is what paths are relative to. Raises `ConfigErrors`."""
    document = Document(folder.resolve(), environment)
    document.read_main(text, name)
    document.substitute()
    _check_files(document, document.values, ())
    values = document.values
    operators = _operators(document)
    routes = _routes(document)
    # Those that have errors of their own count too: a route that names one is right.
    known = [table["id"] for table in _tables(document, "operators") if isinstance(table.get("id"), str)]
    _check_routes(document, routes, known)
    rates = read_rates(document, known, routes)
    countries = read_keywords(document)
    rest = {key: value for key, value in values.items() if key not in ("operators", "routes")}
    config = _config(
        document,
        {**rest, "operators": list(operators.values()), "routes": list(routes.values())},
        rates,
        countries,
    )
    if document.errors or config is None:
        raise ConfigErrors(document.errors)
    return config


def load_for_commands(path: Path, environment: Mapping[str, str] = os.environ) -> Config:
    """Read only what a command beside a gateway needs: [store], [secrets] and [terms].

    The rest is not looked at: a person who revokes a key has not the carriers' passwords in the environment, and must
    not wait for somebody who is in the middle of editing routes. Raises `ConfigErrors`.
    """
    document = Document(path.parent.resolve(), environment)
    document.read_main(text_of(path, str(path), _ANOTHER), str(path))
    document.values = {name: document.values[name] for name in _FOR_COMMANDS if name in document.values}
    document.substitute()
    config = _config(document, document.values)
    if document.errors or config is None:
        raise ConfigErrors(document.errors)
    return config


def load_plans(path: Path, environment: Mapping[str, str] = os.environ) -> Plans:
    """Read only the rate plans, for commands that need their currencies and prices. Raises `ConfigErrors`."""
    document = Document(path.parent.resolve(), environment)
    document.read_main(text_of(path, str(path), _ANOTHER), str(path))
    document.values = {name: document.values[name] for name in ("rates",) if name in document.values}
    document.substitute()
    _check_files(document, document.values, ())
    plans = read_plans(document)
    if document.errors:
        raise ConfigErrors(document.errors)
    return plans


def _config(
    document: Document,
    values: Mapping[str, Any],
    rates: Rates = NO_RATES,
    countries: Mapping[str, Country] = MappingProxyType({}),
) -> Config | None:
    """All sections, of which operators and routes are checked already."""
    try:
        context = {"folder": document.folder, "rates": rates, "countries": countries}
        config = Config.model_validate(values, context=context)
    except ValidationError as error:
        for found in error.errors(include_url=False, include_input=False):
            what, hint = explain(found, Config)
            document.complain(found["loc"], what, _belongs(found["loc"]) or hint)
        return None
    if not document.errors:
        try_all(document, config)
    return config


def _belongs(loc: tuple[int | str, ...]) -> str:
    """Where a key belongs that stands outside of any table of a list, or `include` inside of one. Nothing where it is
    right there, or is not known at all."""
    if loc[-1] == "include" and len(loc) > 1:
        return "it stands above the first [section]"
    if len(loc) > 1 or loc[0] in Config.model_fields:
        return ""
    lists: dict[str, list[type[BaseModel]]] = {"operators": [*_models().values()], "routes": [RouteSettings]}
    known = [name for name, models in lists.items() if any(str(loc[0]) in fields(model) for model in models)]
    return f"is [[{']] or [['.join(known)}]] missing above it?" if known else ""


# --- files that are named


def _check_files(document: Document, value: Any, place: Place) -> None:
    """Every file that is named must be there to be read, but for those that are made on first use."""
    if isinstance(value, dict):
        for key, inner in value.items():
            _check_files(document, inner, (*place, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            _check_files(document, inner, (*place, index))
    elif _names_a_file(place) and isinstance(value, str) and not _is_readable(value):
        path = Path(value)
        what = "is a folder" if path.is_dir() else "may not be read" if path.exists() else "does not exist"
        document.complain(place, f"`{place[-1]}`: {value} {what}", "paths are relative to the main file")


def _is_readable(path: str) -> bool:
    return os.access(path, os.R_OK) and not Path(path).is_dir()


def _names_a_file(place: Place) -> bool:
    key = place[-1] if place else ""
    return isinstance(key, str) and key.endswith("_file") and key != _MADE_ON_FIRST_USE


# --- operators


def _operators(document: Document) -> dict[int, OperatorSettings]:
    """The operators that are well, by their place in the list."""
    found: dict[int, OperatorSettings] = {}
    first: dict[str, Place] = {}
    for index, table in enumerate(_tables(document, "operators")):
        place: Place = ("operators", index)
        operator = _operator(document, table, place)
        if operator is None:
            continue
        found[index] = operator
        if operator.id in first:
            file, line = document.place(first[operator.id])
            document.complain(
                (*place, "id"), f"operator '{operator.id}' is there twice", f"first at {file}:{line}"
            )
        first.setdefault(operator.id, (*place, "id"))
        if operator.id == SIMULATED != table["kind"]:
            hint = "it answers test keys; take another id"
            document.complain((*place, "id"), f"the id '{SIMULATED}' is the simulated operator's", hint)
    return found


def _operator(document: Document, table: dict[str, Any], place: Place) -> OperatorSettings | None:
    name = (
        f"operator '{table['id']}'"
        if isinstance(table.get("id"), str)
        else f"operator {cast('int', place[1]) + 1}"
    )
    kind = table.get("kind")
    models = _models()
    if not isinstance(kind, str):
        document.complain((*place, "kind"), f"{name} needs `kind`", f"write one of {', '.join(models)}")
        return None
    model = models.get(kind)
    if model is None:
        close = difflib.get_close_matches(kind, models, n=1)
        hint = f"did you mean '{close[0]}'?" if close else f"there are {', '.join(models)}"
        document.complain((*place, "kind"), f"{name}: there is no kind '{kind}'", hint)
        return None
    try:
        return model.model_validate(_with_secrets(document, table, model, place, name))
    except ValidationError as error:
        for found in error.errors(include_url=False, include_input=False):
            document.complain((*place, *found["loc"]), *explain(found, model, name))
        return None


def _models() -> dict[str, type[OperatorSettings]]:
    """The settings of each kind of operator."""
    found = {kind: getattr(wiring.find(kind), "Config", None) for kind in wiring.kinds()}
    return {kind: model for kind, model in found.items() if model is not None}


def _with_secrets(
    document: Document, table: dict[str, Any], model: type[OperatorSettings], place: Place, name: str
) -> dict[str, Any]:
    """For each secret with a file, what the file says. Nobody reads it later: a bind says what was checked here, and a
    reload sees that it has changed."""
    values = dict(table)
    for key, field in model.model_fields.items():
        path = table.get(f"{key}_file")
        if field.annotation is not SecretStr or not isinstance(path, str):
            continue
        if key in table:
            document.complain((*place, key), f"{name} has both `{key}` and `{key}_file`", "keep one of them")
            continue
        try:
            values[key] = secret_in(Path(path))
        except UnicodeDecodeError:
            what = f"{name}: `{key}_file`: {path} is not UTF-8"
            document.complain((*place, f"{key}_file"), what, "save the file as UTF-8")
        except OSError as error:
            if not document.errors:  # gone since `_check_files` looked, which has told it otherwise
                what = f"{name}: `{key}_file`: {path} can't be read ({error.strerror})"
                document.complain((*place, f"{key}_file"), what, "paths are relative to the main file")
        if key not in values:
            del values[f"{key}_file"]  # told already: the rest is checked as if it were not there
    return values


# --- routes


def _routes(document: Document) -> dict[int, RouteSettings]:
    """The routes that are well, by their place in the list, each with an id."""
    found: dict[int, RouteSettings] = {}
    taken: dict[str, int] = {}
    for index, table in enumerate(_tables(document, "routes")):
        has_id = isinstance(table.get("id"), str) and table["id"]
        name = f"route '{table['id']}'" if has_id else f"route {index + 1}"
        try:
            route = RouteSettings.model_validate(table)
        except ValidationError as error:
            for detail in error.errors(include_url=False, include_input=False):
                document.complain(("routes", index, *detail["loc"]), *explain(detail, RouteSettings, name))
            continue
        if route.id and route.id in taken:
            file, line = document.place(("routes", taken[route.id], "id"))
            document.complain(("routes", index, "id"), f"{name} is there twice", f"first at {file}:{line}")
        if route.id:
            taken.setdefault(route.id, index)
        found[index] = route
    for index, route in found.items():
        if not route.id:
            derived = _free_id(route.derived_id(), taken)
            taken[derived] = index
            found[index] = route.model_copy(update={"id": derived})
    return found


def _free_id(wanted: str, taken: Mapping[str, int]) -> str:
    """`wanted`, or with the first number that makes it unlike all others."""
    number, free = 1, wanted
    while free in taken:
        number += 1
        free = f"{wanted}-{number}"
    return free


_QUOTED_KEY = re.compile(r"`([a-z]+)`").match


def _check_routes(document: Document, routes: Mapping[int, RouteSettings], operators: list[str]) -> None:
    """What routing itself has to say about each rule."""
    for index, route in routes.items():
        try:
            Table([route.rule()], operators)
        except TableError as error:
            for problem in error.problems:
                if not document.is_whole and problem.what.endswith(" does not exist"):
                    continue  # it may stand in the file that can't be read
                quoted = _QUOTED_KEY(problem.what)
                key = quoted.group(1) if quoted else "operators" if "operator" in problem.what else "id"
                what = f"route '{problem.rule_id}': {problem.what}"
                document.complain(("routes", index, key), what, problem.hint)


def _tables(document: Document, name: str) -> list[dict[str, Any]]:
    """The tables of `[[name]]`; something else is complained about, once."""
    found = document.values.get(name, [])
    if isinstance(found, list) and all(isinstance(table, dict) for table in found):
        return found
    document.values[name] = []  # complained about once
    document.complain((name,), f"`{name}` is no list of tables", f"write [[{name}]] above each one")
    return []
