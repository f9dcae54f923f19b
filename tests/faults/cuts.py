"""A history cut at each byte, with zeros or garbage for its end: only what was torn is gone."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

from nbext.data.record import Record
from nbext.store.store import Store
from tests.faults.case import Tally
from tests.records import draw

ENDS = ("cut", "zeros", "garbage", "sector")


def run(count: int, seed: int) -> Tally:
    """Spoil the end of a history so often, and go on with it."""
    tally = Tally("histories cut, zeroed, spoiled", count=count)
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory() as base:
        folder = Path(base) / "cats.draws"
        store = Store(folder)
        for number in range(8):
            draw(store, prompt=f"画只猫 {number}\n“{number}”", id=f"n{number}", cost=number / 7)
        path = folder / "history.jsonl"
        journal = path.read_bytes()
        lines = journal.split(b"\n")[:-1]
        for place in range(count):
            how = ENDS[place % len(ENDS)]
            at = place // len(ENDS) % len(journal) if count >= len(journal) else None
            at = rng.randrange(len(journal)) if at is None else at
            path.write_bytes(_spoiled(journal, how, at, rng))
            _check(folder, lines, journal, at if how != "sector" else -1, tally, f"{how} at {at}")
    return tally


def _spoiled(journal: bytes, how: str, at: int, rng: random.Random) -> bytes:
    if how == "cut":
        return journal[:at]
    if how == "zeros":
        return journal[:at] + bytes(len(journal) - at)
    if how == "garbage":
        return journal[:at] + rng.randbytes(rng.randint(1, 300)).replace(b"\n", b" ")
    end = min(len(journal), at + 512)
    return journal[:at] + bytes(end - at) + journal[end:]


def _check(
    folder: Path, lines: list[bytes], journal: bytes, at: int, tally: Tally, where: str
) -> None:
    """Whole lines are read, a new drawing is recorded, and then both are there."""
    whole: list[Record] = []
    end = 0
    for line in lines:
        end += len(line) + 1
        if at < 0 or end <= at + 1:
            whole.append(Record.from_line(line))
    store = Store(folder)
    record = draw(store, prompt="after", id="after")
    known = {r.id: r.type for r in Store(folder).records()}
    if known.get(record.id) != "drawing":
        tally.note("lost", f"{where}: the drawing behind it")
    if at >= 0:
        expected = {r.id: r.type for r in whole}
        missing = [
            id_ for id_, type_ in expected.items() if known.get(id_) not in (type_, "drawing")
        ]
        if missing:
            tally.note("lost", f"{where}: {missing}", number=len(missing))
    elif len([id_ for id_ in known if id_.startswith("n")]) < 5:
        tally.note("lost", f"{where}: more than the sector")
    for aside in folder.glob("history.torn-*"):
        aside.unlink()
