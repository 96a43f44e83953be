"""The built-in measurement: the gateway, and Kannel beside it where it is installed, under one and the same load.

Five kinds of processes, so that what is measured is the gateway alone: the load client (`load`), the carrier
(`gateway.simulator`), the sink for webhooks (`sink`), the gateway measured (`subjects`), and this one, which starts
them, counts (`run`) and compares (`comparison`). A run is good only when as many messages were accepted as came to
the carrier, got their receipt, and reached the sink.
"""

from gateway.bench.errors import BenchError
from gateway.bench.measurement import Measurement, Round
from gateway.bench.options import BenchOptions
from gateway.bench.run import run_bench

__all__ = ["BenchError", "BenchOptions", "Measurement", "Round", "run_bench"]
