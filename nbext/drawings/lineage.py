"""The lineage of a history: which drawings were made from which, as data and as text."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Protocol

from nbext.messages.say import phrase
from nbext.util.public import Public
from nbext.util.text import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from nbext.data.record import Record

# The number of lines shown in a notebook; ``text()`` returns all.
SHOWN_LINES = 200
# Lines are not indented deeper than this, so that ten thousand edits in a row stay readable.
MAX_INDENT = 24
_PROMPT = 60


class Take(Protocol):
    """A drawing, as the tree needs it."""

    @property
    def id(self) -> str:
        """The globally unique id."""

    @property
    def number(self) -> int:
        """The number of the drawing; captions show number 3 as ``@3``."""

    @property
    def prompt(self) -> str:
        """The prompt as typed."""

    @property
    def record(self) -> Record:
        """The record of the drawing."""

    @property
    def starred(self) -> bool:
        """Whether the drawing has a star."""


class Node:
    """A request and its drawings: one or several takes.

    Attributes:
        takes: The drawings, by number.
        children: The requests that use one of them.
        parent: The request above it in the tree, or None for a root.
        parents: The numbers of all drawings that it was made from.
        missing: Ids of parents that are not in the history.
        circular: Whether the record names a descendant as its parent, which happens only if the
            file was edited by hand.
    """

    def __init__(self, takes: Sequence[Take]) -> None:
        self.takes = takes
        self.children: list[Node] = []
        self.parent: Node | None = None
        self.parents: list[int] = []
        self.missing: list[str] = []
        self.circular = False

    @property
    def numbers(self) -> list[int]:
        """The numbers of the takes."""
        return [drawing.number for drawing in self.takes]

    @property
    def prompt(self) -> str:
        """The prompt of the request."""
        return self.takes[0].prompt

    def walk(self) -> Iterator[tuple[Node, int]]:
        """Yield this node and all nodes below it with their depth, parents first."""
        waiting: list[tuple[Node, int]] = [(self, 0)]
        while waiting:
            node, depth = waiting.pop()
            yield node, depth
            waiting += [(child, depth + 1) for child in reversed(node.children)]

    def __repr__(self) -> str:
        return f"<Node {_names(self)}: {len(self.children)} below>"


class Tree(Public):
    """The tree of drawings and their edits.

    A drawing made from several others is listed under the first of them and names the rest.

    Args:
        records: The records, by number.
        drawings: A function that returns the drawings for ids.
        only: The ids to include; None for all.
        marked: The id of the drawing to highlight.

    Attributes:
        roots: The requests that were made from no other drawing, in order.
        edges: Pairs of numbers, parent and child, in order.
        references: For each picture from outside the history, by sha256, the drawings that used it.

    Example:
        >>> print(nbext.history.tree())  # doctest: +SKIP
        @1 画只猫
        └ @2 加一顶帽子
    """

    def __init__(
        self,
        records: Sequence[Record],
        drawings: Callable[[Iterable[str]], Sequence[Take]],
        *,
        only: set[str] | None = None,
        marked: str = "",
    ) -> None:
        chosen = [record for record in records if only is None or record.id in only]
        known = {record.id: record for record in chosen}
        number_of = {record.id: record.number for record in records}
        self.marked = marked
        self.edges = [
            (known[parent].number, record.number)
            for record in chosen
            for parent in dict.fromkeys(record.parents)
            if parent in known
        ]
        self.references: dict[str, Sequence[Take]] = {}
        self._sources: dict[str, str] = {}
        self._references(chosen, drawings)
        nodes, node_of = _nodes(chosen, drawings)
        for node in nodes:
            parents = list(dict.fromkeys(p for d in node.takes for p in d.record.parents))
            node.parents = [number_of[parent] for parent in parents if parent in number_of]
            node.missing = [parent for parent in parents if parent not in number_of]
        self.roots = _placed(nodes, node_of)

    def _references(
        self, records: Sequence[Record], drawings: Callable[[Iterable[str]], Sequence[Take]]
    ) -> None:
        users: dict[str, list[str]] = defaultdict(list)
        for record in records:
            for item in (*record.references, *([record.mask] if record.mask else [])):
                if not item.drawing and record.id not in users[item.sha256][-1:]:
                    users[item.sha256].append(record.id)
                    self._sources.setdefault(item.sha256, printable(item.source)[:_PROMPT])
        self.references = {sha256: drawings(ids) for sha256, ids in users.items()}

    def __iter__(self) -> Iterator[Node]:
        return iter([node for root in self.roots for node, _ in root.walk()])

    def __len__(self) -> int:
        return sum(len(node.takes) for node in self)

    @property
    def nested(self) -> list[dict[str, Any]]:
        """The tree as plain lists and dictionaries, for JSON."""
        nodes: dict[int, dict[str, Any]] = {}
        for node in self:
            nodes[id(node)] = {
                "prompt": node.prompt,
                "takes": [
                    {
                        "number": d.number,
                        "id": d.id,
                        "pictures": [p.sha256 for p in d.record.pictures],
                    }
                    for d in node.takes
                ],
                "children": [],
            }
        for node in self:
            nodes[id(node)]["children"] = [nodes[id(child)] for child in node.children]
        return [nodes[id(root)] for root in self.roots]

    def text(self, limit: int | None = None) -> str:
        """Return the tree as plain text.

        Args:
            limit: The maximum number of lines; None for all.
        """
        lines: list[str] = []
        # A node, the prefix of its line, and the prefix of its children's lines.
        waiting = [(root, "", "") for root in reversed(self.roots)]
        while waiting and (limit is None or len(lines) < limit):
            node, before, below = waiting.pop()
            lines.append(before + self._line(node))
            deep = len(below) >= 2 * MAX_INDENT
            for at, child in enumerate(reversed(node.children)):
                last = at == 0
                after = below if deep else below + ("  " if last else "│ ")
                waiting.append((child, below + ("└ " if last else "├ "), after))
        if waiting:
            lines.append(phrase("history.tree_text", count=len(self)))
        for sha256, users in self.references.items():
            if len(users) > 1 and (limit is None or len(lines) < 2 * limit):
                names = ", ".join(f"@{drawing.number}" for drawing in users)
                lines.append(
                    phrase(
                        "history.given_to", value=self._sources[sha256] or sha256[:12], names=names
                    )
                )
        return "\n".join(lines)

    def _line(self, node: Node) -> str:
        prompt = printable(node.prompt[: 4 * _PROMPT])
        if len(prompt) > _PROMPT:
            prompt = f"{prompt[: _PROMPT - 1]}…"
        parts = [f"{_names(node)} {prompt}".rstrip()]
        above = node.parent.numbers if node.parent is not None else []
        above = node.parents if node.circular else above
        # Its position shows the parent, unless the parent has several takes.
        others = [
            f"@{n}"
            for n in node.parents
            if n not in above or (len(above) > 1 and not node.circular)
        ]
        sources = [
            self._sources[item.sha256] or item.sha256[:12]
            for item in node.takes[0].record.references
            if not item.drawing
        ]
        if others or sources:
            parts.append(phrase("history.with_pictures", names=", ".join([*others, *sources])))
        if all(drawing.record.error is not None for drawing in node.takes):
            parts.append("failed")
        elif any(drawing.starred for drawing in node.takes):
            parts.append("★ " + " ".join(f"@{d.number}" for d in node.takes if d.starred))
        if node.missing:
            parts.append(phrase("history.parent_missing", missing=printable(node.missing[0])[:12]))
        if node.circular:
            parts.append(phrase("history.parent_circle"))
        if any(drawing.id == self.marked for drawing in node.takes):
            parts.append("◂")
        return " · ".join(parts)

    def __repr__(self) -> str:
        return self.text(SHOWN_LINES) or "<Tree: no drawings>"

    def __str__(self) -> str:
        return self.text() or repr(self)


def family(records: Sequence[Record], id_: str) -> set[str]:
    """Return the ids of a drawing, its ancestors and its descendants."""
    return {id_} | ancestors(records, id_) | descendants(records, id_)


def ancestors(records: Sequence[Record], id_: str) -> set[str]:
    """Return the ids of a drawing's ancestors."""
    return _reached(id_, {record.id: record.parents for record in records}) - {id_}


def descendants(records: Sequence[Record], id_: str) -> set[str]:
    """Return the ids of a drawing's descendants."""
    below: dict[str, list[str]] = defaultdict(list)
    for record in records:
        for parent in record.parents:
            below[parent].append(record.id)
    return _reached(id_, below) - {id_}


def _reached(start: str, leads_to: Mapping[str, Sequence[str]]) -> set[str]:
    reached, waiting = {start}, [start]
    while waiting:
        for id_ in leads_to.get(waiting.pop(), []):
            if id_ not in reached:
                reached.add(id_)
                waiting.append(id_)
    return reached


def _nodes(
    records: Sequence[Record], drawings: Callable[[Iterable[str]], Sequence[Take]]
) -> tuple[list[Node], dict[str, Node]]:
    """Group the takes of one run of a request."""
    runs: list[list[str]] = []
    latest: dict[tuple[str, ...], tuple[list[str], set[int]]] = {}
    for record in records:
        key = (record.session, record.cell, str(record.execution_count), record.fingerprint)
        run, takes = latest.get(key, ([], set()))
        if not record.fingerprint or not run or record.take in takes:
            run, takes = [], set()
            latest[key] = run, takes
            runs.append(run)
        run.append(record.id)
        takes.add(record.take)
    nodes = [Node(drawings(run)) for run in runs]
    return nodes, {drawing.id: node for node in nodes for drawing in node.takes}


def _placed(nodes: Sequence[Node], node_of: dict[str, Node]) -> list[Node]:
    """Place every node under its first existing parent; return the nodes without one."""
    above: dict[int, Node] = {}
    for node in nodes:
        parents = (node_of.get(id_) for d in node.takes for id_ in d.record.parents)
        reached = next((parent for parent in parents if parent is not None), None)
        if reached is not None:
            above[id(node)] = reached
    roots = [node for node in nodes if id(node) not in above]
    settled = {id(node) for node in roots}
    for node in nodes:
        path: list[Node] = []
        on_path: set[int] = set()
        at = node
        while id(at) not in settled and id(at) not in on_path:
            path.append(at)
            on_path.add(id(at))
            at = above[id(at)]
        if id(at) in on_path:
            # Break the cycle at its earliest drawing.
            circle = path[path.index(at) :]
            first = min(circle, key=lambda n: n.numbers[0])
            first.circular = True
            del above[id(first)]
            roots.append(first)
        settled |= on_path
    for node in nodes:
        parent = above.get(id(node))
        if parent is not None:
            parent.children.append(node)
            node.parent = parent
    return sorted(roots, key=lambda root: root.numbers[0])


def _names(node: Node) -> str:
    numbers = node.numbers
    if len(numbers) > 4 and numbers[-1] - numbers[0] == len(numbers) - 1:
        return f"@{numbers[0]} … @{numbers[-1]}"
    return " ".join(f"@{number}" for number in numbers)
