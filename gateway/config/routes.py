"""[[routes]]: which operators a message may take. The first rule that matches wins."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from routing.table import Group, Rule, Weighted


def _listed(value: object) -> object:
    """One text is a list of one."""
    return (value,) if isinstance(value, str) else value


def _entries(value: object) -> object:
    """One sentence for all that can be wrong with a list of operators."""
    entries = _listed(value)
    if not isinstance(entries, (list, tuple)) or not entries or not all(map(_is_entry, entries)):
        raise ValueError('it should be ids and groups with weights, like ["alpha", { beta = 3, gamma = 1 }]')
    return entries


def _is_entry(entry: object) -> bool:
    if isinstance(entry, dict):
        weights = [
            weight for weight in entry.values() if isinstance(weight, int) and 1 <= weight <= MAX_WEIGHT
        ]
        return bool(entry) and len(weights) == len(entry)
    return isinstance(entry, str)


MAX_WEIGHT = 1_000_000
Texts = Annotated[tuple[str, ...], BeforeValidator(_listed)]
PriorityClass = Literal["otp", "transactional", "marketing"]


class RouteSettings(BaseModel):
    """One rule: all of its conditions must hold."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    id: str = Field(
        "",
        max_length=64,
        pattern=r"^[A-Za-z0-9._+-]*$",
        description="the `routeId` that tenants see; left out: made of the operators",
    )
    to: Texts = Field(("+",), description='prefixes of the recipient; "+" matches all')
    from_: Texts = Field(
        (), alias="from", description="senders; one that begins with + is a prefix; left out: any"
    )
    account: Texts = Field((), description="names of accounts; left out: any")
    class_: Annotated[tuple[PriorityClass, ...], BeforeValidator(_listed)] = Field(
        (), alias="class", description="otp, transactional, marketing; left out: any"
    )
    regex: str | None = Field(
        None, description="a regular expression that is found in the recipient; left out: any"
    )
    operators: Annotated[tuple[str | dict[str, int], ...], BeforeValidator(_entries)] = Field(
        description="in order: the next one is for when those before it can't; { alpha = 3, beta = 1 } is a group that "
        "shares the traffic by weight",
    )
    failover_on_undelivered: bool = Field(
        False, description="try the next operator also when a receipt says that a message was not delivered"
    )

    def groups(self) -> tuple[Group, ...]:
        """The operators as routing takes them."""
        return tuple(
            (Weighted(entry),)
            if isinstance(entry, str)
            else tuple(Weighted(operator, weight) for operator, weight in entry.items())
            for entry in self.operators
        )

    def derived_id(self) -> str:
        """An id made of the operators, for a rule that has none."""
        return "-".join(member.operator for group in self.groups() for member in group)[:64]

    def rule(self) -> Rule:
        """The rule as routing takes it."""
        return Rule(
            self.id or self.derived_id(),
            self.groups(),
            self.to,
            self.from_,
            self.account,
            self.class_,
            self.regex,
        )
