"""The key file, sealing, and what tenants get."""

import base64
import hashlib
import hmac
import os
import stat
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import secrets
from gateway.errors import SecretError
from gateway.secrets import Secrets


def test_first_use_makes_a_key_file_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "trunkline.key"
    first = secrets.load(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]
    assert secrets.load(path).derive("cursor") == first.derive("cursor")


def test_processes_that_begin_together_get_one_key(tmp_path: Path) -> None:
    path = tmp_path / "trunkline.key"
    barrier = threading.Barrier(8)
    derived: list[bytes] = []

    def begin() -> None:
        barrier.wait()
        derived.append(secrets.load(path).derive("cursor"))

    threads = [threading.Thread(target=begin) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(derived) == 8
    assert len(set(derived)) == 1
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o601])
def test_a_key_file_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "trunkline.key"
    secrets.load(path)
    path.chmod(mode)
    with pytest.raises(SecretError, match=f"chmod 600 {path}"):
        secrets.load(path)


@pytest.mark.parametrize("content", [b"", b"hello\n", b"\xff\xfe", base64.b64encode(b"short") + b"\n"])
def test_a_file_that_is_no_key_is_refused_and_kept(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "trunkline.key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(SecretError, match="is no key file"):
        secrets.load(path)
    assert path.read_bytes() == content


def test_a_folder_that_is_none_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SecretError, match="can't be read or made"):
        secrets.load(tmp_path / "file" / "trunkline.key")


@given(st.binary(max_size=100))
def test_what_is_sealed_opens(plain: bytes) -> None:
    box = Secrets(bytes(32))
    sealed = box.seal(plain, "acme")
    assert box.open(sealed, "acme") == plain
    assert box.seal(plain, "acme") != sealed


@given(st.binary(max_size=60), st.data())
def test_changed_bytes_do_not_open(plain: bytes, data: st.DataObject) -> None:
    box = Secrets(bytes(32))
    sealed = bytearray(box.seal(plain, "acme"))
    place = data.draw(st.integers(0, len(sealed) - 1))
    sealed[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(SecretError):
        box.open(bytes(sealed), "acme")


def test_another_context_key_or_cut_bytes_do_not_open() -> None:
    box = Secrets(bytes(32))
    sealed = box.seal(b"secret", "acme")
    for other, context, text in (
        (box, "rival", sealed),
        (Secrets(bytes(31) + b"\x01"), "acme", sealed),
        (box, "acme", sealed[:5]),
        (box, "acme", b""),
    ):
        with pytest.raises(SecretError):
            other.open(text, context)


def test_derived_keys_differ_by_purpose_and_key() -> None:
    keys = {
        Secrets(bytes(31) + bytes((n,))).derive(purpose) for n in range(2) for purpose in ("cursor", "seal")
    }
    assert len(keys) == 4
    assert {len(key) for key in keys} == {32}


def test_derivation_is_that_of_rfc_5869() -> None:
    # Written out by hand: extract with a zero salt, one expand step.
    extracted = hmac.digest(bytes(32), bytes(32), "sha256")
    assert Secrets(bytes(32)).derive("cursor") == hmac.digest(extracted, b"trunkline cursor\x01", "sha256")


def test_no_key_in_repr() -> None:
    key = os.urandom(32)
    assert repr(Secrets(key)) == "<Secrets>"


@pytest.mark.parametrize("env", ["live", "test"])
def test_api_keys(env: str) -> None:
    keys = {secrets.new_api_key(env) for _ in range(100)}
    assert len(keys) == 100
    for key in keys:
        assert key.startswith(f"sok_{env}_")
        assert len(key) == 47
        assert key.replace("_", "").isalnum()
        assert secrets.is_api_key(key)
        assert secrets.digest(key) == hashlib.sha256(key.encode()).digest()


def test_a_mistyped_or_cut_key_is_none() -> None:
    key = secrets.new_api_key("live")
    wrong = "x" if key[20] != "x" else "y"
    for text in (
        key[:-1],
        key[:20] + wrong + key[21:],
        key.upper(),
        f" {key}",
        "",
        "sok_live_",
        "sok_\u00e9" * 9,
    ):
        assert not secrets.is_api_key(text)


def test_webhook_secrets() -> None:
    texts = {secrets.new_webhook_secret() for _ in range(50)}
    assert len(texts) == 50
    for text in texts:
        assert text.startswith("whsec_")
        assert len(base64.b64decode(text[6:], validate=True)) == 24


def test_key_ids() -> None:
    assert secrets.new_key_id().startswith("key_")
    assert len(secrets.new_key_id()) == 20
    int(secrets.new_key_id()[4:], 16)
