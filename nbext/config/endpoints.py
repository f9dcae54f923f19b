"""Find the endpoint's URL, and the key that belongs to it, among several sources.

The first source that is set wins:

====  ============================================================  ============================
no.   where the endpoint's URL is set                               the key that goes with it
====  ============================================================  ============================
1     an argument or an option: a name of ``endpoints``             by the URL's origin: see below
2     ``%config Nbext.endpoint``, else ``Nbext.base_url``           by the URL's origin
3     ``NBEXT_ENDPOINT``, else ``NBEXT_BASE_URL``                   ``NBEXT_API_KEY`` with the URL,
                                                                    else by its origin
4     ``nbext.toml`` or ``[tool.nbext]`` in ``pyproject.toml``      by the URL's origin
5     ``OPENAI_BASE_URL``, by default OpenAI's own                   ``OPENAI_API_KEY``
6     ``LITELLM_API_BASE``                                          ``LITELLM_API_KEY``
7     Colab's secrets with the names of 3 and 5                     from the same secrets
8     the keyring: the URL of the last ``%nbext key``               by the URL's origin
9     ``embedded``: the endpoint inside the package                 made up by it
====  ============================================================  ============================

A key is sent only to the URL that was set with it: URL and key come from one source. If a source
has only the URL, the key is the one entered with ``%nbext key`` for the same scheme, host and port,
stored in this kernel or in the keyring. So a settings file from a stranger cannot send your key
elsewhere. ``NBEXT_API_KEY`` without a URL is an error, because it is unclear where the key may go.
``OPENAI_BASE_URL`` and the LiteLLM variables are ignored if one of the pair is missing, because
they are often set for other programs. An empty variable counts as not set.

All other settings are read from sources 1 to 4, then from their defaults.
"""

from __future__ import annotations

import functools
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from nbext.config.keys import ask_hidden, colab_secret, kept_key, key_scope, last_url, remember_key
from nbext.config.loading import file_settings
from nbext.config.settings import CONFIG, Nbext, checked_key, checked_url, looks_like_key
from nbext.data.endpoint import Endpoint, Secret
from nbext.errors import SettingsError
from nbext.messages.say import phrase
from nbext.util.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

OPENAI = "https://api.openai.com/v1"


class ResolvedEndpoint(NamedTuple):
    """An endpoint, and the sources it came from.

    Attributes:
        endpoint: The endpoint.
        url_from: The source of its URL.
        key_from: The source of its key, empty without one.
    """

    endpoint: Endpoint
    url_from: str
    key_from: str


def resolve_endpoint(
    name: str = "",
    *,
    settings: Nbext,
    folder: Path | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Endpoint:
    """Find the endpoint to use, with its key.

    Args:
        name: The name of one of the settings' endpoints, or ``embedded``; empty for the default.
        settings: The settings.
        folder: Where to look for a settings file, if the settings have not read theirs.
        environ: The environment.

    Raises:
        SettingsError: There is no such endpoint, or it has no key.

    Example:
        >>> resolve_endpoint(settings=Nbext(), environ={}).name
        'embedded'
    """
    return with_key(find_endpoint(name, settings=settings, folder=folder, environ=environ))


def with_key(resolved: ResolvedEndpoint) -> Endpoint:
    """Return an endpoint that has its key, or needs none.

    Raises:
        SettingsError: It has no key.
    """
    endpoint = resolved.endpoint
    if not endpoint.embedded and not endpoint.key:
        asks = phrase("config.key_asks", base_url=endpoint.base_url)
        if urlsplit(endpoint.base_url).hostname in ("localhost", "127.0.0.1", "::1"):
            asks += phrase("config.any_word")
        raise SettingsError(
            phrase(
                "config.no_key_for", place=key_scope(endpoint.base_url), url_from=resolved.url_from
            ),
            remedy=phrase("config.key_elsewhere", asks=asks),
        )
    return endpoint


def find_endpoint(
    name: str = "",
    *,
    settings: Nbext,
    folder: Path | None = None,
    environ: Mapping[str, str] = os.environ,
) -> ResolvedEndpoint:
    """Find the endpoint in its sources; its key may be missing.

    Raises:
        SettingsError: There is no endpoint with this name, or a source is invalid.
    """
    if settings.file is not None:
        table, file = settings.file
    else:
        table, file = file_settings(folder) if folder is not None else ({}, "")
    known = {**table.get("endpoints", {}), **settings.endpoints}
    if name:
        return _named(name, known, "")
    for resolved in _sources(settings, known, (table, file), environ):
        return resolved
    return _embedded(phrase("config.no_key_anywhere"))


def _sources(
    settings: Nbext,
    known: dict[str, Any],
    file: tuple[dict[str, Any], str],
    environ: Mapping[str, str],
) -> Iterator[ResolvedEndpoint]:
    if settings.source_of("endpoint") == CONFIG and settings.endpoint:
        yield _named(settings.endpoint, known, "%config Nbext.endpoint")
    if settings.source_of("base_url") == CONFIG and settings.base_url:
        yield _by_place("relay", settings.base_url, "%config Nbext.base_url")
    if environ.get("NBEXT_ENDPOINT", "").strip():
        yield _named(environ["NBEXT_ENDPOINT"].strip(), known, "NBEXT_ENDPOINT")
    yield from _pair(environ, "NBEXT_BASE_URL", "NBEXT_API_KEY", ours=True)
    table, name = file
    if table.get("endpoint"):
        yield _named(table["endpoint"], known, name)
    if table.get("base_url"):
        yield _by_place("relay", table["base_url"], name)
    yield from _pair(environ, "OPENAI_BASE_URL", "OPENAI_API_KEY", url=OPENAI)
    yield from _pair(environ, "LITELLM_API_BASE", "LITELLM_API_KEY")
    yield from _colab()
    if url := last_url():
        yield _by_place(
            "relay", checked_url(url, phrase("config.keyring_url")), phrase("config.the_keyring")
        )


def _named(name: str, known: dict[str, Any], source: str) -> ResolvedEndpoint:
    if name == "embedded":
        return _embedded(source or phrase("config.chosen"))
    if name not in known:
        shown = "" if looks_like_key(name) else f" {name[:40]!r}"
        raise SettingsError(
            phrase("config.no_endpoint", shown=shown) + (f" ({source})." if source else "."),
            remedy=did_you_mean(name, [*known, "embedded"]) or phrase("config.name_endpoint"),
        )
    return _by_place(name, known[name]["base_url"], phrase("config.endpoint", name=name))


def _pair(
    environ: Mapping[str, str], url_name: str, key_name: str, *, url: str = "", ours: bool = False
) -> Iterator[ResolvedEndpoint]:
    """Take URL and key from one source, or neither."""
    url_value, key = environ.get(url_name, "").strip(), environ.get(key_name, "").strip()
    base_url = url_value or url
    if key and not base_url and ours:
        raise SettingsError(
            phrase("config.key_without_url", key_name=key_name, url_name=url_name),
            remedy=phrase("config.set_url", url_name=url_name),
        )
    if key and base_url:
        endpoint = _of_pair(base_url, key, url_name, key_name)
        yield ResolvedEndpoint(
            endpoint, url_name if url_value else phrase("config.openai_url"), key_name
        )
    elif ours and url_value:
        yield _by_place("relay", checked_url(url_value, url_name), url_name)


@functools.lru_cache(maxsize=8)
def _of_pair(base_url: str, key: str, url_name: str, key_name: str) -> Endpoint:
    """Check a URL and its key. Cached, because each drawing looks them up."""
    checked = checked_url(base_url, url_name)
    name = "openai" if key_scope(checked) == "api.openai.com" else "relay"
    return Endpoint(name=name, base_url=checked, key=Secret(checked_key(key, key_name)))


def _by_place(name: str, url: str, source: str) -> ResolvedEndpoint:
    """Find the key for a URL that was set without one: the key stored for its origin."""
    key, key_from = kept_key(url)
    return ResolvedEndpoint(Endpoint(name=name, base_url=url, key=key), source, key_from)


def _embedded(why: str) -> ResolvedEndpoint:
    endpoint = Endpoint(name="embedded", base_url="", key=Secret(""), embedded=True)
    return ResolvedEndpoint(endpoint, why, "")


def _colab() -> Iterator[ResolvedEndpoint]:
    for url_name, key_name, url in (
        ("NBEXT_BASE_URL", "NBEXT_API_KEY", ""),
        ("OPENAI_BASE_URL", "OPENAI_API_KEY", OPENAI),
    ):
        key = colab_secret(key_name)
        if not key:
            continue
        pair = {url_name: colab_secret(url_name), key_name: key}
        for resolved in _pair(pair, url_name, key_name, url=url, ours=not url):
            named = (
                phrase("config.colab_url", url_name=url_name)
                if pair[url_name]
                else resolved.url_from
            )
            yield ResolvedEndpoint(
                resolved.endpoint, named, phrase("config.colab_key", key_name=key_name)
            )


def ask_key(settings: Nbext, *, base_url: str = "", ask: Callable[[str], str] | None = None) -> str:
    """Ask for a key, hidden.

    Args:
        settings: The settings; a given base URL is stored in them.
        base_url: Where the key may be sent; empty for the current endpoint.
        ask: Asks, hidden; ``getpass`` by default.

    Returns:
        A message that says where the key is stored, never the key.

    Raises:
        SettingsError: Nobody can be asked, there is no URL for the key, or it is not a key.
    """
    if looks_like_key(base_url):
        raise SettingsError(
            phrase("config.key_as_url"),
            remedy=phrase("config.remove_key"),
        )
    url = base_url or _found_here(settings).endpoint.base_url
    if not url:
        raise SettingsError(
            phrase("config.which_endpoint"), remedy="%nbext key https://relay.example/v1"
        )
    url = checked_url(url)
    where = remember_key(
        url, ask_hidden(phrase("config.key_prompt", place=key_scope(url)), ask), where="keyring"
    )
    if base_url:
        settings.endpoint, settings.base_url = "", url
    first = _found_here(settings).key_from
    message = phrase("config.key_kept", place=key_scope(url), where=where)
    return (
        message
        if first in (phrase("config.this_kernel"), phrase("config.the_keyring"))
        else phrase("config.key_precedence", message=message, first=first)
    )


def _found_here(settings: Nbext) -> ResolvedEndpoint:
    return find_endpoint(settings=settings, folder=Path.cwd())


def explain(
    settings: Nbext, *, folder: Path | None = None, environ: Mapping[str, str] = os.environ
) -> list[tuple[str, str, str]]:
    """List what is set, and by which source; of a key only its source.

    Returns:
        Rows of setting, value and source.
    """
    resolved = find_endpoint(settings=settings, folder=folder, environ=environ)
    endpoint = resolved.endpoint
    shown = phrase("config.embedded") if endpoint.embedded else endpoint.base_url
    rows = [("endpoint", shown, resolved.url_from)]
    if not endpoint.embedded:
        rows.append(
            (
                "key",
                phrase("config.set_from", key_from=resolved.key_from)
                if resolved.key_from
                else phrase("config.none"),
                "",
            )
        )
    always = ("model", "replay")
    names = [
        name for name in sorted(Nbext.class_trait_names(config=True)) if settings.source_of(name)
    ]
    names = [*always, *(n for n in names if n not in (*always, "base_url", "endpoint"))]
    return rows + [(name, str(getattr(settings, name)), settings.source_of(name)) for name in names]
