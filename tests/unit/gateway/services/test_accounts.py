"""Accounts against a real store: who is asking, and what a command beside us changes at the next request."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog

from gateway.domain.account import DEFAULT_SCOPES, Caller, Env, Policy, Scope
from gateway.errors import Conflict, NotFound, Refused, SecretError, StoreUnavailable
from gateway.ports import Store
from gateway.secrets import Secrets, new_api_key
from gateway.services import accounts as module
from gateway.services.accounts import Accounts, AuthError
from gateway.services.signature import key_of
from storage.open import open_store

HERE = "192.0.2.7"
BOX = Secrets(bytes(32))
OTHER_BOX = Secrets(b"x" * 32)


class Time:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = open_store("sqlite:///a.db", tmp_path)
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
async def beside(store: Store, tmp_path: Path, time: Time) -> AsyncIterator[Accounts]:
    """The accounts as a command in another process has them: another connection to the same file."""
    opened = open_store("sqlite:///a.db", tmp_path)
    await opened.open()
    yield Accounts(opened, BOX, time)
    await opened.close()


@pytest.fixture
async def accounts(store: Store, time: Time) -> Accounts:
    started = Accounts(store, BOX, time)
    await started.start()
    await started.create("acme")
    return started


async def refused(accounts: Accounts, key: str, remote: str = HERE) -> str:
    with pytest.raises(AuthError) as caught:
        await accounts.caller_by_key(key, remote)
    return str(caught.value)


# --- keys


async def test_a_key_is_its_account_and_what_it_may(accounts: Accounts) -> None:
    _, text = await accounts.create_key("acme", Env.TEST, member="ann", sub_tenant="shop")
    caller = await accounts.caller_by_key(text, HERE)
    (key,) = await accounts.keys("acme")
    assert caller == Caller("acme", Env.TEST, Policy(), DEFAULT_SCOPES, key.key_id, "ann", "shop")
    assert await accounts.caller_by_key(text, HERE) is caller


async def test_admin_is_given_when_asked_for(accounts: Accounts) -> None:
    _, text = await accounts.create_key("acme", scopes=[Scope.ADMIN])
    assert (await accounts.caller_by_key(text, HERE)).scopes == {"admin"}


async def test_other_keys_are_not_known(accounts: Accounts) -> None:
    _, text = await accounts.create_key("acme")
    for key in (new_api_key("live"), text[:-1], "sok_live_", "", "\u00e9"):
        assert await refused(accounts, key) == "The API key is not known."


async def test_a_key_expires_while_it_is_cached(accounts: Accounts, time: Time) -> None:
    _, text = await accounts.create_key("acme", expires_at=time.now + timedelta(hours=1))
    await accounts.caller_by_key(text, HERE)
    time.now += timedelta(hours=1)
    assert await refused(accounts, text) == "The API key has expired."


async def test_a_key_is_bound_to_addresses(accounts: Accounts) -> None:
    _, text = await accounts.create_key("acme", allow_from=["192.0.2.0/24", "2001:db8::1"])
    for allowed in (HERE, f"::ffff:{HERE}", "2001:db8::1", "2001:db8::1%eth0"):
        await accounts.caller_by_key(text, allowed)
    for other in ("192.0.3.1", "2001:db8::2", "", "unix"):
        assert "address" in await refused(accounts, text, other)


async def test_revoked_by_a_command_at_the_next_request(accounts: Accounts, beside: Accounts) -> None:
    key, text = await accounts.create_key("acme")
    await accounts.caller_by_key(text, HERE)
    await beside.revoke_key(key.key_id)
    assert await refused(accounts, text) == "The API key was revoked."


async def test_a_leaked_key_is_revoked_by_itself(accounts: Accounts) -> None:
    key, text = await accounts.create_key("acme")
    assert (await accounts.revoke_key(text)).key_id == key.key_id
    with pytest.raises(Conflict, match=f"{key.key_id} was revoked"):
        await accounts.revoke_key(key.key_id)
    with pytest.raises(NotFound, match="key list"):
        await accounts.revoke_key("key_0")


async def test_made_by_a_command_and_used_at_once(accounts: Accounts, beside: Accounts) -> None:
    await beside.create("new")
    _, text = await beside.create_key("new")
    assert (await accounts.caller_by_key(text, HERE)).account == "new"


async def test_a_proxy_names_a_key_and_gets_what_that_key_may(accounts: Accounts, beside: Accounts) -> None:
    key, _ = await accounts.create_key("acme", Env.TEST, ["read:messages"], allow_from=["192.0.2.0/24"])
    caller = await accounts.caller_by_key_id(key.key_id, "acme", HERE)
    assert (caller.env, caller.scopes, caller.key_id) == (Env.TEST, frozenset({"read:messages"}), key.key_id)
    with pytest.raises(AuthError, match="from this address"):
        await accounts.caller_by_key_id(key.key_id, "acme", "203.0.113.9")
    own = await accounts.caller_by_key_id("kong-7", "acme", HERE)
    assert (own.env, own.key_id, "admin" in own.scopes) == (Env.LIVE, "proxy:kong-7", False)
    with pytest.raises(AuthError, match="names no key of this account"):
        await accounts.caller_by_key_id("key_0123456789abcdef", "acme", HERE)
    await beside.revoke_key(key.key_id)
    await accounts.fresh()
    with pytest.raises(AuthError, match="revoked"):
        await accounts.caller_by_key_id(key.key_id, "acme", HERE)


async def test_the_cache_of_keys_is_bounded(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_KEYS_CACHED", 2)
    texts = [(await accounts.create_key("acme"))[1] for _ in range(4)]
    callers = [await accounts.caller_by_key(text, HERE) for text in texts]
    assert await accounts.caller_by_key(texts[3], HERE) is callers[3]
    again = await accounts.caller_by_key(texts[0], HERE)
    assert again == callers[0]
    assert again is not callers[0]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            {"scopes": ["send:sms", "fly"]},
            "no scope 'fly': there are admin, manage:account, read:messages, send:sms",
        ),
        ({"allow_from": ["10.0.0.1/8"]}, "'10.0.0.1/8' is no address or network"),
        ({"expires_at": datetime(2026, 5, 1, 12, 0, tzinfo=UTC)}, "expired already"),
    ],
)
async def test_keys_that_are_not_made(accounts: Accounts, arguments: dict[str, object], said: str) -> None:
    with pytest.raises(Refused, match=said):
        await accounts.create_key("acme", **arguments)  # type: ignore[arg-type]
    assert await accounts.keys("acme") == []


async def test_no_key_without_its_account(accounts: Accounts) -> None:
    with pytest.raises(NotFound, match="account list"):
        await accounts.create_key("nobody")
    with pytest.raises(NotFound):
        await accounts.keys("nobody")


# --- accounts


async def test_names(accounts: Accounts) -> None:
    with pytest.raises(Conflict, match="'acme' already"):
        await accounts.create("acme")
    for name in ("", "-a", "a b", "a" * 65, "\u00e9"):
        with pytest.raises(Refused, match="is no account name"):
            await accounts.create(name)
    assert [account.name for account in await accounts.accounts()] == ["acme"]


async def test_a_disabled_account_is_refused_everywhere(accounts: Accounts, beside: Accounts) -> None:
    _, text = await accounts.create_key("acme")
    await accounts.caller_by_key(text, HERE)
    await beside.set("acme", {"disabled": "yes"}, None)
    assert await refused(accounts, text) == "The account is disabled."
    with pytest.raises(AuthError, match="disabled"):
        accounts.caller_by_name("acme", Env.LIVE, ["send:sms"], "jwt:ann")
    await beside.set("acme", {"disabled": "no"}, None)
    await accounts.caller_by_key(text, HERE)


async def test_callers_by_name(accounts: Accounts, beside: Accounts) -> None:
    with pytest.raises(AuthError, match="does not exist"):
        accounts.caller_by_name("new", Env.LIVE, ["send:sms"], "jwt:ann")
    await beside.create("new")
    await accounts.fresh()
    caller = accounts.caller_by_name("new", Env.TEST, ["send:sms"], "jwt:ann", member="ann")
    assert caller == Caller("new", Env.TEST, Policy(), frozenset({"send:sms"}), "jwt:ann", "ann", None)


async def test_settings_of_one_environment_or_both(accounts: Accounts, beside: Accounts) -> None:
    await beside.set("acme", {"webhook_url": "https://a.example/x", "rate_per_s": "25"}, None)
    await beside.set("acme", {"rate_per_s": "0.5"}, Env.TEST)
    await accounts.fresh()
    assert accounts.policy("acme", Env.LIVE).rate_per_s == 25
    assert accounts.policy("acme", Env.TEST).rate_per_s == 0.5
    assert accounts.policy("acme", Env.TEST).webhook_url == "https://a.example/x"
    assert accounts.policy("nobody", Env.LIVE) == Policy()


async def test_settings_are_all_or_none(accounts: Accounts) -> None:
    with pytest.raises(Refused, match="rate_per_s=fast"):
        await accounts.set("acme", {"default_sender": "ACME", "rate_per_s": "fast"}, None)
    with pytest.raises(Refused, match="disabled=perhaps: write true or false"):
        await accounts.set("acme", {"default_sender": "ACME", "disabled": "perhaps"}, None)
    assert accounts.policy("acme", Env.LIVE) == Policy()


async def test_many_who_find_it_changed_read_it_once(
    accounts: Accounts, beside: Accounts, store: Store
) -> None:
    read = 0
    accounts_of = store.accounts

    async def counted() -> object:
        nonlocal read
        read += 1
        return await accounts_of()

    store.accounts = counted  # type: ignore[method-assign,assignment]
    await beside.set("acme", {"rate_per_s": "7"}, None)
    await asyncio.gather(*(accounts.fresh() for _ in range(20)))
    assert read == 1
    assert accounts.policy("acme", Env.LIVE).rate_per_s == 7


async def test_many_who_find_it_changed_and_the_store_away_try_once(
    accounts: Accounts, beside: Accounts, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store that says nothing is waited for half a minute: one after another they never came to an end."""
    tries = 0

    async def away() -> object:
        nonlocal tries
        tries += 1
        await asyncio.sleep(0)  # the others find the lock taken
        raise StoreUnavailable("it does not answer in time")

    await beside.set("acme", {"rate_per_s": "7"}, None)
    with monkeypatch.context() as patched:
        patched.setattr(store, "accounts", away)
        for times in (1, 2):
            told = await asyncio.gather(*(accounts.fresh() for _ in range(20)), return_exceptions=True)
            assert [str(each) for each in told] == ["it does not answer in time"] * 20
            assert tries == times
    await accounts.fresh()
    assert accounts.policy("acme", Env.LIVE).rate_per_s == 7


# --- webhook secrets


async def test_secrets_rotate_with_both_valid_for_a_while(accounts: Accounts, time: Time) -> None:
    _, first = await accounts.create("shop")
    assert accounts.secrets_of("shop") == [key_of(first)]
    second, until = await accounts.rotate_secret("shop")
    assert accounts.secrets_of("shop") == [key_of(second), key_of(first)]
    time.now = until
    assert accounts.secrets_of("shop") == [key_of(second)]
    third, _ = await accounts.rotate_secret("shop")
    assert accounts.secrets_of("shop") == [key_of(third), key_of(second)]
    assert accounts.secrets_of("nobody") == []


async def test_a_secret_of_another_key_file_is_its_own_account_s_trouble(
    accounts: Accounts, store: Store, time: Time
) -> None:
    """It was an error that ended the process, and the next one that met the account's webhook."""
    stranger = Accounts(store, OTHER_BOX, time)  # nobody tells it of an account: it makes the first one
    _, theirs = await stranger.create("shop")
    await accounts.fresh()
    with structlog.testing.capture_logs() as logs:
        assert accounts.secrets_of("shop") == []
        assert accounts.secrets_of("shop") == []
    assert [(line["account"], line["log_level"]) for line in logs] == [("shop", "error")], "told once"
    assert len(accounts.secrets_of("acme")) == 1
    ours, until = await accounts.rotate_secret("shop")
    assert accounts.secrets_of("shop") == [key_of(ours)]
    await stranger.start()
    assert stranger.secrets_of("shop") == [key_of(theirs)], "the one before, while it holds"
    time.now = until
    assert stranger.secrets_of("shop") == []


async def test_a_key_file_that_opens_nothing_is_not_the_store_s(store: Store, time: Time) -> None:
    ours, stranger = Accounts(store, BOX, time), Accounts(store, OTHER_BOX, time)
    await ours.start()
    ours.check_key()  # there is no account yet
    await ours.create("acme")
    await ours.create("shop")
    ours.check_key()
    await stranger.start()
    with pytest.raises(SecretError, match="opens no webhook secret of this store \\(2 account"):
        stranger.check_key()
    with pytest.raises(SecretError, match="key_file"):
        await stranger.create("third")
    await stranger.rotate_secret("shop")  # the way on for whoever has lost the file
    stranger.check_key()


async def test_secrets_are_sealed_in_the_store(accounts: Accounts, store: Store) -> None:
    _, text = await accounts.create("shop")
    account = await accounts.account("shop")
    assert key_of(text) not in account.secrets_sealed[0]
    assert BOX.open(account.secrets_sealed[0], "shop") == key_of(text)
