"""The table of families, loaded lazily.

Parsing the whole TOML file takes more than ten milliseconds, which is more than the rest of a first
drawing's waiting time. So the names are read first, and families only when they are needed.
"""

from __future__ import annotations

import functools
import json
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from nbext.data.family import UNKNOWN, Family, Source, overlay
from nbext.errors import OptionError
from nbext.messages.say import phrase
from nbext.util.pattern import pattern
from nbext.util.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

_HEAD = pattern(r'^\[(?:"([^"]+)"|([\w-]+))\]$', re.MULTILINE)
_NAMES = pattern(r"^names = (\[.*\])$", re.MULTILINE)
_LITERAL = pattern(r"[a-z0-9]+(?![a-z0-9?*{])")
_LONGEST_NAME = 200


class Table:
    """The families, including the user's own and corrections.

    Args:
        own: ``[families.NAME]`` of a settings file.

    Raises:
        OptionError: One of the user's tables is invalid.

    Example:
        >>> Table().find("openai/gpt-image-2").name, Table().find("nobody-knows-it").name
        ('gpt-image-2', '')
    """

    def __init__(self, own: Mapping[str, Mapping[str, Any]] | None = None) -> None:
        self._own = dict(own or {})
        self._sections = _sections()
        self._families: dict[str, Family] = {}
        self._matches: dict[str, Family] = {}
        patterns = {name: _names(text) for name, text in self._sections.items()}
        for name, fields in self._own.items():
            known = name in self._sections
            if not known and not {"names", "like"} <= {*fields, "like"}:
                raise OptionError(
                    phrase("model.new_family", name=name[:40]),
                    remedy=did_you_mean(
                        name, self._sections, otherwise=phrase("model.table_has_all")
                    ),
                )
            patterns[name] = tuple(self.family(name).names)
        # The user's own come first: they may be part of a family.
        self._patterns = {name: patterns[name] for name in (*self._own, *self._sections)}

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all families, the user's first."""
        return tuple(self._patterns)

    def find(self, model: str) -> Family:
        """Find the family of a model by its name.

        Args:
            model: The name in a request, with or without a router's ``vendor/``.

        Returns:
            The family, or ``UNKNOWN``.
        """
        if model not in self._matches:
            if len(self._matches) > 1000:
                self._matches.clear()
            self._matches[model] = self._find(model.lower()[:_LONGEST_NAME])
        return self._matches[model]

    def matches(self, model: str) -> list[str]:
        """Return all families whose patterns match a model's name, which should be one."""
        name = model.lower()[:_LONGEST_NAME]
        return [key for key, patterns in self._patterns.items() if _is_any(name, patterns)]

    def _find(self, model: str) -> Family:
        for name, patterns in self._patterns.items():
            if _is_any(model, patterns):
                return self.family(name)
        return UNKNOWN

    def family(self, name: str, _above: tuple[str, ...] = ()) -> Family:
        """Return a family by its own name.

        Raises:
            OptionError: There is no such family, or it refers to itself.
        """
        if name in self._families:
            return self._families[name]
        if name not in self._sections and name not in self._own:
            raise OptionError(
                phrase("model.no_family", name=name[:40]),
                remedy=did_you_mean(name, self._sections, otherwise=phrase("model.table_has_all")),
            )
        if name in _above:
            raise OptionError(
                phrase("model.like_itself", name=name), remedy=phrase("model.like_another")
            )
        family = Family(name=name)
        shipped = _fields(self._sections[name], name) if name in self._sections else {}
        for fields in (shipped, dict(self._own.get(name, {}))):
            like = fields.pop("like", "")
            if like:
                base = self.family(str(like), (*_above, name))
                family = msgspec.structs.replace(base, name=name)
            sources = _merge(family.sources, fields.pop("sources", {}))
            family = overlay(family, fields | {"sources": sources})
        self._families[name] = family
        return family

    def all(self) -> list[Family]:
        """Return all families, in the table's order."""
        return [self.family(name) for name in self._patterns]

    def source(self, family: Family, fact: str) -> Source | None:
        """Return the source of a family's fact; for a user's own, the settings file."""
        if fact in self._own.get(family.name, {}):
            return None
        key = next((name for name, facts in family.sources.items() if fact in facts), "")
        return _sources().get(key)


def table(own: Mapping[str, Mapping[str, Any]] | None = None) -> Table:
    """Return the table with the user's own families, cached.

    Raises:
        OptionError: One of the user's tables is invalid.
    """
    if not own:
        return _table(b"{}")
    return _table(msgspec.json.encode(own, order="deterministic", enc_hook=str))


@functools.lru_cache(16)
def _table(own: bytes) -> Table:
    return Table(msgspec.json.decode(own))


@functools.cache
def _text() -> str:
    return Path(__file__).with_name("families.toml").read_text("utf-8")


@functools.cache
def _sections() -> dict[str, str]:
    text = _text()
    heads = list(_HEAD.finditer(text))
    ends = [head.start() for head in heads[1:]] + [len(text)]
    sections = {
        head[1] or head[2]: text[head.end() : end] for head, end in zip(heads, ends, strict=True)
    }
    return {name: section for name, section in sections.items() if name != "sources"}


@functools.cache
def _sources() -> dict[str, Source]:
    table = tomllib.loads(_text()[_text().index("\n[sources]\n") :])["sources"]
    return msgspec.convert(table, dict[str, Source])


def _merge(
    base: Mapping[str, tuple[str, ...]], own: Mapping[str, list[str]]
) -> dict[str, tuple[str, ...]]:
    """Merge a family's own sources into those of the family it is like, its own last."""
    facts = {fact for each in own.values() for fact in each}
    result = {name: tuple(f for f in each if f not in facts) for name, each in base.items()}
    for name, each in own.items():
        result[name] = (*result.pop(name, ()), *each)
    return result


def _names(section: str) -> tuple[str, ...]:
    match = _NAMES.search(section)
    # A list of texts is the same in JSON, which is parsed much faster.
    return tuple(json.loads(match[1])) if match else ()


def _fields(section: str, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(section)
    except tomllib.TOMLDecodeError as error:
        raise OptionError(phrase("model.table_error", name=name, error=error)) from None


def _is_any(model: str, patterns: tuple[str, ...]) -> bool:
    return any(_may_be(model, pattern) and _compiled(pattern).search(model) for pattern in patterns)


def _may_be(model: str, pattern: str) -> bool:
    """Return whether a name contains the start of a pattern, so that few need to be compiled."""
    literal = _LITERAL.match(pattern)
    return literal is None or literal[0] in model or _has_branches(pattern)


@functools.lru_cache(512)
def _has_branches(pattern: str) -> bool:
    """Return whether a pattern has a ``|`` outside its groups."""
    depth = 0
    for character in pattern:
        depth += {"(": 1, ")": -1}.get(character, 0)
        if character == "|" and depth <= 0:
            return True
    return False


@functools.lru_cache(512)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?:^|[/:])(?:{pattern})", re.IGNORECASE)
