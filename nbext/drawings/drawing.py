"""What the user holds: a drawing, or several."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, SupportsIndex, overload

from nbext.data.differences import actual, differences, requested
from nbext.data.record import started_of, tags_of
from nbext.data.request import lineage_of, listed
from nbext.data.route import route_lines
from nbext.data.wording import revision_of
from nbext.display.caption import caption, summary
from nbext.drawings.picture import Picture
from nbext.errors import HistoryError, OptionError
from nbext.messages.say import phrase
from nbext.util.atomic import atomic_write

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from PIL.Image import Image

    from nbext.config.settings import Nbext
    from nbext.data.differences import Difference
    from nbext.data.record import Failure, Record
    from nbext.data.wording import Revision
    from nbext.drawings.lineage import Tree
    from nbext.export.c2pa.credentials import Credentials
    from nbext.export.c2pa.sign import Certificate
    from nbext.store.store import Store


class Sender(Protocol):
    """Replays or sends requests."""

    settings: Nbext

    @property
    def beside(self) -> Path:
        """The folder that relative paths start from."""

    def fetch(self, drawing: Drawing) -> Any:
        """Fetch what is paid for and not here yet."""

    def tell_warnings(self) -> None:
        """Say what is not as it should be, though nothing failed."""

    def draw(self, prompt: str, **fields: Any) -> Any:
        """Draw, and wait for it; the fields are those of ``nbext.draw``."""

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
        """Bytes up to which a picture is shown whole."""

    def by_ids(self, ids: Iterable[str]) -> Drawings:
        """Get drawings by their ids."""

    def annotate(self, id_: str, changes: dict[str, Any]) -> Record:
        """Append a star, a tag or a note."""

    def tree(self, drawing: Drawing | None = None) -> Tree:
        """Say which drawing comes from which."""


class Drawing:
    """One request and what came back, also when it failed.

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
        # By reference: the picture is where the history is.
        return _drawing_in, (self.history, self.id, self.replayed)

    @property
    def id(self) -> str:
        """The drawing's id, unique everywhere."""
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
        """What a caption calls ``@3``."""
        return self.record.number

    @property
    def kind(self) -> str:
        """``draw``, ``chat``, ``respond``, ``complete`` or ``video``."""
        return self.record.kind

    @property
    def prompt(self) -> str:
        """As typed."""
        return self.record.prompt

    @property
    def model(self) -> str:
        """As asked; ``record.answered_model`` is what the endpoint says."""
        return self.record.model

    @property
    def pictures(self) -> list[Picture]:
        """What came back, in order."""
        return [Picture(info, self, i) for i, info in enumerate(self.record.pictures)]

    @property
    def films(self) -> list[Picture]:
        """Films that came back, in order."""
        return [Picture(info, self, i) for i, info in enumerate(self.record.films)]

    @property
    def lost(self) -> list[str]:
        """Why pictures that came are left out, a line for each; empty where all are good."""
        return list(self.record.lost)

    @property
    def image(self) -> Image:
        """The first picture as a PIL image.

        Raises:
            HistoryError: There is none.
        """
        return self._first().image

    def _first(self) -> Picture:
        if not self.record.pictures:
            why = f" {self.error.message}" if self.error else ""
            raise HistoryError(phrase("history.no_picture", number=self.number, why=why))
        return self.pictures[0]

    @property
    def text(self) -> str:
        """What the model said, raw."""
        return self.record.text

    @property
    def reasoning(self) -> str:
        """What the model thought, where it says so."""
        return self.record.reasoning

    @property
    def usage(self) -> dict[str, Any]:
        """Tokens and the like, as the endpoint names them."""
        return dict(self.record.usage)

    @property
    def requested(self) -> dict[str, str]:
        """What was asked for, by name: model, size, quality, n and the like."""
        return requested(self.record)

    @property
    def actual(self) -> dict[str, str]:
        """What came, by the same names, and the prompt as revised where the endpoint says it."""
        return actual(self.record)

    @property
    def differences(self) -> list[Difference]:
        """Where what came differs from what was asked for.

        Example:
            >>> nbext.history[3].differences  # doctest: +SKIP
            [Difference(name='size', requested='2448x3264', actual='1086x1448')]
        """
        return differences(self.record)

    @property
    def mask_change(self) -> float | None:
        """The share of the pixels that its mask protects and that changed all the same, 0 to 1.

        None without a mask, or where the result has another shape.
        """
        return self.record.mask_change

    def mask_overlay(self, index: int = 0) -> Image:
        """Show what changed of what its mask protects, in red; what was free to change is pale.

        Args:
            index: Which of its pictures, from 0 on.

        Raises:
            HistoryError: It had no mask, or its pictures cannot be compared.

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
        """How the endpoint changed the prompt, word by word; empty where it says nothing of it.

        Example:
            >>> nbext.history[3].revision  # doctest: +SKIP
            a {+fluffy +}red cat
        """
        return revision_of(self.record)

    @property
    def route(self) -> list[str]:
        """What the answer is consistent with, from its own fields; they prove nothing."""
        return route_lines(self.record)

    @property
    def cost(self) -> float | None:
        """In US dollars, None where nobody says."""
        return self.record.cost

    @property
    def elapsed(self) -> float:
        """Seconds from sending to the end."""
        return self.record.elapsed

    @property
    def started(self) -> datetime | None:
        """When it was sent, in UTC; None where the record does not say."""
        return started_of(self.record)

    @property
    def parameters(self) -> dict[str, Any]:
        """Options and fields beside prompt, model and pictures."""
        return dict(self.record.parameters)

    @property
    def take(self) -> int:
        """0 for the first of several takes."""
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
        """The wire format it was sent in."""
        return self.record.wire

    @property
    def request_id(self) -> str:
        """The endpoint's id of the request, for its support."""
        return self.record.request_id

    @property
    def error(self) -> Failure | None:
        """What went wrong, None where nothing did."""
        return self.record.error

    def lineage(self, index: int = 0) -> str:
        """Say which question one of its pictures answers, for requests that are made from it."""
        return lineage_of(self.record.fingerprint, self.record.take, index)

    @property
    def parents(self) -> Drawings:
        """The drawings that it comes from."""
        return self.history.by_ids(self.record.parents)

    @property
    def children(self) -> Drawings:
        """The drawings that come from it."""
        ids = [r.id for r in self.history.store.records() if self.id in r.parents]
        return self.history.by_ids(ids)

    def tree(self) -> Tree:
        """Say what it comes from and what comes from it."""
        return self.history.tree(self)

    @property
    def _changes(self) -> dict[str, Any]:
        """Star, tags and note as they are now, also where another drawing object changed them."""
        record = self.history.store.record(self.id)
        return (record or self.record).changes

    @property
    def starred(self) -> bool:
        """Whether it has a star."""
        return self._changes.get("star") is True

    @property
    def tags(self) -> list[str]:
        """Its tags, in the order they were given."""
        return tags_of(self._changes)

    @property
    def note(self) -> str:
        """A note; assign to it."""
        return str(self._changes.get("note", ""))

    @note.setter
    def note(self, text: str) -> None:
        self._change(note=str(text))

    def star(self, on: bool = True) -> Drawing:
        """Give it a star, or take it away."""
        return self._change(star=bool(on))

    def tag(self, *names: str) -> Drawing:
        """Add tags."""
        return self._change(tags=list(dict.fromkeys([*self.tags, *names])))

    def untag(self, *names: str) -> Drawing:
        """Take tags away."""
        return self._change(tags=[tag for tag in self.tags if tag not in names])

    def _change(self, **changes: Any) -> Drawing:
        self.record = self.history.annotate(self.id, changes)
        return self

    def credentials(self, *, trust: str | Path | None = None) -> Credentials:
        """Read the Content Credentials of its first picture, see ``Picture.credentials``.

        Raises:
            HistoryError: There is none.
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
        """Write its first picture (or film) to a file, see ``Picture.save``.

        Raises:
            HistoryError: There is none.
            OptionError: The file already exists.
        """
        first = self.films[0] if self.record.films else self._first()
        return first.save(path, overwrite=overwrite, provenance=provenance, sign=sign)

    def save_reply(self, path: Path) -> None:
        """Write the answer's text to a file; its picture, where the name is a picture's.

        Raises:
            OptionError: The file cannot be written.
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
        """Draw with its first picture as reference.

        Args:
            prompt: What to change.
            **options: Those of ``nbext.draw``.

        Raises:
            HistoryError: The history was opened to read.
        """
        options.setdefault("model", self.model)
        images = [self, *listed(options.pop("images", None))]
        return self._session().draw(prompt, images=images, **options)

    def again(self, *, line: bool = False, below: bool = False, **options: Any) -> Any:
        """Draw another take of the same request.

        Run All shows what a cell with this has drawn before, as of any request.

        Args:
            line: Draw all that led to it anew too, from its root on, each edit with the new
                picture.
            below: Draw all that came from it anew too.
            **options: Those of ``nbext.draw``, to change the request; with ``line`` or ``below``
                those that all of them take, such as ``model``.

        Returns:
            A drawing; with ``line`` or ``below`` all the new ones, in order.

        Raises:
            HistoryError: The history was opened to read, or a picture that was given is missing.

        Example:
            >>> nbext.history[1].again(below=True, model="gpt-image-1")  # doctest: +SKIP
        """
        return self._session().again(self, options, line=line, below=below)

    def fetch(self) -> Drawing:
        """Fetch what was paid for and is not here: a job's result, a picture behind a link. Free.

        Returns:
            This drawing, with its pictures.

        Raises:
            HistoryError: No job and no link of it is known, or the history was opened to read.
            RequestError: The job failed, or the result cannot be fetched.

        Example:
            >>> history[3].fetch()  # doctest: +SKIP
        """
        drawing: Drawing = self._session().fetch(self)
        return drawing

    def code(self, language: str = "python") -> str:
        """Write the request as code, the key left out.

        Args:
            language: ``shell``, ``python``, ``javascript`` … ; a wrong one names them all.
        """
        return self._session().code(self.record, language)

    def _session(self) -> Sender:
        sender: Sender | None = self.history.session
        if sender is None:
            raise HistoryError(
                phrase("history.read_only"),
                remedy=phrase("history.draw_here"),
            )
        return sender

    def caption(self, language: str = "") -> str:
        """Say in one line what it is: number, model, time, size, who made it.

        Args:
            language: ``en`` or ``zh``; by default that of the messages.

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
        from nbext.display.views import display_items

        display_items([self], self._repr_mimebundle_())

    def __repr__(self) -> str:
        return summary(self.record)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Drawing) and self.id == other.id

    def __hash__(self) -> int:
        return hash(self.id)


def _drawing_in(history: Owner, id_: str, replayed: bool) -> Drawing:
    """Give a drawing that was pickled.

    Raises:
        HistoryError: Its history no longer has it.
    """
    record = history.store.record(id_)
    if record is None:
        raise HistoryError(phrase("history.not_in_folder", id_=id_, folder=history.store.folder))
    return Drawing(record, history, replayed=replayed)


class Drawings(list[Drawing]):
    """Several drawings; shown as one contact sheet."""

    def __init__(self, drawings: Iterable[Drawing] = ()) -> None:
        super().__init__(drawings)

    @overload
    def __getitem__(self, at: SupportsIndex) -> Drawing: ...
    @overload
    def __getitem__(self, at: slice) -> Drawings: ...
    def __getitem__(self, at: SupportsIndex | slice) -> Drawing | Drawings:
        if isinstance(at, slice):
            return Drawings(super().__getitem__(at))
        return super().__getitem__(at)

    def __add__(self, other: list[Drawing]) -> Drawings:  # type: ignore[override]
        return Drawings([*self, *other])

    def copy(self) -> Drawings:
        """Give the same drawings in another list."""
        return Drawings(self)

    @property
    def pictures(self) -> list[Picture]:
        """All their pictures."""
        return [picture for drawing in self for picture in drawing.pictures]

    @property
    def starred(self) -> Drawings:
        """Those with a star."""
        return Drawings(drawing for drawing in self if drawing.starred)

    def save(self, folder: str | Path, *, overwrite: bool = False) -> list[Path]:
        """Write the first picture of each into a folder, named by number."""
        target = Path(folder).expanduser()
        target.mkdir(parents=True, exist_ok=True)
        return [d.save(target / f"{d.number}", overwrite=overwrite) for d in self if d.pictures]

    def save_takes(self, path: Path) -> list[Path]:
        """Write one take to ``cat.png``, several to ``cat-1.png``, ``cat-2.png`` and so on."""
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
        from nbext.display.views import display_items

        if self.pictures:
            display_items(self, self._repr_mimebundle_())
        else:
            display_items([], ({"text/plain": repr(self)}, {}))

    def __repr__(self) -> str:
        return f"[{', '.join(map(repr, self))}]"
