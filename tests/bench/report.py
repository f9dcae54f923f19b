"""The figures as a table, and as a page of the documentation."""

from __future__ import annotations

from typing import NamedTuple

from tests.bench.run import Reading

# Milliseconds are those that are not named here.
UNITS = {
    "memory": "{:.1f} MB",
    "without state": "{:.1f} kB",
    "with state": "{:.1f} kB",
    "modules": "{:g}",
    "third-party": "{:g}",
}
LABELS = {
    "time": "",
    "memory": "memory at the peak",
    "third-party": "third-party packages",
    "last": "the last 20 of it",
    "search": "search in it",
}
HEAD = ("", "nbext", "others", "to reach", "measured", "met")
INTRODUCTION = """\
# Performance

This page is written by `make bench`. Server and client run on separate cores and communicate over the loopback interface;
an export, which has no server, and a browser use both cores.
Each client runs in a fresh process, warms up, and takes turns with the others. Figures are medians over at most {rounds} round{s}, with the minimum
in parentheses; targets are compared with minimums. Compare only figures of the same run, not of different machines.

openai, httpx and aiohttp return the picture in memory and write nothing. nbext writes its `sent` record before it sends the request,
and the picture and its record before it returns the drawing, each with fsync; it also decodes the picture once to check it. `floor` does the same
with a raw socket, pybase64, sha256 and files, but parses no JSON and checks nothing: it is the minimum that keeps these guarantees. Memory is the
increase of the process's memory from before a draw to its peak.

"""


class Line(NamedTuple):
    """One line of the table, as text."""

    what: str
    ours: str
    others: str
    goals: str
    measured: str
    met: str


def written(value, figure="time"):
    """A value with its unit.

    Example:
        >>> written(0.1234), written(12345), written(20.5, "memory"), written(3, "modules")
        ('0.123 ms', '12.3 s', '20.5 MB', '3')
    """
    if figure in UNITS:
        return UNITS[figure].format(value)
    if value >= 1000:
        return f"{value / 1000:.3g} s"
    return f"{value:.3g} ms" if value < 100 else f"{value:.0f} ms"


def ratio(value):
    """A ratio as one says it.

    Example:
        >>> ratio(0.5), ratio(1.3), ratio(1 / 15)
        ('1/2', '1.3', '1/15')
    """
    return f"1/{1 / value:.3g}" if value < 1 else f"{value:g}"


def goal(target):
    """What is to be reached, in words."""
    if not target.of:
        return f"≤ {written(target.at_most, target.figure)}" if target.at_most else "none"
    of = target.of if target.of_at is None else f"{target.of_at:,}"
    if target.at_most == 1:
        return f"≤ {of}"
    return f"≤ {ratio(target.at_most)} {'of' if target.at_most < 1 else '×'} {of}"


def value_of(target, figures):
    """What a target is compared with: nbext's least, or its ratio; None where it was not measured."""
    ours = figures.get(Reading("nbext", target.at), {}).get(target.figure)
    if ours is None or not target.of:
        return None if ours is None else ours.least
    size = target.at if target.of_at is None else target.of_at
    theirs = figures.get(Reading(target.of, size), {}).get(target.figure)
    return None if theirs is None else ours.least / theirs.least if theirs.least else float("inf")


def lines(row, figures):
    """The lines of a row: one for each size and figure."""
    for size in row.sizes or (0,):
        mine = {r.contender: named for r, named in figures.items() if r.size == size}
        names = dict.fromkeys(name for named in mine.values() for name in named)
        for name in sorted(names, key=lambda name: name != "time"):
            targets = [t for t in row.targets if (t.figure, t.at) == (name, size)]
            compared = [(t, v) for t in targets if (v := value_of(t, figures)) is not None]
            shown = {
                who: f"{written(named[name].median, name)} ({written(named[name].least, name)})"
                for who, named in mine.items()
                if name in named
            }
            shown |= {who: "failed" for who, named in mine.items() if not named and name == "time"}
            label = LABELS.get(name, name)
            what = " · ".join(
                filter(None, (row.title.format(**row.options), f"{size:,}" if size else "", label))
            )
            yield Line(
                what,
                shown.pop("nbext", ""),
                ", ".join(f"{who} {text}" for who, text in shown.items()),
                "; ".join(goal(t) for t, _ in compared),
                "; ".join(f"{v:.2f}" if t.of else written(v, name) for t, v in compared),
                "; ".join("yes" if v <= t.at_most else "no" for t, v in compared),
            )


def table(all_lines):
    """Lines as a table in Markdown."""
    rows = [HEAD, ["---"] * len(HEAD), *all_lines]
    return "".join(f"| {' | '.join(cell.replace('|', '/') for cell in row)} |\n" for row in rows)


def page(all_lines, *, machine, rounds, missing=()):
    """The page of the documentation."""
    verdicts = [word for line in all_lines for word in line.met.split("; ") if word]
    reached = f"{verdicts.count('yes')} of {len(verdicts)} are reached.\n\n"
    about = "".join(f"- {fact}\n" for fact in machine)
    absent = f"\nNot measured: {', '.join(missing)}.\n" if missing else ""
    introduction = INTRODUCTION.format(rounds=rounds, s="s" * (rounds != 1))
    return f"{introduction}{about}\n{reached}{table(all_lines)}{absent}"
