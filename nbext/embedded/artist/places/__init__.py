"""The places: each is drawn by one function, from back to front."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .air import moonscape, sky, space
from .country import desert, field, forest, garden, meadow, mountain, savanna, snow
from .indoors import classroom, lab, plain, room, table
from .parts import WATER
from .sights import greatwall, waterfall
from .town import city, plaza, stadium, street
from .waters import beach, lake, sea, underwater

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbext.embedded.artist.backdrop import Backdrop

__all__ = ["PLACES", "WATER"]


PLACES: dict[str, Callable[[Backdrop], None]] = {
    "meadow": meadow,
    "garden": garden,
    "field": field,
    "savanna": savanna,
    "forest": forest,
    "mountain": mountain,
    "greatwall": greatwall,
    "waterfall": waterfall,
    "desert": desert,
    "snow": snow,
    "sea": sea,
    "beach": beach,
    "lake": lake,
    "city": city,
    "street": street,
    "room": room,
    "classroom": classroom,
    "lab": lab,
    "table": table,
    "plain": plain,
    "sky": sky,
    "space": space,
    "underwater": underwater,
    "moonscape": moonscape,
    "stadium": stadium,
    "plaza": plaza,
}
