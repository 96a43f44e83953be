"""How exactly an operator's rate is kept, and what a code waits behind a campaign: by the simulated carrier's clock.

For each rate a gateway on an embedded store and a simulated carrier, each a process of its own. A campaign larger than
what the carrier takes fills the operator; then a code is sent again and again. Not collected by pytest:

    python -m tests.load.bench_pacing [--rates 10 100 1000] [--seconds 20] [--binds 1] [--dir /dev/shm]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import aiohttp

from gateway.bench.child import free_port
from tests.acceptance.harness.config import operator, toml

TRUNKLINE = (sys.executable, "-c", "from gateway.cli import main; main()")
PATIENCE_S = 30.0
SETTLE_S = 2.0  #: after the start of a campaign, and not counted
BULK = 500


@dataclass(frozen=True, slots=True)
class Run:
    """What was measured at one rate. Times in seconds."""

    rate: int
    parts: int
    measured_per_s: float
    most_in_a_second: int
    waits: list[float]  #: of codes: from the request to the carrier

    def row(self) -> str:
        """A line of the table."""
        waits = sorted(self.waits)
        p50, p99 = (waits[min(len(waits) - 1, int(len(waits) * share))] for share in (0.5, 0.99))
        off = 100 * (self.measured_per_s / self.rate - 1)
        return (
            f"{self.rate:>8} {self.measured_per_s:>10.2f} {off:>+7.2f} % {self.most_in_a_second:>9} "
            f"{len(waits):>6} {1000 * p50:>8.0f} ms {1000 * p99:>8.0f} ms {1000 * waits[-1]:>8.0f} ms"
        )


HEAD = f"{'rate/s':>8} {'measured':>10} {'off':>9} {'in any s':>9} {'codes':>6} {'p50':>11} {'p99':>11} {'worst':>11}"


def summary(rate: int, submits: Sequence[tuple[float, str]], sent: dict[str, float]) -> Run:
    """The carrier's log of (time, recipient), and when each code was sent, as figures."""
    first_code = min(sent.values())
    times = [at for at, _ in submits if at >= first_code]
    arrived = {to: at for at, to in submits}
    most = max(bisect_left(times, at + 1.0) - index for index, at in enumerate(times))
    measured = (len(times) - 1) / (times[-1] - times[0])
    waits = [arrived[to] - at for to, at in sent.items() if to in arrived]
    if len(waits) < len(sent):
        raise SystemExit(f"{len(sent) - len(waits)} of {len(sent)} codes did not come to the carrier")
    return Run(rate, len(times), measured, most, waits)


async def command(folder: Path, *words: str) -> str:
    """What `trunkline` prints."""
    process = await asyncio.create_subprocess_exec(
        *TRUNKLINE, *words, "--config", str(folder / "gateway.toml"), stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    if process.returncode:
        raise SystemExit(f"trunkline {' '.join(words)} has failed: see above")
    return out.decode()


async def listens(port: int) -> None:
    """Until somebody listens there."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
                continue
            writer.close()
            return


async def ended(process: asyncio.subprocess.Process) -> None:
    """It was asked to end, and has."""
    if process.returncode is None:
        process.terminate()
    await process.wait()


class Load:
    """A campaign, and codes into it."""

    def __init__(self, session: aiohttp.ClientSession, port: int, key: str) -> None:
        self._session = session
        self._base = f"http://127.0.0.1:{port}/v1/sms"
        self._headers = {"X-Api-Key": key}
        self._numbers = 0

    def _message(self, kind: str) -> dict[str, str]:
        self._numbers += 1
        to = f"+4477{self._numbers:08}"
        return {"to": to, "from": "+447700900999", "body": f"{kind} {self._numbers}", "messageType": kind}

    async def _post(self, path: str, body: object) -> None:
        async with self._session.post(f"{self._base}/{path}", json=body, headers=self._headers) as answer:
            if answer.status != 202:
                raise SystemExit(f"POST {path}: {answer.status} {await answer.text()}")

    async def campaign(self, messages: int) -> int:
        """So many at least; how many."""
        for _ in range(0, messages, BULK):
            await self._post("bulk", {"messages": [self._message("MARKETING") for _ in range(BULK)]})
        return self._numbers

    async def codes(self, every_s: float, seconds: float) -> dict[str, float]:
        """When each was sent, by its recipient as the carrier reads it."""
        sent, ends = {}, time.time() + seconds
        while (now := time.time()) < ends:
            code = self._message("OTP")
            sent[code["to"].removeprefix("+")] = now
            await self._post("send", code)
            await asyncio.sleep(max(0.0, now + every_s - time.time()))
        return sent


async def measure(rate: int, seconds: float, binds: int, folder: Path) -> Run:
    """One rate."""
    carrier, api = free_port(), free_port()
    document = {
        "http": {"listen": f"127.0.0.1:{api}", "admin_listen": f"127.0.0.1:{free_port()}"},
        "store": {"url": f"sqlite:///{folder}/bench.db"},
        "operators": [operator("alpha", carrier, rate_per_s=rate, binds=binds, window=max(100, rate // 2))],
        "routes": [{"id": "all", "to": ["+"], "operators": ["alpha"]}],
    }
    (folder / "gateway.toml").write_text(toml(document))
    await command(folder, "account", "create", "bench", "--json")
    key = json.loads(await command(folder, "key", "create", "bench", "--json"))["key"]
    log = folder / "submits.jsonl"
    with (folder / "gateway.log").open("wb") as out:
        smsc = await asyncio.create_subprocess_exec(
            *TRUNKLINE, "simulator", "--port", str(carrier), "--log", str(log), stdout=out, stderr=out
        )
        await listens(carrier)
        gateway = await asyncio.create_subprocess_exec(
            *TRUNKLINE, "serve", "--config", str(folder / "gateway.toml"), stdout=out, stderr=out
        )
        try:
            await listens(api)
            async with aiohttp.ClientSession() as session:
                load = Load(session, api, key)
                campaign = await load.campaign(round(rate * (2 * seconds + SETTLE_S)))
                await asyncio.sleep(SETTLE_S)
                sent = await load.codes(max(0.1, 4 / rate), seconds)
                await asyncio.sleep(min(SETTLE_S, 1.0))
        finally:
            await ended(gateway)
            await ended(smsc)
    if sum(1 for _ in log.open()) >= campaign + len(sent):
        raise SystemExit("the campaign was over before the codes: give it more time, or a smaller rate")
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    return summary(
        rate, [(datetime.fromisoformat(line["at"]).timestamp(), line["to"]) for line in lines], sent
    )


async def run(rates: Sequence[int], seconds: float, binds: int, place: str | None) -> None:
    """The table."""
    sys.stdout.write(HEAD + "\n")
    for rate in rates:
        with tempfile.TemporaryDirectory(dir=place) as folder:
            found = await measure(rate, seconds, binds, Path(folder))
        sys.stdout.write(found.row() + "\n")
        sys.stdout.flush()


def main() -> None:
    """The options."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rates", type=int, nargs="+", default=[10, 100, 1000])
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--binds", type=int, default=1)
    parser.add_argument("--dir", help="where the store is; /dev/shm leaves the disk out of it")
    options = parser.parse_args()
    asyncio.run(run(options.rates, options.seconds, options.binds, options.dir))


if __name__ == "__main__":
    main()
