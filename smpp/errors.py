"""Every error that the package raises, in one tree.

SmppError
+-- EncodeError    a value of ours that the wire cannot hold: nothing was written
+-- FieldError     a field or TLV of a body that cannot be read (inside the codec; becomes a PduError)
+-- PduError       a received PDU that is wrong but was framed: answer it and go on
+-- FrameError     a broken length: what follows cannot be found, close the link
+-- SessionError   what was asked of a session or a bind cannot be done now
    +-- NotBoundError        its state does not allow it
    +-- WindowFullError      too many requests are unanswered
    +-- BindRefusedError     the peer answered our bind with a `status`
    +-- ConnectionLostError  the connection ended before our bind was answered
"""

from smpp.constants import status_name


class SmppError(Exception):
    """The root: catch this to catch whatever the package raises."""


class EncodeError(SmppError, ValueError):
    """A PDU of ours cannot be written: `field` does not fit its place on the wire."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(f"{field}: {detail}")
        self.field = field
        self.detail = detail


class FieldError(SmppError):
    """A received body is wrong at one place; `status` is the command_status that says so to the peer."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


class PduError(SmppError):
    """A received PDU with a readable header and a wrong rest: the link can go on.

    `status` is the command_status to answer with; `codec.encode_refusal` makes the answer, a generic_nack
    or the response that belongs to `command_id`.
    """

    def __init__(self, status: int, command_id: int, sequence: int, detail: str) -> None:
        super().__init__(f"command 0x{command_id:08X}, sequence {sequence}: {detail}")
        self.status = status
        self.command_id = command_id
        self.sequence = sequence
        self.detail = detail


class FrameError(SmppError):
    """A command_length under 16 or over the limit: send a generic_nack of `status` and close the link.

    `sequence` is 0 where the header could not be read (SMPP 3.4, 4.3.1: "set to NULL").
    """

    def __init__(self, status: int, sequence: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.sequence = sequence
        self.detail = detail


class SessionError(SmppError):
    """What was asked cannot be done now; nothing was written."""


class NotBoundError(SessionError):
    """The session is in a state that does not allow it."""


class WindowFullError(SessionError):
    """As many requests are unanswered as the window allows."""


class BindRefusedError(SessionError):
    """The peer refused our bind with this command_status."""

    def __init__(self, status: int) -> None:
        super().__init__(f"bind refused with {status_name(status)}")
        self.status = status


class ConnectionLostError(SessionError):
    """The connection ended before our bind was answered."""
