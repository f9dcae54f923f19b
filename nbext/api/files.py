"""``nbext.open`` and ``nbext.read``: files of others, named as the notebook names its own."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from nbext.drawings.open import open_history as open_at
from nbext.export.metadata.read import read as read_at
from nbext.session.current import beside

if TYPE_CHECKING:
    from pathlib import Path

    from nbext.drawings.history import History
    from nbext.export.metadata.provenance import Provenance


def open_history(path: str | Path) -> History:
    """Open the history of another notebook for reading.

    Args:
        path: A notebook, its ``.draws`` folder, or an archive. A relative path starts at the
            notebook's folder.

    Raises:
        HistoryError: There is no history.

    Example:
        >>> nbext.open("paper.ipynb")[3].prompt  # doctest: +SKIP
    """
    return open_at(beside(path))


def read(picture: Any, *, trust: str | os.PathLike[str] | None = None) -> Provenance:
    """Read prompt, model and parameters from a picture's metadata.

    Files of nbext contain them, and those of A1111 and its variants, ComfyUI, InvokeAI, Fooocus,
    SwarmUI, NovelAI, Draw Things, Easy Diffusion, Midjourney and of any tool that writes IPTC's
    fields for models. Nothing in the file is executed, and nothing in it is proof: anyone can write
    it. Content Credentials are read too, with ``nbext[c2pa]``.

    Args:
        picture: A path, the bytes of a file, or an object with the bytes as ``.data``. A relative
            path starts at the notebook's folder.
        trust: A PEM file of the certificates that you trust to vouch for signers.

    Raises:
        OptionError: There is no such file or list.
        PictureError: The picture contains no such metadata.

    Example:
        >>> nbext.read("cat.png").prompt  # doctest: +SKIP
        '画只猫'
    """
    is_path = isinstance(picture, str | os.PathLike)
    return read_at(
        beside(os.fspath(picture)) if is_path else picture,
        trust=beside(trust) if trust is not None else None,
    )
