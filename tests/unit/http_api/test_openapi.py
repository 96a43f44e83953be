"""The OpenAPI document: valid, committed as it is generated, complete, and true."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from openapi_spec_validator import validate

from http_api import openapi
from http_api.auth import Authenticator
from http_api.dialects.orchestrator.parse import Rules
from http_api.dialects.orchestrator.routes import OrchestratorApi
from http_api.page import Cursors
from http_api.problem import ProblemWriter
from http_api.proxies import TrustedProxies
from http_api.settings import BodyLimits
from tests.unit.http_api.conftest import PREVIEWS, Api
from tests.unit.http_api.memory import MemoryAccounts, MemoryCore

COMMITTED = Path(__file__).parents[3] / "http_api" / "openapi.json"
DOCUMENT = openapi.document()


def test_it_is_openapi_3_1() -> None:
    assert DOCUMENT["openapi"] == "3.1.0"
    validate(DOCUMENT)


def test_the_committed_file_is_what_would_be_generated() -> None:
    assert COMMITTED.read_text() == openapi.render(), "run: python -m gateway.generated"


def described(dialect: str) -> set[tuple[str, str]]:
    """Path and method of each operation of a dialect."""
    return {
        (path, method)
        for path, operations in DOCUMENT["paths"].items()
        for method, operation in operations.items()
        if operation["tags"] == [dialect]
    }


def test_every_operation_belongs_to_a_dialect() -> None:
    named = [tag["name"] for tag in DOCUMENT["tags"]]
    every = sum(len(operations) for operations in DOCUMENT["paths"].values())
    assert sum(len(described(name)) for name in named) == every


def test_every_route_is_described_and_nothing_else() -> None:
    """The orchestrator's; each other dialect has this test beside its own routes."""
    core, problems = MemoryCore(), ProblemWriter("https://errors.example/")
    api = OrchestratorApi(core, core, PREVIEWS, Cursors(b"s" * 32), problems, Rules())
    auth = Authenticator(MemoryAccounts(), None, TrustedProxies(()))
    served = {(route.path, route.method.lower()) for route in api.routes(auth, BodyLimits())}
    assert described("orchestrator") == served


@pytest.mark.parametrize(
    ("path", "method", "statuses"),
    [
        ("/v1/sms/send", "post", "202 400 401 402 403 405 408 409 413 415 417 422 429 500 503"),
        ("/v1/sms/bulk", "post", "202 400 401 403 405 408 409 413 415 417 429 500 503"),
        ("/v1/sms/preview", "post", "200 400 401 403 405 408 413 415 417 500 503"),
        ("/v1/sms/{messageId}", "get", "200 401 403 404 405 500 503"),
        ("/v1/sms", "get", "200 400 401 403 405 500 503"),
    ],
)
def test_every_status_is_documented(path: str, method: str, statuses: str) -> None:
    assert " ".join(DOCUMENT["paths"][path][method]["responses"]) == statuses


def test_a_field_left_out_has_no_default_that_it_would_refuse() -> None:
    properties = DOCUMENT["components"]["schemas"]["SendRequest"]["properties"]
    assert list(properties) == ["to", "from", "body", "messageType", "callbackUrl", "metadata"]
    assert {name for name, schema in properties.items() if "default" in schema} == {"messageType"}


async def test_it_is_served_to_everybody(api: Api) -> None:
    del api.client.headers["Authorization"]
    async with api.client.get("/openapi.json") as answer:
        assert answer.status == 200
        assert await answer.text() == openapi.render()


def test_a_start_makes_no_document_and_loads_nothing_that_would() -> None:
    """The committed files hold it already."""
    loaded = "import gateway.app.listeners, sys; print(*sys.modules)"
    modules = subprocess.run(
        [sys.executable, "-c", loaded], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "http_api.published" in modules
    assert {"apispec", "http_api.openapi", "http_api.admin_openapi"}.isdisjoint(modules)
