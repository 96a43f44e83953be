"""With what a run was measured: what a message costs hangs on the release of Python and on how it was compiled."""

from __future__ import annotations

import platform
import sys
import sysconfig

OPTIMISED = "--enable-optimizations"
"""What configures a build that is compiled by its own profile."""

DISTRIBUTION = "/usr"
"""Where the system's own Python is; Debian and others optimise theirs by a target of make, which leaves no trace."""


def interpreter() -> str:
    """The line below the table."""
    arguments = str(sysconfig.get_config_var("CONFIG_ARGS") or "")
    return described(platform.python_version(), arguments, sys.base_prefix)


def described(release: str, arguments: str, prefix: str) -> str:
    """A release, and whether it was compiled without optimisations: `arguments` of its configuration, `prefix` of
    where it is installed."""
    if OPTIMISED in arguments or prefix == DISTRIBUTION:
        return f"Python {release}"
    return f"Python {release}, compiled without {OPTIMISED}: one with them takes less CPU (docs/speed.md)"
