"""A look at our own certificates once a day, at the start and at each reload: who has to renew them is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from gateway.config import Certificate, Config, certificates
from gateway.metrics import Metrics
from gateway.ports import Clock

log = structlog.get_logger("gateway.certificates")

DAY_S = 86_400.0


class CertificateWatch:
    """Of one process. `config` is asked for the configuration in force."""

    def __init__(
        self, config: Callable[[], Config], metrics: Metrics, clock: Clock, every_s: float = DAY_S
    ) -> None:
        self._config = config
        self._metrics = metrics
        self._clock = clock
        self._every_s = every_s

    async def run(self) -> None:
        """Look, at once and then once a day, until cancelled."""
        while True:
            self.look()
            await asyncio.sleep(self._every_s)

    def look(self) -> None:
        """Show all ends as metrics, and log those that are due or over."""
        now = self._clock()
        ends, due = self._metrics.certificate_ends, self._metrics.certificate_due
        ends.clear()
        due.clear()
        for certificate in certificates(self._config()):
            of = certificate.listener, certificate.operator
            ends.set(certificate.term.ends_at.timestamp(), *of)
            due.set(certificate.term.due_at.timestamp(), *of)
            if certificate.is_due(now):
                _tell(certificate, over=certificate.has_ended(now))


def _tell(certificate: Certificate, *, over: bool) -> None:
    (log.error if over else log.warning)(
        "a certificate has ended" if over else "a certificate ends soon",
        setting=certificate.setting,
        file=certificate.file,
        ends_at=certificate.term.ends_at.isoformat(timespec="seconds"),
        hint="renew it, then reload",
    )
