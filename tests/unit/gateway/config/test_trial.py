"""Files that are there and can't be used: told before anything is served."""

import json
from pathlib import Path

import pytest

from gateway.config import ConfigErrors, parse
from gateway.operators import smpp
from tests.certificates import make_certificate


def wrong(text: str, folder: Path) -> list[str]:
    """The errors of a text."""
    with pytest.raises(ConfigErrors) as caught:
        parse(text, folder, "g", {})
    return [str(error) for error in caught.value.errors]


@pytest.fixture
def pem(tmp_path: Path) -> Path:
    """A folder with a certificate, its key, and a file that is neither."""
    make_certificate(tmp_path)
    (tmp_path / "cert.pem").rename(tmp_path / "chain.pem")
    (tmp_path / "other.pem").write_text("no certificate")
    return tmp_path


def test_a_certificate(pem: Path) -> None:
    text = '[http]\ntls_cert_file = "{}"\ntls_key_file = "{}"\n'
    assert parse(text.format("chain.pem", "key.pem"), pem).http.tls_cert_file == str(
        pem.resolve() / "chain.pem"
    )
    assert wrong(text.format("other.pem", "key.pem"), pem) == [
        f"g:2: `tls_cert_file`: {pem.resolve()}/other.pem holds no certificate: both are PEM files"
    ]
    assert wrong(text.format("chain.pem", "other.pem"), pem) == [
        f"g:3: `tls_key_file`: {pem.resolve()}/other.pem holds no private key: both are PEM files"
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{}", "is no key set: not a JSON Web Key Set"),
        ("nothing", "is no key set"),
        ('{"keys": []}', "has no RSA or EC key to verify with"),
        (json.dumps({"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}), "has no RSA or EC key to verify with"),
        (None, "can't be read (No such file or directory)"),
    ],
)
def test_a_key_set_that_is_none(tmp_path: Path, content: str | None, said: str) -> None:
    if content is not None:
        (tmp_path / "jwks.json").write_text(content)
    (error,) = wrong('[auth.jwt]\njwks = "jwks.json"\n', tmp_path)
    assert error.startswith(f"g:2: [auth.jwt]: {tmp_path.resolve() / 'jwks.json'} ")
    assert said in error


def test_a_key_set_at_a_url_is_not_fetched(tmp_path: Path) -> None:
    assert parse('[auth.jwt]\njwks = "http://127.0.0.1:9/jwks"\n', tmp_path).jwt is not None


def test_an_empty_secret(tmp_path: Path) -> None:
    (tmp_path / "jwt").write_text("\n")
    assert wrong('[auth.jwt]\nhs256_secret_file = "jwt"\n', tmp_path) == [
        "g:2: [auth.jwt]: the secret is empty: write one"
    ]


OPERATOR = """\
[http]
listen = "{listen}"
[[operators]]
id = "alpha"
kind = "smpp"
host = "{host}"
port = {port}
system_id = "x"
"""


@pytest.mark.parametrize(
    ("listen", "host", "port", "loops"),
    [
        ("127.0.0.1:8080", "127.0.0.1", 8080, True),
        ("127.0.0.1:8080", "localhost", 8080, True),
        ("127.0.0.1:8080", "127.0.0.1", 2775, False),
        ("127.0.0.1:8080", "127.0.0.2", 8080, False),
        ("127.0.0.1:8080", "smsc.example.com", 8080, False),
        ("0.0.0.0:8080", "127.0.0.5", 8080, True),
        ("0.0.0.0:8080", "192.0.2.7", 8080, False),
        (":8080", "localhost", 8080, True),
        ("[::1]:8080", "::1", 8080, True),
        ("gateway.example.com:8080", "Gateway.Example.com", 8080, True),
        ("0.0.0.0:8080", "127.0.0.1", 8081, True),  # the admin listener's default
    ],
)
def test_an_operator_that_is_this_gateway_itself(
    tmp_path: Path, listen: str, host: str, port: int, loops: bool
) -> None:
    """Or each message would come back as a message to be sent (field.md 1.4: loop detection; jasmin#376)."""
    text = OPERATOR.format(listen=listen, host=host, port=port)
    if not loops:
        parse(text, tmp_path, "g", {})
        return
    (error,) = wrong(text, tmp_path)
    assert error.startswith(f"g:7: operator 'alpha': {host}:{port} is this gateway's own [http] ")


CARRIER = '[[operators]]\nid = "alpha"\nkind = "smpp"\nhost = "smsc.example.net"\nsystem_id = "esme"\n'


def test_a_carrier_s_certificates(pem: Path) -> None:
    """What a reload would be refused for, `check` tells."""
    (error,) = wrong(f'{CARRIER}tls = true\ntls_ca_file = "other.pem"\n', pem)
    assert error.startswith("g:7: operator alpha: ")
    (error,) = wrong(f'{CARRIER}tls = true\ntls_cert_file = "chain.pem"\n', pem)
    assert error.startswith("g:7: operator alpha: ")
    assert parse(f'{CARRIER}tls = true\ntls_ca_file = "chain.pem"\n', pem, "g", {}).operators


def test_a_renewed_certificate_is_a_change(pem: Path) -> None:
    """So a reload binds anew with it, and leaves the other carriers alone."""
    (pem / "client.pem").write_bytes((pem / "chain.pem").read_bytes() + (pem / "key.pem").read_bytes())
    text = f'{CARRIER}tls = true\ntls_ca_file = "chain.pem"\ntls_cert_file = "client.pem"\n'
    before = parse(text, pem, "g", {}).operators
    assert parse(text, pem, "g", {}).operators == before
    for file in ("client.pem", "chain.pem"):
        octets = (pem / file).read_bytes()
        (pem / file).write_bytes(octets + b"\n")
        assert parse(text, pem, "g", {}).operators != before
        (pem / file).write_bytes(octets)
    assert parse(text, pem, "g", {}).operators == before


def test_a_bind_takes_the_certificates_that_were_checked(pem: Path) -> None:
    """Not what the files hold by then."""
    (pem / "client.pem").write_bytes((pem / "chain.pem").read_bytes() + (pem / "key.pem").read_bytes())
    text = f'{CARRIER}tls = true\ntls_ca_file = "chain.pem"\ntls_cert_file = "client.pem"\n'
    (operator,) = parse(text, pem, "g", {}).operators
    for file in ("client.pem", "chain.pem"):
        (pem / file).unlink()
    assert isinstance(operator, smpp.Config)
    for _ in range(2):
        context = smpp.pool_config(operator).tls
        assert context is operator.tls_context()
        assert context is not None
        assert context.cert_store_stats()["x509"] == 1


@pytest.mark.parametrize(
    ("http", "outbind", "said"),
    [
        ("127.0.0.1:18080", "", "g:3: [http] admin_listen: 127.0.0.1:18080 is taken by [http] listen"),
        ("0.0.0.0:18080", "", "g:3: [http] admin_listen: 127.0.0.1:18080 is taken by [http] listen"),
        (
            "127.0.0.1:1",
            "localhost:18080",
            "g:9: operator 'alpha': outbind_listen: localhost:18080 is taken by [http] admin_listen",
        ),
    ],
)
def test_two_listeners_on_one_port(tmp_path: Path, http: str, outbind: str, said: str) -> None:
    text = f'[http]\nlisten = "{http}"\nadmin_listen = "127.0.0.1:18080"\n{CARRIER}'
    if outbind:
        text += f'outbind_listen = "{outbind}"\noutbind_system_id = "carrier"\n'
    assert wrong(text, tmp_path) == [f"{said}: write another port"]


@pytest.mark.parametrize("other", ["0.0.0.0", "127.0.0.1"])
def test_a_port_of_ipv6_is_not_that_of_ipv4(tmp_path: Path, other: str) -> None:
    """Each listener takes connections of its own kind alone, so both can be opened."""
    text = f'[http]\nlisten = "{other}:18080"\nadmin_listen = "[::]:18080"\n'
    assert parse(text, tmp_path).http.admin_listen == "[::]:18080"
    (said,) = wrong(text.replace(f"{other}:", ":"), tmp_path)  # this one listens on all addresses of both
    assert said.startswith("g:3: [http] admin_listen: [::]:18080 is taken by [http] listen")


def test_listeners_whose_ports_the_system_chooses(tmp_path: Path) -> None:
    assert parse('[http]\nlisten = "127.0.0.1:0"\nadmin_listen = "127.0.0.1:0"\n', tmp_path).http.listen
