"""The command `trunkline`: every command of it, one module per group.

Exit codes: 0 done, 1 refused or failed, 2 usage.
"""

from gateway.cli.program import main

__all__ = ["main"]
