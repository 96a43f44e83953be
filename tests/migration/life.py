"""The life of the gateway whose store is frozen with a release: something of everything that a store can hold.

It is lived by the installed command with carriers and a receiver around it, and ends with SIGKILL. Recipients tell what
becomes of them; by the labels below the tests ask for each message again.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp

from gateway.bench.child import free_port
from gateway.cli.beside import beside
from gateway.domain import ids
from gateway.domain.message import Message, PartRow, Step, move
from gateway.domain.words import Status
from gateway.ports import Store
from tests.acceptance.harness.api import SENDER, Api
from tests.acceptance.harness.config import operator
from tests.acceptance.harness.gateway import Gateway, configuration
from tests.acceptance.harness.sink import Sink
from tests.acceptance.harness.waiting import eventually
from tests.contract.made import acceptance, message
from tests.faults.evidence import receipt
from tests.peers.smsc import NodeSmsc, smsc

OUTCOMES = {
    "01": {"stat": "UNDELIV", "err": "001"},
    "02": {"status": 0x0B},  # ESME_RINVDSTADR
    "03": {"status": 0x01},  # ESME_RINVMSGLEN: the next carrier is asked
}
PERSON = "+447700900777"  #: erased
STOPPED = "+447700900888"
PHONE = "+447700900666"  #: sent us the first half of a message
KEYWORD = "WIN"
PARKED_REF, PARKED_PHONE = "777777", "+33700900555"
HALF = "0500032a0201"  #: user data header: the first of two parts, reference 42


@dataclass
class Said:
    """One POST /v1/sms/send, and its answer."""

    key: str
    document: dict[str, Any]
    answer: str
    id: str
    view: dict[str, Any] = field(default_factory=dict)  #: GET /v1/sms/{id} at the end, where it has one


@dataclass
class Facts:
    """What the tests must know of a frozen store, beside its rows."""

    written_at: str
    key_file: str
    keys: dict[str, str]
    secret: str
    receivers: list[str]  #: host:port in the store; nobody is there
    refs: dict[str, str]  #: carriers' ids, by label
    messages: dict[str, Said]


class Life:
    """One gateway, from its first command to its last breath."""

    def __init__(self, gateway: Gateway, alpha: NodeSmsc, beta: NodeSmsc, sink: Sink, api: Api) -> None:
        self.gateway, self.alpha, self.beta, self.sink, self.api = gateway, alpha, beta, sink, api
        self.said: dict[str, Said] = {}
        self.keys: dict[str, str] = {}
        self.refs: dict[str, str] = {}
        self.nowhere = f"127.0.0.1:{free_port()}"

    def picture(self) -> str:
        """For a person."""
        return f"{self.alpha.events[-3:]}\n{self.sink.picture()}\n{self.gateway.picture()}"

    async def until(self, look: Any, what: str) -> Any:
        """Wait for a condition."""
        return await eventually(look, what, self.picture, 30.0)

    # --- what tenants do

    async def say(self, label: str, to: str, **fields: Any) -> Said:
        """Send one message with an Idempotency-Key."""
        document = {"to": to, "from": SENDER, "body": f"This one is {label}", **fields}
        headers = {"Idempotency-Key": f"life-{label}"}
        answer = await self.api.request("POST", "/v1/sms/send", json=document, headers=headers)
        assert answer.status == 202, answer
        self.said[label] = Said(f"life-{label}", document, answer.body.decode(), answer.json["messageId"])
        return self.said[label]

    async def is_now(self, label: str, status: str) -> None:
        """Wait until it has this status."""

        async def look() -> bool:
            found = await self.api.message(self.said[label].id)
            return bool(found["status"] == status)

        await self.until(look, f"{label} to be {status}")

    async def told(self, label: str) -> None:
        """Wait until its webhook was taken."""
        identity = self.said[label].id
        await self.until(
            lambda: [h for h in self.sink.of(identity) if h.answered < 300 and h.type != "message.sent"],
            label,
        )

    async def phone_says(self, **order: Any) -> None:
        """A deliver_sm to our number; returns when it is acknowledged."""
        before = len(self.alpha.named("answered"))
        await self.alpha.order("inbound", **{"to": SENDER.removeprefix("+"), **order})
        await self.until(lambda: len(self.alpha.named("answered")) > before, f"the answer to {order}")

    # --- the chapters

    async def accounts(self) -> None:
        """Accounts, keys of every kind, numbers, the suppression list; no gateway runs."""
        cli = self.gateway.cli
        created = await cli("account", "create", "acme", "--json")
        self.sink.secrets = [created.json["webhook_secret"]]
        await cli("account", "create", "other", "--json")
        events = "webhook_events=sent,delivered,failed,undeliverable,inbound"
        await cli("account", "set", "acme", f"webhook_url={self.sink.url()}", events)
        wanted = {
            "live": ["acme"],
            "test": ["acme", "--env", "test"],
            "other": ["other", "--allow-from", "127.0.0.0/8"],
            "revoked": ["acme"],
            "admin": ["acme", "--scope", "admin", "--scope", "read:messages", "--member", "ann"],
        }
        for label, words in wanted.items():
            self.keys[label] = (await cli("key", "create", *words, "--json")).json["key"]
        await cli("key", "revoke", self.keys["revoked"])
        await cli("number", "add", SENDER, "--account", "acme")
        await cli("number", "add", "60777", "--account", "other", "--keyword", KEYWORD)
        await cli("suppression", "add", "+447700900999", "--account", "acme")
        self.api.key = self.keys["live"]

    async def ends(self) -> None:
        """Messages that came to every end."""
        wanted = {
            "delivered": ("00", "DELIVERED"),
            "undelivered": ("01", "FAILED"),
            "refused": ("02", None),
            "second": ("03", "DELIVERED"),
        }
        for label, (suffix, status) in wanted.items():
            said = await self.say(label, f"+4477009011{suffix}", metadata={"order": label, "name": "Zoë 👋"})
            await self.told(label)
            view = await self.api.message(said.id)
            assert status in (None, view["status"]), view
        await self.say("long", "+447700901200", body="All of this is long. " * 12)
        await self.told("long")
        tester = self.api.as_caller(self.keys["test"])
        answer = await tester.send(to="+447700901300")
        assert answer.status == 202, answer

    async def phones(self) -> None:
        """STOP with its reply, a question, half a message, a person who is erased, a receipt that nobody knows."""
        await self.say("erased", PERSON)
        await self.told("erased")
        await self.phone_says(**{"from": PERSON[1:], "text": "I am a person"})
        await self.phone_says(**{"from": STOPPED[1:], "text": "STOP"})
        await self.phone_says(**{"from": PHONE[1:], "hex": HALF + b"The first half".hex(), "esm_class": 0x40})
        await self.until(lambda: len(self.sink.taken("message.inbound")) >= 2, "inbound webhooks")
        await self.until(
            lambda: [s for s in self.alpha.named("submit") if s["to"] == STOPPED[1:]], "the reply"
        )
        await self.gateway.cli("erase", PERSON, "--yes")
        submit = {"id": PARKED_REF, "from": SENDER[1:], "to": PARKED_PHONE[1:]}
        before = len(self.beta.named("answered"))
        await self.beta.order("inbound", **receipt(submit))
        await self.until(lambda: len(self.beta.named("answered")) > before, "the parked receipt to be taken")

    async def hooks(self) -> None:
        """A webhook that was given up, one that will be tried again, one that is on its way."""
        self.sink.statuses["/gone"] = 410
        await self.say("given_up", "+447700901400", callbackUrl=self.sink.url("/gone"))

        async def dead() -> bool:
            listed = (await self.gateway.cli("webhook", "dead", "list", "--json")).json
            return len(listed) == 2  # sent and delivered

        await self.until(dead, "the dead events")
        await self.say("tried_again", "+447700901500", callbackUrl=f"http://{self.nowhere}/hooks")
        await self.is_now("tried_again", "DELIVERED")
        self.sink.open_gate.clear()
        await self.say("under_way", "+447700901600")
        await self.until(lambda: self.sink.under_way, "a webhook on its way")

    async def unfinished(self) -> None:
        """Messages that wait: for their carrier, for a receipt, for an answer that one part has given up hope of."""
        await self.gateway.cli("operator", "pause", "beta")
        await self.gateway.cli("operator", "resume", "beta")
        await self.say("waiting", "+4917009017")
        await self.alpha.set(receipts=False)
        await self.say("sent", "+447700901700")
        await self.is_now("sent", "SENT")
        for label in ("given_up", "sent"):
            submits = [
                told
                for told in self.alpha.named("submit")
                if told["to"] == self.said[label].document["to"][1:]
            ]
            self.refs[label] = submits[0]["id"]
        await self.alpha.set(answer="never")
        await self._unanswered("in_doubt", "+447700901800")
        await self.alpha.order("drop")

        async def doubt() -> bool:
            shown = (await self.gateway.cli("message", "show", self.said["in_doubt"].id, "--json")).json
            return bool(shown["in_doubt"])

        await self.until(doubt, "the doubt to be kept")
        await self._unanswered("in_hand", "+447700901900")

    async def _unanswered(self, label: str, to: str) -> None:
        await self.say(label, to)
        await self.until(
            lambda: [s for s in self.alpha.named("submit") if s["to"] == to[1:]], f"{label} to be written"
        )

    async def look_back(self) -> None:
        """How every message of the live key stands."""
        for said in self.said.values():
            answer = await self.api.request("GET", f"/v1/sms/{said.id}")
            said.view = answer.json if answer.status == 200 else {}


async def plan_ahead(life: Life, store: Store) -> None:
    """What no command makes yet: a message for later, one that was canceled. Nobody serves the store."""
    now = datetime.now(UTC)
    for label in ("for_later", "canceled"):
        at = now + timedelta(minutes=30)
        made = message(
            id=ids.new_id(now),
            accepted_at=now,
            expires_at=now + timedelta(hours=72),
            sender=SENDER,
            recipient="+447700902000",
            status=Status.SCHEDULED,
            scheduled_at=at,
            next_at=at,
        )
        await store.accept([acceptance(made, at=now)])
        life.said[label] = Said("", {"to": made.recipient}, "", ids.text(made.id))

    def cancel(found: Message, _rows: list[PartRow]) -> Step:
        step = Step(found)
        move(step, Status.CANCELED, now)
        return step

    canceled = ids.parse(life.said["canceled"].id)
    assert canceled is not None
    await store.change([canceled], cancel)


@asynccontextmanager
async def lived(url: str, folder: Path, lease_s: float = 3.0) -> AsyncIterator[Facts]:
    """All of it: the store of `url` is full, and nobody serves it any more."""
    async with AsyncExitStack() as stack:
        alpha = await stack.enter_async_context(smsc(outcomes=OUTCOMES, receipt_delay_ms=5))
        beta = await stack.enter_async_context(smsc(receipt_delay_ms=5, first_id=5_000))
        session = await stack.enter_async_context(aiohttp.ClientSession())
        document = configuration(
            **operators({"alpha": alpha.port, "beta": beta.port, "gamma": free_port()}),
            store={"url": url},
            process={"lease_s": lease_s},
        )
        gateway = Gateway(folder, document)
        stack.push_async_callback(gateway.close)
        sink = Sink(free_port(), [])
        await sink.open()
        stack.push_async_callback(sink.close)
        life = Life(gateway, alpha, beta, sink, Api(session, f"http://127.0.0.1:{gateway.port}"))
        await life.accounts()
        await gateway.start()
        for chapter in (life.ends, life.phones, life.hooks, life.unfinished, life.look_back):
            await chapter()
        await gateway.kill9()
        async with beside(gateway.path) as opened:
            await plan_ahead(life, opened.store)
        key_file = gateway.folder / "trunkline.key"
        receivers = [f"127.0.0.1:{sink.port}", life.nowhere]
        now = datetime.now(UTC).isoformat()
        yield Facts(now, key_file.read_text(), life.keys, sink.secrets[0], receivers, life.refs, life.said)


def operators(ports: dict[str, int], **settings: Any) -> dict[str, Any]:
    """Three carriers: alpha with beta behind it, gamma alone."""
    return {
        "operators": [operator(name, port, **settings) for name, port in ports.items()],
        "routes": [
            {"id": "de", "to": ["+49"], "operators": ["gamma"]},
            {"id": "fr", "to": ["+33"], "operators": ["beta"]},
            {"id": "all", "to": ["+"], "operators": ["alpha", "beta"]},
        ],
    }
