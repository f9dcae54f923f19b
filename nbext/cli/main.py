"""The command line: ``nbext demo``, ``serve``, ``export`` and the others of ``nbext --help``."""

from __future__ import annotations

import argparse
import io
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from nbext._version import __version__
from nbext.errors import NbextError, OptionError
from nbext.util.suggest import did_you_mean
from nbext.util.text import counted, human_size

if TYPE_CHECKING:
    from collections.abc import Sequence


_HISTORY = "a notebook, its .draws folder, or an archive of it"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Returns:
        0; 1 where a check found something; 2 where the command could not be done.
    """
    for stream in (sys.stdout, sys.stderr):
        # A terminal without UTF-8 shows a question mark where it lacks a sign.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.command is None:
        parser.print_help()
        return 0
    try:
        return int(_COMMANDS[options.command](options))
    except NbextError as error:
        print(f"nbext: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, and what was probably meant."""

    def error(self, message: str) -> NoReturn:
        wrong = re.search(r"invalid choice: '([^']*)' \(choose from (.*)\)", message)
        names = re.findall(r"[\w-]+", wrong[2]) if wrong else []
        word = wrong[1] if wrong else ""
        remedy = did_you_mean(word, names, otherwise=f"See {self.prog} --help.", n=1)
        self.exit(2, f"{self.prog}: {message}. {remedy}\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="nbext", description="Draw pictures in notebooks.")
    parser.add_argument("--version", action="version", version=f"nbext {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    demo = commands.add_parser("demo", help="run the quickstart, and say where the result is")
    demo.add_argument("--folder", type=Path, default=Path("demo"), help="where the result goes")
    serve = commands.add_parser("serve", help="run the embedded endpoint for other clients")
    serve.add_argument("--host", default="127.0.0.1", help="the address to listen on")
    serve.add_argument("--port", type=_port, default=0, help="0 takes a free one")
    serve.add_argument("--key", default=None, help="made up where none is given")
    serve.add_argument(
        "--name",
        action="append",
        default=[],
        help="another host name that clients reach it by, repeatable; other names are refused",
    )
    export = commands.add_parser("export", help="write a notebook's history as HTML")
    export.add_argument("notebook", type=Path, help=_HISTORY)
    export.add_argument("-o", "--output", type=Path, help="beside the notebook where not given")
    export.add_argument("--title", default="", help="of the page; the notebook's name by default")
    export.add_argument(
        "--order", choices=("newest", "oldest"), default="newest", help="which drawing comes first"
    )
    export.add_argument("--overwrite", action="store_true", help="replace a file that is there")
    verify = commands.add_parser("verify", help="hash every picture of a history again")
    verify.add_argument("notebook", type=Path, help=_HISTORY)
    verify.add_argument(
        "--repair",
        action="store_true",
        help="put back what the notebook's outputs, or another history, still hold",
    )
    verify.add_argument(
        "--from",
        dest="others",
        metavar="HISTORY",
        type=Path,
        action="append",
        default=[],
        help="another history to repair from: a notebook, a folder or an archive; repeatable",
    )
    verify.add_argument(
        "--credentials",
        action="store_true",
        help="say who signed pictures, and whether they were altered since (C2PA)",
    )
    read = commands.add_parser("read", help="say how a picture was made, and who signed it")
    read.add_argument("picture", type=Path, nargs="+", help="a PNG, JPEG or WebP file")
    read.add_argument(
        "--trust", type=Path, metavar="PEM", help="certificates that you trust to vouch for signers"
    )
    check = commands.add_parser(
        "check", help="say what running a notebook would replay and pay for, without running it"
    )
    check.add_argument("notebook", type=Path, help="the notebook; its history is beside it")
    check.add_argument(
        "--with-key",
        action="store_true",
        help="as where a key is set; without one the embedded endpoint draws for free",
    )
    slim = commands.add_parser(
        "slim", help="make a notebook's pictures small; their originals are in the history"
    )
    _pictures_of(slim, "larger pictures become previews of about this size", 100_000)
    inline = commands.add_parser("inline", help="put a notebook's pictures back in full")
    _pictures_of(inline, "originals up to this size are put in whole", 1_000_000)
    handout = commands.add_parser(
        "handout", help="write a lesson as a zip file that a class runs without a key"
    )
    handout.add_argument("notebook", type=Path, help="the lesson; its history is beside it")
    handout.add_argument("-o", "--output", type=Path, help="NAME-handout.zip where not given")
    handout.add_argument(
        "--sketches",
        action="store_true",
        help="let the embedded endpoint sketch the class's own prompts; they are refused otherwise",
    )
    handout.add_argument("--language", choices=("en", "zh"), default="", help="of the messages")
    handout.add_argument(
        "--file",
        dest="files",
        type=Path,
        action="append",
        default=[],
        help="another file that the lesson reads, such as a reference picture; repeatable",
    )
    handout.add_argument(
        "--partial", action="store_true", help="write it though some cells have no picture"
    )
    handout.add_argument("--overwrite", action="store_true", help="replace a file that exists")
    commands.add_parser("doctor", help="check versions, endpoint, key, models, folder")
    return parser


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"{text[:20]} is no port: they go from 0 to 65535")
    return int(text)


def _bytes(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of bytes")
    return int(text)


def _pictures_of(command: argparse.ArgumentParser, limit_help: str, limit: int) -> None:
    command.add_argument("notebook", type=Path, help="the notebook, which is changed in place")
    command.add_argument("--limit", type=_bytes, default=limit, metavar="BYTES", help=limit_help)
    command.add_argument(
        "--history", type=Path, help="its history, where that is not beside the notebook"
    )


def _demo(options: argparse.Namespace) -> int:
    from nbext.cli.demo import run

    return run(options.folder)


def _serve(options: argparse.Namespace) -> int:
    from nbext.embedded.server import serve

    try:
        serve(options.host, options.port, options.key, options.name)
    except OSError as error:
        reason = str(error.strerror or error).partition(" (")[0]  # asyncio names the address again
        raise NbextError(
            f"The endpoint cannot listen on {options.host}:{options.port}: {reason}.",
            remedy="Take another --port (0 is any that is free), or another --host.",
        ) from None
    return 0


def _export(options: argparse.Namespace) -> int:
    from nbext.drawings.open import open_history

    history = open_history(options.notebook)
    try:
        written = history.to_html(
            options.output, title=options.title, order=options.order, overwrite=options.overwrite
        )
    except OptionError as error:
        error.remedy = error.remedy.replace("overwrite=True", "--overwrite")
        raise
    print(f"{counted(len(history), 'drawing')} → {written}")
    return 0


def _verify(options: argparse.Namespace) -> int:
    from nbext.drawings.open import open_history

    history = open_history(options.notebook)
    report = history.verify(credentials=options.credentials)
    if report.lost and (options.repair or options.others):
        from nbext.store.repair import repair

        others = [open_history(other).store for other in options.others]
        credentials = repair(history.store, report.lost, others=others)
        print(f"{len(credentials)} of {len(report.lost)} pictures were found again")
        report = open_history(options.notebook).verify(credentials=options.credentials)
    print(report)
    return 0 if report.ok else 1


def _read(options: argparse.Namespace) -> int:
    """Say it of each; 1 where a signed one was altered, or its signer is not on the list given."""
    from nbext.export.metadata.read import read

    status = 0
    for path in options.picture:
        try:
            provenance = read(path, trust=options.trust)
        except NbextError as error:
            print(f"nbext: {error}", file=sys.stderr)
            status = 2
            continue
        print("\n".join([str(path), *(f"  {line}" for line in str(provenance).splitlines())]))
        credentials = provenance.credentials
        if (
            credentials
            and credentials.state != "unread"
            and (not credentials.intact or credentials.trusted is False)
        ):
            status = status or 1
    return status


def _slim(options: argparse.Namespace) -> int:
    from nbext.cli import slim
    from nbext.drawings.open import open_history

    change = slim.slim if options.command == "slim" else slim.inline
    try:
        before = options.notebook.stat().st_size
    except OSError as error:
        raise OptionError(f"{options.notebook} cannot be read: {error.strerror}.") from None
    history = open_history(options.history or options.notebook)
    changes = change(options.notebook, history, limit=options.limit)
    for done in changes:
        print(done)
    after = options.notebook.stat().st_size
    print(f"{options.notebook}: {before:,} → {after:,} bytes")
    return 1 if any(done.reason for done in changes) else 0


def _check(options: argparse.Namespace) -> int:
    from nbext.cli.check import check, is_free, summary

    findings = check(options.notebook, with_key=options.with_key)
    for finding in findings:
        print(finding)
    print(summary(findings))
    return 0 if is_free(findings) else 1


def _handout(options: argparse.Namespace) -> int:
    """Write it; 1 where a cell of it shows no recorded picture."""
    from nbext.cli.check import summary
    from nbext.cli.handout import write_handout

    handout = write_handout(
        options.notebook,
        options.output,
        own_prompts="sketched" if options.sketches else "refused",
        language=options.language,
        files=options.files,
        partial=options.partial,
        overwrite=options.overwrite,
    )
    for finding in handout.missing:
        print(finding)
    print(f"{handout.path}: {human_size(handout.size)} · {summary(list(handout.findings))}")
    return 1 if handout.missing else 0


def _doctor(_: argparse.Namespace) -> int:
    from nbext.cli.doctor import examine

    findings = examine()
    for finding in findings:
        print(finding)
    return 1 if any(finding.mark == "✗" for finding in findings) else 0


_COMMANDS = {
    "demo": _demo,
    "serve": _serve,
    "export": _export,
    "verify": _verify,
    "read": _read,
    "check": _check,
    "slim": _slim,
    "inline": _slim,
    "handout": _handout,
    "doctor": _doctor,
}
