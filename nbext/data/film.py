"""The facts about a film, as they are read from its file."""

from __future__ import annotations

from typing import NamedTuple


class Film(NamedTuple):
    """The facts about a film; 0 stands for an unknown number.

    Attributes:
        width: In pixels.
        height: In pixels.
        seconds: Its length.
        fps: Frames a second.
        has_sound: Whether it has a sound track.
    """

    width: int = 0
    height: int = 0
    seconds: float = 0.0
    fps: float = 0.0
    has_sound: bool = False
