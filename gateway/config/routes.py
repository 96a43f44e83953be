"""[[routes]]: which operators a message may take. The first rule that matches wins."""

from __future__ import annotations

from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from routing.errors import HoursError
from routing.hours import Hours, parse_hours
from routing.rules import By, FailoverOn, Group, Rule, Weighted


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
        None, description="a regular expression (RE2's syntax) that is found in the recipient; left out: any"
    )
    text: str | None = Field(
        None,
        description="a regular expression (RE2's syntax; (?i): without case) that is found in the text; left out: any",
    )
    script: Texts = Field(
        (),
        description="scripts of which the text has a letter: Unicode's names, as Arabic, Cyrillic, Han; left out: any",
    )
    hours: Texts = Field(
        (),
        description='when it holds, by the clock of `zone`: "mon-fri 08:00-20:00", "22:00-06:00" (over midnight, '
        "of the day on which it begins); left out: always. A scheduled message goes by the time it is scheduled for",
    )
    zone: str = Field("UTC", description="the time zone of `hours`: a name of the IANA's, as Europe/London")
    metadata: dict[str, Texts] = Field(
        default_factory=dict,
        description="what the message's metadata (tags) must say: for each key one of these values; left out: anything",
    )
    operators: Annotated[tuple[str | dict[str, int], ...], BeforeValidator(_entries)] = Field(
        description="in order: the next one is for when those before it can't; { alpha = 3, beta = 1 } is a group that "
        "shares the traffic by weight",
    )
    by: By = Field(
        By.WEIGHT,
        description="weight: as `operators` tells. cost: all operators are one group, the lowest price for the "
        "recipient first ([rates]); one without a price comes last",
    )
    sticky: bool = Field(
        False,
        description="a recipient keeps its operator of a group, for as long as that one is well, instead of each "
        "message being shared out anew",
    )
    failover_on: Annotated[frozenset[FailoverOn], BeforeValidator(_listed)] = Field(
        frozenset({FailoverOn.REJECTED}),
        description="after what the next operator has it: rejected (the carrier does not take it), undeliverable (its "
        "receipt says that it was not delivered, and that this is not the recipient's doing). When an operator is "
        "down, always",
    )
    failover_within_s: float = Field(
        300.0,
        gt=0,
        le=2_592_000,
        description="how long after its acceptance a message still goes on after an undeliverable receipt, in seconds",
    )

    @model_validator(mode="after")
    def _agrees(self) -> RouteSettings:
        self.spans()
        if self.by is By.COST and any(isinstance(entry, dict) for entry in self.operators):
            raise ValueError('with by = "cost" the price decides: name the operators without weights')
        if self.sticky and self.by is By.COST:
            raise ValueError('`sticky` is for weights: with by = "cost" the price decides')
        return self

    def spans(self) -> Hours | None:
        """The hours as routing takes them. Raises ValueError."""
        try:
            zone = ZoneInfo(self.zone)
        except (OSError, ValueError, LookupError) as error:
            raise ValueError(f"there is no time zone {self.zone!r}: write one as Europe/London") from error
        if not self.hours:
            return None
        try:
            return parse_hours(self.hours, zone, self.zone)
        except HoursError as error:
            raise ValueError(str(error)) from error

    def groups(self) -> tuple[Group, ...]:
        """The operators as routing takes them."""
        groups = tuple(
            (Weighted(entry),)
            if isinstance(entry, str)
            else tuple(Weighted(operator, weight) for operator, weight in entry.items())
            for entry in self.operators
        )
        return (sum(groups, ()),) if self.by is By.COST else groups

    def derived_id(self) -> str:
        """An id made of the operators, for a rule that has none."""
        return "-".join(member.operator for group in self.groups() for member in group)[:64]

    def rule(self) -> Rule:
        """The rule as routing takes it."""
        return Rule(
            id=self.id or self.derived_id(),
            operators=self.groups(),
            to=self.to,
            from_=self.from_,
            accounts=self.account,
            priorities=self.class_,
            regex=self.regex,
            text=self.text,
            scripts=self.script,
            hours=self.spans(),
            metadata=self.metadata,
            by=self.by,
            sticky=self.sticky,
            failover_on=self.failover_on,
            within_s=self.failover_within_s,
        )
