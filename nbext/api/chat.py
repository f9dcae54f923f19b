"""The verbs that answer in words, and films: ``nbext.chat`` and its like."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbext.session.current import current_session
from nbext.session.turns import next_turn
from nbext.session.validation import options_of_fields

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from nbext.data.record import Kind
    from nbext.drawings.drawing import Drawing
    from nbext.session.ask import PendingReply
    from nbext.session.turns import Turn


def chat(
    prompt: str,
    *,
    model: str = "",
    images: object = (),
    video: object = None,
    system: str = "",
    schema: object = None,
    tools: Callable[..., Any] | Sequence[Callable[..., Any]] = (),
    yes: bool = False,
    rounds: int = 8,
    continues: Drawing | str | None = None,
    params: Mapping[str, Any] | None = None,
    via: str = "",
    endpoint: str = "",
    fresh: bool = False,
    **unknown: Any,
) -> Any:
    """Ask a chat model, and wait for its answer.

    Args:
        prompt: What to ask.
        model: The settings' ``chat_model`` where it is empty; a GPT by its address.
        images: Pictures to look at, one or several, as ``nbext.draw`` takes them.
        video: A film to look at.
        system: A system message.
        schema: The answer's shape: a JSON schema, a dataclass, a struct or a pydantic model.
        tools: Functions that the model may call; schemas come from signatures and docstrings.
        yes: Run them without asking.
        rounds: How often the model may ask for functions.
        continues: The reply whose conversation goes on.
        params: Any other fields of the body.
        via: The wire format, where the model's own is not wanted.
        endpoint: The name of one of the settings' endpoints.
        fresh: Never replay.
        **unknown: Refused, with "did you mean".

    Returns:
        The reply, a ``Drawing`` with ``.text`` and ``.reasoning``; with ``schema`` a validated
        instance of it.

    Raises:
        RequestError: The endpoint refused or failed; ``.drawing`` is the record of it.
        OptionError: An argument makes no sense.

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


def achat(prompt: str, **fields: Any) -> PendingReply:
    """Ask a chat model from async code: await the reply, or iterate over its events.

    Example:
        >>> reply = await nbext.achat("你好")  # doctest: +SKIP
        >>> async for event in nbext.achat("你好"):  # doctest: +SKIP
        ...     print(getattr(event, "text", ""), end="")
    """
    return _ask("chat", prompt, fields)


def respond(prompt: str, *, search: bool = False, **fields: Any) -> Any:
    """Ask through the Responses endpoint; takes what ``chat`` takes.

    Args:
        prompt: What to ask.
        search: Let it search the web; ``reply.record.citations`` are its sources.
        **fields: Those of ``chat``. ``params={"tools": [{"type": "image_generation"}]}`` lets it
            draw: the pictures are in ``reply.pictures``.

    Example:
        >>> nbext.respond("What is new?", search=True).record.citations  # doctest: +SKIP
    """
    return _wait_for("respond", prompt, fields | {"search": search})


def complete(prompt: str, **fields: Any) -> Any:
    """Let an instruct model go on with a text.

    Example:
        >>> nbext.complete("Once upon a time", params={"max_tokens": 40}).text  # doctest: +SKIP
    """
    return _wait_for("complete", prompt, fields)


def video(prompt: str, *, seconds: int | None = None, wait: bool = True, **fields: Any) -> Any:
    """Make a film.

    Args:
        prompt: What it shows.
        seconds: How long, where the model lets one choose.
        wait: Whether to wait for it; else the reply under way comes back, with ``.wait()`` and
            ``.cancel()``.
        **fields: ``model``, ``images`` (the first frame), ``aspect``, ``size``, ``params`` …

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
