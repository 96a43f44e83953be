"""Magic destinations of the simulated carrier: what happens to a message is told by the end of its number.

| ends with | what happens |
|---|---|
| 5550001 | refused: ESME_RINVDSTADR |
| 5550002 | receipt REJECTD, err 013 (barred) |
| 5550003 | receipt EXPIRED |
| 5550004 | receipt UNDELIV, err 027 (absent) |
| 5550005 | the first two submits are answered ESME_RTHROTTLED, then delivered |
| 5550006 | delivered, then the recipient replies STOP |
| 5550007 | taken, and no receipt ever comes |
| 5550008 | receipt UNDELIV, err 001 (unknown subscriber) |
| 5550009 | the first submit is taken and not answered, later ones are |
| 5550010 | the connection is dropped at the first submit, which was taken |
| 5550011 | refused: ESME_RSYSERR once, then delivered |

The last four digits agree with those of the operator that answers test keys, so +1 202 555 0003 expires with both;
the carrier asks for seven, because a load test that counts its numbers up comes past any four.
"""

from __future__ import annotations

from gateway.simulator.profile import FinalState, Rule
from smpp.constants import Status

MAGIC: tuple[Rule, ...] = (
    Rule(to="5550001", status=Status.ESME_RINVDSTADR),
    Rule(to="5550002", state=FinalState.REJECTD, err="013"),
    Rule(to="5550003", state=FinalState.EXPIRED),
    Rule(to="5550004", state=FinalState.UNDELIV, err="027"),
    Rule(to="5550005", status=Status.ESME_RTHROTTLED, first=2),
    Rule(to="5550006", reply="STOP"),
    Rule(to="5550007", receipt=False),
    Rule(to="5550008", state=FinalState.UNDELIV, err="001"),
    Rule(to="5550009", answer=False, first=1),
    Rule(to="5550010", drop=True, first=1),
    Rule(to="5550011", status=Status.ESME_RSYSERR, first=1),
)
