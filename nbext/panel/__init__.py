"""The panel, a workbench of widgets, and its parts.

``nbext.Panel()`` is all of it; ``Gallery`` is the history alone. Both are anywidgets::

    from nbext.panel import Gallery
    Gallery()
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nbext.panel.gallery import Gallery
    from nbext.panel.panel import Panel

__all__ = ["Gallery", "Panel"]


def __getattr__(name: str) -> Any:
    """Import a widget at its first use, so that no module loads them all."""
    if name == "Gallery":
        from nbext.panel.gallery import Gallery

        return Gallery
    if name == "Panel":
        from nbext.panel.panel import Panel

        return Panel
    raise AttributeError(f"module 'nbext.panel' has no attribute {name!r}")
