"""The form, with the fields that the chosen model accepts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from anywidget import WidgetTrait
from traitlets import Bool, Dict, Int, List, Unicode

from nbext.data.options import Options
from nbext.drawings.drawing import Drawing
from nbext.drawings.picture import Picture
from nbext.errors import OptionError
from nbext.messages.say import say
from nbext.panel.aspect import AspectChooser
from nbext.panel.base import BaseWidget, asset
from nbext.panel.dropzone import DropZone, name_of
from nbext.panel.models import ModelChooser
from nbext.session.variables import escaped

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MAX_TAKES = 16
# What is offered where the family does not say what there is.
_CHOICES: Mapping[str, Sequence[str]] = {
    "size": ("1024x1536",),
    "quality": ("low", "medium", "high", "auto"),
    "format": ("png", "jpeg", "webp"),
}
# The texts under "More options".
_TEXTS = ("size", "quality", "format", "seed", "system", "extra")


class Form(BaseWidget):
    """The left side of the panel.

    Args:
        styles: Saved prompt templates by name.
        language: ``en`` or ``zh``.
        **traits: What its parts have, too: ``layout``.

    Attributes:
        prompt: What to draw.
        takes: How many.
        style: The name of a saved template, empty for none.
        size: As it is written, like the other options; empty for the model's own.
        quality: See ``size``.
        format: See ``size``.
        seed: See ``size``.
        system: The system message.
        extra: A JSON object of further fields.
        more: Whether the options are unfolded.
        off: Whether *Draw* cannot be pressed.
        complaint: The reason beside the button why nothing is drawn.
        spent: The spending, shown beside the button otherwise.
        chooser: Chooses the model.
        zone: Takes reference pictures.
        shapes: Chooses the aspect ratio.
    """

    _esm = asset("form.js")
    _css = asset("form.css")
    uses = (
        *("prompt", "takes", "takes_hint", "style", "no_style", "more", "less", "auto"),
        *("size", "quality", "format", "seed", "system", "extra", "extra_hint", "draw_hint"),
    )
    prompt: Any = Unicode("").tag(sync=True)
    takes: Any = Int(1).tag(sync=True)
    most: Any = Int(MAX_TAKES).tag(sync=True)
    style: Any = Unicode("").tag(sync=True)
    styles: Any = List(Unicode()).tag(sync=True)
    size: Any = Unicode("").tag(sync=True)
    quality: Any = Unicode("").tag(sync=True)
    format: Any = Unicode("").tag(sync=True)
    seed: Any = Unicode("").tag(sync=True)
    system: Any = Unicode("").tag(sync=True)
    extra: Any = Unicode("").tag(sync=True)
    more: Any = Bool(default_value=False).tag(sync=True)
    fields: Any = List(Unicode()).tag(sync=True)
    choices: Any = Dict().tag(sync=True)
    hint: Any = Unicode("").tag(sync=True)
    button: Any = Unicode("").tag(sync=True)
    off: Any = Bool(default_value=False).tag(sync=True)
    spent: Any = Unicode("").tag(sync=True)
    complaint: Any = Unicode("").tag(sync=True)
    chooser: Any = WidgetTrait().tag(sync=True)
    zone: Any = WidgetTrait().tag(sync=True)
    shapes: Any = WidgetTrait().tag(sync=True)

    def __init__(self, styles: Mapping[str, Any], language: str = "en", **traits: Any) -> None:
        self.offered: frozenset[str] = frozenset()
        self._models = 1
        super().__init__(
            language=language,
            styles=list(styles),
            chooser=ModelChooser(language=language, **traits),
            zone=DropZone(language=language, **traits),
            shapes=AspectChooser(language=language, **traits),
            **traits,
        )
        self.parts: tuple[BaseWidget, ...] = (self.chooser, self.zone, self.shapes)
        self.zone.observe(lambda _: self._name_draw(), "images")
        self.ask()

    def speak(self, language: str) -> None:
        """Set the language."""
        super().speak(language)
        for part in self.parts:
            part.speak(language)
        self.ask()

    def ask(self, key: str = "prompt_hint") -> None:
        """Set the placeholder of the empty prompt.

        Args:
            key: Of the message.
        """
        self.hint = say(self.language, f"panel.{key}")
        self._name_draw()

    def offer(
        self, fields: frozenset[str], choices: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        """Show only the fields that the model accepts.

        Args:
            fields: Their names.
            choices: The possible values of fields, if known.
        """
        self.offered = fields
        self.choices = {name: list(one) for name, one in {**_CHOICES, **(choices or {})}.items()}
        self.format = self.format if self.format in self.choices["format"] else ""
        self.fields = sorted(fields)

    def write(self, values: Mapping[str, object]) -> None:
        """Store the values of the page's fields.

        Args:
            values: By the names of the fields; values of another type are ignored.
        """
        texts = ("prompt", "style", *_TEXTS)
        self.set_trait("takes", _whole(values.get("takes"), self.takes))
        for name in texts:
            if isinstance(text := values.get(name), str):
                self.set_trait(name, text)
        model = values.get("model")
        if isinstance(model, str) and model:
            self.chooser.value = model

    def options(self) -> Options:
        """Return the form's values, without hidden fields.

        Raises:
            OptionError: A field makes no sense.
        """
        has = self.offered
        texts = {n: str(getattr(self, n)).strip() if n in has else "" for n in _TEXTS}
        images = tuple(self.zone.images) if "images" in has else ()
        return Options(
            prompt=self.prompt,
            model=self.chooser.value.strip(),
            takes=_whole(self.takes, 1),
            images=images,
            mask=self.zone.mask if "mask" in has and images else None,
            aspect=self.shapes.value if "aspect" in has else "",
            size=texts["size"],
            quality=texts["quality"],
            format=texts["format"],
            system=texts["system"],
            seed=self._seed(texts["seed"]) if texts["seed"] else None,
            params=self._extra(texts["extra"]) if texts["extra"] else {},
            way="form",
        )

    def _seed(self, text: str) -> int:
        try:
            return int(text)
        except ValueError:
            raise OptionError(say(self.language, "panel.no_seed")) from None

    def _extra(self, text: str) -> dict[str, Any]:
        try:
            extra = json.loads(text)
        except (ValueError, RecursionError):
            extra = None
        if not isinstance(extra, dict):
            raise OptionError(say(self.language, "panel.no_object"))
        return extra

    def count_models(self, count: int) -> None:
        """Show the number of models on the Draw button.

        Args:
            count: One, or several.
        """
        self._models = count
        self._name_draw()

    def _name_draw(self) -> None:
        """Show on the Draw button how many models draw, and which drawing is edited."""
        first = self.zone.images[0] if self.zone.images else None
        if self._models > 1:
            self.button = say(self.language, "panel.draw_several", count=self._models)
        elif isinstance(first, Picture | Drawing):
            self.button = say(self.language, "panel.editing", name=name_of(first))
        else:
            self.button = say(self.language, "panel.draw")

    def fill(self, options: Options) -> None:
        """Fill the form with a drawing's request; other fields are emptied.

        Args:
            options: Of the drawing.
        """
        self.prompt = escaped(options.prompt)
        self.chooser.value = options.model or self.chooser.value
        self.zone.mask = None
        self.zone.images = list(options.images)
        self.shapes.value = options.aspect
        self.size = options.size
        self.quality = options.quality
        self.format = options.format if options.format in self.choices["format"] else ""
        self.seed = "" if options.seed is None else str(options.seed)
        self.system = options.system
        params = json.dumps(options.params, ensure_ascii=False)
        self.extra = params if options.params else ""
        self.style = ""
        if any(getattr(self, name) for name in _TEXTS):
            self.more = True

    def close(self) -> None:
        """Close the form and its widgets."""
        for part in self.parts:
            part.close()
        super().close()


def _whole(value: object, otherwise: int) -> int:
    """Return a number of takes within its limits."""
    number = value if isinstance(value, int) else otherwise
    return max(1, min(MAX_TAKES, number))
