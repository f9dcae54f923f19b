"""The functions that draw: ``nbext.draw`` and others."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal, TypedDict, Unpack, overload

import msgspec

from nbext.errors import OptionError
from nbext.messages.say import phrase
from nbext.session.current import current_session
from nbext.session.turns import next_turn
from nbext.session.validation import checked_takes, options_of_fields
from nbext.util.public import Public, with_own_errors
from nbext.util.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nbext.data.model import Model
    from nbext.data.options import Options
    from nbext.data.request import Request
    from nbext.drawings.drawing import Drawing, Drawings
    from nbext.session.session import Session


class _Fields(TypedDict, total=False):
    """The arguments of ``draw`` but its prompt and ``n``, which decides what it returns."""

    model: str
    images: object
    aspect: str
    size: str
    quality: str
    format: str
    seed: int | None
    mask: object
    system: str
    continues: Drawing | str | None
    params: Mapping[str, Any] | None
    via: str
    endpoint: str
    fresh: bool
    yes: bool


@overload
def draw(  # type: ignore[overload-overlap]  # 1 is an int, too
    prompt: str, *, n: Literal[1] = 1, **fields: Unpack[_Fields]
) -> Drawing: ...


@overload
def draw(prompt: str, *, n: int, **fields: Unpack[_Fields]) -> Drawings: ...


@with_own_errors
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
    """Draw a picture and wait for it. In a notebook, it is shown below the cell.

    Args:
        prompt: What to draw, in any language.
        n: The number of takes, which are drawn at the same time.
        model: The model. By default ``Nbext.model``.
        images: One or several reference pictures to modify or follow: drawings, pictures, PIL
            images, arrays, figures, bytes, paths, URLs or ``"@3"``.
        aspect: The ratio of width to height, such as ``"2:3"``.
        size: The size in pixels, such as ``"1024x1536"``, or a name that the model knows.
        quality: The quality, in the model's words.
        format: ``"png"``, ``"jpeg"`` or ``"webp"``.
        seed: A seed, for models that accept one.
        mask: A picture that is transparent where the first reference may change.
        system: A system message.
        continues: The drawing whose conversation to continue.
        params: Other fields of the request body.
        via: The wire format to use instead of the model's own.
        endpoint: The name of an endpoint in the settings.
        fresh: Send a new request even if one is recorded.
        yes: Send more than ``Nbext.confirm_above`` requests without asking first.
        **unknown: Raises an error that suggests similar names.

    Returns:
        A ``Drawing``, or ``Drawings`` if ``n`` is greater than 1.

    Raises:
        RequestError: The request failed. ``.drawing`` is the record of the failure.
        OptionError: An argument is not valid.

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


@with_own_errors
async def adraw(prompt: str, **fields: Any) -> Any:
    """Draw a picture without blocking the event loop. Accepts the arguments of ``draw``.

    Example:
        >>> cat, dog = await asyncio.gather(nbext.adraw("猫"), nbext.adraw("狗"))  # doctest: +SKIP
    """
    with next_turn() as turn:
        options = options_of_fields("adraw", "draw", prompt, fields)
        return await current_session().ask(options, turn=turn)


@with_own_errors
def request(prompt: str, **fields: Any) -> PreparedRequest:
    """Prepare a request without sending it, to show it as code or to draw it later.

    Args:
        prompt: What to draw.
        **fields: Arguments of ``nbext.draw``, except ``n`` and ``fresh``.

    Example:
        >>> cat = nbext.request("画只猫", aspect="2:3")  # doctest: +SKIP
        >>> print(cat.code("go"))  # doctest: +SKIP
        >>> d = cat.draw()  # doctest: +SKIP
    """
    session = current_session()
    options = options_of_fields("request", "draw", prompt, fields, without=("n", "fresh"))
    return PreparedRequest(session, options, session.run(session.plan(options)))


class PreparedRequest(Public):
    """A request that has not been sent.

    Attributes:
        request: The request.
    """

    def __init__(self, session: Session, options: Options, request: Request) -> None:
        self._session = session
        self._options = options
        self.request = request

    def code(self, language: str = "python") -> str:
        """Return the request as code, without the key.

        Args:
            language: ``shell``, ``python``, ``javascript`` …; errors list all names.
        """
        from nbext.drawings.drawing import Code
        from nbext.session import snippet

        return Code(snippet.code(self._session.connection, self.request, language)[0])

    def draw(self, *, n: int = 1, fresh: bool = False) -> Any:
        """Send the request, or show the recorded drawing."""
        with next_turn() as turn:
            options = msgspec.structs.replace(self._options, takes=checked_takes(n), fresh=fresh)
            return self._session.ask(options, request=self.request, turn=turn).wait()

    def __repr__(self) -> str:
        return f"<Request {self.request.prompt!r}, {self.request.model}, not sent>"


@with_own_errors
def models(*words: str, endpoint: str = "") -> list[Model]:
    """List the endpoint's models.

    Args:
        *words: Words that a model's name must contain. A single word that is the name of an
            endpoint in the settings means that endpoint.
        endpoint: The name of an endpoint in the settings.

    Raises:
        RequestError: The endpoint does not list them.
        OptionError: No model has these words in its name.

    Example:
        >>> [model.id for model in nbext.models("image")]  # doctest: +SKIP
    """
    session = current_session()
    if len(words) == 1 and not endpoint and words[0] in (*session.settings.endpoints, "embedded"):
        return list_models(session, (), words[0])
    return list_models(session, words, endpoint)


def list_models(session: Session, words: Sequence[str], endpoint: str) -> list[Model]:
    """List the endpoint's models whose names contain all words; see ``models``."""
    listed = session.run(session.recorded_models(endpoint))
    matches = [m for m in listed if all(word.lower() in m.id.lower() for word in words)]
    if words and not matches:
        ids = [model.id for model in listed]
        parts = [part for id_ in ids for part in re.split(r"[-_/.]", id_)]
        remedy = did_you_mean(words[0], [*ids, *parts], n=1, otherwise=phrase("cell.models_all"))
        raise OptionError(phrase("cell.no_model_matches", names=" ".join(words)), remedy=remedy)
    return matches
