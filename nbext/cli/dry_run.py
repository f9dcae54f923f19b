"""The session that running a notebook would make, as far as that can be known without running it.

Magics become the requests that the session would make, with pictures known by their hash. Where
only running can tell, ``Told`` is raised.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import msgspec

from nbext.api.chat import talking_fields
from nbext.cli.check_cells import Magic, Names, Setting
from nbext.config.endpoints import find_endpoint
from nbext.config.loading import apply_environment, file_settings
from nbext.config.settings import Nbext
from nbext.data.request import Reference, Request, public_url
from nbext.drawings.history import History, numbers_of
from nbext.drawings.open import open_history
from nbext.errors import HistoryError, OptionError, ReplayError, SettingsError
from nbext.families.registry import gpt_model
from nbext.magics.draw import request_options, styled
from nbext.magics.like import like
from nbext.magics.parse import VARIABLE
from nbext.session.references import INDEXED, is_url, read_file
from nbext.session.structured_output import ResponseSchema
from nbext.store.replay import Replay, mode_of
from nbext.store.sent_references import sent_reference
from nbext.store.store import Store
from nbext.util.text import printable

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from nbext.data.picture import PictureInfo
    from nbext.data.record import Record
    from nbext.notebook.file import CodeCell

REPLAYED, SENT, FREE, UNKNOWN, NOTHING, FAILS = (
    "replayed",
    "sent",
    "free",
    "unknown",
    "nothing",
    "fails",
)


class Undecidable(Exception):  # noqa: N818 -- ends the look at one magic
    """The verdict is known, or known not to be knowable."""

    def __init__(self, verdict: str, said: str) -> None:
        super().__init__(said)
        self.verdict = verdict
        self.said = said


class New(msgspec.Struct, frozen=True):
    """A drawing that would be made.

    Attributes:
        cell: Where.
        kind: Whether it will have a picture is known of a drawing only.
        number: That it will have.
    """

    cell: int
    kind: str
    number: int


class Rehearsal:
    """The session at work on a notebook that is not run.

    Args:
        notebook: The ``.ipynb``; its history and a settings file are looked for beside it.
        with_key: Judge as where a key is set: without one the embedded endpoint draws for free.
    """

    def __init__(self, notebook: Path, *, with_key: bool) -> None:
        self.folder = notebook.parent
        self.settings = Nbext()
        self.settings.read(*file_settings(self.folder))
        apply_environment(self.settings)
        self.with_key = with_key
        chosen = self.settings.history_folder
        self.history = _history(self.folder / chosen if chosen else notebook)
        self.records = self.history.store.records()
        self.replay = Replay(self.history.store.is_whole)
        self.names = Names()
        self.bound: dict[str, list[Record | New]] = {}
        self.imported: set[str] = set()
        self._shown: dict[Any, Record | New] = {}
        self.drawn: dict[tuple[str, int], New] = {}
        # Where the order of drawings stops being known.
        self._blurred = ""
        self._unset: set[str] = set()

    def mark_order_unknown(self, cell: CodeCell) -> None:
        """From this cell on the order of drawings is not known."""
        self._blurred = self._blurred or f"cell {cell.position}"

    def set(self, step: Setting) -> None:
        """Set what ``%config`` sets; of a variable only that it is set.

        Raises:
            SettingsError: It is refused; what it would have set stays as it was.
        """
        self._unset.discard(step.name)
        if not step.known:
            self._unset.add(step.name)
            return
        setattr(self.settings, step.name, step.value)

    def request(self, magic: Magic, options: argparse.Namespace, prompt: str) -> Request:
        """Make the request that the session would make; its pictures are known by their hash."""
        for opened, name, closed in VARIABLE.findall(prompt):
            if len(opened) == len(closed) and (self.names.may_be(name) or name in self.bound):
                raise Undecidable(UNKNOWN, f"cannot tell: {{{name}}} is a variable")
        prompt = prompt.strip()
        if getattr(options, "like", ""):
            prompt, _ = like(options, prompt, store=self.history.store, folder=self.folder)
        if options.style:
            self.known("styles")
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
        self.known(name)
        return str(getattr(self.settings, name))

    def known(self, setting: str) -> None:
        """Raise ``Told`` where a setting has a value that only running can tell."""
        if setting in self._unset:
            raise Undecidable(UNKNOWN, f"cannot tell: Nbext.{setting} is set to a variable")

    def _extra(self, kind: str, options: argparse.Namespace) -> dict[str, Any]:
        if kind == "video":
            return {"seconds": str(options.seconds)} if options.seconds else {}
        if kind not in ("chat", "respond", "complete"):
            return {}
        if getattr(options, "tools", ""):
            raise Undecidable(UNKNOWN, f"cannot tell: {options.tools} is code of the notebook")
        shape = None
        schema = getattr(options, "schema", "")
        if schema:
            if self.names.may_be(schema):
                raise Undecidable(UNKNOWN, f"cannot tell: {schema} is a variable")
            shape = _shape(self.folder / Path(schema).expanduser())
        search = getattr(options, "search", False)
        return talking_fields(kind, search=search, shape=shape, tools=None)

    def embedded(self, name: str) -> bool:
        """Whether the embedded endpoint would draw."""
        for setting in ("endpoint", "endpoints", "base_url"):
            self.known(setting)
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
        indexed = INDEXED.fullmatch(text)
        name, index_ = (indexed[1], int(indexed[2])) if indexed else (text, None)
        if name in self.bound and name not in self.names.known:
            return self._named(name, index_)
        if name.isidentifier() and self.names.may_be(name):
            raise Undecidable(UNKNOWN, f"cannot tell: {text} is a variable")
        store, mode = self.history.store, mode_of(self.settings.replay, fresh=fresh)
        if is_url(text):
            found = sent_reference(store, prompt, kind, index, url=public_url(text))
            if found is not None and mode != "never":
                return found
            if mode == "only":
                raise ReplayError("")
            raise Undecidable(UNKNOWN, f"cannot tell: {printable(text)[:60]} is fetched")
        try:
            return read_file(text, folder=self.folder)
        except OptionError:
            found = sent_reference(store, prompt, kind, index, source=Path(text).name)
            if found is None or mode == "never":
                raise
            return found

    def _named(self, name: str, index: int | None) -> Reference:
        takes = self.bound[name]
        if index is None and len(takes) != 1:
            raise OptionError(f"{name} is {len(takes)} drawings.", remedy=f"Say which: {name}[0].")
        if index is not None and (len(takes) == 1 or not -len(takes) <= index < len(takes)):
            raise OptionError(f"There is no {name}[{index}].")
        take = takes[index or 0]
        if isinstance(take, New):
            raise self._follows(take)
        return _reference_of(take, _picture_of(take, 1), source=name)

    def _picture(self, text: str) -> tuple[Record, PictureInfo]:
        record, index = self._drawing(text)
        return record, _picture_of(record, index)

    def _drawing(self, text: str) -> tuple[Record, int]:
        """Find what ``@3`` or ``@-1`` would mean at this place of the run."""
        number, index = numbers_of(text)
        if number > 0:
            found = next((r for r in self.records if r.number == number), None)
            if found is None and self._blurred:
                raise Undecidable(UNKNOWN, f"cannot tell: {text} may come from {self._blurred}")
            for item in self._shown.values():
                if found is None and isinstance(item, New) and item.number == number:
                    raise self._follows(item)
            if found is None:
                raise HistoryError(f"There is no drawing @{number}.")
            return found, index
        if self._blurred:
            raise Undecidable(UNKNOWN, f"cannot tell: {text} depends on {self._blurred}")
        shown = {item.id for item in self._shown.values() if not isinstance(item, New)}
        order: list[Record | New] = [r for r in self.records if r.id not in shown]
        order += self._shown.values()
        if -number > len(order):
            raise HistoryError(f"There is no drawing @{number}.")
        item = order[number]
        if isinstance(item, New):
            raise self._follows(item)
        return item, index

    def new(self, cell: CodeCell, magic: str, before: Sequence[Record | New] = ()) -> New:
        """Say which drawing a magic would make."""
        known = [*self._shown.values(), *self.records, *before]
        number = 1 + max((item.number for item in known), default=0)
        kind = "draw" if magic in ("draw", "edit") else magic
        return New(cell=cell.position, kind=kind, number=number)

    def _follows(self, new: New) -> Undecidable:
        """Tell of a request whose picture would be a new one: it is recorded nowhere."""
        if new.kind != "draw":
            return Undecidable(UNKNOWN, f"cannot tell: it depends on what cell {new.cell} answers")
        after = f"with the new picture of cell {new.cell}"
        if self.embedded(""):
            return Undecidable(FREE, f"would be drawn by the embedded endpoint, free, {after}")
        return Undecidable(SENT, f"would be sent, {after}")

    def show(self, made: list[Record | New], *names: str) -> None:
        """Take drawings as shown, and bound to names."""
        for item in made:
            key = object() if isinstance(item, New) else item.id
            self._shown.pop(key, None)
            self._shown[key] = item
        for name in names:
            if name:
                self.bound[name] = made


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


def _shape(path: Path) -> ResponseSchema:
    try:
        return ResponseSchema(msgspec.json.decode(path.read_bytes()))
    except (OSError, msgspec.MsgspecError):
        raise OptionError(f"--schema {path.name}: there is no such schema.") from None
