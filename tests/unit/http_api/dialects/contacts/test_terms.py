"""The contacts dialect through the socket: who may send, and the terms that members accept."""

from __future__ import annotations

import pytest

from tests.unit.gateway.services.rig import NOW
from tests.unit.http_api.dialects.contacts.conftest import (
    ANNA,
    LIST,
    POLICY,
    SEND,
    STARTED,
    TERMS,
    World,
    is_error,
)
from tests.unit.http_api.memory import LIVE_KEY, OTHER_KEY, READ_ONLY_KEY, TEST_KEY


class TestCallers:
    """Document 003, "Authentication"."""

    async def test_a_bearer_is_needed(self, ready: World) -> None:
        """ "Include the bearer token in `Authorization: Bearer <token>`." """
        del ready.client.headers["Authorization"]
        async with ready.client.post(SEND, json={"message": "x", "contacts": [ANNA]}) as answer:
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
            is_error((answer.status, await answer.json()), 401, "UNAUTHENTICATED", "Unauthorized")

    async def test_a_key_without_the_scope(self, ready: World) -> None:
        """CONTRACTS.md "Everywhere": "A valid key without the scope: 403 `INSUFFICIENT_SCOPE`." """
        is_error(await ready.send([ANNA], key=READ_ONLY_KEY), 403, "INSUFFICIENT_SCOPE", "Forbidden")

    async def test_another_tenant(self, ready: World) -> None:
        headers = {"X-Tenant-Id": "other"}
        async with ready.client.get(TERMS, headers=headers) as answer:
            is_error((answer.status, await answer.json()), 403, "TENANT_MISMATCH", "Forbidden")


class TestTerms:
    """Document 003: "Only members that accepted the current terms can trigger messaging actions; otherwise the service
    returns `403 Forbidden`." """

    async def test_who_has_not_accepted_is_told_the_version(self, world: World) -> None:
        """Issue: "403 with the current version" """
        body = is_error(await world.send([ANNA]), 403, "TERMS_NOT_ACCEPTED", "Forbidden")
        assert body["version"] == "1"
        is_error(await world.send([], ""), 403, "TERMS_NOT_ACCEPTED", "Forbidden")

    async def test_accepting_them(self, world: World) -> None:
        assert await world.get(TERMS) == (200, {"version": "1", "accepted": False, "acceptedAt": None})
        async with world.client.post(TERMS, json={"version": "1"}) as answer:
            assert answer.status == 201
            accepted = await answer.json()
        assert accepted == {"version": "1", "accepted": True, "acceptedAt": STARTED}
        assert await world.get(TERMS) == (200, accepted)
        assert (await world.send([ANNA]))[0] == 201

    async def test_it_is_recorded_with_time_and_address(self, world: World) -> None:
        """CONTRACTS.md: "acceptance per member, recorded with time and address" """
        world.allow(POLICY, member="ann")
        headers = {"X-Forwarded-For": "198.51.100.7"}
        async with world.client.post(TERMS, json={"version": "1"}, headers=headers) as answer:
            assert answer.status == 201
        kept = await world.rig.store.agreed("acme", "ann", "1")
        assert kept is not None
        assert (kept.at, kept.address) == (NOW, "198.51.100.7")

    async def test_a_member_s_other_key_has_accepted_too(self, world: World) -> None:
        """Issue: "members of an organisation as users with their own tokens" """
        for key in (LIVE_KEY, TEST_KEY):
            world.allow(POLICY, key, member="ann")
        world.allow(POLICY, OTHER_KEY, member="ann")
        await world.agree()
        assert (await world.send([ANNA], key=TEST_KEY))[0] == 201
        assert (await world.send([ANNA], key=OTHER_KEY))[0] == 403, "another account's ann"

    async def test_another_member_has_not(self, world: World) -> None:
        world.allow(POLICY, member="ann")
        await world.agree()
        world.allow(POLICY, member="bob")
        assert (await world.send([ANNA]))[0] == 403

    async def test_a_new_version_asks_again(self, ready: World) -> None:
        assert (await ready.send([ANNA]))[0] == 201
        ready.versions.append("2026-10")
        body = is_error(await ready.send([ANNA]), 403, "TERMS_NOT_ACCEPTED", "Forbidden")
        assert body["version"] == "2026-10"
        await ready.agree()
        assert (await ready.send([ANNA]))[0] == 201

    async def test_other_terms_than_the_current_ones(self, world: World) -> None:
        async with world.client.post(TERMS, json={"version": "0"}) as answer:
            body = is_error((answer.status, await answer.json()), 409, "TERMS_NOT_CURRENT", "Conflict")
        assert body["version"] == "1"
        assert (await world.send([ANNA]))[0] == 403

    @pytest.mark.parametrize("body", [{}, {"version": 1}, {"version": ""}, []])
    async def test_no_version(self, world: World, body: object) -> None:
        async with world.client.post(TERMS, json=body) as answer:
            is_error((answer.status, await answer.json()), 400, "VALIDATION_FAILED", "Bad Request")

    async def test_looking_needs_no_terms(self, world: World) -> None:
        """ "trigger messaging actions": looking is none."""
        assert (await world.get(LIST))[0] == 200

    async def test_any_credentials_may_ask_and_accept(self, world: World) -> None:
        assert (await world.get(TERMS, key=READ_ONLY_KEY))[0] == 200
        await world.agree(READ_ONLY_KEY)
