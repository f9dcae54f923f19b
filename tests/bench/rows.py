"""The table: one entry a row, with who takes part and what is to be reached.

A row runs its work once for each contender and size, each in a fresh process. A target compares
nbext's minimum with a number, or with that of a peer, or with its own at another size.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any, NamedTuple

ALL = ("floor", "openai", "httpx", "aiohttp", "nbext")
MANY = ("openai", "httpx", "aiohttp", "nbext")
MB = 1_000_000


class Target(NamedTuple):
    """What nbext is to reach.

    Attributes:
        at_most: The number, or the ratio where ``of`` names someone.
        of: Whose figure it is compared with; empty for a number.
        figure: Which figure.
        at: At which size, 0 where the row has none.
        of_at: At which size the other's; the same where it is None.
    """

    at_most: float
    of: str = ""
    figure: str = "time"
    at: int = 0
    of_at: int | None = None


class Row(NamedTuple):
    """One row.

    Attributes:
        name: For ``--rows``.
        title: For the table; names of options in braces.
        work: The function in ``works.py``, ``kernels.py`` or ``pages.py``.
        contenders: Who takes part.
        options: What the work is told.
        sizes: Sizes that it runs with, each given to the work as ``size_as``.
        size_as: The option that holds the size.
        targets: What is to be reached.
        processes: Fresh processes a round, where one gives only one sample.
        pinned: Whether the client stays on one core. A browser has more processes than that; where
            there is no server, both are the client's.
        quick: Options for ``--quick``.
        most_rounds: Rounds at most, for a row that takes long.
        extra: Whether it runs with ``--all``, or where it is named, alone.
    """

    name: str
    title: str
    work: str
    contenders: tuple[str, ...] = ("nbext",)
    options: dict[str, Any] = {}
    sizes: tuple[int, ...] = ()
    size_as: str = "count"
    targets: tuple[Target, ...] = ()
    processes: int = 1
    pinned: bool = True
    quick: dict[str, Any] = {}
    most_rounds: int = 100
    extra: bool = False


def growth(sizes, at_most=2.5):
    """Each size against the one before it."""
    return tuple(Target(at_most, "nbext", at=b, of_at=a) for a, b in pairwise(sizes))


def same(sizes, at_most=1.3):
    """Each size against the first: flat, but for noise."""
    return tuple(Target(at_most, "nbext", at=size, of_at=sizes[0]) for size in sizes[1:])


HISTORIES = (1000, 10_000, 100_000)
BEFORE = (1, 1000, 10_000, 100_000)
TURNS = (25, 50, 100, 200)
TAKES = (8, 16, 32, 64)
WIDTHS = (50, 100, 200, 400)
CELLS = (125, 250, 500)
BODIES = (8 * MB, 16 * MB, 32 * MB)
SECOND = {"wait": 1000}

ROWS = (
    Row(
        "load-ext",
        "`%load_ext` in a live kernel; for openai, its import",
        "load_ext",
        ("openai", "nbext"),
        processes=3,
        targets=(Target(4), Target(0, figure="third-party")),
    ),
    Row(
        "first",
        "first draw of a fresh process, tiny picture",
        "first",
        ("floor", "openai", "httpx", "aiohttp", "nbext"),
        processes=5,
        targets=(Target(1.3, "httpx"),),
    ),
    Row(
        "tiny",
        "tiny picture",
        "transfer",
        ALL,
        {"runs": 40, "warm": 10},
        targets=(Target(1, "openai"),),
        quick={"runs": 3},
    ),
    Row(
        "2mb",
        "2 MB in JSON",
        "transfer",
        ALL,
        {"size": 2 * MB, "runs": 15, "warm": 2, "memory": True},
        targets=(Target(1 / 2, "openai"),),
        quick={"runs": 2},
    ),
    Row(
        "15mb",
        "15 MB in JSON",
        "transfer",
        ALL,
        {"size": 15 * MB, "runs": 7, "memory": True},
        targets=(Target(1 / 2.5, "openai"),),
        quick={"runs": 1},
    ),
    Row(
        "15mb-body",
        "15 MB in JSON, hardly any of it pixels",
        "transfer",
        ALL,
        {"size": 15 * MB, "padded": 1, "runs": 7, "memory": True},
        targets=(Target(1, figure="memory"),),
        quick={"runs": 1},
    ),
    Row(
        "stream",
        "stream of 40 events and 3 MB",
        "transfer",
        ALL,
        {"form": "stream", "events": 40, "size": 3 * MB, "runs": 10, "memory": True},
        targets=(Target(1 / 4, "openai"),),
        quick={"runs": 2},
    ),
    Row(
        "events",
        "stream of 5,000 small events",
        "transfer",
        ALL,
        {"form": "stream", "events": 5000, "runs": 10},
        targets=(Target(1 / 15, "openai"), Target(2, "httpx")),
        quick={"runs": 2},
    ),
    Row(
        "100-at-once",
        "{count:,} draws of a {wait:,} ms endpoint",
        "at_once",
        MANY,
        SECOND | {"count": 100},
        targets=(Target(1.15, "aiohttp"), Target(1, "openai")),
        quick={"count": 10, "wait": 50},
    ),
    Row(
        "1000-at-once",
        "{count:,} draws of a {wait:,} ms endpoint",
        "at_once",
        MANY,
        SECOND | {"count": 1000},
        targets=(Target(1.2, "aiohttp"), Target(1 / 3, "openai"), Target(2000)),
        quick={"count": 20, "wait": 50},
        most_rounds=2,
    ),
    Row(
        "1000-by-100",
        "{count:,} draws of a {wait:,} ms endpoint, at most {ceiling} at once",
        "at_once",
        MANY,
        SECOND | {"count": 1000, "ceiling": 100},
        targets=(Target(1.2, "aiohttp"), Target(1, "openai"), Target(12_000)),
        quick={"count": 20, "ceiling": 5, "wait": 50},
        most_rounds=1,
    ),
    Row(
        "pictures",
        "{count:,} draws of 2 MB at once",
        "at_once",
        options={"count": 1000, "size": 2 * MB, "memory": True},
        targets=(Target(300, figure="memory"),),
        most_rounds=1,
        quick={"count": 10},
    ),
    Row(
        "after",
        "tiny picture, with so many drawings before it",
        "draw_after",
        options={"runs": 15},
        sizes=BEFORE,
        targets=same(BEFORE),
        quick={"runs": 3},
    ),
    Row(
        "open",
        "open a history in a fresh process",
        "open_history",
        sizes=HISTORIES,
        processes=2,
        targets=(
            Target(120, at=10_000),
            Target(10, "nbext", at=100_000, of_at=10_000),
            *(Target(1, figure="last", at=count) for count in HISTORIES[1:]),
            Target(10, figure="search", at=10_000),
            Target(100, figure="search", at=100_000),
        ),
    ),
    Row(
        "open-as-written",
        "the same with a `sent` line before each, as draws write it",
        "open_history",
        options={"sent": True},
        sizes=HISTORIES,
        extra=True,
    ),
    Row(
        "export",
        "export of {count:,} drawings, {export_mb:,} MB, thumbnails next to nothing",
        "export",
        ("floor", "f-string", "nbext"),
        {"count": 10_000, "export_mb": 2000, "padded": 1},
        targets=(Target(3500), Target(20, figure="memory")),
        pinned=False,
        quick={"count": 100, "export_mb": 20},
        most_rounds=1,
    ),
    Row(
        "export-thumbnails",
        "export of {count:,} drawings, {export_mb:,} MB, with thumbnails of noise",
        "export",
        options={"count": 500, "export_mb": 100, "padded": 0},
        quick={"count": 50, "export_mb": 10},
        most_rounds=1,
        extra=True,
    ),
    Row(
        "gallery",
        "gallery of {count:,} drawings",
        "gallery",
        options={"count": 10_000},
        targets=(Target(50, figure="search"),),
        pinned=False,
        quick={"count": 1000},
        most_rounds=1,
    ),
    Row(
        "gallery-open-folder",
        "gallery of {count:,} drawings loaded, pictures beside it",
        "gallery_open",
        ("bare page", "nbext"),
        {"count": 10_000, "embed": False, "patience": 12},
        pinned=False,
        quick={"count": 1000, "patience": 4},
        most_rounds=1,
        extra=True,
    ),
    Row(
        "gallery-open-one",
        "gallery of {count:,} drawings loaded, all in one file",
        "gallery_open",
        ("bare page", "nbext"),
        {"count": 10_000, "embed": True, "patience": 12},
        pinned=False,
        quick={"count": 1000, "patience": 4},
        most_rounds=1,
        extra=True,
    ),
    Row(
        "panel-open",
        "`Panel()` on {count:,} drawings, first thumbnail; 20 ipywidgets Images",
        "panel_open",
        ("ipywidgets", "nbext"),
        {"count": 5000},
        targets=(Target(300),),
        pinned=False,
        quick={"count": 200},
        most_rounds=3,
    ),
    Row(
        "panel-click",
        "panel, click to first visible progress; a bare Button and Label",
        "panel_click",
        ("ipywidgets", "nbext"),
        {"clicks": 40},
        pinned=False,
        quick={"clicks": 3},
        most_rounds=1,
        extra=True,
    ),
    Row(
        "panel-saved",
        "what a panel and {count} drawings add to the saved notebook; the pictures as outputs",
        "panel_saved",
        ("outputs", "nbext"),
        {"count": 50},
        pinned=False,
        quick={"count": 5},
        most_rounds=1,
        extra=True,
    ),
    Row(
        "provenance",
        "provenance into a PNG of {size:,} bytes",
        "provenance",
        ("Pillow", "nbext"),
        {"size": 6 * MB, "runs": 9},
        targets=(Target(2),),
        quick={"runs": 1},
    ),
    *(
        Row(
            f"thumbnail-{kind.lower()}",
            f"thumbnail of a {kind}, 1024×1536",
            "thumbnail",
            ("Pillow", "nbext"),
            {"format": kind},
            extra=True,
        )
        for kind in ("PNG", "JPEG", "WEBP")
    ),
    *(
        Row(
            f"sketch-{name}",
            f"sketch of the embedded endpoint, {name}",
            "sketch",
            options={"manner": manner},
            extra=True,
        )
        for name, manner in (
            ("flat", ""),
            ("ink", "水墨"),
            ("watercolour", "水彩"),
            ("pixels", "像素"),
            ("line", "线稿"),
        )
    ),
    Row(
        "conversation",
        "a draw that continues so many turns with pictures",
        "conversation",
        options={"size": 20_000, "seed": -1},
        sizes=TURNS,
        targets=growth(TURNS),
    ),
    Row(
        "takes",
        "so many takes",
        "takes",
        options={"size": 20_000, "seed": -1},
        sizes=TAKES,
        targets=growth(TAKES),
    ),
    Row(
        "width",
        "so many requests at once, as of a sweep",
        "at_once",
        options={"size": 20_000, "seed": -1},
        sizes=WIDTHS,
        targets=growth(WIDTHS),
    ),
    Row(
        "replay",
        "Run All of so many pictures, replayed: a cell",
        "replay",
        options={"size": 50_000, "seed": -1},
        sizes=CELLS,
        targets=same(CELLS),
        quick={"size": 5000},
        most_rounds=1,
    ),
    *(
        Row(
            f"body-{form}-{chunk}",
            f"a picture of so many bytes, {form}, in chunks of {chunk:,}",
            "transfer",
            # As the minimum of few draws, one that waits for the disk would count as growth.
            options={"form": form, "chunk": chunk, "events": 1, "runs": 8},
            sizes=BODIES,
            size_as="size",
            targets=growth(BODIES),
            quick={"runs": 1},
            most_rounds=2,
        )
        for form in ("json", "stream")
        for chunk in (1024, 65_536)
    ),
)
