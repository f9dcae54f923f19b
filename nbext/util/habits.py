"""What other tools and libraries call an option, an argument or an attribute, and its name here."""

from __future__ import annotations

from typing import NamedTuple


class Habit(NamedTuple):
    """An option under other names, with dashes between their words.

    Attributes:
        option: The option of the magics.
        argument: The argument of ``nbext.draw``, or another way to do it in Python; empty if it is
            a field of the body.
        names: The names elsewhere.
    """

    option: str
    argument: str
    names: tuple[str, ...]


HABITS = (
    Habit(
        "--size WxH",
        "size",
        ("width", "height", "w", "h", "resolution", "dimensions", "res", "image-size"),
    ),
    Habit("--aspect W:H", "aspect", ("ar", "ratio", "aspect-ratio")),
    Habit(
        "-n N",
        "n",
        (
            *("num", "number", "count", "num-images", "images-count", "number-of-images"),
            *("num-images-per-prompt", "num-outputs", "batch-size", "amount", "samples"),
            *("num-samples", "n-samples", "variants", "takes"),
        ),
    ),
    Habit("-m MODEL", "model", ("engine", "deployment", "model-name", "model-id", "checkpoint")),
    Habit("--format FORMAT", "format", ("output-format", "file-format", "type")),
    Habit("--seconds N", "seconds", ("duration", "length", "secs")),
    Habit("--system TEXT", "system", ("instructions", "system-prompt", "system-message")),
    Habit(
        "--save PATH",
        "drawing.save(PATH)",
        ("output", "out", "o", "file", "filename", "path", "output-file", "to-file", "save"),
    ),
    Habit(
        "-i REF",
        "images",
        (
            *("ref", "reference", "input", "img", "init-image", "image-url"),
            *("input-image", "reference-image", "source"),
        ),
    ),
    Habit("the cell's body", 'nbext.chat("…", system="…")', ("messages", "conversation")),
    Habit("--as NAME", "NAME = nbext.draw(…)", ("name", "var", "variable", "into", "as")),
    Habit(
        "-p NAME=VALUE",
        "",
        (
            *("negative-prompt", "negative", "no", "steps", "num-inference-steps", "cfg"),
            *("cfg-scale", "guidance", "guidance-scale", "strength", "sampler", "scheduler"),
            *("stylize", "s", "temperature", "top-p", "max-tokens", "user", "background"),
            *("style-preset", "response-format"),
        ),
    ),
    Habit("%nbext", "", ("version", "status", "info")),
    Habit("--code curl", "nbext.request(…).code()", ("curl", "code")),
    Habit("--endpoint NAME", "endpoint", ("url", "base-url", "host", "server", "provider")),
    Habit("--fresh", "fresh", ("force", "no-cache", "refresh", "again", "new", "rerun")),
    Habit("--no-wait", "await nbext.adraw(…)", ("async", "nowait", "no-wait", "detach")),
    Habit("--dry-run", "nbext.request(…)", ("dry", "dry-run", "preview", "test", "cost", "price")),
)
_BY_NAME = {name: habit for habit in HABITS for name in habit.names}

# Attributes under other names: of the package, and of what it returns.
ATTRIBUTES: dict[str, dict[str, str]] = {
    "nbext": {
        **dict.fromkeys(
            (
                *("generate", "create", "make", "image", "imagine", "paint", "render", "run"),
                *("generate_image", "create_image", "generate_images", "text_to_image", "txt2img"),
            ),
            "draw",
        ),
        **dict.fromkeys(("edit", "variation", "img2img"), "draw(…, images=…)"),
        **dict.fromkeys(("agenerate", "acreate", "draw_async"), "adraw"),
        **dict.fromkeys(("list_models", "get_models"), "models"),
        **dict.fromkeys(("config", "configure", "options", "set", "Nbext"), "settings"),
        **dict.fromkeys(("drawings", "pictures", "last", "search"), "history"),
        "images": "draw(…) or history",
        **dict.fromkeys(("OpenAI", "AsyncOpenAI", "Client", "client", "pipeline"), "draw(…)"),
        **dict.fromkeys(("load", "load_history", "open_history"), "open"),
        **dict.fromkeys(("widget", "gui", "app", "ui", "Workbench"), "Panel"),
        **dict.fromkeys(("ask", "chat_completion", "ChatCompletion"), "chat"),
        **dict.fromkeys(("completion", "Completion"), "complete"),
        **dict.fromkeys(("film", "animate", "generate_video"), "video"),
        **dict.fromkeys(("grid", "compare", "product"), "sweep"),
        "Gallery": "nbext.panel.Gallery",
        "Error": "NbextError",
        "version": "__version__",
    },
    "Drawing": {
        **dict.fromkeys(("images", "outputs", "results", "picture"), "pictures"),
        **dict.fromkeys(("img", "pil", "to_pil"), "image"),
        **dict.fromkeys(("data", "bytes", "content"), "pictures[0].data"),
        **dict.fromkeys(("path", "file", "filename"), "pictures[0].path"),
        **dict.fromkeys(("choices", "message", "answer", "reply", "output_text"), "text"),
        **dict.fromkeys(("size", "width", "height"), "image.size"),
        **dict.fromkeys(("download", "to_file", "export"), "save"),
        **dict.fromkeys(("videos", "video", "film"), "films"),
        **dict.fromkeys(("variation", "variations", "vary", "retry", "redo", "rerun"), "again"),
        **dict.fromkeys(("modify", "change"), "edit"),
        **dict.fromkeys(("duration", "time", "seconds", "latency"), "elapsed"),
        **dict.fromkeys(("date", "created", "created_at", "timestamp"), "started"),
        **dict.fromkeys(("price", "usd"), "cost"),
        **dict.fromkeys(("params", "options", "settings"), "parameters"),
        **dict.fromkeys(("favorite", "favourite", "like"), "star"),
        **dict.fromkeys(("parent", "source", "sources"), "parents"),
        **dict.fromkeys(("content_credentials", "c2pa"), "credentials"),
        "revised_prompt": "revision",
        "show": "image.show()",
        "url": "pictures[0].url",
        "seed": "parameters",
    },
    "Drawings": {
        **dict.fromkeys(("image", "images"), "pictures"),
        **dict.fromkeys(("df", "dataframe", "to_pandas", "to_df", "to_dataframe"), "to_frame"),
    },
    "Picture": {
        **dict.fromkeys(("bytes", "content", "b64_json"), "data"),
        **dict.fromkeys(("img", "pil", "to_pil"), "image"),
        **dict.fromkeys(("mime", "mime_type", "format", "type"), "media_type"),
        **dict.fromkeys(("hash", "sha", "digest"), "sha256"),
        **dict.fromkeys(("file", "filename"), "path"),
    },
    "History": {
        **dict.fromkeys(("df", "dataframe", "to_pandas", "to_df", "to_dataframe"), "to_frame"),
        **dict.fromkeys(("to_csv", "to_excel", "table"), "to_frame"),
        **dict.fromkeys(("image", "picture"), "last.image"),
        **dict.fromkeys(("export", "gallery", "html"), "to_html"),
        **dict.fromkeys(("zip", "archive", "backup"), "to_zip"),
        **dict.fromkeys(("filter", "query", "select"), "search"),
        **dict.fromkeys(("latest", "newest", "tail"), "last"),
        **dict.fromkeys(("check", "validate"), "verify"),
        **dict.fromkeys(("favorites", "favourites", "stars"), "starred"),
        **dict.fromkeys(("spent", "price", "total"), "cost"),
    },
    "Sweep": {
        **dict.fromkeys(("df", "dataframe", "to_pandas", "to_df", "to_dataframe"), "to_frame"),
        **dict.fromkeys(("images", "pictures", "results", "outputs"), "drawings"),
        **dict.fromkeys(("errors", "failed"), "failures"),
        **dict.fromkeys(("table", "show", "sheet"), "grid"),
        **dict.fromkeys(("rerun", "resume", "redo", "again"), "retry"),
        **dict.fromkeys(("export", "html"), "to_html"),
        **dict.fromkeys(("stats", "summary", "describe"), "statistics"),
        **dict.fromkeys(("chart", "hist"), "plot"),
        **dict.fromkeys(("vote", "ballot"), "blind"),
    },
    "Panel": {
        **dict.fromkeys(("generate", "run", "submit", "create", "render"), "draw"),
        **dict.fromkeys(("result", "output", "outputs", "last", "picture", "image"), "drawing"),
        **dict.fromkeys(("references", "reference", "inputs", "refs"), "images"),
        **dict.fromkeys(("text", "query", "value"), "prompt"),
        **dict.fromkeys(("drawings", "records", "pictures", "results"), "history"),
        "display": "show",
        **dict.fromkeys(("stop", "interrupt", "abort"), "cancel"),
        **dict.fromkeys(("width", "height"), "layout"),
    },
    "Gallery": {
        **dict.fromkeys(("selected", "selection", "value", "clicked", "drawing"), "chosen"),
        **dict.fromkeys(("drawings", "records", "images"), "history"),
        **dict.fromkeys(("index", "id"), "number"),
        **dict.fromkeys(("width", "height"), "layout"),
    },
}


# What other tools can do, and what takes its place here: names of messages, after ``error.``.
_DELETE = ("delete", "remove", "drop", "discard", "erase", "trash", "purge", "prune", "wipe")
_PIXELS = ("crop", "resize", "rotate", "flip", "convert", "filter", "thumbnail", "paste", "blur")
ADVICE: dict[str, dict[str, str]] = {
    "History": {
        **dict.fromkeys((*_DELETE, "clear", "reset", "pop", "popitem", "truncate"), "keeps_all"),
        **dict.fromkeys(("save", "dump", "flush", "commit", "persist", "write"), "saves_itself"),
        **dict.fromkeys(("append", "add", "insert", "extend", "push"), "adds_itself"),
        **dict.fromkeys(("load", "read", "open", "import_"), "opens_another"),
        **dict.fromkeys(("sort", "sorted", "sort_values", "order_by", "reverse"), "sorts_frame"),
        **dict.fromkeys(("print", "display", "plot", "head", "list", "ls"), "shows_itself"),
    },
    "Drawing": {
        **dict.fromkeys(_DELETE, "keeps_all"),
        **dict.fromkeys(("undo", "unstar", "unfavorite"), "undoes_marks"),
        **dict.fromkeys(_PIXELS, "changes_pixels"),
        **dict.fromkeys(("display", "plot", "imshow", "view", "open"), "shows_drawing"),
        **dict.fromkeys(("upscale", "enlarge", "upscaled"), "upscales"),
    },
    "Picture": {
        **dict.fromkeys(_DELETE, "keeps_all"),
        **dict.fromkeys(_PIXELS, "changes_pixels"),
        **dict.fromkeys(("edit", "again", "star", "tag", "note", "prompt", "model"), "on_drawing"),
    },
    "Drawings": {
        **dict.fromkeys(("delete", "drop", "discard", "erase"), "keeps_all"),
        **dict.fromkeys(("edit", "again", "star", "tag", "note", "prompt", "model"), "on_each"),
    },
}

# Attributes that cannot be set, with what to use to change or keep something of the kind.
SETTERS: dict[str, dict[str, str]] = {
    "Drawing": {
        **dict.fromkeys(("star", "starred", "favorite", "favourite", "rating"), "star()"),
        **dict.fromkeys(("tag", "tags", "label", "labels", "keywords"), 'tag("…")'),
        **dict.fromkeys(
            ("notes", "comment", "comments", "remark", "description", "title", "name", "caption"),
            'note = "…"',
        ),
        "prompt": 'edit("…")',
        **dict.fromkeys(("model", "parameters", "seed", "size", "quality", "aspect"), "again(…)"),
    },
    "History": {
        **dict.fromkeys(("cost", "max_cost", "budget"), "nbext.settings.max_cost = …"),
        **dict.fromkeys(("title", "name"), "%nbext notebook NAME"),
    },
}


def habit_of(name: str) -> Habit | None:
    """Return the option or argument that another tool calls by this name, or by its plural.

    Example:
        >>> habit_of("num_images").argument, habit_of("aspect-ratio").option, habit_of("cat")
        ('n', '--aspect W:H', None)
    """
    plain = name.lower().replace("_", "-")
    return _BY_NAME.get(plain) or _BY_NAME.get(plain.removesuffix("s"))
