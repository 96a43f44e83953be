"""`trunkline bench`: the built-in measurement as one table, with ratios where there is something to compare with."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

import click

from gateway.bench import BenchError, BenchOptions, run_bench
from gateway.bench.comparison import as_json as json_of
from gateway.bench.interpreter import interpreter
from gateway.bench.table import table
from gateway.cli.output import print_json
from gateway.cli.serve import MOST_WORKERS
from gateway.operators.settings import MOST_UNANSWERED

_DEFAULT = BenchOptions()
ROUNDS = 3
"""Of a run that nobody gave a number: one round on a machine that others use too proves little."""


@click.command()
@click.option(
    "--messages",
    type=click.IntRange(1),
    default=_DEFAULT.messages,
    show_default=True,
    help="Messages to send, in each round.",
)
@click.option(
    "--rounds",
    type=click.IntRange(1),
    help="How often each gateway is measured, in turns.  [default: 3; 1 with --store or --profile]",
)
@click.option(
    "--seconds",
    type=click.FloatRange(0),
    default=_DEFAULT.seconds,
    help="End the load after this; 0: not before all are sent.",
)
@click.option(
    "--clients",
    type=click.IntRange(1),
    default=_DEFAULT.clients,
    show_default=True,
    help="Keep-alive connections.",
)
@click.option(
    "--warm-up",
    type=click.IntRange(0),
    default=_DEFAULT.warm_up,
    show_default=True,
    help="Messages before the measured ones.",
)
@click.option(
    "--window",
    type=click.IntRange(1, MOST_UNANSWERED),
    default=_DEFAULT.window,
    show_default=True,
    help="Unanswered parts per bind.",
)
@click.option(
    "--idempotency/--no-idempotency",
    default=True,
    show_default=True,
    help="An Idempotency-Key with each request.",
)
@click.option(
    "--kannel/--no-kannel", default=None, help="Measure Kannel too; left out: when it is installed."
)
@click.option(
    "--dir",
    "directory",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Where stores are, on a real disk.",
)
@click.option(
    "--profile",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where py-spy, when installed, writes stacks; of each worker into a file of its own (stacks-1.svg).",
)
@click.option("--store", help="An empty PostgreSQL database (postgresql://...); left out: an embedded store.")
@click.option("--redis", help="A Redis of the run's own (redis://...), with --store.")
@click.option(
    "--workers",
    type=click.IntRange(1, MOST_WORKERS),
    default=_DEFAULT.workers,
    show_default=True,
    help="Processes that share the PostgreSQL store.",
)
@click.option("--metered", is_flag=True, help="One account that pays, beside one that does not; no Kannel.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def bench(*, rounds: int | None, as_json: bool, **given: Any) -> None:
    """Measure the gateway on this machine: rates, CPU per message, latency, memory.

    Load, carrier and webhook sink are processes of their own. It fails unless as many messages were accepted as got
    their receipt and their webhook.
    """
    if rounds is None:
        rounds = 1 if given["store"] or given["profile"] else ROUNDS
    try:
        options = BenchOptions(rounds=rounds, **given)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    found = asyncio.run(run_bench(options, _show if sys.stderr.isatty() else _be_quiet))
    if sys.stderr.isatty():
        click.echo("\r\x1b[K", nl=False, err=True)
    if as_json:
        print_json(json_of(found))
    else:
        click.echo(table(found))
        click.echo(interpreter())
    faults = [fault for measured in found for one in measured for fault in one.faults()]
    if faults:
        raise BenchError("the counts do not agree: " + "; ".join(faults))


def _show(subject: str, done: int, total: int) -> None:
    click.echo(f"\r\x1b[K{subject} {done * 100 // max(total, 1):3d} %", nl=False, err=True)


def _be_quiet(_subject: str, _done: int, _total: int) -> None:
    """In a pipe nothing is shown before the table."""
