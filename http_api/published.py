"""The OpenAPI documents as they are served: the committed files, which a start need not make anew.

`openapi` and `admin_openapi` make them; `make check` and a test fail when a file is not what they would make now.
"""

from __future__ import annotations

from importlib.resources import files

from http_api.exchange import Refuse, Request, Response, Route


def openapi_route(refuse: Refuse) -> Route:
    """GET /openapi.json, open to everybody."""
    return _document("/openapi.json", "openapi.json", refuse)


def admin_openapi_route(refuse: Refuse) -> Route:
    """GET /admin/openapi.json, open to whoever reaches the listener."""
    return _document("/admin/openapi.json", "openapi-admin.json", refuse)


def _document(path: str, file: str, refuse: Refuse) -> Route:
    body = files("http_api").joinpath(file).read_bytes()

    async def document(_request: Request) -> Response:
        return Response(200, body)

    return Route("GET", path, document, refuse)
