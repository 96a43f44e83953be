"""A serving process in the test's own loop: start after a crash, reload whole or refused, drain in order."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import structlog

from gateway import journal
from gateway.app import App
from gateway.app.core import utc_now
from gateway.app.serving import serving
from gateway.config import Config, load
from gateway.domain import ids
from gateway.domain.account import Caller, Env, Policy
from gateway.domain.message import Message
from gateway.domain.money import Charge
from gateway.domain.outcome import Part
from gateway.domain.send import Acceptance, Accepted, Origin, Refusal, Send, Taken
from gateway.domain.words import Priority, Status
from gateway.errors import SecretError, StoreInUse, TrunklineError
from storage.sqlite.store import SqliteStore
from tests.certificates import make_certificate, serial_shown
from tests.unit.gateway.services.rig import OURS, PHONE
from tests.unit.smpp.scripted import Carrier, carrier

CALLER = Caller("acme", Env.LIVE, Policy(), frozenset(), "key_1")
LONG = "x" * 400


def write_config(folder: Path, *ports: int, more: str = "") -> Path:
    """A configuration with one operator per port, in the order of the routes."""
    text = f"""
        [http]
        listen = "127.0.0.1:0"
        admin_listen = "127.0.0.1:0"
        [store]
        url = "sqlite:///trunkline.db"
        [limits]
        drain_timeout_s = 20
        {more}
    """
    names = ["alpha", "beta", "gamma"][: len(ports)]
    for name, port in zip(names, ports, strict=True):
        text += f"""
        [[operators]]
        id = "{name}"
        kind = "smpp"
        host = "127.0.0.1"
        port = {port}
        system_id = "esme"
        password = "secret"
        """
    text += f"[[routes]]\nto = '+'\noperators = {names}\n" if names else ""
    path = folder / "gateway.toml"
    path.write_text(text)
    return path


def https(path: Path) -> Path:
    """A configuration whose API has a certificate."""
    files = 'tls_cert_file = "cert.pem"\n        tls_key_file = "key.pem"\n'
    path.write_text(path.read_text().replace("[http]\n", f"[http]\n        {files}", 1))
    return path


def trusting(folder: Path) -> ssl.SSLContext:
    """Of a caller that knows the certificate in this folder, by whatever name it connects."""
    trust = ssl.create_default_context(cafile=str(folder / "cert.pem"))
    trust.check_hostname = False
    return trust


async def send(app: App, body: str = "hello") -> bytes:
    """One message through the gateway's own way in."""
    assert app.core is not None
    asked = [Send("orchestrator", PHONE, OURS, body)]
    result = await app.core.submit.accept(CALLER, asked, None, Origin("req_1"))
    assert isinstance(result, Accepted)
    (taken,) = result.items
    assert isinstance(taken, Taken)
    return taken.message_id


async def status(app: App, message_id: bytes) -> Status:
    """Where it stands."""
    assert app.core is not None
    view = await app.core.store.message(message_id)
    assert view is not None
    return view.message.status


async def until_status(app: App, message_id: bytes, wanted: Status) -> None:
    """Each look is a round through the store's thread."""
    async with asyncio.timeout(20):
        while await status(app, message_id) is not wanted:
            pass


@pytest.fixture
async def smsc() -> AsyncIterator[Carrier]:
    async with carrier() as listening:
        listening.script.receipts = True
        yield listening


@pytest.fixture
async def other() -> AsyncIterator[Carrier]:
    async with carrier() as listening:
        listening.script.receipts = True
        yield listening


async def test_from_a_send_to_its_receipt(smsc: Carrier, tmp_path: Path) -> None:
    async with serving(write_config(tmp_path, smsc.server.port)) as app:
        await smsc.until(lambda: smsc.binds)
        await until_status(app, await send(app, LONG), Status.DELIVERED)
        assert len(smsc.submits) == 3


async def test_two_do_not_serve_one_store(smsc: Carrier, tmp_path: Path) -> None:
    path = write_config(tmp_path, smsc.server.port)
    async with serving(path):
        with pytest.raises(StoreInUse):
            await App(load(path), path).run()


class TestAfterACrash:
    """What a dead process had in hand."""

    async def leave(self, folder: Path, written: int | None, part_count: int = 0) -> Message:
        """A store of a process that died with one long message claimed; `written`: how many of its parts its journal
        knows of, None: the journal is of another boot."""
        store = SqliteStore(folder / "trunkline.db")
        await store.open()
        now = utc_now()
        owner = await store.register(now, "an earlier one")
        message = Message(
            ids.new_id(now), "acme", Env.LIVE, "orchestrator", OURS, PHONE, LONG, 3, Priority.OTP, now,
            now + timedelta(hours=1), operator="alpha", route="alpha", attempts=1, tries=1, part_count=part_count,
            owner=owner.number, token=owner.token,
        )  # fmt: skip
        await store.accept([Acceptance([message], None, now)])
        await store.close()
        boot = "another boot" if written is None else journal.boot_id()
        flights = journal.FlightJournal(folder / "trunkline.db.flights", boot)
        flights.written([Part(message.id, 1, number + 1, 3, b"") for number in range(written or 0)])
        flights.close()
        return message

    async def recovered(self, app: App, message: Message) -> tuple[bool, list[int]]:
        """Whether it is in doubt, and which of its parts."""
        assert app.core is not None
        view = await app.core.store.message(message.id)
        assert view is not None
        return view.message.doubt, sorted(row.part for row in view.rows)

    async def test_what_was_never_written_is_sent(self, smsc: Carrier, tmp_path: Path) -> None:
        message = await self.leave(tmp_path, written=0)
        async with serving(write_config(tmp_path, smsc.server.port)) as app:
            await until_status(app, message.id, Status.DELIVERED)
            assert len(smsc.submits) == 3

    async def test_what_was_written_is_in_doubt(self, smsc: Carrier, tmp_path: Path) -> None:
        message = await self.leave(tmp_path, written=2)
        async with serving(write_config(tmp_path, smsc.server.port)) as app:
            assert await self.recovered(app, message) == (True, [1, 2])
            assert smsc.submits == []

    @pytest.mark.parametrize("part_count", [0, 3])
    async def test_after_another_boot_all_of_it_is_in_doubt(
        self, smsc: Carrier, tmp_path: Path, part_count: int
    ) -> None:
        """Also where nobody has counted its parts yet: its operator does."""
        message = await self.leave(tmp_path, None, part_count)
        async with serving(write_config(tmp_path, smsc.server.port)) as app:
            assert await self.recovered(app, message) == (True, [1, 2, 3])
            assert smsc.submits == []


class TestReload:
    """Taken whole, or refused whole (promise 7)."""

    async def test_a_bad_one_changes_nothing(self, smsc: Carrier, tmp_path: Path) -> None:
        path = write_config(tmp_path, smsc.server.port)
        async with serving(path) as app:
            path.write_text(path.read_text() + "\n[nonsense]\n")
            assert not await app.reload_now()
            assert app.metrics.config_reloads.value("refused") == 1
            await until_status(app, await send(app), Status.DELIVERED)
            assert len(smsc.binds) == 1

    async def test_a_file_of_routes_that_is_being_written(self, smsc: Carrier, tmp_path: Path) -> None:
        """It looks like an empty one, and what finds no route fails for good: with such a file nothing is taken."""
        path = write_config(tmp_path, smsc.server.port)
        whole = path.read_text()
        async with serving(path) as app:
            path.write_text(whole[: whole.index("[[routes]]")])
            with structlog.testing.capture_logs() as logs:
                assert not await app.reload_now()
            assert "no route is left" in logs[0]["errors"]
            await until_status(app, await send(app), Status.DELIVERED)

    async def test_what_needs_a_restart_is_as_it_was_until_then(self, smsc: Carrier, tmp_path: Path) -> None:
        """A main file that is cut short names another store: by that one, nobody would need a lease any more. And what
        still waits for a restart is told at each reload, not once."""
        path = write_config(tmp_path, smsc.server.port)
        async with serving(path) as app:
            before = app.config
            url = before.store.url
            text = path.read_text().replace(f'"{url}"', '"sqlite:///other.db"')
            path.write_text(f"{text}[webhooks]\ngive_up_after_s = 7\nconnect_timeout_s = 7\n")
            for _ in range(2):
                with structlog.testing.capture_logs() as logs:
                    assert await app.reload_now()
                told = [line["setting"] for line in logs if "needs a restart" in line["event"]]
                assert told == ["[store]", "webhooks.connect_timeout_s"]
            assert app.core is not None
            assert app.core.config.store == app.config.store == before.store
            assert (app.config.webhooks.give_up_after_s, app.config.webhooks.connect_timeout_s) == (7, 3)
            await until_status(app, await send(app), Status.DELIVERED)

    async def test_a_renewed_certificate_is_shown_from_then_on(self, tmp_path: Path) -> None:
        """Of files with the same names, and of others; what can't be used is refused, and the one before is shown."""
        make_certificate(tmp_path, 1)
        path = https(write_config(tmp_path))
        async with serving(path) as app:
            assert app.listeners is not None
            port = app.listeners.api.port
            reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=trusting(tmp_path))
            make_certificate(tmp_path, 2)
            assert await serial_shown(port) == 1
            assert await app.reload_now()
            assert await serial_shown(port) == 2
            (tmp_path / "key.pem").write_text("cut off")
            with structlog.testing.capture_logs() as logs:
                assert not await app.reload_now()
            told = f"{path}:4: `tls_key_file`: {tmp_path}/key.pem holds no private key: both are PEM files"
            assert logs[0]["errors"] == told
            assert await serial_shown(port) == 2
            (tmp_path / "other").mkdir()
            make_certificate(tmp_path / "other", 3)
            path.write_text(path.read_text().replace('"cert', '"other/cert').replace('"key', '"other/key'))
            with structlog.testing.capture_logs() as logs:
                assert await app.reload_now()
            assert await serial_shown(port) == 3
            assert not [line for line in logs if "needs a restart" in line["event"]]
            writer.write(b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            assert (await reader.read()).startswith(b"HTTP/1.1 200 ")
            writer.close()

    async def test_what_a_reload_has_tried_is_what_is_shown(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Whatever its files hold by then: half of the next renewal, say."""
        make_certificate(tmp_path, 1)
        path = https(write_config(tmp_path))

        def load_before_a_renewal(file: Path) -> Config:
            config = load(file)
            (tmp_path / "key.pem").write_text("cut off")
            return config

        async with serving(path) as app:
            assert app.listeners is not None
            make_certificate(tmp_path, 2)
            monkeypatch.setattr(app, "_load", load_before_a_renewal)
            assert await app.reload_now()
            assert await serial_shown(app.listeners.api.port) == 2

    @pytest.mark.parametrize("begins", [True, False])
    async def test_to_begin_or_end_with_https_needs_a_restart(self, begins: bool, tmp_path: Path) -> None:
        """Also where the files of a certificate that is no longer named are gone."""
        make_certificate(tmp_path, 1)
        path = write_config(tmp_path)
        text = path.read_text()
        if not begins:
            https(path)
        async with serving(path) as app:
            assert app.listeners is not None
            if begins:
                https(path)
            else:
                path.write_text(text)
                (tmp_path / "cert.pem").unlink()
            with structlog.testing.capture_logs() as logs:
                assert await app.reload_now()
            assert [line["setting"] for line in logs if "needs a restart" in line["event"]] == ["[http]"]
            if not begins:
                assert await serial_shown(app.listeners.api.port) == 1

    async def test_an_error_that_nobody_thought_of_is_told_and_changes_nothing(
        self, smsc: Carrier, tmp_path: Path
    ) -> None:
        def fails(path: Path) -> Config:
            raise RuntimeError(f"a defect in reading {path.name}")

        async with serving(write_config(tmp_path, smsc.server.port)) as app:
            app._load = fails
            with structlog.testing.capture_logs() as logs:
                assert not await app.reload_now()
            assert app.metrics.config_reloads.value("refused") == 1
            assert "a defect in reading gateway.toml" in logs[0]["errors"]
            assert isinstance(logs[0]["exc_info"], RuntimeError)
            await until_status(app, await send(app), Status.DELIVERED)

    async def test_a_bind_that_did_not_change_stays_up(
        self, smsc: Carrier, other: Carrier, tmp_path: Path
    ) -> None:
        path = write_config(tmp_path, smsc.server.port)
        async with serving(path) as app:
            await smsc.until(lambda: smsc.binds)
            write_config(tmp_path, smsc.server.port, other.server.port)
            assert await app.reload_now()
            await other.until(lambda: other.binds)
            await until_status(app, await send(app), Status.DELIVERED)
            assert (len(smsc.binds), smsc.closings, other.submits) == (1, [], [])

    async def test_an_operator_that_changed_is_exchanged(
        self, smsc: Carrier, other: Carrier, tmp_path: Path
    ) -> None:
        path = write_config(tmp_path, smsc.server.port)
        async with serving(path) as app:
            first = await send(app)
            await until_status(app, first, Status.DELIVERED)
            write_config(tmp_path, other.server.port)
            assert await app.reload_now()
            await until_status(app, await send(app), Status.DELIVERED)
            assert (len(smsc.submits), len(other.submits)) == (1, 1)
            await smsc.until(lambda: smsc.closings)

    async def test_what_is_in_flight_at_one_that_goes_still_settles(
        self, smsc: Carrier, other: Carrier, tmp_path: Path
    ) -> None:
        smsc.script.answers = False
        path = write_config(tmp_path, smsc.server.port)
        async with serving(path) as app:
            await smsc.until(lambda: smsc.binds)
            flying = await send(app)
            await smsc.until(lambda: smsc.submits)
            write_config(tmp_path, other.server.port)
            reloading = asyncio.create_task(app.reload_now())
            await asyncio.sleep(0)
            smsc.answer_all()
            assert await reloading
            await until_status(app, flying, Status.SENT)
            assert app.core is not None
            assert app.core.dispatch.lanes["alpha"].load == 0

    async def test_one_that_comes_at_the_start_is_done_when_it_serves(
        self, smsc: Carrier, tmp_path: Path
    ) -> None:
        path = write_config(tmp_path, smsc.server.port)
        app = App(load(path), path)
        write_config(tmp_path, smsc.server.port, more="default_validity_s = 99")
        running = asyncio.create_task(app.run())
        assert await app.reload_now()
        assert app.config.limits.default_validity_s == 99
        app.request_stop()
        await running

    async def test_a_stop_in_its_middle_opens_nothing_and_what_flies_settles(
        self, smsc: Carrier, other: Carrier, tmp_path: Path
    ) -> None:
        """Nobody would close what it opens then: its binds would outlive the drain."""
        smsc.script.answers = False
        path = write_config(tmp_path, smsc.server.port)
        done = asyncio.Event()
        with structlog.testing.capture_logs() as logs:
            async with serving(path) as app:
                assert app.core is not None
                await smsc.until(lambda: smsc.binds)
                flying = await send(app)
                await smsc.until(lambda: smsc.submits)
                write_config(tmp_path, other.server.port)
                app.reload(done.set)
                async with asyncio.timeout(20):
                    while "alpha" in app.core.operators:  # then it drains, and waits for the answer
                        await status(app, flying)
                app.request_stop()
                for _ in range(20):  # long enough for a process that waits for nobody to close its store
                    await status(app, flying)
                smsc.answer_all()
        assert done.is_set()
        assert other.binds == []
        assert [line["event"][:12] for line in logs if "reloaded" in line["event"]] == ["not reloaded"]
        store = SqliteStore(tmp_path / "trunkline.db")
        await store.open()
        view = await store.message(flying)
        await store.close()
        assert view is not None
        assert (view.message.status, view.message.owner) == (Status.SENT, None)

    async def test_one_that_comes_after_the_end_is_told(self, smsc: Carrier, tmp_path: Path) -> None:
        async with serving(write_config(tmp_path, smsc.server.port)) as app:
            pass
        with structlog.testing.capture_logs() as logs:
            assert not await app.reload_now()
        assert "begins anew with the configuration that it had" in logs[0]["event"]


class TestDrain:
    """Answers finish, in-flight parts settle, what was not written goes back."""

    async def test_leaves_nothing_in_hand(self, smsc: Carrier, tmp_path: Path) -> None:
        smsc.script.answers = False
        path = write_config(tmp_path, smsc.server.port)
        async with serving(path) as app:
            await smsc.until(lambda: smsc.binds)
            sent = [await send(app, str(n)) for n in range(25)]
            await smsc.until(lambda: len(smsc.submits) == 10)  # a window
            app.request_stop()
            await asyncio.sleep(0)
            smsc.script.answers = True
            smsc.answer_all()
        store = SqliteStore(tmp_path / "trunkline.db")
        await store.open()
        messages = [view.message for id_ in sent if (view := await store.message(id_)) is not None]
        await store.close()
        assert len(messages) == 25
        assert [message.owner for message in messages] == [None] * 25
        assert sum(message.status is Status.SENT for message in messages) == len(smsc.submits)
        assert all(m.next_at is not None for m in messages if m.status is Status.QUEUED)


async def test_accounts_without_their_rate_plan_are_told(tmp_path: Path) -> None:
    """At the start and at each reload; with the plan in its place, messages are priced by it from then on."""
    path = write_config(tmp_path, more='[rates]\nplans = "rates/*.csv"')
    async with serving(path) as app:
        assert app.core is not None
        await app.core.accounts.create("acme")
        await app.core.accounts.set("acme", {"rate_plan": "gold"}, Env.LIVE)
        with structlog.testing.capture_logs() as logs:
            assert await app.reload_now()
        told = [line for line in logs if "rate plan is missing" in line["event"]]
        assert [(line["plan"], line["accounts"], line["count"]) for line in told] == [
            ("gold", ["acme (live)"], 1)
        ]
        assert isinstance(app.core.pricing.charge(Policy(rate_plan="gold"), PHONE, 1, utc_now()), Refusal)
        (tmp_path / "rates").mkdir()
        (tmp_path / "rates" / "gold.csv").write_text("prefix,price,currency\n+,0.05,EUR\n")
        with structlog.testing.capture_logs() as logs:
            assert await app.reload_now()
        assert not [line for line in logs if "rate plan is missing" in line["event"]]
        assert isinstance(app.core.pricing.charge(Policy(rate_plan="gold"), PHONE, 1, utc_now()), Charge)
    (tmp_path / "rates" / "gold.csv").unlink()
    with structlog.testing.capture_logs() as logs:
        async with serving(path):
            pass
    assert [line["plan"] for line in logs if "rate plan is missing" in line["event"]] == ["gold"]


async def test_it_does_not_serve_with_a_key_file_that_opens_nothing(tmp_path: Path) -> None:
    """As when the key's folder is not mounted, and a new one is made: no webhook could be signed."""
    path, key = write_config(tmp_path), tmp_path / "trunkline.key"
    async with serving(path) as app:
        assert app.core is not None
        await app.core.accounts.create("acme")
    key.rename(tmp_path / "kept.key")
    with pytest.raises(SecretError, match="key_file"):
        async with serving(path):
            pass
    (tmp_path / "kept.key").rename(key)
    async with serving(path) as app:
        assert app.core is not None
        assert len(app.core.accounts.secrets_of("acme")) == 1


async def test_a_folder_that_takes_no_journal_is_named_with_its_setting(tmp_path: Path) -> None:
    (tmp_path / "trunkline.db.flights.0").mkdir()
    with pytest.raises(TrunklineError, match=f"in {tmp_path} .*journal_folder"):
        async with serving(write_config(tmp_path)):
            pass
