"""Parse the line and the body of a magic into a typed struct."""

from __future__ import annotations

import io
import re
import shlex
from pathlib import Path
from typing import Any, NoReturn

import msgspec

from nbext.data.request import Reference
from nbext.errors import OptionError
from nbext.magics.parsers import PICTURES, Parser, listed_names
from nbext.magics.spelling import is_option, plain_line, plain_word
from nbext.messages.say import phrase
from nbext.util.habits import habit_of
from nbext.util.suggest import did_you_mean


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
        >>> from nbext.magics.parsers import drawing_parser
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
    if word.startswith("@") or (suffix in PICTURES and "--image" in parser.options()):
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
