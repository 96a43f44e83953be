"""The store's contract: accounts, keys, numbers, suppressions, commands and operator states."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.domain.account import Account, Env, Key, Policy
from gateway.domain.suppression import OwnedNumber, Suppression
from gateway.errors import Conflict, StoreUnavailable
from gateway.ports import OperatorState, Owner, Store
from tests.contract.made import NOW, OURS, PHONE, acceptance, after, message

KEY = Key(
    "key_0123456789abcdef",
    b"d" * 32,
    "acme",
    Env.TEST,
    frozenset({"send:sms", "read:messages"}),
    NOW,
    after(60),
    None,
    ("10.0.0.0/8", "2001:db8::/32"),
    "alice",
    "shop",
)


async def test_an_account_comes_back_with_all_its_policies(store: Store) -> None:
    live = Policy(
        webhook_url="https://a.example/x",
        webhook_events=frozenset({"sent"}),
        default_sender="ACME",
        allowed_senders=frozenset({"ACME", OURS}),
        rate_per_s=2.5,
        stop_replies=False,
        suppress_on=frozenset(),
    )
    account = Account("acme", NOW, live, Policy(), (b"\x00new", b"old"), after(60), True)
    await store.save_account(account)
    await store.save_account(Account("beta", NOW))
    assert await store.accounts() == [account, Account("beta", NOW)]
    changed = replace(account, disabled=False, secrets_sealed=())
    await store.save_account(changed)
    assert (await store.accounts())[0] == changed


async def test_a_key_is_found_by_its_digest_and_revoked(store: Store) -> None:
    await store.save_key(KEY)
    other = replace(KEY, key_id="key_2", digest=b"e" * 32, account="beta", expires_at=None)
    await store.save_key(other)
    assert await store.key(KEY.digest) == KEY
    assert await store.key(b"x" * 32) is None
    assert await store.keys("acme") == [KEY]
    assert await store.keys(None) == [KEY, other]
    revoked = replace(KEY, revoked_at=after(5))
    await store.save_key(revoked)
    assert await store.key(KEY.digest) == revoked


async def test_a_key_of_another_account_is_not_taken_over(store: Store) -> None:
    await store.save_key(KEY)
    with pytest.raises(Conflict, match="another account"):
        await store.save_key(replace(KEY, account="beta", key_id="key_2"))
    assert await store.key(KEY.digest) == KEY


async def test_a_number_belongs_to_one_account_by_keyword(store: Store) -> None:
    whole = OwnedNumber(OURS, "", "acme", Env.LIVE, NOW)
    await store.save_number(whole)
    with pytest.raises(Conflict, match="acme"):
        await store.save_number(replace(whole, account="beta"))
    keyword = OwnedNumber(OURS, "JOIN", "beta", Env.LIVE, NOW)
    await store.save_number(keyword)
    assert await store.numbers() == [whole, keyword]
    moved = replace(whole, env=Env.TEST)
    await store.save_number(moved)
    assert await store.numbers() == [moved, keyword]
    assert await store.remove_number(OURS, "")
    assert not await store.remove_number(OURS, "")
    assert await store.numbers() == [keyword]


async def test_suppressions_are_listed_from_a_time_on_and_lifted(store: Store) -> None:
    first = Suppression("acme", Env.LIVE, "", PHONE, "stop", NOW)
    second = Suppression("acme", Env.LIVE, "shop", PHONE, "manual", after(5))
    other = Suppression("beta", Env.TEST, "", PHONE, "blocked", after(9))
    await store.suppress([other, second, first])
    await store.suppress([replace(first, reason="manual", created_at=after(99))])  # stays as it is
    assert await store.suppressions(None, None, 10) == [first, second, other]
    assert await store.suppressions("acme", None, 1) == [first]
    assert await store.suppressions("acme", after(5), 10) == [second]
    assert await store.unsuppress("acme", Env.LIVE, "", PHONE)
    assert not await store.unsuppress("acme", Env.LIVE, "", PHONE)
    assert await store.suppressions("acme", None, 10) == [second]


async def test_commands_are_taken_once_in_order(store: Store, owner: Owner) -> None:
    await store.post_command("pause", "alpha", NOW)
    await store.post_command("resume", "alpha", after(1))
    taken = await store.take_commands(owner, after(2))
    assert [(c.verb, c.target, c.at) for c in taken] == [
        ("pause", "alpha", NOW),
        ("resume", "alpha", after(1)),
    ]
    assert await store.take_commands(owner, after(3)) == []


AILING: list[dict[str, object]] = [{"country": "44", "trial": False, "why": "80% of its answers were bad"}]


async def test_the_latest_word_on_an_operator_stays_until_another_process_serves(
    store: Store, owner: Owner
) -> None:
    up = OperatorState(
        "alpha", owner.number, NOW, "up", [{"state": "bound", "window": 10}], 5, 2, AILING, "0badcafe"
    )
    await store.write_states([replace(up, state="down"), replace(up, operator="beta")])
    await store.write_states([up])
    taken_out = OperatorState("beta", owner.number, NOW, "removed", [], 0, 0)
    assert await store.states() == [up, taken_out]
    await store.write_states([up, replace(up, operator="beta")])
    assert await store.states() == [up, replace(up, operator="beta")]
    await store.register(after(5), "boot-2")
    assert await store.states() == []


async def test_the_generation_moves_with_what_caches_hold_and_with_nothing_else(
    store: Store, owner: Owner
) -> None:
    generation = store.generation()
    assert store.generation() == generation
    await store.accept([acceptance(message())])
    await store.probe()
    await store.take_commands(owner, NOW)
    assert store.generation() == generation
    changes = [
        store.save_account(Account("acme", NOW)),
        store.save_key(KEY),
        store.save_number(OwnedNumber(OURS, "", "acme", Env.LIVE, NOW)),
        store.remove_number(OURS, ""),
        store.suppress([Suppression("acme", Env.LIVE, "", PHONE, "stop", NOW)]),
        store.unsuppress("acme", Env.LIVE, "", PHONE),
        store.post_command("rebind", "alpha", NOW),
    ]
    for change in changes:
        await change
        assert store.generation() > generation
        generation = store.generation()


async def test_a_closed_store_says_so(store: Store) -> None:
    await store.close()
    with pytest.raises(StoreUnavailable, match="closed"):
        await store.probe()
    await store.close()
