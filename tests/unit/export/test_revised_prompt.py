"""A prompt that the endpoint says it changed is told wherever a drawing is told of."""

from __future__ import annotations

import json
import zipfile

import nbext
from nbext.export.gallery.details import details
from tests.records import draw, picture

REVISED = "A cat with a red hat, in the style of a woodcut"


def test_it_stands_in_details_methods_file_and_archive(store, history, tmp_path):
    record = draw(store, picture(), revised_prompt=REVISED)
    assert f"Revised prompt: {REVISED}" in details(record)
    assert REVISED in str(history.methods())
    assert nbext.read(history[1].save(tmp_path / "cat.png")).revised_prompt == REVISED
    with zipfile.ZipFile(history.to_zip(tmp_path / "cats.zip")) as file:
        crate = json.loads(file.read("ro-crate-metadata.json"))
    (value,) = [e for e in crate["@graph"] if e.get("name") == "revised prompt"]
    assert value["value"] == REVISED
