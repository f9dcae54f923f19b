"""Saved prompt templates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbext.errors import OptionError
from nbext.messages.say import phrase
from nbext.util.suggest import did_you_mean

if TYPE_CHECKING:
    from nbext.config.settings import Nbext


def styled(prompt: str, style: str, settings: Nbext) -> str:
    """Fill the prompt into a saved template.

    Raises:
        OptionError: There is no style with this name.
    """
    if not style:
        return prompt
    styles = settings.styles
    if style not in styles:
        raise OptionError(
            phrase("cell.no_style", style=style),
            remedy=did_you_mean(style, styles) or phrase("cell.make_style"),
        )
    template = str(styles[style])
    return (
        template.replace("{prompt}", prompt) if "{prompt}" in template else f"{prompt} {template}"
    )
