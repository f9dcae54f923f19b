"""A sweep as one page: rows and columns by parameter, chosen on the page."""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING, Any

import pybase64

from nbext.display.caption import caption
from nbext.errors import HistoryError, PictureError
from nbext.imaging.decode import open_image, preview

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nbext.display.item import Item

# Bytes of a picture on the page.
PICTURE_BYTES = 300_000

_STYLE = """
:root{color-scheme:light dark;font:14px/1.5 system-ui,sans-serif}
body{margin:2rem;max-width:100%}h1{font-size:1.2rem;font-weight:600}
label{margin-right:1.5rem}select{font:inherit}
table{border-collapse:separate;border-spacing:10px;margin-top:1rem}
th{font-weight:500;text-align:left;vertical-align:top;position:sticky;top:0;background:Canvas}
td{vertical-align:top;min-width:8rem}img{max-width:16rem;width:100%;border-radius:4px;display:block}
figure{margin:0 0 10px}figcaption,.failed{font-size:12px;opacity:.75}.failed{max-width:16rem}
"""
_SCRIPT = """
const data = JSON.parse(document.getElementById("data").textContent);
const [rows, columns] = ["rows", "columns"].map(id => document.getElementById(id));
const node = (tag, text) => Object.assign(document.createElement(tag), {textContent: text || ""});
function draw() {
  const values = name => name ? data.axes[name] : [""];
  const table = document.querySelector("table");
  table.replaceChildren();
  const head = table.insertRow();
  head.append(node("th"), ...values(columns.value).map(value => node("th", value)));
  for (const row of values(rows.value)) {
    const line = table.insertRow();
    line.append(node("th", row));
    for (const column of values(columns.value)) {
      const place = line.insertCell();
      for (const cell of data.cells) {
        if (rows.value && cell.values[rows.value] !== row) continue;
        if (columns.value && cell.values[columns.value] !== column) continue;
        if (!cell.picture) {
          place.append(Object.assign(node("p", cell.error), {className: "failed"}));
          continue;
        }
        const figure = node("figure");
        const image = Object.assign(node("img"), {src: cell.picture, alt: cell.prompt});
        figure.append(image, node("figcaption", cell.caption));
        place.append(figure);
      }
    }
  }
}
for (const [select, at] of [[rows, 0], [columns, 1]]) {
  select.append(node("option"), ...Object.keys(data.axes).map(name => node("option", name)));
  select.value = Object.keys(data.axes)[at] || "";
  select.addEventListener("change", draw);
}
draw();
"""


def grid_page(
    title: str,
    axes: Mapping[str, Sequence[Any]],
    cells: Sequence[tuple[dict[str, str], Item | None, str]],
) -> str:
    """Write the page.

    Args:
        title: Its heading.
        axes: Names and values.
        cells: For each drawing its values, itself (None where there is none) and its error.
    """
    data = {
        "axes": {
            name: list(dict.fromkeys(values[name] for values, _, _ in cells if name in values))
            for name in axes
        },
        "cells": [_cell(values, item, error) for values, item, error in cells],
    }
    # Nothing in it can end the script element.
    text = json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style><h1>{escape(title)}</h1>"
        '<p><label>Rows <select id="rows"></select></label>'
        '<label>Columns <select id="columns"></select></label></p><table></table>'
        f'<script type="application/json" id="data">{text}</script>'
        f"<script>{_SCRIPT}</script></html>"
    )


def _cell(values: dict[str, str], item: Item | None, error: str) -> dict[str, Any]:
    cell: dict[str, Any] = {"values": values, "error": error}
    if item is None:
        return cell
    record = item.record
    cell |= {"caption": caption(record, replayed=False), "prompt": record.prompt}
    if record.error is not None:
        cell["error"] = record.error.message
    for info in record.pictures[:1]:
        try:
            data, media_type = item.store.read(info.sha256), info.media_type
            if len(data) > PICTURE_BYTES or media_type not in ("image/png", "image/jpeg"):
                image = open_image(data, media_type, max_pixels=item.store.max_pixels)
                data, media_type = preview(image, PICTURE_BYTES)
        except (HistoryError, PictureError) as problem:
            cell["error"] = str(problem)
            continue
        cell["picture"] = f"data:{media_type};base64,{pybase64.b64encode(data).decode('ascii')}"
    return cell
