"""The form: everything that can be asked of a model, and nothing that it would ignore."""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING, Any

from ipywidgets import (
    HTML,
    BoundedIntText,
    Box,
    Button,
    Combobox,
    Dropdown,
    HBox,
    Text,
    Textarea,
    ToggleButton,
    VBox,
    Widget,
)

from nbext.data.options import Options
from nbext.drawings.drawing import Drawing
from nbext.drawings.picture import Picture
from nbext.errors import OptionError
from nbext.messages.say import say
from nbext.panel.aspect import AspectChooser
from nbext.panel.dropzone import DropZone, name_of
from nbext.panel.models import ModelChooser

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MAX_TAKES = 16
_QUALITIES = ("low", "medium", "high", "auto")
_FORMATS = ("png", "jpeg", "webp")


def fitting(*children: Widget, kind: type[Box] = VBox, css: str = "") -> Box:
    """Put widgets into a box that is as wide as there is room."""
    box = kind(list(children))
    if css:
        box.add_class(css)
    return box


class Form:
    """The left side of the panel.

    Args:
        styles: Saved prompt templates by name.
        language: ``en`` or ``zh``.

    Attributes:
        box: The widget that holds all.
    """

    def __init__(self, styles: Mapping[str, Any], language: str = "en") -> None:
        self.offered: frozenset[str] = frozenset()
        self._formats: tuple[str, ...] = _FORMATS
        self.prompt = Textarea(rows=4)
        self.model = ModelChooser(language=language)
        self.zone = DropZone(language=language)
        self.shapes = AspectChooser(language=language)
        self.takes = BoundedIntText(value=1, min=1, max=MAX_TAKES)
        self.style = Dropdown(options=[("", ""), *((name, name) for name in styles)])
        self.more = ToggleButton(value=False, tooltip="")
        self.size = Text(placeholder="1024x1536")
        self.quality = Combobox(options=_QUALITIES, ensure_option=False)
        self.format = Dropdown(options=[("", ""), *((name, name) for name in _FORMATS)])
        self.seed = Text(placeholder="7")
        self.system = Textarea(rows=2)
        self.extra = Textarea(rows=2)
        self.draw = Button(button_style="primary")
        self.spent = HTML(tooltip="")
        self.complaint = HTML(tooltip="")
        self.prompt.add_class("nbext-prompt")
        self.complaint.add_class("nbext-complaint")
        self.draw.add_class("nbext-draw")
        self.spent.add_class("nbext-spent")
        self.more.add_class("nbext-more-button")
        self._fields: dict[str, Widget] = {
            "size": self.size,
            "quality": self.quality,
            "format": self.format,
            "seed": self.seed,
            "system": self.system,
            "extra": self.extra,
        }
        self._labelled: dict[str, Widget] = {
            **self._fields,
            "prompt": self.prompt,
            "takes": self.takes,
            "style": self.style,
        }
        for widget in self._labelled.values():
            widget.add_class("nbext-field")
            widget.tooltip = ""
            widget.style.description_width = "initial"
            widget.layout.width = "auto"
        self.drawer = fitting(*self._fields.values(), css="nbext-more")
        self.box = fitting(
            self.prompt,
            fitting(self.model, self.takes, kind=HBox, css="nbext-row"),
            self.zone,
            self.shapes,
            self.style,
            self.more,
            self.drawer,
            fitting(self.draw, self.spent, kind=HBox, css="nbext-go"),
            self.complaint,
            css="nbext-compose",
        )
        _show(self.style, on=bool(styles))
        self.more.observe(lambda _: self._open(), "value")
        self.zone.observe(lambda _: self._name_draw(), "images")
        self.speak(language)
        self._open()

    def speak(self, language: str) -> None:
        """Change the language."""
        self.language = language
        for key, widget in self._labelled.items():
            widget.description = say(language, f"panel.{key}")
        self.prompt.placeholder = say(language, "panel.prompt_hint")
        self.extra.placeholder = say(language, "panel.extra_hint")
        self.takes.tooltip = say(language, "panel.takes_hint")
        self.model.speak(language)
        self._name_draw()
        self.draw.tooltip = say(language, "panel.draw_hint")
        self.zone.speak(language)
        self.shapes.speak(language)
        self.style.options = [
            (say(language, "panel.no_style"), ""),
            *((name, name) for _, name in self.style.options if name),
        ]
        self._offer_formats()
        self.quality.placeholder = say(language, "panel.auto")
        self._open()

    def offer(
        self, fields: frozenset[str], choices: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        """Show the fields that the model has, and no others.

        Args:
            fields: Their names.
            choices: By field, what it may be, where that is known.
        """
        choices = choices or {}
        self.offered = fields
        self._formats = tuple(choices.get("format", _FORMATS))
        self.quality.options = tuple(choices.get("quality", _QUALITIES))
        self.size.placeholder = " ".join(choices.get("size", ("1024x1536",))[:3])
        self._offer_formats()
        for name, widget in self._fields.items():
            _show(widget, on=name in fields)
        _show(self.shapes, on="aspect" in fields)
        _show(self.zone, on="images" in fields)
        _show(self.more, on=bool(fields & self._fields.keys()))

    def _offer_formats(self) -> None:
        chosen = self.format.value
        self.format.options = [
            (say(self.language, "panel.auto"), ""),
            *((name, name) for name in self._formats),
        ]
        self.format.value = chosen if chosen in self._formats else ""

    def _open(self) -> None:
        self.more.description = say(
            self.language, "panel.less" if self.more.value else "panel.more"
        )
        self.more.icon = "chevron-up" if self.more.value else "chevron-down"
        _show(self.drawer, on=bool(self.more.value))

    def options(self) -> Options:
        """Read the form; fields that are not offered are left out.

        Raises:
            OptionError: A field makes no sense.
        """
        has = self.offered

        def text(name: str) -> str:
            return str(self._fields[name].value or "").strip() if name in has else ""

        images = tuple(self.zone.images) if "images" in has else ()
        return Options(
            prompt=self.prompt.value,
            model=self.model.value.strip(),
            takes=self.takes.value,
            images=images,
            mask=self.zone.mask if "mask" in has and images else None,
            aspect=self.shapes.value if "aspect" in has else "",
            size=text("size"),
            quality=text("quality"),
            format=text("format"),
            system=text("system"),
            seed=self._seed() if text("seed") else None,
            params=self._extra() if text("extra") else {},
        )

    def _seed(self) -> int:
        try:
            return int(self.seed.value.strip())
        except ValueError:
            raise OptionError(say(self.language, "panel.no_seed")) from None

    def _extra(self) -> dict[str, Any]:
        try:
            extra = json.loads(self.extra.value)
        except (ValueError, RecursionError):
            extra = None
        if not isinstance(extra, dict):
            raise OptionError(say(self.language, "panel.no_object"))
        return extra

    def _name_draw(self) -> None:
        """Say on the button which drawing is edited, where a picture of one is the reference."""
        first = self.zone.images[0] if self.zone.images else None
        self.draw.description = (
            say(self.language, "panel.editing", name=name_of(first))
            if isinstance(first, Picture | Drawing)
            else say(self.language, "panel.draw")
        )

    def complain(self, text: str) -> None:
        """Say beside the button why nothing is drawn; empty takes it away."""
        self.complaint.value = f'<span role="alert">{escape(text)}</span>' if text else ""

    def fill(self, options: Options) -> None:
        """Fill the form with what a drawing was made of; fields that it did not use are emptied.

        Args:
            options: Of the drawing.
        """
        self.prompt.value = options.prompt
        self.model.value = options.model or self.model.value
        self.zone.mask = None
        self.zone.images = list(options.images)
        self.shapes.value = options.aspect
        self.size.value = options.size
        self.quality.value = options.quality
        self.format.value = options.format if options.format in self._formats else ""
        self.seed.value = "" if options.seed is None else str(options.seed)
        self.system.value = options.system
        params = json.dumps(options.params, ensure_ascii=False)
        self.extra.value = params if options.params else ""
        self.style.value = ""
        if any(self._fields[name].value for name in self._fields):
            self.more.value = True


def _show(widget: Widget, *, on: bool) -> None:
    widget.layout.display = None if on else "none"
