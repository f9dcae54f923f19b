"""Draw pictures in notebooks.

``%load_ext nbext`` gives the magics; the same verbs are functions here. See ``docs/``.
"""

from __future__ import annotations

__version__ = "0.1.0"
