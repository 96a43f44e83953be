"""The deployment files as the tests read them, and what the product has to say about the names in them."""

import copy
import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import click
import yaml

from gateway.cli import main
from gateway.config import Config, ConfigErrors, parse
from tests.architecture.sources import ROOT

COMPOSE = ROOT / "compose.yaml"
BALANCER = ROOT / "deploy/compose/haproxy.cfg"
KUBERNETES = ROOT / "deploy/kubernetes"
COMPOSE_CONFIG = ROOT / "deploy/compose/gateway.toml"
KUBERNETES_CONFIG = KUBERNETES / "settings/gateway.toml"
CONFIGS = (COMPOSE_CONFIG, KUBERNETES_CONFIG)

_REFERENCE = re.compile(r"\$\{(\w+)\}")

Yaml = dict[str, Any]


def documents(path: Path) -> list[Yaml]:
    """The documents of a YAML file."""
    return copy.deepcopy(_parsed(path))


@cache
def _parsed(path: Path) -> list[Yaml]:
    return list(yaml.safe_load_all(path.read_text()))


def environment_of(path: Path) -> set[str]:
    """The environment variables that a configuration asks for."""
    lines = [line.partition("#")[0] for line in path.read_text().splitlines()]
    return set(_REFERENCE.findall("\n".join(lines)))


def config_of(path: Path, folder: Path | None = None) -> Config:
    """A configuration, as `trunkline check` reads it, where it lies or as if in a folder. Raises `ConfigErrors`."""
    environment = {name: _sample(name) for name in environment_of(path)}
    return parse(path.read_text(), folder or path.parent, path.name, environment)


def raw_config(path: Path) -> Yaml:
    """A configuration as it stands in its file."""
    return tomllib.loads(path.read_text())


def complaints(text: str) -> list[str]:
    """What is wrong with a text as a configuration, one line each."""
    try:
        parse(text, ROOT, environment={name: _sample(name) for name in _REFERENCE.findall(text)})
    except ConfigErrors as error:
        return [found.what for found in error.errors]
    return []


def _sample(name: str) -> str:
    schemes = {"STORE_URL": "postgresql://u:p@h/d", "REDIS_URL": "redis://h/0", "TRUNKLINE_ROLE": "api"}
    return schemes.get(name, "secret")


def refused(words: list[str]) -> str:
    """Why the command line refuses these words after `trunkline`; empty when it takes them.

    Options are looked at and nothing is run.
    """
    command: click.Command = main
    context = click.Context(command, info_name="trunkline")
    while isinstance(command, click.Group):
        found = command.get_command(context, words[0]) if words else None
        if found is None:
            return f"there is no command {' '.join(words[:1])!r}"
        command, words = found, words[1:]
        context = click.Context(command, parent=context, info_name=command.name)
    try:
        command.make_context(str(command.name), list(words))
    except click.ClickException as error:
        return error.format_message()
    except click.exceptions.Exit:  # --help
        return ""
    return ""


def options_of(name: str) -> set[str]:
    """Every option of a command."""
    command = main.get_command(click.Context(main), name)
    assert command is not None
    return {option for parameter in command.params for option in parameter.opts}


def option_names() -> set[str]:
    """Every option of the configuration, without its section."""
    return {line.group(1) for line in _OPTION.finditer((ROOT / "conf/gateway.example.toml").read_text())}


_OPTION = re.compile(r"^#?([a-z_0-9]+) = ", re.MULTILINE)


def dockerfile(word: str) -> str:
    """What the image's last instruction of this name says."""
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    return [line.removeprefix(f"{word} ") for line in text.splitlines() if line.startswith(f"{word} ")][-1]


def image_environment() -> Mapping[str, str]:
    """The environment variables that the image sets."""
    return dict(pair.split("=", 1) for pair in dockerfile("ENV").split())


def kubernetes_files() -> list[Path]:
    """Every manifest, kustomizations left out."""
    found = sorted(path for path in KUBERNETES.rglob("*.yaml") if path.name != "kustomization.yaml")
    assert len(found) >= 7
    return found
