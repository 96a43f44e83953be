"""The stores of a release with data in them, frozen: `python -m tests.migration.freeze` lives through `life` on each
engine and writes `releases/VERSION.ENGINE.sql` and `.json`.

For a release that is not out yet the command is run again whenever its schema has changed; from then on the files are
never touched, and neither are the migrations that they name: what changes afterwards is a new migration.
"""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.engines import postgres
from tests.migration.dumps import ENGINES, dump
from tests.migration.life import Facts, Said, lived

RELEASES = Path(__file__).with_name("releases")


def paths(release: str, engine: str) -> tuple[Path, Path]:
    """The rows of a release's store, and what is to be known beside them."""
    return RELEASES / f"{release}.{engine}.sql", RELEASES / f"{release}.{engine}.json"


def releases() -> list[str]:
    """Those that are frozen, the first one first."""
    names = {path.name.removesuffix(".sqlite.sql") for path in RELEASES.glob("*.sqlite.sql")}
    return sorted(names, key=lambda name: [int(number) for number in name.split(".")])


def facts_of(release: str, engine: str) -> Facts:
    """What a release's store was frozen with."""
    found = json.loads(paths(release, engine)[1].read_text())
    said = {label: Said(**each) for label, each in found.pop("messages").items()}
    return Facts(messages=said, **found)


async def freeze(engine: str, release: str) -> None:
    """Write both files of one engine."""
    rows, beside = paths(release, engine)
    with TemporaryDirectory() as place:
        folder = Path(place)
        url = "sqlite:///trunkline.db" if engine == "sqlite" else await postgres.shared().fresh()
        async with lived(url, folder) as facts:
            rows.write_text(dump(url, folder))
            beside.write_text(json.dumps(asdict(facts), indent=1, ensure_ascii=False) + "\n")


def main() -> None:
    """Freeze the present release on every engine."""
    release = version("trunkline")
    postgres.shared()
    for engine in ENGINES:
        asyncio.run(freeze(engine, release))
        for path in paths(release, engine):
            sys.stdout.write(f"{path.relative_to(RELEASES.parents[2])}: {path.stat().st_size} bytes\n")


if __name__ == "__main__":
    main()
