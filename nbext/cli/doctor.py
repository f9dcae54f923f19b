"""``nbext doctor``: what is there, what is missing, and what to do about it."""

from __future__ import annotations

import asyncio
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, NamedTuple

from nbext._version import __version__
from nbext.config.endpoints import find_endpoint
from nbext.config.loading import get_settings, unknown_variables
from nbext.errors import NbextError

if TYPE_CHECKING:
    from nbext.config.settings import Nbext
    from nbext.data.endpoint import Endpoint

REACH_SECONDS = 15


class Finding(NamedTuple):
    """One line of the examination.

    Attributes:
        mark: ``✓``, ``!`` (works, but look) or ``✗``.
        what: What was looked at.
        said: What was found, and what to do.
    """

    mark: str
    what: str
    message: str

    def __str__(self) -> str:
        return f"{self.mark} {self.what:<10} {self.message}"


def examine() -> list[Finding]:
    """Look at everything; nothing that costs is sent."""
    findings = [_python(), _libraries(), *_variables()]
    try:
        chosen = get_settings()
    except NbextError as error:
        return [*findings, Finding("✗", "settings", str(error))]
    findings += [_runner(chosen), _folder(chosen)]
    try:
        resolved = find_endpoint(settings=chosen, folder=Path.cwd())
    except NbextError as error:
        return [*findings, Finding("✗", "endpoint", str(error))]
    endpoint = resolved.endpoint
    if endpoint.embedded:
        message = "embedded: sketches, no model. Set NBEXT_BASE_URL and NBEXT_API_KEY for a relay."
        return [*findings, Finding("!", "endpoint", message)]
    findings.append(_address(endpoint, resolved.url_from))
    if not resolved.key_from:
        beside = "set NBEXT_API_KEY beside it, or " if resolved.url_from == "NBEXT_BASE_URL" else ""
        message = f"none for {endpoint.host}: {beside}run %nbext key in a notebook. "
        return [*findings, Finding("✗", "key", f"{message}One set beside another URL is not used")]
    findings.append(Finding("✓", "key", f"set, from {resolved.key_from}"))
    return [*findings, *asyncio.run(_reach(endpoint, chosen))]


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _python() -> Finding:
    message = f"{platform.python_version()}, nbext {__version__}"
    fine = sys.version_info >= (3, 11)
    return Finding(
        "✓" if fine else "✗", "python", message if fine else f"{message}: 3.11 is needed"
    )


def _libraries() -> Finding:
    names = ("httpx2", "httpx", "ipython", "ipykernel", "ipywidgets", "jupyterlab", "pillow")
    there = [f"{name} {_version(name)}" for name in names if _version(name)]
    if int(_version("pillow").partition(".")[0] or 0) < 13:
        return Finding("✗", "packages", "pillow before 13 decodes JPEG unsafely: upgrade it")
    return Finding("✓", "packages", ", ".join(there))


def _runner(chosen: Nbext) -> Finding:
    kernel = int(_version("ipykernel").partition(".")[0] or 0)
    if chosen.runner == "nested" and kernel >= 7 and not _version("nest-asyncio2"):
        message = "nested needs nest-asyncio2 with ipykernel 7: install it, or take thread"
        return Finding("✗", "runner", message)
    return Finding("✓", "runner", chosen.runner)


def _folder(chosen: Nbext) -> Finding:
    """Write where a notebook that is opened here would keep its history."""
    folder = Path(chosen.history_folder or "nbext.draws").expanduser().absolute()
    there = next(path for path in (folder, *folder.parents) if path.is_dir())
    try:
        with TemporaryFile(dir=there):
            pass
    except OSError as error:
        message = f"{there} cannot be written ({error.strerror}): pictures are shown, but not kept"
        return Finding("!", "history", f"{message}. Set NBEXT_HISTORY_FOLDER")
    goes = f"goes to {folder}" if chosen.history_folder else "goes beside the notebook"
    return Finding("✓", "history", f"{goes}; {there} can be written")


def _variables() -> list[Finding]:
    """Find what was probably meant to set something."""
    return [
        Finding("!", "settings", f"{name} sets nothing. {meant}".strip())
        for name, meant in unknown_variables()
    ]


def _address(endpoint: Endpoint, url_from: str) -> Finding:
    message = f"{endpoint.base_url}, from {url_from}"
    scheme, host, _ = endpoint.origin
    if scheme == "http" and host not in ("localhost", "127.0.0.1", "::1"):
        return Finding("!", "endpoint", f"{message}: the key travels in clear text. Use https")
    return Finding("✓", "endpoint", message)


async def _reach(endpoint: Endpoint, chosen: Nbext) -> list[Finding]:
    """Ask for the list of models, which costs nothing."""
    from nbext.data.limits import Limits
    from nbext.transport.client import Client
    from nbext.wire import model_list

    client = Client(Limits(total=REACH_SECONDS, silence=REACH_SECONDS))
    try:
        listed = model_list.parse(await client.json(endpoint, model_list.listing()))
    except NbextError as error:
        return [Finding("✗", "reach", str(error))]
    finally:
        await client.aclose()
    findings = [Finding("✓", "reach", f"{endpoint.host} answers")]
    names = [model.id for model in listed]
    if chosen.model in names:
        return [*findings, Finding("✓", "models", f"{len(names)}, {chosen.model} among them")]
    from nbext.util.suggest import did_you_mean

    guess = did_you_mean(chosen.model, names)
    message = f"{len(names)}, but not {chosen.model}. {guess} %models lists them.".replace(
        "  ", " "
    )
    return [*findings, Finding("!", "models", message)]
