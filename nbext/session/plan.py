"""Options become a request, alike for a cell that runs and for ``nbext check``.

Nothing is sent and nothing is written here. What must be read, the reference pictures and the
drawing whose conversation goes on, is read by a ``ReferenceReader``: the session's reads files,
addresses and variables, the one of ``nbext check`` has hashes alone.
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
from nbext.session.tools import tools_of
from nbext.session.validation import checked, checked_params

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from nbext.data.options import Options
    from nbext.data.record import Kind

T = TypeVar("T")


class Conversation(msgspec.Struct, frozen=True, kw_only=True):
    """What a request goes on from.

    Attributes:
        drawing: The id of the last drawing of the conversation.
        lineage: The question that this drawing answers, where it was not named by a number.
        relative: Whether it was named by its place, as ``@-1`` is.
        model: That answered there; it answers here, too, where no other is wanted.
        turns: What was said until then, oldest first.
    """

    drawing: str
    model: str
    lineage: str = ""
    relative: bool = False
    turns: tuple[Turn, ...] = ()


class ReferenceReader(Protocol):
    """Reads what a request refers to."""

    async def picture(self, value: object, *, options: Options, index: int) -> Reference:
        """Read a reference picture.

        Args:
            value: As it stands in the options.
            options: Whose it is.
            index: Its place among the references, -1 for the mask.
        """

    async def conversation(self, value: object) -> Conversation:
        """Read the conversation that ends with a drawing."""


class PlanSettings(Protocol):
    """The settings that a plan reads."""

    model: Any
    chat_model: Any
    respond_model: Any
    complete_model: Any
    video_model: Any

    def source_of(self, name: str) -> str:
        """Say which source has set a setting, empty for the default."""


async def plan(options: Options, *, settings: PlanSettings, reader: ReferenceReader) -> Request:
    """Make the request that options ask for.

    Args:
        options: What is asked.
        settings: Give the model where the options leave it open.
        reader: Reads reference pictures and conversations.

    Raises:
        OptionError: An option makes no sense.
        HistoryError: A reference names no drawing.
    """
    options = checked(options)
    conversation = await reader.conversation(options.continues) if options.continues else None
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
    """Name the settings' model for a kind of request."""
    return str(getattr(settings, _setting_of(kind)))


def _setting_of(kind: Kind) -> str:
    """Name the setting of the model for a kind of request."""
    return "model" if kind == "draw" else f"{kind}_model"


def body_fields(options: Options) -> dict[str, Any]:
    """Write length, schema, tools and search as fields of the request's body."""
    fields: dict[str, Any] = {}
    if options.seconds:
        fields["seconds"] = str(options.seconds)
    if options.schema is not None:
        shape = ResponseSchema(options.schema)
        if options.kind == "respond":
            fields["text"] = {"format": shape.text_format()}
        else:
            fields["response_format"] = shape.response_format()
    tools = [tool.schema() for tool in tools_of(options.tools).values()]
    if options.search:
        tools.append({"type": "web_search"})
    if tools:
        fields["tools"] = tools
    return fields


def wait_for(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that never waits, such as a plan whose reader has all at hand.

    Raises:
        OptionError: It does wait.
    """
    try:
        work.send(None)
    except StopIteration as end:
        result: T = end.value
        return result
    work.close()
    raise OptionError(phrase("session.cannot_plan"))
