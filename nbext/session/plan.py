"""Turns options into a request, for running cells and for ``nbext check``.

Nothing is sent or written here. Reference pictures and conversations are read by a
``ReferenceReader``: the session's reads files, URLs and variables; that of ``nbext check`` has
only hashes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import msgspec

from nbext.config.settings import CONFIG
from nbext.data.request import Reference, Request, Turn
from nbext.errors import OptionError
from nbext.families.registry import gpt_model
from nbext.messages.say import phrase
from nbext.session.structured_output import ResponseSchema
from nbext.session.tools import tool_fields
from nbext.session.validation import checked, checked_params

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from nbext.data.options import Options
    from nbext.data.record import Kind

T = TypeVar("T")


class Conversation(msgspec.Struct, frozen=True, kw_only=True):
    """The conversation that a request continues.

    Attributes:
        drawing: The id of the last drawing of the conversation.
        name: The drawing as written, if it was named by its number, such as ``@3``.
        lineage: The request behind this drawing, if it was not named by a number.
        relative: Whether it was named by its position, such as ``@-1``.
        model: The model that answered. It is used again unless another one is requested.
        turns: The messages of the conversation, oldest first.
    """

    drawing: str
    model: str
    name: str = ""
    lineage: str = ""
    relative: bool = False
    turns: tuple[Turn, ...] = ()


class ReferenceReader(Protocol):
    """Reads the pictures and conversations that a request refers to."""

    async def picture(self, value: object, *, options: Options, index: int) -> Reference:
        """Read a reference picture.

        Args:
            value: The value in the options.
            options: The options that contain the value.
            index: The index among the references, or -1 for the mask.
        """

    async def conversation(self, value: object, *, options: Options) -> Conversation:
        """Read the conversation that ends with a drawing.

        Args:
            value: The drawing in the options, or a reference to it.
            options: The options that contain the value.
        """


class PlanSettings(Protocol):
    """The settings that a plan reads."""

    model: Any
    chat_model: Any
    respond_model: Any
    complete_model: Any
    video_model: Any

    def source_of(self, name: str) -> str:
        """Return the source that set a setting, or an empty text for the default."""


async def plan(options: Options, *, settings: PlanSettings, reader: ReferenceReader) -> Request:
    """Create the request for the given options.

    Args:
        options: The options.
        settings: The settings, with the default models.
        reader: Reads reference pictures and conversations.

    Raises:
        OptionError: An option is not valid.
        HistoryError: A referenced drawing does not exist.
    """
    options = checked(options)
    conversation = None
    if options.continues:
        conversation = await reader.conversation(options.continues, options=options)
    references = [
        await reader.picture(value, options=options, index=index)
        for index, value in enumerate(options.images)
    ]
    mask = options.mask
    model = options.model or (conversation.model if conversation is not None else "")
    return Request(
        prompt=options.prompt,
        model=gpt_model(model or default_model(settings, options.kind)),
        kind=options.kind,
        references=tuple(references),
        mask=await reader.picture(mask, options=options, index=-1) if mask is not None else None,
        aspect=options.aspect,
        size=options.size,
        quality=options.quality,
        format=options.format,
        seed=options.seed,
        system=options.system,
        conversation=conversation.turns if conversation is not None else (),
        continues=conversation.drawing if conversation is not None else "",
        continues_as=conversation.name if conversation is not None else "",
        lineage=conversation.lineage if conversation is not None else "",
        relative=conversation.relative if conversation is not None else False,
        extra=body_fields(options) | checked_params(options.params),
        via=options.via,
        endpoint=options.endpoint,
        template=options.template,
        variables=options.variables,
        default_model=not model and settings.source_of(_setting_of(options.kind)) != CONFIG,
    )


def default_model(settings: PlanSettings, kind: Kind) -> str:
    """Return the default model for a kind of request."""
    return str(getattr(settings, _setting_of(kind)))


def _setting_of(kind: Kind) -> str:
    """Return the name of the setting with the default model for a kind of request."""
    return "model" if kind == "draw" else f"{kind}_model"


def body_fields(options: Options) -> dict[str, Any]:
    """Return length, schema, tools and search as fields of the request body."""
    fields: dict[str, Any] = {}
    if options.seconds:
        fields["seconds"] = str(options.seconds)
    if options.schema is not None:
        shape = ResponseSchema(options.schema)
        if options.kind == "respond":
            fields["text"] = {"format": shape.text_format()}
        else:
            fields["response_format"] = shape.response_format()
    tools = tool_fields(options.tools)
    if options.search:
        tools.append({"type": "web_search"})
    if tools:
        fields["tools"] = tools
    return fields


def wait_for(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that never has to wait, such as a plan whose reader needs no I/O.

    Raises:
        OptionError: The coroutine waits.
    """
    try:
        work.send(None)
    except StopIteration as end:
        result: T = end.value
        return result
    work.close()
    raise OptionError(phrase("session.cannot_plan"))
