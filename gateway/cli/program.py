"""The list of commands, imported when they are called, and how every error reaches a person: one line, no traceback."""

from __future__ import annotations

import importlib
import io
import sys
from collections.abc import Mapping
from importlib.metadata import version
from types import MappingProxyType
from typing import Any

import click

from gateway.config.errors import ConfigErrors
from gateway.errors import TrunklineError

COMMANDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "demo": ("gateway.cli.demo:demo", "Show the main job: send, DELIVERED, webhook, STOP."),
        "serve": ("gateway.cli.serve:serve", "Run the gateway."),
        "check": ("gateway.cli.serve:check", "Tell all errors of a configuration."),
        "migrate": ("gateway.cli.store:migrate", "Bring the store's schema up to date."),
        "backup": ("gateway.cli.store:backup", "Copy the store while it is in use."),
        "account": ("gateway.cli.accounts:account", "Accounts and their settings."),
        "key": ("gateway.cli.keys:key", "API keys."),
        "number": ("gateway.cli.numbers:number", "Who owns an inbound number or keyword."),
        "message": ("gateway.cli.messages:message", "Look at a message, offer it again, end it."),
        "webhook": ("gateway.cli.webhooks:webhook", "Webhook events that nobody took."),
        "suppression": ("gateway.cli.suppressions:suppression", "Recipients that must not be written to."),
        "ledger": ("gateway.cli.ledger:ledger", "What accounts pay and owe."),
        "rates": ("gateway.cli.rates:rates", "The rate plans by which accounts pay."),
        "alert": ("gateway.cli.alerts:alert", "What accounts were told of money, failures, limits."),
        "terms": ("gateway.cli.terms:terms", "Who has accepted the terms of use."),
        "operator": ("gateway.cli.operators:operator", "Carriers of a running gateway."),
        "probe": (
            "gateway.cli.probe:probe",
            "Try a carrier: bind, send difficult texts, see what comes back.",
        ),
        "cdr": ("gateway.cli.cdr:cdr", "Export a day of messages, and drop them."),
        "erase": ("gateway.cli.erase:erase", "Erase one person's number."),
        "route": ("gateway.cli.routes:route", "Which operators a message would take, and why."),
        "simulator": ("gateway.cli.simulator:simulator", "A carrier for development."),
        "bench": ("gateway.cli.bench:bench", "Measure the gateway on this machine."),
        "health": ("gateway.cli.serve:health", "Ask a running gateway whether it is ready."),
    }
)
"""Each command: where it is, and what it does in one line."""

HIDDEN = frozenset({"health"})


class Failure(click.ClickException):
    """Refused or failed: what and what to do, in lines for standard error."""

    def show(self, file: Any = None) -> None:  # noqa: ARG002 - click's signature
        """Without click's prefix: a configuration's errors begin with their file."""
        click.echo(self.message, err=True)


class Program(click.Group):
    """A group whose commands are imported when they are called, so that `--help` and small commands start fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """In the order of the list: what is needed first comes first."""
        return [name for name in COMMANDS if name not in HIDDEN]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command, imported."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in self.list_commands(ctx)])

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """As a script; what a terminal's encoding lacks is written escaped instead of ending the command."""
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
        return super().main(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; errors that are raised on purpose become one line and exit code 1."""
        try:
            return super().invoke(ctx)
        except ConfigErrors as error:
            raise Failure(str(error)) from error
        except TrunklineError as error:
            raise Failure(f"trunkline: {error}") from error
        except BrokenPipeError:
            raise  # who read our output has gone: click ends quietly
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            raise Failure(f"trunkline: {where}{error.strerror or error}") from error


@click.command(
    cls=Program, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}
)
@click.version_option(version("trunkline"), prog_name="trunkline", message="%(prog)s %(version)s")
def main() -> None:
    """Trunkline, an SMS gateway: HTTP in, SMPP out.

    Begin with `trunkline demo`. Every command but it and `simulator` takes --config FILE, or TRUNKLINE_CONFIG.
    """
