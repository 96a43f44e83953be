"""What the simulated carrier writes down."""

import io
import json
from datetime import UTC, datetime

from gateway.simulator.record import SimulatorCounters, Submit, SubmitLog
from smpp.pdu import SubmitSm


def test_a_submit_is_one_line_of_json() -> None:
    out = io.StringIO()
    pdu = SubmitSm(
        source_addr="447700900999",
        destination_addr="12025550123",
        registered_delivery=1,
        esm_class=0x40,
        short_message=b"\x05\x00\x03\x07\x02\x01one\ntwo",
    )
    log = SubmitLog(out)
    log(Submit(datetime(2026, 4, 18, 10, tzinfo=UTC), "esme", "17", 0, pdu))
    log(Submit(datetime(2026, 4, 18, 10, tzinfo=UTC), "esme", "", 0x58, pdu))
    first, second = map(json.loads, out.getvalue().splitlines())
    assert first == {
        "at": "2026-04-18T10:00:00.000+00:00",
        "systemId": "esme",
        "messageId": "17",
        "status": "ESME_ROK",
        "from": "447700900999",
        "to": "12025550123",
        "text": "one\ntwo",
        "dataCoding": 0,
        "esmClass": 0x40,
        "registeredDelivery": 1,
    }
    assert (second["status"], second["messageId"]) == ("ESME_RTHROTTLED", "")


def test_counts_name_the_status_that_refused() -> None:
    counters = SimulatorCounters(submits=3)
    counters.refused[0x58] += 2
    counters.refused[0x0B] += 1
    assert json.loads(json.dumps(counters.as_dict()))["refused"] == {
        "ESME_RINVDSTADR": 1,
        "ESME_RTHROTTLED": 2,
    }
