"""Sketches in coarse strokes: a picture of the same size, different for each request, in a sixth of the time.

Where it matters what is drawn, in `tests/unit/embedded/test_artist*.py`, the artist draws as it does.
"""

from __future__ import annotations

import io

from PIL import Image

from nbext.embedded.artist import sketch

COARSE = 8
FINE = sketch.to_png


def coarse(svg: str, width: int, height: int) -> bytes:
    """Render at an eighth of the size, and enlarge."""
    small = FINE(svg, max(1, width // COARSE), max(1, height // COARSE))
    out = io.BytesIO()
    with Image.open(io.BytesIO(small)) as image:
        image.resize((width, height), Image.Resampling.NEAREST).save(out, "PNG", compress_level=1)
    return out.getvalue()


def draw_coarsely(wanted: bool = True) -> None:
    """Have the artist of this process draw coarsely, or as it does."""
    sketch.to_png = coarse if wanted else FINE
