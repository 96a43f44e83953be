"""`trunkline serve`, `check` and `health`: the process itself."""

from __future__ import annotations

import urllib.error
import urllib.request
from pathlib import Path

import click

from gateway.cli.beside import config_option
from gateway.config import Config, load
from gateway.errors import Refused
from http_api.settings import host_and_port

HEALTH_TIMEOUT_S = 4.0


@click.command()
@config_option
def serve(config_path: Path) -> None:
    """Run the gateway until SIGTERM or Ctrl-C, which drain it. SIGHUP reloads the configuration."""
    import uvloop

    from gateway.app.logs import set_up
    from gateway.cli.service import Service

    config = load(config_path)
    set_up(config.log.level, config.log.format)

    async def run() -> None:
        await Service(config, config_path).run()

    uvloop.run(run())


@click.command()
@config_option
def check(config_path: Path) -> None:
    """Tell all errors of a configuration at once, each with its file and line."""
    config = load(config_path)
    click.echo(
        f"{config_path}: no errors ({len(config.operators)} operator(s), {len(config.routes)} route(s))"
    )


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
        raise Refused(f"not ready: {error.read().decode(errors='replace')}") from error
    except OSError as error:
        raise Refused(f"{url} does not answer ({getattr(error, 'reason', error)})") from error


def ready_url(config: Config) -> str:
    """Where `/health/ready` is, as seen from this machine."""
    host, port = host_and_port(config.http.admin_listen)
    if host in ("", "0.0.0.0", "::"):
        host = "127.0.0.1"
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/health/ready"
