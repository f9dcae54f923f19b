"""Choose a model from a list that shows what each can do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import msgspec
from traitlets import Unicode

from nbext.panel.base import BaseWidget, asset

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from nbext.data.model import Model

Group = Literal["draws", "other_models", "test_models"]
GROUPS: tuple[Group, ...] = ("draws", "other_models", "test_models")
# Fields that not every model takes, as the list says them.
LISTED_FIELDS = ("images", "mask", "seed")
# Families that draw, by their names, where an endpoint does not say what its models make.
_DRAWS = ("image", "banana", "seedream", "flux", "dall", "midjourney", "imagen", "recraft")


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """A model in the list.

    Attributes:
        id: Its name.
        group: Its group in the list.
        takes: Some of ``TOLD``.
        price: The price of a picture in words; empty if unknown.
    """

    id: str
    group: Group
    takes: tuple[str, ...] = ()
    price: str = ""


def group_of(name: str, model: Model | None = None, *, used: bool = False) -> Group:
    """Return the group of a model in the list.

    Args:
        name: The model.
        model: What the endpoint says of it.
        used: Whether it has drawn in this notebook.

    Example:
        >>> group_of("gpt-4o-image"), group_of("gpt-3.5-turbo"), group_of("embedded-slow")
        ('draws', 'other_models', 'test_models')
    """
    if name.startswith("embedded-"):
        return "test_models"
    if model is not None and model.outputs:
        return "draws" if "image" in model.outputs else "other_models"
    return "draws" if used or any(word in name.lower() for word in _DRAWS) else "other_models"


class ModelChooser(BaseWidget):
    """A field with a list of all models; other names can be typed.

    Attributes:
        value: The model's name; several are parted by commas.

    Example:
        >>> chooser = ModelChooser(value="gpt-4o-image")
        >>> chooser.offer([Choice(id="seedream-4", group="draws", takes=("images",))])
        >>> chooser.options
        ('seedream-4',)
    """

    _esm = asset("models.js")
    _css = asset("models.css")
    uses = (
        "model",
        "models",
        "no_model",
        "add_model",
        *GROUPS,
        *(f"can_{name}" for name in LISTED_FIELDS),
    )
    value: Any = Unicode("").tag(sync=True)

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self._choices: Sequence[Choice] = ()
        self.handlers |= {"hello": lambda _, __: self._send_choices()}

    @property
    def options(self) -> tuple[str, ...]:
        """The models in the list, in order."""
        return tuple(choice.id for choice in self._choices)

    def offer(self, choices: Iterable[Choice]) -> None:
        """List models: those that draw first, the others in their given order."""
        by_id = {choice.id: choice for choice in choices}
        self._choices = sorted(by_id.values(), key=lambda choice: GROUPS.index(choice.group))
        self._send_choices()

    def _send_choices(self) -> None:
        self.tell("models", items=msgspec.to_builtins(list(self._choices)))
