"""A recorded request asked once more: alone, with all that led to it, or with all that follows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbext.data.request import Reference, options_of
from nbext.drawings.drawing import Drawings
from nbext.drawings.lineage import ancestors, descendants
from nbext.errors import HistoryError, OptionError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbext.data.record import ReferenceInfo
    from nbext.drawings.drawing import Drawing

# What makes one request of several different ones.
_OF_ONE = ("prompt", "images", "mask", "continues", "n", "kind")


def again(session: Any, drawing: Drawing, options: Mapping[str, Any]) -> Any:
    """Draw another take of a drawing's request.

    Args:
        session: What sends.
        drawing: Whose request.
        options: Those of ``nbext.draw``; they come before what was asked then.

    Raises:
        HistoryError: A picture that was given then is missing.
    """
    asked = options_of_drawing(drawing, {}, leave=options)
    where = _where(session, drawing)
    return session.draw(**(asked | where | {"after": drawing.number} | dict(options)))


def again_from(
    session: Any, drawing: Drawing, options: Mapping[str, Any], *, line: bool, below: bool
) -> Drawings:
    """Draw a part of the tree once more, each request with the new pictures in place of the old.

    Args:
        session: What sends.
        drawing: Where to begin, or to end.
        options: Those of ``nbext.draw`` that make sense for all of them: ``model``, ``fresh`` …
        line: Whether all that led to it is drawn before it.
        below: Whether all that came from it is drawn after it.

    Returns:
        The new drawings, in the order of the old ones. Requests that failed then are left out.

    Raises:
        OptionError: An option is one request's alone.
    """
    for name in _OF_ONE:
        if name in options:
            raise OptionError(
                f"again() has no {name} where several requests are asked once more.",
                remedy=f"drawing.again({name}=…) asks for one.",
            )
    records = drawing.history.store.records()
    wanted = {drawing.id}
    if line:
        wanted |= ancestors(records, drawing.id)
    if below:
        wanted |= descendants(records, drawing.id)
    new: dict[str, Drawing] = {}
    for old in drawing.history.by_ids(r.id for r in records if r.id in wanted):
        if old.error is None and old.record.type == "drawing":
            asked = options_of_drawing(old, new) | _where(session, old) | {"after": old.number}
            new[old.id] = session.draw(**(asked | dict(options)))
    return Drawings(new.values())


def options_of_drawing(
    drawing: Drawing, new: Mapping[str, Drawing], *, leave: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Give what was asked for a drawing, as a session takes it.

    Args:
        drawing: The drawing.
        new: What stands in for a drawing now, by the id of the old one.
        leave: Options that are given otherwise: their pictures need not be there.
    """
    record, history, leave = drawing.record, drawing.history, leave or {}

    def given(item: ReferenceInfo) -> Reference:
        if item.drawing in new:
            return _in_place_of(item, history.by_ids([item.drawing]), new[item.drawing])
        data = history.store.read(item.sha256)
        return Reference.of(data, source=item.source, drawing=item.drawing, url=item.url)

    asked: dict[str, Any] = {
        "prompt": record.prompt,
        "model": record.model,
        "kind": record.kind,
        "system": record.system,
        **options_of(record.parameters),
    }
    if "images" not in leave:
        asked["images"] = [given(item) for item in record.references]
    if record.mask is not None and "mask" not in leave:
        asked["mask"] = given(record.mask)
    if record.continues and "continues" not in leave:
        known = history.by_ids([record.continues])
        if record.continues not in new and not known:
            raise HistoryError(
                f"@{drawing.number} goes on with a conversation that is not in this history."
            )
        asked["continues"] = new.get(record.continues) or known[0]
    return asked


def _in_place_of(item: ReferenceInfo, old: Drawings, new: Drawing) -> Reference:
    """Take the picture at the same place of the new drawing, its first one where it has fewer."""
    places = [picture.sha256 for drawing in old for picture in drawing.pictures]
    index = places.index(item.sha256) if item.sha256 in places else 0
    if not new.pictures:
        raise HistoryError(f"The new drawing @{new.number} has no picture to go on with.")
    picture = new.pictures[index if index < len(new.pictures) else 0]
    return Reference.of(picture.data, source=picture.name, drawing=new.id)


def _where(session: Any, drawing: Drawing) -> dict[str, str]:
    """Name the endpoint that it was asked of, where that is another than the one in use."""
    name = drawing.record.endpoint
    others = session.settings.endpoints
    return {"endpoint": name} if name in others and name != session.settings.endpoint else {}
