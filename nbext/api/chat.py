"""The verbs that answer in words, and films: ``nbext.chat`` and its like."""

from __future__ import annotations

import asyncio
from concurrent.futures import CancelledError as FutureCancelled
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from nbext.data.request import listed
from nbext.errors import NbextError, OptionError
from nbext.session.current import current_session, running_cell, shell_of_process
from nbext.session.observer import NullObserver, shorten
from nbext.session.structured_output import ResponseSchema
from nbext.session.tools import ToolSet
from nbext.session.validation import FIELDS, checked_params, refuse_unknown
from nbext.session.waiting import awake

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Generator, Sequence

    from nbext.drawings.drawing import Drawing
    from nbext.session.observer import Observer
    from nbext.session.session import Session
    from nbext.wire.events import Event


def chat(
    prompt: str,
    *,
    model: str = "",
    images: Any = (),
    video: Any = None,
    system: str = "",
    schema: Any = None,
    tools: Callable[..., Any] | Sequence[Callable[..., Any]] = (),
    yes: bool = False,
    rounds: int = 8,
    continues: Drawing | str | None = None,
    params: dict[str, Any] | None = None,
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
    return achat(
        prompt,
        model=model,
        images=images,
        video=video,
        system=system,
        schema=schema,
        tools=tools,
        yes=yes,
        rounds=rounds,
        continues=continues,
        params=params,
        via=via,
        endpoint=endpoint,
        fresh=fresh,
        **unknown,
    ).wait()


def achat(prompt: str, **options: Any) -> PendingReply:
    """Ask a chat model from async code: await the reply, or iterate over its events.

    Example:
        >>> reply = await nbext.achat("你好")  # doctest: +SKIP
        >>> async for event in nbext.achat("你好"):  # doctest: +SKIP
        ...     print(getattr(event, "text", ""), end="")
    """
    return PendingReply("chat", prompt, options)


def respond(prompt: str, *, search: bool = False, **options: Any) -> Any:
    """Ask through the Responses endpoint; takes what ``chat`` takes.

    Args:
        prompt: What to ask.
        search: Let it search the web; ``reply.record.citations`` are its sources.
        **options: Those of ``chat``. ``params={"tools": [{"type": "image_generation"}]}`` lets it
            draw: the pictures are in ``reply.pictures``.

    Example:
        >>> nbext.respond("What is new?", search=True).record.citations  # doctest: +SKIP
    """
    return PendingReply("respond", prompt, options | {"search": search}).wait()


def complete(prompt: str, **options: Any) -> Any:
    """Let an instruct model go on with a text.

    Example:
        >>> nbext.complete("Once upon a time", params={"max_tokens": 40}).text  # doctest: +SKIP
    """
    return PendingReply("complete", prompt, options).wait()


def video(prompt: str, *, seconds: int | None = None, wait: bool = True, **options: Any) -> Any:
    """Make a film.

    Args:
        prompt: What it shows.
        seconds: How long, where the model lets one choose.
        wait: Whether to wait for it; else the asking is given, with ``.wait()`` and ``.cancel()``.
        **options: ``model``, ``images`` (the first frame), ``aspect``, ``size``, ``params`` …

    Example:
        >>> nbext.video("a cat walks", seconds=4).save("cat.mp4")  # doctest: +SKIP
        >>> job = nbext.video("a cat walks", wait=False)  # doctest: +SKIP
        >>> job.wait().films[0].size  # doctest: +SKIP
    """
    if seconds is not None:
        if not str(seconds).isdecimal() or int(seconds) < 1:
            raise OptionError(f"{seconds!r} are no seconds: a whole number from 1 on.")
        options["params"] = {"seconds": str(seconds)} | (options.get("params") or {})
    asking = PendingReply("video", prompt, options)
    return asking.wait() if wait else asking.start()


_TALKING = (
    *(name for name in FIELDS if name not in ("mask", "aspect", "size", "quality", "format")),
    *("video", "schema", "tools", "yes", "rounds"),
)
_TAKEN = {
    "chat": _TALKING,
    "respond": (*_TALKING, "search"),
    "complete": tuple(
        n for n in FIELDS if n not in ("mask", "aspect", "size", "quality", "format")
    ),
    "video": (*(n for n in FIELDS if n not in ("mask", "quality", "format")), "seconds"),
}


class PendingReply:
    """A question under way: wait for it, await it, iterate over its events, or cancel it.

    It is asked once: whoever waits for it again, or awaits it after the last event, has its reply.
    """

    def __init__(self, kind: str, prompt: str, options: dict[str, Any]) -> None:
        refuse_unknown(options, _TAKEN[kind], kind)
        self._shell = shell_of_process()
        self._session = current_session(self._shell)
        self._kind = kind
        self._prompt = prompt
        self._options = dict(options)
        given = self._options.pop("schema", None)
        self._shape = ResponseSchema(given) if given is not None else None
        self._cell = running_cell(self._shell)
        self._future: Any = None
        self._dropped = False

    def wait(self) -> Any:
        """Wait for the reply.

        Raises:
            RequestError: The endpoint refused or failed.
        """
        try:
            if self._future is not None:
                reply = self._session.run(_awaited(self._future))
            else:
                # Not by start(): tools are to run in the thread that waits.
                self._future = Future()
                _follow(self._future, lambda: self._session.run(self._work(NullObserver())))
                reply = self._future.result()
        except FutureCancelled:
            raise _cancelled() from None
        except KeyboardInterrupt as stopped:
            self._dropped = True
            shorten(stopped)
            raise
        finally:
            self._session.tell_warnings()
        return self._result(reply)

    def start(self) -> PendingReply:
        """Send it now, and go on."""
        if self._future is None:
            self._future = self._session.runner.submit(self._work(NullObserver()))
        return self

    def cancel(self) -> None:
        """Drop the request; what it may have cost is in the history."""
        self._dropped = True
        if self._future is not None:
            self._future.cancel()

    def done(self) -> bool:
        """Whether it has ended."""
        return self._future is not None and bool(self._future.done())

    def __await__(self) -> Generator[Any, None, Any]:
        return self._awaited().__await__()

    async def _awaited(self) -> Any:
        self.start()
        future = self._future
        try:
            with awake():
                reply = await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            if self._dropped:
                raise _cancelled() from None
            future.cancel()
            raise
        finally:
            self._session.tell_warnings()
        return self._result(reply)

    async def __aiter__(self) -> AsyncIterator[Event]:
        if self._future is not None:
            raise OptionError("This is asked already.", remedy="nbext.achat(…) asks anew.")
        loop = asyncio.get_running_loop()
        events: asyncio.Queue[Event | None] = asyncio.Queue()
        watch = _Listener(lambda event: loop.call_soon_threadsafe(events.put_nowait, event))
        self._future = self._session.runner.submit(self._work(watch))
        self._future.add_done_callback(lambda _: watch.tell(None))
        try:
            with awake():
                while (event := await events.get()) is not None:
                    yield event
                await asyncio.wrap_future(self._future)
        finally:
            self._future.cancel()
            self._session.tell_warnings()

    async def _work(self, watch: Observer) -> Drawing:
        options = dict(self._options)
        session = self._session
        tools = _toolbox(session, options)
        fresh = bool(options.pop("fresh", False))
        film = options.pop("video", None)
        images = [*listed(options.pop("images", None)), *listed(film)]
        extra = talking_fields(
            self._kind, search=options.pop("search", False), shape=self._shape, tools=tools
        )
        extra |= checked_params(options.pop("params", None) or {})
        request = await session.request(
            self._prompt, kind=self._kind, images=images, extra=extra, fresh=fresh, **options
        )
        replies = await session.make(
            request, fresh=fresh, cell=self._cell, watch=watch, tools=tools
        )
        return replies[0]

    def _result(self, reply: Drawing) -> Any:
        return self._shape.read(reply.text) if self._shape is not None else reply


class _Listener(NullObserver):
    """Hands each event on."""

    def __init__(self, tell: Callable[[Any], object]) -> None:
        self.tell = tell

    def event(self, take: int, event: Event) -> None:
        """Hand it on."""
        del take
        self.tell(event)


def _follow(future: Future[Any], work: Callable[[], Any]) -> None:
    """Do work, and keep how it ended."""
    future.set_running_or_notify_cancel()
    try:
        future.set_result(work())
    except Exception as error:  # noqa: BLE001 -- it is raised by whoever asks for the result
        future.set_exception(error)
    except BaseException:
        future.set_exception(FutureCancelled())
        raise


def _cancelled() -> NbextError:
    return NbextError("It was cancelled.", remedy="What it may have cost is in the history.")


async def _awaited(future: Any) -> Any:
    return await asyncio.wrap_future(future)


def _toolbox(session: Session, options: dict[str, Any]) -> ToolSet | None:
    functions = listed(options.pop("tools", None))
    yes, rounds = bool(options.pop("yes", False)), options.pop("rounds", 8)
    if not functions:
        return None
    if not isinstance(rounds, int) or rounds < 1:
        raise OptionError(f"{rounds!r} rounds are not possible: a whole number from 1 on.")
    return ToolSet(functions, run=session.runner.run_in_caller_thread, yes=yes, rounds=rounds)


def talking_fields(
    kind: str, *, search: bool, shape: ResponseSchema | None, tools: ToolSet | None
) -> dict[str, Any]:
    """Write schema, tools and search as the fields of the wire format."""
    fields: dict[str, Any] = {}
    if shape is not None and kind == "respond":
        fields["text"] = {"format": shape.text_format()}
    elif shape is not None:
        fields["response_format"] = shape.response_format()
    offered = tools.schemas() if tools is not None else []
    if search:
        offered.append({"type": "web_search"})
    if offered:
        fields["tools"] = offered
    return fields
