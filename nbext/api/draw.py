"""The verbs in Python: ``nbext.draw`` and its like."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, overload

import msgspec

from nbext.session.current import current_session
from nbext.session.turns import next_turn
from nbext.session.validation import checked_takes, options_of_fields

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbext.data.model import Model
    from nbext.data.options import Options
    from nbext.data.request import Request
    from nbext.drawings.drawing import Drawing, Drawings
    from nbext.session.session import Session


@overload
def draw(  # type: ignore[overload-overlap]  # 1 is an int, too
    prompt: str,
    *,
    n: Literal[1] = 1,
    model: str = "",
    images: object = (),
    aspect: str = "",
    size: str = "",
    quality: str = "",
    format: str = "",
    seed: int | None = None,
    mask: object = None,
    system: str = "",
    continues: Drawing | str | None = None,
    params: Mapping[str, Any] | None = None,
    via: str = "",
    endpoint: str = "",
    fresh: bool = False,
    yes: bool = False,
) -> Drawing: ...


@overload
def draw(
    prompt: str,
    *,
    n: int,
    model: str = "",
    images: object = (),
    aspect: str = "",
    size: str = "",
    quality: str = "",
    format: str = "",
    seed: int | None = None,
    mask: object = None,
    system: str = "",
    continues: Drawing | str | None = None,
    params: Mapping[str, Any] | None = None,
    via: str = "",
    endpoint: str = "",
    fresh: bool = False,
    yes: bool = False,
) -> Drawings: ...


def draw(
    prompt: str,
    *,
    n: int = 1,
    model: str = "",
    images: object = (),
    aspect: str = "",
    size: str = "",
    quality: str = "",
    format: str = "",
    seed: int | None = None,
    mask: object = None,
    system: str = "",
    continues: Drawing | str | None = None,
    params: Mapping[str, Any] | None = None,
    via: str = "",
    endpoint: str = "",
    fresh: bool = False,
    yes: bool = False,
    **unknown: Any,
) -> Drawing | Drawings:
    """Draw a prompt, and wait for it. In a notebook the picture is shown under the cell.

    Args:
        prompt: What to draw, in any language.
        n: How many takes, drawn at the same time.
        model: The settings' model where it is empty.
        images: Reference pictures, to modify or to follow, one or a list of them: drawings,
            pictures, PIL images, arrays, figures, bytes, paths, URLs or ``"@3"``.
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
        yes: Send many requests (more than ``Nbext.confirm_above``) without asking first.
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
    with next_turn() as turn:
        options = options_of_fields(
            "draw",
            "draw",
            prompt,
            unknown
            | {
                "n": n,
                "model": model,
                "images": images,
                "aspect": aspect,
                "size": size,
                "quality": quality,
                "format": format,
                "seed": seed,
                "mask": mask,
                "system": system,
                "continues": continues,
                "params": params,
                "via": via,
                "endpoint": endpoint,
                "fresh": fresh,
                "yes": yes,
            },
        )
        result: Drawing | Drawings = current_session().ask(options, turn=turn).wait()
    return result


async def adraw(prompt: str, **fields: Any) -> Any:
    """Draw a prompt without blocking the event loop; takes what ``draw`` takes.

    Example:
        >>> cat, dog = await asyncio.gather(nbext.adraw("猫"), nbext.adraw("狗"))  # doctest: +SKIP
    """
    with next_turn() as turn:
        options = options_of_fields("adraw", "draw", prompt, fields)
        return await current_session().ask(options, turn=turn)


def request(prompt: str, **fields: Any) -> PreparedRequest:
    """Make a request without sending it: to see it as code, or to draw it later.

    Args:
        prompt: What to draw.
        **fields: Those of ``nbext.draw``, but for ``n`` and ``fresh``.

    Example:
        >>> cat = nbext.request("画只猫", aspect="2:3")  # doctest: +SKIP
        >>> print(cat.code("go"))  # doctest: +SKIP
        >>> d = cat.draw()  # doctest: +SKIP
    """
    session = current_session()
    options = options_of_fields("request", "draw", prompt, fields, without=("n", "fresh"))
    return PreparedRequest(session, options, session.run(session.plan(options)))


class PreparedRequest:
    """A request that has not been sent.

    Attributes:
        request: What is asked.
    """

    def __init__(self, session: Session, options: Options, request: Request) -> None:
        self._session = session
        self._options = options
        self.request = request

    def code(self, language: str = "python") -> str:
        """Write it as code, the key left out.

        Args:
            language: ``shell``, ``python``, ``javascript`` … ; a wrong one names them all.
        """
        from nbext.session import snippet

        return snippet.code(self._session.connection, self.request, language)[0]

    def draw(self, *, n: int = 1, fresh: bool = False) -> Any:
        """Send it, or show what is recorded for it."""
        with next_turn() as turn:
            options = msgspec.structs.replace(self._options, takes=checked_takes(n), fresh=fresh)
            return self._session.ask(options, request=self.request, turn=turn).wait()

    def __repr__(self) -> str:
        return f"<Request {self.request.prompt!r}, {self.request.model}, not sent>"


def models(endpoint: str = "") -> list[Model]:
    """List the endpoint's models.

    Example:
        >>> [m.id for m in nbext.models() if "image" in m.id]  # doctest: +SKIP
    """
    session = current_session()
    return session.run(session.recorded_models(endpoint))
