"""The init container of the manifests, on real files: a mounted Secret is refused, its copy is taken."""

from __future__ import annotations

import os
import shlex
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from gateway import secrets
from gateway.errors import TrunklineError
from tests.unit.deploy.files import KUBERNETES, documents

MANIFESTS = sorted(path for path in KUBERNETES.rglob("*.yaml") if "initContainers" in path.read_text())


def pod(path: Path) -> dict[str, Any]:
    """The pod of the workload in a manifest."""
    (workload,) = [each for each in documents(path) if each["kind"] in ("Deployment", "Job")]
    found: dict[str, Any] = workload["spec"]["template"]["spec"]
    return found


@pytest.fixture
def node() -> Iterator[Path]:
    """A folder that the pod's user may pass through."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda path: path.stem)
def test_the_copy_of_a_mounted_key_is_taken(manifest: Path, node: Path) -> None:
    (init,) = pod(manifest)["initContainers"]
    user = pod(manifest)["securityContext"]["runAsUser"]
    mounted, run = node / "trunkline-key", node / "run"
    for folder in (mounted, run):
        folder.mkdir()
    key = mounted / "trunkline.key"
    secrets.load(key)  # makes it
    # As the kubelet mounts it: root's, the group's by fsGroup, with the mode of the volume.
    (volume,) = [each["secret"] for each in pod(manifest)["volumes"] if each["name"] == "key"]
    key.chmod(volume["defaultMode"])
    as_pod: dict[str, Any] = {}
    if os.geteuid() == 0:
        os.chown(key, 0, user)
        os.chown(run, user, user)
        as_pod = {"user": user, "group": user, "extra_groups": []}
    with pytest.raises(TrunklineError, match="key file"):
        secrets.load(key)
    command = shlex.join(init["command"])
    for theirs, ours in {"/etc/trunkline-key": mounted, "/run/trunkline": run}.items():
        assert theirs in command
        command = command.replace(theirs, str(ours))
    subprocess.run(shlex.split(command), check=True, **as_pod)
    copy = run / "trunkline.key"
    assert stat.S_IMODE(copy.stat().st_mode) == 0o400
    assert copy.stat().st_uid == (user if as_pod else os.geteuid())
    assert copy.read_bytes() == key.read_bytes()
    secrets.load(copy)


def test_every_workload_has_one() -> None:
    assert {path.stem for path in MANIFESTS} == {"api", "sender", "webhooks", "migrate"}
