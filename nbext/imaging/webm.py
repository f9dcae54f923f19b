"""Read a film's size, length, frame rate and sound from the elements of a WebM or Matroska file.

Nothing is decoded. Sources: RFC 8794, EBML; RFC 9559, Matroska.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, BinaryIO

from nbext.data.film import Film

if TYPE_CHECKING:
    from collections.abc import Iterator

START = b"\x1a\x45\xdf\xa3"
# The most elements that are looked at, and the most bytes of a value.
_MOST_ELEMENTS = 50_000
_MOST_VALUE = 64
# The ids of the elements that are read, and of those that contain others.
_SEGMENT, _INFO, _TRACKS, _TRACK, _VIDEO = 0x18538067, 0x1549A966, 0x1654AE6B, 0xAE, 0xE0
_CLUSTER, _GROUP = 0x1F43B675, 0xA0
_NESTED = frozenset({_SEGMENT, _INFO, _TRACKS, _TRACK, _VIDEO, _CLUSTER, _GROUP})
_SCALE, _DURATION = 0x2AD7B1, 0x4489
_NUMBER, _TYPE, _FRAME, _WIDTH, _HEIGHT = 0xD7, 0x83, 0x23E383, 0xB0, 0xBA
_TIME, _SIMPLE_BLOCK, _BLOCK = 0xE7, 0xA3, 0xA1
_IS_VIDEO, _IS_SOUND = 1, 2


class _Reader:
    """Collects the values of a file's elements."""

    def __init__(self) -> None:
        self.scale = 1_000_000
        self.duration = 0.0
        self.tracks: list[dict[int, int]] = []
        self.cluster = 0
        self.frames = 0
        self.last = 0

    def take(self, id_: int, value: bytes) -> None:
        """Take over the value of an element."""
        if id_ == _TRACK:
            self.tracks.append({})
        elif id_ == _SCALE:
            self.scale = int.from_bytes(value, "big") or self.scale
        elif id_ == _DURATION:
            self.duration = float(struct.unpack(">f" if len(value) == 4 else ">d", value)[0])
        elif id_ == _TIME:
            self.cluster = int.from_bytes(value, "big")
        elif id_ in (_SIMPLE_BLOCK, _BLOCK):
            self._block(value)
        elif self.tracks:
            self.tracks[-1].setdefault(id_, int.from_bytes(value, "big"))

    def _block(self, head: bytes) -> None:
        track, size = _vint(head, 0, keep=False)
        if track == self.video.get(_NUMBER):
            self.frames += 1
            self.last = max(self.last, self.cluster + struct.unpack_from(">h", head, size)[0])

    @property
    def is_known(self) -> bool:
        """Whether the frames need not be counted."""
        return bool(self.duration and self.video.get(_FRAME))

    @property
    def video(self) -> dict[int, int]:
        """The first video track; empty without one."""
        return next((track for track in self.tracks if track.get(_TYPE) == _IS_VIDEO), {})

    def facts(self) -> Film:
        """Combine the values."""
        video = self.video
        second = 1e9 / self.scale
        fps = 1e9 / video[_FRAME] if video.get(_FRAME) else 0.0
        duration = self.duration
        # Recorders write neither: the last frame begins when all others are over.
        if self.last and self.frames > 1:
            fps = fps or (self.frames - 1) * second / self.last
            duration = duration or self.last * self.frames / (self.frames - 1)
        return Film(
            width=video.get(_WIDTH, 0),
            height=video.get(_HEIGHT, 0),
            seconds=duration / second,
            fps=fps,
            has_sound=any(track.get(_TYPE) == _IS_SOUND for track in self.tracks),
        )


def measure(file: BinaryIO) -> Film:
    """Read the facts about a film.

    Args:
        file: The film, open for reading in binary mode.

    Returns:
        The facts; all unknown if it is not such a file, or is damaged.

    Example:
        >>> import io
        >>> measure(io.BytesIO(b"no film")).width
        0
    """
    reader = _Reader()
    try:
        for id_, value in _elements(file):
            if id_ == _CLUSTER and reader.is_known:
                break
            reader.take(id_, value)
        return reader.facts()
    except (struct.error, ValueError, IndexError, ZeroDivisionError, OverflowError):
        return Film()


def _elements(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Yield the elements with the start of their values, in order; parents come without one."""
    at = 0
    for _ in range(_MOST_ELEMENTS):
        file.seek(at)
        head = file.read(12)
        if len(head) < 2:
            return
        id_, start = _vint(head, 0, keep=True)
        size, start = _vint(head, start, keep=False)
        if id_ in _NESTED:
            # What is inside comes next; where it ends does not matter.
            yield id_, b""
            at += start
            continue
        file.seek(at + start)
        yield id_, file.read(min(size, _MOST_VALUE))
        at += start + size


def _vint(data: bytes, at: int, *, keep: bool) -> tuple[int, int]:
    """Read a number of variable length; return it and the position behind it.

    Args:
        data: The bytes.
        at: Where it begins.
        keep: Whether its marker belongs to it, as in an id.
    """
    length = 9 - data[at].bit_length()
    if length > 8 or at + length > len(data):
        raise ValueError
    number = int.from_bytes(data[at : at + length], "big")
    return (number if keep else number & ((1 << 7 * length) - 1)), at + length
