"""What every operator's configuration has: its id, and the gateway's patience with it."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from gateway.domain.retry import OnDoubt, RetryPolicy

DAY_S = 86_400.0
MONTH_S = 30 * DAY_S  #: no message is tried for longer: [limits] default_validity_s
MOST_UNANSWERED = 10_000  #: the widest `window`

OperatorId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]


def secret_in(file: Path) -> str:
    """What the file of a secret says, without the mark and the end of line that editors add. Raises `OSError`, and
    `UnicodeDecodeError` where it is not UTF-8."""
    return file.read_text(encoding="utf-8-sig").rstrip("\r\n")


class OperatorSettings(BaseModel):
    """Fields that all transports share. Frozen: a reload makes new ones."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    id: OperatorId = Field(
        description="its name in routes, commands, metrics and answers: lower case, digits, - and _"
    )
    window: int = Field(
        10, ge=1, le=MOST_UNANSWERED, description="unanswered parts per bind; carriers often allow 10"
    )
    on_doubt: OnDoubt = Field(
        OnDoubt.WAIT,
        description="for a part without an answer: wait (for its receipt, then resend), resend (at once) or fail",
    )
    on_doubt_wait_s: float = Field(300.0, ge=0, le=MONTH_S, description="how long `wait` waits, seconds")
    max_attempts: int = Field(
        50, ge=1, le=1000, description="hand-overs of one message to operators, all in all"
    )
    retry_steps_s: tuple[Annotated[float, Field(ge=0, le=DAY_S)], ...] = Field(
        (1.0, 5.0, 30.0, 120.0, 300.0),
        description="pauses between tries after a passing fault, seconds; then the next operator has it",
    )
    resplit_on_failover: bool = Field(
        False,
        description="send all of a long message again elsewhere when this carrier has taken some of its parts",
    )

    def carrier(self) -> tuple[str, ...]:
        """What tells this carrier from another one: the kind, where it is, and who we are there. No secret."""
        return (str(getattr(self, "kind", "")),)

    def carrier_digest(self) -> str:
        """The same for processes to compare: SHA-256 in hex. Two that mean different carriers by one operator's id send
        each other's messages over them."""
        return sha256("\0".join(self.carrier()).encode()).hexdigest()

    def refs_like(self, ref: str) -> tuple[str, ...]:
        """The names that the carrier may have given a part in its answer whose receipt says `ref`."""
        return (ref,)

    def retry_policy(self) -> RetryPolicy:
        """The same as the core takes it."""
        return RetryPolicy(
            self.retry_steps_s,
            self.max_attempts,
            self.on_doubt,
            self.on_doubt_wait_s,
            self.resplit_on_failover,
        )
