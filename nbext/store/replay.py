"""Find the recorded drawing for a request, so that running a notebook again is free.

``restart``: the first run in a fresh kernel shows the recorded drawing, the next one draws a new
take. ``always``, ``never`` and ``only`` mean what they say; ``only`` never sends. A failed drawing
is never replayed, and sketches of the embedded endpoint never replace a model's pictures.

``nbext.store.slots`` chooses among several drawings of a request.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING

import msgspec

from nbext.data.record import Record, never_sent
from nbext.errors import ReplayError
from nbext.messages.say import phrase
from nbext.store.claims import is_resumable
from nbext.store.slots import CellSlot, Question, question_of
from nbext.util.text import timestamp

if TYPE_CHECKING:
    from nbext.data.request import Request
    from nbext.store.elsewhere import Elsewhere
    from nbext.store.store import Store


def _has_come(record: Record) -> bool:
    """Return whether a drawing has a result: one without a picture failed unnoticed."""
    return record.kind != "draw" or bool(record.pictures or record.films)


class Match(msgspec.Struct, frozen=True):
    """The result of looking for a recorded drawing.

    Attributes:
        record: The recorded drawing to show, None to draw.
        repeat: How often this run of the cell (without cells, this session) had sent the same
            request before. For the new record.
        reason: Why a recorded drawing is not shown, empty if there is none.
        unfinished: An earlier paid request without a result: its kernel ended before the answer
            arrived, it was interrupted, or its result could not be fetched.
        note: A remark about the recorded drawing for the user.
        earlier: The numbers of the drawings it was made from, if the request refers to later takes
            of them.
        others: Other cells that show a drawing of this request, and which one, if a new one is
            drawn: they keep showing it.
    """

    record: Record | None
    repeat: int
    reason: str = ""
    unfinished: Record | None = None
    note: str = ""
    earlier: tuple[int, ...] = ()
    others: tuple[CellSlot, ...] = ()


def mode_of(setting: str, *, fresh: bool) -> str:
    """Return the mode of a request; if nothing may be sent, ``--fresh`` has no effect.

    Example:
        >>> mode_of("restart", fresh=True), mode_of("only", fresh=True)
        ('never', 'only')
    """
    return "never" if fresh and setting != "only" else setting


def _earlier(request: Request, record: Record, store: Store) -> tuple[int, ...]:
    """Return the numbers of a record's parents that differ from the request's."""
    numbers = []
    for now, then in zip(request.references, record.references, strict=False):
        if now.lineage and then.drawing and now.drawing != then.drawing:
            parent, named = store.record(then.drawing), store.record(now.drawing)
            if parent and named and parent.fingerprint == named.fingerprint:
                numbers.append(parent.number)
    return tuple(numbers)


class Origin(msgspec.Struct, frozen=True):
    """What ``@-1`` meant, for a request that names a drawing by its position.

    Attributes:
        question: The request's fingerprint without that drawing.
        parents: The records that it refers to now.
        shown: The ``request_names`` of the drawings that this kernel has shown.
        cells: The cells that have sent requests in this kernel.
        get: Returns a record by its id.
        with_fingerprint: Returns the records with a fingerprint, by number.
    """

    question: str
    parents: tuple[Record, ...]
    shown: Collection[str]
    cells: Collection[str]
    get: Callable[[str], Record | None]
    with_fingerprint: Callable[[str], Sequence[Record]]

    def admits(self, record: Record) -> bool:
        """Return whether the cell showed a record last, although ``@-1`` is another drawing now.

        That is so if no request above has changed: those that the record was made from are made in
        this kernel too, unless their cells have not run yet, and the drawing that ``@-1`` means now
        was requested before the record was.
        """
        if record.question != self.question:
            return False
        parents = self._parents(record)
        if not parents or not all(self._is_as_before(r, record, {record.id}) for r in parents):
            return False
        return all(
            any(other.number < record.number for other in self._alike(parent))
            for parent in self.parents
        )

    def _is_as_before(self, ancestor: Record, record: Record, passed: set[str]) -> bool:
        """Return whether this kernel sends an ancestor's request, or has not come to its cell yet.

        A cell that ran out of order sends the same request by its words, to another picture; the
        record's own cell may have gone on from its earlier runs.
        """
        below = bool(ancestor.cell) and ancestor.cell not in self.cells
        if below or ancestor.fingerprint in self.shown or ancestor.id in passed:
            return True
        is_earlier_run = ancestor.cell == record.cell and run_of(ancestor) != run_of(record)
        if not (is_earlier_run or question_of(ancestor) in self.shown):
            return False
        passed.add(ancestor.id)
        return all(self._is_as_before(r, record, passed) for r in self._parents(ancestor))

    def _parents(self, record: Record) -> list[Record]:
        parents = (self.get(id_) for id_ in record.parents)
        return [parent for parent in parents if parent is not None]

    def _alike(self, record: Record) -> list[Record]:
        """Return the records of the same request, or of the same question in the same cell."""
        question = question_of(record)
        alike = [*self.with_fingerprint(record.fingerprint)]
        if question:
            by_question = self.with_fingerprint(record.question)
            alike += [other for other in by_question if question_of(other) == question]
        return alike


def run_of(record: Record) -> tuple[str, int]:
    """Return a key that identifies a run of a cell."""
    return record.session, record.execution_count


class Replay:
    """The requests of this kernel session, and what was shown for them.

    Args:
        is_whole: Returns whether a picture exists and matches its sha256.
        restore: Restores damaged pictures from elsewhere.
        elsewhere: Finds requests in other histories.
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
        # The cells that have sent requests.
        self.cells: set[str] = set()

    def _saved(self, cell: str) -> Sequence[str]:
        """Return the ids of the drawings that the notebook's file shows below a cell."""
        return self.elsewhere.shown_in(cell) if self.elsewhere is not None else ()

    def _saved_since(self, cell: str, record: Record) -> Sequence[str]:
        """Return what the notebook's file showed below a cell, if it was saved after a record."""
        finished = timestamp(record.finished)
        if self.elsewhere is None or finished is None:
            return ()
        return self.elsewhere.shown_since(cell, finished)

    def has_asked(self, cell: str) -> bool:
        """Return whether a cell has sent a request in this kernel."""
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
            store: The history's store.
            shown: The ``request_names`` of the drawings that this kernel has shown.
            mode: See ``find``, as for the others.
            cell: The cell's id.
            session: This kernel session.
            embedded: Whether the request would go to the embedded endpoint.
            execution: The cell's ``In[ ]`` number.
            after: The number of a drawing to make another take of.

        Raises:
            ReplayError: The mode is ``only``, and nothing is recorded; or the notebook shows a
                drawing that no history holds.
        """
        names = request.names()
        records: Sequence[Record] = store.with_fingerprints(*names)
        note = ""
        if mode != "never" and not self._has_take(records, take):
            known = [] if after else self._known(request, names, store, cell)
            if self._has_take(known, take):
                records, other = known, known[0].model
                if other != request.model:
                    request = msgspec.structs.replace(request, model=other)
                    names = request.names()
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
        """Return whether one of the records can be shown for a take."""
        return bool(self._usable([r for r in records if r.take == take], embedded=False))

    def _known(
        self, request: Request, names: Sequence[str], store: Store, cell: str
    ) -> Sequence[Record]:
        """Look for a request in other histories, and with the former default model."""
        if self.elsewhere is not None and (records := self.elsewhere.alike(names[:2], cell)):
            return records
        if not request.default_model:
            return []
        models = store.models_of(request.kind, request.prompt)
        for model in [name for name in models if name != request.model]:
            other = msgspec.structs.replace(request, model=model)
            if records := [r for r in store.with_fingerprints(*other.names()) if r.model == model]:
                return records
        return []

    def _refuse_to_pay(self, request: Request) -> None:
        """Refuse to pay again for a drawing whose history is missing.

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
            fingerprint: The request's fingerprint.
            take: 0 for the first of several takes.
            mode: ``restart``, ``always``, ``never`` or ``only``.
            cell: The cell's id, empty without one.
            session: This kernel session.
            embedded: Whether the request would go to the embedded endpoint.
            execution: The cell's ``In[ ]`` number; if it is 0, each request is a run of its own.
            after: The number of a drawing to make another take of: only later ones are shown, or
                the cell's own.
            earlier: The fingerprint by the bytes of all pictures, of earlier versions.
            origin: What the request names by its position, None without such a reference.

        Raises:
            ReplayError: The mode is ``only``, and nothing is recorded.
        """
        # A cell that is run again on its own result sends the same request.
        question = origin.question if origin is not None else fingerprint
        entry = self._of.setdefault((question, take), Question(self._saved, self._saved_since))
        self.cells.add(cell)
        repeat, again = entry.count(cell, execution)
        if mode == "never":
            return Match(None, repeat)
        of_take = [r for r in records if r.take == take]
        # The same bytes are the same reference, whatever its name.
        exact = earlier or fingerprint
        same = [
            r for r in of_take if fingerprint == r.fingerprint or exact in (r.fingerprint, r.exact)
        ]
        if origin is not None and cell:
            slot = [r for r in of_take if (r.cell, r.repeat) == (cell, repeat)]
            same = [r for r in slot if origin.admits(r)] or same
        usable = [
            record
            for record in self._usable(same, embedded=embedded)
            # What this cell drew is another take, also of a drawing that was drawn anew since.
            if record.number > after
            or (cell and record.number != after and (record.cell, record.repeat) == (cell, repeat))
        ]
        shown: Record | None = None
        if mode != "restart":
            shown = entry.choose(usable, cell, repeat, own=after > 0)
            shown = shown or (usable[-1] if usable else None)
        elif not again:
            before = [record for record in usable if record.session != session]
            shown = entry.choose(before, cell, repeat, own=after > 0)
        reason = ""
        if shown is not None and not self._is_whole(shown):
            # Another take would not be the picture that the notebook refers to.
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
        """Find a paid request without a result that was not sent again since.

        Args:
            records: The records of the same request, by number.
            session: This kernel session, whose requests are in progress.
            again: Whether the cell has run before in this session.
        """
        last = records[-1] if records else None
        if last is None or last.embedded or never_sent(last):
            return None
        if last.type == "sent":
            return None if again or last.session == session else last
        # A request that was never sent says so, and has cost nothing.
        error = last.error
        was_interrupted = error is not None and error.type == "Interrupted" and error.maybe_billed
        return last if is_resumable(last) or was_interrupted else None

    def _is_whole(self, record: Record) -> bool:
        """Return whether all pictures of a drawing exist unchanged, or could be restored."""
        hashes = [info.sha256 for info in (*record.pictures, *record.films)]
        lost = [sha256 for sha256 in hashes if not self._is_picture_whole(sha256)]
        if lost and self._restore is not None:
            self._restore(lost)
            lost = [sha256 for sha256 in lost if not self._is_picture_whole(sha256)]
        return not lost

    @staticmethod
    def _usable(records: Sequence[Record], *, embedded: bool) -> list[Record]:
        """Select the successful drawings; a model's take precedence over sketches."""
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
    """Return the warning that a request without a result may have been billed."""
    when = record.started[:16].replace("T", " ")
    ended = (
        phrase("store.no_answer_recorded") if record.type == "sent" else phrase("store.interrupted")
    )
    return phrase("store.sent_before", number=record.number, when=when, ended=ended)
