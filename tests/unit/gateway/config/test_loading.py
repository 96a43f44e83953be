"""A configuration is taken whole, or refused with every error at its file and line."""

import re
from pathlib import Path

import pytest

from gateway.config import Config, ConfigErrors, load, load_for_commands, parse
from gateway.operators import simulated, smpp
from http_api.settings import HttpSettings
from routing.table import Rule, Weighted

SMALLEST = """\
[http]
listen = "127.0.0.1:8080"
admin_listen = "127.0.0.1:8081"

[store]
url = "sqlite:////var/lib/trunkline/trunkline.db"

[webhooks]
allow_private_addresses = false

[[operators]]
id = "alpha"
kind = "smpp"
host = "127.0.0.1"
port = 2775
system_id = "esme"
password = "${ALPHA_PASSWORD}"
bind = "transceiver"
binds = 1
window = 100
rate_per_s = 0
on_doubt = "wait"
on_doubt_wait_s = 300

[[routes]]
id = "uk-us"
to = ["+44", "+1"]
operators = ["alpha"]
"""

ALPHA = """\
[[operators]]
id = "alpha"
kind = "smpp"
host = "127.0.0.1"
system_id = "esme"
"""


def wrong(text: str, folder: Path = Path("/etc"), **environment: str) -> list[str]:
    """The errors of a text, without the name of its file."""
    with pytest.raises(ConfigErrors) as caught:
        parse(text, folder, "gateway.toml", environment)
    assert str(caught.value) == "\n".join(str(error) for error in caught.value.errors)
    return [str(error).removeprefix("gateway.toml:") for error in caught.value.errors]


def test_the_smallest_that_works() -> None:
    config = parse(SMALLEST, Path("/etc/trunkline"), environment={"ALPHA_PASSWORD": "secret8"})
    (alpha,) = config.operators
    assert isinstance(alpha, smpp.Config)
    assert (alpha.id, alpha.window, alpha.password.get_secret_value()) == ("alpha", 100, "secret8")
    assert config.routes[0].rule() == Rule("uk-us", ((Weighted("alpha"),),), ("+44", "+1"))
    assert config.folder == Path("/etc/trunkline")
    assert config.store_path == Path("/var/lib/trunkline/trunkline.db")
    assert config.key_file == Path("/var/lib/trunkline/trunkline.key")
    assert config.journal_path.parent == Path("/var/lib/trunkline")


def test_an_empty_file_is_a_configuration(tmp_path: Path) -> None:
    config = parse("", tmp_path)
    assert config == Config.model_validate({}, context={"folder": tmp_path.resolve()})
    assert config.store_path == tmp_path.resolve() / "trunkline.db"
    assert config.key_file == tmp_path.resolve() / "trunkline.key"
    assert (config.limits.backlog, config.limits.default_validity_s) == (1_000_000, 72 * 3600)


def test_a_store_in_memory_has_its_key_beside_the_file(tmp_path: Path) -> None:
    config = parse('[store]\nurl = "sqlite://"', tmp_path)
    assert config.store_path is None
    assert config.key_file == tmp_path.resolve() / "trunkline.key"


def test_all_errors_come_at_once() -> None:
    found = wrong(
        """\
[http]
lisen = "127.0.0.1:8080"
admin_listen = "8081"
[http.body_limits]
send = 3

[stor]
url = "x"

[[operators]]
id = "alpha"
kind = "smpp"
host = "127.0.0.1"
prot = 2775
password = "${NOT_THERE}"
on_doubt = "wait a bit"

[[operators]]
id = "beta"
kind = "smmp"

[[operators]]
host = "x"

[[routes]]
to = ["44"]
operators = ["alhpa"]

[[routes]]
id = "uk"
regex = "("
operators = [{ alpha = 0 }]
failover = true
"""
    )
    assert [line.partition(": it has")[0] for line in found] == [
        "2: [http] has no `lisen`: did you mean `listen`?",
        (
            "3: [http]: `admin_listen`: '8081' is no address and port: write it like 127.0.0.1:8080 or [::1]:8080: "
            "address and port of /health/live, /health/ready and /metrics; keep it inside your network"
        ),
        "5: [http.body_limits]: `send`: it should be greater than or equal to 1024: POST /v1/sms/send, in bytes",
        "7: the file has no `stor`: did you mean `store`?",
        "10: operator 'alpha' needs `system_id`: the name that the carrier has given us",
        "14: operator 'alpha' has no `prot`: did you mean `port`?",
        "15: the environment variable NOT_THERE is not set: export NOT_THERE before you start",
        (
            "16: operator 'alpha': `on_doubt`: it should be 'wait', 'resend' or 'fail': "
            f"{smpp.Config.model_fields['on_doubt'].description}"
        ),
        "20: operator 'beta': there is no kind 'smmp': did you mean 'smpp'?",
        "22: operator 3 needs `kind`: write one of simulated, smpp",
        "26: route 'alhpa': `to` prefix '44' is none: write '+' and digits, as in '+44'",
        "27: route 'alhpa': operator 'alhpa' does not exist: did you mean 'alpha'?",
        (
            "32: route 'uk': `operators`: it should be ids and groups with weights, like "
            '["alpha", { beta = 3, gamma = 1 }]: in order: the next one is for when those before it can\'t; '
            "{ alpha = 3, beta = 1 } is a group that shares the traffic by weight"
        ),
        "33: route 'uk' has no `failover`: did you mean `failover_on`?",
    ]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("[process]\nroles = []", "2: [process]: `roles`: it should have at least 1 entry: api: "),
        ("a = ", "1: this is no TOML: Invalid value: texts stand in quotes"),
        ("[http]\nlisten = 127.0.0.1", "2: this is no TOML: "),
        ('[http]\nlisten = "x', "2: this is no TOML: "),
        ('include = "x"', "1: the file: `include`: it should be a list"),
        ('include = ["x.toml"]', "1: the included file x.toml does not exist: remove it, or write it"),
        ('include = ["a**b"]', "1: `a**b` is no pattern of file names"),
        ("operators = 1", "1: `operators` is no list of tables: write [[operators]] above each one"),
        ("[routes]\nid = 1", "1: `routes` is no list of tables: write [[routes]] above each one"),
        ("[auth.jwt]", "1: [auth.jwt]: set exactly one of hs256_secret_file and jwks"),
        ('[store]\nurl = "mysql://x"', "2: [store] url 'mysql': write sqlite:////absolute/path"),
        ('[store]\nurl = "${A-B}"', "2: `${A-B}` names no environment variable: write letters, digits and _"),
        ('[http]\ntls_cert_file = "a.pem"', "1: [http]: tls_cert_file and tls_key_file go together"),
        (
            '[http]\ntls_cert_file = "a.pem"',
            "2: `tls_cert_file`: /etc/a.pem does not exist: paths are relative",
        ),
        (
            ALPHA + 'password = "x"\npassword_file = "y"',
            "6: operator 'alpha' has both `password` and `password_file`",
        ),
        (ALPHA + ALPHA, "7: operator 'alpha' is there twice: first at gateway.toml:2"),
        (ALPHA + 'status_classes = { nope = "fail" }', "6: operator 'alpha': `status_classes`: 'nope' is no"),
        (ALPHA.replace("alpha", "simulated"), "2: the id 'simulated' is the simulated operator's"),
        (
            ALPHA + '[[routes]]\noperators = ["alpha", "alpha"]',
            "7: route 'alpha-alpha': operator 'alpha' stands twice",
        ),
        (
            ALPHA + '[[routes]]\nid = "a"\noperators = "alpha"\n[[routes]]\nid = "a"\noperators = "alpha"',
            "10: route 'a' is there twice: first at gateway.toml:7",
        ),
        (
            ALPHA + '[[routes]]\nclass = "fast"\noperators = "alpha"',
            "7: route 1: `class`: it should be 'otp'",
        ),
        (ALPHA + '[[routes]]\nregex = "("\noperators = "alpha"', "7: route 'alpha': `regex` '(' is wrong"),
        ("[[routes]]\noperators = []", "2: route 1: `operators`: it should be ids and groups"),
    ],
)
def test_single_errors(text: str, error: str) -> None:
    assert any(line.startswith(error) for line in wrong(text)), wrong(text)


def test_no_error_and_no_repr_tells_a_secret(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("hunter2-file\n")
    text = ALPHA.replace("alpha", "beta") + 'password_file = "password"\n' + ALPHA + 'password = "${PW}"\n'
    config = parse(text, tmp_path, environment={"PW": "hunter2-env"})
    assert [
        operator.password.get_secret_value()
        for operator in config.operators
        if isinstance(operator, smpp.Config)
    ] == [
        "hunter2-file",
        "hunter2-env",
    ]
    for shown in (repr(config), str(config), config.model_dump_json()):
        assert "hunter2" not in shown
    broken = "\n".join(
        wrong(text + 'pasword = "hunter2"\nport = "hunter2"\nwindow = "${PW}"', tmp_path, PW="hunter2")
    )
    assert "did you mean `password`" in broken
    assert "`window`" in broken
    assert "hunter2" not in broken


def test_a_changed_password_file_is_a_change(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("one")
    text = ALPHA + 'password_file = "password"\n'
    before = parse(text, tmp_path)
    assert parse(text, tmp_path).operators == before.operators
    (tmp_path / "password").write_text("two")
    assert parse(text, tmp_path).operators != before.operators


def test_a_password_file_that_goes_while_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an error the operator would bind with an empty password."""
    monkeypatch.setattr("gateway.config.loading._is_readable", lambda _path: True)
    (error,) = wrong(ALPHA + 'password_file = "nowhere"\n', tmp_path)
    assert error.startswith("6: operator 'alpha': `password_file`: ")
    assert "nowhere can't be read (No such file or directory)" in error


def test_a_bind_says_what_was_read_with_the_configuration(tmp_path: Path) -> None:
    """Not what the file says by then, which nobody has checked."""
    (tmp_path / "password").write_text("read\n")
    (operator,) = parse(ALPHA + 'password_file = "password"\n', tmp_path).operators
    (tmp_path / "password").write_text("\u20acuro")
    assert isinstance(operator, smpp.Config)
    assert smpp.pool_config(operator).password == "read"


def test_included_files(tmp_path: Path) -> None:
    main = tmp_path / "gateway.toml"
    main.write_text(
        'include = ["operators/*.toml", "routes.toml", "none/*.toml"]\n[[routes]]\nto = "+44"\noperators = "b"\n'
    )
    (tmp_path / "operators").mkdir()
    (tmp_path / "operators" / "b.toml").write_text(ALPHA.replace("alpha", "b"))
    (tmp_path / "operators" / "a.toml").write_text(ALPHA.replace("alpha", "a"))
    (tmp_path / "routes.toml").write_text('[[routes]]\noperators = ["a"]\n[limits]\nbacklog = 5\n')
    config = load(main)
    assert [operator.id for operator in config.operators] == ["a", "b"]
    assert [(route.id, route.to) for route in config.routes] == [("b", ("+44",)), ("a", ("+",))]
    assert config.limits.backlog == 5


def test_errors_of_included_files_name_them(tmp_path: Path) -> None:
    main = tmp_path / "gateway.toml"
    main.write_text('include = ["x/*.toml"]\n[limits]\nbacklog = 5\n' + ALPHA)
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "1.toml").write_text("\n[limits]\nbacklog = 6\n")
    (tmp_path / "x" / "2.toml").write_text("\n\n" + ALPHA + "hots = 1\n")
    (tmp_path / "x" / "3.toml").write_text('include = ["y.toml"]\n')
    (tmp_path / "x" / "4.toml").write_text("no toml")
    (tmp_path / "x" / "5.toml").write_bytes(b"a = '\xff'")
    with pytest.raises(ConfigErrors) as caught:
        load(main)
    found = [(Path(error.file).name, error.line, error.what) for error in caught.value.errors]
    assert found == [
        ("1.toml", 2, "[limits] stands in two files"),
        ("2.toml", 8, "operator 'alpha' has no `hots`"),
        ("3.toml", 1, "an included file includes another"),
        ("4.toml", 1, "this is no TOML: Expected '=' after a key in a key/value pair"),
        ("5.toml", 1, "this is not UTF-8"),
    ]


@pytest.mark.parametrize("content", [None, b"[http]\nlisten = '\xff'"])
def test_files_that_can_not_be_read(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "gateway.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigErrors) as caught:
        load(path)
    (error,) = caught.value.errors
    assert (error.file, error.line) == (str(path), 1 if content is None else 2)


def test_paths_are_relative_to_the_main_file(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("x")
    config = parse(ALPHA + 'password_file = "password"\n[secrets]\nkey_file = "k/x.key"\n', tmp_path)
    (alpha,) = config.operators
    assert isinstance(alpha, smpp.Config)
    assert alpha.password_file == tmp_path.resolve() / "password"
    assert config.key_file == tmp_path.resolve() / "k" / "x.key"


def test_the_simulated_operator_can_be_configured() -> None:
    config = parse('[[operators]]\nid = "simulated"\nkind = "simulated"\nreceipt_after_s = 0\n', Path("/etc"))
    assert config.operators == (simulated.Config(id="simulated", receipt_after_s=0),)


def test_ids_of_routes_are_made_of_operators_and_differ() -> None:
    routes = '[[routes]]\noperators = ["alpha"]\n' * 2 + '[[routes]]\nid = "alpha"\noperators = ["alpha"]\n'
    config = parse(ALPHA + routes, Path("/etc"))
    assert [route.id for route in config.routes] == ["alpha-2", "alpha-3", "alpha"]


def test_what_needs_a_restart() -> None:
    old = parse(SMALLEST, Path("/etc"), environment={"ALPHA_PASSWORD": "x"})
    new = parse(
        SMALLEST.replace("8080", "8090").replace("false", "true").replace("window = 100", "window = 50")
        + "[limits]\nbacklog = 7\n",
        Path("/etc"),
        environment={"ALPHA_PASSWORD": "x"},
    )
    assert new.needs_restart(old) == ["[http]", "webhooks.allow_private_addresses"]
    assert old.needs_restart(old) == []


@pytest.mark.parametrize(
    ("before", "after", "needs"),
    [
        ({"tls_cert_file": "a", "tls_key_file": "b"}, {"tls_cert_file": "c", "tls_key_file": "d"}, False),
        ({"tls_cert_file": "a", "tls_key_file": "b"}, {}, True),
        ({}, {"tls_cert_file": "a", "tls_key_file": "b"}, True),
    ],
    ids=["other files", "to end with HTTPS", "to begin with HTTPS"],
)
def test_a_listener_of_https_takes_other_files(
    before: dict[str, str], after: dict[str, str], needs: bool
) -> None:
    old, new = (Config(http=HttpSettings.model_validate(each)) for each in (before, after))
    assert new.needs_restart(old) == (["[http]"] if needs else [])
    assert new.as_reloaded(old).http == (old.http if needs else new.http)


def test_a_week_is_taken_where_little_traffic_asks_for_it() -> None:
    week = 7 * 86_400
    config = parse(f"{ALPHA}inactivity_s = {week}\n[health]\nhalf_life_s = {week}\n", Path("/etc"))
    (operator,) = config.operators
    assert isinstance(operator, smpp.Config)
    assert (operator.inactivity_s, config.health.half_life_s) == (week, week)


def test_the_readme_names_what_needs_a_restart() -> None:
    readme = (Path(__file__).parents[4] / "README.md").read_text()
    told = readme[readme.index("SIGHUP reads the configuration") : readme.index("need a restart; the log")]
    changed = {name: None for name in Config.model_fields if name not in ("http", "webhooks")}
    http = HttpSettings(listen="127.0.0.1:1")
    sections = Config().model_copy(update={"http": http, **changed}).needs_restart(Config())
    assert sections == re.findall(r"`(\[[a-z]+\])`", told.replace("`[webhooks]`", ""))


def test_commands_look_at_the_store_the_key_file_and_the_terms_alone(tmp_path: Path) -> None:
    path = tmp_path / "gateway.toml"
    path.write_text(
        '[htp]\n[[operators]]\npassword = "${NOT_SET}"\n'
        '[store]\nurl = "sqlite:///${WHERE}.db"\n[terms]\nversion = "2"\n'
    )
    config = load_for_commands(path, {"WHERE": "here"})
    assert config.store_path == tmp_path.resolve() / "here.db"
    assert config.operators == ()
    assert config.terms.version == "2"
    for broken in ('[store]\nurl = "x"\n', "[store]\nurls = 1\n", "[secrets]\nkey_file = 1\n", "not toml"):
        path.write_text(broken)
        with pytest.raises(ConfigErrors):
            load_for_commands(path, {})
