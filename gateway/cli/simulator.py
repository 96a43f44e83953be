"""`trunkline simulator`: an SMSC on this machine, for development."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import click

from gateway.cli.output import print_table
from gateway.errors import Refused
from gateway.simulator import MAGIC, QUIRKS, STEPS, ProfileError, load_profile, run_simulator, with_quirks
from gateway.simulator.profile import Profile


@click.command(
    epilog=f"Numbers that end with {MAGIC[0].to} to {MAGIC[-1].to} choose what happens to their messages. "
    f"A profile may have a script, what the carrier does at a moment: {', '.join(STEPS)}. "
    "docs/simulator.md tells all of it."
)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=2775, show_default=True, help="0: any that is free."
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Where it listens.")
@click.option(
    "--profile",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="What the carrier does, as TOML.",
)
@click.option(
    "--quirk",
    "quirks",
    multiple=True,
    metavar="NAME",
    help="A habit of real carriers; `--quirk list` tells them.",
)
@click.option(
    "--log",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="A line of JSON for each submit.",
)
@click.option(
    "--capture",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="All PDUs, for Wireshark; texts and the middle of numbers are *.",
)
@click.option("--capture-bodies", is_flag=True, help="With texts and whole numbers.")
def simulator(
    port: int,
    host: str,
    path: Path | None,
    quirks: tuple[str, ...],
    log: Path | None,
    capture: Path | None,
    capture_bodies: bool,
) -> None:
    """A carrier over SMPP: receipts, delays, errors, inbound messages.

    Lines typed into it are inbound messages: SENDER RECIPIENT TEXT. `drop` cuts every connection, `counters` prints
    what it has counted. Ctrl-C ends it.
    """
    if "list" in quirks:
        print_table(("quirk", "what it does"), [(name, quirk.says) for name, quirk in QUIRKS.items()], "")
        return
    try:
        profile = with_quirks(load_profile(path) if path is not None else Profile(), quirks)
    except ProfileError as error:
        raise Refused(str(error)) from error
    asyncio.run(
        run_simulator(
            host,
            port,
            profile,
            log=log,
            capture=capture,
            capture_bodies=capture_bodies,
            say=_say,
            commands=sys.stdin,
        )
    )


def _say(line: str) -> None:
    click.echo(line)
    sys.stdout.flush()
