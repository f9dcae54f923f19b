"""Seeded faults on every wire format, and on the way to the picture: what a session makes of them."""

from __future__ import annotations

import asyncio
import collections
import dataclasses
import random
import re
import tempfile
import traceback
from pathlib import Path

from nbext.config.settings import Nbext
from nbext.errors import NbextError
from nbext.session.session import Session
from tests.faults.answers import FILM, GOOD, PICTURE, Good
from tests.faults.case import Tally
from tests.faults.faulty import FAULTS, HARMLESS, Fault
from tests.faults.server import Exchange, FaultServer
from tests.faults.surroundings import KEY, hurry, paid_endpoint

AT_ONCE = 24
# Seconds that an answer has, and after which a request hangs.
TOTAL = 1.0
PATIENCE = 60.0
_NUMBER = re.compile(rb"fault-(\d+)-")


@dataclasses.dataclass
class Plan:
    """One fault.

    Attributes:
        good: The answer that it spoils.
        name: The fault's.
        fault: What spoils it.
        on_download: Whether the answer is good, and what it points to is not.
        seed: Of the fault's own chances.
        statuses: What the POSTs were answered.
    """

    good: Good
    name: str
    fault: Fault
    on_download: bool
    seed: int
    statuses: list[str] = dataclasses.field(default_factory=list)


def plans(count: int, seed: int) -> list[Plan]:
    """Every fault on every answer in turn, in an order of chance."""
    rng = random.Random(seed)
    every = [
        (good, name, on_download)
        for good in GOOD
        for name in FAULTS
        for on_download in ((False, True) if b"ORIGIN" in good.body else (False,))
    ]
    chosen: list[tuple[Good, str, bool]] = []
    while len(chosen) < count:
        rng.shuffle(every)
        chosen += every
    return [Plan(g, name, FAULTS[name], d, rng.getrandbits(32)) for g, name, d in chosen[:count]]


class Relay:
    """Answers each request as its plan says."""

    def __init__(self, planned: list[Plan]) -> None:
        self.planned = planned
        self.base = ""

    async def __call__(self, x: Exchange) -> None:
        match = _NUMBER.search(x.request.body + x.request.path.encode())
        if match is None:
            # The list of models, or a job without an address.
            await x.answer(b'{"data":[]}', content_type="application/json")
            return
        plan = self.planned[int(match[1])]
        rng = random.Random(plan.seed)
        is_post = x.request.method == "POST"
        if not is_post:
            data = FILM if "film" in x.request.path else PICTURE
            media_type = "video/mp4" if data is FILM else "image/png"
            good = Good(plan.good.wire, plan.good.kind, data, media_type)
            await (plan.fault if plan.on_download else FAULTS["without_length"])(x, good, rng)
            return
        origin = f"{self.base}/fault-{match[1].decode()}-".encode()
        good = dataclasses.replace(plan.good, body=plan.good.body.replace(b"ORIGIN", origin))
        if plan.on_download:
            await FAULTS["without_length"](x, good, rng)
            return
        x.send = _noting(x.send, plan.statuses)  # type: ignore[method-assign]
        await plan.fault(x, good, rng)


def _noting(send, statuses):
    """Note the head of an answer as it is sent."""
    statuses.append("")

    async def noted(data: bytes) -> None:
        if len(statuses[-1]) < 300:
            statuses[-1] += data[:300].decode("latin-1")
        await send(data)

    return noted


def run(count: int, seed: int) -> Tally:
    """Ask for a drawing behind each of the faults."""
    tally = Tally("faults on the wire", count=count)
    planned = plans(count, seed)
    with tempfile.TemporaryDirectory() as folder, hurry():
        asyncio.run(_run(planned, Path(folder), tally))
    kinds = collections.Counter(plan.name for plan in planned)
    tally.facts |= {"kinds": len(kinds), "wires": len({plan.good.wire for plan in planned})}
    return tally


async def _run(planned: list[Plan], folder: Path, tally: Tally) -> None:
    relay = Relay(planned)
    ended: collections.Counter[str] = collections.Counter()
    async with FaultServer(relay) as server:
        relay.base = server.base
        with paid_endpoint(server.base):
            hasty, patient = (
                Session(
                    folder / "cats.draws",
                    chosen=Nbext(silence_timeout=total, total_timeout=total, confirm_above=10**9),
                )
                for total in (TOTAL, PATIENCE / 2)
            )
            gate = asyncio.Semaphore(AT_ONCE)

            async def one(number: int) -> None:
                async with gate:
                    plan = planned[number]
                    session = patient if plan.name in HARMLESS else hasty
                    ended[await _ask(session, plan, number, tally)] += 1

            await asyncio.gather(*map(one, range(len(planned))))
            _check_records(patient, planned, tally)
            for session in (hasty, patient):
                await session.runner.bridge(session.close())
                session.runner.close()
    tally.facts["ended"] = dict(ended.most_common(8))


async def _ask(session: Session, plan: Plan, number: int, tally: Tally) -> str:
    """Ask for one drawing; give the name of how it ended."""
    where = f"{plan.name} on {'the picture of ' if plan.on_download else ''}{plan.good.wire}"
    where += f" #{number}"
    problem: BaseException | None = None
    try:
        async with asyncio.timeout(PATIENCE):
            asked = session.adraw(
                f"fault-{number}- a cat", kind=plan.good.kind, model="m", via=plan.good.wire
            )
            await asked
    except NbextError as error:
        problem = error
        if KEY in f"{error}{error!r}{vars(error)}":
            tally.note("entered", f"the key stands in the error of {where}")
    except TimeoutError:
        tally.note("hangs", where)
        return "hang"
    except BaseException as error:
        tally.note("bare", f"{where}: {''.join(traceback.format_exception(error)[-4:])}")
        return "bare"
    if problem is not None and (plan.name in HARMLESS):
        tally.note("lost", f"{where}: {problem}")
    again = [status for status in plan.statuses[:-1] if not _may_be_asked_again(status)]
    if again:
        tally.note("paid_twice", f"{where}: {again[0][:60]!r}")
    return type(problem).__name__ if problem else "a result"


def _may_be_asked_again(head: str) -> bool:
    """Whether an answer says that nothing was begun."""
    status = head[9:12]
    refused = status in {"400", "413", "415", "422", "501"}
    return refused or (status in {"429", "503"} and "retry-after" in head.lower())


def _check_records(session: Session, planned: list[Plan], tally: Tally) -> None:
    """Each request has a record; a good one has its result, whole."""
    store = session.store
    records = {int(r.prompt.split("-")[1]): r for r in store.records()}
    for number, plan in enumerate(planned):
        record = records.get(number)
        if record is None or record.type != "drawing":
            tally.note("lost", f"{plan.name} #{number} has no record")
            continue
        results = [*record.pictures, *record.films]
        has_to_bring_one = plan.good.kind in ("draw", "video") and record.error is None
        if has_to_bring_one and not results:
            tally.note("lost", f"{plan.name} #{number} is recorded as good, with nothing")
        if not all(store.is_whole(info.sha256) for info in results):
            tally.note("lost", f"{plan.name} #{number}: its picture is not whole")
    if KEY.encode() in (store.folder / "history.jsonl").read_bytes():
        tally.note("entered", "the key stands in the history")
