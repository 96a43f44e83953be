"""docs/webhooks.md: its verifiers verify what we sign and nothing else; its fields and numbers are the code's."""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from gateway.cli.events import WaitsFor
from gateway.domain.account import Env, Policy
from gateway.domain.event import CHOSEN, Event, EventKind
from gateway.outbound.client import MAX_REDIRECTS
from gateway.services import destinations
from gateway.services.accounts import OLD_SECRET_VALID_S
from gateway.services.signature import key_of, signatures
from gateway.services.webhooks import MAX_RETRY_AFTER_S, WebhookSettings
from http_api import event_body
from tests.architecture.sources import ROOT
from tests.peers.node import node_command

PAGE: Final = (ROOT / "docs" / "webhooks.md").read_text()
NEW, OLD, OTHERS = (f"whsec_{letter * 32}" for letter in "aBc")
BODY: Final = '{"id":"1","data":{"body":"Grüße 👋"}}'.encode()
EVENT_ID: Final = "018e7c3a-9b2f-7d4e-a5f1-3c2b1a0d9e00"

JUDGE: Final = """
import { readFileSync } from "node:fs";
import { verified } from "./verify.mjs";
const cases = JSON.parse(readFileSync(0));
const answers = cases.map(([headers, body, secret]) => verified(headers, Buffer.from(body, "hex"), secret));
console.log(JSON.stringify(answers));
"""


class Case(NamedTuple):
    """A request as a receiver gets it, the secret that it has, and whether it is to be believed."""

    headers: dict[str, str]
    body: bytes
    secret: str
    genuine: bool


def cases() -> dict[str, Case]:
    """Requests of ours, and of those who would like to be us."""
    now = int(time.time())

    def signed(*secrets: str, at: int = now) -> dict[str, str]:
        keys = [key_of(secret) for secret in secrets]
        return {
            "webhook-id": EVENT_ID,
            "webhook-timestamp": str(at),
            "webhook-signature": signatures(keys, EVENT_ID, at, BODY),
        }

    ours = signed(NEW)
    return {
        "ours": Case(ours, BODY, NEW, True),
        "rotated, the new secret": Case(signed(NEW, OLD), BODY, NEW, True),
        "rotated, the old secret": Case(signed(NEW, OLD), BODY, OLD, True),
        "a minute on its way": Case(signed(NEW, at=now - 60), BODY, NEW, True),
        "another account's": Case(signed(OTHERS), BODY, NEW, False),
        "another body": Case(ours, BODY + b" ", NEW, False),
        "another id": Case({**ours, "webhook-id": EVENT_ID[:-1] + "1"}, BODY, NEW, False),
        "recorded, and sent again later": Case(signed(NEW, at=now - 3600), BODY, NEW, False),
        "recorded, with a fresh time": Case(
            {**signed(NEW, at=now - 3600), "webhook-timestamp": str(now)}, BODY, NEW, False
        ),
        "of the future": Case(signed(NEW, at=now + 3600), BODY, NEW, False),
        "no time": Case({**ours, "webhook-timestamp": "soon"}, BODY, NEW, False),
        "no ASCII": Case({**ours, "webhook-signature": "v1,ä"}, BODY, NEW, False),
        "unsigned": Case({"content-type": "application/json"}, BODY, NEW, False),
    }


def code(name: str) -> str:
    """The code block of the page that follows a mark."""
    block = PAGE.partition(f"<!-- {name} -->\n```")[2].partition("\n")[2].partition("```")[0]
    assert "verified" in block, name
    return block


def table(name: str) -> list[str]:
    """The first cells of a marked table, without its head."""
    part = PAGE.partition(f"<!-- {name} -->\n")[2].partition(f"<!-- end: {name} -->")[0]
    return [line.split("|")[1].strip(" `") for line in part.splitlines()[2:]]


def in_python(given: list[Case]) -> list[bool]:
    """What the page's Python says."""
    names: dict[str, Any] = {}
    exec(code("verify.py"), names)
    verified: Callable[[dict[str, str], bytes, str], bool] = names["verified"]
    return [verified(case.headers, case.body, case.secret) for case in given]


def in_javascript(given: list[Case], folder: Path) -> list[bool]:
    """What the page's JavaScript says."""
    (folder / "verify.mjs").write_text(code("verify.mjs"))
    (folder / "judge.mjs").write_text(JUDGE)
    told = subprocess.run(
        [*node_command(), "judge.mjs"],
        cwd=folder,
        input=json.dumps([(case.headers, case.body.hex(), case.secret) for case in given]),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    answers: list[bool] = json.loads(told.stdout)
    return answers


def test_the_verifiers_of_the_page_know_ours_from_others(tmp_path: Path) -> None:
    given = cases()
    wanted = {name: case.genuine for name, case in given.items()}
    assert dict(zip(given, in_python(list(given.values())), strict=True)) == wanted
    assert dict(zip(given, in_javascript(list(given.values()), tmp_path), strict=True)) == wanted


def test_the_fields_are_those_that_every_dialect_tells() -> None:
    nothing: dict[str, object] = defaultdict(lambda: None)
    at, url = datetime(2026, 4, 18, tzinfo=UTC), "https://a.example/"
    event = Event(bytes(16), bytes(16), 1, "acme", Env.LIVE, "any", EventKind.SENT, at, url, url, nothing)
    assert table("message") == list(event_body.of_message(event, "SENT", {}))
    assert table("inbound") == list(event_body.of_inbound(event, {}))


def test_the_types_are_those_that_an_account_can_choose() -> None:
    told = dict(re.findall(r"^\| `message\.(\w+)` \| [^|]+ \| ([^|]+) \|$", PAGE, re.MULTILINE))
    assert told.keys() == {kind.value for kind in CHOSEN}
    on_request = {kind for kind, when in told.items() if "webhook_events` names" in when}
    assert on_request == told.keys() - Policy().webhook_events


def test_what_an_event_waits_for_is_told_as_the_command_tells_it() -> None:
    assert table("waits") == [each.value for each in WaitsFor]


def test_the_numbers_are_the_code_s() -> None:
    settings = WebhookSettings.model_validate({})
    *first, last = (f"{each:,g}" for each in settings.schedule)
    assert f"after {', '.join(first)} and {last} seconds, then hourly" in PAGE
    assert f"any 2xx within {settings.answer_timeout_s:g} seconds" in PAGE
    assert (
        f"none within {settings.answer_timeout_s:g} s, no connection within {settings.connect_timeout_s:g} s"
        in PAGE
    )
    assert f"up to {settings.concurrency_per_destination} requests to one scheme" in PAGE
    assert f"alone for {destinations.FIRST_PAUSE_S:g} seconds" in PAGE
    assert f"up to {destinations.LONGEST_PAUSE_S:g} seconds" in PAGE
    assert (destinations.FAILING_AFTER, MAX_REDIRECTS) == (3, 3), "three failures in a row, three redirects"
    assert (settings.give_up_after_s, OLD_SECRET_VALID_S, MAX_RETRY_AFTER_S) == (86_400, 86_400, 3_600)
