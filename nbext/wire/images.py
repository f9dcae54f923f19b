"""The images format: a prompt to pictures, or pictures and a prompt to pictures.

Source: OpenAI API reference, ``POST /v1/images/generations`` and ``/v1/images/edits``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbext.errors import OptionError
from nbext.families import sizes
from nbext.wire.base_decoder import Reader
from nbext.wire.encoding import form_fields, media_type, merged, refuse
from nbext.wire.error_body import mask, one_line
from nbext.wire.events import Call, Notice, Upload
from nbext.wire.jobs import is_job, job
from nbext.wire.json_values import as_dict, as_list, as_text, encoded

if TYPE_CHECKING:
    from nbext.data.request import Reference, Request
    from nbext.wire.events import SinkFactory

SIZES = ("1024x1024", "1024x1536", "1536x1024")
QUALITIES = ("auto", "low", "medium", "high")
MAX_REFERENCES = 16
PARTIAL_IMAGES = 2

_SOURCE = "OpenAI, images API"


class ImagesWire:
    """Writes images requests and reads their answers."""

    name = "images"

    def encode(self, request: Request) -> Call:
        """Write a request: an edit where there are pictures to edit, else a generation.

        This format has no conversation; to go on with one means to edit its last pictures.

        Raises:
            OptionError: A system message, a mask without a picture, too many pictures, or a seed
                for a model that has none.
        """
        refuse(request, self.name, {"system": "Say it in the prompt."})
        references = _references(request)
        body: dict[str, Any] = {"model": request.model, "prompt": request.prompt}
        size = request.size or _size_of(request.aspect, request.model)
        named = {"size": size, "quality": request.quality, "output_format": request.format}
        body |= {key: value for key, value in named.items() if value}
        if is_gpt_image(request.model):
            refuse(request, self.name, {"seed": f"{request.model} takes none."})
            if request.extra.get("stream", True):
                body |= {"stream": True, "partial_images": PARTIAL_IMAGES}
        elif request.seed is not None:
            body["seed"] = request.seed
        body = merged(body, request.extra)
        stream = bool(body.get("stream"))
        if not references:
            return Call(
                path="images/generations", body=body, stream=stream, prompt_sent=request.prompt
            )
        field = "image" if len(references) == 1 else "image[]"
        files = [_upload(field, f"image-{n}", item) for n, item in enumerate(references, 1)]
        if request.mask is not None:
            files.append(_upload("mask", "mask", request.mask))
        return Call(
            path="images/edits",
            form=form_fields(body),
            files=tuple(files),
            stream=stream,
            prompt_sent=request.prompt,
        )

    def decoder(
        self, request: Request, sink: SinkFactory, *, content_type: str = ""
    ) -> ImagesReader:
        """Make a reader of one answer."""
        return ImagesReader(request, sink, content_type=content_type)


def is_gpt_image(model: str) -> bool:
    """Tell OpenAI's image models, which stream and are strict about fields.

    Example:
        >>> is_gpt_image("gpt-image-2"), is_gpt_image("gpt-4o-image")
        (True, False)
    """
    return _bare(model).startswith(("gpt-image-", "chatgpt-image-"))


def advice(request: Request) -> list[str]:
    """Say what an endpoint would accept, and bill, without doing what was asked."""
    said = []
    if is_gpt_image(request.model):
        said += _size_advice(request)
        legal = (*QUALITIES, "xhigh", "max") if _any_size(request.model) else QUALITIES
        if request.quality and request.quality not in legal:
            said.append(f"{request.model} quality: {', '.join(legal)} ({_SOURCE})")
        if request.extra.get("background") == "transparent" and request.format == "jpeg":
            said.append(f"a transparent background needs png or webp ({_SOURCE})")
        for field in ("response_format", "style"):
            if field in request.extra:
                said.append(f"gpt-image models refuse {field} ({_SOURCE})")
    references = _references(request)
    if any(r.info.media_type not in _PICTURES for r in references):
        said.append(f"reference pictures: png, jpeg or webp ({_SOURCE})")
    if request.mask is not None and references:
        mask, first = request.mask.info, references[0].info
        if (mask.width, mask.height) != (first.width, first.height):
            said.append(f"the mask has the size of the first picture ({_SOURCE})")
        if mask.media_type != "image/png" or not _has_alpha(request.mask.data):
            said.append(f"the mask is a png, transparent where the picture changes ({_SOURCE})")
    return said


_PICTURES = ("image/png", "image/jpeg", "image/webp")


def _size_advice(request: Request) -> list[str]:
    size = request.size
    if request.aspect and not size:
        size = _size_of(request.aspect, request.model)
        width, height = sizes.pixels(size) or (1, 1)
        if abs(sizes.ratio(request.aspect) / (width / height) - 1) > 0.02:
            return [f"aspect {request.aspect} becomes {size}, the nearest ({_SOURCE})"]
        return []
    if size in ("", "auto"):
        return []
    measured = sizes.pixels(size)
    if not _any_size(request.model):
        legal = ("auto", *SIZES)
        return [] if size in legal else [f"{request.model} sizes: {', '.join(legal)} ({_SOURCE})"]
    if measured is None:
        return [f"{request.model} sizes: auto, or pixels like 1024x1536 ({_SOURCE})"]
    width, height = measured
    short, long = sorted(measured)
    said = []
    if width % 16 or height % 16 or not short or long > 3 * short:
        said.append(
            f"{request.model} sizes: both sides divisible by 16, ratio 1:3 to 3:1 ({_SOURCE})"
        )
    if long > 3840 or short > 2160:
        said.append(f"{request.model} sizes: at most 3840x2160 ({_SOURCE})")
    return said


def _has_alpha(png: bytes) -> bool:
    """Tell whether a PNG can be transparent: its colour type, or a tRNS chunk (PNG, 11.2.1)."""
    return png[25:26] in (b"\x04", b"\x06") or b"tRNS" in png[: png.find(b"IDAT")]


def _bare(model: str) -> str:
    """Take a provider's name off a model's."""
    return model.rsplit("/", 1)[-1].lower()


def _any_size(model: str) -> bool:
    """Tell the models that take any size, which are those since gpt-image-2."""
    return _bare(model).startswith("gpt-image-2")


def _size_of(aspect: str, model: str) -> str:
    if not aspect:
        return ""
    size = sizes.nearest(aspect, SIZES)
    if any(word in _bare(model) for word in ("seedream", "jimeng")):
        return aspect  # these take the ratio itself
    width, height = sizes.pixels(size) or (1, 1)
    exact = abs(sizes.ratio(aspect) - width / height) < 0.01
    return size if exact or not _any_size(model) else sizes.fitted(aspect)


def _references(request: Request) -> tuple[Reference, ...]:
    references = request.references
    if request.conversation:
        last = request.conversation[-1].pictures
        if not last and not references:
            raise OptionError(
                "The wire format images has no conversation, and the last answer has no picture.",
                remedy="Give a reference picture.",
            )
        references = (*last, *references)
    if request.mask is not None and not references:
        raise OptionError(
            "There is a mask, but no picture to change.", remedy="Give a reference picture."
        )
    if len(references) > MAX_REFERENCES:
        raise OptionError(
            f"{len(references)} reference pictures are too many.",
            remedy=f"The images format takes {MAX_REFERENCES}.",
        )
    return references


def _upload(field: str, name: str, picture: Reference) -> Upload:
    return Upload(
        field=field,
        filename=f"{name}.{picture.info.extension}",
        data=picture.data,
        media_type=media_type(picture),
    )


class ImagesReader(Reader):
    """Reads pictures: all at once, from a stream, or a relay's job that will have them."""

    def __init__(self, request: Request, sink: SinkFactory, *, content_type: str = "") -> None:
        super().__init__(request, sink, content_type=content_type)
        self._errors: list[Any] = []

    def value(self, value: Any, event: str) -> None:
        """Take the answer, or an event of its stream."""
        answer = as_dict({"data": value} if isinstance(value, list) else value)
        kind = as_text(answer.get("type")) or event
        named = {key: answer.get(key) for key in _DRAWN_WITH}
        self.say_meta(model=answer.get("model"), **named)
        self.usage(answer.get("usage"))
        if kind.endswith(".partial_image"):
            self.picture(answer.get("b64_json"), partial=True)
            return
        if kind.endswith("_failed") and answer.get("error"):
            self._item_failed(answer["error"])
            return
        if kind.endswith((".completed", "_succeeded")):
            self.pictures_of(answer)
            if kind.endswith(".completed"):
                self.finish("completed")
            return
        is_state = is_job(value)
        if is_state and job(value)[0].status in ("queued", "running"):
            # Pictures and addresses beside it are those that were sent, or of the job itself.
            self._job_state(value)
            return
        has_some = False
        for key in ("data", "images", "output"):
            items = answer.get(key)
            for item in items if isinstance(items, list) else [items]:
                has_some = self.pictures_of(item) or has_some
                details = as_dict(item)
                self.say_meta(**{name: details.get(name) for name in _DRAWN_WITH})
                if details.get("error"):
                    self._item_failed(details["error"])
        if not has_some and is_state:
            self._job_state(value)
        elif has_some or self.pictures_of(answer) or "data" in answer:
            self.finish(as_text(answer.get("status")))
        for choice in map(as_dict, as_list(answer.get("choices"))):
            # Some endpoints answer in the words of chat.
            spoken = as_dict(choice.get("message") or choice.get("delta"))
            self.prose(as_text(spoken.get("content")))

    def _item_failed(self, error: Any) -> None:
        """Note that one of several pictures has failed: an error where none has come."""
        self._errors.append(error)

    def ended(self) -> None:
        """Say why pictures are missing."""
        for error in self._errors:
            words = as_text(as_dict(error).get("message")) or encoded(error).decode()
            if self.has_result:
                self.say(Notice(message=f"A picture has failed: {one_line(mask(words), 300)}"))
            else:
                self.refused(error, "The picture has failed.")

    def _job_state(self, value: Any) -> None:
        state, links = job(value, kind="picture")
        self.say(state)
        for link in links:
            self.link(link.url, link.kind)
        answer = as_dict(value)
        if state.status in ("queued", "running"):
            self.link(state.poll_url, "poll")
        if state.status == "failed":
            self.refused(answer.get("error"), state.message)
        self.finish(state.status)


_DRAWN_WITH = ("revised_prompt", "size", "quality", "background", "output_format")

WIRE = ImagesWire()
