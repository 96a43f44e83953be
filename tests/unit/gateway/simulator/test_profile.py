"""Profiles: what they hold together, and what they say about mistakes."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from gateway.simulator import FinalState, Profile, ProfileError, load_profile
from gateway.simulator.steps import DropLinks, Throttle
from smpp.constants import Status


def test_a_file_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "carrier.toml"
    path.write_text(
        """
        system_id = "esme"
        ids = "hex-then-decimal"
        max_per_s = 20
        [[outcomes]]
        state = "UNDELIV"
        err = "001"
        percent = 5
        [[rules]]
        to = "777"
        status = "ESME_RINVDSTADR"
        [[rules]]
        every = 10
        status = "0x14"
        [[inbound]]
        sender = "+12025550100"
        recipient = "+447700900999"
        text = "hello"
        every_s = 60
        [[script]]
        after_submits = 100
        do = "throttle"
        for_s = 5
        [[script]]
        at_s = 60
        do = "drop_links"
        """
    )
    profile = load_profile(path)
    assert profile.outcomes[0].state is FinalState.UNDELIV
    assert [rule.status for rule in profile.rules] == [Status.ESME_RINVDSTADR, Status.ESME_RMSGQFUL]
    assert (profile.max_per_s, profile.inbound[0].every_s) == (20, 60.0)
    assert profile.script == (
        Throttle(do="throttle", after_submits=100, for_s=5),
        DropLinks(do="drop_links", at_s=60),
    )


def test_every_mistake_of_a_file_is_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "carrier.toml"
    path.write_text('windw = 3\nids = "roman"\n[[rules]]\nstatus = "ESME_RNONSENSE"\n')
    with pytest.raises(ProfileError) as caught:
        load_profile(path)
    lines = str(caught.value).splitlines()
    assert len(lines) == 3
    assert all(line.startswith(f"{path}: ") for line in lines)
    assert "rules.0.status: 'ESME_RNONSENSE' is no command_status: write 0x58 or ESME_RTHROTTLED" in str(
        caught.value
    )


@pytest.mark.parametrize("content", [b"window = ", b"\xff\xfe"], ids=["toml", "utf-8"])
def test_an_unreadable_file_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "carrier.toml"
    path.write_bytes(content)
    with pytest.raises(ProfileError, match=r"carrier\.toml: "):
        load_profile(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match="No such file"):
        load_profile(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"receipt_delay_min_s": 2, "receipt_delay_max_s": 1}, "swap them"),
        ({"outcomes": [{"percent": 60}, {"percent": 41}]}, "101 percent"),
        ({"receipt_text": "empty", "receipt_tlvs": False}, "say nothing"),
        ({"bind_status": -1}, "greater than or equal to 0"),
        ({"script": [{"do": "unbind"}]}, "a step has one moment: write at_s = SECONDS or after_submits = N"),
        ({"script": [{"do": "unbind", "at_s": 1, "after_submits": 1}]}, "a step has one moment"),
        ({"script": [{"do": "unbind", "at_s": 1, "for_s": 2}]}, r"script\.0\.unbind\.for_s\n.*not permitted"),
        ({"script": [{"do": "dance", "at_s": 1}]}, "'drop_links', 'unbind', "),
        ({"script": [{"do": "slow", "at_s": 1}]}, "answer_delay_s\n.*required"),
    ],
)
def test_what_does_not_agree_is_refused(values: dict[str, object], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        Profile.model_validate(values)


def test_a_profile_does_not_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Profile().window = 3  # type: ignore[misc]
