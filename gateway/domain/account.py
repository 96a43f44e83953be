"""Who sends: accounts, their environments and policies, keys, and the caller that a request turns out to be."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

ACCOUNT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
"""An account's name is its id, for good: it stands in tokens, hashes and file names."""


class Env(enum.StrEnum):
    """An account's two environments share nothing but its name. A test message never reaches a carrier."""

    LIVE = "live"
    TEST = "test"


class Scope(enum.StrEnum):
    """What a key may do."""

    SEND_SMS = "send:sms"
    READ_MESSAGES = "read:messages"
    MANAGE_ACCOUNT = "manage:account"  #: settings that an account may change by itself
    ADMIN = "admin"  #: the NOC's hands; never given by default


DEFAULT_SCOPES = frozenset(s for s in Scope if s is not Scope.ADMIN)


class WebhookFormat(enum.StrEnum):
    """The dialect in which an account hears of inbound messages that no earlier send explains."""

    ORCHESTRATOR = "orchestrator"
    OUTBOX = "outbox"
    CONTACTS = "contacts"


class Billing(enum.StrEnum):
    """When an account pays."""

    PREPAID = "prepaid"
    POSTPAID = "postpaid"  #: its balance may fall to minus `credit_limit`


@dataclass(frozen=True, slots=True)
class Policy:
    """What an account may set for one of its environments (`trunkline account set NAME key=value`)."""

    webhook_url: str | None = None
    webhook_format: str = "orchestrator"
    webhook_events: frozenset[str] = frozenset(
        {"delivered", "undeliverable", "failed", "canceled", "inbound"}
    )
    default_sender: str | None = None
    allowed_senders: frozenset[str] | None = None  #: None: any sender
    rate_per_s: float = 0.0  #: messages per second; 0: unlimited
    stop_replies: bool = True  #: answer STOP, START and HELP with one message
    stop_reply_text: str = "You are unsubscribed and will get no more messages. Reply START to resubscribe."
    start_reply_text: str = "You are subscribed again. Reply STOP to unsubscribe."
    help_reply_text: str = "Reply STOP to unsubscribe. Message and data rates may apply."
    suppress_on: frozenset[str] = frozenset({"blocked", "invalid_number", "opted_out"})
    """Final reasons that put the recipient on the suppression list."""
    smart_replacement: bool = False  #: curly quotes and the like for plain ones, where that saves a segment
    national_languages: frozenset[str] = frozenset()
    """Languages (ISO 639-1) whose national tables segments may be counted with (`routing.national`)."""
    country: str | None = None  #: ISO 3166-1 alpha-2: whose numbers local ones are taken for
    rate_plan: str | None = None  #: what it pays by; None: it is not metered
    billing: Billing = Billing.PREPAID
    credit_limit: Decimal = Decimal(0)  #: how far below zero a postpaid balance may fall
    refund_undelivered: bool = False  #: messages that were sent and not delivered cost nothing
    spend_per_day: Decimal | None = None  #: cap on the charges of one UTC day
    allowed_countries: frozenset[str] | None = None  #: ISO 3166-1 alpha-2; None: any
    max_segments: int = 0  #: of one message; 0: what the dialect allows
    recipient_per_h: int = 0  #: messages to one number within an hour; 0: unlimited
    prefix_per_h: int = 0  #: messages to numbers that differ in the last four digits alone, within an hour
    numbers_in_a_row: int = (
        0  #: adjacent numbers written to within ten minutes, from which on more are refused
    )
    alert_url: str | None = None  #: where alerts go; None: the list alone
    alert_balance: frozenset[Decimal] = frozenset()  #: told once when the balance falls below one
    alert_failures: int = 0  #: failed messages within `alert_window_s`, from which on it is told; 0: never
    alert_window_s: int = 900
    resend_limit: int = 3  #: how often a failed message may be sent again from the outbox

    @property
    def guarded(self) -> bool:
        """Whether any limit against fraud and mistakes is set that is not looked at for every account."""
        return bool(
            self.max_segments or self.recipient_per_h or self.prefix_per_h or self.numbers_in_a_row
        ) or (self.allowed_countries is not None)


@dataclass(frozen=True, slots=True)
class Account:
    """An account: who is billed and isolated."""

    name: str
    created_at: datetime
    live: Policy = field(default_factory=Policy)
    test: Policy = field(default_factory=Policy)
    secrets_sealed: tuple[bytes, ...] = ()
    """Webhook secrets as sealed by `gateway.secrets`, newest first; two while a rotation is under way."""
    old_secret_until: datetime | None = None
    disabled: bool = False

    def policy(self, env: Env) -> Policy:
        """The policy of one environment."""
        return self.live if env is Env.LIVE else self.test


@dataclass(frozen=True, slots=True)
class Key:
    """An API key as stored: its SHA-256, never itself."""

    key_id: str  #: `key_` and 16 hex digits, shown in lists and logs
    digest: bytes  #: SHA-256 of the whole key
    account: str
    env: Env
    scopes: frozenset[str]
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    allow_from: tuple[str, ...] = ()  #: CIDR networks; empty: any address
    member: str | None = None
    sub_tenant: str | None = None


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose request this is, proven."""

    account: str
    env: Env
    policy: Policy
    scopes: frozenset[str]
    key_id: str  #: the key's id, or `jwt:` and the token's subject
    member: str | None = None
    sub_tenant: str | None = None
