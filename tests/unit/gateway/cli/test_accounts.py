"""`trunkline account`, `key`, `number` and `suppression`, against a real store."""

import asyncio
from pathlib import Path

import pytest

from gateway.cli.beside import beside
from gateway.domain.account import DEFAULT_SCOPES, Caller
from gateway.services.signature import key_of
from tests.unit.gateway.cli.conftest import Trunkline

PHONE = "+447700900123"


def caller(config: Path, key: str) -> Caller:
    """Whose key this is, to a gateway on the same store."""

    async def ask() -> Caller:
        async with beside(config) as opened:
            return await opened.accounts.caller_by_key(key, "192.0.2.7")

    return asyncio.run(ask())


def secrets_of(config: Path, account: str) -> list[bytes]:
    """What signs an account's webhooks."""

    async def ask() -> list[bytes]:
        async with beside(config) as opened:
            return opened.accounts.secrets_of(account)

    return asyncio.run(ask())


def test_an_account_from_nothing(trunkline: Trunkline, config: Path) -> None:
    told = trunkline("account", "create", "acme", "--json")
    assert set(told.json) == {"account", "webhook_secret"}
    assert told.json["account"] == "acme"
    assert secrets_of(config, "acme") == [key_of(told.json["webhook_secret"])]
    data = config.parent / "data"
    assert (data / "trunkline.key").stat().st_mode & 0o077 == 0
    assert "'acme' already" in trunkline("account", "create", "acme", code=1).err
    assert "no account name" in trunkline("account", "create", "a b", code=1).err


def test_for_people(trunkline: Trunkline) -> None:
    told = trunkline("account", "create", "acme")
    assert told.out.splitlines()[0].split() == ["account", "acme"]
    assert told.out.splitlines()[1].split()[1].startswith("whsec_")
    assert "not shown again" in told.err
    assert trunkline("account", "list").out.splitlines()[1].split()[0] == "acme"


def test_nothing_to_list(trunkline: Trunkline) -> None:
    for command in (
        ("account",),
        ("key",),
        ("number",),
        ("suppression",),
        ("webhook", "dead"),
        ("operator",),
    ):
        told = trunkline(*command, "list")
        assert told.out == ""
        assert len(told.err.splitlines()) == 1
        assert trunkline(*command, "list", "--json").json == []


def test_settings(trunkline: Trunkline) -> None:
    trunkline("account", "create", "acme")
    trunkline(
        "account", "set", "acme", "webhook_url=https://a.example/x?a=b", "webhook_events=sent,delivered"
    )
    trunkline("account", "set", "acme", "rate_per_s=2.5", "--env", "test")
    shown = trunkline("account", "show", "acme", "--json").json
    assert shown["live"]["webhook_url"] == shown["test"]["webhook_url"] == "https://a.example/x?a=b"
    assert shown["live"]["webhook_events"] == ["delivered", "sent"]
    assert (shown["live"]["rate_per_s"], shown["test"]["rate_per_s"]) == (0.0, 2.5)
    people = trunkline("account", "show", "acme").out
    assert any(line.split() == ["rate_per_s", "0", "2.5"] for line in people.splitlines())
    assert "whsec_" not in people
    trunkline("account", "set", "acme", "disabled=true")
    assert trunkline("account", "list", "--json").json[0]["disabled"] is True


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["acme", "rate_per_s"], 2, "write KEY=VALUE"),
        (["acme"], 2, "KEY=VALUE"),
        (["acme", "colour=red"], 1, "no setting 'colour': did you mean country? it has alert_balance"),
        (["acme", "rate_per_s=fast"], 1, "rate_per_s=fast: write messages per second"),
        (["nobody", "rate_per_s=1"], 1, "no account 'nobody'"),
        (["acme", "rate_per_s=1", "--env", "prod"], 2, "'prod' is not one of"),
    ],
)
def test_settings_that_are_refused(trunkline: Trunkline, arguments: list[str], code: int, said: str) -> None:
    trunkline("account", "create", "acme")
    assert said in trunkline("account", "set", *arguments, code=code).err


def test_a_rotated_secret_leaves_the_old_one_valid_for_a_day(trunkline: Trunkline, config: Path) -> None:
    first = trunkline("account", "create", "acme", "--json").json["webhook_secret"]
    second = trunkline("account", "rotate-secret", "acme", "--json").json["webhook_secret"]
    assert secrets_of(config, "acme") == [key_of(second), key_of(first)]
    assert "signs too until" in trunkline("account", "rotate-secret", "acme").err
    assert "no account" in trunkline("account", "rotate-secret", "nobody", code=1).err


# --- keys


def test_a_key_is_printed_once_and_alone(trunkline: Trunkline, config: Path) -> None:
    trunkline("account", "create", "acme")
    told = trunkline("key", "create", "acme")
    key = told.out.strip()
    assert key.startswith("sok_live_")
    assert "\n" not in key
    found = caller(config, key)
    assert (found.account, found.env.value, found.scopes) == ("acme", "live", DEFAULT_SCOPES)
    assert key not in trunkline("key", "list").out + trunkline("key", "list", "--json").out


def test_everything_that_a_key_can_have(trunkline: Trunkline, config: Path) -> None:
    trunkline("account", "create", "acme")
    options = ["--env", "test", "--scope", "admin", "--scope", "read:messages", "--expires", "90d"]
    options += ["--allow-from", "192.0.2.0/24", "--member", "ann", "--sub-tenant", "shop", "--json"]
    made = trunkline("key", "create", "acme", *options).json
    found = caller(config, made["key"])
    assert (found.env.value, found.scopes, found.member, found.sub_tenant) == (
        "test",
        frozenset({"admin", "read:messages"}),
        "ann",
        "shop",
    )
    (listed,) = trunkline("key", "list", "acme", "--json").json
    assert listed == {**{k: v for k, v in made.items() if k != "key"}, "state": "valid"}
    trunkline("key", "revoke", made["key_id"])
    assert trunkline("key", "list", "acme", "--json").json[0]["state"] == "revoked"
    assert "was revoked" in trunkline("key", "revoke", made["key_id"], code=1).err


def test_a_leaked_key_is_revoked_by_itself(trunkline: Trunkline) -> None:
    trunkline("account", "create", "acme")
    key = trunkline("key", "create", "acme").out.strip()
    told = trunkline("key", "revoke", key)
    assert "revoked key_" in told.out
    assert key not in told.out


@pytest.mark.parametrize(
    "when", ["2999-01-31", "2999-01-31T12:00:00Z", "2999-01-31T13:00+01:00", "12h", "1w"]
)
def test_times_to_come(trunkline: Trunkline, when: str) -> None:
    trunkline("account", "create", "acme")
    made = trunkline("key", "create", "acme", "--expires", when, "--json").json
    assert made["expires_at"].endswith("Z")
    if when.startswith("2999-01-31T"):
        assert made["expires_at"] == "2999-01-31T12:00:00.000Z"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["nobody"], 1, "no account 'nobody'"),
        (["acme", "--scope", "fly"], 1, "no scope 'fly'"),
        (["acme", "--expires", "soon"], 2, "'soon' is no time: write 90d"),
        (["acme", "--expires", "999999w"], 2, "is no time"),
        (["acme", "--expires", "2001-01-01"], 1, "expired already"),
        (["acme", "--allow-from", "everywhere"], 1, "'everywhere' is no address or network"),
        (["acme", "--kind", "nexmo"], 1, "keys of kind nexmo come with that dialect"),
        (["acme", "--env", "prod"], 2, "'prod' is not one of"),
    ],
)
def test_keys_that_are_refused(trunkline: Trunkline, arguments: list[str], code: int, said: str) -> None:
    trunkline("account", "create", "acme")
    assert said in trunkline("key", "create", *arguments, code=code).err
    assert trunkline("key", "list", "--json").json == []


# --- numbers and suppressions


def test_numbers(trunkline: Trunkline) -> None:
    trunkline("account", "create", "acme")
    trunkline("account", "create", "rival")
    trunkline("number", "add", "+447700900999", "--account", "acme")
    added = trunkline(
        "number", "add", "60777", "--account", "rival", "--env", "test", "--keyword", "Pizza", "--json"
    )
    assert (added.json["keyword"], added.json["env"]) == ("pizza", "test")
    assert [one["number"] for one in trunkline("number", "list", "--json").json] == ["+447700900999", "60777"]
    assert (
        "belongs to account acme"
        in trunkline("number", "add", "+447700900999", "--account", "rival", code=1).err
    )
    assert "no number" in trunkline("number", "add", "ACME", "--account", "acme", code=1).err
    trunkline("number", "remove", "60777", "--keyword", "pizza")
    assert "nobody owns" in trunkline("number", "remove", "60777", "--keyword", "pizza", code=1).err
    assert trunkline("number", "list").out.splitlines()[1].split()[:4] == [
        "+447700900999",
        "-",
        "acme",
        "live",
    ]


def test_suppressions(trunkline: Trunkline) -> None:
    trunkline("account", "create", "acme")
    trunkline("suppression", "add", PHONE, "--account", "acme")
    (entry,) = trunkline("suppression", "list", "--account", "acme", "--json").json
    assert (entry["number"], entry["account"], entry["env"], entry["reason"]) == (
        PHONE,
        "acme",
        "live",
        "manual",
    )
    assert PHONE in trunkline("suppression", "list").out
    assert (
        "not on the test list"
        in trunkline("suppression", "remove", PHONE, "--account", "acme", "--env", "test", code=1).err
    )
    trunkline("suppression", "remove", PHONE, "--account", "acme")
    assert trunkline("suppression", "list", "--json").json == []
    assert (
        "place of the leading 00"
        in trunkline("suppression", "add", "00447700900123", "--account", "acme", code=1).err
    )
    assert "no account" in trunkline("suppression", "add", PHONE, "--account", "nobody", code=1).err


def test_a_credit_limit_that_counts_for_nothing_is_told_at_once(trunkline: Trunkline) -> None:
    trunkline("account", "create", "acme")
    told = trunkline("account", "set", "acme", "--env", "live", "credit_limit=50").err
    assert told == "warning: acme (live) is prepaid: its credit_limit counts only with billing=postpaid\n"
    assert trunkline("account", "set", "acme", "rate_per_s=5").err == ""
    assert trunkline("account", "set", "acme", "--env", "live", "billing=postpaid").err == ""
    assert "is prepaid" in trunkline("account", "set", "acme", "billing=prepaid").err


def test_a_rate_plan_that_is_not_there_is_told_at_once(trunkline: Trunkline, config: Path) -> None:
    trunkline("account", "create", "acme")
    told = trunkline("account", "set", "acme", "rate_plan=gold", "--env", "live")
    assert told.err == (
        "warning: [rates] plans has no 'gold': until it has, whatever acme (live) sends is refused\n"
    )
    (config.parent / "rates").mkdir()
    (config.parent / "rates" / "gold.csv").write_text("prefix,price,currency\n+,0.05,EUR\n")
    with config.open("a") as file:
        file.write('[rates]\nplans = "rates/*.csv"\n')
    assert trunkline("account", "set", "acme", "rate_plan=gold").err == ""
    assert trunkline("account", "set", "acme", "rate_plan=").err == "", "not metered"
    (config.parent / "rates" / "gold.csv").write_text("price\n")
    assert "gold.csv:1: the head lacks" in trunkline("account", "set", "acme", "rate_plan=gold").err
