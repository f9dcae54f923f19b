"""Determine what to draw: size, seed, and the picture to start from."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from nbext.embedded.conversation import from_url
from nbext.embedded.errors import ReplyError
from nbext.embedded.families import pixels_of_ratio, read_size, take_ratio
from nbext.embedded.sketch import DrawSpec

if TYPE_CHECKING:
    from PIL.Image import Image

    from nbext.embedded.conversation import Attachment, Conversation
    from nbext.embedded.state import Origin, ServerState

MOST_PICTURES = 10
_ORIENTATION = 0x0112  # of EXIF; 5 to 8 mean a quarter turn
_SYSTEM_RATIO = re.compile(r"aspect_ratio\s*[=:]\s*(\d{1,3}:\d{1,3})")


@dataclass(frozen=True)
class Plan:
    """What to draw, and facts to repeat in the answer.

    Attributes:
        spec: The spec for the artist.
        ratio: The aspect ratio to repeat in the answer: ``2:3``.
        modifies: The id, link or name of the picture it starts from, or "".
    """

    spec: DrawSpec
    ratio: str
    modifies: str = ""


def dig(value: Any, *path: str) -> Any:
    """Return the value at a path of keys, None if the path does not exist."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


async def read_plan(state: ServerState, conversation: Conversation, body: dict[str, Any]) -> Plan:
    """Parse a request to draw over chat.

    Raises:
        ReplyError: 400, if the size or the ratio is invalid.
    """
    prompt, in_prompt = take_ratio(conversation.text)
    system = _SYSTEM_RATIO.search(conversation.system[:20_000])
    config = dig(body, "extra_body", "google", "image_config") or body.get("image_config")
    ratio = (
        in_prompt
        or dig(config, "aspect_ratio")
        or body.get("aspect_ratio")
        or (system[1] if system else "")
    )
    size = body.get("size") or dig(config, "image_size")
    return await make_plan(
        state,
        DrawSpec(prompt=prompt, seed=read_seed(body)),
        attachments=conversation.attachments,
        earlier=conversation.source(),
        ratio=ratio,
        size=size,
    )


async def make_plan(
    state: ServerState,
    spec: DrawSpec,
    *,
    attachments: list[Attachment],
    earlier: str = "",
    ratio: Any = "",
    size: Any = None,
) -> Plan:
    """Add the start and the size to a spec.

    Args:
        state: Knows earlier pictures.
        spec: The spec with the prompt and any other known values.
        attachments: The files in the request; the first picture is modified.
        earlier: The id or address of an earlier picture, to use without attachments.
        ratio: For example ``2:3``, or "".
        size: A value for `read_size`; a ratio takes precedence.

    Raises:
        ReplyError: 400, if the size or the ratio is invalid.
    """
    origin, pictures, modifies = await _start(state, attachments, earlier)
    default = (1024, 1024)
    if origin is not None:
        default = (origin.width, origin.height)
    elif pictures:
        default = await state.run(_pixels, pictures[0])
    if spec.mask is not None and pictures:
        default = await state.run(_exact_pixels, pictures[0], default)
    try:
        if ratio:
            default = pixels_of_ratio(str(ratio))
            keep_tier = isinstance(size, str) and size.upper().endswith("K")
            width, height = read_size(size if keep_tier else None, default)
        else:
            width, height = read_size(size, default)
    except ValueError as error:
        raise ReplyError(400, str(error), code="invalid_value", param="size") from None
    spec = replace(
        spec,
        width=width,
        height=height,
        scene=origin.scene if origin else None,
        pictures=tuple(pictures),
    )
    return Plan(spec, str(ratio) or _ratio_name(width, height), modifies)


async def _start(
    state: ServerState, attachments: list[Attachment], earlier: str
) -> tuple[Origin | None, list[bytes], str]:
    """Return the origin of the start picture if it is ours, its bytes, and its name."""
    candidates = [one for one in attachments if not one.is_film]
    if not candidates and earlier:
        if (origin := state.origin(earlier)) is not None:
            file = state.file(origin.name)
            return origin, [file.data] if file else [], earlier
        one = from_url(earlier)  # a link from elsewhere is not one of ours
        candidates = [one] if one.data or state.own_file(one.url) else []
    pictures, origin = [], None
    for one in candidates:
        file = state.own_file(one.url)
        data = file.data if file is not None else one.data
        if data is None:
            raise ReplyError(
                400,
                f"The picture at {one.url[:200]} is not fetched by this endpoint: send its bytes",
                code="invalid_image_url",
                param="image_url",
            )
        pictures.append(data)
        origin = file.origin if file is not None else await state.origin_of(data)
    # The artist merges several pictures by their scenes.
    only = origin if len(pictures) == 1 else None
    return only, pictures, (candidates[0].url[:200] or "data") if pictures else ""


def _pixels(picture: bytes) -> tuple[int, int]:
    """Return a size near one megapixel in the shape of a picture from elsewhere."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(picture)) as image:
            return pixels_of_ratio(f"{min(image.width, 9999)}:{min(image.height, 9999)}")
    except Exception:  # noqa: BLE001 - decoders raise all kinds of errors for hostile files
        return 1024, 1024


def oriented_size(image: Image) -> tuple[int, int]:
    """Return the size of a picture after applying its EXIF orientation."""
    width, height = image.size
    return (height, width) if image.getexif().get(_ORIENTATION, 1) >= 5 else (width, height)


def _exact_pixels(picture: bytes, default: tuple[int, int]) -> tuple[int, int]:
    """Return the exact size of a picture to edit with a mask; else a default."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(picture)) as image:
            size = oriented_size(image)
    except Exception:  # noqa: BLE001 - decoders raise all kinds of errors for hostile files
        return default
    return size if min(size) >= 16 and max(size) <= 4096 else default


def _ratio_name(width: int, height: int) -> str:
    names = {1024 / 1536: "2:3", 1.5: "3:2", 1.0: "1:1", 0.75: "3:4", 4 / 3: "4:3"}
    closest = min(names, key=lambda value: abs(value - width / height))
    if abs(closest - width / height) < 0.02:
        return names[closest]
    from math import gcd

    common = gcd(width, height)
    return f"{width // common}:{height // common}"


def read_seed(body: dict[str, Any]) -> int | None:
    """Return the seed; ``seen`` is a common misspelling in documentation."""
    for name in ("seed", "seen"):
        value = body.get(name)
        if isinstance(value, str) and re.fullmatch(r"-?\d{1,18}", value):
            value = int(value)
        if isinstance(value, int) and not isinstance(value, bool):
            return abs(value) % 2**63
    return None


def read_count(body: dict[str, Any], name: str = "n") -> int:
    """Return the number of answers.

    Raises:
        ReplyError: 400, if it is not a number between 1 and 10.
    """
    value = body.get(name)
    if value is None:
        return 1
    if isinstance(value, str) and value.isdecimal() and len(value) < 4:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST_PICTURES:
        raise ReplyError(400, f"{name} must be between 1 and {MOST_PICTURES}", param=name)
    return value
