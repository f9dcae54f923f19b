"""What is measured: each function runs in a fresh process and gives samples by the name of their figure.

Times are in milliseconds, memory in MB. A work takes its job: the contender, the endpoint's URL, a
folder of its own, a folder that all share, and the row's options.
"""

from __future__ import annotations

import json
import signal
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

from tests.bench.machine import choose_clock, now

WORKS = {}


class Job(NamedTuple):
    """What one process has to do."""

    work: str
    contender: str
    url: str
    folder: str
    shared: str
    options: dict[str, Any]

    def case(self, **changes):
        from tests.bench.bodies import Case

        return Case(**{k: v for k, v in (self.options | changes).items() if k in Case._fields})

    def contenders_draw(self, case):
        from tests.bench.contenders import CONTENDERS

        return CONTENDERS[self.contender].one(f"{self.url}/{case.slug}", case.form == "stream")


def work(function):
    WORKS[function.__name__] = function
    return function


def timed(act, *given):
    """Milliseconds of an act, and what it gave."""
    began = now()
    result = act(*given)
    return (now() - began) * 1000, result


def size_of(case):
    from tests.bench.bodies import picture

    # Of any seed.
    return len(picture(case.size, case.padded))


def checked(drawn, case):
    """Nobody is fast by giving another picture."""
    assert drawn == size_of(case), f"{drawn} bytes came, not {size_of(case)}"


@work
def transfer(job):
    """Draw some times after a warm-up; the memory is that of the first draw after it."""
    from tests.bench.bodies import WARM
    from tests.bench.machine import Peak

    case = job.case()
    draw = job.contenders_draw(case)
    # With a tiny picture, so that there is no memory of it that the next draw could use again.
    for n in range(job.options.get("warm", 2)):
        checked(draw(f"{WARM} {n}"), case.warm)
    samples, came = {}, []
    if job.options.get("memory"):
        with Peak() as peak:
            came.append(draw("peak"))
        samples["memory"] = peak.megabytes
    times = [timed(draw, f"prompt {n}") for n in range(job.options.get("runs", 5))]
    for size in (*came, *(result for _, result in times)):
        checked(size, case)
    return samples | {"time": [spent for spent, _ in times]}


@work
def first(job):
    """The first draw of a process, its imports with it."""
    case = job.case()
    began = now()
    came = job.contenders_draw(case)("cat")
    spent = (now() - began) * 1000
    checked(came, case)
    return {"time": [spent]}


@work
def at_once(job):
    """So many draws at once, after one that imports what it takes."""
    import asyncio

    from tests.bench.bodies import WARM
    from tests.bench.contenders import CONTENDERS, limited
    from tests.bench.machine import Peak

    case, count = job.case(), job.options["count"]
    draw = CONTENDERS[job.contender].many(f"{job.url}/{case.slug}")

    async def run():
        checked(await draw(WARM), case.warm)
        began, cpu = now(), time.process_time()
        some = limited(draw, job.options.get("ceiling", 0))
        came = await asyncio.gather(*[some(f"prompt {n}") for n in range(count)])
        spent = now() - began, time.process_time() - cpu
        for size in came:
            checked(size, case)
        return spent

    with Peak() as peak:
        wall, cpu = asyncio.run(run())
    memory = {"memory": peak.megabytes} if job.options.get("memory") else {}
    return {"time": [wall * 1000], "processor": [cpu * 1000]} | memory


@work
def takes(job):
    """So many takes of one request."""
    import nbext
    from tests.bench.contenders import CONTENDERS

    case, count = job.case(), job.options["count"]
    CONTENDERS["nbext"].one(f"{job.url}/{case.slug}", stream=False)("warm")
    times = [timed(lambda n=n: nbext.draw(f"prompt {n}", n=count, yes=True)) for n in range(3)]
    assert all(len(drawn) == count for _, drawn in times)
    return {"time": [spent for spent, _ in times]}


@work
def conversation(job):
    """A draw that goes on with a conversation of so many turns, each with its picture."""
    import nbext
    from tests.bench.contenders import CONTENDERS

    case, count = job.case(), job.options["count"]
    CONTENDERS["nbext"].one(f"{job.url}/{case.slug}", stream=False)
    last = nbext.draw("turn 0")
    for n in range(1, count):
        last = nbext.draw(f"turn {n}", continues=last)
    times = [timed(lambda n=n: nbext.draw(f"next {n}", continues=last)) for n in range(5)]
    return {"time": [spent for spent, _ in times]}


# Histories


def shared_history(job, count, *, sent=False):
    from tests.bench import histories

    return histories.write(Path(job.shared) / f"{count}-{int(sent)}.draws", count, sent=sent)


@work
def draw_after(job):
    """A draw with so many before it; the folder is a copy, because the draws go into it."""
    import os
    import shutil

    count, case = job.options["count"], job.case()
    shutil.copytree(shared_history(job, count), os.environ["NBEXT_HISTORY_FOLDER"])
    draw = job.contenders_draw(case)
    for n in range(3):
        checked(draw(f"warm {n}"), case)
    times = [timed(draw, f"prompt {n}") for n in range(job.options.get("runs", 15))]
    return {"time": [spent for spent, _ in times]}


@work
def open_history(job):
    """Open a history in a fresh process, and use it."""
    count = job.options["count"]
    folder = shared_history(job, count, sent=bool(job.options.get("sent")))
    began = now()
    import nbext

    history = nbext.open(folder)
    length = len(history)
    opened = (now() - began) * 1000
    assert length == count
    if job.options.get("sent"):
        return {"time": [opened]}
    last = [timed(lambda: history[-20:]) for _ in range(5)]
    assert [drawing.number for drawing in last[0][1]] == list(range(count - 19, count + 1))
    found = [timed(lambda: history.search(f"snow n{count // 2} cat")) for _ in range(5)]
    assert all(drawing.number == count // 2 for _, drawings in found for drawing in drawings)
    return {
        "time": [opened],
        "last": [spent for spent, _ in last],
        "search": [spent for spent, _ in found],
    }


# Exports


@work
def export(job):
    """A page with all pictures in it, its pictures' bytes first read from the disk."""
    import base64

    from tests.bench import histories
    from tests.bench.machine import Peak

    count, total = job.options["count"], job.options["export_mb"] * 1_000_000
    padded = job.options["padded"]
    folder = Path(job.shared) / f"png-{count}-{total}-{padded}.draws"
    histories.with_png(folder, count, total // count, padded=padded)
    target = Path(job.folder) / "page.html"

    def pictures():
        for line in (folder / "history.jsonl").open(encoding="utf-8"):
            record = json.loads(line)
            name = record["pictures"][0]["sha256"]
            # The number alone: one Chinese character would make the joined page twice as large.
            yield record["number"], (folder / f"pictures/{name[:2]}/{name}.png").read_bytes()

    def with_nbext():
        history.to_html(target, embed=True)

    def with_f_string():
        page = "".join(
            f'<p>@{number}<img src="data:image/png;base64,{base64.b64encode(data).decode()}">'
            for number, data in pictures()
        )
        target.write_text(f"<!doctype html>{page}", encoding="utf-8")

    def floor():
        import pybase64

        with target.open("wb") as file:
            file.write(b"<!doctype html>")
            for number, data in pictures():
                file.write(f'<p>@{number}<img src="data:image/png;base64,'.encode())
                file.write(pybase64.b64encode(data))
                file.write(b'">')

    act = {"nbext": with_nbext, "f-string": with_f_string, "floor": floor}[job.contender]
    if job.contender == "nbext":
        import nbext

        # What it imports for this, and the history itself, are no part of it.
        few = histories.with_png(Path(job.folder) / "few.draws", 3, 100_000)
        nbext.open(few).to_html(target, embed=True)
        target.unlink()
        history = nbext.open(folder)
        len(history)
    with Peak() as peak:
        spent, _ = timed(act)
    written = target.stat().st_size
    target.unlink()
    assert written > total, f"{written} bytes of a page for {total} of pictures"
    return {"time": [spent], "memory": peak.megabytes}


@work
def provenance(job):
    """Put the note of how it was made into a copy of a PNG, from memory to memory."""
    import io

    import nbext
    from nbext.export.metadata.provenance import with_provenance
    from tests.bench import histories

    folder = Path(job.folder) / "one.draws"
    histories.with_png(folder, 1, job.options["size"])
    drawing = nbext.open(folder)[1]
    data, record, info = drawing.pictures[0].data, drawing.record, drawing.record.pictures[0]

    def with_pillow():
        from PIL import Image
        from PIL.PngImagePlugin import PngInfo

        note = PngInfo()
        note.add_itxt("parameters", drawing.prompt)
        buffer = io.BytesIO()
        with Image.open(io.BytesIO(data)) as image:
            image.save(buffer, "PNG", pnginfo=note)
        return buffer.getvalue()

    act = {"nbext": lambda: with_provenance(data, record, info), "Pillow": with_pillow}[
        job.contender
    ]
    assert drawing.prompt.encode() in act()
    return {"time": [timed(act)[0] for _ in range(job.options.get("runs", 9))]}


@work
def thumbnail(job):
    """A thumbnail as the gallery makes it, beside Pillow's resize and save by default."""
    import io

    from PIL import Image, ImageFilter

    from nbext.imaging.thumbnail import thumbnail as small

    noise = Image.effect_noise((256, 256), 60).filter(ImageFilter.GaussianBlur(0.9))
    band = noise.resize((1024, 1536))
    path = Path(job.folder) / "picture"
    Image.merge("RGB", [band.rotate(3), band.rotate(90), band]).save(path, job.options["format"])

    def by_default():
        with Image.open(path) as image:
            half = image.convert("RGB").resize((341, 512), Image.Resampling.LANCZOS)
            half.save(io.BytesIO(), "WEBP")

    act = {"nbext": lambda: small(path), "Pillow": by_default}[job.contender]
    act()
    return {"time": [timed(act)[0] for _ in range(5)]}


@work
def sketch(job):
    """A sketch of the embedded endpoint, 1,024 pixels wide, in one of its manners."""
    from nbext.embedded.artist import draw

    act = lambda take: draw(f"{job.options['manner']}森林里的猫", take=take)  # noqa: E731
    act(0)
    return {"time": [timed(act, take)[0] for take in range(1, 6)]}


def main(given):
    """Do one job; its samples are the last line that it prints."""
    from tests.bench.machine import pin

    fields = json.loads(given)
    job = Job(**fields["job"])
    choose_clock(fields["clock"])
    if fields["core"] is not None:
        pin(fields["core"])
    if job.work not in WORKS:
        import tests.bench.kernels
        import tests.bench.pages  # noqa: F401
    samples = WORKS[job.work](job)
    sys.stdout.write(f"\n{json.dumps(samples)}\n")


if __name__ == "__main__":
    # The works of other files register themselves in this module, not in a copy of it.
    from tests.bench import works

    # Whoever ends it leaves no JupyterLab behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    works.main(sys.argv[1])
