"""docs/production.md keeps its word: the commands, options, metrics and files that it names exist."""

import io
import re
import shlex
import tomllib

import pytest

from gateway.domain.alert import AlertKind
from gateway.domain.send import Why
from gateway.metrics import Metrics
from gateway.services.limits import LIMIT_OF_WHY
from gateway.services.policies import PARSERS
from tests.architecture.sources import ROOT
from tests.unit.deploy.files import COMPOSE, complaints, documents, option_names, refused

PAGE = ROOT / "docs/production.md"
COMMAND = re.compile(r"(?:^\$ |`)(trunkline [^`\n#]+)", re.MULTILINE)
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
METRIC = re.compile(r"\b((?:trunkline|process)_[a-z_]+)((?:\{[^}]*\})?)")
LABELS = re.compile(r"(\w+)=~?\"")
VALUES = re.compile(r"(trunkline_\w+)\{(\w+)=~?\"([^\"]+)\"\}")
BY = re.compile(r"\bby \(([\w, ]+)\) \((?:rate\()?((?:trunkline|process)_[a-z_]+)")

# Words that a label may have, where the page asks for some of them.
COUNTED: dict[tuple[str, str], set[str]] = {
    ("trunkline_messages_refused_total", "why"): {why.value for why in Why},
    ("trunkline_limits_refused_total", "limit"): set(LIMIT_OF_WHY.values()),
    ("trunkline_alerts_total", "kind"): {kind.value for kind in AlertKind},
}

# What is named as others name it: PostgreSQL, Redis, Compose and systemd.
FOREIGN = {
    "archive_command",
    "max_connections",
    "pg_basebackup",
    "pg_dump",
    "pg_terminate_backend",
    "recovery_target_action",
    "recovery_target_time",
    "restore_command",
    "stop_grace_period",
    "synchronous_commit",
    "synchronous_standby_names",
    "volatile_ttl",
}


def page() -> str:
    return PAGE.read_text()


def samples() -> dict[str, set[str]]:
    """Every name in the output of /metrics, with the labels that it may have."""
    metrics = Metrics()
    found: dict[str, set[str]] = {}
    for family in vars(metrics).values():
        for ending in ("", "_total", "_bucket", "_count", "_sum"):
            if hasattr(family, "labels"):
                found[family.name + ending] = {*family.labels, *(["le"] if ending == "_bucket" else [])}
    rendered = {line.split("{")[0].split(" ")[0] for line in metrics.render().decode().splitlines()}
    for name in rendered:
        if name.startswith("process_"):
            found[name] = set()
    kinds = re.findall(r"^# TYPE (\S+) (\w+)$", metrics.render().decode(), re.MULTILINE)
    return {name: labels for name, labels in found.items() if name in _shown(kinds)}


def _shown(kinds: list[tuple[str, str]]) -> set[str]:
    """The names of samples that families of these kinds have; a counter's TYPE line has its `_total`."""
    endings = {"histogram": ("_bucket", "_count", "_sum")}
    return {name + ending for name, kind in kinds for ending in endings.get(kind, ("",))}


def expressions() -> list[str]:
    """The conditions of the tables of alerts."""
    rows = re.findall(r"^\| [^|]+ \| `([^`]+)`", page().partition("## What to be told of")[2], re.MULTILINE)
    assert len(rows) >= 15
    return rows


@pytest.mark.parametrize("expression", expressions())
def test_alerts_ask_for_metrics_that_exist(expression: str) -> None:
    known = samples()
    named = METRIC.findall(expression)
    assert named
    for name, selector in named:
        assert name in known
        assert set(LABELS.findall(selector)) <= known[name]
    for labels, name in BY.findall(expression):
        assert set(labels.split(", ")) <= known[name]


@pytest.mark.parametrize("expression", expressions())
def test_alerts_ask_for_words_that_are_counted(expression: str) -> None:
    for metric, label, words in VALUES.findall(expression):
        known = COUNTED.get((metric, label))
        assert known is None or set(re.split(r"\\?\|", words)) <= known, (metric, label)


def test_there_are_words_to_look_at() -> None:
    found = [(metric, label) for text in expressions() for metric, label, _ in VALUES.findall(text)]
    assert COUNTED.keys() <= set(found)


def test_a_metric_that_does_not_exist_is_found() -> None:
    assert "trunkline_store_commit_seconds" not in samples()  # a histogram has buckets, a count and a sum
    assert "trunkline_store_errors" not in samples()  # a counter ends with _total
    assert "trunkline_store_errors_total" in samples()


def test_metrics_elsewhere_on_the_page_exist() -> None:
    assert {name for name, _ in METRIC.findall(page())} - samples().keys() == set()


@pytest.mark.parametrize("command", sorted(set(COMMAND.findall(page() + COMPOSE.read_text()))))
def test_commands_exist(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUNKLINE_CONFIG", "gateway.toml")
    identity = "018e7c3a-9b2f-7d4e-a5f1-3c2b1a0d9e00"
    monkeypatch.setattr("sys.stdin", io.StringIO(identity))
    command = command.partition(" < ")[0]  # the shell's
    _, *words = shlex.split(command.replace("ID", identity))
    assert refused(words) == ""


def test_settings_are_those_of_the_product() -> None:
    blocks = [text for kind, text in BLOCK.findall(page()) if kind == "toml"]
    assert blocks
    for text in blocks:
        tomllib.loads(text)
        assert complaints(text) == []


def test_options_in_the_text_exist() -> None:
    named = set(re.findall(r"`(?:\w+\.)?(?!test_)([a-z]+(?:_[a-z]+)+)`", page()))
    metrics = {name.removeprefix("trunkline_") for name in samples()} | samples().keys()
    gauges = {"in_doubt"}  # of `parts_in_doubt`, as the others without their unit
    columns = {"effective_from"}  # of a rate plan's file
    assert named - option_names() - PARSERS.keys() - metrics - FOREIGN - gauges - columns == set()
    assert {"drain_timeout_s", "trusted_proxies", "retention_days"} <= named


def test_links_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", page())
    assert links
    assert [link for link in links if not (PAGE.parent / link).exists()] == []


def test_services_that_are_named_exist() -> None:
    services = documents(COMPOSE)[0]["services"]
    named = re.findall(r"docker compose (?:run --rm|up [-\w ]+--wait) ([\w-]+)", page())
    assert len(named) >= 4
    assert set(named) <= services.keys()


def test_objects_that_are_named_exist() -> None:
    named = set(re.findall(r"\btrunkline-[a-z-]+", page()))
    manifests = "".join(path.read_text() for path in (ROOT / "deploy/kubernetes").rglob("*.yaml"))
    assert named
    assert [name for name in named if f"  name: {name}\n" not in manifests] == []
    for folder in re.findall(r"kubectl apply -k (\w+)", page()):
        assert (ROOT / "deploy/kubernetes" / folder / "kustomization.yaml").is_file()
