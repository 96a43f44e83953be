"""Look-ups, of the production store."""

from __future__ import annotations

from storage.postgres import labels, lookups
from storage.postgres.verbs.session import Session, asked


class QueryVerbs(Session):
    """See `QueryStore`."""

    message = asked(lookups.message)
    messages = asked(lookups.messages)
    inbound = asked(lookups.inbound)
    labelled = asked(labels.labelled)
    count_labelled = asked(labels.count)
