"""What people see of a command: sentences, progress, problems, and the reports that it writes.

Beside `publish.py` the only place that prints. Whatever is told exists in both languages.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Self

from nok.errors import DataError, Problem, Said, StorageError, UsageError
from nok.messages import advice, as_json, message, place

if TYPE_CHECKING:
    from nok.site.deploy import Deployed
    from nok.site.explain import Explanation
    from nok.site.gather import Report
    from nok.site.progress import Profile, Stage
    from nok.site.publication import Publication

SHOWN_PROBLEMS = 20
"""So many problems of a file are shown on the screen; the JSON report has all."""

SHOWN_FILES = 20
"""So many files are named on the screen where a deploy only says what it would do."""


def built(report: "Report") -> Said:
    """What a build published, or that it did not have to."""
    change = report.change
    if change is None:
        return Said("built-nothing", build=report.build_id, place=report.folder)
    return Said(
        "built",
        organizations=report.organizations,
        files=report.files,
        size=megabytes(report.size_bytes),
        written=change.written,
        kept=change.kept,
        removed=change.removed,
        build=report.build_id,
        place=report.folder,
    )


def explained(explanation: "Explanation", language: str) -> str:
    """Why a page was made anew, or was not."""
    path = explanation.path
    if not explanation.unit:
        return Said("explained-absent", path=path).sentence(language)
    if explanation.unit == "once":
        return Said("explained-once", path=path).sentence(language)
    if not explanation.reasons:
        return Said("explained-same", path=path).sentence(language)
    reasons = "; ".join(Said("part", reason=one).sentence(language) for one in explanation.reasons)
    return Said("explained", path=path, reasons=reasons).sentence(language)


def profiled(profile: "Profile", language: str) -> str:
    """Where the time went, a line a part; those with × are summed over the workers."""
    lines = [
        Said(
            "profile-line", name=f"{Said('part', reason=name).sentence(language):<12}", seconds=f"{seconds:9.2f}"
        ).sentence(language)
        for name, seconds in profile.seconds.items()
    ]
    return "\n".join([Said("profile").sentence(language), *lines])


def say(text: str) -> None:
    print(text, flush=True)


def tell(arguments: argparse.Namespace, said: Said) -> None:
    """Says what a command did, in the language that it was asked in."""
    say(said.sentence(arguments.lang))


def told_of_stop(stopped: KeyboardInterrupt, language: str) -> str:
    """How a run ended that was stopped; what it left behind, where it says so itself."""
    (said,) = stopped.args or (Said("stopped"),)
    return said.sentence(language) if isinstance(said, Said) else str(said)


class Teller:
    """Progress: a bar that is drawn over on a terminal, a plain line from time to time elsewhere.

    As a `with` block it leaves the terminal as it should be found: whatever is printed next begins a line of its own.
    """

    BAR = 24
    SECONDS_BETWEEN_LINES = 5.0

    def __init__(self, language: str) -> None:
        self._language = language
        self._last = ""
        self._when = 0.0
        self._is_open = False
        """Whether the cursor stands at the end of a line that is still to be drawn over."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._is_open:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)

    def __call__(self, stage: "Stage") -> None:
        text = self._text(stage)
        is_done = bool(stage.total) and stage.done == stage.total
        if sys.stderr.isatty():
            print(f"\r\x1b[K{self._bar(stage)}{text}", end="\n" if is_done else "", file=sys.stderr, flush=True)
            self._is_open = not is_done
        elif is_done or self._what(stage) != self._last or time.monotonic() - self._when >= self.SECONDS_BETWEEN_LINES:
            print(text, file=sys.stderr, flush=True)
            self._when = time.monotonic()
        self._last = self._what(stage)

    def say(self, what: Said) -> None:
        """A stage of which nobody knows how long it is."""
        from nok.site.progress import Stage

        self(Stage(what=what))

    def _what(self, stage: "Stage") -> str:
        return stage.what.sentence(self._language)

    def _bar(self, stage: "Stage") -> str:
        if not stage.total:
            return ""
        done = self.BAR * stage.done // stage.total
        return f"{'━' * done}{' ' * (self.BAR - done)} "

    def _text(self, stage: "Stage") -> str:
        if not stage.total:
            return Said("progress-open", what=stage.what).sentence(self._language)
        left = Said("progress-left", time=time_left(stage.seconds_left)) if stage.seconds_left else ""
        share, rate = 100 * stage.done // stage.total, f"{stage.per_second:,.0f}"
        if not stage.is_counted:
            return Said("progress-share", what=stage.what, share=share, left=left).sentence(self._language)
        return Said("progress", what=stage.what, share=share, rate=rate, left=left).sentence(self._language)


def write_line(line: str) -> None:
    """A line of the log, at once."""
    print(line, file=sys.stderr, flush=True)


def time_left(seconds: float) -> Said:
    """So much time in words: seconds below two minutes, minutes from there on."""
    if seconds < 120:
        return Said("time-seconds", number=f"{seconds:.0f}")
    return Said("time-minutes", number=f"{seconds / 60:.0f}")


def show_deployed(done: "Deployed", arguments: argparse.Namespace) -> None:
    """What a deploy did, or with `--dry-run` would do."""
    if arguments.dry_run:
        show_files([Said("would-upload", path=path) for path in done.uploads], arguments)
        show_files([Said("would-delete", path=path) for path in done.removals], arguments)
    numbers = {
        "target": arguments.target,
        "uploads": len(done.uploads),
        "uploaded": megabytes(done.uploaded_bytes),
        "kept": done.kept,
        "kept_size": megabytes(done.kept_bytes),
        "removals": len(done.removals),
        "deleted": megabytes(done.deleted_bytes),
        "retired": done.retired,
    }
    tell(arguments, Said("deployed-dry", **numbers) if arguments.dry_run else Said("deployed", **numbers))
    if done.is_overtaken:
        tell(arguments, Said("deployed-old"))


def show_files(files: Sequence[Said], arguments: argparse.Namespace) -> None:
    """The first files of a list, and how many more there are."""
    for one in files[:SHOWN_FILES]:
        tell(arguments, one)
    if len(files) > SHOWN_FILES:
        tell(arguments, Said("files-more", number=len(files) - SHOWN_FILES))


def megabytes(size: int) -> str:
    return f"{size / 1e6:.1f}"


def show_problems(problems: Sequence[Problem], language: str) -> None:
    """Problems grouped by file, the first twenty of each; how many more there are."""
    groups: dict[tuple[str, str], list[Problem]] = {}
    for problem in problems:
        groups.setdefault((problem.where.package, problem.where.file), []).append(problem)
    for found in groups.values():
        for problem in found[:SHOWN_PROBLEMS]:
            where = place(problem, language)
            rule = f"Правило {problem.rule}" if language == "ru" else f"Rule {problem.rule}"
            text = f"{where}: {message(problem, language)}" if where else message(problem, language)
            print(f"{text}. {rule}. {advice(problem, language)}", file=sys.stderr)
        if len(found) > SHOWN_PROBLEMS:
            more = len(found) - SHOWN_PROBLEMS
            print(
                f"… и ещё {more} в этом файле; все — в отчёте --json."
                if language == "ru"
                else f"… and {more} more in this file; all are in the --json report.",
                file=sys.stderr,
            )


def show_data_error(error: DataError, arguments: argparse.Namespace) -> None:
    """The faults that stopped a command, in its language, and what did not happen for their sake."""
    language = arguments.lang
    show_problems(error.problems, language)
    is_build = arguments.command in ("build", "watch")
    if language == "ru":
        outcome = "Ничего не опубликовано, прежний выпуск не тронут." if is_build else "Ничего не сделано."
    else:
        outcome = "Nothing was published, the site is as it was." if is_build else "Nothing was done."
    print(f"{counted(error.problems, language)}. {outcome}", file=sys.stderr)


def counted(problems: Sequence[Problem], language: str) -> str:
    """`Ошибок: 2, предупреждений: 1`; warnings are not spoken of where there are none."""
    errors = sum(problem.severity == "error" for problem in problems)
    names = ("Ошибок", "предупреждений") if language == "ru" else ("Errors", "warnings")
    warnings = f", {names[1]}: {len(problems) - errors}" if errors < len(problems) else ""
    return f"{names[0]}: {errors}{warnings}"


def write_text(path: Path, text: str) -> None:
    write_bytes(path, text.encode())


def write_bytes(path: Path, content: bytes) -> None:
    from nok.site.files import replace_file

    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, content)


def write_private(path: Path, content: bytes) -> None:
    """Writes what only its owner may read; a file that is there is left alone, for it holds secrets already handed out."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise UsageError("file-there", place=path) from error
    except OSError as error:
        raise StorageError("file-unwritten", place=path, reason=error.strerror) from error
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)


def write_report(path: Path, problems: Sequence[Problem], language: str, *, is_valid: bool) -> None:
    """The report of a check as JSON, all problems in it."""
    found = [as_json(problem, language) for problem in problems]
    write_text(path, json.dumps({"valid": is_valid, "problems": found}, ensure_ascii=False, indent=2) + "\n")


def write_html_report(
    path: Path,
    problems: Sequence[Problem],
    rows: int,
    packages: Sequence[str],
    language: str,
    day: date,
    publication: "Publication",
) -> None:
    """The report of a check as one page in `language`, whatever the languages of the publication."""
    from nok.render.check_report import render_check_report
    from nok.templating import read_words

    words = read_words(publication.theme / "words", language)
    write_text(path, render_check_report(problems, rows, packages, words, day, publication.theme))
