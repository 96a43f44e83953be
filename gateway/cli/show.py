"""The show of `trunkline demo`: each step is done, waited for, checked, and told as it was."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from gateway.cli.stage import ACCOUNT, NUMBER, Hook, Stage
from gateway.errors import TrunklineError

PHONE = "+447700900123"
TEXT = "Your code is 123456"
STEP_WITHIN_S = 15.0
QUIET_S = 1.0  #: how long the show listens for a second reply that must not come


class ShowFailed(TrunklineError):
    """Something that the show promises did not happen."""


async def show(stage: Stage) -> None:
    """Play it. Raises `ShowFailed` at the first thing that does not happen."""
    _say_where(stage)
    message_id = await _send(stage)
    await _follow(stage, message_id)
    await _webhook(stage, message_id)
    await _stop(stage)
    await _refused(stage)


def _say_where(stage: Stage) -> None:
    _head(
        "One process: the gateway with its SQLite store, a simulated carrier over SMPP, a tenant's webhook sink"
    )
    _line(f"API {stage.url}   carrier 127.0.0.1:{stage.carrier.port}   store {stage.folder / 'trunkline.db'}")
    _line(f"account {ACCOUNT}   key {stage.key}   webhook secret {stage.secret}")


async def _send(stage: Stage) -> str:
    _head(f"1  The tenant sends: POST /v1/sms/send, {TEXT!r} to {PHONE}")
    answer = await stage.send(PHONE, TEXT, "demo-1")
    _expect(answer.status == 202, f"202 was expected, not {answer.status}: {answer.body}")
    _done(f"{answer.status} {_short(answer.body)}")
    again = await stage.send(PHONE, TEXT, "demo-1")
    _expect(again == answer, f"the repeated Idempotency-Key gave another answer: {again.body}")
    _done("the same Idempotency-Key again: the same answer, and one message")
    return str(answer.body["messageId"])


async def _follow(stage: Stage, message_id: str) -> None:
    _head(f"2  Followed: GET /v1/sms/{message_id}")
    seen: list[str] = []
    deadline = time.monotonic() + STEP_WITHIN_S
    while not seen or seen[-1] != "DELIVERED":
        _expect(time.monotonic() < deadline, f"DELIVERED within {STEP_WITHIN_S:g} s; it was {seen}")
        answer = await stage.look(message_id)
        status = str(answer.body.get("status"))
        if status not in seen:
            seen.append(status)
            _done(
                f"{status:<9}  attempts {answer.body.get('attemptCount')}, operator {answer.body.get('operatorId')}"
            )
        await asyncio.sleep(0.02)
    parts = [submit for submit in stage.submits if submit.text == TEXT]
    _expect(len(parts) == 1, f"the carrier got the message {len(parts)} times")
    _done(f"the carrier got one submit_sm and named it {parts[0].message_id}; its receipt said DELIVRD")


async def _webhook(stage: Stage, message_id: str) -> None:
    _head("3  The tenant hears of it: a signed webhook")
    hook = await _wait_for_hook(
        stage, lambda h: h.type == "message.delivered" and h.data["messageId"] == message_id
    )
    for name in ("webhook-id", "webhook-timestamp", "webhook-signature"):
        _line(f"{name}: {hook.headers[name]}")
    _line(hook.body.decode())
    _expect(hook.verified, "the signature does not verify with the account's secret")
    _done("the signature verifies with the account's secret (Standard Webhooks, HMAC-SHA256)")


async def _stop(stage: Stage) -> None:
    _head(f"4  The phone answers STOP to {NUMBER}")
    before = len(stage.submits)
    stage.carrier.inject(PHONE, NUMBER, "STOP")
    hook = await _wait_for_hook(stage, lambda h: h.type == "message.inbound" and h.data["from"] == PHONE)
    _expect(hook.data["action"] == "stop", f"the webhook's action is {hook.data['action']!r}, not 'stop'")
    _expect(hook.verified, "the signature does not verify with the account's secret")
    _done(f"webhook message.inbound: body {hook.data['body']!r}, action {hook.data['action']!r}")
    await _until(stage, lambda: len(stage.submits) > before, "a reply to STOP")
    await asyncio.sleep(QUIET_S)
    replies = stage.submits[before:]
    _expect(len(replies) == 1, f"one reply was expected, not {len(replies)}")
    _done(f"one reply: {replies[0].text!r}")


async def _refused(stage: Stage) -> None:
    _head(f"5  The tenant sends to {PHONE} again")
    before = len(stage.submits)
    answer = await stage.send(PHONE, "Are you sure?", "demo-2")
    code = answer.body.get("code")
    _expect(
        (answer.status, code) == (422, "RECIPIENT_SUPPRESSED"),
        f"422 was expected, not {answer.status}: {answer.body}",
    )
    _expect(len(stage.submits) == before, "the carrier got a message that was refused")
    _done(f"{answer.status} {code}: {answer.body['detail']}")


def epilogue(stage: Stage) -> None:
    """What to try by hand while it serves."""
    head = f'-H "Authorization: Bearer {stage.key}"'
    body = json.dumps({"to": "+447700900124", "from": NUMBER, "body": "Hello from curl"})
    _head("It serves until Ctrl-C. Try:")
    for line in (
        f"curl -s {stage.url}/v1/sms/send {head} -H 'Content-Type: application/json' -d '{body}'",
        f"curl -s '{stage.url}/v1/sms?limit=5' {head}",
        f"curl -s {stage.admin_url}/health/ready",
        f"curl -s {stage.admin_url}/metrics",
        f"{_program()} operator list --config {stage.config_path}",
        f"{_program()} suppression list --config {stage.config_path}",
    ):
        click.echo(f"   {line}")
    click.echo(
        "   A number that ends with 5550004 is never reached; one that ends with 5550006 answers STOP."
    )


def _program() -> str:
    """This command as the person called it: it is often not on the path."""
    called = Path(sys.argv[0])
    return str(called) if called.name == "trunkline" else "trunkline"


def tell_hook(hook: Hook) -> None:
    """A webhook that comes while people try things."""
    signature = "signature ok" if hook.verified else "SIGNATURE WRONG"
    click.echo(f"   webhook {hook.type} ({signature}) {hook.body.decode()}")


# --- how it is told


def _head(text: str) -> None:
    click.echo()
    click.secho(text, bold=True)


def _line(text: str) -> None:
    click.echo(f"   {text}")


def _done(text: str) -> None:
    click.echo(f" {click.style('✓', fg='green')} {text}")


def _short(body: dict[str, Any]) -> str:
    return json.dumps(body, ensure_ascii=False)


# --- how it is checked


def _expect(condition: bool, otherwise: str) -> None:
    if not condition:
        raise ShowFailed(f"the demo did not go as promised: {otherwise}")


async def _wait_for_hook(stage: Stage, wanted: Callable[[Hook], bool]) -> Hook:
    found: list[Hook] = []

    def come() -> bool:
        found[:] = [hook for hook in stage.hooks if wanted(hook)]
        return bool(found)

    await _until(stage, come, "a webhook")
    return found[0]


async def _until(stage: Stage, condition: Callable[[], bool], what: str) -> None:
    try:
        async with asyncio.timeout(STEP_WITHIN_S):
            while not condition():
                stage.changed.clear()
                await stage.changed.wait()
    except TimeoutError as error:
        raise ShowFailed(f"the demo did not go as promised: {what} within {STEP_WITHIN_S:g} s") from error
