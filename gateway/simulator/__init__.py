"""A simulated carrier: a real SMSC over TCP, for development, demos, tests and the benchmark.

    simulator = Simulator(Profile(receipt_delay_min_s=0, receipt_delay_max_s=0))
    await simulator.start(port=2775)
    simulator.inject("+12025550123", "+447700900999", "STOP")

`Profile` says what it does, `QUIRKS` names the habits of real carriers, `MAGIC` is the table of destinations that
choose what happens to them, `STEPS` are the kinds of steps that a script has.
"""

from gateway.simulator.command import run_simulator
from gateway.simulator.magic import MAGIC
from gateway.simulator.profile import (
    FinalState,
    IdStyle,
    InboundSchedule,
    Outcome,
    Profile,
    ProfileError,
    ReceiptText,
    Rule,
    Share,
    load_profile,
)
from gateway.simulator.quirks import QUIRKS, with_quirks
from gateway.simulator.record import SimulatorCounters, Submit, SubmitLog
from gateway.simulator.smsc import Simulator
from gateway.simulator.steps import STEPS, Step

__all__ = [
    "MAGIC",
    "QUIRKS",
    "STEPS",
    "FinalState",
    "IdStyle",
    "InboundSchedule",
    "Outcome",
    "Profile",
    "ProfileError",
    "ReceiptText",
    "Rule",
    "Share",
    "Simulator",
    "SimulatorCounters",
    "Step",
    "Submit",
    "SubmitLog",
    "load_profile",
    "run_simulator",
    "with_quirks",
]
