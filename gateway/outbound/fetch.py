"""Documents that the operator's own configuration names, such as key sets: fetched rarely, so by a whole
library."""

from __future__ import annotations

import json

import aiohttp

from gateway.outbound.errors import FetchFailed

MAX_BYTES = 1 << 20


async def fetch_json(url: str, *, timeout_s: float = 5.0) -> object:
    """GET a JSON document of at most 1 MiB. Raises `FetchFailed`.

    Private addresses are allowed: the URL is the operator's, never a tenant's.
    """
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=timeout_s)) as session,
            session.get(url, headers={"accept": "application/json"}) as answer,
        ):
            if answer.status != 200:
                raise FetchFailed(f"{url} answered {answer.status}")
            content = bytearray()
            async for chunk in answer.content.iter_any():
                content += chunk
                if len(content) > MAX_BYTES:
                    raise FetchFailed(f"{url} is larger than {MAX_BYTES} bytes")
    except TimeoutError as error:
        raise FetchFailed(f"{url} did not answer within {timeout_s:g} s") from error
    except (aiohttp.ClientError, OSError, ValueError) as error:
        raise FetchFailed(f"{url} can't be fetched: {error}") from error
    try:
        return json.loads(content)
    except ValueError as error:
        raise FetchFailed(f"{url} is not JSON: {error}") from error
