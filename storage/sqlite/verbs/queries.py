"""Look-ups, of the embedded store."""

from __future__ import annotations

from storage.sqlite.labels import Labels
from storage.sqlite.lookups import Lookups
from storage.sqlite.verbs.session import Session, asked, looked_up


class QueryVerbs(Session):
    """See `QueryStore`."""

    message = looked_up(Lookups.message)
    messages = looked_up(Lookups.messages)
    inbound = looked_up(Lookups.inbound)
    labelled = asked(lambda lookups: lookups.labels, Labels.labelled)
    count_labelled = asked(lambda lookups: lookups.labels, Labels.count)
