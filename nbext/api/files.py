"""``nbext.open`` and ``nbext.read``: files of others, named as the notebook names its own."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from nbext.drawings.open import open_history as open_at
from nbext.session.current import beside
from nbext.util.public import with_own_errors

if TYPE_CHECKING:
    from pathlib import Path

    from nbext.drawings.history import History
    from nbext.export.metadata.provenance import Provenance


@with_own_errors
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


@with_own_errors
def read(picture: Any, *, trust: str | os.PathLike[str] | None = None) -> Provenance:
    """Read the prompt, model and parameters that a picture's file contains.

    Understands files from nbext, A1111 and its variants, ComfyUI, InvokeAI, Fooocus, SwarmUI,
    NovelAI, Draw Things, Easy Diffusion and Midjourney, and IPTC's fields for generative models.
    This is not proof: anyone can write these fields. With ``nbext[c2pa]``, also reads Content
    Credentials.

    Args:
        picture: A path, the bytes of a file, or an object with these bytes as ``.data``. A relative
            path starts at the notebook's folder.
        trust: A PEM file with the certificates of signers that you trust.

    Raises:
        OptionError: There is no such file.
        PictureError: The file is not a picture, or does not say how it was made.

    Example:
        >>> nbext.read("cat.png").prompt  # doctest: +SKIP
        '画只猫'
    """
    from nbext.export.metadata.read import read as read_at  # a history is opened without it

    is_path = isinstance(picture, str | os.PathLike)
    return read_at(
        beside(os.fspath(picture)) if is_path else picture,
        trust=beside(trust) if trust is not None else None,
    )
