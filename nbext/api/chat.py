"""The functions for text and film: ``nbext.chat`` and others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbext.session.current import current_session
from nbext.session.turns import next_turn
from nbext.session.validation import options_of_fields
from nbext.util.public import with_own_errors

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from nbext.data.record import Kind
    from nbext.drawings.drawing import Drawing
    from nbext.session.ask import PendingReply
    from nbext.session.turns import Turn

    Tool = Callable[..., Any] | Mapping[str, Any]


@with_own_errors
def chat(
    prompt: str,
    *,
    model: str = "",
    images: object = (),
    video: object = None,
    system: str = "",
    schema: object = None,
    tools: Tool | Sequence[Tool] = (),
    yes: bool = False,
    rounds: int = 8,
    continues: Drawing | str | None = None,
    params: Mapping[str, Any] | None = None,
    via: str = "",
    endpoint: str = "",
    fresh: bool = False,
    **unknown: Any,
) -> Any:
    """Ask a chat model and wait for its answer.

    Args:
        prompt: The question.
        model: The model, or the address of a GPT. By default ``Nbext.chat_model``.
        images: One or several pictures to look at, as for ``nbext.draw``.
        video: A film to look at.
        system: A system message.
        schema: The structure of the answer: a JSON schema, dataclass, struct, pydantic model, or
            for example ``list[Cat]``.
        tools: Functions that the model may call; schemas are made from signatures and docstrings.
            Also tools of the endpoint, such as ``{"type": "web_search"}``.
        yes: Run the functions without asking.
        rounds: The maximum number of rounds of function calls.
        continues: The reply whose conversation to continue.
        params: Other fields of the request body.
        via: The wire format to use instead of the model's own.
        endpoint: The name of an endpoint in the settings.
        fresh: Send a new request even if one is recorded.
        **unknown: Raises an error that suggests similar names.

    Returns:
        The reply: a ``Drawing`` with ``.text`` and ``.reasoning``, or with ``schema`` a validated
        instance.

    Raises:
        RequestError: The request failed. ``.drawing`` is the record of the failure.
        OptionError: An argument is not valid.

    Example:
        >>> nbext.chat("9.11和9.8谁大").text  # doctest: +SKIP
        >>> nbext.chat("Name a cat", schema=Cat).name  # doctest: +SKIP
    """
    fields = unknown | {
        "model": model,
        "images": images,
        "video": video,
        "system": system,
        "schema": schema,
        "tools": tools,
        "yes": yes,
        "rounds": rounds,
        "continues": continues,
        "params": params,
        "via": via,
        "endpoint": endpoint,
        "fresh": fresh,
    }
    return _wait_for("chat", prompt, fields)


@with_own_errors
def achat(prompt: str, **fields: Any) -> PendingReply:
    """Ask a chat model from async code: await the reply, or iterate over its events.

    Example:
        >>> reply = await nbext.achat("你好")  # doctest: +SKIP
        >>> async for event in nbext.achat("你好"):  # doctest: +SKIP
        ...     print(getattr(event, "text", ""), end="")
    """
    return _ask("chat", prompt, fields)


@with_own_errors
def respond(prompt: str, *, search: bool = False, **fields: Any) -> Any:
    """Ask a model through the Responses endpoint. Accepts the arguments of ``chat``.

    Args:
        prompt: The question.
        search: Let the model search the web. ``reply.record.citations`` lists the sources.
        **fields: Arguments of ``chat``. With ``tools={"type": "image_generation"}`` the model can
            draw; the pictures are in ``reply.pictures``.

    Example:
        >>> nbext.respond("What is new?", search=True).record.citations  # doctest: +SKIP
    """
    return _wait_for("respond", prompt, fields | {"search": search})


@with_own_errors
def complete(prompt: str, **fields: Any) -> Any:
    """Let an instruct model continue a text.

    Example:
        >>> nbext.complete("Once upon a time", params={"max_tokens": 40}).text  # doctest: +SKIP
    """
    return _wait_for("complete", prompt, fields)


@with_own_errors
def video(prompt: str, *, seconds: int | None = None, wait: bool = True, **fields: Any) -> Any:
    """Make a film.

    Args:
        prompt: What the film shows.
        seconds: The length, for models that accept one.
        wait: Whether to wait for the film. If not, the return value has ``.wait()`` and
            ``.cancel()``.
        **fields: Other arguments: ``model``, ``images`` (the first frame), ``aspect``, ``size``,
            ``params`` …

    Example:
        >>> nbext.video("a cat walks", seconds=4).save("cat.mp4")  # doctest: +SKIP
        >>> job = nbext.video("a cat walks", wait=False)  # doctest: +SKIP
        >>> job.wait().films[0].size  # doctest: +SKIP
    """
    fields = fields | {"seconds": seconds}
    return _wait_for("video", prompt, fields) if wait else _ask("video", prompt, fields).start()


def _wait_for(verb: Kind, prompt: str, fields: dict[str, Any]) -> Any:
    with next_turn() as turn:
        return _ask(verb, prompt, fields, turn).wait()


def _ask(verb: Kind, prompt: str, fields: dict[str, Any], turn: Turn | None = None) -> PendingReply:
    return current_session().ask(options_of_fields(verb, verb, prompt, fields), turn=turn)
