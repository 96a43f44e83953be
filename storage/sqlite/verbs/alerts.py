"""Alerts, of the embedded store."""

from __future__ import annotations

from storage.sqlite.alerts import Alerts
from storage.sqlite.failures import Failures
from storage.sqlite.verbs.session import Session, asked, written


class AlertVerbs(Session):
    """See `AlertStore`."""

    tell = written(lambda session: session._alerts, Alerts.tell)
    clear_marks = written(lambda session: session._alerts, Alerts.clear_marks)
    marks = asked(lambda lookups: lookups.alerts, Alerts.marks)
    alerts = asked(lambda lookups: lookups.alerts, Alerts.alerts)
    failures = asked(lambda lookups: lookups.failures, Failures.since)
