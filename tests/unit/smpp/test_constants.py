"""The numbers are compared with smpplib's, which were typed by other hands."""

import smpplib.command_codes
import smpplib.consts

from smpp.constants import CommandId, MessageState, Status, Tag, is_response, status_name


def test_statuses_are_those_of_smpplib() -> None:
    theirs = {
        name.removeprefix("SMPP_"): getattr(smpplib.consts, name)
        for name in dir(smpplib.consts)
        if name.startswith("SMPP_ESME_")
    }
    ours = {name: int(value) for name, value in Status.__members__.items()}
    assert {name: number for name, number in theirs.items() if ours.get(name) != number} == {}


def test_command_ids_are_those_of_smpplib() -> None:
    ours = {command.name.lower(): int(command) for command in CommandId}
    assert {
        name: number for name, number in smpplib.command_codes.commands.items() if ours.get(name) != number
    } == {}


def test_tags_are_those_of_smpplib() -> None:
    ours = {tag.name.lower(): int(tag) for tag in Tag}
    theirs = {name.lower(): number for name, number in smpplib.consts.OPTIONAL_PARAMS.items()}
    assert {name: number for name, number in theirs.items() if ours.get(name) != number} == {}


def test_a_status_has_the_name_of_the_specification() -> None:
    assert status_name(0x58) == "ESME_RTHROTTLED"
    assert status_name(0x104) == "ESME_RINVDCS"


def test_an_unlisted_status_is_shown_as_a_number() -> None:
    assert status_name(0x432) == "0x00000432"


def test_responses_have_the_high_bit() -> None:
    assert {command.name for command in CommandId if is_response(command)} == {
        command.name
        for command in CommandId
        if command.name.endswith("_RESP") or command.name == "GENERIC_NACK"
    }


def test_message_states_count_from_scheduled() -> None:
    assert [state.name for state in MessageState] == [
        *("SCHEDULED", "ENROUTE", "DELIVERED", "EXPIRED", "DELETED", "UNDELIVERABLE"),
        *("ACCEPTED", "UNKNOWN", "REJECTED", "SKIPPED"),
    ]
