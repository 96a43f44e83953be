"""Alerts, of the production store."""

from __future__ import annotations

from storage.postgres import alerts as table
from storage.postgres.verbs.session import Session, asked, written, written_as_owner


class AlertVerbs(Session):
    """See `AlertStore`."""

    tell = written_as_owner(table.tell)
    clear_marks = written(table.clear_marks)
    marks = asked(table.marks)
    alerts = asked(table.alerts)
    failures = asked(table.failures)
