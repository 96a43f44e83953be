"""How operators are found by their `kind` and given what they need of the gateway.

A transport is one module of this package, named like its `kind`, with a `Config` (an `OperatorSettings` with
`kind: Literal["..."]`), `CAPABILITIES` (each "no" with its reason) and `make(config, wiring)`. Nothing else is edited
to add one.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any, cast

import gateway.operators
from gateway.errors import OperatorError
from gateway.metrics import Metrics
from gateway.operators.settings import OperatorSettings
from gateway.ports import Clock, Journal, Operator


@dataclass(slots=True)
class Wiring:
    """What an operator needs of the gateway. `may_write` is asked before parts are put in line for a socket, `holds`
    right before each write to it: whether what this process holds is its own at this moment. `capture`: where PDUs are
    kept for people to look at."""

    journal: Journal
    metrics: Metrics
    clock: Clock
    may_write: Callable[[], bool]
    holds: Callable[[], bool] = lambda: True
    capture: Any = None  # of the transport's own kind: what `capture` of its module has made


def kinds() -> list[str]:
    """The transports that there are."""
    names = [module.name for module in pkgutil.iter_modules(gateway.operators.__path__)]
    return sorted(name for name in names if getattr(_module(name), "kind", None) == name)


def find(kind: str) -> ModuleType:
    """The module of a transport. Raises OperatorError when there is none."""
    if kind not in kinds():
        raise OperatorError(f"there is no operator kind {kind!r}; there are: {', '.join(kinds())}")
    return _module(kind)


def make(config: OperatorSettings, wiring: Wiring) -> Operator:
    """The operator of a configuration."""
    module = find(str(getattr(config, "kind", "")))
    return cast("Operator", module.make(config, wiring))


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"gateway.operators.{name}")
