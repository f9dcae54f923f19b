"""Parse the line and the body of a magic into a typed struct.

One table of options serves ``%%draw``, ``%draw`` and ``%%edit``, their ``--help``, completion and
the documentation.
"""

from __future__ import annotations

import argparse
import io
import json
import keyword
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import msgspec

from nbext.data.request import Reference
from nbext.drawings.drawing import Drawing, Drawings
from nbext.drawings.picture import Picture
from nbext.errors import OptionError
from nbext.magics.spelling import (
    file_format,
    is_option,
    plain_line,
    plain_word,
    shape,
    size,
)
from nbext.messages.say import phrase
from nbext.session.validation import FORMATS, names_secret, ratio
from nbext.session.variables import VARIABLE, filling, is_text
from nbext.util.arguments import Arguments, reason
from nbext.util.habits import habit_of
from nbext.util.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping


class HelpText(Exception):  # noqa: N818 -- not an error
    """Raised for ``--help``; its argument is the help text."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """The options on a magic's line. Options that the magic lacks keep their defaults.

    Attributes:
        model: The model; empty for the default model.
        models: All models on the line; several are compared.
        axes: Names and values of a sweep's axes.
        table: The path of a sweep's table.
        batch: Whether to send a sweep as a batch: done within a day, at half price.
        max_requests: The number of requests a sweep may send, None for no limit.
        max_cost: What a sweep may cost, in US dollars; None for no limit.
        blind: Whether to hide names until the votes are in.
        images: Reference pictures: ``@3``, a variable, a path, a URL.
        params: Other fields of the request body.
        continues: The drawing whose conversation to continue, None for a new one.
        seed: The seed, None to leave it out.
        system: The system message.
        via: The wire format.
        endpoint: The endpoint's name.
        style: The name of a prompt template.
        name: The variable to bind the result to.
        save: The file to write the result to.
        fresh: Whether to ignore recorded drawings.
        dry_run: Whether to show the request instead of sending it.
        code: The language to show the request in instead of sending it.
        no_wait: Whether the cell returns at once.
        takes: The number of drawings.
        mask: The mask: ``@3``, a variable, a path, a URL.
        aspect: The aspect ratio.
        size: The size in pixels.
        quality: The quality, one of the model's values.
        format: The file format.
        like: The file, or the drawing such as ``@3``, to take the request from.
        schema: The answer shape: a variable, or a JSON file.
        tools: Names of functions that the model may call.
        yes: Whether to call them without asking.
        rounds: How often the model may call them.
        search: Whether the model may search the web.
        seconds: The length of a video.
        words: Words that a model's name must contain.
    """

    model: str = ""
    models: tuple[str, ...] = ()
    axes: tuple[tuple[str, tuple[str, ...]], ...] = ()
    table: str = ""
    batch: bool = False
    max_requests: int | None = None
    max_cost: float | None = None
    blind: bool = False
    images: tuple[str | Reference, ...] = ()
    params: dict[str, Any] = {}
    continues: str | None = None
    seed: int | None = None
    system: str = ""
    via: str = ""
    endpoint: str = ""
    style: str = ""
    name: str = ""
    save: str = ""
    fresh: bool = False
    dry_run: bool = False
    code: str = ""
    no_wait: bool = False
    takes: int = 1
    mask: str | None = None
    aspect: str = ""
    size: str = ""
    quality: str = ""
    format: str = ""
    like: str = ""
    schema: str = ""
    tools: tuple[str, ...] = ()
    yes: bool = False
    rounds: int = 8
    search: bool = False
    seconds: int | None = None
    words: tuple[str, ...] = ()


_PICTURES = ("png", "jpg", "jpeg", "webp", "avif", "gif", "svg")
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
    parser.suffixes = (*_PICTURES, *_FILMS)
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


def split(line: str, remedy: str = "") -> list[str]:
    """Split a line into words, removing quotes as a shell does.

    Args:
        line: The line.
        remedy: The advice if a quote is not closed; by default to close it.

    Raises:
        OptionError: A quote is not closed.
    """
    try:
        return list(map(plain_word, shlex.split(plain_line(line))))
    except ValueError:
        raise OptionError(
            phrase("cell.open_quote_line", line=line.strip()),
            remedy=remedy or phrase("cell.close_quote"),
        ) from None


def parse_line(parser: Parser, line: str) -> Line:
    """Parse the line of a cell magic.

    Raises:
        OptionError: An option is unknown (with "did you mean") or lacks its value.
        HelpText: ``--help`` is there.
    """
    in_body = [phrase("cell.prompt_below")]
    return _parse(parser, split(line, *(in_body if parser.prog.startswith("%%") else [])))


def parse_prompt_line(parser: Parser, line: str) -> tuple[Line, str]:
    """Parse ``[options] PROMPT``. The prompt is kept verbatim, including quotes.

    Example:
        >>> parse_prompt_line(drawing_parser("draw", line=True), "-n 2 don't stop")[1]
        "don't stop"
    """
    words: list[str] = []
    rest = line.strip()
    while is_option(rest):
        word, after = _next_word(rest)
        word = plain_word(word)
        name = word.partition("=")[0]
        if name == "--":
            rest = after
            break
        takes_value = parser.takes_value(name)
        if re.match(r"-(\d|$)", name):
            break
        words.append(word)
        rest = after
        optional = name in ("-c", "--continue")
        if takes_value and "=" not in word and rest and (not optional or rest.startswith("@")):
            value, rest = _next_word(plain_line(rest, first=True))
            words.append(value)
    prompt = rest
    if len(prompt) >= 2 and prompt[0] == prompt[-1] and prompt[0] in "\"'":
        prompt = prompt[1:-1]
    return _parse(parser, words), prompt


def _next_word(text: str) -> tuple[str, str]:
    """Split off the first word, removing quotes as a shell does."""
    source = io.StringIO(text)
    lexer = shlex.shlex(source, posix=True, punctuation_chars=False)
    lexer.whitespace_split = True
    lexer.commenters = ""
    try:
        word = lexer.get_token() or ""
    except ValueError:
        raise OptionError(phrase("cell.open_quote", text=text)) from None
    return word, text[source.tell() :].lstrip()


def _parse(parser: Parser, words: list[str]) -> Line:
    namespace, unknown = parser.parse_known_args(_with_reference(words))
    values = vars(namespace)
    if values.pop("help"):
        raise HelpText(parser.format_help())
    if unknown:
        _refuse(parser, unknown[0])
    first = values.pop("model_given", "")
    _refuse_as_model(parser, first)
    models = [first, *(values.pop("models", None) or ())]
    # Names have no commas: "-m A,B" is two of them.
    values["models"] = tuple(name for model in models for name in listed_names(model))
    values["model"] = values["models"][0] if values["models"] else ""
    values["axes"] = tuple(values.get("axes") or ())
    for name in ("images", "words"):
        values[name] = tuple(values.get(name) or ())
    values["name"] = values.get("name") or ""
    values["params"] = dict(values.get("params") or ())
    line = Line(**values)
    if line.save and not line.code:
        _refuse_suffix(parser, line.save)
    return line


def _refuse_suffix(parser: Parser, path: str) -> None:
    """Refuse a file type that the result cannot be saved as, before the request is paid for."""
    suffix = Path(path).suffix.lstrip(".").lower()
    if suffix and parser.suffixes and suffix not in parser.suffixes and not Path(path).is_dir():
        raise OptionError(
            phrase("cell.bad_suffix", prog=parser.prog, suffix=suffix),
            remedy=phrase("cell.suffixes", names=", ".join(parser.suffixes)),
        )


def _with_reference(words: list[str]) -> list[str]:
    """Keep ``--continue`` from taking the model's name as its optional value."""
    following = [*words[1:], ""][: len(words)]
    return [
        "--continue=@-1" if word in ("-c", "--continue") and not after.startswith("@") else word
        for word, after in zip(words, following, strict=True)
    ]


def _refuse_as_model(parser: Parser, word: str) -> None:
    """Refuse a picture or a setting in the place of the model, which would be sent as its name.

    Raises:
        OptionError: It is a drawing, a file, or ``name=value``.
    """
    name, equals, _ = word.partition("=")
    if equals and re.fullmatch(r"[\w-]+", name):
        _refuse_assignment(parser, word)
    suffix = Path(word).suffix.lstrip(".").lower()
    if word.startswith("@") or (suffix in _PICTURES and "--image" in parser.options()):
        raise OptionError(
            phrase("cell.not_a_model", word=word), remedy=phrase("cell.as_reference", word=word)
        )


def _refuse_assignment(parser: Parser, word: str) -> NoReturn:
    """Refuse ``size=2K``, as in Python, with the option that it stands for."""
    name, _, value = word.partition("=")
    options = parser.options()
    short = [f"-{name}"] if name in ("n", "m", "i") else []
    option = next((o for o in (f"--{name}", *short) if o in options), "")
    if "--axis" in options and ("," in value or not option):
        option, value = "-x", word
    elif not option:
        option, value = "-p", word
    raise OptionError(
        phrase("cell.extra_word", prog=parser.prog, word=word),
        remedy=phrase("cell.instead", option=f"{option} {value}"),
    )


def _refuse(parser: Parser, word: str) -> NoReturn:
    if re.fullmatch(r"[\w-]+=.*", word) and not word.startswith("-"):
        _refuse_assignment(parser, word)
    if not word.startswith("-"):
        raise OptionError(
            phrase("cell.extra_word", prog=parser.prog, word=word),
            remedy=phrase("cell.prompt_below"),
        )
    name = word.partition("=")[0]
    if re.match(r"--?(api[-_]?)?key$|--?token$", name):
        raise OptionError(
            phrase("cell.never_a_key"),
            remedy=phrase("config.without_key"),
        )
    habit = habit_of(name.lstrip("-"))
    instead = habit.option if habit is not None else ""
    fits = instead.split(" ")[0] in (*parser.options(), "%nbext")
    raise OptionError(
        phrase("cell.no_option", prog=parser.prog, name=name),
        remedy=phrase("cell.instead", option=instead)
        if instead and fits
        else did_you_mean(name, parser.options(), n=1),
    )


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
