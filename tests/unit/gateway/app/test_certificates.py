"""The daily look at our own certificates."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import structlog

from gateway.app.certificates import CertificateWatch
from gateway.app.serving import serving
from gateway.config import Config, parse
from gateway.metrics import Metrics
from tests.certificates import make_certificate
from tests.unit.gateway.app.test_app import https, write_config

ENDS_AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
TEXT = '[http]\ntls_cert_file = "cert.pem"\ntls_key_file = "key.pem"\n'


def config_of(folder: Path) -> Config:
    make_certificate(folder, ends_at=ENDS_AT)
    return parse(TEXT, folder, "g", {})


def look(config: Config, now: datetime) -> list[MutableMapping[str, Any]]:
    """What one look logs."""
    with structlog.testing.capture_logs() as logs:
        CertificateWatch(lambda: config, Metrics(), lambda: now).look()
    return logs


def test_what_ends_soon_is_a_warning_and_what_has_ended_an_error(tmp_path: Path) -> None:
    config = config_of(tmp_path)
    assert look(config, ENDS_AT - timedelta(days=31)) == []
    (soon,) = look(config, ENDS_AT - timedelta(days=3))
    assert (soon["log_level"], soon["event"]) == ("warning", "a certificate ends soon")
    assert (soon["setting"], soon["file"]) == ("[http] tls_cert_file", f"{tmp_path.resolve()}/cert.pem")
    assert soon["ends_at"] == "2026-03-01T12:00:00+00:00"
    (over,) = look(config, ENDS_AT)
    assert (over["log_level"], over["event"]) == ("error", "a certificate has ended")


def test_the_end_is_a_metric_for_as_long_as_it_is_shown(tmp_path: Path) -> None:
    configs = [config_of(tmp_path), Config()]
    metrics = Metrics()
    watch = CertificateWatch(lambda: configs[0], metrics, lambda: ENDS_AT)
    watch.look()
    line = 'trunkline_certificate_end_time_seconds{listener="api",operator=""} 1.7723664e+09'
    due = 'trunkline_certificate_due_time_seconds{listener="api",operator=""} 1.7697744e+09'
    assert {line, due} <= set(metrics.render().decode().splitlines())
    assert datetime.fromtimestamp(1772366400, UTC) == ENDS_AT
    assert datetime.fromtimestamp(1769774400, UTC) == ENDS_AT - timedelta(days=30)
    del configs[0]
    watch.look()
    assert "certificate_end_time_seconds{" not in metrics.render().decode()
    assert "certificate_due_time_seconds{" not in metrics.render().decode()


async def test_it_looks_again_and_again(tmp_path: Path) -> None:
    config, looks = config_of(tmp_path), list[datetime]()
    again = asyncio.Event()

    def clock() -> datetime:
        looks.append(ENDS_AT + timedelta(days=len(looks) - 1))
        if len(looks) == 3:
            again.set()
        return looks[-1]

    with structlog.testing.capture_logs() as logs:
        running = asyncio.create_task(CertificateWatch(lambda: config, Metrics(), clock, every_s=0.0).run())
        await asyncio.wait_for(again.wait(), 20)
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
    assert [line["log_level"] for line in logs[:3]] == ["warning", "error", "error"]


async def test_a_gateway_tells_at_its_start_and_at_each_reload(tmp_path: Path) -> None:
    """Of the one that it shows: of the files alone nobody is told."""
    make_certificate(tmp_path)
    path = https(write_config(tmp_path))
    with structlog.testing.capture_logs() as logs:
        async with serving(path) as app:
            assert [line["event"] for line in logs].count("a certificate ends soon") == 1
            before = app.metrics.certificate_ends.value("api", "")
            make_certificate(tmp_path, 2, datetime.now(UTC) + timedelta(days=90))
            assert app.metrics.certificate_ends.value("api", "") == before
            assert await app.reload_now()
            assert [line["event"] for line in logs].count("a certificate ends soon") == 1
            assert app.metrics.certificate_ends.value("api", "") > before + 80 * 86_400
            make_certificate(tmp_path, 3)
            assert await app.reload_now()
            assert [line["event"] for line in logs].count("a certificate ends soon") == 2
