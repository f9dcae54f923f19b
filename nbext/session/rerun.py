"""Repeat a recorded request: alone, with its ancestors, or with its descendants."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import msgspec

from nbext.data.options import Options
from nbext.data.request import Reference, split_parameters
from nbext.drawings.drawing import Drawings
from nbext.drawings.lineage import ancestors, descendants
from nbext.drawings.shown import ShownDrawing, shown_once
from nbext.errors import HistoryError, OptionError
from nbext.messages.say import phrase
from nbext.session.turns import next_turn
from nbext.session.validation import options_of_fields
from nbext.store.replay import run_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from nbext.data.record import Record, ReferenceInfo
    from nbext.drawings.drawing import Drawing
    from nbext.session.protocol import Asker
    from nbext.session.turns import Turn

# Options that turn one request into several.
_OF_ONE = ("prompt", "images", "mask", "continues", "n", "kind")
# Arguments that have another name in the options.
_FIELDS = {"n": "takes", "video": "images"}


def again(session: Asker, drawing: Drawing, fields: Mapping[str, Any]) -> Any:
    """Draw another take of a drawing's request.

    Args:
        session: The session.
        drawing: The drawing.
        fields: Arguments of ``nbext.draw`` that replace the recorded ones; ``params`` adds to them.

    Raises:
        HistoryError: A reference picture is missing.
    """
    with next_turn() as turn:
        options = options_of_drawing(drawing, {}, leave=fields)
        return _ask(session, drawing, options, fields, turn)


def _ask(
    session: Asker,
    drawing: Drawing,
    options: Options,
    fields: Mapping[str, Any],
    turn: Turn | None = None,
) -> Any:
    """Request another take of a drawing, with some options replaced."""
    named = {name: value for name, value in fields.items() if name != "prompt"}
    change = options_of_fields("again", options.kind, fields.get("prompt", options.prompt), named)
    replacing = {name: getattr(change, _FIELDS.get(name, name)) for name in named}
    replacing = {_FIELDS.get(name, name): value for name, value in replacing.items()}
    if "params" in replacing:
        replacing["params"] = options.params | replacing["params"]
    if "endpoint" not in replacing:
        replacing["endpoint"] = _endpoint(session, drawing)
    replacing.setdefault("after", drawing.number)
    if "prompt" in fields:
        replacing |= {"prompt": change.prompt, "unfilled": change.unfilled}
    options = msgspec.structs.replace(options, **replacing)
    return session.ask(options, turn=turn).wait()


def again_from(
    session: Asker, drawing: Drawing, fields: Mapping[str, Any], *, line: bool, below: bool
) -> Drawings:
    """Draw a branch of the tree again, using the new pictures in place of the old.

    Args:
        session: The session.
        drawing: Where to begin, or to end.
        fields: Arguments of ``nbext.draw`` that apply to all requests: ``model``, ``fresh`` …
        line: Whether to draw its ancestors first.
        below: Whether to draw its descendants afterwards.

    Returns:
        The new drawings, in the order of the old ones, without requests that failed before.

    Raises:
        OptionError: An option applies to a single request only.
    """
    for name in _OF_ONE:
        if name in fields:
            raise OptionError(
                phrase("session.again_several", name=name),
                remedy=phrase("session.again_one", name=name),
            )
    records = drawing.history.store.records()
    begin = _begin_of_last_run(session, records)
    wanted = {drawing.id}
    if line:
        wanted |= ancestors(records, drawing.id)
    if below:
        wanted |= descendants([r for r in records if r.number < begin], drawing.id)
    new: dict[str, Drawing] = {}
    for old in drawing.history.by_ids(r.id for r in records if r.id in wanted):
        if old.error is None and old.record.type == "drawing":
            new[old.id] = _ask(session, old, options_of_drawing(old, new), fields)
    takes = Drawings(new.values())
    is_shown = bool(takes) and all(isinstance(drawing, ShownDrawing) for drawing in takes)
    return shown_once(takes, session.cell().execution_count) if is_shown else takes


def _begin_of_last_run(session: Asker, records: Sequence[Record]) -> float:
    """Return the first number of the cell's last run, at its first run in this kernel.

    Drawings made below it since then were not repeated by that run, and are not now.
    """
    cell = session.cell()
    if not cell.id or session.replay.has_asked(cell.id):
        return math.inf
    own = [record for record in records if record.cell == cell.id]
    runs = [r.number for r in own if run_of(r) == run_of(own[-1])]
    return min(runs, default=math.inf)


def options_of_drawing(
    drawing: Drawing, new: Mapping[str, Drawing], *, leave: Collection[str] = ()
) -> Options:
    """Recreate the options of a drawing.

    Args:
        drawing: The drawing.
        new: New drawings that replace old ones, by the old id.
        leave: Options that are set otherwise; their pictures may be missing.
    """
    record, history = drawing.record, drawing.history

    def reference(item: ReferenceInfo) -> Reference:
        if item.drawing in new:
            return _in_place_of(item, history.by_ids([item.drawing]), new[item.drawing])
        data = history.store.read(item.sha256)
        return Reference.of(
            data, source=item.source, drawing=item.drawing, url=item.url, lineage=item.lineage
        )

    images = () if "images" in leave else tuple(reference(item) for item in record.references)
    has_mask = record.mask is not None and "mask" not in leave
    continues = None
    if record.continues and "continues" not in leave:
        known = history.by_ids([record.continues])
        if record.continues not in new and not known:
            raise HistoryError(phrase("session.conversation_missing", number=drawing.number))
        continues = new.get(record.continues) or known[0]
    named, extra = split_parameters(record.parameters)
    return Options(
        prompt=record.prompt,
        model=record.model,
        kind=record.kind,
        system=record.system,
        images=images,
        mask=reference(record.mask) if has_mask and record.mask is not None else None,
        continues=continues,
        params=extra,
        **named,
    )


def _in_place_of(item: ReferenceInfo, old: Drawings, new: Drawing) -> Reference:
    """Return the picture at the same position of the new drawing, or else its first."""
    places = [picture.sha256 for drawing in old for picture in drawing.pictures]
    index = places.index(item.sha256) if item.sha256 in places else 0
    if not new.pictures:
        raise HistoryError(phrase("session.new_without_picture", number=new.number))
    picture = new.pictures[index if index < len(new.pictures) else 0]
    lineage = new.lineage(picture.index)
    return Reference.of(picture.data, source=picture.name, drawing=new.id, lineage=lineage)


def _endpoint(session: Asker, drawing: Drawing) -> str:
    """Return the name of the drawing's endpoint, if it is not the current one."""
    name, settings = drawing.record.endpoint, session.settings
    return name if name in settings.endpoints and name != settings.endpoint else ""
