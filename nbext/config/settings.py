"""The settings: their names, defaults and valid values."""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from traitlets import All, Bool, Dict, Enum, Float, HasTraits, Int, TraitError, Unicode, observe

from nbext.errors import OptionError, SettingsError
from nbext.messages.say import phrase, use_language
from nbext.util.pattern import pattern
from nbext.util.suggest import did_you_mean
from nbext.util.text import printable

CONFIG = "%config"

# Names of settings and fields that hold keys; not, for example, a style called "monkey".
_KEY_NAME = pattern(
    r"(^|[-_. ]|api)(key|token|secret|password|passwd|authorization|auth|bearer|credentials?)$",
    re.IGNORECASE,
)
# The prefixes of providers' keys.
_KEY_VALUE = pattern(
    r"\b(?:sk[-_]|AIza|(?:pk|rk|hf|gsk|csk|xai|r8|fw|tgp|pplx|nvapi)[-_](?=\w{0,40}\d))[A-Za-z0-9_-]{16,}"
    r"|\b(?:gh[opsur]_|github_pat_|glpat-|xox[abeprs]-|ya29\.)[A-Za-z0-9_-]{16,}"
    r"|\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}"
    r"|-----BEGIN [A-Z ]{0,20}PRIVATE KEY"
)


@lru_cache(maxsize=1024)  # the names in the environment, looked up for each drawing
def names_a_key(name: str) -> bool:
    """Return whether a setting with this name would hold a key.

    Example:
        >>> names_a_key("OPENAI_API_KEY"), names_a_key("monkey")
        (True, False)
    """
    return bool(_KEY_NAME.search(name))


def looks_like_key(text: str) -> bool:
    """Return whether a text contains something in the format of providers' keys."""
    return bool(_KEY_VALUE.search(text))


def checked_key(key: str, where: str = "") -> str:
    """Check that a key can be sent in a header, without showing it.

    Raises:
        SettingsError: It is empty, or contains white space, quotes or other invalid characters.
    """
    key = key.strip()
    # RFC 9110, 5.5: a field's value is visible ASCII; a line break would start another header.
    if not key or not all("!" <= letter <= "~" for letter in key) or key[0] in "\"'":
        raise SettingsError(
            phrase("config.not_a_key", where=where or phrase("config.the_key")),
            remedy=phrase("config.copy_key"),
        )
    return key


def checked_url(url: str, where: str = "") -> str:
    """Check a base URL. Errors do not show it, as it may contain a key.

    Raises:
        SettingsError: It is not http(s), or holds a key, a user, a password or a query.

    Example:
        >>> checked_url(" https://relay.example/v1 ")
        'https://relay.example/v1'
    """
    url = url.strip()
    if not url:
        return ""
    where = where or phrase("config.the_url")
    try:
        parts = urlsplit(url)
        fine = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fine = False
        parts = urlsplit("")
    if "@" in parts.netloc or looks_like_key(url):
        raise SettingsError(
            phrase("config.key_in_url", where=where), remedy=phrase("config.without_key")
        )
    if "?" in url or "#" in url:
        raise SettingsError(
            phrase("config.query_in_url", where=where),
            remedy=phrase("config.end_url", remedy=phrase("config.without_key")),
        )
    if not fine or "\\" in url or any(letter.isspace() or letter < "!" for letter in url):
        raise SettingsError(
            phrase("config.not_a_url", where=where), remedy=phrase("config.url_like")
        )
    return url


# A settings file may only lower these limits.
_LIMITS = frozenset(["picture_bytes", "picture_pixels", "redirects", "confirm_above"])
# These paths must stay inside the notebook's folder.
_PATHS = frozenset(["history_folder", "notebook", "certificate", "certificate_key_file"])


def is_harmless(name: str, value: Any, default: Any) -> bool:
    """Return whether a settings file, which may come from a stranger, may set a value.

    Args:
        name: The setting.
        value: The file's value.
        default: The value without the file.

    Example:
        >>> is_harmless("redirects", 1, 3), is_harmless("history_folder", "../out", "")
        (True, False)
    """
    if name in _LIMITS:
        return bool(value <= default)
    if name in _PATHS:
        path = str(value).replace("\\", "/")
        return not (path.startswith(("/", "~")) or ":" in path or ".." in path.split("/"))
    return (name, value) not in (("replay", "never"), ("proxy_downloads", True))


class Nbext(HasTraits):
    """The settings of nbext; ``nbext.config.in_shell`` has those of a shell.

    Attributes:
        file: The settings file's contents and name; None if none was looked for.
        refusals: Settings of the file that were refused, each in a sentence.
        changes: How often a setting was changed, for what is computed from several of them.

    Example:
        >>> chosen = Nbext(model="gpt-image-1")
        >>> chosen.source_of("model"), chosen.source_of("replay")
        ('%config', '')
    """

    refusals: list[str]
    changes: int

    base_url = Unicode("").tag(config=True)
    endpoint = Unicode("").tag(config=True)
    endpoints = Dict().tag(config=True)
    model = Unicode("gpt-4o-image").tag(config=True)
    chat_model = Unicode("gpt-4o-mini").tag(config=True)
    respond_model = Unicode("gpt-4.1-mini").tag(config=True)
    complete_model = Unicode("gpt-3.5-turbo-instruct").tag(config=True)
    video_model = Unicode("veo3.1-fast").tag(config=True)
    replay = Enum(
        ["restart", "always", "never", "only"],
        "restart",
    ).tag(config=True)
    runner = Enum(
        ["thread", "nested"],
        "thread",
    ).tag(config=True)
    inline_limit = Int(1_000_000, min=10_000).tag(config=True)
    connect_timeout = Float(10.0, min=0.1).tag(config=True)
    silence_timeout = Float(300.0, min=1.0).tag(config=True)
    total_timeout = Float(1800.0, min=1.0).tag(config=True)
    embedded_pace = Float(
        1.0,
        min=0.0,
        max=10.0,
    ).tag(config=True)
    picture_bytes = Int(64_000_000, min=1024).tag(config=True)
    picture_pixels = Int(50_000_000, min=1).tag(config=True)
    redirects = Int(3, min=0, max=10).tag(config=True)
    proxy_downloads = Bool(False).tag(config=True)
    max_concurrent = Int(0, min=0).tag(config=True)
    max_per_minute = Int(0, min=0).tag(config=True)
    max_requests = Int(0, min=0).tag(config=True)
    max_cost = Float(0.0, min=0.0).tag(config=True)
    confirm_above = Int(8, min=0).tag(config=True)
    progress = Bool(True).tag(config=True)
    styles = Dict().tag(config=True)
    wires = Dict().tag(config=True)
    prices = Dict().tag(config=True)
    families = Dict().tag(config=True)
    language = Enum(
        ["auto", "en", "zh"],
        "auto",
    ).tag(config=True)
    notebook = Unicode("").tag(config=True)
    certificate = Unicode("").tag(config=True)
    certificate_key_file = Unicode("").tag(config=True)
    history_folder = Unicode("").tag(config=True)
    catalog = Bool(True).tag(config=True)

    def __init__(self, **traits: Any) -> None:
        self._sources: dict[str, str] = {}
        self._file: tuple[dict[str, Any], str] | None = None
        self.__dict__["refusals"] = []
        self.__dict__["changes"] = 0
        for name in traits:
            self._refuse_unknown(name)
        super().__init__(**traits)

    def __repr__(self) -> str:
        """List the settings that are not at their defaults, with their sources."""
        lines = [
            f"  {name} = {getattr(self, name)!r}  ({self.source_of(name)})"
            for name in sorted(self.trait_names(config=True))
            if self.source_of(name)
        ]
        return "\n".join([phrase("config.settings"), *lines])

    def source_of(self, name: str) -> str:
        """Return the source that set a trait, empty for the default."""
        return self._sources.get(name, "")

    def put(self, name: str, value: Any, source: str) -> None:
        """Set a trait from a source that yields to ``%config``."""
        if self.source_of(name) != CONFIG:
            setattr(self, name, value)
            self._sources[name] = source

    @property
    def file(self) -> tuple[dict[str, Any], str] | None:
        """The contents of the settings file when it was read, and its name."""
        return self._file

    def read(self, table: dict[str, Any], name: str) -> None:
        """Apply a settings file. Its ``base_url`` is kept apart, because it names the endpoint.

        A file may come from a stranger together with a notebook. Values that would lead out of the
        folder, lift a limit or cause repeated payments are ignored and listed in ``refusals``.
        """
        self._file = table, name
        for key, value in table.items():
            if key == "base_url":
                continue
            if is_harmless(key, value, self.traits()[key].default()):
                self.put(key, value, name)
            else:
                shown = printable(repr(value))[:60]
                self.refusals.append(
                    phrase("config.not_from_file", name=name, key=key, value=shown)
                )

    def __setattr__(self, name: str, value: Any) -> None:
        """Refuse keys, invalid values and unknown names at the assignment itself.

        Traitlets' validators run after the assignment if ``%config`` loads several values, and a
        refusal that is not a TraitError would leave the refused value in place.
        """
        if name.startswith("_"):
            super().__setattr__(name, value)
            return
        self._refuse_unknown(name)
        if name not in self.class_trait_names(config=True):
            super().__setattr__(name, value)
            return
        value = self.checked(name, value)
        super().__setattr__(name, value)
        self._sources[name] = CONFIG

    @observe(All)
    def _count_change(self, change: Any) -> None:
        del change
        self.__dict__["changes"] += 1

    @observe("language")
    def _speak(self, change: Any) -> None:
        """Switch all messages of this process to the language."""
        use_language(change["new"])
        _describe()

    @classmethod
    def checked(cls, name: str, value: Any) -> Any:
        """Check and normalise the value of a setting; errors never show the value.

        Raises:
            SettingsError: It has the wrong type, is out of bounds, or contains a key.
        """
        trait: Any = cls.class_traits()[name]
        try:
            value = trait.validate(None, value)
        except (TraitError, OverflowError):
            raise SettingsError(
                phrase("config.value_expected", name=name, expected=_expected(trait)),
                remedy=did_you_mean(value, trait.values or ())
                if isinstance(trait, Enum) and isinstance(value, str)
                else "",
            ) from None
        if isinstance(value, float) and not math.isfinite(value):
            raise SettingsError(
                phrase("config.value_expected", name=name, expected=_expected(trait))
            )
        if name == "base_url":
            return checked_url(value, "Nbext.base_url")
        if isinstance(value, str):
            _refuse_key(f"Nbext.{name}", value)
        return _TABLES[name](value) if name in _TABLES else value

    @classmethod
    def _refuse_unknown(cls, name: str) -> None:
        if hasattr(cls, name):
            return
        if names_a_key(name):
            raise SettingsError(
                phrase("config.key_as_setting"), remedy=phrase("config.without_key")
            )
        raise SettingsError(
            phrase("config.no_setting", name=name[:40]),
            remedy=did_you_mean(name, cls.class_trait_names(config=True)),
        )


def _refuse_key(what: str, text: str) -> None:
    if looks_like_key(text):
        raise SettingsError(
            phrase("config.holds_key", what=what), remedy=phrase("config.without_key")
        )


def _describe() -> None:
    """Set each setting's help text in the current language."""
    for name, trait in Nbext.class_traits(config=True).items():
        trait.help = phrase(f"setting.{name}")


_describe()


def _expected(trait: Any) -> str:
    """Describe in words what a trait accepts.

    Example:
        >>> _expected(Nbext.redirects)
        'a whole number from 0 to 10'
    """
    if isinstance(trait, Enum):
        return phrase("config.one_of", names=", ".join(trait.values or ()))
    if isinstance(trait, Bool):
        return phrase("config.true_or_false")
    if isinstance(trait, Dict):
        return phrase("config.a_table", help=trait.help)
    if isinstance(trait, Float):
        return phrase("config.a_number", min=trait.min, help=trait.help)
    if isinstance(trait, Int):
        if trait.max:
            return phrase("config.whole_between", min=trait.min, max=trait.max)
        return phrase("config.whole_up", min=trait.min)
    return phrase("config.a_text")


def _checked_endpoints(table: dict[Any, Any]) -> dict[str, dict[str, str]]:
    checked = {}
    for name, value in table.items():
        what = phrase("config.the_endpoint", name=str(name)[:40])
        fields = {"base_url": value} if isinstance(value, str) else value
        if not isinstance(name, str) or not isinstance(fields, dict) or name in ("", "embedded"):
            raise SettingsError(
                phrase("config.bad_endpoint", what=what),
                remedy=_example("endpoints", phrase("config.embedded_taken")),
            )
        for field in fields:
            if names_a_key(str(field)):
                raise SettingsError(
                    phrase("config.endpoint_key", what=what), remedy=phrase("config.without_key")
                )
            if field != "base_url":
                raise SettingsError(
                    phrase("config.endpoint_field", what=what, field=str(field)[:40]),
                    remedy=phrase("config.only_base_url"),
                )
        url = checked_url(
            str(fields.get("base_url", "")), phrase("config.url_of", lower=what.lower())
        )
        if not url:
            raise SettingsError(
                phrase("config.no_base_url", what=what), remedy=_example("endpoints")
            )
        checked[name] = {"base_url": url}
    return checked


def _checked_styles(table: dict[Any, Any]) -> dict[str, str]:
    for template in table.values():
        if not isinstance(template, str):
            raise SettingsError(phrase("config.style_text"), remedy=_example("styles"))
        _refuse_key(phrase("config.a_style"), template)
    return {str(name): template for name, template in table.items()}


def _checked_wires(table: dict[Any, Any]) -> dict[str, str]:
    from nbext.data.request import WIRES

    for name, wire in table.items():
        if wire not in WIRES:
            raise SettingsError(
                phrase("config.wire_names", pattern=str(name)[:40], names=", ".join(WIRES)),
                remedy=did_you_mean(str(wire), WIRES),
            )
    return {str(name): wire for name, wire in table.items()}


def _checked_prices(table: dict[Any, Any]) -> dict[str, float]:
    try:
        prices = {str(model): float(price) for model, price in table.items()}
    except (TypeError, ValueError, OverflowError):
        prices = {"": -1.0}
    if not all(math.isfinite(price) and price >= 0 for price in prices.values()):
        raise SettingsError(phrase("config.prices_like"))
    return prices


def _checked_families(table: dict[Any, Any]) -> dict[str, dict[str, Any]]:
    from nbext.data.family import Family, overlay

    for name, fields in table.items():
        if not isinstance(name, str) or not isinstance(fields, dict):
            raise SettingsError(phrase("config.family_table"), remedy=_example("families"))
        try:
            overlay(Family(name=name), {f: v for f, v in fields.items() if f != "like"})
        except OptionError as error:
            raise SettingsError(error.message, remedy=error.remedy) from None
    return {str(name): dict(fields) for name, fields in table.items()}


def _example(name: str, note: str = "") -> str:
    text = str(Nbext.class_traits()[name].help)
    return f"{text}; {note}." if note else f"{text}."


_TABLES = {
    "endpoints": _checked_endpoints,
    "styles": _checked_styles,
    "wires": _checked_wires,
    "prices": _checked_prices,
    "families": _checked_families,
}


def describe_traits() -> list[tuple[str, Any, str, str, str]]:
    """List all settings: name, default, type, meaning and environment variable."""
    kinds = {"unicode": "text", "int": "number", "float": "number", "dict": "table"}
    rows = []
    traits: dict[str, Any] = Nbext.class_traits(config=True)
    for name, trait in sorted(traits.items()):
        kind = type(trait).__name__.lower()
        kind = " | ".join(trait.values or ()) if isinstance(trait, Enum) else kinds.get(kind, kind)
        meaning = phrase(f"setting.{name}")
        rows.append((name, trait.default(), kind, meaning, f"NBEXT_{name.upper()}"))
    return rows
