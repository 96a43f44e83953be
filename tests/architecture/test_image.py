"""The Dockerfile read closely: what it copies exists, it runs without privileges, its health check works."""

import ast
import asyncio
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.architecture.sources import PACKAGES, ROOT, repository_files

DOCKERFILE = ROOT / "Dockerfile"


def instructions() -> list[tuple[str, str]]:
    """The instructions in order, comments dropped and continued lines joined."""
    lines = [line for line in DOCKERFILE.read_text().splitlines() if line and not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in joined.splitlines())]


def last_stage() -> list[tuple[str, str]]:
    """The instructions that make the image which is shipped."""
    whole = instructions()
    start = max(number for number, (word, _) in enumerate(whole) if word == "FROM")
    return whole[start:]


def values(word: str) -> list[str]:
    """What the shipped stage says under an instruction."""
    return [rest for name, rest in last_stage() if name == word]


def copied() -> list[str]:
    """Every source that comes from the repository."""
    copies = [
        rest.split() for word, rest in instructions() if word == "COPY" and not rest.startswith("--from")
    ]
    return [source.rstrip("/") for *sources, _ in copies for source in sources]


def test_copied_sources_exist_and_reach_the_builder() -> None:
    allowed = {
        line[1:].rstrip("/") for line in (ROOT / ".dockerignore").read_text().splitlines() if line[:1] == "!"
    }
    assert [source for source in copied() if not (ROOT / source).exists()] == []
    assert set(copied()) == allowed
    assert set(PACKAGES) <= allowed


def test_a_wheel_has_every_file_of_the_packages(tmp_path: Path) -> None:
    """The image installs one, and what it leaves out shows at the first use: queries, profiles, documents."""
    source, made = tmp_path / "source", tmp_path / "made"
    for path in repository_files():
        if any(path.is_relative_to(each) for each in copied()):
            (source / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / path, source / path)
    build = "import setuptools.build_meta, sys; setuptools.build_meta.build_wheel(sys.argv[1])"
    done = subprocess.run(
        [sys.executable, "-c", build, str(made)], cwd=source, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    (wheel,) = made.glob("*.whl")
    with zipfile.ZipFile(wheel) as opened:
        held = {Path(name) for name in opened.namelist()}
    ours = {path for path in repository_files() if path.parts[0] in PACKAGES}
    assert Path("http_api/openapi.json") in ours
    assert ours - held == set()


def test_build_and_run_are_two_stages() -> None:
    stages = [rest for word, rest in instructions() if word == "FROM"]
    assert len(stages) == 2
    assert "pip" not in " ".join(values("RUN"))


def test_what_is_measured_as_the_image_has_its_python() -> None:
    """`make bench-image` makes a system with the Python that the Dockerfile names."""
    (line,) = [
        line for line in (ROOT / "scripts/image-root").read_text().splitlines() if line.startswith("version=")
    ]
    done = subprocess.run(
        ["sh", "-c", f'{line}\necho "$version"'], cwd=ROOT, capture_output=True, text=True, check=True
    )
    bases = {rest.split()[0] for word, rest in instructions() if word == "FROM"}
    assert {base.partition("-")[0] for base in bases} == {f"python:{done.stdout.strip()}"}


def test_runs_as_an_unprivileged_user() -> None:
    user = values("USER")[-1]
    assert user.isdigit()
    assert int(user) > 0
    assert f"--uid {user} " in values("RUN")[0]


def test_data_is_a_volume() -> None:
    assert json.loads(values("VOLUME")[0]) == ["/var/lib/trunkline"]


def test_runs_the_same_command() -> None:
    assert json.loads(values("ENTRYPOINT")[0]) == ["trunkline"]
    assert json.loads(values("CMD")[0]) == ["serve", "--config", "/etc/trunkline/gateway.toml"]


def health_command() -> list[str]:
    """The HEALTHCHECK's command, run by this interpreter."""
    [check] = values("HEALTHCHECK")
    python, *arguments = json.loads(check.partition("CMD ")[2])
    assert python == "python"
    ast.parse(arguments[-1])
    return [sys.executable, *arguments]


@pytest.mark.parametrize(("status", "healthy"), [(200, True), (503, False)])
async def test_health_follows_the_ready_endpoint(status: int, healthy: bool) -> None:
    assert "TRUNKLINE_READY_URL=http://127.0.0.1:8081/health/ready" in values("ENV")[0]
    asked = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append((await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")[0])
        writer.write(b"HTTP/1.1 %d X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n" % status)
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        environment = {
            "TRUNKLINE_READY_URL": f"http://127.0.0.1:{port}/health/ready",
            "http_proxy": "http://127.0.0.1:9",
        }
        process = await asyncio.create_subprocess_exec(
            *health_command(), env=environment, stderr=asyncio.subprocess.DEVNULL
        )
        assert (await process.wait() == 0) is healthy
    assert asked == [b"GET /health/ready HTTP/1.1"]


def test_hadolint_has_nothing_to_say() -> None:
    beside = Path(sys.executable).with_name("hadolint")
    command = str(beside) if beside.exists() else shutil.which("hadolint")
    assert command, "run `make setup`: the development lock brings hadolint"
    done = subprocess.run([command, str(DOCKERFILE)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
