"""A drawing, and a list of drawings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, Protocol, SupportsIndex, overload

from nbext.data.differences import actual, differences, requested
from nbext.data.picture import is_film, is_sound
from nbext.data.record import started_of, tags_of
from nbext.data.request import lineage_of, listed
from nbext.data.route import route_lines
from nbext.data.wording import revision_of
from nbext.display.caption import caption, summary
from nbext.drawings.picture import Picture
from nbext.errors import HistoryError, OptionError
from nbext.messages.say import phrase
from nbext.util.atomic import atomic_write
from nbext.util.public import Public
from nbext.util.tracebacks import hide_own_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from PIL.Image import Image

    from nbext.config.settings import Nbext
    from nbext.data.cell import Cell
    from nbext.data.differences import Difference
    from nbext.data.record import Failure, Record
    from nbext.data.wording import Revision
    from nbext.drawings.lineage import Tree
    from nbext.drawings.marks import Change
    from nbext.export.c2pa.credentials import Credentials
    from nbext.export.c2pa.sign import Certificate
    from nbext.store.store import Store


class Sender(Protocol):
    """Replays or sends requests."""

    settings: Nbext
    cell: Callable[[], Cell]

    @property
    def beside(self) -> Path:
        """The folder that relative paths start from."""

    def fetch(self, drawing: Drawing) -> Any:
        """Download a result that was paid for but has not arrived."""

    def tell_warnings(self) -> None:
        """Print warnings about a drawing that did not fail."""

    def draw(self, prompt: str, **fields: Any) -> Any:
        """Draw and wait for the result. The fields are those of ``nbext.draw``."""

    def again(self, drawing: Drawing, fields: Mapping[str, Any], *, line: bool, below: bool) -> Any:
        """Draw another take of a recorded request."""

    def code(self, record: Record, language: str) -> str:
        """Write a recorded request as code."""


class Owner(Protocol):
    """The history of a drawing, as the drawing needs it."""

    store: Store
    session: Any

    @property
    def inline_limit(self) -> int:
        """The largest picture, in bytes, that is shown in full."""

    def beside(self, path: str | Path) -> Path:
        """Resolve a relative path, which starts at the notebook's folder."""

    def by_ids(self, ids: Iterable[str]) -> Drawings:
        """Get drawings by their ids."""

    def mark(self, id_: str, change: Change) -> Record:
        """Set a star, a tag or a note from a cell."""

    def annotate(self, id_: str, changes: dict[str, Any]) -> Record:
        """Set a star, a tag or a note from the panel, without a cell."""

    def marks(self, id_: str) -> dict[str, Any]:
        """Return a drawing's star, tags and note at this point of the notebook."""

    def tree(self, drawing: Drawing | None = None) -> Tree:
        """Return the tree of drawings and their edits."""


class Code(str):
    """Code that a cell displays as it is, with its lines."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


class Drawing(Public):
    """One request and its result, which may be an error.

    Example:
        >>> d = nbext.draw("画只猫")  # doctest: +SKIP
        >>> d.edit("加一顶帽子").save("cat.png")  # doctest: +SKIP
    """

    def __init__(
        self,
        record: Record,
        history: Owner,
        *,
        replayed: bool = False,
        earlier: Sequence[int] = (),
    ) -> None:
        self.record = record
        self.history = history
        self.replayed = replayed
        self.earlier = earlier

    def __reduce__(self) -> tuple[Any, ...]:
        # Pickled as a reference: the picture stays in the history's folder.
        return _drawing_in, (self.history, self.id, self.replayed)

    @property
    def id(self) -> str:
        """The drawing's globally unique id."""
        return self.record.id

    @property
    def store(self) -> Store:
        """The folder with its record and pictures."""
        return self.history.store

    @property
    def notebook_folder(self) -> Path:
        """The folder of its notebook."""
        session = self.history.session
        return session.beside if session else self.store.folder.parent

    @property
    def number(self) -> int:
        """The drawing's number; captions show number 3 as ``@3``."""
        return self.record.number

    @property
    def kind(self) -> str:
        """``draw``, ``chat``, ``respond``, ``complete`` or ``video``."""
        return self.record.kind

    @property
    def prompt(self) -> str:
        """The prompt as typed."""
        return self.record.prompt

    @property
    def model(self) -> str:
        """The requested model. ``record.answered_model`` is the one that the endpoint names."""
        return self.record.model

    @property
    def pictures(self) -> list[Picture]:
        """The pictures of the answer, in order."""
        return [Picture(info, self, i) for i, info in enumerate(self.record.pictures)]

    @property
    def films(self) -> list[Picture]:
        """The films of the answer, in order."""
        films = [info for info in self.record.films if is_film(info)]
        return [Picture(info, self, i) for i, info in enumerate(films)]

    @property
    def sounds(self) -> list[Picture]:
        """The sounds of the answer, in order.

        Example:
            >>> nbext.history[-1].sounds[0].save("hello")  # doctest: +SKIP
        """
        sounds = [info for info in self.record.films if is_sound(info)]
        return [Picture(info, self, i) for i, info in enumerate(sounds)]

    @property
    def lost(self) -> list[str]:
        """Why pictures of the answer were left out, one line each. Empty if none was."""
        return list(self.record.lost)

    @property
    def image(self) -> Image:
        """The first picture as a PIL image.

        Raises:
            HistoryError: There is no picture.
        """
        return self._first().image

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        """Return the first picture's pixels, for numpy and matplotlib.

        Example:
            >>> plt.imshow(nbext.history[3])  # doctest: +SKIP
        """
        return self._first().__array__(dtype, copy)

    def __getitem__(self, index: object) -> NoReturn:
        # Without it, Python says that an object of some class is not subscriptable.
        raise hide_own_lines(TypeError(phrase("picture.not_a_list")))

    def _first(self) -> Picture:
        if not self.record.pictures:
            raise missing_picture(self)
        return self.pictures[0]

    @property
    def text(self) -> str:
        """The text of the answer, unchanged."""
        return self.record.text

    @property
    def reasoning(self) -> str:
        """The model's reasoning, if the answer contains it."""
        return self.record.reasoning

    @property
    def usage(self) -> dict[str, Any]:
        """Token counts and other usage figures, under the endpoint's own names."""
        return dict(self.record.usage)

    @property
    def requested(self) -> dict[str, str]:
        """The requested values by name: model, size, quality, n and others."""
        return requested(self.record)

    @property
    def actual(self) -> dict[str, str]:
        """The values of the result, under the same names; also the revised prompt, if known."""
        return actual(self.record)

    @property
    def differences(self) -> list[Difference]:
        """The values of the result that differ from the requested ones.

        Example:
            >>> nbext.history[3].differences  # doctest: +SKIP
            [Difference(name='size', requested='2448x3264', actual='1086x1448')]
        """
        return differences(self.record)

    @property
    def mask_change(self) -> float | None:
        """The share of the pixels protected by the mask that changed nevertheless, 0 to 1.

        None without a mask, or if the result has a different shape.
        """
        return self.record.mask_change

    def mask_overlay(self, index: int = 0) -> Image:
        """Show protected pixels that changed in red, and the area that may change in pale.

        Args:
            index: The index of the picture, from 0.

        Raises:
            HistoryError: The drawing has no mask, or the pictures cannot be compared.

        Example:
            >>> nbext.history[3].mask_overlay()  # doctest: +SKIP
            <PIL.Image.Image image mode=RGB size=768x768>
        """
        from nbext.drawings.masking import mask_overlay

        count = len(self.record.pictures)
        overlay = mask_overlay(self.record, self.store, index) if 0 <= index < count else None
        if overlay is None:
            raise HistoryError(phrase("history.no_mask", number=self.number))
        return overlay

    @property
    def revision(self) -> Revision:
        """A word diff of the prompt as revised by the endpoint. Empty if it was not revised.

        Example:
            >>> nbext.history[3].revision  # doctest: +SKIP
            a {+fluffy +}red cat
        """
        return revision_of(self.record)

    @property
    def route(self) -> list[str]:
        """The source that the fields of the answer are consistent with. It is not proof."""
        return route_lines(self.record)

    @property
    def cost(self) -> float | None:
        """The cost in US dollars, or None if unknown."""
        return self.record.cost

    @property
    def elapsed(self) -> float:
        """The seconds from sending the request to the end of the answer."""
        return self.record.elapsed

    @property
    def started(self) -> datetime | None:
        """When the request was sent, in UTC, or None if not recorded."""
        return started_of(self.record)

    @property
    def parameters(self) -> dict[str, Any]:
        """The options and fields of the request, except prompt, model and pictures."""
        return dict(self.record.parameters)

    @property
    def take(self) -> int:
        """The index of this take, from 0."""
        return self.record.take

    @property
    def endpoint(self) -> str:
        """The endpoint's name."""
        return self.record.endpoint

    @property
    def host(self) -> str:
        """The endpoint's host."""
        return self.record.host

    @property
    def wire(self) -> str:
        """The wire format of the request."""
        return self.record.wire

    @property
    def request_id(self) -> str:
        """The endpoint's id of the request, for its support team."""
        return self.record.request_id

    @property
    def error(self) -> Failure | None:
        """What went wrong, or None if the drawing succeeded."""
        return self.record.error

    def lineage(self, index: int = 0) -> str:
        """Describe the request behind one of the pictures, for requests that use it.

        Example:
            >>> nbext.history[5].lineage()  # doctest: +SKIP
        """
        return lineage_of(self.record.fingerprint, self.record.take, index)

    @property
    def parents(self) -> Drawings:
        """The drawings that this one was made from."""
        return self.history.by_ids(self.record.parents)

    @property
    def children(self) -> Drawings:
        """The drawings that were made from this one."""
        ids = [r.id for r in self.history.store.records() if self.id in r.parents]
        return self.history.by_ids(ids)

    def tree(self) -> Tree:
        """Return the tree of this drawing's ancestors and descendants.

        Example:
            >>> nbext.history[1].tree()  # doctest: +SKIP
        """
        return self.history.tree(self)

    @property
    def _changes(self) -> dict[str, Any]:
        """The current star, tags and note, even if another object changed them."""
        record = self.history.store.record(self.id)
        return (record or self.record).changes

    @property
    def starred(self) -> bool:
        """Whether the drawing has a star."""
        return self._changes.get("star") is True

    @property
    def tags(self) -> list[str]:
        """The tags, in the order in which they were added."""
        return tags_of(self._changes)

    @property
    def note(self) -> str:
        """The note. Assign a text to change it."""
        return str(self._changes.get("note", ""))

    @note.setter
    def note(self, text: str) -> None:
        self._mark(lambda _: {"note": str(text)})

    def star(self, on: bool = True) -> Drawing:
        """Add a star, or remove it.

        Example:
            >>> nbext.history[3].star()  # doctest: +SKIP
        """
        return self._mark(lambda _: {"star": bool(on)})

    def tag(self, *names: str) -> Drawing:
        """Add tags.

        Example:
            >>> nbext.history[3].tag("final", "night")  # doctest: +SKIP
        """
        return self._mark(lambda now: {"tags": list(dict.fromkeys([*tags_of(now), *names]))})

    def untag(self, *names: str) -> Drawing:
        """Remove tags.

        Example:
            >>> nbext.history[3].untag("final")  # doctest: +SKIP
        """
        return self._mark(lambda now: {"tags": [tag for tag in tags_of(now) if tag not in names]})

    def _mark(self, change: Change) -> Drawing:
        self.record = self.history.mark(self.id, change)
        return self

    def credentials(self, *, trust: str | Path | None = None) -> Credentials:
        """Read the Content Credentials of the first picture; see ``Picture.credentials``.

        Raises:
            HistoryError: There is no picture.

        Example:
            >>> drawing.credentials()  # doctest: +SKIP
        """
        return self._first().credentials(trust=trust)

    def save(
        self,
        path: str | Path,
        *,
        overwrite: bool = False,
        provenance: bool = True,
        sign: Certificate | bool = False,
    ) -> Path:
        """Save the first film, picture or sound to a file; see ``Picture.save``.

        Raises:
            HistoryError: There is no picture.
            OptionError: The file already exists.

        Example:
            >>> drawing.save("cat.png")  # doctest: +SKIP
        """
        others = self.films or ([] if self.record.pictures else self.sounds)
        first = others[0] if others else self._first()
        return first.save(path, overwrite=overwrite, provenance=provenance, sign=sign)

    def save_reply(self, path: Path) -> None:
        """Save the text of the answer, or the picture if the file name is that of a picture.

        Raises:
            OptionError: The file cannot be written.

        Example:
            >>> answer.save_reply("answer.md")  # doctest: +SKIP
        """
        if path.suffix.lower() in (".png", ".jpg", ".jpeg", ".webp") and self.record.pictures:
            self.save(path, overwrite=True)
            return
        try:
            with atomic_write(path) as part:
                part.write_text(self.text, encoding="utf-8")
        except OSError as error:
            raise OptionError(
                phrase("history.unwritable", path=path, value=error.strerror or error),
                remedy=phrase("history.answer_kept", number=self.number),
            ) from None

    def edit(self, prompt: str, **options: Any) -> Any:
        """Draw with the first picture as the reference.

        Args:
            prompt: What to change.
            **options: Options of ``nbext.draw``.

        Raises:
            HistoryError: The history was opened for reading only.

        Example:
            >>> drawing.edit("add a red hat")  # doctest: +SKIP
        """
        options.setdefault("model", self.model)
        images = [self, *listed(options.pop("images", None))]
        return self._session().draw(prompt, verb="edit", images=images, **options)

    def again(self, *, line: bool = False, below: bool = False, **options: Any) -> Any:
        """Draw another take of the same request.

        Like any request, it is replayed when all cells are run.

        Args:
            line: Also redraw everything that led to this drawing, starting at its root. Each
                edit uses the new picture.
            below: Also redraw everything made from this drawing.
            **options: Options of ``nbext.draw`` that change the request. With ``line`` or
                ``below``, only options that every request accepts, such as ``model``.

        Returns:
            The new drawing; with ``line`` or ``below``, all new drawings in order.

        Raises:
            HistoryError: The history was opened for reading only, or a reference is missing.

        Example:
            >>> nbext.history[1].again(below=True, model="gpt-image-1")  # doctest: +SKIP
        """
        return self._session().again(self, options, line=line, below=below)

    def fetch(self) -> Drawing:
        """Download a paid result that has not arrived: a job's or a linked picture. Free.

        Returns:
            This drawing, with the pictures.

        Raises:
            HistoryError: The drawing has no job and no link, or the history is read-only.
            RequestError: The job failed, or the result cannot be downloaded.

        Example:
            >>> history[3].fetch()  # doctest: +SKIP
        """
        drawing: Drawing = self._session().fetch(self)
        return drawing

    def code(self, language: str = "python") -> str:
        """Return the request as code, without the key.

        Args:
            language: ``shell``, ``python``, ``javascript`` …; errors list all names.

        Example:
            >>> drawing.code("curl")  # doctest: +SKIP
        """
        return Code(self._session().code(self.record, language))

    def _session(self) -> Sender:
        sender: Sender | None = self.history.session
        if sender is None:
            raise HistoryError(
                phrase("history.read_only"),
                remedy=phrase("history.draw_here"),
            )
        return sender

    def caption(self, language: str = "") -> str:
        """Return the caption: number, model, time, size and endpoint in one line.

        Args:
            language: ``en`` or ``zh``; the language of the messages by default.

        Example:
            >>> nbext.history[3].caption()  # doctest: +SKIP
            '@3 · gpt-4o-image · 12.4 s · 1024×1536 · 1.8 MB · relay.example'
        """
        replayed, earlier = self.replayed, self.earlier
        return caption(self.record, replayed=replayed, earlier=earlier, language=language)

    def _repr_mimebundle_(self, **_: Any) -> Any:
        from nbext.display.mimebundle import bundle

        return bundle(self, inline_limit=self.history.inline_limit)

    def _ipython_display_(self) -> None:
        from nbext.display.show import display_items

        display_items([self], self._repr_mimebundle_())

    def __repr__(self) -> str:
        return summary(self.record)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Drawing) and self.id == other.id

    def __hash__(self) -> int:
        return hash(self.id)


def _drawing_in(history: Owner, id_: str, replayed: bool) -> Drawing:
    """Restore a drawing from a pickle.

    Raises:
        HistoryError: The history no longer contains the drawing.
    """
    record = history.store.record(id_)
    if record is None:
        raise HistoryError(phrase("history.not_in_folder", id_=id_, folder=history.store.folder))
    return Drawing(record, history, replayed=replayed)


class Drawings(Public, list[Drawing]):
    """A list of drawings, displayed as one contact sheet."""

    def __init__(self, drawings: Iterable[Drawing] = ()) -> None:
        super().__init__(drawings)

    @overload
    def __getitem__(self, at: SupportsIndex) -> Drawing: ...
    @overload
    def __getitem__(self, at: slice) -> Drawings: ...
    def __getitem__(self, at: SupportsIndex | slice) -> Drawing | Drawings:
        if isinstance(at, slice):
            return Drawings(super().__getitem__(at))
        try:
            return super().__getitem__(at)
        except (IndexError, TypeError) as error:
            raise hide_own_lines(error) from None

    def __add__(self, other: list[Drawing]) -> Drawings:  # type: ignore[override]
        return Drawings([*self, *other])

    def copy(self) -> Drawings:
        """Return a copy of the list with the same drawings."""
        return Drawings(self)

    @property
    def pictures(self) -> list[Picture]:
        """All pictures of the drawings."""
        return [picture for drawing in self for picture in drawing.pictures]

    @property
    def starred(self) -> Drawings:
        """The drawings with a star."""
        return Drawings(drawing for drawing in self if drawing.starred)

    def rows(self) -> list[dict[str, Any]]:
        """Return one row for each drawing: result, date, parameters, star, tags and note.

        ``elapsed`` is in seconds, ``cost`` in US dollars, ``size`` in bytes.

        Example:
            >>> drawings.rows()  # doctest: +SKIP
        """
        from nbext.drawings.frame import rows_of

        return rows_of(self)

    def to_frame(self) -> Any:
        """Return the rows as a pandas data frame, or polars if pandas is not installed.

        Raises:
            OptionError: Neither is installed.

        Example:
            >>> frame = nbext.history.search("cat").to_frame()  # doctest: +SKIP
            >>> frame.groupby("model")["elapsed"].median()  # doctest: +SKIP
        """
        from nbext.drawings.frame import frame_of

        return frame_of(self.rows())

    def save(self, folder: str | Path, *, overwrite: bool = False) -> list[Path]:
        """Save the first picture of each drawing in a folder, named by number.

        A relative path starts at the notebook's folder.

        Example:
            >>> drawings.save("takes/")  # doctest: +SKIP
        """
        target = self[0].history.beside(folder) if self else Path(folder).expanduser()
        target.mkdir(parents=True, exist_ok=True)
        return [d.save(target / f"{d.number}", overwrite=overwrite) for d in self if d.pictures]

    def save_takes(self, path: Path) -> list[Path]:
        """Save one take as ``cat.png``, several as ``cat-1.png``, ``cat-2.png`` and so on.

        Example:
            >>> drawings.save_takes(Path("cat.png"))  # doctest: +SKIP
        """
        several = len(self) > 1
        return [
            drawing.save(
                path.with_stem(f"{path.stem}-{index}") if several else path, overwrite=True
            )
            for index, drawing in enumerate(self, start=1)
        ]

    def _repr_mimebundle_(self, **_: Any) -> Any:
        from nbext.display.mimebundle import sheet_bundle

        if not self.pictures:
            return {"text/plain": repr(self)}
        return sheet_bundle(self, inline_limit=self[0].history.inline_limit)

    def _ipython_display_(self) -> None:
        from nbext.display.show import display_items

        if self.pictures:
            display_items(self, self._repr_mimebundle_())
        else:
            display_items([], ({"text/plain": repr(self)}, {}))

    def __repr__(self) -> str:
        return f"[{', '.join(map(repr, self))}]"


def missing_picture(drawing: Drawing) -> HistoryError:
    """Return the error for a drawing without a picture; for a film, with the remedy."""
    if drawing.films:
        film = drawing.films[0]
        path = film.path or f"film.{film.info.extension}"
        return HistoryError(
            phrase("history.is_film", number=drawing.number),
            remedy=phrase("picture.take_frame", path=path),
        )
    why = f" {drawing.error.message}" if drawing.error else ""
    return HistoryError(phrase("history.no_picture", number=drawing.number, why=why))
