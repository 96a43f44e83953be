"""How long rows are kept that have no retention of their own."""

from __future__ import annotations

from datetime import timedelta

PARKED_LIFETIME = timedelta(days=7)
"""How long a receipt waits for a part that it names: longer than any carrier's retries."""

COMMAND_LIFETIME = timedelta(days=7)

FAILURES_LIFETIME = timedelta(days=2)
"""How long counts of failed messages are kept: longer than any window that an alert may look at."""

LEASE_S = 10.0
"""How long a process may be silent before others may take over what it holds."""
