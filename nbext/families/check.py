"""Check a request against its family before it is sent."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Literal

from nbext.errors import OptionError
from nbext.families import check_options, check_pictures, check_shape
from nbext.families.notice import Case, Notice
from nbext.families.shape import is_routed
from nbext.messages.say import one_of, phrase

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from nbext.data.family import Family
    from nbext.data.request import Request, WireName


def notices(
    request: Request,
    family: Family,
    wire: WireName,
    *,
    model_names: Sequence[str] = (),
    today: dt.date | None = None,
) -> list[Notice]:
    """Return what a family does not accept in a request, and what it accepts instead.

    Args:
        request: The request.
        family: The family of its model, corrected by the endpoint's list.
        wire: The wire format to be used.
        model_names: The models in the endpoint's list; empty if unknown.
        today: The date, for models that have ended.

    Returns:
        The errors, then the warnings; empty if there are none.

    Example:
        >>> from nbext.data.request import Request
        >>> from nbext.families.table import table
        >>> asked = Request(prompt="a cat", model="gpt-image-1.5", quality="max")
        >>> for notice in notices(asked, table().find(asked.model), "images", today=dt.date.min):
        ...     print(notice.level, notice)
        error gpt-image-1.5 has no quality 'max'. Use --quality auto, low, medium or high.
    """
    today = today or dt.datetime.now(dt.UTC).date()
    case = Case(request=request, family=family, wire=wire, model_names=model_names, today=today)
    rules = _DRAWING if request.kind in ("draw", "video") else ()
    results = [notice for rule in (*rules, *_ALL) for notice in rule(case)]
    return sorted(results, key=lambda notice: notice.level)


def refuse(results: Iterable[Notice]) -> list[str]:
    """Raise the errors among notices; return the warnings as texts.

    Raises:
        OptionError: There are errors; the message contains all of them.
    """
    results = list(results)
    errors = [notice for notice in results if notice.level == "error"]
    if errors:
        *others, last = errors
        message = " ".join([*map(str, others), last.message])
        raise OptionError(message, remedy=last.remedy)
    return list(map(str, results))


def _output(case: Case) -> Iterator[Notice]:
    kind: Literal["image", "video"] = "video" if case.request.kind == "video" else "image"
    family = case.family
    if case.wire == "responses" and family.outputs == ("image",):
        message = phrase("model.tool_model", model=case.model)
        yield Notice(level="warning", field="model", message=message)
    elif not family.make(kind) and case.wire != "responses":
        products = phrase("model.films" if kind == "video" else "model.pictures")
        message = phrase("model.makes_none", model=case.model, products=products)
        others = phrase("model.use_video") if family.outputs == ("video",) else ""
        yield Notice(level="warning", field="model", message=message, remedy=others)


def _ended(case: Case) -> Iterator[Notice]:
    family, model_names = case.family, case.model_names
    if family.ended is None or case.model in model_names:
        return
    instead = successors(family, case.model, model_names)
    remedy = (
        phrase("model.use", one_of=one_of(instead)) if instead else phrase("model.models_lists")
    )
    if family.ended > case.today:
        if (family.ended - case.today).days <= 90:
            message = phrase("model.ends_on", model=case.model, ended=family.ended)
            yield Notice(level="warning", field="model", message=message, remedy=remedy, once=True)
        return
    message = phrase("model.ended_on", model=case.model, ended=family.ended)
    if model_names:
        message += phrase("model.unlisted")
    # Relays serve ended models, and not every list is complete.
    yield Notice(level="warning", field="model", message=f"{message}.", remedy=remedy, once=True)


def successors(family: Family, model: str, model_names: Sequence[str]) -> list[str]:
    """Return the models to use instead of a model: its successors that the endpoint serves.

    Args:
        family: The family of the model.
        model: Its name; if it begins with a router's ``vendor/``, so do its successors.
        model_names: The models in the endpoint's list; empty if unknown.

    Example:
        >>> from nbext.families.table import table
        >>> sora = table().find("sora-2")
        >>> successors(sora, "sora-2", ["kling-v3", "gpt-4o"]), successors(sora, "sora-2", [])[0]
        (['kling-v3'], 'veo3.1-fast')
    """
    if not model_names:
        return list(family.successors[:2])
    bare = {name.rpartition("/")[2]: name for name in reversed(model_names)}
    if is_routed(model, family):
        vendor = model.partition("/")[0]
        bare |= {n.rpartition("/")[2]: n for n in model_names if n.startswith(f"{vendor}/")}
    return [bare[name] for name in family.successors if name in bare][:3]


def _completion(case: Case) -> Iterator[Notice]:
    if case.wire == "completions" and "max_tokens" not in case.request.extra:
        message = phrase("model.sixteen_tokens")
        remedy = phrase("model.add_tokens")
        yield Notice(level="warning", field="max_tokens", message=message, remedy=remedy)


_DRAWING = (*check_shape.RULES, *check_options.RULES, *check_pictures.RULES, _output)
_ALL = (_ended, _completion)
