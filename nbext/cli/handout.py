"""``nbext handout``: pack a lesson into one file that a class can run without a key.

The packed lesson is checked first, in a separate folder and without this machine's settings and
keys, as a pupil's kernel would run it.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import zipfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from nbext.cli.check import Finding, check
from nbext.config.loading import apply_environment, file_settings
from nbext.config.settings import Nbext, looks_like_key
from nbext.drawings.open import open_history
from nbext.errors import HistoryError, OptionError, SettingsError
from nbext.messages.say import language_of, phrase, say
from nbext.notebook.file import NotebookFile
from nbext.util.atomic import atomic_write, clear_leftovers

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# Settings that affect which request a cell makes, and how its answer reads.
_SETTINGS = (
    "model", "chat_model", "respond_model", "complete_model", "video_model",
    "language", "styles", "wires", "families", "inline_limit",
)  # fmt: skip
_ENVIRONMENT = ("NBEXT_", "OPENAI_", "LITELLM_")
# The earliest date a zip file can hold, so that the same lesson gives the same bytes.
_EPOCH = (1980, 1, 1, 0, 0, 0)

OwnPrompts = Literal["refused", "sketched"]


class Handout(msgspec.Struct, frozen=True, kw_only=True):
    """A packed lesson.

    Attributes:
        path: The zip file.
        size: Its size in bytes.
        findings: What each cell does for a pupil.
    """

    path: Path
    size: int
    findings: tuple[Finding, ...]

    @property
    def missing(self) -> list[Finding]:
        """The cells that a pupil would not see as the teacher does."""
        return missing(self.findings)


def missing(findings: Sequence[Finding]) -> list[Finding]:
    """Select the cells that show no recorded picture, or may not."""
    return [finding for finding in findings if finding.verdict not in ("replayed", "nothing")]


def write_handout(
    notebook: Path,
    target: Path | None = None,
    *,
    own_prompts: OwnPrompts = "refused",
    language: str = "",
    files: Sequence[Path] = (),
    partial: bool = False,
    overwrite: bool = False,
) -> Handout:
    """Pack a notebook, its pictures and its settings into a zip file for a class.

    The notebook is packed without outputs: pupils run it, and nothing is sent.

    Args:
        notebook: The ``.ipynb``; its history is beside it.
        target: The zip file; by default ``NAME-handout.zip`` beside the notebook.
        own_prompts: Whether prompts that are not recorded are refused, or drawn as sketches by the
            embedded endpoint.
        language: ``en`` or ``zh``; by default the notebook's own.
        files: Other files that cells read, such as reference pictures; packed beside the notebook.
        partial: Whether to write it even if some cells show no recorded picture.
        overwrite: Whether to replace an existing file.

    Returns:
        The handout.

    Raises:
        OptionError: There is no such notebook or file, the target exists, or a cell of the lesson
            would show no recorded picture.
        SettingsError: The notebook contains something that looks like a key.
        HistoryError: Nothing is recorded beside the notebook.

    Example:
        >>> write_handout(Path("lesson.ipynb"), language="zh")  # doctest: +SKIP
    """
    target = target or notebook.with_name(f"{notebook.stem}-handout.zip")
    if target.exists() and not overwrite:
        raise OptionError(phrase("cli.exists", target=target), remedy=phrase("cli.pass_overwrite"))
    clear_leftovers(Path(tempfile.gettempdir()))
    with tempfile.TemporaryDirectory(prefix="nbext-handout-") as scratch:
        folder = Path(scratch) / notebook.stem
        folder.mkdir()
        _copy_notebook(notebook, folder)
        _copy_history(notebook, folder)
        for file in files:
            _copy_file(file, folder)
        settings = _settings(notebook, own_prompts, language)
        (folder / "nbext.toml").write_text(_toml(settings), encoding="utf-8")
        with _without_environment():
            findings = tuple(check(folder / notebook.name))
        lost = missing(findings)
        if lost and not partial:
            raise OptionError(
                "\n".join([phrase("cli.cells_without"), *map(str, lost)]),
                remedy=phrase("cli.run_lesson"),
            )
        readme = say(
            language_of(str(settings.get("language", "auto")), os.environ.get("LANG", "")),
            f"handout.{own_prompts}",
            notebook=notebook.name,
        )
        (folder / "README.txt").write_text(readme + "\n", encoding="utf-8")
        try:
            _write_zip(folder, target)
        except OSError as error:
            raise OptionError(
                phrase("cli.target_unwritable", target=target, strerror=error.strerror)
            ) from None
    return Handout(path=target, size=target.stat().st_size, findings=findings)


def _copy_notebook(notebook: Path, folder: Path) -> None:
    file = NotebookFile(notebook)
    file.clear_outputs()
    data = file.to_bytes()
    if looks_like_key(data.decode("utf-8", "replace")):
        raise SettingsError(
            phrase("cli.looks_like_key", notebook=notebook), remedy=phrase("cli.remove_key")
        )
    (folder / notebook.name).write_bytes(data)


def _copy_history(notebook: Path, folder: Path) -> None:
    """Copy the records and the pictures, without locks and temporary files."""
    store = open_history(notebook).store
    if not store.records():
        raise HistoryError(
            phrase("cli.nothing_recorded", name=notebook.name), remedy=phrase("cli.run_once")
        )
    copy = folder / f"{notebook.stem}.draws"
    copy.mkdir()
    shutil.copyfile(store.folder / "history.jsonl", copy / "history.jsonl")
    if store.pictures.is_dir():
        shutil.copytree(
            store.pictures,
            copy / "pictures",
            ignore=lambda _, names: [name for name in names if name.startswith(".")],
        )


def _copy_file(file: Path, folder: Path) -> None:
    if (folder / file.name).exists():
        raise OptionError(phrase("cli.file_taken", name=file.name))
    try:
        shutil.copyfile(file, folder / file.name)
    except OSError as error:
        raise OptionError(
            phrase("cli.file_unreadable", file=file, strerror=error.strerror)
        ) from None


def _settings(notebook: Path, own_prompts: OwnPrompts, language: str) -> dict[str, Any]:
    """Collect the settings the lesson was drawn with, as far as a pupil's run needs them."""
    own = Nbext()
    own.read(*file_settings(notebook.absolute().parent))
    apply_environment(own)
    plain = Nbext()
    settings = {
        name: getattr(own, name) for name in _SETTINGS if getattr(own, name) != getattr(plain, name)
    }
    if language:
        settings["language"] = language
    if own_prompts == "refused":
        settings["replay"] = "only"
    return settings


def _toml(settings: dict[str, Any]) -> str:
    """Write settings as TOML, with inline tables and JSON strings."""
    return "".join(f"{name} = {_toml_value(value)}\n" for name, value in settings.items())


def _toml_value(value: Any) -> str:
    if isinstance(value, dict):
        pairs = (f"{json.dumps(str(key))} = {_toml_value(item)}" for key, item in value.items())
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_toml_value, value))}]"
    return json.dumps(value)


@contextmanager
def _without_environment() -> Iterator[None]:
    """Hide this machine's settings, keys and histories, as in a pupil's kernel."""
    hidden = {
        name: os.environ.pop(name) for name in list(os.environ) if name.startswith(_ENVIRONMENT)
    }
    os.environ["NBEXT_CATALOG"] = "false"
    try:
        yield
    finally:
        del os.environ["NBEXT_CATALOG"]
        os.environ.update(hidden)


def _write_zip(folder: Path, target: Path) -> None:
    with atomic_write(target) as part, zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                name = path.relative_to(folder.parent).as_posix()
                member = zipfile.ZipInfo(name, date_time=_EPOCH)
                member.external_attr = 0o644 << 16
                with path.open("rb") as source, archive.open(member, "w") as sink:
                    shutil.copyfileobj(source, sink)
