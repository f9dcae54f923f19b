"""Check the arguments of a request before it is planned."""

from __future__ import annotations

import operator
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from nbext.config.keys import holds_key
from nbext.data.options import Options
from nbext.data.request import listed
from nbext.errors import OptionError
from nbext.messages.say import phrase
from nbext.session.variables import unescaped, variables_of
from nbext.util.habits import habit_of
from nbext.util.pattern import pattern
from nbext.util.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbext.data.record import Kind

MAX_TAKES = 64
# The most digits of a number in a request: more than any endpoint reads, and few for a message.
MOST_DIGITS = 100
FORMATS = ("png", "jpeg", "webp", "gif", "svg")
# The arguments of all functions that make a request from a prompt.
_COMMON = (
    *("model", "images", "system", "continues", "params", "via", "endpoint", "fresh", "seed"),
    "after",
)
_PICTURE = ("mask", "aspect", "size", "quality", "format", "n", "yes")
_WORDS = ("video", "schema", "tools", "yes", "rounds")
# The arguments of each kind of request.
KNOWN: dict[Kind, tuple[str, ...]] = {
    "draw": (*_COMMON, *_PICTURE),
    "chat": (*_COMMON, *_WORDS),
    "respond": (*_COMMON, *_WORDS, "search"),
    "complete": _COMMON,
    "video": (*_COMMON, "aspect", "size", "seconds"),
}
_TEXTS = {
    "model": "gpt-4o-image",
    "system": "You paint.",
    "size": "1024x1536",
    "quality": "high",
    "via": "images",
    "endpoint": "lab",
}
# Not names_a_key: fields such as prompt_cache_key are not secrets.
_SECRET = pattern(r"(api|secret|access)[-_]?key|authorization|^key$|password", re.IGNORECASE)


def ratio(text: str) -> str:
    """Parse an aspect ratio such as ``2:3`` (or ``2x3``, ``2/3``); empty for none.

    Raises:
        ValueError: It is not a ratio.
    """
    if not text.strip():
        return ""
    match = re.fullmatch(r"(\d{1,5})\s*[:x/：]\s*(\d{1,5})", text.strip())
    if not match or not int(match[1]) or not int(match[2]):
        raise ValueError(phrase("session.not_a_ratio", text=text))
    return f"{match[1]}:{match[2]}"


def options_of_fields(
    verb: str,
    kind: Kind,
    prompt: object,
    fields: Mapping[str, Any],
    *,
    without: tuple[str, ...] = (),
) -> Options:
    """Convert the arguments of ``nbext.draw(…)``, ``drawing.edit(…)`` and others to options.

    Args:
        verb: The function's name, for messages.
        kind: The kind of request.
        prompt: The prompt.
        fields: The other arguments.
        without: Arguments of its kind that this function does not have.

    Raises:
        OptionError: An argument is unknown; the message suggests another.
    """
    known = [name for name in KNOWN[kind] if name not in without]
    for name, value in fields.items():
        if name not in known:
            raise OptionError(
                phrase("session.no_argument", verb=verb, name=name),
                remedy=_instead_of(name, value, known),
            )
    values = {name: value for name, value in fields.items() if value is not None}
    takes = checked_takes(values.pop("n", 1))
    films = listed(values.pop("video", None))
    images = (*listed(values.pop("images", None)), *films)
    params = checked_params(values.pop("params", {}))
    tools = tuple(listed(values.pop("tools", None)))
    text = checked_prompt(prompt, kind)
    # A sweep has already filled in its variables.
    draws = kind in ("draw", "video") and verb != "sweep"
    return Options(
        prompt=unescaped(text) if draws else text,
        unfilled=tuple(variables_of(text)) if draws else (),
        kind=kind,
        images=images,
        params=params,
        takes=takes,
        tools=tools,
        **values,
    )


def _instead_of(name: str, value: object, known: Sequence[str]) -> str:
    """Return what to write in place of an unknown argument."""
    habit = habit_of(name)
    if habit is not None and habit.argument in known:
        return phrase("error.did_you_mean", names=habit.argument)
    if habit is not None and "(" in habit.argument:
        return phrase("cell.instead", option=habit.argument)
    plain = repr(value) if isinstance(value, int | float | str | bool) else "…"
    in_params = phrase("session.other_fields", name=name, value=plain[:40])
    return in_params if habit else did_you_mean(name, known, n=1, otherwise=in_params)


def checked_prompt(prompt: object, kind: Kind = "draw") -> str:
    """Check the prompt of a request.

    Raises:
        OptionError: It is not text, or is empty.
    """
    if not isinstance(prompt, str):
        raise OptionError(
            phrase("session.prompt_not_text", prompt=repr(prompt)[:80]),
            remedy=phrase(f"session.{_instead_of_text(prompt)}"),
        )
    if not prompt.strip():
        remedy = "session.say_what" if kind in ("draw", "video") else "session.say_question"
        raise OptionError(phrase("session.prompt_empty"), remedy=phrase(remedy))
    return prompt


def _instead_of_text(prompt: object) -> str:
    """Return the name of the message that says how to make text of an object."""
    if isinstance(prompt, bytes | bytearray):
        return "use_decode"
    if isinstance(prompt, Mapping) or (
        isinstance(prompt, list | tuple) and any(isinstance(part, Mapping) for part in prompt)
    ):
        return "no_messages"
    # A string has an iterator, too, but is no reason to come here.
    return "each_prompt" if isinstance(prompt, Iterable) else "use_str"


def checked(options: Options) -> Options:
    """Check options given in Python, where they can be of any type.

    Returns:
        The options, with ratio and seed in their usual form.

    Raises:
        OptionError: One is invalid.

    Example:
        >>> checked(Options(prompt="a cat", aspect="2x3")).aspect
        '2:3'
    """
    checked_prompt(options.prompt, options.kind)
    for name, example in _TEXTS.items():
        if not isinstance(getattr(options, name), str):
            several = name == "model" and isinstance(options.model, list | tuple | set)
            raise OptionError(
                phrase("session.must_be_text", name=name, example=example),
                remedy=phrase("session.compare_models") if several else "",
            )
    texts = {name: getattr(options, name) for name in ("prompt", *_TEXTS)}
    # All at once: nearly always, none of them holds a key.
    if holds_key("\n".join(filter(None, texts.values()))):
        for name, text in texts.items():
            _refuse_keys(text, name)
    try:
        aspect = ratio(options.aspect)
    except (ValueError, AttributeError, TypeError):
        raise OptionError(phrase("session.bad_aspect", aspect=options.aspect)) from None
    if options.format not in ("", *FORMATS):
        raise OptionError(
            phrase("session.bad_format", format=options.format, names=", ".join(FORMATS))
        )
    seed = options.seed
    if seed is not None:
        try:
            seed = operator.index(seed)
        except TypeError:
            raise OptionError(phrase("session.bad_seed", seed=seed)) from None
        check_number(seed, "seed")
    for name, text in texts.items():
        _check_text(text, name)
    if not _is_positive(options.rounds):
        raise OptionError(phrase("session.bad_rounds", rounds=options.rounds))
    if options.seconds is not None and not _is_positive(options.seconds):
        raise OptionError(phrase("session.bad_seconds", seconds=options.seconds))
    return msgspec.structs.replace(options, aspect=aspect, seed=seed)


def _is_positive(value: object) -> bool:
    if isinstance(value, int) and abs(value) >= 10**MOST_DIGITS:
        return False
    text = str(value)
    return text.isdecimal() and len(text) <= MOST_DIGITS and int(text) >= 1


def checked_takes(value: object) -> int:
    """Check the number of takes.

    Raises:
        OptionError: It is not a number, or too large.
    """
    if not hasattr(value, "__index__"):
        raise OptionError(phrase("session.takes_not_whole", value=value, most=MAX_TAKES))
    takes = operator.index(value)
    if not 1 <= takes <= MAX_TAKES:
        raise OptionError(
            phrase("session.bad_takes", value=value),
            remedy=phrase("session.takes_range", MAX_TAKES=MAX_TAKES),
        )
    return takes


def checked_params(value: object) -> dict[str, Any]:
    """Check other fields of the request body, which are recorded and must not contain keys.

    Raises:
        OptionError: They are not a table, or contain a key.
    """
    if not isinstance(value, Mapping):
        raise OptionError(phrase("session.bad_params", value=value))
    _check_field(value, "params")
    return dict(value)


def _check_field(value: Any, name: str) -> None:
    """Check a field of a request body, and all that is in it.

    Raises:
        OptionError: It contains a key, half of a character, or a number that nothing reads.
    """
    if isinstance(value, str):
        _refuse_keys(value, name)
        _check_text(value, name)
    elif isinstance(value, int):
        check_number(value, name)
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            if not isinstance(key, str | int):
                raise OptionError(phrase("session.bad_params", value=value))
            _check_text(str(key), name)
            _check_field(inner, str(key))
    elif isinstance(value, list | tuple):
        for inner in value:
            _check_field(inner, name)


def _check_text(text: str, name: str) -> None:
    """Refuse text that cannot be encoded, such as the half of a character."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise OptionError(
            phrase("session.half_character", name=name, object=error.object[error.start]),
            remedy=phrase("session.other_encoding"),
        ) from None


def check_number(number: int, name: str) -> None:
    """Refuse a number of so many digits that neither records nor messages can write it.

    Raises:
        OptionError: It has more than ``MOST_DIGITS`` digits.
    """
    if abs(number) >= 10**MOST_DIGITS:
        raise OptionError(phrase("session.long_number", name=name, most=MOST_DIGITS))


def _refuse_keys(value: str, name: str) -> None:
    """Refuse text that holds a key: all fields of a request are recorded."""
    # Only if it is text: a schema may have a property called password.
    if value and (names_secret(name) or holds_key(value)):
        raise OptionError(
            phrase("session.looks_like_key", name=name),
            remedy=phrase("config.without_key"),
        )


def names_secret(name: str) -> bool:
    """Return whether a field of the request body has a name that is usual for keys.

    Example:
        >>> names_secret("api_key"), names_secret("prompt_cache_key")
        (True, False)
    """
    return bool(_SECRET.search(name))
