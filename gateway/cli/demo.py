"""`trunkline demo`: the main job on one screen, with nothing to install and nothing left behind."""

from __future__ import annotations

import asyncio
import errno
import signal
import socket
import sys

import click

from http_api.settings import host_and_port

DEFAULT_LISTEN = "127.0.0.1:8080"


@click.command()
@click.option("--once", is_flag=True, help="End after the show, with 0 only when all of it happened.")
@click.option(
    "--http", "listen", metavar="HOST:PORT", help=f"Where the API listens.  [default: {DEFAULT_LISTEN}]"
)
def demo(once: bool, listen: str | None) -> None:
    """Show the main job: send, follow to DELIVERED, a signed webhook, a STOP, and the refusal after it.

    A gateway, its store and a simulated carrier in one process and a temporary folder. On a terminal it serves until
    Ctrl-C afterwards, with curl lines to try; without one it ends after the show.
    """
    import uvloop

    from gateway.app.logs import set_up

    settle_log = set_up("error", "console")
    try:
        address = free_address() if listen is None else _checked(listen)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--http") from error
    try:
        uvloop.run(_play(address, once or not sys.stdout.isatty()))
    finally:
        settle_log()


async def _play(listen: str, once: bool) -> None:
    from gateway.cli.show import epilogue, show, tell_hook
    from gateway.cli.stage import stage

    async with stage(listen) as play:
        await show(play)
        if once:
            click.echo("\nAll of it happened.")
            return
        epilogue(play)
        play.on_hook = tell_hook
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        await stop.wait()
        click.echo("\ndraining")


def _checked(listen: str) -> str:
    host_and_port(listen)
    return listen


def free_address() -> str:
    """The default address, or where another program has it, one that the system chooses."""
    host, port = host_and_port(DEFAULT_LISTEN)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            click.echo(
                f"{DEFAULT_LISTEN} is in use: the demo takes a free port (--http chooses one)", err=True
            )
            return f"{host}:0"
    return DEFAULT_LISTEN
