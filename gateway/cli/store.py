"""`trunkline migrate` and `trunkline backup`."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import click

from gateway.cli.beside import Beside, beside, config_option, with_store
from gateway.cli.progress import Progress
from gateway.errors import Refused
from storage.open import bring_up_to_date


@click.command()
@click.option(
    "--phase",
    type=click.Choice(["pre", "post"]),
    help="pre: what this release needs and the one before can live with. post: the rest, once no process of the one "
    "before is left. Left out: both.",
)
@config_option
def migrate(config_path: Path, phase: str | None) -> None:
    """Bring the store's schema up to date; safe to run twice and from two places at once. The one command that makes
    tables in an empty database of a server."""
    asyncio.run(_migrate(config_path, phase))


async def _migrate(config_path: Path, phase: str | None) -> None:
    async with beside(config_path, makes_schema=True) as gateway:
        # Opening the store has applied what comes before.
        applied = [] if phase == "pre" else await bring_up_to_date(gateway.config.store.url)
        for name in applied:
            click.echo(f"applied {name}")
        await gateway.store.probe()  # and it commits
        what = "up to date for a rolling restart" if phase == "pre" else "up to date"
        click.echo(f"{gateway.config.store.shown} is {what}")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@with_store
async def backup(gateway: Beside, file: Path) -> None:
    """Copy the store, while it is in use, to FILE, which must not exist. The key file is not in it: copy it too."""
    task = asyncio.current_task()
    assert task is not None
    # As Ctrl-C does, which asyncio makes a cancellation: what is there of the copy is removed first.
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        with Progress() as progress:
            await gateway.store.backup(str(file), lambda done, total: progress(f"of {total:,} pages", done))
    except asyncio.CancelledError:
        raise Refused(f"{file}: interrupted, and nothing of it is left: begin again") from None
    click.echo(
        f"{file}: a copy of {gateway.config.store.shown}; it needs the key file {gateway.config.key_file}"
    )
