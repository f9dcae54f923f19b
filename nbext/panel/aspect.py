"""Choose an aspect ratio from a row of shapes."""

from __future__ import annotations

from typing import Any

from traitlets import List, Unicode

from nbext.panel.base import BaseWidget, asset

RATIOS = ["1:1", "2:3", "3:2", "3:4", "4:3", "9:16", "16:9"]


class AspectChooser(BaseWidget):
    """Chooses an aspect ratio.

    Attributes:
        value: Like ``2:3``, empty for the model's own.
        ratios: The ratios to choose from.
    """

    _esm = asset("aspect.js")
    _css = asset("aspect.css")
    uses = ("aspect", "auto")
    value: Any = Unicode("").tag(sync=True)
    ratios: Any = List(Unicode(), RATIOS).tag(sync=True)
