"""The Kubernetes manifests: held against the API's own schemas, and against image, configuration and command line."""

from collections.abc import Iterator
from pathlib import Path

import kubernetes_validate  # type: ignore[import-untyped]
import pytest

import http_api.admin
from gateway.config import Config
from http_api.settings import host_and_port
from tests.unit.deploy.files import (
    KUBERNETES,
    KUBERNETES_CONFIG,
    Yaml,
    config_of,
    dockerfile,
    documents,
    environment_of,
    image_environment,
    kubernetes_files,
    raw_config,
    refused,
)

# The oldest release that we say we run on, and the newest whose schemas the lock brings.
RELEASES = ["1.29", kubernetes_validate.latest_version()]
FOLDERS = ["settings", "before", "gateways", "after"]
ROLES = {"api", "sender", "webhooks"}


def objects(kind: str) -> dict[str, Yaml]:
    """Every object of a kind, by name."""
    found = (document for path in kubernetes_files() for document in documents(path))
    return {one["metadata"]["name"]: one for one in found if one["kind"] == kind}


def workloads() -> dict[str, Yaml]:
    return objects("Deployment") | objects("Job")


def pod(name: str) -> Yaml:
    spec: Yaml = workloads()[name]["spec"]["template"]["spec"]
    return spec


def container(name: str) -> Yaml:
    [found] = pod(name)["containers"]
    assert isinstance(found, dict)
    return found


def config() -> Config:
    return config_of(KUBERNETES_CONFIG)


def kustomization(folder: str) -> Yaml:
    [found] = documents(KUBERNETES / folder / "kustomization.yaml")
    return found


DEPLOYMENTS = sorted(objects("Deployment"))
JOBS = sorted(objects("Job"))


# --- the schema


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("path", kubernetes_files(), ids=lambda path: path.stem)
def test_keeps_to_the_api(path: Path, release: str) -> None:
    for document in documents(path):
        kubernetes_validate.validate(document, release, strict=True)


def test_the_schema_finds_a_wrong_word() -> None:
    wrong = objects("Deployment")["trunkline-api"]
    wrong["spec"]["template"]["spec"]["terminationGracePeriod"] = 60
    with pytest.raises(kubernetes_validate.ValidationError, match="terminationGracePeriod"):
        kubernetes_validate.validate(wrong, RELEASES[0], strict=True)


def test_every_manifest_is_applied_once() -> None:
    listed = [
        (KUBERNETES / folder / resource).resolve()
        for folder in FOLDERS
        for resource in kustomization(folder)["resources"]
    ]
    assert sorted(path for path in listed if path.suffix) == sorted(kubernetes_files())
    assert [path.name for path in listed if not path.suffix] == ["settings"] * 3


@pytest.mark.parametrize("folder", FOLDERS)
def test_kustomizations_are_of_one_namespace(folder: str) -> None:
    found = kustomization(folder)
    known = {
        "apiVersion",
        "kind",
        "namespace",
        "resources",
        "images",
        "configMapGenerator",
        "secretGenerator",
    }
    assert found.keys() <= known
    assert (found["apiVersion"], found["kind"]) == ("kustomize.config.k8s.io/v1beta1", "Kustomization")
    assert [found["namespace"]] == list(objects("Namespace"))


def test_every_folder_runs_the_same_release() -> None:
    images = [kustomization(folder)["images"] for folder in FOLDERS[1:]]
    assert images == [images[0]] * 3
    [image] = images[0]
    used = {one["image"] for name in workloads() for one in containers(name)}
    assert used == {image["name"]}


# --- every pod


def containers(name: str) -> Iterator[Yaml]:
    yield from pod(name)["initContainers"]
    yield from pod(name)["containers"]


@pytest.mark.parametrize("name", workloads())
def test_runs_confined_as_the_user_of_the_image(name: str) -> None:
    user = int(dockerfile("USER"))
    assert pod(name)["securityContext"] == {
        "runAsNonRoot": True,
        "runAsUser": user,
        "runAsGroup": user,
        "fsGroup": user,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    assert pod(name)["automountServiceAccountToken"] is False
    assert pod(name)["enableServiceLinks"] is False
    for one in containers(name):
        assert one["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }


@pytest.mark.parametrize("name", workloads())
def test_says_what_it_needs(name: str) -> None:
    for one in containers(name):
        assert one["resources"]["requests"].keys() == {"cpu", "memory"}
        # A limit of CPU would stop the event loop for what is left of each 100 ms.
        assert one["resources"]["limits"].keys() == {"memory"}


@pytest.mark.parametrize("name", workloads())
def test_commands_exist(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUNKLINE_CONFIG", image_environment()["TRUNKLINE_CONFIG"])
    assert "command" not in container(name), "the image's entry point is the command"
    assert refused(container(name)["args"]) == ""


@pytest.mark.parametrize("name", workloads())
def test_volumes_are_there(name: str) -> None:
    volumes = {volume["name"] for volume in pod(name)["volumes"]}
    assert volumes == {mount["name"] for one in containers(name) for mount in one["volumeMounts"]}


def sources(name: str) -> Yaml:
    return {volume["name"]: volume for volume in pod(name)["volumes"]}


def mounted(name: str, one: Yaml, path: Path) -> tuple[Yaml, Yaml]:
    """The mount that a path of a container is in, and its volume."""
    fitting = [mount for mount in one["volumeMounts"] if path.is_relative_to(mount["mountPath"])]
    mount: Yaml = max(fitting, key=lambda found: len(found["mountPath"]))
    return mount, sources(name)[mount["name"]]


@pytest.mark.parametrize("name", workloads())
def test_finds_its_configuration(name: str) -> None:
    path = Path(image_environment()["TRUNKLINE_CONFIG"])
    mount, volume = mounted(name, container(name), path)
    [generated] = kustomization("settings")["configMapGenerator"]
    assert mount["mountPath"] == str(path.parent)
    assert volume["configMap"]["name"] == generated["name"]
    assert generated["files"] == [path.name] == [KUBERNETES_CONFIG.name]


@pytest.mark.parametrize("name", workloads())
def test_finds_its_key_file(name: str) -> None:
    """The init container makes a copy that nobody else may read; from a mounted secret the key would be refused."""
    [init] = pod(name)["initContainers"]
    install, mode, source, target = init["command"]
    assert (install, mode) == ("install", "--mode=0400")
    key = config().key_file
    assert Path(target) == key
    mount, volume = mounted(name, init, Path(source))
    secret = {one["name"]: one for one in kustomization("settings")["secretGenerator"]}
    assert secret[volume["secret"]["secretName"]]["files"] == [Path(source).name]
    assert volume["secret"]["defaultMode"] == 0o440
    assert mount["readOnly"] is True
    for one in (init, container(name)):
        mount, volume = mounted(name, one, key)
        assert volume["emptyDir"]["medium"] == "Memory", "a secret is not written to the node's disk"
        assert "readOnly" not in mount


@pytest.mark.parametrize("name", workloads())
def test_has_every_variable_of_its_configuration(name: str) -> None:
    example = (KUBERNETES / "settings/secrets.example.env").read_text()
    assert all(line.endswith("=") for line in example.splitlines()), "an example without a value to forget"
    given = {line.rstrip("=") for line in example.splitlines()}
    secret = {one["name"]: one for one in kustomization("settings")["secretGenerator"]}
    for source in container(name)["envFrom"]:
        assert secret[source["secretRef"]["name"]]["envs"] == ["secrets.env"]
    given |= {variable["name"] for variable in container(name).get("env", [])}
    # Commands read [store] and [secrets] alone, and have no role.
    assert environment_of(KUBERNETES_CONFIG) - given == (set() if name in DEPLOYMENTS else {"TRUNKLINE_ROLE"})


def test_secrets_are_kept_out_of_the_repository() -> None:
    ignored = (KUBERNETES / ".gitignore").read_text().split()
    for one in kustomization("settings")["secretGenerator"]:
        assert {f"/settings/{file}" for file in one.get("envs", one.get("files"))} <= set(ignored)
    assert objects("Secret") == {}


# --- what serves


def test_each_role_has_its_pods() -> None:
    roles = {
        name: variable["value"]
        for name in DEPLOYMENTS
        for variable in container(name)["env"]
        if variable["name"] == "TRUNKLINE_ROLE"
    }
    assert sorted(roles.values()) == sorted(ROLES)
    for name, role in roles.items():
        labels = objects("Deployment")[name]["spec"]["template"]["metadata"]["labels"]
        assert (name, labels["app.kubernetes.io/component"]) == (f"trunkline-{role}", role)


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_no_single_one_matters(name: str) -> None:
    deployment = objects("Deployment")[name]["spec"]
    budget = objects("PodDisruptionBudget")[name]["spec"]
    assert deployment["replicas"] >= 2
    assert deployment["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}
    assert budget["selector"] == deployment["selector"]
    assert budget["maxUnavailable"] < deployment["replicas"]
    assert deployment["selector"]["matchLabels"] == deployment["template"]["metadata"]["labels"]
    assert [one["labelSelector"] for one in pod(name)["topologySpreadConstraints"]] == [
        deployment["selector"]
    ]


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_ports_are_those_of_the_configuration(name: str) -> None:
    ports = {port["name"]: port["containerPort"] for port in container(name)["ports"]}
    http, admin = (host_and_port(at)[1] for at in (config().http.listen, config().http.admin_listen))
    assert ports == ({"http": http, "admin": admin} if name == "trunkline-api" else {"admin": admin})
    exposed = [int(port) for port in dockerfile("EXPOSE").split()]
    assert set(ports.values()) <= set(exposed)
    notes = objects("Deployment")[name]["spec"]["template"]["metadata"]["annotations"]
    assert (notes["prometheus.io/port"], notes["prometheus.io/path"]) == (str(admin), "/metrics")


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_probes_ask_what_is_answered(name: str) -> None:
    asked = {
        probe: container(name)[probe]["httpGet"]
        for probe in ("livenessProbe", "startupProbe", "readinessProbe")
    }
    assert {get["port"] for get in asked.values()} == {"admin"}
    assert asked["livenessProbe"]["path"] == asked["startupProbe"]["path"] == "/health/live"
    assert asked["readinessProbe"]["path"] == "/health/ready"
    served = Path(http_api.admin.__file__).read_text()
    assert all(f'"{get["path"]}"' in served for get in asked.values())


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_a_drain_is_given_its_time(name: str) -> None:
    hook = container(name).get("lifecycle", {}).get("preStop", {"exec": {"command": ["sleep", "0"]}})
    sleep, before_s = hook["exec"]["command"]
    assert sleep == "sleep"
    needed_s = float(before_s) + config().limits.drain_timeout_s
    assert pod(name)["terminationGracePeriodSeconds"] >= needed_s + 10
    assert (float(before_s) > 0) is (name == "trunkline-api"), "only who listens is still being called"


def test_the_flight_journal_outlives_the_container() -> None:
    folder = Path(raw_config(KUBERNETES_CONFIG)["process"]["journal_folder"])
    mount, volume = mounted("trunkline-sender", container("trunkline-sender"), folder)
    assert mount["mountPath"] == str(folder)
    assert volume["emptyDir"].keys() == {"sizeLimit"}, (
        "on the node's disk: memory is counted as the pod's own"
    )


# --- the network


def test_the_service_leads_to_the_api() -> None:
    service = objects("Service")["trunkline"]["spec"]
    template = objects("Deployment")["trunkline-api"]["spec"]["template"]
    assert service["selector"] == template["metadata"]["labels"]
    assert [port["targetPort"] for port in service["ports"]] == ["http"]


def test_the_admin_port_stays_inside() -> None:
    rules = [rule for policy in objects("NetworkPolicy").values() for rule in policy["spec"]["ingress"]]
    to_admin = [rule for rule in rules if "admin" in {port["port"] for port in rule["ports"]}]
    assert to_admin
    for rule in to_admin:
        assert [list(source) for source in rule["from"]] == [["namespaceSelector"]]
        assert all(source["namespaceSelector"]["matchLabels"] for source in rule["from"])
    assert {port["port"] for rule in rules for port in rule["ports"]} == {"admin", "http"}


@pytest.mark.parametrize("name", workloads())
def test_a_policy_stands_before_every_pod(name: str) -> None:
    labels = workloads()[name]["spec"]["template"]["metadata"]["labels"].items()
    closed = [
        policy
        for policy, one in objects("NetworkPolicy").items()
        if one["spec"]["podSelector"]["matchLabels"].items() <= labels
        and "Ingress" in one["spec"]["policyTypes"]
    ]
    assert "trunkline-admin" in closed
    assert ("trunkline-api" in closed) is (name == "trunkline-api")


# --- the migrations


def test_migrations_stand_before_and_after() -> None:
    phases = {folder: documents(KUBERNETES / folder / "migrate.yaml")[0] for folder in ("before", "after")}
    for (folder, job), phase in zip(phases.items(), ("pre", "post"), strict=True):
        assert job["kind"] == "Job", folder
        assert container(job["metadata"]["name"])["args"] == ["migrate", "--phase", phase]
        assert pod(job["metadata"]["name"])["restartPolicy"] == "Never"
