"""The settings themselves: their names, their defaults, and what a value may be."""

from __future__ import annotations

import math
import re
from typing import Any
from urllib.parse import urlsplit

from traitlets import Bool, Dict, Enum, Float, Int, TraitError, Unicode, observe
from traitlets.config import Configurable

from nbext.errors import OptionError, SettingsError
from nbext.messages.say import use_language
from nbext.util.suggest import did_you_mean

CONFIG = "%config"
WITHOUT_KEY = "Use %nbext key, or set NBEXT_API_KEY beside NBEXT_BASE_URL in the environment."

# A name that says key: of a setting, of an endpoint's field. A style may well be called "monkey".
_KEY_NAME = re.compile(
    r"(^|[-_. ]|api)(key|token|secret|password|passwd|authorization|auth|bearer|credentials?)$",
    re.IGNORECASE,
)
# The prefixes that providers put before their keys.
_KEY_VALUE = re.compile(
    r"\b(?:sk[-_]|AIza|(?:pk|rk|hf|gsk|xai|r8)[-_](?=\w{0,40}\d))[A-Za-z0-9_-]{16,}"
    r"|-----BEGIN [A-Z ]{0,20}PRIVATE KEY"
)


def names_a_key(name: str) -> bool:
    """Whether a setting of this name would hold a key.

    Example:
        >>> names_a_key("OPENAI_API_KEY"), names_a_key("monkey")
        (True, False)
    """
    return bool(_KEY_NAME.search(name))


def looks_like_key(text: str) -> bool:
    """Whether a text holds what providers' keys look like."""
    return bool(_KEY_VALUE.search(text))


def checked_key(key: str, where: str = "The key") -> str:
    """Check that a key can be sent in a header, without showing it.

    Raises:
        SettingsError: It is empty, or holds white space, quotes or characters that no key has.
    """
    key = key.strip()
    # RFC 9110, 5.5: a field's value is visible ASCII; a line's end inside would start a header.
    if not key or not all("!" <= letter <= "~" for letter in key) or key[0] in "\"'":
        raise SettingsError(
            f"{where} is no key: it is empty, or holds white space, quotes or letters no key has.",
            remedy="Copy it again, without quotes around it.",
        )
    return key


def checked_url(url: str, where: str = "The base URL") -> str:
    """Check a base URL; what is wrong with it is said without showing it, it may hold a key.

    Raises:
        SettingsError: It is not http(s), or holds a key, a user, a password or a query.

    Example:
        >>> checked_url(" https://relay.example/v1 ")
        'https://relay.example/v1'
    """
    url = url.strip()
    if not url:
        return ""
    try:
        parts = urlsplit(url)
        fine = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fine = False
        parts = urlsplit("")
    if "@" in parts.netloc or looks_like_key(url):
        raise SettingsError(f"{where} holds a key or a password.", remedy=WITHOUT_KEY)
    if "?" in url or "#" in url:
        raise SettingsError(
            f"{where} goes on after a ? or a #, where keys stand.", remedy=f"End it. {WITHOUT_KEY}"
        )
    if not fine or "\\" in url or any(letter.isspace() or letter < "!" for letter in url):
        raise SettingsError(
            f"{where} is no base URL.", remedy="It looks like https://relay.example/v1"
        )
    return url


class Nbext(Configurable):
    """The settings of nbext: ``%config Nbext.name = value``.

    Attributes:
        file: What the settings file says and its name; None where none was looked for.

    Example:
        >>> chosen = Nbext(model="gpt-image-1")
        >>> chosen.source_of("model"), chosen.source_of("replay")
        ('%config', '')
    """

    base_url = Unicode("", help="The endpoint's URL, with or without /v1").tag(config=True)
    endpoint = Unicode(
        "", help="The endpoint to use, by its name in endpoints, or embedded; before base_url"
    ).tag(config=True)
    endpoints = Dict(
        help='More endpoints by name, without keys: {"lab": {"base_url": "https://…"}}'
    ).tag(config=True)
    model = Unicode("gpt-4o-image", help="The model that draws").tag(config=True)
    chat_model = Unicode("gpt-4o-mini", help="The model of %%chat").tag(config=True)
    respond_model = Unicode("gpt-4.1-mini", help="The model of %%respond").tag(config=True)
    complete_model = Unicode("gpt-3.5-turbo-instruct", help="The model of %%complete").tag(
        config=True
    )
    video_model = Unicode("veo3.1-fast", help="The model of %%video").tag(config=True)
    replay = Enum(
        ["restart", "always", "never", "only"],
        "restart",
        help="When recorded drawings are shown instead of sending the request again",
    ).tag(config=True)
    runner = Enum(
        ["thread", "nested"],
        "thread",
        help="How a cell waits: on a thread of its own, or with the notebook's own tasks going on",
    ).tag(config=True)
    inline_limit = Int(
        1_000_000, min=10_000, help="Bytes up to which a picture is shown whole under the cell"
    ).tag(config=True)
    connect_timeout = Float(10.0, min=0.1, help="Seconds to connect").tag(config=True)
    silence_timeout = Float(300.0, min=1.0, help="Seconds of silence in an answer").tag(config=True)
    total_timeout = Float(1800.0, min=1.0, help="Seconds for a whole answer").tag(config=True)
    embedded_pace = Float(
        1.0,
        min=0.0,
        max=10.0,
        help="How slow the embedded endpoint pretends to be: 1 as a quick relay, 0 not at all",
    ).tag(config=True)
    picture_bytes = Int(64_000_000, min=1024, help="Bytes a picture may have").tag(config=True)
    picture_pixels = Int(50_000_000, min=1, help="Pixels a picture may have").tag(config=True)
    redirects = Int(3, min=0, max=10, help="Redirects to a picture that are followed").tag(
        config=True
    )
    proxy_downloads = Bool(
        False, help="Whether pictures are fetched through the proxy of HTTPS_PROXY, too"
    ).tag(config=True)
    max_concurrent = Int(
        0, min=0, help="Paid requests at once to one endpoint, 0 for as many as it takes"
    ).tag(config=True)
    max_per_minute = Int(
        0, min=0, help="Paid requests a minute to one endpoint, 0 for no limit"
    ).tag(config=True)
    max_requests = Int(0, min=0, help="Paid requests that a kernel may send, 0 for no limit").tag(
        config=True
    )
    max_cost = Float(
        0.0, min=0.0, help="US dollars that a kernel may spend, where prices are known; 0 for any"
    ).tag(config=True)
    confirm_above = Int(
        8, min=0, help="Paid requests that a cell may send without a question, or --yes"
    ).tag(config=True)
    progress = Bool(True, help="Whether progress moves under the cell").tag(config=True)
    styles = Dict(help='Prompt templates: {"ink": "{prompt}, ink on rice paper"}').tag(config=True)
    wires = Dict(help='Wire formats by model pattern: {"my-model*": "images"}').tag(config=True)
    prices = Dict(help='US dollars a picture by model: {"gpt-4o-image": 0.01}').tag(config=True)
    families = Dict(
        help='What models take, over the table that nbext has: {"mine": {"names": ["my-.*"]}}'
    ).tag(config=True)
    language = Enum(
        ["auto", "en", "zh"],
        "auto",
        help="The language of messages and of the panel; auto is the browser's or the system's",
    ).tag(config=True)
    notebook = Unicode("", help="Whose history this is, where the kernel cannot tell").tag(
        config=True
    )
    certificate = Unicode(
        "", help="The PEM file of the certificate chain that save(…, sign=True) signs with"
    ).tag(config=True)
    certificate_key_file = Unicode("", help="The PEM file of that certificate's private key").tag(
        config=True
    )
    history_folder = Unicode("", help="The history's folder, instead of NAME.draws").tag(
        config=True
    )

    def __init__(self, **traits: Any) -> None:
        self._sources: dict[str, str] = {}
        self._file: tuple[dict[str, Any], str] | None = None
        for name in traits:
            self._refuse_unknown(name)
        super().__init__(**traits)

    def source_of(self, name: str) -> str:
        """Say which source has set a trait, empty for the default."""
        return self._sources.get(name, "")

    def put(self, name: str, value: Any, source: str) -> None:
        """Set a trait from a source that comes after ``%config``, unless that has set it."""
        if self.source_of(name) != CONFIG:
            setattr(self, name, value)
            self._sources[name] = source

    @property
    def file(self) -> tuple[dict[str, Any], str] | None:
        """What the settings file said when it was read, and its name."""
        return self._file

    def read(self, table: dict[str, Any], name: str) -> None:
        """Take over a settings file; its ``base_url`` stays apart: it names the endpoint."""
        self._file = table, name
        for key, value in table.items():
            if key != "base_url":
                self.put(key, value, name)

    def __setattr__(self, name: str, value: Any) -> None:
        """Refuse keys, values and names that make no sense at the assignment itself.

        Not in traitlets' validators: those run after the assignment where ``%config`` loads
        several, and a refusal that is no TraitError would leave the refused value there.
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

    @observe("language")
    def _speak(self, change: Any) -> None:
        """Let all messages of this process follow the setting."""
        use_language(change["new"])

    def update_config(self, config: Any) -> None:
        """Refuse names that are no setting, where traitlets would keep them and warn."""
        for name in config.get(type(self).__name__, {}):
            self._refuse_unknown(name)
        super().update_config(config)

    @classmethod
    def checked(cls, name: str, value: Any) -> Any:
        """Check and normalise the value of a setting; a refusal never shows the value.

        Raises:
            SettingsError: It is of another type, out of bounds, or holds a key.
        """
        trait: Any = cls.class_traits()[name]
        try:
            value = trait.validate(None, value)
        except (TraitError, OverflowError):
            raise SettingsError(
                f"Nbext.{name} is {_expected(trait)}.",
                remedy=did_you_mean(value, trait.values or ())
                if isinstance(trait, Enum) and isinstance(value, str)
                else "",
            ) from None
        if isinstance(value, float) and not math.isfinite(value):
            raise SettingsError(f"Nbext.{name} is {_expected(trait)}.")
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
            raise SettingsError("A key is no setting.", remedy=WITHOUT_KEY)
        raise SettingsError(
            f"Nbext has no setting {name[:40]!r}.",
            remedy=did_you_mean(name, cls.class_trait_names(config=True)),
        )


def _refuse_key(what: str, text: str) -> None:
    if looks_like_key(text):
        raise SettingsError(f"{what} holds a key.", remedy=WITHOUT_KEY)


def _expected(trait: Any) -> str:
    """Say in words what a trait takes.

    Example:
        >>> _expected(Nbext.redirects)
        'a whole number from 0 to 10'
    """
    if isinstance(trait, Enum):
        return f"one of {', '.join(trait.values or ())}"
    if isinstance(trait, Bool):
        return "True or False"
    if isinstance(trait, Dict):
        return f"a table. {trait.help}"
    if isinstance(trait, Float):
        return f"a number from {trait.min:g} on. {trait.help}"
    if isinstance(trait, Int):
        return f"a whole number from {trait.min:,} " + (f"to {trait.max:,}" if trait.max else "on")
    return "a text"


def _checked_endpoints(table: dict[Any, Any]) -> dict[str, dict[str, str]]:
    checked = {}
    for name, value in table.items():
        what = f"The endpoint {str(name)[:40]!r}"
        fields = {"base_url": value} if isinstance(value, str) else value
        if not isinstance(name, str) or not isinstance(fields, dict) or name in ("", "embedded"):
            raise SettingsError(
                f"{what} cannot be set so.", remedy=_example("endpoints", "embedded is taken")
            )
        for field in fields:
            if names_a_key(str(field)):
                raise SettingsError(f"{what} has a key in the settings.", remedy=WITHOUT_KEY)
            if field != "base_url":
                raise SettingsError(
                    f"{what} has an unknown field {str(field)[:40]!r}.",
                    remedy="It has base_url alone.",
                )
        url = checked_url(str(fields.get("base_url", "")), f"The base_url of {what.lower()}")
        if not url:
            raise SettingsError(f"{what} has no base_url.", remedy=_example("endpoints"))
        checked[name] = {"base_url": url}
    return checked


def _checked_styles(table: dict[Any, Any]) -> dict[str, str]:
    for template in table.values():
        if not isinstance(template, str):
            raise SettingsError("A style is a text.", remedy=_example("styles"))
        _refuse_key("A style", template)
    return {str(name): template for name, template in table.items()}


def _checked_wires(table: dict[Any, Any]) -> dict[str, str]:
    from nbext.data.request import WIRES

    for pattern, wire in table.items():
        if wire not in WIRES:
            raise SettingsError(
                f"Nbext.wires: the wire format of {str(pattern)[:40]!r} is one of "
                f"{', '.join(WIRES)}.",
                remedy=did_you_mean(str(wire), WIRES),
            )
    return {str(pattern): wire for pattern, wire in table.items()}


def _checked_prices(table: dict[Any, Any]) -> dict[str, float]:
    try:
        prices = {str(model): float(price) for model, price in table.items()}
    except (TypeError, ValueError, OverflowError):
        prices = {"": -1.0}
    if not all(math.isfinite(price) and price >= 0 for price in prices.values()):
        raise SettingsError('Nbext.prices: {"gpt-4o-image": 0.01}, US dollars a picture.')
    return prices


def _checked_families(table: dict[Any, Any]) -> dict[str, dict[str, Any]]:
    from nbext.data.family import Family, overlay

    for name, fields in table.items():
        if not isinstance(name, str) or not isinstance(fields, dict):
            raise SettingsError("A family is a table of fields.", remedy=_example("families"))
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
    """List all settings: name, default, kind, meaning and environment variable."""
    kinds = {"unicode": "text", "int": "number", "float": "number", "dict": "table"}
    rows = []
    traits: dict[str, Any] = Nbext.class_traits(config=True)
    for name, trait in sorted(traits.items()):
        kind = type(trait).__name__.lower()
        kind = " | ".join(trait.values or ()) if isinstance(trait, Enum) else kinds.get(kind, kind)
        rows.append((name, trait.default(), kind, trait.help, f"NBEXT_{name.upper()}"))
    return rows
