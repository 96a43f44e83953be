"""The configurations that are shipped pass `trunkline check`."""

import shutil
from pathlib import Path

import pytest

from gateway.config import Config
from http_api.settings import host_and_port
from tests.architecture.sources import ROOT
from tests.unit.deploy.files import (
    COMPOSE_CONFIG,
    CONFIGS,
    complaints,
    config_of,
    raw_config,
    refused,
)


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.parent.name)
def test_passes_check(path: Path) -> None:
    config = config_of(path)
    assert config.operators
    assert config.routes


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.parent.name)
def test_listens_on_every_address_of_the_container(path: Path) -> None:
    http = config_of(path).http
    assert host_and_port(http.listen) == ("0.0.0.0", 8080)
    assert host_and_port(http.admin_listen) == ("0.0.0.0", 8081)


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.parent.name)
def test_is_the_production_shape(path: Path) -> None:
    raw = raw_config(path)
    assert {"store", "redis", "process"} <= raw.keys()
    # Else each process would seal with a key of its own.
    assert raw["secrets"]["key_file"].startswith("/")
    assert raw["process"]["journal_folder"].startswith("/var/lib/trunkline")


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.parent.name)
def test_believes_no_proxy_and_reaches_no_private_address(path: Path) -> None:
    """From a trusted proxy X-Api-Key-Id is identity enough: whoever turns it on knows what stands in front."""
    config = config_of(path)
    assert config.http.trusted_proxies == Config().http.trusted_proxies == ()
    assert not config.webhooks.allow_private_addresses


def test_a_wrong_option_is_found() -> None:
    text = COMPOSE_CONFIG.read_text().replace("drain_timeout_s", "drain_s")
    assert "[limits] has no `drain_s`" in complaints(text)


@pytest.mark.parametrize("words", [["serv"], ["serve", "--confg", "x"], ["simulator", "--port", "many"], []])
def test_a_wrong_command_line_is_found(words: list[str]) -> None:
    assert refused(words)


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.parent.name)
def test_takes_rate_plans_that_are_laid_where_the_page_says(path: Path, tmp_path: Path) -> None:
    """docs/production.md, "Rate plans in every process": compose.yaml mounts one, a ConfigMap has them beside."""
    folder = tmp_path / "rates" if path == COMPOSE_CONFIG else tmp_path
    folder.mkdir(exist_ok=True)
    shutil.copy(ROOT / "conf/rates/standard.csv", folder)
    assert config_of(path, tmp_path).plans.keys() == {"standard"}
