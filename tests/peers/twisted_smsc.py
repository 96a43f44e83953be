"""A small SMSC on PyPI `smpp.twisted3`, what Jasmin is built on: a process of its own, started by tests/peers/smsc.py.

In here `smpp` is that package and not ours, so nothing of the product may be imported. It takes every bind, answers
each submit, sends the receipt that was asked for, and speaks of it as smsc.js does: one line of JSON an event

    listening {port}   bind {mode, system_id}   unbound {}   answered {kind, id, status}
    submit {id, from, to, short_message_hex, data_coding, esm_class, registered_delivery}   done {do, tag}

It takes one line of JSON an order, {"do": "inbound", "from", "to", "hex", "data_coding", "esm_class"}, and ends with
its input.
"""
# `smpp` is another package for a type checker, which has no types of this one either.
# mypy: ignore-errors

import json
import sys
from datetime import UTC, datetime
from io import BytesIO

from smpp.pdu.operations import DeliverSM
from smpp.pdu.pdu_encoding import DataCodingEncoder, EsmClassEncoder, RegisteredDeliveryEncoder
from smpp.pdu.pdu_types import (
    AddrNpi,
    AddrTon,
    CommandStatus,
    DataCoding,
    DataCodingScheme,
    EsmClass,
    EsmClassMode,
    EsmClassType,
    MessageState,
    RegisteredDeliveryReceipt,
)
from smpp.twisted.config import SMPPServerConfig
from smpp.twisted.protocol import DataHandlerResponse, SMPPServerProtocol
from smpp.twisted.server import SMPPServerFactory
from twisted.internet import defer, reactor, stdio
from twisted.protocols.basic import LineReceiver

SYSTEM_ID = "esme"
RECEIPT = EsmClass(EsmClassMode.DEFAULT, EsmClassType.SMSC_DELIVERY_RECEIPT)


def say(event, **fields):
    """One line for the test."""
    sys.stdout.write(json.dumps({"event": event, **fields}) + "\n")
    sys.stdout.flush()


class AnybodyMayBind:
    """What smpp.twisted asks about a system_id and its password."""

    def login(self, credentials, _mind, interface):
        """Let it in."""
        return defer.succeed((interface, credentials.username, lambda: None))


class Session(SMPPServerProtocol):
    """One connection, which says when it is unbound."""

    def onPDURequest_unbind(self, request):  # noqa: N802 - the library's name
        say("unbound")
        super().onPDURequest_unbind(request)


class Centre(SMPPServerFactory):
    """The message centre."""

    protocol = Session

    def __init__(self):
        config = SMPPServerConfig(systems={SYSTEM_ID: {"max_bindings": 10}}, msgHandler=self.submitted)
        super().__init__(config, AnybodyMayBind())
        self.last_id = 0

    def addBoundConnection(self, connection):  # noqa: N802 - the library's name
        super().addBoundConnection(connection)
        say("bind", mode=connection.bind_type.name.removeprefix("bind_"), system_id=connection.system_id)

    def submitted(self, _system_id, connection, submit):
        """A submit_sm: the answer goes out when this returns, the receipt in a later turn of the loop."""
        self.last_id += 1
        message_id = f"{self.last_id:08d}"
        asked = submit.params["registered_delivery"]
        say(
            "submit",
            id=message_id,
            short_message_hex=submit.params["short_message"].hex(),
            data_coding=DataCodingEncoder().encode(submit.params["data_coding"])[0],
            esm_class=EsmClassEncoder().encode(submit.params["esm_class"])[0],
            registered_delivery=RegisteredDeliveryEncoder().encode(asked)[0],
            **{
                "from": submit.params["source_addr"].decode(),
                "to": submit.params["destination_addr"].decode(),
            },
        )
        if asked.receipt == RegisteredDeliveryReceipt.SMSC_DELIVERY_RECEIPT_REQUESTED:
            reactor.callLater(
                0.005, self.deliver, connection, "receipt", message_id, receipt(submit, message_id)
            )
        return DataHandlerResponse(status=CommandStatus.ESME_ROK, message_id=message_id)

    def inbound(self, order):
        """A message of a person, to whoever can receive."""
        connection = self.getBoundConnections(SYSTEM_ID).getNextBindingForDelivery()
        message = DeliverSM(
            source_addr_ton=AddrTon.INTERNATIONAL,
            source_addr_npi=AddrNpi.ISDN,
            source_addr=order["from"],
            dest_addr_ton=AddrTon.INTERNATIONAL,
            dest_addr_npi=AddrNpi.ISDN,
            destination_addr=order["to"],
            esm_class=EsmClassEncoder().decode(octet(order["esm_class"])),
            data_coding=DataCoding(DataCodingScheme.RAW, order["data_coding"]),
            short_message=bytes.fromhex(order["hex"]),
        )
        self.deliver(connection, "inbound", "", message)

    def deliver(self, connection, kind, message_id, message):
        """Send it, and say how it was answered."""
        sent = connection.sendDataRequest(message)
        sent.addCallback(lambda result: result.response.status.name)
        sent.addErrback(lambda failure: failure.getErrorMessage())
        sent.addCallback(lambda status: say("answered", kind=kind, id=message_id, status=status))


def octet(number):
    """A number as a file of one octet, as the library reads."""
    return BytesIO(bytes([number]))


def receipt(submit, message_id):
    """The receipt of a message that was delivered."""
    date = datetime.now(UTC).strftime("%y%m%d%H%M")
    text = f"id:{message_id} sub:001 dlvrd:001 submit date:{date} done date:{date} stat:DELIVRD err:000 text:"
    return DeliverSM(
        source_addr_ton=submit.params["dest_addr_ton"],
        source_addr_npi=submit.params["dest_addr_npi"],
        source_addr=submit.params["destination_addr"],
        dest_addr_ton=submit.params["source_addr_ton"],
        dest_addr_npi=submit.params["source_addr_npi"],
        destination_addr=submit.params["source_addr"],
        esm_class=RECEIPT,
        short_message=text.encode("ascii"),
        receipted_message_id=message_id,
        message_state=MessageState.DELIVERED,
    )


class Orders(LineReceiver):
    """What the test wants, by the input."""

    delimiter = b"\n"

    def __init__(self, centre):
        self.centre = centre

    def lineReceived(self, line):  # noqa: N802 - the library's name
        order = json.loads(line)
        if order.get("do") == "inbound":
            self.centre.inbound(order)
            say("done", do="inbound", tag=order["tag"])
        else:
            say("error", message=f"no such order: {order}", tag=order.get("tag"))

    def connectionLost(self, _reason):  # noqa: N802 - the library's name
        reactor.callLater(0, reactor.stop)


def main():
    """Serve on a free port of loopback until the input ends."""
    centre = Centre()
    port = reactor.listenTCP(0, centre, interface="127.0.0.1")
    stdio.StandardIO(Orders(centre))
    say("listening", port=port.getHost().port)
    reactor.run()


if __name__ == "__main__":
    main()
