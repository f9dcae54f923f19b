"""Which recorded drawing stands for a request, so that running a notebook again is free.

``restart``: the first time in a fresh kernel what is recorded is shown, run again a new take is
drawn. ``always``, ``never``, ``only``: as they say; ``only`` never sends. A failed drawing is never
shown again, and sketches of the embedded endpoint never stand in for a model's pictures.

Which one of several drawings of a request is shown is decided in ``nbext.store.slots``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING

import msgspec

from nbext.data.record import Record
from nbext.errors import ReplayError
from nbext.messages.say import phrase
from nbext.store.claims import is_resumable
from nbext.store.slots import CellSlot, Question

if TYPE_CHECKING:
    from nbext.data.request import Request
    from nbext.store.elsewhere import Elsewhere
    from nbext.store.store import Store


def _has_come(record: Record) -> bool:
    """Whether a drawing is one: without a picture it is a failure that was not noticed."""
    return record.kind != "draw" or bool(record.pictures or record.films)


class Match(msgspec.Struct, frozen=True):
    """What stands for a request.

    Attributes:
        record: The recorded drawing to show, None to draw.
        repeat: How many times the same was asked for before, in this run of the cell; where no
            cell is known, in this session. For the new record.
        reason: Why what is recorded is not shown, empty where nothing stood against it.
        unfinished: The same request, paid for, with nothing to show for it: an earlier kernel ended
            before its answer came, or it was interrupted, or what it made could not be fetched.
        note: What is special about the recorded drawing, for a line to the user.
        earlier: The numbers of the drawings that it was made from, where the request names later
            takes of them.
        others: The other cells that show a drawing of this request, and which, where a new one is
            drawn: they go on showing it.
    """

    record: Record | None
    repeat: int
    reason: str = ""
    unfinished: Record | None = None
    note: str = ""
    earlier: tuple[int, ...] = ()
    others: tuple[CellSlot, ...] = ()


def mode_of(setting: str, *, fresh: bool) -> str:
    """Give the mode of a request; where nothing may be sent, ``--fresh`` changes nothing.

    Example:
        >>> mode_of("restart", fresh=True), mode_of("only", fresh=True)
        ('never', 'only')
    """
    return "never" if fresh and setting != "only" else setting


def _earlier(request: Request, record: Record, store: Store) -> tuple[int, ...]:
    """Number the drawings that a record was made from and that are not those named now."""
    numbers = []
    for now, then in zip(request.references, record.references, strict=False):
        if now.lineage and then.drawing and now.drawing != then.drawing:
            parent, named = store.record(then.drawing), store.record(now.drawing)
            if parent and named and parent.fingerprint == named.fingerprint:
                numbers.append(parent.number)
    return tuple(numbers)


class Origin(msgspec.Struct, frozen=True):
    """What ``@-1`` was, of a request that names a drawing by its place.

    Attributes:
        question: The request's, leaving that open.
        parents: The records that it names now.
        shown: The fingerprints of the drawings that this kernel has shown.
        cells: The cells that have asked for any in this kernel.
        get: Gives a record by its id.
        with_fingerprint: Gives the records of a fingerprint, by number.
    """

    question: str
    parents: tuple[Record, ...]
    shown: Collection[str]
    cells: Collection[str]
    get: Callable[[str], Record | None]
    with_fingerprint: Callable[[str], Sequence[Record]]

    def admits(self, record: Record) -> bool:
        """Whether a record is what the cell showed last, though ``@-1`` is another drawing now.

        It is, as long as nothing above was asked differently: what it was made from is shown in
        this kernel, too, unless its cell has not run yet, and what stands at the place of ``@-1``
        now had been asked for before it.
        """
        if record.question != self.question:
            return False
        roots = [self._root(parent, record) for parent in self._parents(record)]
        if not roots or not all(self._is_as_before(root) for root in roots):
            return False
        return all(
            any(other.number < record.number for other in self.with_fingerprint(parent.fingerprint))
            for parent in self.parents
        )

    def _is_as_before(self, root: Record) -> bool:
        """Whether this kernel shows it, too, or has not come to its cell yet."""
        below = bool(root.cell) and root.cell not in self.cells
        return below or root.fingerprint in self.shown

    def _parents(self, record: Record) -> list[Record]:
        parents = (self.get(id_) for id_ in record.parents)
        return [parent for parent in parents if parent is not None]

    def _root(self, parent: Record, record: Record) -> Record:
        """Look through what earlier runs of the same cell drew: it was run on its own result."""
        passed = {record.id}
        while parent.cell == record.cell and run_of(parent) != run_of(record):
            passed.add(parent.id)
            before = [other for other in self._parents(parent) if other.id not in passed]
            if not before:
                break
            parent = before[0]
        return parent


def run_of(record: Record) -> tuple[str, int]:
    """Tell runs of a cell apart."""
    return record.session, record.execution_count


def _names_of(request: Request) -> tuple[str, str, str]:
    """Give the fingerprints of a request, and its question."""
    return request.fingerprint(), request.earlier_fingerprint(), request.question()


class Replay:
    """What this kernel session has asked for, and what it was shown.

    Args:
        is_whole: Tells whether a picture's bytes are there and are those of its sha256.
        restore: Looks for pictures that are not whole elsewhere, and puts them back.
        elsewhere: Looks for what this history does not hold.
    """

    def __init__(
        self,
        is_whole: Callable[[str], bool],
        restore: Callable[[Sequence[str]], object] | None = None,
        elsewhere: Elsewhere | None = None,
    ) -> None:
        self._is_picture_whole = is_whole
        self._restore = restore
        self.elsewhere = elsewhere
        self._of: dict[tuple[str, int], Question] = {}
        # The cells that have asked.
        self.cells: set[str] = set()

    def _saved(self, cell: str) -> Sequence[str]:
        """Give the ids of the drawings that the notebook's file shows below a cell."""
        return self.elsewhere.shown_in(cell) if self.elsewhere is not None else ()

    def has_asked(self, cell: str) -> bool:
        """Whether a cell has asked for anything in this kernel."""
        return cell in self.cells

    def match(
        self,
        request: Request,
        take: int,
        *,
        store: Store,
        shown: Collection[str],
        mode: str,
        cell: str,
        session: str,
        embedded: bool,
        execution: int = 0,
        after: int = 0,
    ) -> Match:
        """Find the recorded drawing to show for a request.

        Args:
            request: The request.
            take: 0 for the first of several takes.
            store: The history's.
            shown: The fingerprints of the drawings that this kernel has shown.
            mode: See ``find``, as for the others.
            cell: The cell's id.
            session: This kernel session.
            embedded: Whether the request would go to the embedded endpoint.
            execution: The cell's ``In[ ]`` number.
            after: The number of a drawing that another one is wanted of.

        Raises:
            ReplayError: The mode is ``only``, and nothing is recorded; or the notebook shows what
                no history holds.
        """
        names = _names_of(request)
        records: Sequence[Record] = store.with_fingerprints(*names)
        note = ""
        if mode != "never" and not self._has_take(records, take):
            known = [] if after else self._known(request, names, store, cell)
            if self._has_take(known, take):
                records, other = known, known[0].model
                if other != request.model:
                    request = msgspec.structs.replace(request, model=other)
                    names = _names_of(request)
                    note = phrase("replay.default_model", model=other)
            elif not (records or embedded or after):
                self._refuse_to_pay(request)
        fingerprint, earlier, question = names
        origin: Origin | None = None
        if question:
            ids = [item.drawing for item in request.references if item.relative]
            ids += [request.continues] if request.relative else []
            parents = tuple(r for id_ in ids if (r := store.record(id_)) is not None)
            origin = Origin(
                question, parents, shown, self.cells, store.record, store.with_fingerprints
            )
        match = self.find(
            records,
            fingerprint,
            take,
            mode=mode,
            cell=cell,
            session=session,
            embedded=embedded,
            execution=execution,
            after=after,
            earlier=earlier,
            origin=origin,
        )
        if match.record is None:
            return match
        numbers = _earlier(request, match.record, store)
        return msgspec.structs.replace(match, note=note, earlier=numbers)

    def _has_take(self, records: Sequence[Record], take: int) -> bool:
        """Whether a take of them can be shown."""
        return bool(self._usable([r for r in records if r.take == take], embedded=False))

    def _known(
        self, request: Request, names: Sequence[str], store: Store, cell: str
    ) -> Sequence[Record]:
        """Look for a request in other histories, and with the model that was the default before."""
        if self.elsewhere is not None and (records := self.elsewhere.alike(names[:2], cell)):
            return records
        if not request.default_model:
            return []
        same = (r for r in store.records() if (r.prompt, r.kind) == (request.prompt, request.kind))
        for model in dict.fromkeys(r.model for r in same if r.model != request.model):
            other = msgspec.structs.replace(request, model=model)
            if records := [
                r for r in store.with_fingerprints(*_names_of(other)) if r.model == model
            ]:
                return records
        return []

    def _refuse_to_pay(self, request: Request) -> None:
        """Stop before a drawing is paid for again whose history was left somewhere else.

        Raises:
            ReplayError: The notebook shows it.
        """
        number = self.elsewhere.shown(request) if self.elsewhere is not None else ""
        if number:
            raise ReplayError(
                phrase("replay.left", number=number), remedy=phrase("replay.left_remedy")
            )

    def find(
        self,
        records: Sequence[Record],
        fingerprint: str,
        take: int,
        *,
        mode: str,
        cell: str,
        session: str,
        embedded: bool,
        execution: int = 0,
        after: int = 0,
        earlier: str = "",
        origin: Origin | None = None,
    ) -> Match:
        """Find the recorded drawing to show.

        Args:
            records: The history, by number.
            fingerprint: Of the request.
            take: 0 for the first of several takes.
            mode: ``restart``, ``always``, ``never`` or ``only``.
            cell: The cell's id, empty where there is none.
            session: This kernel session.
            embedded: Whether the request would go to the embedded endpoint.
            execution: The cell's ``In[ ]`` number; where it is 0, each asking is a run of its own.
            after: The number of a drawing that another one is wanted of: none up to it will do.
            earlier: The fingerprint by the bytes of all pictures, as earlier versions made it.
            origin: What the request names by its place; None where it names nothing so.

        Raises:
            ReplayError: The mode is ``only``, and nothing is recorded.
        """
        # A cell that is run again on its own result asks the same again.
        question = origin.question if origin is not None else fingerprint
        entry = self._of.setdefault((question, take), Question(self._saved))
        self.cells.add(cell)
        repeat, again = entry.count(cell, execution)
        if mode == "never":
            return Match(None, repeat)
        of_take = [r for r in records if r.take == take]
        # The same bytes are the same reference, however it is named.
        exact = earlier or fingerprint
        same = [
            r for r in of_take if fingerprint == r.fingerprint or exact in (r.fingerprint, r.exact)
        ]
        if origin is not None and cell:
            slot = [r for r in of_take if (r.cell, r.repeat) == (cell, repeat)]
            same = [r for r in slot if origin.admits(r)] or same
        usable = [r for r in self._usable(same, embedded=embedded) if r.number > after]
        shown: Record | None = None
        if mode != "restart":
            shown = entry.choose(usable, cell, repeat, own=after > 0)
            shown = shown or (usable[-1] if usable else None)
        elif not again:
            before = [record for record in usable if record.session != session]
            shown = entry.choose(before, cell, repeat, own=after > 0)
        reason = ""
        if shown is not None and not self._is_whole(shown):
            # Another take would not be the picture that the notebook speaks of.
            reason = phrase("replay.damaged", number=shown.number)
            shown = None
        if shown is None and mode == "only":
            why = reason or self._why_not(same, embedded=embedded)
            raise ReplayError(phrase("replay.only", reason=why))
        unfinished = None
        if shown is None and not reason:
            unfinished = self._unfinished(same, session, again=again and mode != "always")
            reason = _lost_words(unfinished) if unfinished is not None else ""
        others = entry.others(usable, cell) if shown is None else ()
        return Match(shown, repeat, reason, unfinished, others=others)

    @staticmethod
    def _unfinished(records: Sequence[Record], session: str, *, again: bool) -> Record | None:
        """Find a paid request that nothing came of, unless it was sent again since.

        Args:
            records: Of the same request, by number.
            session: This kernel session: what it has sent is under way.
            again: Whether the cell has run before in this session.
        """
        last = records[-1] if records else None
        if last is None or last.embedded:
            return None
        if last.type == "sent":
            return None if again or last.session == session else last
        # One that never left says so itself: it has cost nothing.
        error = last.error
        was_interrupted = error is not None and error.type == "Interrupted" and error.maybe_billed
        return last if is_resumable(last) or was_interrupted else None

    def _is_whole(self, record: Record) -> bool:
        """Whether all that a drawing shows is there, unchanged, or could be restored."""
        hashes = [info.sha256 for info in (*record.pictures, *record.films)]
        lost = [sha256 for sha256 in hashes if not self._is_picture_whole(sha256)]
        if lost and self._restore is not None:
            self._restore(lost)
            lost = [sha256 for sha256 in lost if not self._is_picture_whole(sha256)]
        return not lost

    @staticmethod
    def _usable(records: Sequence[Record], *, embedded: bool) -> list[Record]:
        """Keep what has come well; a model's drawings before sketches."""
        well = [r for r in records if r.type == "drawing" and r.error is None and _has_come(r)]
        real = [record for record in well if not record.embedded]
        return (real or well) if embedded else real

    @staticmethod
    def _why_not(records: Sequence[Record], *, embedded: bool) -> str:
        if any(record.embedded for record in records) and not embedded:
            return phrase("replay.sketches")
        if any(record.error is not None for record in records):
            return phrase("replay.failure")
        if records:
            return phrase("replay.unanswered")
        return phrase("replay.none")


def _lost_words(record: Record) -> str:
    """Say of a request that nothing came of that it may have been billed."""
    when = record.started[:16].replace("T", " ")
    ended = (
        phrase("store.no_answer_recorded") if record.type == "sent" else phrase("store.interrupted")
    )
    return phrase("store.sent_before", number=record.number, when=when, ended=ended)
