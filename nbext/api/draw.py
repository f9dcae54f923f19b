"""The verbs in Python: ``nbext.draw`` and its like."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbext.session.current import current_session, running_cell, shell_of_process
from nbext.session.validation import FIELDS, checked_takes, refuse_unknown

if TYPE_CHECKING:
    from pathlib import Path

    from nbext.data.model import Model
    from nbext.data.request import Request
    from nbext.drawings.drawing import Drawing, Drawings
    from nbext.drawings.history import History
    from nbext.session.session import Session


def draw(
    prompt: str,
    *,
    model: str = "",
    images: Any = (),
    n: int = 1,
    aspect: str = "",
    size: str = "",
    quality: str = "",
    format: str = "",
    seed: int | None = None,
    mask: Any = None,
    system: str = "",
    continues: Drawing | None = None,
    params: dict[str, Any] | None = None,
    via: str = "",
    endpoint: str = "",
    fresh: bool = False,
    **unknown: Any,
) -> Any:
    """Draw a prompt, and wait for it.

    Args:
        prompt: What to draw, in any language.
        model: The default one of the settings where it is empty.
        images: Reference pictures, to modify or to follow, one or a list of them: drawings,
            pictures, PIL images, arrays, figures, bytes, paths, URLs or ``"@3"``.
        n: How many takes, drawn at the same time.
        aspect: The ratio of the sides, like ``"2:3"``.
        size: In pixels, like ``"1024x1536"``, or the model's own word.
        quality: The model's word.
        format: ``"png"``, ``"jpeg"`` or ``"webp"``.
        seed: Where the model has one.
        mask: A picture; where it is transparent, the first reference may change.
        system: A system message.
        continues: The drawing whose conversation goes on.
        params: Any other fields of the body.
        via: The wire format, where the model's own is not wanted.
        endpoint: The name of one of the settings' endpoints.
        fresh: Never replay.
        **unknown: Refused, with "did you mean".

    Returns:
        A ``Drawing``; ``Drawings`` where ``n`` is more than 1.

    Raises:
        RequestError: The endpoint refused or failed; ``.drawing`` is the record of it.
        OptionError: An argument makes no sense.

    Example:
        >>> d = nbext.draw("画只猫", aspect="2:3")  # doctest: +SKIP
        >>> d.image.size  # doctest: +SKIP
        (1024, 1536)
    """
    shell = shell_of_process()
    session = current_session(shell)
    refuse_unknown(unknown, _OPTIONS, "draw")
    work, view = _drawing(session, shell, prompt, dict(locals()))
    try:
        result = session.run(work)
    except BaseException as error:
        _failed(view, error)
        raise
    finally:
        session.tell_warnings()
    _caption(view, result)
    return result


async def adraw(prompt: str, **options: Any) -> Any:
    """Draw a prompt without blocking the event loop; takes what ``draw`` takes.

    Example:
        >>> cat, dog = await asyncio.gather(nbext.adraw("猫"), nbext.adraw("狗"))  # doctest: +SKIP
    """
    shell = shell_of_process()
    session = current_session(shell)
    refuse_unknown(options, _OPTIONS, "adraw")
    work, view = _drawing(session, shell, prompt, options)
    try:
        result = await session.runner.bridge(work)
    except BaseException as error:
        _failed(view, error)
        raise
    finally:
        session.tell_warnings()
    _caption(view, result)
    return result


_OPTIONS = (*FIELDS, "n")


def _drawing(session: Any, shell: Any, prompt: str, given: dict[str, Any]) -> tuple[Any, Any]:
    """Make the work, and where there is a notebook the view that looks on."""
    options = {name: given[name] for name in _OPTIONS if name in given}
    view = None
    if getattr(shell, "kernel", None) is not None:
        from nbext.display.views import view_for

        model = options.get("model") or session.settings.model
        takes = checked_takes(options.get("n", 1))
        view = view_for(shell, model, takes, session.settings)
        view.read = session.store.read
        options["watch"] = view
    return session.adraw(prompt, cell=running_cell(shell), **options), view


def _caption(view: Any, result: Drawing | Drawings) -> None:
    if view is not None:
        view.caption(result if isinstance(result, list) else [result])


def _failed(view: Any, error: BaseException) -> None:
    if view is not None:
        view.fail()
    if isinstance(error, KeyboardInterrupt):
        from nbext.session.observer import shorten

        shorten(error, view.ended() if view is not None else ())


def request(prompt: str, **options: Any) -> PreparedRequest:
    """Make a request without sending it: to see it as code, or to draw it later.

    Args:
        prompt: What to draw.
        **options: Those of ``nbext.draw``, but for ``n`` and ``fresh``.

    Example:
        >>> asked = nbext.request("画只猫", aspect="2:3")  # doctest: +SKIP
        >>> print(asked.code("go"))  # doctest: +SKIP
        >>> d = asked.draw()  # doctest: +SKIP
    """
    session = current_session()
    refuse_unknown(options, [name for name in FIELDS if name != "fresh"], "request")
    extra = options.pop("params", None)
    return PreparedRequest(session, session.run(session.request(prompt, extra=extra, **options)))


class PreparedRequest:
    """A request that has not been sent.

    Attributes:
        request: What is asked.
    """

    def __init__(self, session: Session, asked: Request) -> None:
        self._session = session
        self.request = asked

    def code(self, language: str = "python") -> str:
        """Write it as code, the key left out.

        Args:
            language: ``shell``, ``python``, ``javascript`` … ; a wrong one names them all.
        """
        from nbext.session import snippet

        return snippet.code(self._session.connection, self.request, language)[0]

    def draw(self, *, n: int = 1, fresh: bool = False) -> Any:
        """Send it, or show what is recorded for it."""
        cell = self._session.cell()
        work = self._session.make(self.request, takes=n, fresh=fresh, cell=cell)
        try:
            drawings = self._session.run(work)
        finally:
            self._session.tell_warnings()
        return drawings[0] if n == 1 else drawings

    def __repr__(self) -> str:
        return f"<Request {self.request.prompt!r}, {self.request.model}, not sent>"


def models(endpoint: str = "") -> list[Model]:
    """List the endpoint's models.

    Example:
        >>> [m.id for m in nbext.models() if "image" in m.id]  # doctest: +SKIP
    """
    session = current_session()
    return session.run(session.models(endpoint))


def open_(path: str | Path) -> History:
    """Open the history of another notebook, to read.

    Args:
        path: A notebook, its ``.draws`` folder, or an archive.

    Example:
        >>> nbext.open("paper.ipynb")[3].prompt  # doctest: +SKIP
    """
    from nbext.drawings.open import open_history

    return open_history(path)
