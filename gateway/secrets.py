"""Secrets: the gateway's own key file, what is sealed with it, and the keys and secrets that tenants get.

The key file seals what the store must be able to give back (webhook secrets) and gives keys to whoever needs a lasting
one (cursors). API keys are kept as digests only: not even the gateway can read them again. A store without its key
file is readable but for the sealed values, so a backup holds both.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import secrets
import stat
import zlib
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from gateway import folders
from gateway.errors import SecretError

KEY_BYTES = 32
WEBHOOK_SECRET_BYTES = 24  #: Standard Webhooks asks for 24 to 64
WEBHOOK_SECRET_PREFIX = "whsec_"
API_KEY_PREFIX = "sok_"

_VERSION = b"\x01"
_NONCE_BYTES = 12  # NIST SP 800-38D, 5.2.1.1: 96 bits, random; far below 2**32 seals per key
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SECRET_CHARS = 32  # 190 bits
_CHECK_CHARS = 6  # a CRC-32 in base 62: tells a mistyped or cut key, and lets scanners find leaked ones


class Secrets:
    """The key of a key file, and what is done with it."""

    def __init__(self, key: bytes) -> None:
        """`key`: 32 bytes. `load` takes it from its file."""
        if len(key) != KEY_BYTES:
            raise SecretError(f"the gateway's key has {len(key)} bytes; it needs {KEY_BYTES}")
        self._key = key
        self._aead = AESGCM(self.derive("seal"))

    def __repr__(self) -> str:
        return "<Secrets>"

    def derive(self, purpose: str) -> bytes:
        """A key of 32 bytes for one purpose (HKDF-SHA-256, RFC 5869): the same after every restart."""
        hkdf = HKDF(hashes.SHA256(), KEY_BYTES, salt=None, info=b"trunkline " + purpose.encode())
        return hkdf.derive(self._key)

    def seal(self, plain: bytes, context: str) -> bytes:
        """Encrypt with AES-256-GCM. `context` says whose it is: sealed bytes do not open in another one."""
        nonce = os.urandom(_NONCE_BYTES)
        return _VERSION + nonce + self._aead.encrypt(nonce, plain, context.encode())

    def open(self, sealed: bytes, context: str) -> bytes:
        """What was sealed. Raises `SecretError` for another key file, another context or changed bytes."""
        nonce, ciphertext = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        if sealed[:1] != _VERSION or len(nonce) != _NONCE_BYTES:
            raise SecretError(
                f"a sealed secret of {context} can't be read: the store is damaged, restore a backup"
            )
        try:
            return self._aead.decrypt(nonce, ciphertext, context.encode())
        except InvalidTag as error:
            raise SecretError(
                f"a sealed secret of {context} does not open with this key file: "
                "put back the key file that the store was made with"
            ) from error

    def opens(self, sealed: bytes, context: str) -> bool:
        """Whether `open` would."""
        try:
            self.open(sealed, context)
        except SecretError:
            return False
        return True


def load(path: Path) -> Secrets:
    """The secrets of a key file, which is made (mode 0600) when there is none.

    Raises `SecretError` when it can't be read or made, is no key file, or others than its owner may read it.
    """
    try:
        text = _read(path)
        if text is None:
            _make(path)
            text = _read(path)
    except OSError as error:
        raise SecretError(
            f"the key file {path} can't be read or made ({error.strerror}): check its folder and its owner"
        ) from error
    try:
        key = base64.b64decode((text or "").strip(), validate=True)
    except ValueError:  # binascii.Error is one
        key = b""
    if len(key) != KEY_BYTES:
        raise SecretError(f"{path} is no key file: put back the one that this store was made with")
    return Secrets(key)


def _read(path: Path) -> str | None:
    """The key file's text; None when there is no such file."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    with open(descriptor, encoding="ascii", errors="replace") as file:  # noqa: PTH123 - what was opened is looked at
        mode = stat.S_IMODE(os.fstat(descriptor).st_mode)
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise SecretError(
                f"the key file {path} may be read by others (mode {mode:04o}): run `chmod 600 {path}`, "
                "and rotate the accounts' secrets when others may have read it"
            )
        return file.read(4096)


def _make(path: Path) -> None:
    """Write a new key file whole or not at all; another process may do the same at this moment and win."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with open(descriptor, "wb") as file:  # noqa: PTH123 - made with its mode, never readable by others
            file.write(base64.b64encode(os.urandom(KEY_BYTES)) + b"\n")
            file.flush()
            os.fsync(descriptor)
        try:
            os.link(draft, path)  # unlike a rename it never replaces a key that is in use
        except FileExistsError:
            return
    finally:
        draft.unlink(missing_ok=True)
    folders.sync(path.parent)


# --- what tenants get


def new_api_key(env: str) -> str:
    """A new bearer key, `sok_live_` or `sok_test_` and 38 letters and digits, the last 6 a checksum."""
    body = f"{API_KEY_PREFIX}{env}_" + "".join(secrets.choice(_ALPHABET) for _ in range(_SECRET_CHARS))
    return body + _check(body)


def is_api_key(text: str) -> bool:
    """Whether a text has the form of a bearer key and its checksum fits: others need no look-up."""
    return (
        text.startswith(API_KEY_PREFIX)
        and text.isascii()
        and len(text) < 128
        and text[-_CHECK_CHARS:] == _check(text[:-_CHECK_CHARS])
    )


def new_key_id() -> str:
    """The public name of a key: `key_` and 16 hex digits."""
    return f"key_{secrets.token_hex(8)}"


def is_key_id(text: str) -> bool:
    """Whether it has the form of `new_key_id`."""
    return re.fullmatch(r"key_[0-9a-f]{16}", text) is not None


def digest(key: str) -> bytes:
    """What the store keeps of an API key: SHA-256. No salt or stretching: a key of 190 random bits is not guessed."""
    return hashlib.sha256(key.encode()).digest()


def new_webhook_secret() -> str:
    """A new webhook secret as Standard Webhooks writes it: `whsec_` and base64 of the bytes that sign."""
    return WEBHOOK_SECRET_PREFIX + base64.b64encode(os.urandom(WEBHOOK_SECRET_BYTES)).decode()


def _check(text: str) -> str:
    value = zlib.crc32(text.encode())
    characters = []
    for _ in range(_CHECK_CHARS):
        value, remainder = divmod(value, len(_ALPHABET))
        characters.append(_ALPHABET[remainder])
    return "".join(characters)
