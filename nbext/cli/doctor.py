"""``nbext doctor``: check the installation, the settings and the endpoint."""

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
from nbext.messages.say import phrase

if TYPE_CHECKING:
    from nbext.config.settings import Nbext
    from nbext.data.endpoint import Endpoint

REACH_SECONDS = 15


class Finding(NamedTuple):
    """One line of the report.

    Attributes:
        mark: ``✓``, ``!`` (works, but needs attention) or ``✗``.
        what: What was checked.
        said: The result, and what to do.
    """

    mark: str
    what: str
    message: str

    def __str__(self) -> str:
        return f"{self.mark} {self.what:<10} {self.message}"


def examine() -> list[Finding]:
    """Run all checks; nothing that costs money is sent."""
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
        message = phrase("cli.doctor_embedded")
        return [*findings, Finding("!", "endpoint", message)]
    findings.append(_address(endpoint, resolved.url_from))
    if not resolved.key_from:
        beside = phrase("cli.set_key") if resolved.url_from == "NBEXT_BASE_URL" else ""
        message = phrase("cli.no_key", host=endpoint.host, beside=beside)
        return [*findings, Finding("✗", "key", phrase("cli.other_url_key", message=message))]
    findings.append(Finding("✓", "key", phrase("cli.key_set_from", key_from=resolved.key_from)))
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
        "✓" if fine else "✗",
        "python",
        message if fine else phrase("cli.needs_python", message=message),
    )


def _libraries() -> Finding:
    names = ("httpx2", "httpx", "ipython", "ipykernel", "ipywidgets", "jupyterlab", "pillow")
    there = [f"{name} {_version(name)}" for name in names if _version(name)]
    if int(_version("pillow").partition(".")[0] or 0) < 13:
        return Finding("✗", "packages", phrase("cli.old_pillow"))
    return Finding("✓", "packages", ", ".join(there))


def _runner(chosen: Nbext) -> Finding:
    kernel = int(_version("ipykernel").partition(".")[0] or 0)
    if chosen.runner == "nested" and kernel >= 7 and not _version("nest-asyncio2"):
        message = phrase("cli.nested_needs")
        return Finding("✗", "runner", message)
    return Finding("✓", "runner", chosen.runner)


def _folder(chosen: Nbext) -> Finding:
    """Check the folder in which a notebook opened here would keep its history."""
    folder = Path(chosen.history_folder or "nbext.draws").expanduser().absolute()
    there = next(path for path in (folder, *folder.parents) if path.is_dir())
    try:
        with TemporaryFile(dir=there):
            pass
    except OSError as error:
        message = phrase("cli.no_writing", there=there, strerror=error.strerror)
        return Finding("!", "history", phrase("cli.set_folder", message=message))
    goes = (
        phrase("cli.goes_to", folder=folder) if chosen.history_folder else phrase("cli.goes_beside")
    )
    return Finding("✓", "history", phrase("cli.can_write", goes=goes, there=there))


def _variables() -> list[Finding]:
    """Find environment variables with names that are probably mistyped."""
    return [
        Finding("!", "settings", phrase("cli.sets_nothing", name=name, meant=meant).strip())
        for name, meant in unknown_variables()
    ]


def _address(endpoint: Endpoint, url_from: str) -> Finding:
    message = phrase("cli.url_from", base_url=endpoint.base_url, url_from=url_from)
    scheme, host, _ = endpoint.origin
    if scheme == "http" and host not in ("localhost", "127.0.0.1", "::1"):
        return Finding("!", "endpoint", phrase("cli.clear_text", message=message))
    return Finding("✓", "endpoint", message)


async def _reach(endpoint: Endpoint, chosen: Nbext) -> list[Finding]:
    """Check the endpoint by requesting its list of models, which costs nothing."""
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
    findings = [Finding("✓", "reach", phrase("cli.answers", host=endpoint.host))]
    names = [model.id for model in listed]
    if chosen.model in names:
        return [
            *findings,
            Finding(
                "✓", "models", phrase("cli.models_among", count=len(names), model=chosen.model)
            ),
        ]
    from nbext.util.suggest import did_you_mean

    guess = did_you_mean(chosen.model, names)
    message = phrase(
        "cli.models_without", count=len(names), model=chosen.model, guess=guess
    ).replace("  ", " ")
    return [*findings, Finding("!", "models", message)]
