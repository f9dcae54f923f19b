"""Fill the notebook's variables into prompts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbext.drawings.drawing import Drawing, Drawings
from nbext.drawings.picture import Picture
from nbext.errors import OptionError
from nbext.messages.say import phrase
from nbext.session.variables import VARIABLE, filling, is_text

if TYPE_CHECKING:
    import re
    from collections.abc import Mapping


def fill_in(prompt: str, names: Mapping[str, Any], *, escapes: bool = False) -> str:
    """Fill variables of the notebook into ``{name}``; other braces stay as they are.

    ``{{name}}`` stands for the literal ``{name}``.

    Args:
        prompt: The prompt as written in the cell.
        names: The notebook's variables.
        escapes: Whether ``{{name}}`` is unescaped even if the notebook has no such variable.

    Raises:
        OptionError: A variable is a picture.

    Example:
        >>> fill_in('{animal} in {style}, {"a": 1}', {"animal": "猫"})
        '猫 in {style}, {"a": 1}'
    """

    def value(match: re.Match[str]) -> str:
        opened, name, closed = match.groups()
        if len(opened) != len(closed) or not (escapes or name in names):
            return match[0]
        if len(opened) > 1:
            return match[0][1:-1]
        if name not in names:
            return match[0]
        own = names[name]
        if isinstance(own, Drawing | Drawings | Picture):
            raise OptionError(
                phrase("cell.not_text", name=name, type=type(own).__name__),
                remedy=phrase("cell.give_image", name=name),
            )
        return filling(name, own) if is_text(own) else match[0]

    return VARIABLE.sub(value, prompt)


def variables_in(prompt: str, names: Mapping[str, Any]) -> dict[str, str]:
    """Return the values that ``fill_in`` puts into a prompt, by variable.

    Example:
        >>> variables_in("{animal} in {{style}}, {x}", {"animal": "猫", "style": "ink"})
        {'animal': '猫'}
    """
    names_in = (match.group(2) for match in VARIABLE.finditer(prompt) if match.group(1) == "{")
    filled = {name: fill_in(f"{{{name}}}", names) for name in names_in}
    return {name: value for name, value in filled.items() if value != f"{{{name}}}"}
