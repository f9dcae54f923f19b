"""Find the requests in a cell's text, without running it."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any

import msgspec

from nbext.magics.asking import PARSERS
from nbext.magics.cells import keep_body, replace_help

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbext.data.options import Kind

# The magics that send requests.
ASKING = {*PARSERS, "sweep"}
# The kinds of requests that Python functions send.
VERBS: dict[str, Kind] = {
    "draw": "draw",
    "adraw": "draw",
    "chat": "chat",
    "achat": "chat",
    "respond": "respond",
    "complete": "complete",
    "video": "video",
    "sweep": "draw",
}
# Methods that send requests: those of drawings, of panels and of prepared requests.
METHODS = {"edit", "again", "retry", "judge"}
OF_RESULTS = {"draw", "start"}
# Names of nbext that send nothing.
HARMLESS = {
    *("history", "settings", "Certificate", "Drawing", "Drawings", "History", "NbextError"),
    *("Sweep", "sweeps"),
    *("Picture", "Panel", "models", "open", "read", "request", "errors", "__version__"),
}
# Functions that run code given as text, or in a file.
CODE = {
    *("exec", "eval", "__import__", "import_module", "globals", "run_path", "run_module"),
    *("spec_from_file_location", "exec_module", "resolve_name", "runsource", "runcode"),
    *("execute_notebook", "NotebookClient", "ExecutePreprocessor"),
}
# Functions that only show or change the text given to them.
SHOWING = {
    *("print", "display", "Markdown", "HTML", "Code", "format", "join", "replace", "split", "find"),
    *("startswith", "endswith", "count", "debug", "info", "warning", "error", "append", "write"),
}
PROCESSES = re.compile(
    r"^(os\.(system|popen|exec\w*|spawn\w*)|subprocess\.\w+"
    r"|(get_ipython\(\)\.)?(system|getoutput|run_cell\w*|ex|safe_execfile))$"
)
# Shell commands that only look or install.
SAFE_COMMANDS = {
    *("pip", "pip3", "conda", "mamba", "ls", "cat", "echo", "pwd", "head", "tail", "wc", "mkdir"),
    *("which", "uname", "date", "df", "du", "free", "nvidia-smi", "cp", "mv", "rm", "touch", "git"),
    *("unzip", "zip", "tar", "tree", "file", "apt", "apt-get", "find", "grep", "sort"),
}
SHELL_MAGICS = {"bash", "sh", "script", "sx", "system", "!", "!!", "perl", "ruby", "cmd"}
# Cell magics whose body is Python that runs once.
PYTHON_CELLS = {"time", "capture", "prun"}
# Cell magics whose body is text that is shown.
TEXT_CELLS = {"markdown", "latex", "svg", "html", "HTML", "SVG"}
# Code that adds names to the notebook which its text does not show.
_NAMING_MAGICS = {"run", "store", "pylab", "load", "loadpy", "macro", "recall", "rerun", "sql"}
# Code that may run any other code.
RUNNING_MAGICS = {"run", "macro", "recall", "rerun", "load", "loadpy", "ed", "timeit"}
# Line magics that may mention nbext and run none of its code.
QUIET_MAGICS = {
    *("load_ext", "reload_ext", "unload_ext", "nbext", "models", "draws", "env", "set_env", "cd"),
    *(
        "pip",
        "uv",
        "conda",
        "mamba",
        "micromamba",
        "ls",
        "pinfo",
        "pinfo2",
        "pdoc",
        "pdef",
        "pfile",
    ),
    *("psource", "psearch", "pycat", "who", "whos", "who_ls", "logstart", "store", "watermark"),
}
# The largest number of iterations of a loop that are followed.
MOST_TURNS = 200


class Magic(msgspec.Struct, frozen=True, kw_only=True):
    """One of our magics in a cell.

    Attributes:
        name: ``draw``, ``edit``, ``chat`` …
        line: The text after the name.
        body: The cell below it, None for a line magic.
        bound: The variable that the line assigns the result to.
        once: Whether it certainly runs once: not in a loop, a function or a condition.
    """

    name: str
    line: str
    body: str | None = None
    bound: str = ""
    once: bool = True


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """A setting that a cell sets.

    Attributes:
        name: Its name.
        value: Its value.
        known: Whether the value can be read from the text.
    """

    name: str
    value: Any = None
    known: bool = True


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """A call of one of our functions, with arguments that can be read from the text.

    Attributes:
        text: The function as written: ``nbext.draw``.
        verb: ``draw``, ``chat`` …
        prompt: The prompt.
        fields: The other arguments.
        bound: The variable that the result is assigned to.
    """

    text: str
    verb: str
    prompt: object
    fields: dict[str, Any]
    bound: str = ""


class Unfollowed(msgspec.Struct, frozen=True):
    """Code that may send a request, which only running it can tell.

    Attributes:
        text: The code as written.
        reason: Why it cannot be followed.
    """

    text: str
    reason: str


Step = Magic | Setting | Call | Unfollowed


class Names(msgspec.Struct):
    """The variables that a notebook's code defines.

    Attributes:
        known: Their names.
        open: Whether there may be others: a star import, ``%run``, an unreadable cell.
    """

    known: set[str] = msgspec.field(default_factory=set)
    open: bool = False


def parsed(source: str) -> ast.Module | None:
    """Parse a cell as the Python that IPython makes of it; None if it is not valid Python."""
    from IPython.core.inputtransformer2 import TransformerManager

    try:
        manager = TransformerManager()
        manager.cleanup_transforms.append(keep_body)
        replace_help(manager)
        return ast.parse(str(manager.transform_cell(source)))
    except (SyntaxError, ValueError, RecursionError, MemoryError, RuntimeError):
        # IPython raises RuntimeError for a cell with more magics than it can read.
        return None


def collect_names(source: str, names: Names) -> None:
    """Add the variables that a cell defines, including those that our magics bind.

    Args:
        source: The cell's text.
        names: The variables to add to.
    """
    tree = parsed(source)
    if tree is None:
        names.open = True
        return
    ours = {id(target) for statement in tree.body for target in _drawn_into(statement)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            if id(node) not in ours:
                names.known.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.known.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                names.known.add((alias.asname or alias.name).partition(".")[0])
                names.open |= alias.name == "*"
        elif isinstance(node, ast.Call):
            magic = magic_of(node)
            if magic is not None:
                _names_of_magic(magic, names)
            elif isinstance(node.func, ast.Name) and node.func.id in ("exec", "globals", "locals"):
                names.open = True
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
            names.known.add(node.name)


def _names_of_magic(magic: Magic, names: Names) -> None:
    if magic.name in _NAMING_MAGICS:
        names.open = True
    elif magic.body is not None and magic.name in PYTHON_CELLS:
        if magic.name == "capture" and magic.line.strip():
            names.known.add(magic.line.split()[0])
        collect_names(magic.body, names)


def magic_of(node: Any) -> Magic | None:
    """Return the magic behind a call that IPython generated."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return None
    if node.func.attr not in ("run_line_magic", "run_cell_magic"):
        return None
    words = [a.value for a in node.args if isinstance(a, ast.Constant)]
    if len(words) != len(node.args) or not all(isinstance(word, str) for word in words):
        return None
    name, line, *body = (str(word) for word in words)
    return Magic(name=name, line=line, body=body[0] if body else None)


def _drawn_into(statement: ast.stmt) -> list[ast.Name]:
    """Return the variable of ``x = %draw …``."""
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return []
    magic, target = magic_of(statement.value), statement.targets[0]
    ours = magic is not None and magic.name in ASKING
    return [target] if ours and isinstance(target, ast.Name) else []


def configured(line: str) -> Iterator[Setting]:
    """Parse ``%config Nbext.name = value``."""
    name, equals, value = line.partition("=")
    class_name, dot, trait = name.strip().partition(".")
    if class_name == "Nbext" and dot and equals:
        yield literal_setting(trait.strip(), value.strip())


def literal_setting(name: str, text: str) -> Setting:
    """Parse the value of a setting, if it is a literal."""
    try:
        return Setting(name=name, value=ast.literal_eval(text))
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
        return Setting(name=name, known=False)
