"""Accounts and their keys: who is asking, what an account may do, and what the NOC changes about it.

All accounts are held as one immutable snapshot, keys in a bounded cache by digest. Both are dropped when the store's
`generation` says that another process (a command) has changed something, so a change holds for the next request.
"""

from __future__ import annotations

import asyncio
import hashlib
import ipaddress
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from time import monotonic

import structlog

from gateway import secrets
from gateway.domain.account import ACCOUNT_NAME, DEFAULT_SCOPES, Account, Caller, Env, Key, Policy, Scope
from gateway.domain.agreement import ALL_SERVICES, FIRST_VERSION, Agreement
from gateway.errors import Conflict, NotFound, Refused, SecretError, StoreUnavailable, TrunklineError
from gateway.ports import AccountStore, Clock
from gateway.secrets import Secrets
from gateway.services import policies
from gateway.services.signature import key_of

log = structlog.get_logger("gateway.accounts")

OLD_SECRET_VALID_S = 24 * 3600.0  #: as long as a webhook event is tried: both secrets sign meanwhile
LOOK_AGAIN_S = 0.002
"""How long an answer of "nothing has changed" holds: less than a command takes to end after its commit, so that what it
changed holds for the next request; and under load the store is asked once for several requests."""

MAX_KEYS_CACHED = 10_000

_DISABLED = "disabled"  #: a setting of an account that is not of one environment; so is the next
_TERMS_ACCEPTED = "terms_accepted"
_CURRENT = "current"

_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class AuthError(TrunklineError):
    """Credentials that are not taken. The text is for the caller and tells nothing of other accounts."""


@dataclass(frozen=True, slots=True)
class _Known:
    """A key as it is asked about for each request."""

    key: Key
    caller: Caller
    networks: tuple[_Network, ...]


class Accounts:
    """The accounts of a store. `policy` may be called from any thread, all else from the event loop's."""

    def __init__(
        self,
        store: AccountStore,
        box: Secrets,
        clock: Clock,
        terms_version: Callable[[], str] = lambda: FIRST_VERSION,
    ) -> None:
        """`terms_version`: of the terms that hold now."""
        self._terms_version = terms_version
        self._store = store
        self._box = box
        self._clock = clock
        self._generation = -1
        self._snapshot: Mapping[str, Account] = {}
        self._known: OrderedDict[bytes, _Known] = OrderedDict()
        # All secrets of an account, and the newest alone.
        self._opened: dict[str, tuple[list[bytes], list[bytes]]] = {}
        self._lock = asyncio.Lock()
        self._looked_at = 0.0
        self._by_id: dict[str, dict[str, Key]] = {}
        self._failed: StoreUnavailable | None = None  #: how the latest try to read them again did, if one has

    # --- the snapshot

    async def start(self) -> None:
        """Read all accounts."""
        async with self._lock:
            await self._reload(self._store.generation())

    async def fresh(self) -> None:
        """Read them again when another process has changed something; costs next to nothing when none has."""
        if self._store.generation() == self._generation:
            return
        failed = self._failed
        async with self._lock:
            generation = self._store.generation()
            if generation == self._generation:
                return
            if self._failed is not failed:  # while this one waited: one after another would wait for ever
                raise StoreUnavailable(str(self._failed))
            try:
                await self._reload(generation)
            except StoreUnavailable as error:
                self._failed = error
                raise

    async def _reload(self, generation: int) -> None:
        # `generation` was read before the accounts: what changes in between is seen as a change next time.
        snapshot = {account.name: account for account in await self._store.accounts()}
        self._snapshot = snapshot
        self._known.clear()
        self._by_id.clear()
        self._opened.clear()
        self._generation = generation

    @property
    def snapshot(self) -> Mapping[str, Account]:
        """All accounts by name, as last read; never changed, but replaced."""
        return self._snapshot

    def policy(self, account: str, env: Env) -> Policy:
        """An account's policy in one environment; the defaults for an account that is not known here (yet)."""
        known = self._snapshot.get(account)
        return _DEFAULT_POLICY if known is None else known.policy(env)

    def secrets_of(self, account: str) -> list[bytes]:
        """The bytes that sign the account's webhooks, newest first; none for an account that is not known, or whose
        secrets another key file has sealed."""
        known = self._snapshot.get(account)
        if known is None:
            return []
        opened = self._opened.get(account)
        if opened is None:
            secrets = [self._open(sealed, account) for sealed in known.secrets_sealed]
            opened = self._opened[account] = _those_that_open(secrets), _those_that_open(secrets[:1])
        both, newest = opened
        return both if known.old_secret_until is None or known.old_secret_until > self._clock() else newest

    def _open(self, sealed: bytes, account: str) -> bytes | None:
        """None, and a line in the log, where it does not open: one account's trouble is not to be everybody's."""
        try:
            return self._box.open(sealed, account)
        except SecretError as error:
            log.error(
                "webhooks of an account can't be signed with this secret", account=account, error=str(error)
            )
            return None

    def check_key(self) -> None:
        """Raises `SecretError` where there are accounts, and the key file opens the newest secret of none: it is
        another store's, or was made just now because the right one was not there."""
        sealed = [
            (account.secrets_sealed[0], name)
            for name, account in self._snapshot.items()
            if account.secrets_sealed
        ]
        if sealed and not any(self._box.opens(secret, name) for secret, name in sealed):
            raise SecretError(
                f"the key file opens no webhook secret of this store ({len(sealed)} account(s)): is [store] url the "
                "right one? Put the key file that the store was made with where [secrets] key_file says; where it is "
                "lost for good, `trunkline account rotate-secret NAME` gives an account a secret that this one opens"
            )

    # --- who is asking

    async def caller_by_key(self, secret: str, remote: str) -> Caller:
        """Whose API key this is, used from the address `remote`.

        Raises `AuthError` when the key is unknown, expired, revoked, not for this address, or its account disabled.
        """
        now = monotonic()
        if now - self._looked_at > LOOK_AGAIN_S:
            self._looked_at = now
            if self._store.generation() != self._generation:
                await self.fresh()
        # By its SHA-256: the time of a comparison tells nothing of a key, and none stays in memory.
        digest = hashlib.sha256(secret.encode()).digest()
        known = self._known.get(digest)
        if known is None:
            known = await self._look_up(secret, digest)
        self._check(known, remote)
        return known.caller

    async def _look_up(self, secret: str, digest: bytes) -> _Known:
        seen = self._generation
        key = await self._store.key(digest) if secrets.is_api_key(secret) else None
        account = self._snapshot.get(key.account) if key is not None else None
        if key is None or account is None:
            raise AuthError("The API key is not known.")
        caller = Caller(
            key.account, key.env, account.policy(key.env), key.scopes, key.key_id, key.member, key.sub_tenant
        )
        known = _Known(key, caller, tuple(ipaddress.ip_network(network) for network in key.allow_from))
        if self._generation == seen:  # else this may be the key of before the change
            self._known[digest] = known
            if len(self._known) > MAX_KEYS_CACHED:
                self._known.popitem(last=False)
        return known

    def _check(self, known: _Known, remote: str) -> None:
        key = known.key
        if key.revoked_at is not None:
            raise AuthError("The API key was revoked.")
        if key.expires_at is not None and key.expires_at <= self._clock():
            raise AuthError("The API key has expired.")
        self._check_enabled(self._snapshot[key.account])
        if known.networks and not _is_within(remote, known.networks):
            raise AuthError("The API key may not be used from this address.")

    def caller_by_name(
        self,
        account: str,
        env: Env,
        scopes: Collection[str],
        key_id: str,
        sub_tenant: str | None = None,
        member: str | None = None,
    ) -> Caller:
        """The caller that a token or a trusted proxy has proven. Call `fresh` first.

        Raises `AuthError` when there is no such account, or it is disabled.
        """
        known = self._snapshot.get(account)
        if known is None:
            raise AuthError("The account of these credentials does not exist here.")
        self._check_enabled(known)
        return Caller(account, env, known.policy(env), frozenset(scopes), key_id, member, sub_tenant)

    async def caller_by_key_id(self, key_id: str, account: str, remote: str) -> Caller:
        """The caller that a trusted proxy names: by one of our keys (its environment, scopes and limits hold), or by
        a key of the proxy's own, which is live and has the default scopes. Call `fresh` first. Raises `AuthError`.
        """
        if account not in self._by_id:
            if len(self._by_id) >= MAX_KEYS_CACHED:
                self._by_id.clear()
            self._by_id[account] = {key.key_id: key for key in await self._store.keys(account)}
        key = self._by_id[account].get(key_id)
        if key is None:
            if secrets.is_key_id(key_id):
                raise AuthError("X-Api-Key-Id names no key of this account.")
            return self.caller_by_name(account, Env.LIVE, DEFAULT_SCOPES, f"proxy:{key_id}")
        caller = self.caller_by_name(account, key.env, key.scopes, key_id, key.sub_tenant, key.member)
        networks = tuple(ipaddress.ip_network(network) for network in key.allow_from)
        self._check(_Known(key, caller, networks), remote)
        return caller

    @staticmethod
    def _check_enabled(account: Account) -> None:
        if account.disabled:
            raise AuthError("The account is disabled.")

    # --- what the NOC changes

    async def accounts(self) -> list[Account]:
        """All accounts, by name."""
        return sorted(await self._store.accounts(), key=lambda account: account.name)

    async def account(self, name: str) -> Account:
        """One account. Raises `NotFound`."""
        for account in await self._store.accounts():
            if account.name == name:
                return account
        raise NotFound(f"there is no account '{name}': `trunkline account list` shows those there are")

    async def create(self, name: str) -> tuple[Account, str]:
        """A new account and its webhook secret, which is shown this once. Raises `Refused`, `Conflict`, and
        `SecretError` with another key file than the other accounts' secrets are sealed with."""
        if ACCOUNT_NAME.fullmatch(name) is None:
            raise Refused(
                f"'{name}' is no account name: write 1 to 64 letters, digits, dots, dashes or underscores, "
                "beginning with a letter or digit"
            )
        if any(account.name == name for account in await self._store.accounts()):
            raise Conflict(f"there is an account '{name}' already")
        self.check_key()
        text = secrets.new_webhook_secret()
        account = Account(name, self._clock(), secrets_sealed=(self._box.seal(key_of(text), name),))
        await self._save(account)
        return account, text

    async def rotate_secret(self, name: str, valid_s: float = OLD_SECRET_VALID_S) -> tuple[str, datetime]:
        """A new webhook secret; the one before signs too until the returned time. Raises `NotFound`."""
        account = await self.account(name)
        text = secrets.new_webhook_secret()
        until = self._clock() + timedelta(seconds=valid_s)
        sealed = (self._box.seal(key_of(text), name), *account.secrets_sealed[:1])
        await self._save(replace(account, secrets_sealed=sealed, old_secret_until=until))
        return text, until

    async def set(self, name: str, settings: Mapping[str, str], env: Env | None) -> Account:
        """Change settings as a person writes them, in one environment or (None) in both; all or none.

        `disabled` is the whole account's, and so is `terms_accepted=current`: it accepts the terms for all keys that
        have no member. Raises `NotFound`, `Refused`.
        """
        account = await self.account(name)
        of_policy = dict(settings)
        terms_accepted = of_policy.pop(_TERMS_ACCEPTED, None)
        if terms_accepted not in (None, _CURRENT):
            raise Refused(
                f"{_TERMS_ACCEPTED}={terms_accepted}: write {_CURRENT}; what was accepted can't be taken back"
            )
        disabled = of_policy.pop(_DISABLED, None)
        if disabled is not None:
            account = replace(account, disabled=_disabled(disabled))
        if env is not Env.TEST:
            account = replace(account, live=policies.changed(account.live, of_policy))
        if env is not Env.LIVE:
            account = replace(account, test=policies.changed(account.test, of_policy))
        await self._save(account)
        if terms_accepted is not None:
            version = self._terms_version()
            await self._store.agree(Agreement(name, ALL_SERVICES, version, self._clock(), address=""))
        return account

    async def _save(self, account: Account) -> None:
        await self._store.save_account(account)
        await self.start()

    # --- keys

    async def keys(self, account: str | None) -> list[Key]:
        """The keys of one account or of all, oldest first. Raises `NotFound`."""
        if account is not None:
            await self.account(account)
        return sorted(await self._store.keys(account), key=lambda key: (key.account, key.created_at))

    async def create_key(
        self,
        account: str,
        env: Env = Env.LIVE,
        scopes: Collection[str] = DEFAULT_SCOPES,
        expires_at: datetime | None = None,
        allow_from: Sequence[str] = (),
        member: str | None = None,
        sub_tenant: str | None = None,
    ) -> tuple[Key, str]:
        """A new key and its text, which is shown this once. Raises `NotFound`, `Refused`."""
        await self.account(account)
        known = {scope.value for scope in Scope}
        unknown = sorted({str(scope) for scope in scopes} - known)
        if unknown:
            raise Refused(f"there is no scope '{unknown[0]}': there are {', '.join(sorted(known))}")
        now = self._clock()
        if expires_at is not None and expires_at <= now:
            raise Refused("the key would have expired already: give a time to come")
        text = secrets.new_api_key(env.value)
        key = Key(
            secrets.new_key_id(),
            secrets.digest(text),
            account,
            env,
            frozenset(str(scope) for scope in scopes),
            now,
            expires_at=expires_at,
            allow_from=tuple(_network(network) for network in allow_from),
            member=member,
            sub_tenant=sub_tenant,
        )
        await self._store.save_key(key)
        await self.start()
        return key, text

    async def revoke_key(self, name: str) -> Key:
        """Revoke a key, named by its id or, when it has leaked, by itself. Raises `NotFound`, `Conflict`."""
        wanted = secrets.digest(name)
        for key in await self._store.keys(None):
            if key.key_id == name or key.digest == wanted:
                if key.revoked_at is not None:
                    raise Conflict(
                        f"key {key.key_id} was revoked at {key.revoked_at:%Y-%m-%d %H:%M:%S} UTC already"
                    )
                revoked = replace(key, revoked_at=self._clock())
                await self._store.save_key(revoked)
                await self.start()
                return revoked
        raise NotFound("there is no such key: `trunkline key list` shows the ids of those there are")


_DEFAULT_POLICY = Policy()


def _those_that_open(secrets: Iterable[bytes | None]) -> list[bytes]:
    return [secret for secret in secrets if secret is not None]


def _disabled(text: str) -> bool:
    try:
        return policies.parse_flag(text)
    except ValueError as error:
        raise Refused(f"{_DISABLED}={text}: {error}") from error


def _network(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text.strip()))
    except ValueError as error:
        raise Refused(
            f"'{text}' is no address or network: write it like 192.0.2.7 or 192.0.2.0/24"
        ) from error


def _is_within(remote: str, networks: tuple[_Network, ...]) -> bool:
    try:
        address = ipaddress.ip_address(remote.partition("%")[0])
    except ValueError:  # a socket without an address: not one of the networks
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return any((mapped or address) in network for network in networks)
