"""Read and write a notebook's code cells and outputs, without running it.

Unchanged parts stay byte for byte as they were: indentation, order of keys, escapes and the end of
the file follow the program that wrote it.
"""

from __future__ import annotations

import binascii
import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from nbext.errors import OptionError
from nbext.messages.say import phrase
from nbext.util.atomic import atomic_write

if TYPE_CHECKING:
    from collections.abc import Iterator

PICTURE_TYPES = ("image/png", "image/jpeg")
# Suffixes of notebooks as text, which jupytext reads.
TEXT_SUFFIXES = (".py", ".md")
NOTEBOOK_SUFFIXES = (".ipynb", *TEXT_SUFFIXES)


class CodeCell(msgspec.Struct, frozen=True, kw_only=True):
    """A code cell.

    Attributes:
        position: From 1 on, among all cells.
        id: The id that front ends send to the kernel; empty before nbformat 4.5.
        source: Its text.
        outputs: The outputs in the file; changes to them are saved.
        tags: Its tags, such as ``parameters``.
    """

    position: int
    id: str
    source: str
    outputs: list[dict[str, Any]]
    tags: tuple[str, ...] = ()


class NotebookFile:
    """A notebook on disk.

    Args:
        path: The file.

    Raises:
        OptionError: It does not exist, or is not a notebook of nbformat 4.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            raw = path.read_bytes()
        except OSError as error:
            raise OptionError(
                phrase("store.notebook_unreadable", path=path, value=error.strerror or error)
            ) from None
        if path.suffix in TEXT_SUFFIXES:
            raw = _from_text(path)
        try:
            self._text = raw.decode("utf-8-sig")
            self._data = json.loads(self._text)
        except (ValueError, RecursionError):
            raise OptionError(phrase("store.not_json", path=path)) from None
        self._bom = raw.startswith(b"\xef\xbb\xbf")
        cells = self._data.get("cells") if isinstance(self._data, dict) else None
        if not isinstance(cells, list):
            raise OptionError(
                phrase("store.not_format_4", path=path),
                remedy=phrase("store.convert"),
            )
        self.cells = list(_code_cells(cells))

    @property
    def made_from(self) -> Path | None:
        """The notebook that papermill ran to write this one; None for others.

        papermill writes it to ``metadata.papermill.input_path``, relative to its working directory.
        """
        metadata = self._data.get("metadata")
        papermill = metadata.get("papermill") if isinstance(metadata, dict) else None
        path = papermill.get("input_path") if isinstance(papermill, dict) else None
        return Path(path) if isinstance(path, str) and path.endswith(".ipynb") else None

    def clear_outputs(self) -> None:
        """Remove the outputs and execution counts."""
        for cell in self._data["cells"]:
            if isinstance(cell, dict) and cell.get("cell_type") == "code":
                cell["outputs"], cell["execution_count"] = [], None

    def to_bytes(self) -> bytes:
        """Serialise the notebook in its original style."""
        text = self._text
        indent = re.match(r'\{\r?\n([ \t]+)"', text)
        compact = indent is None and '": ' not in text[:200]
        # Both forms are valid JSON; keep the file's own.
        escapes = text.isascii() and re.search(r"\\u(?!00[01])[0-9a-f]{4}", text) is not None
        how: dict[str, Any] = {
            "indent": indent[1] if indent else None,
            "separators": (",", ":") if compact else (", " if indent is None else ",", ": "),
        }
        written = json.dumps(self._data, ensure_ascii=escapes, **how)
        if "\r\n" in text:
            written = written.replace("\n", "\r\n")
        written += text[len(text.rstrip()) :]
        try:
            encoded = written.encode()
        except UnicodeEncodeError:
            # Half of a surrogate pair can only be written as an escape.
            encoded = json.dumps(self._data, ensure_ascii=True, **how).encode()
            encoded += text[len(text.rstrip()) :].encode()
        return (b"\xef\xbb\xbf" if self._bom else b"") + encoded

    def save(self) -> None:
        """Replace the file atomically.

        Raises:
            OptionError: It cannot be written; the file is unchanged.
        """
        target = self.path.resolve()
        try:
            with atomic_write(target) as part:
                with part.open("xb") as file:
                    file.write(self.to_bytes())
                    file.flush()
                    os.fsync(file.fileno())
                import shutil

                shutil.copymode(target, part)
        except OSError as error:
            raise OptionError(
                phrase("store.notebook_unwritable", path=self.path, value=error.strerror or error)
            ) from None

    def outputs(self) -> Iterator[tuple[CodeCell, dict[str, Any]]]:
        """Yield every output with data by media type, with its cell."""
        for cell in self.cells:
            for output in cell.outputs:
                if isinstance(output.get("data"), dict):
                    yield cell, output

    def shown(self) -> Iterator[tuple[CodeCell, dict[str, Any]]]:
        """Yield the metadata of the drawings that the outputs show: id, prompt, model and so on.

        Yields:
            Each drawing, with its cell.
        """
        for cell, output in self.outputs():
            metadata = output.get("metadata")
            about = metadata.get("nbext") if isinstance(metadata, dict) else None
            several = about.get("drawings") if isinstance(about, dict) else None
            for one in several if isinstance(several, list) else [about]:
                if isinstance(one, dict):
                    yield cell, one

    def drawings(self) -> set[str]:
        """Return the ids of the drawings that the outputs show."""
        ids = (one.get("id") for _, one in self.shown())
        return {id_ for id_ in ids if isinstance(id_, str) and re.fullmatch("[0-9a-f]{16,64}", id_)}

    def pictures(self) -> Iterator[bytes]:
        """Yield the bytes of every PNG and JPEG in the outputs."""
        for _, output in self.outputs():
            for media_type in PICTURE_TYPES:
                data = decoded(output["data"].get(media_type))
                if data:
                    yield data


def origin(path: Path, made_from: Path | None) -> Path:
    """Find the notebook that papermill ran to write another one.

    Args:
        path: The written notebook.
        made_from: The path it names, relative to an unknown folder.
    """
    if made_from is None:
        return path
    # papermill was started in the notebook's folder, above it, or here.
    places = [folder / made_from for folder in (*path.absolute().parents[:3], Path.cwd())]
    places.append(path.parent / made_from.name)
    results = next((place for place in places if place.is_file()), path)
    return Path(os.path.normpath(results))


def decoded(value: Any) -> bytes:
    """Decode a picture's base64 from an output, empty if it is invalid."""
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        value = "".join(value)
    if not isinstance(value, str):
        return b""
    import pybase64  # few notebooks are read for their pictures

    try:
        return bytes(pybase64.b64decode(value))
    except (ValueError, binascii.Error):
        return b""


def _from_text(path: Path) -> bytes:
    """Convert a notebook stored as text to JSON; its cells have no ids.

    Raises:
        OptionError: jupytext is not installed, or cannot read it.
    """
    try:
        import jupytext
    except ImportError:
        raise OptionError(
            phrase("store.text_notebook", name=path.name),
            remedy='pip install "nbext[jupytext]"',
        ) from None
    try:
        notebook = jupytext.read(path)
    except Exception as error:  # noqa: BLE001 -- jupytext raises errors of any kind
        message = phrase("store.notebook_unreadable", path=path, value=error)
        raise OptionError(message) from None
    # jupytext generates new ids each time it reads the file.
    for cell in notebook["cells"]:
        cell.pop("id", None)
    return json.dumps(notebook).encode()


def _code_cells(cells: list[Any]) -> Iterator[CodeCell]:
    for position, cell in enumerate(cells, start=1):
        if not isinstance(cell, dict) or cell.get("cell_type") != "code":
            continue
        source = cell.get("source", "")
        if isinstance(source, list):
            source = "".join(part for part in source if isinstance(part, str))
        outputs = cell.get("outputs")
        yield CodeCell(
            position=position,
            id=str(cell.get("id") or ""),
            source=source if isinstance(source, str) else "",
            outputs=[output for output in outputs if isinstance(output, dict)]
            if isinstance(outputs, list)
            else [],
            tags=_tags(cell.get("metadata")),
        )


def _tags(metadata: Any) -> tuple[str, ...]:
    tags = metadata.get("tags") if isinstance(metadata, dict) else None
    return tuple(str(tag) for tag in tags) if isinstance(tags, list) else ()
