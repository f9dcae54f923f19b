"""Settings, and the ladder that says which of them counts.

The first rung that sets something wins:

====  ============================================================  ==========================
rung  where                                                         the key that goes with it
====  ============================================================  ==========================
1     an argument or an option                                      by the endpoint's host: 8
2     ``%config Nbext.base_url = …``                                by its host: ``%nbext key``, 8
3     ``NBEXT_BASE_URL``                                            ``NBEXT_API_KEY``
4     ``nbext.toml`` or ``[tool.nbext]`` in ``pyproject.toml``      by its host: ``%nbext key``, 8
5     ``OPENAI_BASE_URL``, OpenAI's own where it is not set         ``OPENAI_API_KEY``
6     ``LITELLM_API_BASE``                                          ``LITELLM_API_KEY``
7     Colab's secrets of rungs 3 and 5                              those of rungs 3 and 5
8     the keyring, service ``nbext``, by host                       in the same entry
9     ``embedded``: the endpoint inside the package                 made up by it
====  ============================================================  ==========================

A key travels only to the URL that was set beside it: it is never combined with a URL of another
rung. So a folder from a stranger, with a settings file in it, cannot point your key elsewhere.
"""

from __future__ import annotations

import os
import re
import sys
import tomllib
from copy import deepcopy
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from traitlets import Bool, Dict, Enum, Float, Int, TraitError, Unicode, validate
from traitlets.config import Configurable
from traitlets.config.loader import LazyConfigValue

from nbext.data.endpoint import Endpoint, Secret
from nbext.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

OPENAI = "https://api.openai.com/v1"
KEYRING_SERVICE = "nbext"
WITHOUT_KEY = "Use %nbext key, or set NBEXT_API_KEY beside NBEXT_BASE_URL in the environment."

_KEY_NAME = re.compile(r"(api[-_]?)?key$|token$|secret|password|authorization", re.IGNORECASE)
_KEY_VALUE = re.compile(r"\b(?:[sp]k[-_]|hf_|AIza)[A-Za-z0-9_-]{12,}")
# What may be shown of a text that is no URL: a host that lacks its scheme, never a key.
_BARE_HOST = re.compile(r"(?:[a-z0-9-]{1,63}\.)+[a-z]{2,12}(?::\d{1,5})?(?:/[a-z0-9/]{0,20})?")


class Nbext(Configurable):
    """The settings of nbext: ``%config Nbext.name = value``."""

    base_url = Unicode("", help="The endpoint's URL, with or without /v1").tag(config=True)
    endpoint = Unicode("", help="The endpoint to use, by its name in endpoints; or embedded").tag(
        config=True
    )
    endpoints = Dict(
        help='More endpoints by name, without keys: {"lab": {"base_url": "https://…"}}'
    ).tag(config=True)
    model = Unicode("gpt-4o-image", help="The model that draws").tag(config=True)
    chat_model = Unicode("gpt-4o-mini", help="The model of %%chat").tag(config=True)
    respond_model = Unicode("gpt-4.1-mini", help="The model of %%respond").tag(config=True)
    complete_model = Unicode("gpt-3.5-turbo-instruct", help="The model of %%complete").tag(
        config=True
    )
    video_model = Unicode("sora-2", help="The model of %%video").tag(config=True)
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
    picture_bytes = Int(64 << 20, min=1024, help="Bytes a picture may have").tag(config=True)
    picture_pixels = Int(50_000_000, min=1, help="Pixels a picture may have").tag(config=True)
    redirects = Int(3, min=0, max=10, help="Redirects to a picture that are followed").tag(
        config=True
    )
    progress = Bool(True, help="Whether progress moves under the cell").tag(config=True)
    styles = Dict(help='Prompt templates: {"ink": "{prompt}, ink on rice paper"}').tag(config=True)
    wires = Dict(help='Wire formats by model pattern: {"my-model*": "images"}').tag(config=True)
    prices = Dict(help='US dollars a picture by model: {"gpt-4o-image": 0.01}').tag(config=True)
    language = Enum(
        ["auto", "en", "zh"], "auto", help="The language of the panel; auto is the browser's"
    ).tag(config=True)
    notebook = Unicode("", help="Whose history this is, where the kernel cannot tell").tag(
        config=True
    )
    history_folder = Unicode("", help="The history's folder, instead of NAME.draws").tag(
        config=True
    )

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self._assigned: set[str] = set()
        self.observe(lambda change: self._assigned.add(change["name"]))

    def assigned(self, name: str) -> bool:
        """Whether ``%config`` or code has set a trait, rather than a rung below."""
        return name in self._assigned

    def forget(self, name: str) -> None:
        """Count a trait as set by a rung below."""
        self._assigned.discard(name)

    def __setattr__(self, name: str, value: Any) -> None:
        """Refuse keys, and names that are no setting, at the assignment itself."""
        if isinstance(value, str) and _KEY_VALUE.search(value):
            raise SettingsError("A key is no setting.", remedy=WITHOUT_KEY)
        if not name.startswith("_") and not self.has_trait(name):
            if _KEY_NAME.search(name):
                raise SettingsError("A key is no setting.", remedy=WITHOUT_KEY)
            if name not in dir(type(self)):
                raise SettingsError(
                    f"Nbext has no setting {name!r}.", remedy=_near(name, self.class_trait_names())
                )
        try:
            super().__setattr__(name, value)
        except TraitError as error:
            raise SettingsError(_plain(error)) from None

    def _load_config(self, cfg: Any, section_names: Any = None, traits: Any = None) -> None:
        """Take over ``%config`` and configuration files by assignments, each checked as such.

        traitlets would hold the checks back, keep what they refuse, and only warn of a key.
        """
        del section_names, traits
        for name, value in self._find_my_config(cfg).items():
            if not isinstance(value, LazyConfigValue):
                setattr(self, name, deepcopy(value))

    @validate("base_url")
    def _check_url(self, proposal: Any) -> str:
        return checked_url(proposal["value"])

    @validate("endpoints")
    def _check_endpoints(self, proposal: Any) -> dict[str, Any]:
        return checked_endpoints(proposal["value"])

    @validate("prices")
    def _check_prices(self, proposal: Any) -> dict[str, float]:
        try:
            return {str(model): float(price) for model, price in proposal["value"].items()}
        except (TypeError, ValueError):
            raise SettingsError(
                "prices are US dollars a picture by model.", remedy='{"gpt-4o-image": 0.01}'
            ) from None


def _plain(error: TraitError) -> str:
    """Say in fewer words what traitlets says."""
    said = re.sub(
        r"(?:The value of )?[Tt]he '(\w+)' trait of an? \w+ instance", r"Nbext.\1", str(error)
    )
    return said.rstrip(".") + "."


def _near(word: str, names: Any) -> str:
    near = get_close_matches(word, list(names), n=1)
    return f"Did you mean {near[0]}?" if near else ""


def checked_url(url: str) -> str:
    """Check a base URL. One that is refused is not shown: it may be a key in the wrong place.

    Raises:
        SettingsError: It is not http(s), or holds a key, a user or a password.
    """
    url = url.strip()
    if not url:
        return ""
    looks = "It looks like https://relay.example/v1"
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise SettingsError("The base URL is none.", remedy=looks) from None
    fields = (name for name, _ in parse_qsl(f"{parts.query}&{parts.fragment}", True))
    if (
        parts.username is not None
        or _KEY_VALUE.search(url)
        or any(_KEY_NAME.search(name) for name in fields)
    ):
        raise SettingsError("The base URL holds a key or a password.", remedy=WITHOUT_KEY)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        if _BARE_HOST.fullmatch(url):
            looks = f"Did you mean https://{url}?"
        raise SettingsError("The base URL does not begin with http:// or https://.", remedy=looks)
    return url


def checked_endpoints(table: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Check endpoints by name; a text stands for its base URL.

    Raises:
        SettingsError: One has a key, an unknown field, or no base URL.
    """
    checked = {}
    for name, fields in table.items():
        given = {"base_url": fields} if isinstance(fields, str) else fields
        if not isinstance(given, dict):
            raise SettingsError(
                f"The endpoint {name} is no table.",
                remedy='{"lab": {"base_url": "https://relay.example/v1"}}',
            )
        for field in given:
            if _KEY_NAME.search(field):
                raise SettingsError(
                    f"The endpoint {name} has a key in the settings.", remedy=WITHOUT_KEY
                )
            if field != "base_url":
                raise SettingsError(
                    f"The endpoint {name} has an unknown field {field!r}.",
                    remedy=_near(field, ["base_url"]),
                )
        url = checked_url(str(given.get("base_url", "")))
        if not url:
            raise SettingsError(f"The endpoint {name} has no base_url.")
        checked[str(name)] = {"base_url": url}
    return checked


_made: dict[int, Nbext] = {}


def settings(shell: Any = None) -> Nbext:
    """Give the settings of a shell, or of the process where there is none; made once.

    They are registered, so that ``%config Nbext`` lists and sets them.
    """
    key = id(shell)
    if key not in _made:
        chosen = Nbext(parent=shell) if shell is not None else Nbext()
        apply_files(chosen, Path.cwd())
        apply_environment(chosen)
        if shell is not None and hasattr(shell, "configurables"):
            shell.configurables = [c for c in shell.configurables if type(c) is not Nbext]
            shell.configurables.append(chosen)
        _made[key] = chosen
    return _made[key]


def apply_environment(chosen: Nbext, environ: Mapping[str, str] = os.environ) -> None:
    """Take over ``NBEXT_*``; an empty variable counts as not set.

    Raises:
        SettingsError: A value is not of its setting's type.
    """
    for name in sorted(Nbext.class_trait_names(config=True)):
        text = environ.get(f"NBEXT_{name.upper()}", "")
        if text and name not in ("base_url", "notebook") and not chosen.assigned(name):
            trait = Nbext.class_traits()[name]
            try:
                value = trait.from_string(text) if not isinstance(trait, Dict) else _table(text)
                setattr(chosen, name, value)
            except SettingsError as error:
                raise SettingsError(f"NBEXT_{name.upper()}: {error}") from None
            except (TraitError, ValueError):
                raise SettingsError(
                    f"NBEXT_{name.upper()} is no {kind_of(trait)}.", remedy=f"It is: {trait.help}."
                ) from None
            chosen.forget(name)


def _table(text: str) -> Any:
    import json

    return json.loads(text)


def file_settings(folder: Path) -> tuple[dict[str, Any], str]:
    """Read ``nbext.toml``, else ``[tool.nbext]`` of ``pyproject.toml``.

    Returns:
        The settings and the file's name, empty where there is none.

    Raises:
        SettingsError: The file is no TOML, names an unknown setting, or holds a key.
    """
    for name in ("nbext.toml", "pyproject.toml"):
        path = folder / name
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8"))
        except OSError:
            continue
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
            if name == "pyproject.toml":
                continue
            raise SettingsError(f"{name}: {error}.") from None
        if name == "pyproject.toml":
            tool = table.get("tool")
            table = tool.get("nbext", {}) if isinstance(tool, dict) else {}
            if not isinstance(table, dict):
                raise SettingsError(f"{name}: tool.nbext is no table.")
        if table:
            _check_file(name, table)
            return table, name
    return {}, ""


def _check_file(name: str, table: dict[str, Any]) -> None:
    for path, key, value in _leaves(table):
        if _KEY_NAME.search(key) or (isinstance(value, str) and _KEY_VALUE.search(value)):
            raise SettingsError(
                f"{name}: {path} holds a key; files are shared.", remedy=WITHOUT_KEY
            )
    for key in table:
        if key not in Nbext.class_trait_names(config=True):
            raise SettingsError(
                f"{name}: there is no setting {key!r}.",
                remedy=_near(key, Nbext.class_trait_names(config=True)),
            )


def _leaves(table: dict[str, Any], above: str = "") -> Iterator[tuple[str, str, Any]]:
    for key, value in table.items():
        path = f"{above}{key}"
        if isinstance(value, dict):
            yield from _leaves(value, f"{path}.")
        else:
            yield path, key, value


def apply_files(chosen: Nbext, folder: Path) -> None:
    """Take over what a settings file says, beside the notebook."""
    table, name = file_settings(folder)
    for key, value in table.items():
        if key != "base_url":
            try:
                setattr(chosen, key, value)
            except SettingsError as error:
                raise SettingsError(f"{name}: {error}") from None
            chosen.forget(key)


def _place(url: str) -> str:
    """Name where a key of a URL may go: its host, and apart from that the same without TLS."""
    parts = urlsplit(url)
    host = parts.netloc.lower()
    return f"http://{host}" if parts.scheme == "http" else host


# Keys of this kernel alone, by host; in no trait, in no file.
_kernel_keys: dict[str, Secret] = {}


class Found:
    """An endpoint, and how it was found.

    Attributes:
        endpoint: The endpoint.
        url_from: The rung that named it.
        key_from: The rung that had its key, empty where none has.
    """

    def __init__(self, endpoint: Endpoint, url_from: str, key_from: str) -> None:
        self.endpoint = endpoint
        self.url_from = url_from
        self.key_from = key_from


def resolve_endpoint(
    name: str = "",
    *,
    settings: Nbext,
    folder: Path | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Endpoint:
    """Find the endpoint to use, with the key that was set beside it.

    Args:
        name: Of one of the settings' endpoints, or ``embedded``; empty for the default one.
        settings: The settings.
        folder: Where a settings file may be.
        environ: The environment.

    Raises:
        SettingsError: There is no such endpoint, or there is no key for it.

    Example:
        >>> resolve_endpoint(settings=Nbext(), environ={}).name
        'embedded'
    """
    found = find_endpoint(name, settings=settings, folder=folder, environ=environ)
    if not found.endpoint.embedded and not found.endpoint.key:
        raise SettingsError(
            f"There is no key for {found.endpoint.host} ({found.url_from}).",
            remedy=f"%nbext key {found.endpoint.base_url} asks for it, hidden; a key that was set "
            "beside another URL is not used.",
        )
    return found.endpoint


def find_endpoint(
    name: str = "",
    *,
    settings: Nbext,
    folder: Path | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Found:
    """Go down the ladder; the endpoint's key may be missing.

    Raises:
        SettingsError: There is no endpoint of this name.
    """
    table, file = file_settings(folder) if folder is not None else ({}, "")
    wanted = name or settings.endpoint
    if wanted == "embedded":
        return _embedded("chosen")
    if wanted:
        known = {**checked_endpoints(table.get("endpoints") or {}), **settings.endpoints}
        if wanted not in known:
            raise SettingsError(
                f"There is no endpoint {wanted!r}.",
                remedy=_near(wanted, [*known, "embedded"])
                or 'Name it: %config Nbext.endpoints = {"lab": {"base_url": "https://…"}}',
            )
        return _by_host(wanted, known[wanted]["base_url"], f"endpoint {wanted}")
    for found in _rungs(settings, table, file, environ):
        return found
    return _embedded("no key anywhere")


def _rungs(
    settings: Nbext, table: dict[str, Any], file: str, environ: Mapping[str, str]
) -> Iterator[Found]:
    if settings.base_url:
        yield _by_host("relay", settings.base_url, "%config Nbext.base_url")
    yield from _pair(environ, "NBEXT_BASE_URL", "NBEXT_API_KEY", must=True)
    if table.get("base_url"):
        yield _by_host("relay", checked_url(str(table["base_url"])), file)
    yield from _pair(environ, "OPENAI_BASE_URL", "OPENAI_API_KEY", url=OPENAI)
    yield from _pair(environ, "LITELLM_API_BASE", "LITELLM_API_KEY")
    yield from _colab()
    yield from _keyring_default()


def _pair(
    environ: Mapping[str, str], url_name: str, key_name: str, *, url: str = "", must: bool = False
) -> Iterator[Found]:
    """Take URL and key of one rung, or neither."""
    base_url, key = environ.get(url_name, "").strip() or url, environ.get(key_name, "").strip()
    if key and not base_url and must:
        raise SettingsError(
            f"{key_name} is set without {url_name}: where may the key go?",
            remedy=f"Set {url_name} beside it, e.g. https://relay.example/v1",
        )
    if must and base_url and not key:
        yield _by_host("relay", checked_url(base_url), url_name)
    elif key and base_url:
        checked = Secret(checked_key(key, key_name))
        endpoint = Endpoint(name=_name(base_url), base_url=checked_url(base_url), key=checked)
        yield Found(endpoint, url_name if environ.get(url_name) else "OpenAI's own", key_name)


def _name(url: str) -> str:
    return "openai" if urlsplit(url).hostname == "api.openai.com" else "relay"


def _by_host(name: str, url: str, rung: str) -> Found:
    """Find the key of a URL that was set alone: this kernel's, else the keyring's, by its host."""
    host = _place(url)
    key = _kernel_keys.get(host)
    if key:
        return Found(Endpoint(name=name, base_url=url, key=key), rung, "this kernel")
    stored = _stored(host)
    key = Secret(stored) if stored else Secret("")
    return Found(Endpoint(name=name, base_url=url, key=key), rung, "keyring" if key else "")


def _embedded(why: str) -> Found:
    endpoint = Endpoint(name="embedded", base_url="", key=Secret(""), embedded=True)
    return Found(endpoint, why, "")


def _colab() -> Iterator[Found]:
    if "google.colab" not in sys.modules:
        return
    from google.colab import userdata

    def secret(name: str) -> str:
        try:
            return str(userdata.get(name) or "")
        except Exception:  # noqa: BLE001 -- absent and not granted are classes of Colab's own
            return ""

    for url_name, key_name, url in (
        ("NBEXT_BASE_URL", "NBEXT_API_KEY", ""),
        ("OPENAI_BASE_URL", "OPENAI_API_KEY", OPENAI),
    ):
        pair = {url_name: secret(url_name), key_name: secret(key_name)}
        for found in _pair(pair, url_name, key_name, url=url):
            yield Found(found.endpoint, f"Colab's {url_name}", f"Colab's {key_name}")


def _keyring() -> Any:
    """Give the keyring package where it is installed and has a place to keep things."""
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        return None
    try:
        priority = keyring.get_keyring().priority
    except (KeyringError, RuntimeError):
        return None
    return keyring if priority > 0 else None


def _stored(host: str) -> str:
    keyring = _keyring()
    if keyring is None or not host:
        return ""
    try:
        return str(keyring.get_password(KEYRING_SERVICE, host) or "")
    except Exception:  # noqa: BLE001 -- a locked or broken keyring is as good as none
        return ""


def _keyring_default() -> Iterator[Found]:
    """Take the URL that the keyring was last given a key for."""
    url = _stored("default")
    if url:
        yield _by_host("relay", checked_url(url), "keyring")


def checked_key(key: str, where: str = "The key") -> str:
    """Check that a key can be sent, without showing it.

    Raises:
        SettingsError: It holds white space or characters that no key has.
    """
    key = key.strip()
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise SettingsError(
            f"{where} is no key: it is empty, or holds white space or characters no key has.",
            remedy="Copy it again, without quotes around it.",
        )
    return key


def remember_key(base_url: str, key: str, *, where: str = "kernel") -> str:
    """Keep a key for the host of a URL.

    Args:
        base_url: Where the key may go.
        key: The key.
        where: ``kernel`` or ``keyring``.

    Returns:
        Where it is kept.
    """
    url = checked_url(base_url)
    host = _place(url)
    _kernel_keys[host] = Secret(checked_key(key))
    keyring = _keyring() if where == "keyring" else None
    if keyring is None:
        return "this kernel"
    try:
        keyring.set_password(KEYRING_SERVICE, host, key.strip())
        keyring.set_password(KEYRING_SERVICE, "default", url)
    except Exception:  # noqa: BLE001 -- it is in this kernel in any case
        return "this kernel"
    return "the keyring"


def ask_key(settings: Nbext, *, base_url: str = "", ask: Callable[[str], str] | None = None) -> str:
    """Ask for a key, hidden.

    Returns:
        What to say: where it is kept, never the key.

    Raises:
        SettingsError: Nobody can be asked, there is no URL for the key, or it is none.
    """
    if base_url and _KEY_VALUE.search(base_url):
        raise SettingsError(
            "That looks like a key; it now stands in the cell.",
            remedy="Take it out, and give %nbext key the base URL: the key is asked for, hidden.",
        )
    url = base_url or find_endpoint(settings=settings, folder=Path.cwd()).endpoint.base_url
    if not url:
        raise SettingsError(
            "Which endpoint is the key for?", remedy="%nbext key https://relay.example/v1"
        )
    url = checked_url(url)
    if ask is None:
        from getpass import getpass

        ask = getpass
    try:
        key = ask(f"Key for {urlsplit(url).netloc}: ")
    except (EOFError, NotImplementedError) as error:
        raise SettingsError(
            f"Nobody can be asked for a key here ({type(error).__name__}).", remedy=WITHOUT_KEY
        ) from None
    except Exception as error:
        if type(error).__name__ != "StdinNotImplementedError":
            raise
        raise SettingsError("Nobody can be asked for a key here.", remedy=WITHOUT_KEY) from None
    where = remember_key(url, key, where="keyring")
    if base_url:
        settings.base_url = url
    return f"The key for {urlsplit(url).netloc} is kept in {where}."


def explain(
    settings: Nbext, *, folder: Path | None = None, environ: Mapping[str, str] = os.environ
) -> list[tuple[str, str, str]]:
    """Say what is set, and by which rung; of a key only where it is from.

    Returns:
        Rows of setting, value and rung.
    """
    found = find_endpoint(settings=settings, folder=folder, environ=environ)
    endpoint = found.endpoint
    shown = "embedded (sketches, no model)" if endpoint.embedded else endpoint.base_url
    rows = [("endpoint", shown, found.url_from)]
    if not endpoint.embedded:
        rows.append(("key", f"set, from {found.key_from}" if found.key_from else "none", ""))
    always = ("model", "replay", "runner")
    others = (name for name in sorted(Nbext.class_trait_names(config=True)) if name != "base_url")
    names = [*always, *(name for name in others if settings.assigned(name) and name not in always)]
    return rows + [
        (name, str(getattr(settings, name)), _rung_of(settings, name, environ, folder))
        for name in names
    ]


def _rung_of(settings: Nbext, name: str, environ: Mapping[str, str], folder: Path | None) -> str:
    if settings.assigned(name):
        return "%config"
    if environ.get(f"NBEXT_{name.upper()}"):
        return f"NBEXT_{name.upper()}"
    table, file = file_settings(folder) if folder is not None else ({}, "")
    return file if name in table else ""


def describe_traits() -> list[tuple[str, Any, str, str, str]]:
    """List all settings: name, default, kind, meaning and environment variable."""
    rows = []
    for name, trait in sorted(Nbext.class_traits(config=True).items()):
        rows.append((name, trait.default(), kind_of(trait), trait.help, f"NBEXT_{name.upper()}"))
    return rows


def kind_of(trait: Any) -> str:
    """Say what a trait takes, in a user's words."""
    if isinstance(trait, Enum):
        return " | ".join(trait.values or ())
    kind = type(trait).__name__.lower()
    return {"unicode": "text", "int": "number", "float": "number", "dict": "table"}.get(kind, kind)
