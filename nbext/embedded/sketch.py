"""The specification of a drawing, and its result."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, Literal

Scene = dict[str, Any]
Format = Literal["png", "jpeg", "webp", "gif", "svg"]

_ARTIST_FORMATS = frozenset({"png", "jpeg", "webp"})


@dataclass(frozen=True)
class DrawSpec:
    """What to draw.

    Attributes:
        prompt: The prompt, in any language.
        width: In pixels.
        height: In pixels.
        seed: The seed; with None, each call of the same request draws another take.
        scene: The scene of an earlier picture to modify.
        pictures: The bytes of the references; the first one is modified.
        mask: A PNG, transparent where the picture may change.
        format: The file format.
        background: ``transparent`` leaves out everything but the figures.
        frames: The number of frames in a GIF.
        frame_ms: The duration of each, in milliseconds.
    """

    prompt: str
    width: int = 1024
    height: int = 1024
    seed: int | None = None
    scene: Scene | None = None
    pictures: tuple[bytes, ...] = ()
    mask: bytes | None = None
    format: Format = "png"
    background: Literal["opaque", "transparent"] = "opaque"
    frames: int = 9
    frame_ms: int = 200

    @property
    def mark(self) -> str:
        """A text that identifies the request."""
        files = [hashlib.sha256(data).digest() for data in (*self.pictures, self.mask or b"")]
        parts = (self.prompt, self.width, self.height, self.scene, files)
        return hashlib.sha256(repr(parts).encode("utf-8", "replace")).hexdigest()


@dataclass(frozen=True)
class Sketch:
    """One picture.

    Attributes:
        data: The bytes.
        media_type: For example ``image/png``.
        width: In pixels.
        height: In pixels.
        caption: One sentence about the drawing, in the prompt's language.
        scene: The contents of the picture, for later changes; None if no scene describes it.
    """

    data: bytes
    media_type: str
    width: int
    height: int
    caption: str
    scene: Scene | None

    @property
    def is_scene(self) -> bool:
        """Whether the scene is the whole picture, not figures on a picture from elsewhere."""
        return self.scene is not None and self.scene.get("base") != "picture"


def plain_sketch(spec: DrawSpec, take: int) -> Sketch:
    """Draw one take, without a mask."""
    from nbext.embedded.artist import draw

    result = draw(
        spec.prompt,
        width=spec.width,
        height=spec.height,
        seed=spec.seed or 0,
        take=take,
        scene=spec.scene,
        picture=spec.pictures[0] if spec.pictures else None,
        pictures=list(spec.pictures[1:]),
        format=spec.format if spec.format in _ARTIST_FORMATS else "png",
    )
    return Sketch(
        result.png, result.media_type, result.width, result.height, result.caption, result.scene
    )
