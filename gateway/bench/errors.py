"""Why a measurement could not be made.

BenchError
"""

from gateway.errors import TrunklineError


class BenchError(TrunklineError):
    """The measurement could not be made, or its counts do not agree; the text says which and where to look."""
