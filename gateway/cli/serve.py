"""`trunkline serve`, `check` and `health`: the process itself."""

from __future__ import annotations

import faulthandler
import os
import signal
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path

import click
import structlog

from gateway.cli.beside import config_option, utc_now
from gateway.config import Config, doubts, ending, load
from gateway.errors import Refused, StoreHangs
from gateway.metrics import Replaced
from http_api.settings import host_and_port

log = structlog.get_logger("gateway.serve")

HEALTH_TIMEOUT_S = 4.0
MOST_WORKERS = 64
STANDARD_ERROR = 2  #: the descriptor, whatever Python has in its place


@click.command()
@config_option
@click.option(
    "--workers",
    type=click.IntRange(1, MOST_WORKERS),
    default=1,
    help="So many processes, on a store that they share. SIGUSR2 restarts them one after another.",
)
@click.option("--as-worker", type=int, nargs=3, hidden=True, help="Index, line, and the API's socket or -1.")
@click.option(
    "--replaced",
    type=(click.Choice([each.value for each in Replaced]), int),
    multiple=True,
    hidden=True,
    help="Why and how often those before it in its place were replaced.",
)
def serve(
    config_path: Path,
    workers: int,
    as_worker: tuple[int, int, int] | None,
    replaced: tuple[tuple[str, int], ...],
) -> None:
    """Run the gateway until SIGTERM or Ctrl-C, which drain it. SIGHUP reloads the configuration; SIGUSR1 tells where it
    stands: the stacks of all threads, in standard error."""
    from gateway.app.logs import set_up

    # In C, so that one that hangs does it too. Files, lines and names of functions, no values. Not SIGABRT, which may
    # leave a core file: with keys and texts.
    faulthandler.register(signal.SIGUSR1, file=STANDARD_ERROR)

    config = load(config_path)
    settle_log = set_up(config.log.level, config.log.format)
    counted = {Replaced(reason): times for reason, times in replaced}
    try:
        if workers > 1:
            _supervise(config, config_path, workers)
        else:
            _serve(config, config_path, as_worker, counted, settle_log)
    finally:
        settle_log()


def _supervise(config: Config, config_path: Path, workers: int) -> None:
    import asyncio

    from gateway.cli.workers import Workers, check_workers

    check_workers(config, workers)

    async def run() -> None:
        await Workers(config, config_path, workers).run()

    asyncio.run(run())


def _serve(
    config: Config,
    config_path: Path,
    as_worker: tuple[int, int, int] | None,
    replaced: Mapping[Replaced, int],
    settle_log: Callable[[], None],
) -> None:
    import uvloop

    from gateway.cli.service import Service, inherit

    if as_worker is not None and config.store.embedded:
        raise Refused(
            "this worker would have a store of its own, and binds that others hold: [store] url in "
            f"{config_path} names an embedded one now. Name the one that the workers share, as it was"
        )
    inherited = None if as_worker is None else inherit(*as_worker, replaced)

    async def run() -> None:
        try:
            await Service(config, config_path, inherited).run()
        except StoreHangs as error:
            log.error("ended without the end of a commit, as by kill -9", error=str(error))
            settle_log()
            os._exit(1)  # whoever ends in order waits for all threads, and some of these wait for the disk

    uvloop.run(run())


@click.command()
@config_option
def check(config_path: Path) -> None:
    """Tell all errors of a configuration at once, each with its file and line; and what is right and may not be meant
    so."""
    config = load(config_path)
    click.echo(
        f"{config_path}: no errors ({len(config.operators)} operator(s), {len(config.routes)} route(s))"
    )
    for doubt in [*doubts(config), *ending(config, utc_now())]:
        click.echo(f"{config_path}: look again: {doubt}")


@click.command()
@config_option
def health(config_path: Path) -> None:
    """Exit with 0 when the gateway of this configuration is ready, with 1 when it is not."""
    url = ready_url(load(config_path))
    # A proxy from the environment must not be asked for our own address.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=HEALTH_TIMEOUT_S) as answer:
            click.echo(answer.read().decode())
    except urllib.error.HTTPError as error:
        with error:
            raise Refused(f"not ready: {error.read().decode(errors='replace')}") from error
    except OSError as error:
        raise Refused(f"{url} does not answer ({getattr(error, 'reason', error)})") from error


def ready_url(config: Config) -> str:
    """Where `/health/ready` is, as seen from this machine."""
    host, port = host_and_port(config.http.admin_listen)
    if host in ("", "0.0.0.0", "::"):
        host = "127.0.0.1"
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/health/ready"
