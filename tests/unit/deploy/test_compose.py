"""compose.yaml: held against the Compose specification's schema, and what no schema sees."""

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from http_api.settings import host_and_port
from tests.architecture.sources import ROOT
from tests.unit.deploy.files import (
    BALANCER,
    COMPOSE,
    COMPOSE_CONFIG,
    Yaml,
    config_of,
    dockerfile,
    environment_of,
    image_environment,
    refused,
)

DATA = "/var/lib/trunkline"


def compose() -> Yaml:
    loaded: Yaml = yaml.safe_load(COMPOSE.read_text())
    return loaded


def services() -> dict[str, Yaml]:
    found: dict[str, Yaml] = compose()["services"]
    return found


def ours() -> dict[str, Yaml]:
    return {name: service for name, service in services().items() if service["image"] == "trunkline"}


def gateways() -> dict[str, Yaml]:
    return {name: service for name, service in ours().items() if "command" not in service}


def seconds(text: str) -> float:
    number, unit = text[:-1], text[-1]
    return float(number) * {"s": 1, "m": 60}[unit]


def validate(path: Path) -> subprocess.CompletedProcess[str]:
    """Hold a file against the schema that check-jsonschema brings along."""
    command = Path(sys.executable).with_name("check-jsonschema")
    assert command.exists(), "run `make setup`: the development lock brings check-jsonschema"
    arguments = [str(command), "--builtin-schema", "vendor.compose-spec", str(path)]
    return subprocess.run(arguments, capture_output=True, text=True, check=False)


def test_keeps_to_the_specification() -> None:
    done = validate(COMPOSE)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout


def test_the_schema_finds_a_wrong_word(tmp_path: Path) -> None:
    wrong = tmp_path / "compose.yaml"
    wrong.write_text(COMPOSE.read_text().replace("stop_grace_period", "stop_grace"))
    done = validate(wrong)
    assert done.returncode == 1
    assert "stop_grace" in done.stdout


def test_the_gateways_do_not_differ() -> None:
    first, second = gateways().values()
    assert first == second


@pytest.mark.parametrize("name", ours())
def test_commands_exist(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUNKLINE_CONFIG", image_environment()["TRUNKLINE_CONFIG"])
    assert refused(ours()[name].get("command", ["serve"])) == ""


@pytest.mark.parametrize("name", ours())
def test_ours_run_confined(name: str) -> None:
    service = ours()[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert not {"user", "privileged", "cap_add"} & service.keys()  # the image's own user


@pytest.mark.parametrize("name", services())
def test_waits_for_what_can_be_waited_for(name: str) -> None:
    """A condition on a service that has no health check, or never ends, is waited for in vain."""
    for other, how in services()[name].get("depends_on", {}).items():
        awaited = services()[other]
        if how["condition"] == "service_healthy":
            assert "test" in awaited.get("healthcheck", {}) or other in gateways()
        else:
            assert how["condition"] == "service_completed_successfully"
            assert awaited["restart"] == "no"


@pytest.mark.parametrize("name", services())
def test_networks_and_volumes_are_declared(name: str) -> None:
    service = services()[name]
    assert set(service["networks"]) <= compose()["networks"].keys()
    for volume in service.get("volumes", []):
        source = volume.split(":")[0]
        assert (ROOT / source).is_file() if source.startswith("./") else source in compose()["volumes"]


def test_whoever_waits_for_another_shares_a_network() -> None:
    for name, service in services().items():
        for other in service.get("depends_on", {}):
            shared = set(service["networks"]) & set(services()[other]["networks"])
            assert shared or other == "migrate", f"{name} does not reach {other}"


def test_the_stores_are_not_reached_from_outside() -> None:
    assert compose()["networks"]["stores"] == {"internal": True}
    published = {name: service["ports"] for name, service in services().items() if "ports" in service}
    assert published == {"balancer": ["127.0.0.1:8080:8080"]}
    for name in ("postgres", "redis"):
        assert services()[name]["networks"] == ["stores"]


def test_no_password_has_a_default() -> None:
    references = re.findall(r"\$\{(\w+)(:?[-?+]?)", COMPOSE.read_text())
    assert {name for name, _ in references} == {"POSTGRES_PASSWORD", "REDIS_PASSWORD"}
    assert {how for _, how in references} == {":?"}


def test_the_schema_comes_before_the_gateways() -> None:
    for gateway in gateways().values():
        assert gateway["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    assert services()["migrate"]["command"] == ["migrate", "--phase", "pre"]


@pytest.mark.parametrize("name", [name for name in ours() if name != "carrier"])
def test_finds_its_configuration_and_its_state(name: str) -> None:
    targets = {volume.split(":")[1]: volume.split(":") for volume in ours()[name]["volumes"]}
    source, _, mode = targets[image_environment()["TRUNKLINE_CONFIG"]]
    assert (ROOT / source, mode) == (COMPOSE_CONFIG, "ro")
    assert DATA in dockerfile("VOLUME")
    assert targets[DATA] == ["state", DATA]
    key_file = config_of(COMPOSE_CONFIG).key_file
    assert key_file.is_relative_to(DATA), "the key file is shared by all, and made by the first of them"


def test_gateways_have_every_variable_of_their_configuration() -> None:
    for gateway in gateways().values():
        assert environment_of(COMPOSE_CONFIG) == set(gateway["environment"])


def test_the_configuration_names_the_services() -> None:
    [operator] = config_of(COMPOSE_CONFIG).model_dump()["operators"]
    command = services()[operator["host"]]["command"]
    assert command[command.index("--port") + 1] == str(operator["port"])
    text = COMPOSE_CONFIG.read_text()
    user, database = (services()["postgres"]["environment"][f"POSTGRES_{what}"] for what in ("USER", "DB"))
    assert f'"postgresql://{user}:${{POSTGRES_PASSWORD}}@postgres:5432/{database}"' in text
    assert '"redis://:${REDIS_PASSWORD}@redis:6379/0"' in text


def test_a_drain_is_given_its_time() -> None:
    drain_s = config_of(COMPOSE_CONFIG).limits.drain_timeout_s
    for service in gateways().values():
        assert seconds(service["stop_grace_period"]) >= drain_s + 10
    hard_stop = re.search(r"hard-stop-after (\w+)", BALANCER.read_text())
    assert hard_stop
    assert drain_s < seconds(hard_stop[1]) < seconds(services()["balancer"]["stop_grace_period"])


# --- the balancer


def directives(word: str) -> list[list[str]]:
    """The balancer's lines that begin with a word."""
    lines = (shlex.split(line, comments=True) for line in BALANCER.read_text().splitlines())
    return [line for line in lines if line[: len(word.split())] == word.split()]


def test_balances_over_every_gateway() -> None:
    _, port = host_and_port(config_of(COMPOSE_CONFIG).http.listen)
    assert [(name, address) for _, name, address in directives("server")] == [
        (name, f"{name}:{port}") for name in gateways()
    ]
    assert services()["balancer"]["depends_on"].keys() == gateways().keys()


def test_asks_whether_a_gateway_is_ready() -> None:
    _, admin_port = host_and_port(config_of(COMPOSE_CONFIG).http.admin_listen)
    [checks] = directives("default-server")
    assert checks[1:4] == ["check", "port", str(admin_port)]
    [send] = directives("http-check send")
    assert send[send.index("uri") + 1] == "/health/ready"
    assert directives("http-check expect") == [["http-check", "expect", "status", "200"]]


def test_takes_what_a_trusted_proxy_says_from_no_caller() -> None:
    rules = [line[1:] for line in directives("http-request")]
    assert ["del-header", "X-Api-Key-Id"] in rules
    assert ["set-header", "X-Forwarded-For", "%[src]"] in rules


def test_repeats_only_what_was_never_sent() -> None:
    assert directives("retry-on") == [["retry-on", "conn-failure"]]


def test_closes_idle_connections_before_a_gateway_does() -> None:
    [timeout] = directives("timeout http-keep-alive")
    assert seconds(timeout[-1]) < config_of(COMPOSE_CONFIG).http.keepalive_timeout_s


def test_publishes_where_it_listens() -> None:
    binds: list[Any] = [line[1] for line in directives("bind")]
    [published] = services()["balancer"]["ports"]
    assert f":{published.rpartition(':')[2]}" in binds
    [health] = [word for word in services()["balancer"]["healthcheck"]["test"] if word.startswith("http")]
    [monitor] = directives("monitor-uri")
    assert health == f"http://{binds[1]}{monitor[1]}"
