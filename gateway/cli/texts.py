"""What `trunkline route explain` tells of a text: its alphabet and segments, and what made it dear."""

from __future__ import annotations

import click

from gateway.cli.output import shown, table_lines
from gateway.config import Config
from gateway.domain.account import Env, Policy
from routing.preview import Foreign, Preview
from storage.open import open_store


async def policy_of(config: Config, account: str) -> Policy:
    """The settings of the account's live environment; default ones where the store has no such account. Makes no
    store."""
    path = config.store_path
    if config.store.embedded and (path is None or not path.exists()):
        return Policy()
    store = open_store(config.store.url, config.folder, makes_schema=False)
    await store.open()
    try:
        accounts = {each.name: each for each in await store.accounts()}
    finally:
        await store.close()
    return accounts[account].policy(Env.LIVE) if account in accounts else Policy()


def text_facts(found: Preview) -> dict[str, object]:
    """The alphabet and the number of segments."""
    return {"alphabet": found.segments.alphabet.value, "segments": found.segments.count}


def text_details(found: Preview) -> dict[str, object]:
    """The rest, for programs."""
    segments, replacement = found.segments, found.replacement
    return {
        "national_tables": None if segments.shift is None else str(segments.shift),
        "units": segments.units,
        "parts": [
            {"text": text, "units": units}
            for text, units in zip(segments.parts, segments.units_of_parts, strict=True)
        ],
        "non_gsm7": [
            {
                "code_point": _code_point(each),
                "name": each.name,
                "positions": each.positions,
                "replacement": each.replacement,
            }
            for each in found.foreign
        ],
        "smart_replacement": {"applied": replacement.applied, "segments_saved": replacement.segments_saved},
    }


def show_text(found: Preview) -> None:
    """The rest, for people; nothing where the number of segments says it all."""
    segments, replacement = found.segments, found.replacement
    if segments.count == 1 and not found.foreign:
        return
    tables = "" if segments.shift is None else f", with {segments.shift}"
    click.echo(f"\nText: {segments.units} units of {segments.alphabet.value}{tables}")
    rows = [
        (f" {number}", units, text)
        for number, (text, units) in enumerate(
            zip(segments.parts, segments.units_of_parts, strict=True), start=1
        )
    ]
    for line in table_lines([(" SEGMENT", "UNITS", "TEXT"), *rows]):
        click.echo(line)
    if found.foreign:
        click.echo("\nCharacters that GSM 7 bit lacks")
        heads = (" CODE POINT", "NAME", "AT", "READS THE SAME")
        for line in table_lines([heads, *map(_row, found.foreign)]):
            click.echo(line)
    if replacement.applied:
        click.echo(f"\nSmart replacement has saved {replacement.segments_saved} segments.")
    elif replacement.segments_saved:
        click.echo(
            f"\nSmart replacement would save {replacement.segments_saved} segments: "
            "trunkline account set NAME smart_replacement=true"
        )


_SHOWN_POSITIONS = 5


def _row(found: Foreign) -> tuple[str, str | None, str, str | None]:
    more = ", ..." if len(found.positions) > _SHOWN_POSITIONS else ""
    positions = shown(found.positions[:_SHOWN_POSITIONS]) + more
    instead = found.replacement
    return (
        f" {_code_point(found)}",
        found.name,
        positions,
        None if instead is None else repr(instead) if instead.strip() else "(a space or nothing)",
    )


def _code_point(found: Foreign) -> str:
    return f"U+{ord(found.character):04X}"
