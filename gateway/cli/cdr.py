"""`trunkline cdr`: the messages of a day as call detail records, and the end of those messages."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from gateway.cli.beside import Beside, json_option, utc_now, with_store
from gateway.cli.output import print_json
from gateway.cli.progress import Progress
from gateway.services.cdr import CdrExport


@click.group()
def cdr() -> None:
    """Call detail records: a row per message."""


@cdr.command()
@click.option(
    "--day",
    required=True,
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    help="A UTC day that is over.",
)
@click.option(
    "--out",
    "folder",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Where the files go; made when it is not there.",
)
@click.option(
    "--drop", is_flag=True, help="Drop the day's messages from the store, once the file is verified."
)
@json_option
@with_store
async def export(gateway: Beside, day: datetime, folder: Path, drop: bool, as_json: bool) -> None:
    """Write all messages accepted on a UTC day to DIR, as gzipped CSV with a manifest; numbers in full, no texts.

    Goes on where an export was ended. The file is read again and compared with the store. docs/data.md has the columns.
    """
    exports, of = CdrExport(gateway.store, utc_now), day.date()
    _warn_of_retention(gateway, of)
    with Progress() as progress:
        manifest = await exports.export(of, folder, progress)
        if drop:
            manifest = await exports.drop(of, folder, progress)
    if as_json:
        print_json(manifest)
        return
    click.echo(_summary(manifest, folder))


def _warn_of_retention(gateway: Beside, day: date) -> None:
    kept_days = gateway.config.limits.retention_days
    if utc_now().date() - day > timedelta(days=kept_days):
        click.echo(
            f"trunkline: [limits] retention_days = {kept_days}: messages of {day} may have been dropped already",
            err=True,
        )


def _summary(manifest: dict[str, Any], folder: Path) -> str:
    rows, not_final = manifest["rows"], manifest["not_final"]
    text = f"{folder / manifest['file']}: {rows} message(s), verified"
    if not_final:
        text += f"; {not_final} not final yet: export the day again when they are"
    if manifest["dropped"] is not None:
        text += "; dropped from the store"
    return text
