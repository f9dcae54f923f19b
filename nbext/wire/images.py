"""The images format: from a prompt, or pictures and a prompt, to pictures.

Source: OpenAI API reference, ``POST /v1/images/generations`` and ``/v1/images/edits``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbext.errors import OptionError
from nbext.messages.say import phrase
from nbext.wire.base_decoder import Reader
from nbext.wire.cost import cost_in
from nbext.wire.encoding import form_fields, media_type, merged, refuse
from nbext.wire.events import Call, Upload
from nbext.wire.jobs import (
    DRAWN_WITH,
    drawn_with,
    failed_items,
    is_job,
    item_error,
    job,
    partial_reasons,
)
from nbext.wire.json_values import as_dict, as_list, as_text, encoded
from nbext.wire.picture_values import results_in_order

if TYPE_CHECKING:
    from nbext.data.request import Reference, Request
    from nbext.wire.events import SinkFactory


class ImagesWire:
    """Writes images requests and reads their answers."""

    name = "images"

    def encode(self, request: Request) -> Call:
        """Encode a request: an edit if there are pictures to edit, else a generation.

        This format has no conversation; to continue one is to edit its last pictures. A stream is
        used only if ``extra`` asks for it, or for previews: some proxies do not support it, it does
        not keep a connection open, and previews are billed.

        Raises:
            OptionError: A system message, or a mask without a picture.
        """
        refuse(request, self.name, {"system": phrase("wire.in_prompt")})
        references = pictures(request)
        named = {
            "size": request.size,
            "aspect_ratio": request.aspect,
            "quality": request.quality,
            "output_format": request.format,
        }
        body: dict[str, Any] = {"model": request.model, "prompt": request.prompt}
        body |= {key: value for key, value in named.items() if value}
        if request.seed is not None:
            body["seed"] = request.seed
        body = merged(body, request.extra)
        if body.get("partial_images"):
            # Previews require a stream.
            body.setdefault("stream", True)
        stream = bool(body.get("stream"))
        if not references:
            path = "images/edits" if _are_objects(body) else "images/generations"
            return Call(path=path, body=body, stream=stream, prompt_sent=request.prompt)
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
        """Create a decoder for one answer."""
        return ImagesReader(request, sink, content_type=content_type)


def pictures(request: Request) -> tuple[Reference, ...]:
    """Return the pictures to edit: those of the continued answer, and the references.

    Raises:
        OptionError: There is none, but the request continues an answer or has a mask.
    """
    references = request.references
    if request.conversation:
        last = request.conversation[-1].pictures
        if not last and not references:
            raise OptionError(
                phrase("wire.images_conversation"),
                remedy=phrase("wire.give_reference"),
            )
        references = (*last, *references)
    if request.mask is not None and not references:
        raise OptionError(phrase("wire.mask_alone"), remedy=phrase("wire.give_reference"))
    return references


def _are_objects(body: dict[str, Any]) -> bool:
    """Return whether a body has pictures to edit as objects, as in JSON edits."""
    first = as_list(body.get("images") or [body.get("image")])[:1]
    return bool(first) and isinstance(first[0], dict)


def _upload(field: str, name: str, picture: Reference) -> Upload:
    return Upload(
        field=field,
        filename=f"{name}.{picture.info.extension}",
        data=picture.data,
        media_type=media_type(picture),
    )


class ImagesReader(Reader):
    """Decodes pictures: all at once, from a stream, or as a relay's job."""

    def __init__(self, request: Request, sink: SinkFactory, *, content_type: str = "") -> None:
        super().__init__(request, sink, content_type=content_type)
        self._errors: list[Any] = []

    def value(self, value: Any, event: str) -> None:
        """Process the answer, or an event of its stream."""
        answer = as_dict({"data": value} if isinstance(value, list) else value)
        kind = as_text(answer.get("type")) or event
        named = {key: answer.get(key) for key in DRAWN_WITH}
        self.say_meta(model=answer.get("model"), **named)
        self.usage(answer.get("usage"), answer, costs=_cost_of_items(answer))
        if kind.endswith(".partial_image"):
            self.picture(answer.get("b64_json"), partial=True)
            return
        if kind.endswith("_failed") and answer.get("error"):
            self._item_failed(answer["error"])
            return
        if kind.endswith((".completed", "_succeeded")):
            places = (answer.get(key) for key in ("image_index", "output_index", "index"))
            self.place = next((place for place in places if isinstance(place, int)), None)
            self.pictures_of(answer)
            if kind.endswith(".completed"):
                self.finish("completed")
            return
        is_state = is_job(value)
        if is_state and job(value)[0].status in ("queued", "running"):
            # Other pictures and links in it are those sent, or the job's own.
            self._job_state(value)
            return
        drew = [self._item(item) for item in _items(answer)]
        has_some = any(drew)
        if has_some:
            # Errors beside the pictures are about others.
            others = failed_items(answer.get("output")) if is_state else []
            self.say_failed_items([*others, *partial_reasons(answer)])
            self._errors += as_list(answer.get("errors"))
        if not has_some and is_state:
            self._job_state(value)
        elif has_some or self.pictures_of(answer) or "data" in answer:
            self.say_meta(**drawn_with(answer, self.request.prompt))
            self.finish(as_text(answer.get("status")))
        for choice in map(as_dict, as_list(answer.get("choices"))):
            # Some endpoints answer in the chat format.
            spoken = as_dict(choice.get("message") or choice.get("delta"))
            self.prose(as_text(spoken.get("content")))

    def _item(self, item: Any) -> bool:
        """Process an item of a list of results; return whether it has a picture."""
        drew = self.pictures_of(item)
        details = as_dict(item)
        ending = as_text(details.get("finish_reason") or details.get("finishReason"))
        if not drew and "filter" in ending.lower():
            self._item_failed({"message": ending})
        self.say_meta(**drawn_with(item, self.request.prompt))
        if details.get("error"):
            self._item_failed(details["error"])
        elif not drew and (message := item_error(item)):
            self._item_failed({"message": message, "code": details.get("code")})
        return drew

    def _item_failed(self, error: Any) -> None:
        """Note that one of several pictures failed: an error only if none arrives."""
        self._errors.append(error)

    def ended(self) -> None:
        """Report why pictures are missing."""
        for error in self._errors:
            words = as_text(as_dict(error).get("message")) or encoded(error).decode()
            if self.has_result:
                self.say_failed_items([words])
            else:
                self.refused(error, phrase("wire.failed"))

    def _job_state(self, value: Any) -> None:
        state, links = job(value, kind="picture")
        self.say(state)
        for link in links:
            self.link(link.url, link.kind)
        if state.status == "done":
            self.say_meta(**drawn_with(value, self.request.prompt))
            self.say_failed_items(failed_items(value))
        answer = as_dict(value)
        if state.status in ("queued", "running"):
            self.link(state.poll_url, "poll")
        if state.status == "failed":
            self.refuse_job(answer.get("error"), state.message)
        self.finish(state.status)


def _items(answer: dict[str, Any]) -> list[Any]:
    """List what an answer has under the names that endpoints use for results, in order."""
    values = [answer.get(key) for key in ("data", "images", "output", "predictions")]
    parts = [results_in_order(value) if isinstance(value, list) else [value] for value in values]
    return [item for part in parts for item in part]


def _cost_of_items(answer: dict[str, Any]) -> dict[str, Any]:
    """Add up the costs of an answer's items; empty if one has none."""
    costs = [cost_in(as_dict(item)) for item in as_list(answer.get("data"))]
    if not costs or None in costs or cost_in(answer) is not None:
        return {}
    return {"usage": {"cost": sum(cost for cost in costs if cost is not None)}}


WIRE = ImagesWire()
