"""The command line: ``nbext demo``, ``serve``, ``export`` and the others of ``nbext --help``."""

from __future__ import annotations

import argparse
import io
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TextIO

from nbext._version import __version__
from nbext.errors import NbextError, OptionError
from nbext.messages.say import phrase
from nbext.util.arguments import Arguments, reason
from nbext.util.suggest import did_you_mean
from nbext.util.text import human_size, readable

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Returns:
        0; 1 if a check found a problem; 2 if the command failed.
    """
    for stream in (sys.stdout, sys.stderr):
        # Replace characters that a terminal without UTF-8 cannot show.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    parser = _parser()
    words = _with_name(sys.argv[1:] if arguments is None else arguments)
    options, others = parser.parse_known_args(words)
    if others:
        parser.of_command(options.command).error_of_others(others)
    if options.command is None:
        parser.print_help()
        return 0
    try:
        return int(_COMMANDS[options.command](options))
    except NbextError as error:
        _write(f"nbext: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        # A disk that is full, or a reader of this command's output that has gone.
        named = f"{error.filename}: " if error.filename else ""
        _write(f"nbext: {named}{error.strerror or error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _with_name(arguments: Sequence[str]) -> list[str]:
    """Let ``nbext help --aspect`` pass an option's name as the argument."""
    words = list(arguments)
    if words[:1] == ["help"] and len(words) == 2 and words[1] not in ("-h", "--help"):
        words.insert(1, "--")
    return words


def _write(value: object, *, file: TextIO | None = None) -> None:
    """Print without control characters: names of files and records may be a stranger's."""
    print(readable(str(value)), file=file)


class _Parser(Arguments):
    """Reports a mistake in one line, with a suggestion."""

    def of_command(self, name: str | None) -> _Parser:
        """Return a command's parser, and this one without a command."""
        actions = (a for a in self._actions if isinstance(a, argparse._SubParsersAction))  # noqa: SLF001 -- there is no public way
        return next((action.choices[name] for action in actions if name in action.choices), self)

    def error(self, message: str) -> NoReturn:
        wrong = re.search(r"invalid choice: '([^']*)' \(choose from (.*)\)", message)
        names = re.findall(r"[\w-]+", wrong[2]) if wrong else []
        word = wrong[1] if wrong else ""
        remedy = did_you_mean(word, names, otherwise=phrase("cli.see_help", prog=self.prog), n=1)
        if wrong and message.startswith("argument COMMAND"):
            message = phrase("cli.no_command", name=word[:60])
            if word in _IN_NOTEBOOKS:
                remedy = phrase("cli.in_notebook", magic=_IN_NOTEBOOKS[word])
        self.exit(2, f"{self.prog}: {NbextError(reason(message), remedy=remedy)}\n")

    def error_of_others(self, others: Sequence[str]) -> NoReturn:
        """Report arguments that the command does not have."""
        options = [option for action in self._actions for option in action.option_strings]
        remedy = did_you_mean(
            others[0].partition("=")[0],
            [option for option in options if option.startswith("--")],
            otherwise=phrase("cli.see_help", prog=self.prog),
            n=1,
        )
        message = phrase("argument.unrecognized", names=" ".join(others)[:200])
        self.exit(2, f"{self.prog}: {NbextError(message, remedy=remedy)}\n")


# What is done in a notebook, and how.
_IN_NOTEBOOKS = {
    **{verb: f"%%{verb}" for verb in ("draw", "edit", "chat", "video", "sweep")},
    **{verb: f"%{verb}" for verb in ("models", "draws")},
    "key": "%nbext key",
    "history": "nbext.history",
    "panel": "nbext.Panel()",
}


def _parser() -> _Parser:
    parser = _Parser(prog="nbext", description=phrase("cli.what"))
    parser.add_argument("--version", action="version", version=f"nbext {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    demo = commands.add_parser("demo", help=phrase("cli.help_demo"))
    demo.add_argument(
        "--folder", type=Path, default=Path("demo"), help=phrase("cli.help_demo_folder")
    )
    serve = commands.add_parser("serve", help=phrase("cli.help_serve"))
    serve.add_argument("--host", default="127.0.0.1", help=phrase("cli.help_host"))
    serve.add_argument("--port", type=_port, default=0, help=phrase("cli.help_port"))
    serve.add_argument("--key", default=None, help=phrase("cli.help_key"))
    serve.add_argument(
        "--name",
        action="append",
        default=[],
        help=phrase("cli.help_name"),
    )
    export = commands.add_parser("export", help=phrase("cli.help_export"))
    export.add_argument("notebook", type=Path, help=phrase("cli.help_history"))
    export.add_argument("-o", "--output", type=Path, help=phrase("cli.help_output"))
    export.add_argument("--title", default="", help=phrase("cli.help_title"))
    export.add_argument(
        "--order", choices=("newest", "oldest"), default="newest", help=phrase("cli.help_order")
    )
    export.add_argument("--overwrite", action="store_true", help=phrase("cli.help_overwrite"))
    verify = commands.add_parser("verify", help=phrase("cli.help_verify"))
    verify.add_argument("notebook", type=Path, help=phrase("cli.help_history"))
    verify.add_argument(
        "--repair",
        action="store_true",
        help=phrase("cli.help_repair"),
    )
    verify.add_argument(
        "--from",
        dest="others",
        metavar="HISTORY",
        type=Path,
        action="append",
        default=[],
        help=phrase("cli.help_from"),
    )
    verify.add_argument(
        "--credentials",
        action="store_true",
        help=phrase("cli.help_credentials"),
    )
    read = commands.add_parser("read", help=phrase("cli.help_read"))
    read.add_argument("picture", type=Path, nargs="+", help=phrase("cli.help_picture"))
    read.add_argument("--trust", type=Path, metavar="PEM", help=phrase("cli.help_trust"))
    check = commands.add_parser("check", help=phrase("cli.help_check"))
    check.add_argument("notebook", type=Path, help=phrase("cli.help_check_notebook"))
    check.add_argument(
        "--with-key",
        action="store_true",
        help=phrase("cli.help_with_key"),
    )
    slim = commands.add_parser("slim", help=phrase("cli.help_slim"))
    _pictures_of(slim, phrase("cli.help_slim_limit"), 100_000)
    inline = commands.add_parser("inline", help=phrase("cli.help_inline"))
    _pictures_of(inline, phrase("cli.help_inline_limit"), 1_000_000)
    handout = commands.add_parser("handout", help=phrase("cli.help_handout"))
    handout.add_argument("notebook", type=Path, help=phrase("cli.help_lesson"))
    handout.add_argument("-o", "--output", type=Path, help=phrase("cli.help_handout_output"))
    handout.add_argument(
        "--sketches",
        action="store_true",
        help=phrase("cli.help_sketches"),
    )
    handout.add_argument(
        "--language", choices=("en", "zh"), default="", help=phrase("cli.help_language")
    )
    handout.add_argument(
        "--file",
        dest="files",
        type=Path,
        action="append",
        default=[],
        help=phrase("cli.help_file"),
    )
    handout.add_argument("--partial", action="store_true", help=phrase("cli.help_partial"))
    handout.add_argument("--overwrite", action="store_true", help=phrase("cli.help_overwrite"))
    doctor = commands.add_parser("doctor", help=phrase("cli.help_doctor"))
    doctor.add_argument("--report", action="store_true", help=phrase("cli.help_report"))
    doctor.add_argument("--live", action="store_true", help=phrase("cli.help_live"))
    doctor.add_argument("--yes", action="store_true", help=phrase("cli.help_yes"))
    explain = commands.add_parser("help", help=phrase("cli.help_help"))
    explain.add_argument("name", nargs="?", default="", help=phrase("cli.help_help_name"))
    return parser


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and int(text) <= 65535):
        raise argparse.ArgumentTypeError(phrase("cli.not_a_port", text=text[:20]))
    return int(text)


def _bytes(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(phrase("cli.not_bytes", text=text))
    return int(text)


def _pictures_of(command: argparse.ArgumentParser, limit_help: str, limit: int) -> None:
    command.add_argument("notebook", type=Path, help=phrase("cli.help_in_place"))
    command.add_argument("--limit", type=_bytes, default=limit, metavar="BYTES", help=limit_help)
    command.add_argument("--history", type=Path, help=phrase("cli.help_other_history"))


def _demo(options: argparse.Namespace) -> int:
    from nbext.cli.demo import run

    return run(options.folder)


def _serve(options: argparse.Namespace) -> int:
    from nbext.embedded.server import serve

    try:
        options.host.encode("idna")
        serve(options.host, options.port, options.key, options.name)
    except (OSError, UnicodeError) as error:
        # Asyncio names the address again.
        reason = str(getattr(error, "strerror", None) or error).partition(" (")[0]
        raise NbextError(
            phrase("cli.cannot_listen", host=options.host, port=options.port, reason=reason),
            remedy=phrase("cli.other_port"),
        ) from None
    return 0


def _export(options: argparse.Namespace) -> int:
    from nbext.drawings.export import export
    from nbext.drawings.open import open_history

    title, order, overwrite = options.title, options.order, options.overwrite
    history = open_history(options.notebook)
    _write(export(history, options.output, title=title, order=order, overwrite=overwrite))
    return 0


def _verify(options: argparse.Namespace) -> int:
    from nbext.drawings.open import open_history

    history = open_history(options.notebook)
    report = history.verify(credentials=options.credentials)
    if report.lost and (options.repair or options.others):
        from nbext.store.repair import repair

        others = [open_history(other).store for other in options.others]
        credentials = repair(history.store, report.lost, others=others)
        _write(phrase("cli.found_again", count=len(credentials), count2=len(report.lost)))
        report = open_history(options.notebook).verify(credentials=options.credentials)
    _write(report)
    return 0 if report.ok else 1


def _read(options: argparse.Namespace) -> int:
    """Print what each picture says; return 1 if one was altered, or its signer is not trusted."""
    from nbext.export.metadata.read import read

    status = 0
    for path in options.picture:
        try:
            provenance = read(path, trust=options.trust)
        except NbextError as error:
            _write(f"nbext: {error}", file=sys.stderr)
            status = 2
            continue
        _write("\n".join([str(path), *(f"  {line}" for line in str(provenance).splitlines())]))
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
        raise OptionError(
            phrase("cli.unreadable", notebook=options.notebook, strerror=error.strerror)
        ) from None
    history = open_history(options.history or options.notebook)
    changes = change(options.notebook, history, limit=options.limit)
    for done in changes:
        _write(done)
    after = options.notebook.stat().st_size
    _write(phrase("cli.bytes", notebook=options.notebook, before=before, after=after))
    return 1 if any(done.reason for done in changes) else 0


def _check(options: argparse.Namespace) -> int:
    from nbext.cli.check import check, is_free, summary

    findings = check(options.notebook, with_key=options.with_key)
    for finding in findings:
        _write(finding)
    _write(summary(findings))
    return 0 if is_free(findings) else 1


def _handout(options: argparse.Namespace) -> int:
    """Write the handout; return 1 if a cell would show no recorded picture."""
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
        _write(finding)
    _write(f"{handout.path}: {human_size(handout.size)} · {summary(list(handout.findings))}")
    return 1 if handout.missing else 0


def _help(options: argparse.Namespace) -> int:
    from nbext.magics.explain import explain, names_by_kind

    _write(explain(options.name) if options.name else names_by_kind())
    return 0


def _doctor(options: argparse.Namespace) -> int:
    from nbext.cli.doctor import examine

    if options.live:
        from nbext.cli.report import live

        text = live(yes=options.yes)
        target = Path("nbext-report.txt")
        target.write_text(f"{text}\n", encoding="utf-8")
        _write(f"{text}\n\n{target}")
        return 1 if "\n✗" in text else 0
    if options.report:
        from nbext.cli.report import report

        _write(report())
        return 0
    findings = examine()
    for finding in findings:
        _write(finding)
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
    "help": _help,
}
