"""What running a notebook would show again, and what it would pay for, without running it.

The notebook's magics are gone through in order, as *Restart & Run All* would run them, and each is
asked of the history by the fingerprint that the session would make. What only running can tell, a
variable's value or what Python code does, is said to be unknown, never guessed.
"""

from __future__ import annotations

from collections import Counter
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import msgspec

from nbext.cells import Call, Magic, Names, Setting, collect_names, steps
from nbext.connection import Connection
from nbext.conversation import talking_fields
from nbext.data.endpoint import Endpoint, Secret
from nbext.data.request import Reference, Request, public_url
from nbext.errors import HistoryError, NbextError, OptionError, ReplayError, SettingsError
from nbext.history.drawing import printable
from nbext.history.history import History, numbers_of, open_history
from nbext.history.kept import kept
from nbext.history.notebook import NotebookFile
from nbext.history.replay import Replay, mode_of
from nbext.history.store import Store
from nbext.magics.complete import PARSERS
from nbext.magics.draw import request_options, styled
from nbext.magics.like import like
from nbext.magics.parse import VARIABLE, HelpAsked, parse_line, parse_prompt_line
from nbext.references import is_url, read_file
from nbext.schema import Shape
from nbext.settings import apply_environment, file_settings, find_endpoint, resolve_endpoint
from nbext.traits import Nbext
from nbext.wire.choose import gpt_model, is_known

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from nbext.data.picture import PictureInfo
    from nbext.data.record import Record
    from nbext.history.notebook import CodeCell

REPLAYED, SENT, FREE, UNKNOWN, NOTHING, FAILS = (
    "replayed",
    "sent",
    "free",
    "unknown",
    "nothing",
    "fails",
)


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What a magic would do.

    Attributes:
        cell: The cell's position, from 1 on.
        id: The cell's id.
        magic: ``%%draw``, ``%chat`` …; what a call in Python says.
        verdict: ``replayed``, ``sent``, ``free`` (the embedded endpoint draws it), ``unknown``,
            ``nothing`` (it asks nobody) or ``fails``.
        said: The same for people.
        cost: In US dollars, where a price is set; None where it is not known.
    """

    cell: int
    id: str
    magic: str
    verdict: str
    said: str
    cost: float | None = None

    def __str__(self) -> str:
        return f"[{self.cell}] {self.id[:12] or '-':<12} {self.magic:<10} {self.said}"


class _Tell(Exception):  # noqa: N818 -- ends the look at one magic
    """The verdict is known, or known not to be knowable."""

    def __init__(self, verdict: str, said: str) -> None:
        super().__init__(said)
        self.verdict = verdict
        self.said = said


class _New(msgspec.Struct, frozen=True):
    """A drawing that would be made.

    Attributes:
        cell: Where.
        kind: Whether it will have a picture is known of a drawing only.
        number: That it will have.
    """

    cell: int
    kind: str
    number: int


def check(notebook: Path, *, with_key: bool = False) -> list[Finding]:
    """Go through a notebook.

    Args:
        notebook: The ``.ipynb``; its history and a settings file are looked for beside it.
        with_key: Judge as where a key is set: without one the embedded endpoint draws for free.

    Returns:
        What each of our magics would do, in order.

    Raises:
        OptionError: There is no such notebook.
        SettingsError: The settings file beside it is wrong.
    """
    file = NotebookFile(notebook)
    run = _Run(notebook.absolute(), with_key=with_key)
    for cell in file.cells:
        collect_names(cell.source, run.names)
    return [finding for cell in file.cells for finding in run.cell(cell)]


def summary(findings: list[Finding]) -> str:
    """Say in one line what all of it comes to."""
    counted = Counter(finding.verdict for finding in findings)
    said = [f"{counted[REPLAYED]} replayed", f"{counted[SENT]} sent"]
    costs = [f.cost for f in findings if f.verdict == SENT]
    if costs and all(cost is not None for cost in costs):
        said[-1] += f" (about {sum(cost or 0.0 for cost in costs):.3g} USD)"
    words = {FREE: "drawn by the embedded endpoint", FAILS: "would fail", UNKNOWN: "unknown"}
    said += [f"{counted[verdict]} {word}" for verdict, word in words.items() if counted[verdict]]
    return " · ".join(said)


def is_free(findings: list[Finding]) -> bool:
    """Whether it is certain that nothing would be paid."""
    return all(finding.verdict not in (SENT, UNKNOWN) for finding in findings)


class _Run:
    """The session that running the notebook would make, as far as it can be known."""

    def __init__(self, notebook: Path, *, with_key: bool) -> None:
        self.folder = notebook.parent
        self.settings = Nbext()
        self.settings.read(*file_settings(self.folder))
        apply_environment(self.settings)
        self.with_key = with_key
        chosen = self.settings.history_folder
        self.history = _history(self.folder / chosen if chosen else notebook)
        self.records = self.history.store.records()
        self.replay = Replay(self.history.store.has)
        self.names = Names()
        self.bound: dict[str, list[Record | _New]] = {}
        self.imported: set[str] = set()
        self._shown: dict[Any, Record | _New] = {}
        self._drawn: dict[tuple[str, int], _New] = {}
        # Where the order of drawings stops being known.
        self._blurred = ""
        self._unset: set[str] = set()

    def cell(self, cell: CodeCell) -> list[Finding]:
        """Go through a cell."""
        found: list[Finding] = []
        run = steps(cell.source, self.imported)
        if run is None:
            if any(f"%{name}" in cell.source for name in PARSERS) or "nbext" in cell.source:
                self._blur(cell)
                found.append(_finding(cell, "", UNKNOWN, "cannot tell: the cell cannot be read"))
            return found
        for step in run:
            if isinstance(step, Setting):
                self._set(step)
            elif isinstance(step, Call):
                self._blur(cell)
                said = f"cannot tell: {step.said}(…) is Python"
                found.append(_finding(cell, step.said, UNKNOWN, said))
            else:
                found.append(self._magic(cell, step))
        return found

    def _blur(self, cell: CodeCell) -> None:
        self._blurred = self._blurred or f"cell {cell.position}"

    def _set(self, step: Setting) -> None:
        self._unset.discard(step.name)
        if not step.known:
            self._unset.add(step.name)
            return
        try:
            setattr(self.settings, step.name, step.value)
        except NbextError:
            # The cell would fail, and say so; what it would have set stays as it was.
            return

    def _magic(self, cell: CodeCell, magic: Magic) -> Finding:
        said = f"{'%' if magic.body is None else '%%'}{magic.name}"
        try:
            if not magic.once:
                raise _Tell(UNKNOWN, "cannot tell: it stands in a loop, a function or a condition")
            return self._asked(cell, magic, said)
        except _Tell as told:
            if told.verdict == UNKNOWN:
                self._blur(cell)
            elif told.verdict in (SENT, FREE):
                self._show([self._new(cell, magic.name)], magic.bound)
            return _finding(cell, said, told.verdict, told.said)
        except ReplayError:
            why = "would be refused: it is not recorded, and replay is 'only'"
            return _finding(cell, said, FAILS, why)
        except NbextError as error:
            return _finding(cell, said, FAILS, f"would fail: {error}")

    def _asked(self, cell: CodeCell, magic: Magic, said: str) -> Finding:
        options, prompt = self._options(magic)
        asked, takes = self._request(magic, options, prompt), getattr(options, "takes", 1)
        embedded = self._embedded(options.endpoint)
        self._known("replay")
        mode = mode_of(self.settings.replay, fresh=options.fresh)
        fingerprint = asked.fingerprint()
        made: list[Record | _New] = []
        new, reason = 0, ""
        for take in range(takes):
            known = self._drawn.get((fingerprint, take)) if mode in ("always", "only") else None
            if known is not None:
                made.append(known)
                continue
            found = self.replay.find(
                self.records,
                fingerprint,
                take,
                mode=mode,
                cell=cell.id,
                execution=cell.position,
                session="check",
                embedded=embedded,
            )
            reason = reason or found.reason
            if found.record is None:
                new += 1
                self._drawn[fingerprint, take] = self._new(cell, magic.name, before=made)
            made.append(found.record or self._drawn[fingerprint, take])
        if new:
            self._could_be_sent(asked, options.endpoint, embedded=embedded)
        self._show(made, options.name, magic.bound)
        if not new:
            names = " ".join(f"@{item.number}" for item in made)
            return _finding(cell, said, REPLAYED, f"replayed {names}")
        some = f"{new} of {takes} takes " if new < takes else ""
        why = f" ({reason})" if reason else ""
        if embedded:
            words = f"{some}would be drawn by the embedded endpoint, free{why}"
            return _finding(cell, said, FREE, words)
        price = self.settings.prices.get(asked.model)
        cost = None if price is None else round(price * new, 6)
        about = f", about {cost:g} USD" if cost is not None else ""
        return _finding(cell, said, SENT, f"{some}would be sent{about}{why}", cost=cost)

    def _could_be_sent(self, asked: Request, endpoint: str, *, embedded: bool) -> None:
        """Raise what the session would raise before it sends anything."""
        if not embedded and not self.with_key:
            resolve_endpoint(endpoint, settings=self.settings, folder=self.folder)
        if asked.via or is_known(asked.model):
            Connection(self.settings, self.folder).call(
                asked, Endpoint(name="", base_url="", key=Secret(""))
            )

    def _options(self, magic: Magic) -> tuple[argparse.Namespace, str]:
        """Read the line as the magic would."""
        if magic.name == "video" and magic.body is None:
            raise _Tell(NOTHING, "asks for no new film")
        try:
            if magic.body is None:
                parser = PARSERS[magic.name](magic.name, line=True)
                options, prompt = parse_prompt_line(parser, magic.line)
            else:
                options = parse_line(PARSERS[magic.name](magic.name), magic.line)
                prompt = magic.body.strip("\n")
        except HelpAsked:
            raise _Tell(NOTHING, "shows its help") from None
        if options.dry_run or options.code:
            raise _Tell(NOTHING, "shows the request, sends nothing")
        return options, prompt

    def _request(self, magic: Magic, options: argparse.Namespace, prompt: str) -> Request:
        """Make the request that the session would make; its pictures are known by their hash."""
        for opened, name, closed in VARIABLE.findall(prompt):
            if len(opened) == len(closed) and (self.names.may_be(name) or name in self.bound):
                raise _Tell(UNKNOWN, f"cannot tell: {{{name}}} is a variable")
        prompt = prompt.strip()
        if getattr(options, "like", ""):
            prompt, _ = like(options, prompt, store=self.history.store, folder=self.folder)
        if options.style:
            self._known("styles")
        prompt = styled(prompt, options.style, cast("Any", self))
        if not prompt.strip():
            raise OptionError("The prompt is empty.")
        if magic.name == "edit" and not options.images and not options.continues:
            options.images = ["@-1"]
        asked = request_options(options)
        kind = "draw" if magic.name in ("draw", "edit") else magic.name
        before = self._drawing(options.continues)[0] if options.continues else None
        model = asked.pop("model") or (before.model if before else self._model(kind))
        read = partial(self._reference, prompt=prompt, kind=kind, fresh=options.fresh)
        images = [read(image, index=at) for at, image in enumerate(asked.pop("images"))]
        mask = asked.pop("mask")
        extra = self._extra(kind, options) | asked.pop("extra")
        asked.pop("continues")
        return Request(
            prompt=prompt,
            model=gpt_model(model),
            kind=kind,
            references=tuple(images),
            mask=read(mask, index=-1) if mask is not None else None,
            continues=before.id if before else "",
            extra=extra,
            **{name: value for name, value in asked.items() if value is not None},
        )

    def _model(self, kind: str) -> str:
        name = "model" if kind == "draw" else f"{kind}_model"
        self._known(name)
        return str(getattr(self.settings, name))

    def _known(self, setting: str) -> None:
        if setting in self._unset:
            raise _Tell(UNKNOWN, f"cannot tell: Nbext.{setting} is set to a variable")

    def _extra(self, kind: str, options: argparse.Namespace) -> dict[str, Any]:
        if kind == "video":
            return {"seconds": str(options.seconds)} if options.seconds else {}
        if kind not in ("chat", "respond", "complete"):
            return {}
        if getattr(options, "tools", ""):
            raise _Tell(UNKNOWN, f"cannot tell: {options.tools} is code of the notebook")
        shape = None
        schema = getattr(options, "schema", "")
        if schema:
            if self.names.may_be(schema):
                raise _Tell(UNKNOWN, f"cannot tell: {schema} is a variable")
            shape = _shape(self.folder / Path(schema).expanduser())
        search = getattr(options, "search", False)
        return talking_fields(kind, search=search, shape=shape, tools=None)

    def _embedded(self, name: str) -> bool:
        for setting in ("endpoint", "endpoints", "base_url"):
            self._known(setting)
        try:
            found = find_endpoint(name, settings=self.settings, folder=self.folder)
        except SettingsError:
            # What is recorded needs no endpoint.
            return False
        chosen = "embedded" in (name, self.settings.endpoint)
        return found.endpoint.embedded and (chosen or not self.with_key)

    # References

    def _reference(
        self, text: str | Reference, *, prompt: str, kind: str, fresh: bool, index: int
    ) -> Reference:
        if isinstance(text, Reference):
            return text
        if text.startswith("@"):
            return _reference_of(*self._picture(text), source=text)
        if text.isidentifier() and text in self.bound and text not in self.names.known:
            return self._named(text)
        if text.isidentifier() and self.names.may_be(text):
            raise _Tell(UNKNOWN, f"cannot tell: {text} is a variable")
        store, mode = self.history.store, mode_of(self.settings.replay, fresh=fresh)
        if is_url(text):
            found = kept(store, prompt, kind, index, url=public_url(text))
            if found is not None and mode != "never":
                return found
            if mode == "only":
                raise ReplayError("")
            raise _Tell(UNKNOWN, f"cannot tell: {printable(text)[:60]} is fetched")
        try:
            return read_file(text, folder=self.folder)
        except OptionError:
            found = kept(store, prompt, kind, index, source=Path(text).name)
            if found is None or mode == "never":
                raise
            return found

    def _named(self, name: str) -> Reference:
        takes = self.bound[name]
        if len(takes) != 1:
            raise OptionError(f"{name} is {len(takes)} drawings.", remedy=f"Say which: {name}[0].")
        if isinstance(takes[0], _New):
            raise self._follows(takes[0])
        return _reference_of(takes[0], _picture_of(takes[0], 1), source=name)

    def _picture(self, text: str) -> tuple[Record, PictureInfo]:
        record, index = self._drawing(text)
        return record, _picture_of(record, index)

    def _drawing(self, text: str) -> tuple[Record, int]:
        """Find what ``@3`` or ``@-1`` would mean at this place of the run."""
        number, index = numbers_of(text)
        if number > 0:
            found = next((r for r in self.records if r.number == number), None)
            if found is None and self._blurred:
                raise _Tell(UNKNOWN, f"cannot tell: {text} may come from {self._blurred}")
            for item in self._shown.values():
                if found is None and isinstance(item, _New) and item.number == number:
                    raise self._follows(item)
            if found is None:
                raise HistoryError(f"There is no drawing @{number}.")
            return found, index
        if self._blurred:
            raise _Tell(UNKNOWN, f"cannot tell: {text} depends on {self._blurred}")
        shown = {item.id for item in self._shown.values() if not isinstance(item, _New)}
        order: list[Record | _New] = [r for r in self.records if r.id not in shown]
        order += self._shown.values()
        if -number > len(order):
            raise HistoryError(f"There is no drawing @{number}.")
        item = order[number]
        if isinstance(item, _New):
            raise self._follows(item)
        return item, index

    def _new(self, cell: CodeCell, magic: str, before: Sequence[Record | _New] = ()) -> _New:
        """Say which drawing a magic would make."""
        known = [*self._shown.values(), *self.records, *before]
        number = 1 + max((item.number for item in known), default=0)
        kind = "draw" if magic in ("draw", "edit") else magic
        return _New(cell=cell.position, kind=kind, number=number)

    def _follows(self, new: _New) -> _Tell:
        """Tell of a request whose picture would be a new one: it is recorded nowhere."""
        if new.kind != "draw":
            return _Tell(UNKNOWN, f"cannot tell: it depends on what cell {new.cell} answers")
        after = f"with the new picture of cell {new.cell}"
        if self._embedded(""):
            return _Tell(FREE, f"would be drawn by the embedded endpoint, free, {after}")
        return _Tell(SENT, f"would be sent, {after}")

    def _show(self, made: list[Record | _New], *names: str) -> None:
        for item in made:
            key = object() if isinstance(item, _New) else item.id
            self._shown.pop(key, None)
            self._shown[key] = item
        for name in names:
            if name:
                self.bound[name] = made


def _finding(
    cell: CodeCell, magic: str, verdict: str, said: str, *, cost: float | None = None
) -> Finding:
    return Finding(
        cell=cell.position,
        id=printable(cell.id),
        magic=magic,
        verdict=verdict,
        said=printable(said),
        cost=cost,
    )


def _history(path: Path) -> History:
    try:
        return open_history(path)
    except HistoryError:
        return History(Store(path.with_suffix(".draws"), read_only=True))


def _reference_of(record: Record, info: PictureInfo, *, source: str) -> Reference:
    return Reference(data=b"", info=info, source=source, drawing=record.id)


def _picture_of(record: Record, index: int) -> PictureInfo:
    if not 1 <= index <= len(record.pictures):
        raise HistoryError(f"The drawing @{record.number} has no picture {index}.")
    return record.pictures[index - 1]


def _shape(path: Path) -> Shape:
    try:
        return Shape(msgspec.json.decode(path.read_bytes()))
    except (OSError, msgspec.MsgspecError):
        raise OptionError(f"--schema {path.name}: there is no such schema.") from None
