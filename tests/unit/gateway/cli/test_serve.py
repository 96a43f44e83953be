"""`trunkline serve`, `check` and `health`."""

import json
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from gateway.cli.serve import ready_url
from gateway.config import parse
from tests.certificates import make_certificate
from tests.unit.gateway.cli.conftest import program
from tests.unit.gateway.cli.processes import line_with, started

SERVED = """\
[http]
listen = "127.0.0.1:0"
admin_listen = "127.0.0.1:0"
[limits]
drain_timeout_s = 5
"""


@pytest.fixture
def served(tmp_path: Path) -> Path:
    """A configuration that can be served beside anything else."""
    path = tmp_path / "gateway.toml"
    path.write_text(SERVED)
    return path


def test_check_tells_everything_and_exits_1(tmp_path: Path) -> None:
    path = tmp_path / "gateway.toml"
    path.write_text('[http]\nlisten = "x"\n[limits]\nbacklog = -1\n[nothing]\n')
    told = program("check", "--config", str(path))
    assert (told.code, told.out) == (1, "")
    assert [line.split(": ")[0] for line in told.err.splitlines()] == [f"{path}:{line}" for line in (2, 4, 5)]


def test_check_of_a_good_one(served: Path) -> None:
    told = program("check", "--config", str(served))
    assert (told.code, told.err) == (0, "")
    assert told.out == f"{served}: no errors (0 operator(s), 0 route(s))\n"


def test_it_tells_where_it_stands_and_goes_on(served: Path) -> None:
    with started("serve", "--config", str(served), reads="stderr") as process:
        line_with(process, '"serving"')
        for _ in range(2):
            process.send_signal(signal.SIGUSR1)
            line_with(process, "most recent call first")
            line_with(process, "in _serve")
        process.send_signal(signal.SIGTERM)
        line_with(process, '"ended"')
        assert process.wait(30) == 0


def test_check_tells_what_ends_soon(served: Path) -> None:
    """And is content with it: by the day a certificate has ended, other things may have to be changed too."""
    make_certificate(served.parent)
    served.write_text('[http]\ntls_cert_file = "cert.pem"\ntls_key_file = "key.pem"\n')
    told = program("check", "--config", str(served))
    assert (told.code, told.err) == (0, "")
    file = served.parent.resolve() / "cert.pem"
    assert (
        f"{served}: look again: [http] tls_cert_file: the certificate in {file} ends in 0 day(s), at "
        in told.out
    )


def test_it_serves_reloads_and_drains(served: Path) -> None:
    with started("serve", "--config", str(served), reads="stderr") as process:
        line_with(process, '"serving"')
        assert (served.parent / "trunkline.db").exists()
        beside = program("serve", "--config", str(served))
        assert beside.code == 1
        assert f"another process (pid {process.pid}) serves this store" in beside.err
        served.write_text(SERVED + "[limit]\n")
        process.send_signal(signal.SIGHUP)
        refused = json.loads(line_with(process, "reload refused"))
        assert f"{served}:6: the file has no `limit`: did you mean `limits`?" in refused["errors"]
        served.write_text(SERVED)
        process.send_signal(signal.SIGHUP)
        line_with(process, '"reloaded"')
        process.send_signal(signal.SIGTERM)
        line_with(process, '"ended"')
        assert process.wait(20) == 0


def test_a_worker_opens_no_store_of_its_own(served: Path) -> None:
    """One that begins anew while the main file is cut short: there it would need no lease to bind."""
    ended = program("serve", "--config", str(served), "--as-worker", "0", "-1", "-1")
    assert ended.code == 1
    assert "this worker would have a store of its own" in ended.err


def test_a_bad_configuration_is_not_served(served: Path) -> None:
    served.write_text("[htp]\n")
    told = program("serve", "--config", str(served))
    assert told.code == 1
    assert told.err == f"{served}:1: the file has no `htp`: did you mean `http`?\n"
    assert not (served.parent / "trunkline.db").exists()


# --- health


@contextmanager
def answering(status: int) -> Iterator[int]:
    """An admin listener that says this; its port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Answer for /health/ready alone."""
            self.send_response(status if self.path == "/health/ready" else 404)
            self.end_headers()
            self.wfile.write(b'{"store": "ok"}')

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1), (404, 1)])
def test_health_is_that_of_the_ready_endpoint(
    status: int, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    path = tmp_path / "gateway.toml"
    with answering(status) as port:
        path.write_text(f'[http]\nadmin_listen = "127.0.0.1:{port}"\n')
        told = program("health", "--config", str(path))
    assert told.code == code
    assert '{"store": "ok"}' in (told.out if code == 0 else told.err)


def test_health_when_nobody_listens(tmp_path: Path) -> None:
    with answering(200) as port:
        pass
    path = tmp_path / "gateway.toml"
    path.write_text(f'[http]\nadmin_listen = "127.0.0.1:{port}"\n')
    told = program("health", "--config", str(path))
    assert told.code == 1
    assert told.err.startswith(f"trunkline: http://127.0.0.1:{port}/health/ready does not answer")


@pytest.mark.parametrize(
    ("listen", "url"),
    [
        ("127.0.0.1:8081", "http://127.0.0.1:8081/health/ready"),
        ("0.0.0.0:81", "http://127.0.0.1:81/health/ready"),
        (":81", "http://127.0.0.1:81/health/ready"),
        ("[::]:81", "http://127.0.0.1:81/health/ready"),
        ("[::1]:81", "http://[::1]:81/health/ready"),
        ("10.0.0.1:81", "http://10.0.0.1:81/health/ready"),
    ],
)
def test_where_health_is_asked(listen: str, url: str, tmp_path: Path) -> None:
    assert ready_url(parse(f'[http]\nadmin_listen = "{listen}"\n', tmp_path)) == url
