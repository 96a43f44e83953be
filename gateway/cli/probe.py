"""`trunkline probe`: a carrier tried by itself, before it gets traffic."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import asdict
from itertools import count
from pathlib import Path

import click
import structlog

from gateway.app.probe import Findings, advice
from gateway.app.probe import probe as try_carrier
from gateway.cli.beside import config_option, json_option, utc_now
from gateway.cli.output import print_json, print_table
from gateway.cli.progress import Progress
from gateway.config import load
from gateway.errors import Refused
from gateway.operators import smpp
from gateway.services.suppressions import checked_number
from routing import numbers


@click.command()
@config_option
@click.argument("operator")
@click.option("--to", "recipient", required=True, metavar="E164", help="A phone that you can look at.")
@click.option(
    "--from", "sender", default="Trunkline", show_default=True, metavar="SENDER", help="Who it is from."
)
@click.option(
    "--wait",
    "wait_s",
    type=click.FloatRange(min=1),
    default=30.0,
    show_default=True,
    help="Seconds for answers, and for receipts.",
)
@click.option(
    "--capture",
    "capture_path",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="All its PDUs, for Wireshark.",
)
@json_option
def probe(
    config_path: Path,
    operator: str,
    recipient: str,
    sender: str,
    wait_s: float,
    capture_path: Path | None,
    as_json: bool,
) -> None:
    """Bind to OPERATOR, send texts of difficult signs, and say what comes back.

    It holds a bind of its own beside those of a running gateway: where the carrier allows no more, pause the operator
    first. What it sends is real and is charged by the carrier; it is no tenant's message. Exit code 0 when every part
    was taken.
    """
    found = {each.id: each for each in load(config_path).operators}.get(operator)
    if not isinstance(found, smpp.Config):
        raise Refused(f"there is no operator '{operator}' of kind smpp: see [[operators]] in {config_path}")
    checked_number(recipient)
    if fault := numbers.why_not_sender(sender):
        raise Refused(fault)
    captured = None if capture_path is None else smpp.capture(capture_path, bodies=True)
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR)
    )  # it is told below
    with Progress() as shown:
        told = count(1)
        findings = asyncio.run(
            try_carrier(
                found,
                sender,
                recipient,
                clock=utc_now,
                wait_s=wait_s,
                capture=captured,
                on_part=lambda: shown("answers and receipts", next(told)),
            )
        )
    if captured is not None:
        captured.close()
    if as_json:
        print_json({**asdict(findings), "well": findings.well, "advice": advice(findings)})
    else:
        _show(findings)
    if not findings.well:
        raise SystemExit(1)


def _show(findings: Findings) -> None:
    if findings.bound_s is not None:
        click.echo(f"{findings.operator}: bound after {findings.bound_s:.2f} s")
    print_table(
        ("text", "what", "part", "data_coding", "octets", "answer", "after s", "id", "receipt", "after s"),
        [
            (
                part.text,
                part.difficulty,
                f"{part.part}/{part.total}",
                f"0x{part.wire.data_coding:02x}{' +udh' if part.wire.udhi else ''}",
                len(part.wire.octets),
                part.answer,
                _seconds(part.answer_s),
                part.ref,
                part.receipt,
                _seconds(part.receipt_s),
            )
            for part in findings.parts
        ],
        "",
    )
    for line in advice(findings):
        click.echo(f"- {line}")


def _seconds(value: float | None) -> str | None:
    return None if value is None else f"{value:.2f}"
