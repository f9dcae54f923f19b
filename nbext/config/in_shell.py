"""The settings of an IPython shell: ``%config Nbext`` lists and sets them.

They are apart because a script has no ``%config``, and what it needs takes longer to import than a
small picture to draw.
"""

from __future__ import annotations

from typing import Any

from traitlets.config import Configurable

from nbext.config import settings


class Nbext(settings.Nbext, Configurable):
    """The settings of nbext: ``%config Nbext.name = value``."""

    def update_config(self, config: Any) -> None:
        """Refuse unknown names, which traitlets would store with a warning."""
        for name in config.get(type(self).__name__, {}):
            self._refuse_unknown(name)
        super().update_config(config)
