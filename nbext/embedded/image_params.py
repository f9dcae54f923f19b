"""Parse and check the body of an images request, for the official endpoint and for relays."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

from nbext.embedded.conversation import Attachment, from_url
from nbext.embedded.errors import ReplyError
from nbext.embedded.params import oriented_size, read_count, read_seed
from nbext.embedded.sketch import DrawSpec, Format

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tornado.httputil import HTTPFile

FORMATS: tuple[Format, ...] = get_args(Format)
_QUALITIES = frozenset({"low", "medium", "high", "xhigh", "max"})
_LONGEST_PROMPT = 32_000
_MOST_INPUTS = 16
_STRICT_FAMILIES = ("gpt-image", "chatgpt-image")


@dataclass(frozen=True)
class ImageRequest:
    """A request for pictures.

    Attributes:
        model: The name in the request.
        spec: What to draw; size and start are not set yet.
        attachments: The reference pictures.
        count: The number of pictures.
        stream: Whether to stream the answer.
        partials: The number of previews in a stream.
        as_url: Whether to answer with links instead of the pictures.
        quality: The quality to repeat in the answer.
    """

    model: str
    spec: DrawSpec
    attachments: list[Attachment]
    count: int
    stream: bool
    partials: int
    as_url: bool
    quality: str


def read_image_request(
    body: dict[str, Any], files: Mapping[str, list[HTTPFile]], *, needs_image: bool
) -> ImageRequest:
    """Parse an images request.

    Args:
        body: The fields of the JSON body or the form.
        files: The files of the form.
        needs_image: Whether a picture to edit is required.

    Raises:
        ReplyError: 400, if a field is missing or invalid.
    """
    model = str(body.get("model") or "gpt-image-2")
    prompt = _prompt(body, model)
    attachments = _attachments(body, files)
    if needs_image and not attachments:
        raise ReplyError(400, "Missing required parameter: 'image'.", param="image")
    request = ImageRequest(
        model=model,
        spec=DrawSpec(
            prompt=prompt,
            seed=read_seed(body),
            mask=_mask(body, files, attachments),
            format=_choice(body, "output_format", FORMATS) or "png",
            background="transparent" if body.get("background") == "transparent" else "opaque",
            frames=_whole(body, "frame_count", 9, range(2, 17)),
            frame_ms=_whole(body, "frame_duration_ms", 200, range(10, 655_351)),
        ),
        attachments=attachments,
        count=read_count(body),
        stream=body.get("stream") in (True, "true", "True", "1") and model != "embedded-plain",
        partials=_whole(body, "partial_images", 0, range(4)),
        as_url=_as_url(body, model),
        quality=read_quality(body),
    )
    _check_format(request)
    return request


def _prompt(body: dict[str, Any], model: str) -> str:
    prompt = body.get("prompt")
    if not isinstance(prompt, str) or not prompt.strip():
        raise ReplyError(400, "Missing required parameter: 'prompt'.", param="prompt")
    if len(prompt) > _LONGEST_PROMPT:
        raise ReplyError(400, f"prompt is longer than {_LONGEST_PROMPT}", param="prompt")
    if "style" in body and model.startswith(_STRICT_FAMILIES):
        message = "Unknown parameter: 'style'."
        raise ReplyError(400, message, param="style", code="unknown_parameter")
    return prompt


def _as_url(body: dict[str, Any], model: str) -> bool:
    """Return whether to answer with links.

    Most clients ask for a format, even for models without this field.
    """
    is_gpt = model.startswith((*_STRICT_FAMILIES, "embedded"))
    value = _choice(body, "response_format", ("url", "b64_json"))
    return (value or ("b64_json" if is_gpt else "url")) == "url"


def _choice(body: dict[str, Any], name: str, values: tuple[Any, ...]) -> Any:
    """Return a field with a fixed list of values; None if it is missing.

    Raises:
        ReplyError: 400 for any other value.
    """
    value = body.get(name)
    if value in (None, ""):
        return None
    if not isinstance(value, str) or value not in values:
        message = f"{name} must be one of {', '.join(values)}"
        raise ReplyError(400, message, param=name, code="invalid_value")
    return value


def _whole(body: dict[str, Any], name: str, default: int, values: range) -> int:
    """Return a field with whole numbers, from JSON or from a form.

    Raises:
        ReplyError: 400, if it is not one of ``values``.
    """
    value = body.get(name)
    if value in (None, ""):
        return default
    text = str(value)
    if isinstance(value, bool) or not text.isdecimal() or len(text) > 9 or int(text) not in values:
        message = f"{name} must be between {values[0]} and {values[-1]}"
        raise ReplyError(400, message, param=name, code="invalid_value")
    return int(text)


def _check_format(request: ImageRequest) -> None:
    """Refuse combinations that the official endpoint refuses.

    Raises:
        ReplyError: 400, naming the field.
    """
    spec, form = request.spec, request.spec.format
    rules: Iterable[tuple[bool, str, str]] = (
        (form in {"gif", "svg"} and request.stream, "stream", "streaming"),
        (form in {"gif", "svg"} and request.partials > 0, "partial_images", "partial images"),
        (form == "gif" and spec.mask is not None, "mask", "masks"),
        (form == "svg" and request.count > 1, "n", "more than one picture"),
        (
            form not in {"png", "webp"} and spec.background == "transparent",
            "background",
            "a transparent background",
        ),
    )
    for applies, param, words in rules:
        if applies:
            message = f"output_format {form} does not support {words}"
            raise ReplyError(400, message, param=param, code="invalid_value")


def _attachments(body: dict[str, Any], files: Mapping[str, list[HTTPFile]]) -> list[Attachment]:
    """Return the reference pictures, from a form or from any JSON field that relays accept."""
    attachments = [
        Attachment("", file.body, file.content_type)
        for name in ("image", "image[]")
        for file in files.get(name, [])
    ]
    for name in ("image", "images", "image_url", "input_references"):
        value = body.get(name)
        for one in value if isinstance(value, list) else [value]:
            url = one.get("image_url", one.get("url")) if isinstance(one, dict) else one
            url = url.get("url") if isinstance(url, dict) else url
            if isinstance(url, str) and url:
                attachments.append(from_url(url))
    if len(attachments) > _MOST_INPUTS:
        raise ReplyError(400, f"more than {_MOST_INPUTS} pictures", param="image")
    return attachments


def _mask(
    body: dict[str, Any], files: Mapping[str, list[HTTPFile]], attachments: list[Attachment]
) -> bytes | None:
    """Return the mask of an edit, or the mask for a markup.

    Raises:
        ReplyError: 400, if there are both, or one of them is invalid.
    """
    layers = {name: _layer(name, body, files) for name in ("mask", "markup")}
    names = [name for name, data in layers.items() if data is not None]
    if len(names) == 2:
        raise ReplyError(400, "mask and markup cannot be combined", param="markup")
    if not names:
        return None
    data = layers[names[0]] or b""
    check_mask(data, attachments, names[0])
    return data if names[0] == "mask" else _markup_as_mask(data)


def _layer(name: str, body: dict[str, Any], files: Mapping[str, list[HTTPFile]]) -> bytes | None:
    if files.get(name):
        return files[name][0].body
    return layer_in(body.get(name), name)


def layer_in(value: Any, name: str = "mask") -> bytes | None:
    """Return the bytes of a mask in JSON: a data URI, or an object with ``image_url``.

    Raises:
        ReplyError: 400 for a link, which this endpoint does not fetch, or an uploaded file.
    """
    url = value.get("image_url") if isinstance(value, dict) else value
    if not url and not isinstance(value, dict):
        return None
    data = from_url(url).data if isinstance(url, str) else None
    if data is None:
        raise ReplyError(400, f"{name} is not fetched by this endpoint: send its bytes", param=name)
    return data


def check_mask(mask: bytes, attachments: list[Attachment], name: str = "mask") -> None:
    """Check that a mask or a markup has the first picture's size and transparent pixels.

    Raises:
        ReplyError: 400 otherwise.
    """
    from PIL import Image

    try:
        with Image.open(io.BytesIO(mask)) as image:
            size = image.size
            if size[0] * size[1] > 64_000_000:
                raise ReplyError(400, f"{name} has too many pixels", param=name)
            has_alpha = image.has_transparency_data
            clearest = image.convert("RGBA").getchannel("A").getextrema()[0]
        first = attachments[0].data if attachments else None
        if first is not None:
            with Image.open(io.BytesIO(first)) as picture:
                if oriented_size(picture) != size:
                    message = f"{name} and image must have the same size"
                    raise ReplyError(400, message, param=name)
    except ReplyError:
        raise
    except Exception:  # noqa: BLE001 - decoders raise all kinds of errors for hostile files
        raise ReplyError(400, f"Invalid image file or {name}", param=name) from None
    if not has_alpha:
        raise ReplyError(400, f"{name} has no alpha channel", param=name)
    if clearest != 0:
        message = f"{name} has no fully transparent pixel: make what may change transparent"
        raise ReplyError(400, message, param=name)


def _markup_as_mask(markup: bytes) -> bytes:
    """Return a mask that is transparent in the rectangle around the painted area of a markup."""
    from PIL import Image

    with Image.open(io.BytesIO(markup)) as image:
        alpha = image.convert("RGBA").getchannel("A")
    mask = Image.new("RGBA", alpha.size, (0, 0, 0, 255))
    box = alpha.getbbox() or (0, 0, *alpha.size)
    mask.paste((0, 0, 0, 0), box)
    out = io.BytesIO()
    mask.save(out, "PNG")
    return out.getvalue()


def read_quality(fields: dict[str, Any]) -> str:
    """Return the requested quality, or ``high`` if it is missing or unknown."""
    quality = fields.get("quality")
    return quality if isinstance(quality, str) and quality in _QUALITIES else "high"
