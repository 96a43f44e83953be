"""What a section tells besides its values."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.config import ConfigErrors, Role, parse
from gateway.config.sections import RedisSettings, StoreSettings

SHARED = '[store]\nurl = "postgresql://gateway@db.internal/sms"\n'


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("sqlite:////var/lib/trunkline/trunkline.db", "sqlite:////var/lib/trunkline/trunkline.db"),
        (
            "postgresql://gateway:s3:cr@t@db.internal:5432/sms",
            "postgresql://gateway:***@db.internal:5432/sms",
        ),
        ("postgresql://gateway:s3cret@db.internal/sms", "postgresql://gateway:***@db.internal/sms"),
        ("postgresql://:s3cret@/sms?host=/run", "postgresql://:***@/sms?host=/run"),
        ("postgresql://gateway@db.internal/sms", "postgresql://gateway@db.internal/sms"),
    ],
)
def test_a_store_is_shown_without_its_password(url: str, shown: str) -> None:
    assert StoreSettings(url=url).shown == shown


def test_a_process_does_everything_until_it_is_told_otherwise(tmp_path: Path) -> None:
    assert parse("", tmp_path).process.roles == (Role.API, Role.SENDER, Role.WEBHOOKS)
    config = parse(f'{SHARED}[process]\nroles = ["${{ROLE}}"]\n', tmp_path, environment={"ROLE": "sender"})
    assert config.process.roles == (Role.SENDER,)


def test_an_embedded_store_has_one_process_for_everything(tmp_path: Path) -> None:
    with pytest.raises(ConfigErrors) as caught:
        parse('[process]\nroles = ["api"]\n', tmp_path, "g")
    (error,) = caught.value.errors
    assert str(error).startswith("g:2: [process]: an embedded store has one process")
    assert "leave out sender and webhooks" in str(error)


@pytest.mark.parametrize("roles", ["[]", '["api", "api"]', '["sends"]', '"api"'])
def test_roles_without_sense_are_refused(tmp_path: Path, roles: str) -> None:
    with pytest.raises(ConfigErrors):
        parse(f"{SHARED}[process]\nroles = {roles}\n", tmp_path)


def test_processes_of_a_shared_store_have_a_journal_each(tmp_path: Path) -> None:
    config = parse(f'{SHARED}[process]\njournal_folder = "flights"\n', tmp_path)
    assert config.journal_of(7) == tmp_path.resolve() / "flights" / "trunkline.7.flights"
    assert config.store_path is None
    embedded = parse("", tmp_path)
    assert embedded.journal_of(7) == embedded.journal_path == tmp_path.resolve() / "trunkline.db.flights"


def test_a_journal_folder_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "taken").touch()
    with pytest.raises(ConfigErrors, match=r"\[process\]: .*/taken is no folder"):
        parse(f'{SHARED}[process]\njournal_folder = "taken"\n', tmp_path)


def test_redis_is_left_out_by_default_and_shown_without_its_password(tmp_path: Path) -> None:
    assert parse("", tmp_path).redis == RedisSettings()
    config = parse(f'{SHARED}[redis]\nurl = "rediss://:s3cret@r.internal:6379/0"\n', tmp_path)
    assert config.redis.shown == "rediss://:***@r.internal:6379/0"
    assert config.redis.required is False
    assert config.needs_restart(parse(SHARED, tmp_path)) == ["[redis]"]


def test_a_url_that_names_no_redis_is_refused_without_its_password(tmp_path: Path) -> None:
    with pytest.raises(ConfigErrors) as caught:
        parse(f'{SHARED}[redis]\nurl = "http://:s3cret@r.internal"\n', tmp_path)
    (error,) = caught.value.errors
    assert "[redis] url: write redis://" in str(error)
    assert "s3cret" not in str(error)


def test_an_embedded_store_has_nothing_to_share(tmp_path: Path) -> None:
    with pytest.raises(ConfigErrors) as caught:
        parse('[redis]\nurl = "redis://127.0.0.1:6379/0"\n', tmp_path, "g")
    (error,) = caught.value.errors
    assert str(error).startswith(
        "g:2: [redis]: an embedded store has one process, which has nothing to share"
    )


@pytest.mark.parametrize("prefix", ["", "a b", "a:b", "x" * 65])
def test_a_prefix_is_one_word(tmp_path: Path, prefix: str) -> None:
    with pytest.raises(ConfigErrors):
        parse(f'{SHARED}[redis]\nprefix = "{prefix}"\n', tmp_path)


def test_a_worker_that_is_only_busy_has_not_hung(tmp_path: Path) -> None:
    for seconds in ("0", "5", "3600"):
        assert parse(f"[process]\nhung_after_s = {seconds}\n", tmp_path).process.hung_after_s == float(
            seconds
        )
    with pytest.raises(
        ConfigErrors, match="0, or 5 and more: a worker that is only busy is silent for seconds"
    ):
        parse("[process]\nhung_after_s = 4.9\n", tmp_path)
