"""The body of ``%%sweep``: a prompt, or a prompt and axes as YAML or JSON."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from nbext.errors import OptionError
from nbext.messages.say import phrase
from nbext.session.sweep_plan import OPTIONS
from nbext.session.validation import names_secret

# A body that matches is YAML or JSON, not a prompt.
_PROMPT_KEY = re.compile(r"^(?:[\"']?)prompt(?:[\"']?)\s*:", re.MULTILINE)
_NUMBERS = {"n", "takes"}
# Numbers, booleans and null as in JSON. YAML 1.1 reads 2:3 as 123, and no as false.
_SCALARS = {
    "tag:yaml.org,2002:null": (r"~|null|", "~n\0"),
    "tag:yaml.org,2002:bool": (r"true|false", "tf"),
    "tag:yaml.org,2002:int": (r"-?(?:0|[1-9][0-9]*)", "-0123456789"),
    "tag:yaml.org,2002:float": (
        r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?",
        "-0123456789",
    ),
}


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """The contents of a ``%%sweep`` cell.

    Attributes:
        prompts: The prompts, with their variables.
        axes: Names and values.
        table: The path of a table, or its rows; None for a grid.
        fixed: Options that apply to every request.
        takes: The number of drawings of each combination.
        max_requests: The number of requests that may be sent, None for no limit.
        max_cost: What they may cost, in US dollars; None for no limit.
    """

    prompts: tuple[str, ...]
    axes: dict[str, Any] = {}
    table: Any = None
    fixed: dict[str, Any] = {}
    takes: int = 1
    max_requests: Any = None
    max_cost: Any = None


def read_body(text: str) -> Body:
    """Parse a cell's body.

    A list is an axis. A single value is an option for every request, or the only value of a
    variable or field. ``table`` names a CSV file, or holds rows; ``n`` is the number of takes;
    ``max_requests`` and ``max_cost`` are limits.

    Raises:
        OptionError: It is not valid YAML, has no prompt, or contains a key.

    Example:
        >>> read_body('{"prompt": "a {x}", "x": [1, 2], "aspect": "2:3"}').axes
        {'x': [1, 2]}
    """
    if not (_PROMPT_KEY.search(text) or text.lstrip().startswith('{"')):
        return Body(prompts=(text.strip(),))
    fields = _mapping(text)
    if "prompt" not in fields:
        raise OptionError(phrase("sweep.no_prompt"), remedy='prompt: "a {style} cat"')
    prompt = fields.pop("prompt")
    prompts = prompt if isinstance(prompt, list) else [prompt]
    if not prompts or not all(isinstance(each, str) for each in prompts):
        raise OptionError(phrase("sweep.prompt_text"))
    takes = [fields.pop(name) for name in list(fields) if name in _NUMBERS]
    axes: dict[str, Any] = {}
    fixed: dict[str, Any] = {}
    table = fields.pop("table", None)
    max_requests, max_cost = fields.pop("max_requests", None), fields.pop("max_cost", None)
    for name, value in fields.items():
        if names_secret(name):
            raise OptionError(phrase("sweep.key_in_cell", name=name))
        if name in OPTIONS and not isinstance(value, list):
            fixed[name] = value
        else:
            axes[name] = value
    return Body(
        prompts=tuple(each.strip() for each in prompts),
        axes=axes,
        table=table,
        fixed=fixed,
        takes=takes[0] if takes else 1,
        max_requests=max_requests,
        max_cost=max_cost,
    )


def _mapping(text: str) -> dict[str, Any]:
    try:
        value = msgspec.json.decode(text)
    except msgspec.DecodeError:
        value = _yaml(text)
    if not isinstance(value, dict) or not all(isinstance(name, str) for name in value):
        raise OptionError(phrase("sweep.body_kinds"))
    return value


def _yaml(text: str) -> Any:
    try:
        import yaml
    except ImportError:
        raise OptionError(phrase("sweep.needs_yaml"), remedy=phrase("sweep.install_yaml")) from None

    class Loader(yaml.SafeLoader):
        """A YAML loader that reads scalars as JSON does, and refuses a name given twice."""

        yaml_implicit_resolvers: dict[str, list[Any]] = {}  # noqa: RUF012 -- as the library has it

        def construct_mapping(self, node: Any, deep: bool = False) -> Any:
            names = [key.value for key, _ in node.value]
            twice = next((name for name in names if names.count(name) > 1), None)
            if twice is not None:
                raise OptionError(phrase("sweep.name_twice", twice=twice))
            return super().construct_mapping(node, deep=deep)

    for tag, (pattern, first) in _SCALARS.items():
        Loader.add_implicit_resolver(tag, re.compile(f"^(?:{pattern})$"), list(first))
    try:
        return yaml.load(text, Loader)  # noqa: S506 -- a kind of SafeLoader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = phrase("sweep.in_line", value=mark.line + 1) if mark is not None else ""
        problem = getattr(error, "problem", None) or str(error)
        quotes = phrase("sweep.quote_values")
        raise OptionError(
            phrase("sweep.bad_yaml", where=where, problem=problem), remedy=quotes
        ) from None
