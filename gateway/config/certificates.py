"""The certificates that this gateway shows, and how long they are good for: nobody else reminds of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from gateway.certificates import Term
from gateway.config.config import Config
from gateway.domain.words import Role
from gateway.operators import smpp


@dataclass(frozen=True, slots=True)
class Certificate:
    """One that is shown by the `listener` to its callers, or to the carrier of the `operator`; the other is empty."""

    setting: str  #: as a person finds it in the configuration
    file: str
    term: Term
    listener: str = ""
    operator: str = ""

    def has_ended(self, now: datetime) -> bool:
        """Whether it is good for nothing any more."""
        return self.term.ends_at <= now

    def is_due(self, now: datetime) -> bool:
        """Whether it should have been renewed by now."""
        return self.term.due_at <= now

    def told(self, now: datetime) -> str:
        """A sentence for a person, with what to do."""
        left = "has ended" if self.has_ended(now) else f"ends in {(self.term.ends_at - now).days} day(s)"
        when = f"{left}, at {self.term.ends_at.isoformat(timespec='minutes')}"
        return f"{self.setting}: the certificate in {self.file} {when}: renew it, then reload"


def certificates(config: Config) -> Iterator[Certificate]:
    """Those of a process of this configuration, as their files were when it was read."""
    http, roles = config.http, config.process.roles
    if Role.API in roles and http.certificate_term is not None:
        yield Certificate(
            "[http] tls_cert_file", str(http.tls_cert_file), http.certificate_term, listener="api"
        )
    for operator in config.operators if Role.SENDER in roles else ():
        if isinstance(operator, smpp.Config) and operator.certificate_term is not None:
            setting = f"operator '{operator.id}': tls_cert_file"
            file = str(operator.tls_cert_file)
            yield Certificate(setting, file, operator.certificate_term, operator=operator.id)


def ending(config: Config, now: datetime) -> list[str]:
    """Sentences for a person about those that have ended or should have been renewed."""
    return [each.told(now) for each in certificates(config) if each.is_due(now)]
