"""The commands and options of the command line, and what is said where they are not understood."""

import argparse
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from nok.documents import nearest
from nok.errors import Said, UsageError

LANGUAGES = ("ru", "en")
"""Languages of what a person is told; the first unless `--lang` names the other."""

_ARGPARSE = {
    "usage-required": "the following arguments are required: (?P<names>.*)",
    "usage-unknown": "unrecognized arguments: (?P<names>.*)",
    "usage-no-value": "argument (?P<name>.*): expected (one|at least one) argument",
    "usage-no-number": "argument (?P<name>.*): invalid .* value: '(?P<value>.*)'",
    "usage-one-of-two": "argument (?P<name>.*): not allowed with argument (?P<other>.*)",
    "usage-ambiguous": "ambiguous option: (?P<name>.*) could match (?P<names>.*)",
}
"""What argparse says, so that it can be said in both languages; whatever else it says stays as it is."""


def _in_words(said: str) -> Said | str:
    for rule, pattern in _ARGPARSE.items():
        found = re.fullmatch(pattern, said, re.DOTALL)
        if found:
            return Said(rule, **found.groupdict())
    return said


def language_of(arguments: Sequence[str]) -> str:
    """The language that is asked for, also where the command cannot be read."""
    asked = [*arguments, ""]
    return next(
        (
            language
            for language in LANGUAGES
            for place, argument in enumerate(arguments)
            if argument == f"--lang={language}" or (argument == "--lang" and asked[place + 1] == language)
        ),
        LANGUAGES[0],
    )


class Parser(argparse.ArgumentParser):
    """argparse with our exit code, a sentence, and "did you mean"."""

    def error(self, message: str) -> None:  # type: ignore[override]
        raise UsageError("usage", said=_in_words(message), command=self.prog)

    def _check_value(self, action: argparse.Action, value: object) -> None:
        if action.choices is not None and value not in action.choices:
            known = [str(choice) for choice in action.choices]
            raise UsageError("choice-unknown", value=value, similar=nearest(str(value), known), known=", ".join(known))


Run = Callable[[argparse.Namespace], int]
"""What a command does; its docstring is the help of the command."""


def make_parser(runs: Mapping[str, Run]) -> Parser:
    """All commands and options (design: command line); `runs` says by a command's name what it does."""
    parser = Parser(prog="publish.py", description="From data packages to a site, posters and a widget.")
    commands = _Commands(
        parser.add_subparsers(dest="command", metavar="COMMAND", required=True, parser_class=Parser), runs
    )
    _add_build(commands)
    _add_watch(commands)
    _add_releases(commands)
    _add_validate(commands)
    _add_serve(commands)
    _add_export(commands)
    _add_keeping(commands)
    _add_accounts(commands)
    _add_invitations(commands)
    _add_posters(commands)
    _add_placements(commands)
    _add_import(commands)
    _add_merge(commands)
    _add_worklist(commands)
    _add_questionnaire(commands)
    _add_deploy(commands)
    _add_init(commands)
    _add_signing_key(commands)
    _add_verify(commands)
    _add_demo(commands)
    return parser


@dataclass(frozen=True, slots=True)
class _Commands:
    """Where commands are added."""

    parsers: "argparse._SubParsersAction[Parser]"
    runs: Mapping[str, Run]

    def add(self, name: str, *, with_config: bool = True, with_packages: bool = True) -> Parser:
        """A command, with the options that nearly all have."""
        run = self.runs[name]
        parser = self.parsers.add_parser(name, help=run.__doc__, description=run.__doc__)
        parser.set_defaults(run=run)
        parser.add_argument(
            "--lang", choices=LANGUAGES, default=LANGUAGES[0], help="language of messages and reports (ru)"
        )
        if with_config:
            parser.add_argument(
                "--config", type=Path, metavar="FILE", help="the publication (content/publication.yaml)"
            )
        if with_packages:
            parser.add_argument(
                "--packages",
                action="append",
                default=[],
                metavar="DIR",
                help="a data package, folder or ZIP; repeatable; replaces the list of the publication",
            )
        return parser

    def group(self, name: str, actions: Sequence[str]) -> "_Commands":
        """A command that has `actions` of its own, all of which it does itself."""
        run = self.runs[name]
        parser = self.parsers.add_parser(name, help=run.__doc__, description=run.__doc__)
        parsers = parser.add_subparsers(dest="action", metavar="ACTION", required=True, parser_class=Parser)
        return _Commands(parsers, dict.fromkeys(actions, run))


def _add_build(commands: _Commands) -> None:
    parser = commands.add("build")
    parser.add_argument("--output", type=Path, metavar="DIR", help="where the site is built (output)")
    parser.add_argument("--state", type=Path, metavar="DIR", help="what the program remembers (<output>.state)")
    parser.add_argument("--jobs", type=_jobs, metavar="N", help="worker processes (one for each processor)")
    parser.add_argument("--full", action="store_true", help="render every page even if nothing has changed")
    parser.add_argument("--no-cache", action="store_true", help="check and load everything again")
    parser.add_argument("--release", action="store_true", help="cut a new release of packages that changed")
    parser.add_argument("--explain", metavar="PATH", help="say why the page at PATH was made anew, or was not")
    parser.add_argument("--profile", action="store_true", help="print where the time went")
    parser.add_argument("--scheduler", metavar="tcp://…", help="let the workers of a Dask cluster make the pages")
    parser.add_argument(
        "--collect", action="store_true", help="take the ratings of the store in before (data_packages/ratings)"
    )
    _add_store(parser)


def _add_watch(commands: _Commands) -> None:
    parser = commands.add("watch")
    parser.add_argument(
        "--every", type=_minutes, default=15, metavar="MINUTES", help="how long to wait between builds (15)"
    )
    parser.add_argument("--rounds", type=int, default=0, metavar="N", help="stop after so many builds (never)")
    parser.add_argument("--output", type=Path, metavar="DIR", help="where the site is built (output)")
    parser.add_argument("--state", type=Path, metavar="DIR", help="what the program remembers (<output>.state)")
    parser.add_argument("--jobs", type=_jobs, metavar="N", help="worker processes (one for each processor)")
    _add_store(parser)
    parser.set_defaults(
        scheduler=None, full=False, no_cache=False, release=False, explain=None, profile=False, collect=True
    )


def _minutes(text: str) -> float:
    number = float(text)
    if not 0 < number <= 24 * 60:
        raise UsageError("value-minutes", value=text)
    return number


def _add_releases(commands: _Commands) -> None:
    for name in ("releases", "rollback"):
        parser = commands.add(name, with_packages=False)
        parser.add_argument("--output", type=Path, metavar="DIR", help="the output of build (output)")
        parser.add_argument("--state", type=Path, metavar="DIR", help="what the program remembers (<output>.state)")
        if name == "rollback":
            parser.add_argument("build", nargs="?", metavar="BUILD", help="a build of `releases` (the one before)")


def _add_validate(commands: _Commands) -> None:
    parser = commands.add("validate", with_packages=False)
    parser.add_argument("package", nargs="+", metavar="PACKAGE", help="packages to check together")
    parser.add_argument(
        "--with", dest="parents", action="append", default=[], metavar="PACKAGE", help="serves as parent only"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the report as JSON")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write the report as a page that can be sent")
    parser.add_argument("--no-cache", action="store_true", help="check again what was checked before")
    parser.add_argument("--encoding", default="utf-8", metavar="NAME", help="encoding of the tables (utf-8)")
    parser.add_argument("--allow-empty", action="store_true", help="a table of organisations may be empty")


def _add_serve(commands: _Commands) -> None:
    parser = commands.add("serve")
    parser.add_argument("--output", type=Path, metavar="DIR", help="the output of build (output)")
    _add_store(parser)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    parser.add_argument("--port", type=int, default=8000, help="port to listen on (8000)")
    parser.add_argument("--guard", choices=("full", "count", "off"), default="full", help="checks against abuse (full)")
    parser.add_argument(
        "--trusted-proxy",
        action="append",
        default=[],
        metavar="ADDRESS",
        help="a web server in front, or its network: only its X-Forwarded-For is believed; repeatable",
    )
    parser.add_argument(
        "--log", choices=("none", "json"), default="none", help="a line for each request, about nobody (none)"
    )
    parser.add_argument("--offline", choices=("on", "off"), default="on", help="forms that work without a net (on)")


def _add_export(commands: _Commands) -> None:
    parser = commands.add("export")
    _add_store(parser)
    parser.add_argument("--out", type=Path, required=True, metavar="PACKAGE", help="the package to write")


def _add_keeping(commands: _Commands) -> None:
    parser = commands.add("backup", with_packages=False)
    _add_store(parser)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="the folder of all backups")
    parser = commands.add("restore", with_packages=False)
    parser.add_argument("backup", type=Path, metavar="BACKUP", help="one folder that `backup` made")
    _add_store(parser)
    parser = commands.add("audit", with_packages=False)
    parser.add_argument("what", choices=("verify",), help="what to do with the log")
    _add_store(parser)
    parser.add_argument(
        "--export",
        action="append",
        default=[],
        type=Path,
        metavar="PACKAGE",
        help="a package that was exported earlier, kept out of reach; repeatable",
    )


def _add_accounts(commands: _Commands) -> None:
    parser = commands.add("accounts", with_packages=False)
    parser.add_argument("what", choices=("add", "list", "close"), help="what to do; `add` also invites anew")
    _add_store(parser)
    parser.add_argument(
        "--login", metavar="NAME", help="how the person signs in: small Latin letters, an address will do"
    )
    roles = ("moderator", "organization", "authority", "administrator")
    parser.add_argument(
        "--role", choices=roles, default="administrator", help="what the account is for (administrator)"
    )
    parser.add_argument(
        "--organization", action="append", default=[], metavar="ID", help="what it is bound to; repeatable"
    )
    parser.add_argument("--region", action="append", default=[], metavar="CODE", help="what it is bound to; repeatable")


def _add_invitations(commands: _Commands) -> None:
    parser = commands.add("invitations")
    _add_store(parser)
    add = parser.add_argument
    add("--organization", action="append", required=True, metavar="ID", help="who is rated; repeatable")
    add("--number", type=int, default=10, metavar="N", help="how many for each organisation (10)")
    add("--days", type=_days, default=30, metavar="N", help="how many days after today they hold (30)")
    add("--language", default="", metavar="CODE", help="language of the cards (the first of the publication)")
    add("--out", type=Path, required=True, metavar="FILE", help="links as .csv, or cards to cut out as .pdf")


def _days(text: str) -> int:
    if not (text.isdecimal() and len(text) <= 4 and 1 <= int(text) <= 1000):
        raise UsageError("value-days", value=text)
    return int(text)


def _add_store(parser: Parser) -> None:
    parser.add_argument(
        "--store",
        metavar="PATH-or-URL",
        help="where ratings are kept: a file or postgresql://… (DATABASE_URL, else var/store.sqlite)",
    )
    parser.add_argument(
        "--key", type=Path, metavar="FILE", help="the server's key (beside the store's file; var/store.key)"
    )


def _add_posters(commands: _Commands) -> None:
    parser = commands.add("posters")
    add = parser.add_argument
    add("--organization", action="append", default=[], metavar="ID", help="one organisation; repeatable")
    add("--region", action="append", default=[], metavar="CODE", help="a whole region; repeatable")
    add("--all", action="store_true", help="every organisation")
    add("--placement", action="append", default=[], metavar="CODE", help="one code, whoever has it; repeatable")
    add("--placements", action="store_true", help="also the further codes of the organisations chosen")
    add("--batch", default="", metavar="NAME", help="of the further codes only those of this batch")
    add(
        "--format",
        default="a4",
        metavar="FORMAT",
        help="what is printed (a4): a format of print.yaml, sticker, svg or png",
    )
    add("--sheet", default="", metavar="NAME", help="several on a sheet of labels of print.yaml")
    add("--languages", default="", metavar="LIST", help="one or two, such as ru,en (those of the publication)")
    add("--responsible", default="", metavar="TEXT", help="who answers for the stands, where a code does not say it")
    add("--black", action="store_true", help="black only: no colours, no greys")
    add("--marks", action="store_true", help="bleed of 3 mm and crop marks, for a print shop")
    add(
        "--offset",
        type=_offset,
        default=(0.0, 0.0),
        metavar="X,Y",
        help="move a sheet right and down, in millimetres (0,0)",
    )
    add("--skip", type=int, default=0, metavar="N", help="leave the first N labels of the first sheet empty (0)")
    add("--calibration", action="store_true", help="instead of posters, a sheet that shows where the labels are")
    add("--no-contents", action="store_true", help="no list of addresses before the posters of a region")
    add(
        "--changed-since",
        default="",
        metavar="BUILD",
        help="only what changed since a build, or since contents.csv or a ZIP",
    )
    add("--output", type=Path, metavar="DIR", help="the output of build (output)")
    add("--jobs", type=_jobs, metavar="N", help="worker processes (one for each processor)")
    add("--out", type=Path, required=True, metavar="FILE", help="the PDF, SVG or PNG to write, or a ZIP")


def _offset(text: str) -> tuple[float, float]:
    try:
        x, y = (float(part) for part in text.split(","))
    except ValueError:
        raise UsageError("value-offset", value=text) from None
    if not (abs(x) <= 50 and abs(y) <= 50):
        raise UsageError("value-offset-far", value=text)
    return x, y


def _add_placements(commands: _Commands) -> None:
    actions = commands.group("placements", ("add", "list", "move", "close", "replace"))
    add = _add_action(actions, "add", "a new code for a stand")
    add("--organization", action="append", default=[], metavar="ID", help="whose stand it is; repeatable")
    add("--from", dest="source", type=Path, metavar="FILE", help="a CSV of stands: organization_id, place, …")
    _add_stand(add)
    add("--language", default="", metavar="CODE", help="language of the poster")
    listing = _add_action(actions, "list", "every row, and what became of its code", with_package=False)
    listing("--organization", default="", metavar="ID", help="of one organisation only")
    listing("--state", choices=("active", "moved", "closed", "replaced"), help="in one state only")
    for name, said in (
        ("move", "a code that hangs somewhere else now"),
        ("close", "a code that hangs no more"),
        ("replace", "a new code instead of an old one, which leads to it from now on"),
    ):
        change = _add_action(actions, name, said)
        change("code", metavar="CODE", help="the code")
        if name == "move":
            change("--place", required=True, metavar="TEXT", help="where it hangs now")
        if name == "replace":
            _add_stand(change)


def _add_action(actions: _Commands, name: str, said: str, *, with_package: bool = True) -> Callable[..., object]:
    parser = actions.add(name)
    parser.description = f"{said[0].upper()}{said[1:]}."
    if with_package:
        parser.add_argument("--package", type=Path, metavar="DIR", help="the package whose placements.csv is written")
    return parser.add_argument


def _add_stand(add: Callable[..., object]) -> None:
    add("--place", default="", metavar="TEXT", help="where it hangs, such as «регистратура»")
    add("--responsible", default="", metavar="TEXT", help="who answers for the stand: the post, not the name")
    add("--batch", default="", metavar="NAME", help="the batch it is printed in")
    add("--printed-on", type=_day, metavar="DAY", help="the day of printing (today)")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError("value-day", value=text) from None


def _add_import(commands: _Commands) -> None:
    parser = commands.add("import", with_config=False, with_packages=False)
    parser.add_argument("--mapping", type=Path, required=True, metavar="FILE", help="how columns become fields (YAML)")
    parser.add_argument("--source", type=Path, required=True, metavar="FILE", help="CSV, XLSX or JSON, or its folder")
    parser.add_argument("--out", type=Path, required=True, metavar="PACKAGE", help="the package to write")


def _add_merge(commands: _Commands) -> None:
    parser = commands.add("merge", with_packages=False)
    parser.add_argument("package", nargs="+", metavar="PACKAGE", help="packages to make one of")
    parser.add_argument("--out", type=Path, required=True, metavar="PACKAGE", help="the package to write")
    parser.add_argument("--name", default="", metavar="NAME", help="its name (that of its folder)")
    parser.add_argument("--title", default="", metavar="TEXT", help="its title (those of the packages)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the report as JSON, conflicts in it")


def _add_worklist(commands: _Commands) -> None:
    parser = commands.add("worklist")
    parser.add_argument("--assessment", required=True, metavar="ID", help="the round to be observed")
    parser.add_argument("--roster", default="", metavar="ID", help="a list of its council (those of its year)")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where the two files are written")


def _add_questionnaire(commands: _Commands) -> None:
    parser = commands.add("questionnaire", with_packages=False)
    parser.add_argument("id", metavar="ID", help="a questionnaire of the publication")
    parser.add_argument("--out", type=Path, metavar="DIR", help="write the schema of the answers and the XLSForm here")
    parser.add_argument("--check", type=Path, metavar="FILE", help="check a CSV of filled forms, one a row")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the report of the check as JSON")


def _add_deploy(commands: _Commands) -> None:
    parser = commands.add("deploy", with_packages=False)
    parser.add_argument("target", metavar="TARGET", help="folder:/path, rsync:user@host:/path or s3://bucket/prefix")
    parser.add_argument("--output", type=Path, metavar="DIR", help="the output of build (output)")
    parser.add_argument("--dry-run", action="store_true", help="say what would be done; write nothing")
    parser.add_argument("--precompressed", action="store_true", help="s3:// only: pages, styles, scripts kept as gzip")


def _add_verify(commands: _Commands) -> None:
    parser = commands.add("verify", with_packages=False)
    parser.add_argument(
        "place", metavar="DIR-or-URL", help="a built site (`output/current`) or one release, here or on the web"
    )
    parser.add_argument("--require-signature", action="store_true", help="what is not signed is a fault")
    parser.add_argument(
        "--public-key", type=Path, metavar="FILE", help="the key to trust (the one that the site shows)"
    )
    parser.add_argument("--jobs", type=_jobs, metavar="N", help="worker processes (one for each processor)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the report as JSON")


def _add_signing_key(commands: _Commands) -> None:
    parser = commands.add("signing-key", with_config=False, with_packages=False)
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="where the key is written")


def _add_init(commands: _Commands) -> None:
    parser = commands.add("init", with_config=False, with_packages=False)
    parser.add_argument(
        "folder", type=Path, nargs="?", default=Path(), metavar="FOLDER", help="where the publication is to lie (here)"
    )
    parser.add_argument("--title", metavar="TEXT", help="the name of the publication")
    parser.add_argument("--title-en", metavar="TEXT", help="the same name on the English pages")
    parser.add_argument("--public-url", metavar="URL", help="where the site will stand")
    parser.add_argument("--widget-url", metavar="URL", help="where ratings are taken, for ever (the public address)")
    parser.add_argument("--languages", default="ru,en", metavar="LIST", help="languages of the pages (ru,en)")
    parser.add_argument(
        "--shards", type=int, choices=(0, 2), default=0, help="2 for a country, above 50,000 files a region (0)"
    )


def _add_demo(commands: _Commands) -> None:
    parser = commands.add("demo", with_config=False, with_packages=False)
    parser.add_argument("--out", type=Path, required=True, metavar="PACKAGE", help="the package to write")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="another number invents another region (1)")


def _jobs(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 256:
        raise UsageError("value-jobs", value=text)
    return number
