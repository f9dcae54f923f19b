"""The common base of the panel's widgets.

Each is a script and a style beside its Python file. Pictures go to the page as buffers of messages,
never as traits: a trait would be kept in the saved notebook.
"""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from anywidget import AnyWidget
from traitlets import Dict, Unicode

from nbext.errors import OptionError
from nbext.messages.say import messages, phrase
from nbext.session.validation import KNOWN
from nbext.util.habits import habit_of
from nbext.util.pattern import pattern
from nbext.util.suggest import attribute_meant, missing_attribute

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

HERE = Path(__file__).parent

# One that begins a line; a type inside of a line is short.
_COMMENT = pattern(r"^[ \t]*/\*(?:(?!\*/).)*\*/[ \t]*$", re.DOTALL | re.MULTILINE)
_IMPORT = pattern(r'^import \{[\w, ]+\} from "\./(\w+\.js)";$', re.MULTILINE)


@functools.cache
def asset(name: str) -> str:
    """Read a script or style with its imports, without comments and indents.

    Each widget's script is stored in the notebook, where nobody reads them; not given by path, so
    that nothing watches the file.
    """
    return _with_imports(name, set())


def _with_imports(name: str, included: set[str]) -> str:
    """Read a script, preceded by the scripts that it imports, each once."""

    def imported(statement: re.Match[str]) -> str:
        if statement[1] in included:
            return ""
        included.add(statement[1])
        return _with_imports(statement[1], included).replace("export function", "function")

    text = (HERE / name).read_text(encoding="utf-8")
    text = _IMPORT.sub(imported, text)
    lines = (line.strip() for line in _COMMENT.sub("", text).splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))


def hear_at_once(widget: AnyWidget) -> None:
    """Let a widget receive messages while a cell runs.

    ipykernel 7.4 hands a message to the shell that last wrote to the page, which is busy with the
    cell, or was that of a page which is closed; it is for the shell that the page has asked for.
    """
    if hasattr(widget.comm, "_reply_subshell_for"):
        widget.comm._reply_subshell_for = None  # noqa: SLF001 -- there is no public way


class PublicWidget(AnyWidget):
    """Refuses misspelled arguments and attributes of a widget, with the right name.

    Attributes:
        arguments: Those of its constructor.
    """

    arguments: Sequence[str] = ()

    def check_arguments(self, names: Iterable[str]) -> None:
        """Check the names of the arguments that the constructor does not name.

        Raises:
            OptionError: One is none of its arguments, nor a trait.
        """
        verb = type(self).__name__
        for name in names:
            if self.has_trait(name):
                continue
            meant = attribute_meant(verb, name, self.arguments)
            remedy = ""
            if meant in self.arguments:
                remedy = phrase("error.did_you_mean", names=meant)
            elif habit_of(name) is not None or name in KNOWN["draw"]:
                remedy = phrase("panel.choose_there")
            raise OptionError(phrase("session.no_argument", verb=verb, name=name), remedy=remedy)

    if not TYPE_CHECKING:
        # Type checkers report unknown attributes themselves.

        def __setattr__(self, name: str, value: object) -> None:
            owner = next(base for base in type(self).__mro__ if "arguments" in vars(base)).__name__
            # A user's subclass has attributes of its own.
            free = name[:1] == "_" or name in self.arguments or type(self).__name__ != owner
            # Only what is surely a slip: objects take attributes of any name.
            if (
                not free
                and not hasattr(self, name)
                and attribute_meant(owner, name, self.arguments, cutoff=0.8)
            ):
                raise missing_attribute(owner, name, lambda: self.arguments)
            super().__setattr__(name, value)


class BaseWidget(AnyWidget):
    """A widget with its own script.

    Subclasses name their words in ``uses`` and their messages' handlers in ``handlers``.

    Attributes:
        words: What the script says.
        language: ``en`` or ``zh``.
    """

    words: Any = Dict().tag(sync=True)
    language: Any = Unicode("en")
    uses: Sequence[str] = ()

    def __init__(self, *, language: str = "en", **traits: Any) -> None:
        super().__init__(words=messages(language, "panel", list(self.uses)), **traits)
        self.language = language
        self.handlers: dict[str, Callable[[dict[str, Any], list[bytes]], None]] = {}
        self.failed: Callable[[BaseException], None] | None = None
        self.on_msg(self._hear)
        hear_at_once(self)

    def speak(self, language: str) -> None:
        """Set the language."""
        self.language = language
        self.words = messages(language, "panel", list(self.uses))

    def tell(self, do: str, buffers: Sequence[bytes] = (), **content: Any) -> None:
        """Send a message to the script."""
        self.send({"do": do, **content}, buffers=list(buffers))

    def _hear(self, _: Any, content: Any, buffers: Any) -> None:
        """Pass a message to its handler, and show its errors."""
        if not isinstance(content, dict):
            return
        handler = self.handlers.get(str(content.get("do")))
        if handler is None:
            return
        try:
            handler(content, [bytes(buffer) for buffer in buffers or ()])
        except Exception as error:
            if self.failed is None:
                raise
            self.failed(error)

    def __repr__(self) -> str:
        return f"<nbext {type(self).__name__}>"
