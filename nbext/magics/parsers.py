"""The table of options of each magic, as parsers.

One table serves the cells, their ``--help``, completion and the documentation.
"""

from __future__ import annotations

import argparse
import json
import keyword
from typing import Any, NoReturn

from nbext.errors import OptionError
from nbext.magics.spelling import file_format, shape, size
from nbext.messages.say import phrase
from nbext.session.validation import FORMATS, names_secret, ratio
from nbext.util.arguments import Arguments, reason

PICTURES = ("png", "jpg", "jpeg", "webp", "avif", "gif", "svg")
_FILMS = ("mp4", "webm", "mov")


class Parser(Arguments):
    """An argument parser that raises our errors and never exits the process.

    Attributes:
        suffixes: File suffixes that ``--save`` accepts; empty for any.
    """

    suffixes: tuple[str, ...] = ()

    def error(self, message: str) -> NoReturn:
        """Raise argparse's error as one of ours."""
        raise OptionError(
            f"{self.prog}: {reason(message)}.", remedy=phrase("cell.see_options", prog=self.prog)
        )

    def options(self) -> list[str]:
        """Return all option strings, long and short."""
        return [text for action in self._actions for text in action.option_strings]

    def action(self, option: str) -> argparse.Action:
        """Return the action of an option string."""
        return next(action for action in self._actions if option in action.option_strings)

    def takes_value(self, option: str) -> bool | None:
        """Return whether an option takes a value; None if there is no such option."""
        return self.action(option).nargs != 0 if option in self.options() else None


def field(text: str) -> tuple[str, Any]:
    """Parse ``KEY=VALUE``; the value is JSON if it is valid JSON, else plain text.

    Example:
        >>> field("stream=false"), field("style=ink")
        (('stream', False), ('style', 'ink'))
    """
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise argparse.ArgumentTypeError(phrase("cell.not_key_value", text=text))
    if names_secret(name.strip()):
        raise argparse.ArgumentTypeError(phrase("cell.key_in_cell", name=name))
    try:
        return name.strip(), json.loads(value)
    except ValueError:
        if value[:1] in ("{", "["):
            # Remove quotes as a shell does.
            raise argparse.ArgumentTypeError(
                phrase("cell.value_not_json", name=name.strip())
            ) from None
        return name.strip(), value


def variable(text: str) -> str:
    """Parse the name of a variable."""
    if not text.isidentifier() or keyword.iskeyword(text):
        raise argparse.ArgumentTypeError(phrase("cell.not_a_name", text=text))
    return text


def listed_names(text: str) -> tuple[str, ...]:
    """Parse comma-separated names.

    Example:
        >>> listed_names("add, weather")
        ('add', 'weather')
    """
    return tuple(name for word in text.split(",") if (name := word.strip()))


def aspect(text: str) -> str:
    """Parse an aspect ratio such as ``2:3`` (or ``2x3``, ``2/3``)."""
    try:
        return ratio(shape(text))
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def pixels(text: str) -> str:
    """Parse a size such as ``1024x1536``, or a name that the model knows."""
    try:
        return size(text)
    except ValueError as error:
        message = phrase("cell.one_side", side=str(error))
        raise argparse.ArgumentTypeError(message) from None


def positive(text: str) -> int:
    """Parse a positive whole number."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(phrase("cell.not_positive", text=text))
    return int(text)


def _parser(prog: str, what: str, *, line: bool) -> Parser:
    """Create a magic's parser, without its options."""
    prompt = phrase("cell.rest_of_line") if line else phrase("cell.cell_body")
    return Parser(
        prog=f"%{prog}" if line else f"%%{prog}",
        description=phrase("cell.prompt_is", what=what, prompt=prompt),
        add_help=False,
        allow_abbrev=False,
    )


def _common(parser: Parser, *, line: bool) -> None:
    """Add the options that all requests share."""
    if not line:
        parser.add_argument(
            "model_given", metavar="MODEL", nargs="?", default="", help=phrase("cell.option_model")
        )
    add = parser.add_argument
    add(
        "-m",
        "--model",
        dest="models",
        metavar="MODEL",
        action="append",
        default=[],
        help=phrase("cell.option_models"),
    )
    add(
        "-i",
        "--image",
        dest="images",
        metavar="REF",
        action="append",
        default=[],
        help=phrase("cell.option_image"),
    )
    add(
        "-p",
        "--param",
        dest="params",
        metavar="KEY=VALUE",
        type=field,
        action="append",
        default=[],
        help=phrase("cell.option_param"),
    )
    add(
        "-c",
        "--continue",
        dest="continues",
        metavar="REF",
        nargs="?",
        const="@-1",
        help=phrase("cell.option_continue"),
    )
    add("--seed", metavar="N", type=int, help=phrase("cell.option_seed"))
    add("--system", metavar="TEXT", default="", help=phrase("cell.option_system"))
    add(
        "--via",
        metavar="WIRE",
        default="",
        help=phrase("cell.option_via"),
    )
    add("--endpoint", metavar="NAME", default="", help=phrase("cell.option_endpoint"))
    add("--style", metavar="NAME", default="", help=phrase("cell.option_style"))
    as_ = phrase("cell.option_as")
    add("--as", dest="name", metavar="NAME", type=variable, default=None, help=as_)
    add("--save", metavar="PATH", default="", help=phrase("cell.option_save"))
    add("--fresh", action="store_true", help=phrase("cell.option_fresh"))
    add("--no-wait", action="store_true", help=phrase("cell.option_no_wait"))
    add("--dry-run", action="store_true", help=phrase("cell.option_dry_run"))
    add("--code", metavar="LANGUAGE", default="", help=phrase("cell.option_code"))
    add("-h", "--help", action="store_true", help=phrase("cell.option_help"))


def talking_parser(prog: str, *, line: bool = False) -> Parser:
    """Create the parser of ``%%chat``, ``%%respond`` or ``%%complete``, or of their line magics."""
    what = {
        "chat": phrase("cell.what_chat"),
        "respond": phrase("cell.what_respond"),
        "complete": phrase("cell.what_complete"),
    }[prog]
    parser = _parser(prog, what, line=line)
    _common(parser, line=line)
    add = parser.add_argument
    if prog == "complete":
        return parser
    add(
        "--video",
        dest="images",
        metavar="REF",
        action="append",
        help=phrase("cell.option_video"),
    )
    add("--schema", metavar="NAME", default="", help=phrase("cell.option_schema"))
    tools = phrase("cell.option_tools")
    add("--tools", metavar="NAME,…", type=listed_names, default=(), help=tools)
    add("--yes", action="store_true", help=phrase("cell.option_yes_tools"))
    add(
        "--rounds",
        metavar="N",
        type=positive,
        default=8,
        help=phrase("cell.option_rounds"),
    )
    if prog == "respond":
        add("--search", action="store_true", help=phrase("cell.option_search"))
    return parser


def video_parser(prog: str = "video", *, line: bool = False) -> Parser:
    """Create the parser of ``%%video``."""
    what = phrase("cell.what_video")
    parser = _parser(prog, what, line=line)
    parser.suffixes = _FILMS
    _common(parser, line=line)
    add = parser.add_argument
    add("--aspect", metavar="W:H", type=aspect, default="", help=phrase("cell.option_aspect_video"))
    help_ = phrase("cell.option_size_video")
    add("--size", metavar="WxH", type=pixels, default="", help=help_)
    add("--seconds", metavar="N", type=positive, help=phrase("cell.option_seconds"))
    return parser


def drawing_parser(prog: str, *, line: bool = False) -> Parser:
    """Create the parser of ``%%draw`` or ``%%edit``; with ``line``, that of ``%draw``."""
    what = {
        "draw": phrase("cell.what_draw"),
        "edit": phrase("cell.what_edit"),
        "sweep": phrase("cell.what_sweep"),
    }[prog]
    parser = _parser(prog, what, line=line)
    parser.suffixes = (*PICTURES, *_FILMS)
    _common(parser, line=line)
    add = parser.add_argument
    add(
        "-n",
        "--takes",
        metavar="N",
        type=positive,
        default=1,
        help=phrase("cell.option_takes"),
    )
    add("--yes", action="store_true", help=phrase("cell.option_yes"))
    add(
        "--mask",
        metavar="REF",
        help=phrase("cell.option_mask"),
    )
    add("--aspect", metavar="W:H", type=aspect, default="", help=phrase("cell.option_aspect"))
    add("--size", metavar="WxH", type=pixels, default="", help=phrase("cell.option_size"))
    add("--quality", metavar="Q", default="", help=phrase("cell.option_quality"))
    help_ = phrase("cell.option_format")
    add("--format", type=file_format, choices=FORMATS, default="", help=help_)
    blind = phrase("sweep.option_blind")
    add("--blind", action="store_true", help=blind)
    add(
        "--like",
        metavar="PICTURE",
        default="",
        help=phrase("cell.option_like"),
    )
    return parser


def axis(text: str) -> tuple[str, tuple[str, ...]]:
    """Parse ``NAME=VALUE,VALUE``; values that contain commas belong in the body, as YAML.

    Example:
        >>> axis("style=ink, oil")
        ('style', ('ink', 'oil'))
    """
    name, equals, values = text.partition("=")
    listed = listed_names(values)
    if not equals or not name.strip().replace(".", "_").isidentifier() or not listed:
        raise argparse.ArgumentTypeError(phrase("cell.not_an_axis", text=text))
    return name.strip(), listed


def sweep_parser(prog: str = "sweep", *, line: bool = False) -> Parser:
    """Create the parser of ``%%sweep``."""
    parser = drawing_parser(prog, line=line)
    parser.add_argument(
        "-x",
        "--axis",
        dest="axes",
        metavar="NAME=VALUE,…",
        type=axis,
        action="append",
        default=[],
        help=phrase("cell.option_axis"),
    )
    batch = phrase("sweep.option_batch")
    parser.add_argument("--batch", action="store_true", help=batch)
    table = phrase("sweep.option_table")
    parser.add_argument("--table", metavar="PATH", default="", help=table)
    most = phrase("sweep.option_max_requests")
    parser.add_argument("--max-requests", metavar="N", type=int, help=most)
    most = phrase("sweep.option_max_cost")
    parser.add_argument("--max-cost", metavar="USD", type=float, help=most)
    return parser


def models_parser(prog: str = "models", *, line: bool = True) -> Parser:
    """Create the parser of ``%models``."""
    del line
    what = phrase("cell.what_models")
    parser = Parser(prog=f"%{prog}", description=what, add_help=False, allow_abbrev=False)
    add = parser.add_argument
    add("words", metavar="WORD", nargs="*", help=phrase("cell.option_word"))
    add("--endpoint", metavar="NAME", default="", help=phrase("cell.option_endpoint_models"))
    add("-h", "--help", action="store_true", help=phrase("cell.option_help"))
    return parser
