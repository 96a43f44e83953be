"""`trunkline account export`: everything that is kept about an account."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli.beside import Beside, json_option, utc_now, with_store
from gateway.cli.output import print_json
from gateway.cli.progress import Progress
from gateway.services.account_export import AccountExport


@click.command()
@click.argument("name")
@click.option(
    "--out",
    "file",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.jsonl.gz",
    help="Must not exist.",
)
@json_option
@with_store
async def export(gateway: Beside, name: str, file: Path, as_json: bool) -> None:
    """Write everything that is kept about the account NAME, texts included and secrets not, as gzipped JSON lines."""
    with Progress() as progress:
        counts = await AccountExport(gateway.store, gateway.accounts, utc_now).export(name, file, progress)
    if as_json:
        print_json({"file": str(file), "lines": dict(counts)})
        return
    told = ", ".join(f"{count} {kind}" for kind, count in counts.items())
    click.echo(f"{file}: {told}. It holds numbers and texts: keep it as such")
