#!/usr/bin/env python3
"""The command line: one short function a command; errors become sentences and exit codes.

Heavy libraries are imported inside the commands that need them, so that `--help` answers at once.
"""

import argparse
import gc
import json
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import TYPE_CHECKING

from nok.arguments import Parser, Run, language_of
from nok.arguments import make_parser as parser_of
from nok.documents import nearest
from nok.errors import DataError, ExitCode, NokError, Said, UsageError
from nok.messages import harmless
from nok.telling import (
    SHOWN_PROBLEMS,
    Teller,
    built,
    counted,
    explained,
    profiled,
    say,
    show_data_error,
    show_deployed,
    show_problems,
    tell,
    told_of_stop,
    write_bytes,
    write_html_report,
    write_line,
    write_private,
    write_report,
)

if TYPE_CHECKING:
    from nok.config import Config
    from nok.site.output import Output
    from nok.site.placement_command import PlacementChange
    from nok.site.publication import Publication
    from widget.engines import StorePlace
    from widget.oidc import Provider

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
"""Nobody here multiplies matrices; where memory is short, that library's threads would end the program by a signal."""

COLLECTED = Path("data_packages", "ratings")
"""Where `build --collect` puts the package of ratings, below the folder of the publication."""

ALLOCATIONS_BETWEEN_COLLECTIONS = 50_000
"""While libraries are imported, looking for circles among what they bring takes a tenth of the time and finds nothing."""


def build(arguments: argparse.Namespace) -> int:
    """Build the site from the packages and publish it."""
    from nok.site.build import build as build_site
    from nok.site.gather import Options

    if arguments.collect:
        arguments.packages = collect(arguments)
    with Teller(arguments.lang) as teller:
        report = build_site(
            Options(
                config_file=arguments.config,
                packages=arguments.packages,
                output=arguments.output,
                state=arguments.state,
                jobs=arguments.jobs,
                scheduler=arguments.scheduler,
                full=arguments.full,
                no_cache=arguments.no_cache,
                release=arguments.release,
                explain=arguments.explain,
                today=today(),
            ),
            teller,
        )
    show_problems(report.warnings, arguments.lang)
    if report.explanation is not None:
        say(explained(report.explanation, arguments.lang))
    if arguments.profile:
        say(profiled(report.profile, arguments.lang))
    tell(arguments, built(report))
    return ExitCode.DONE


def collect(arguments: argparse.Namespace) -> list[str]:
    """Exports the ratings of the store into the publication's package of them; the packages to build, it included."""
    from nok.site.publication import read_publication

    publication = read_publication(arguments.config)
    out = publication.root / COLLECTED
    paths = [path for path in publication.package_paths(arguments.packages) if path.resolve() != out.resolve()]
    number = export_ratings(arguments, publication, paths, out)
    tell(arguments, Said("collected", number=number, place=out))
    return [str(path) for path in (*paths, out)]


def watch(arguments: argparse.Namespace) -> int:
    """Collect ratings and build the site again and again, until it is stopped."""
    done = 0
    try:
        while True:
            watched_build(arguments)
            done += 1
            if done == arguments.rounds:
                return ExitCode.DONE
            time.sleep(arguments.every * 60)
    except KeyboardInterrupt:
        tell(arguments, Said("stopped-watch"))
        return ExitCode.DONE


def watched_build(arguments: argparse.Namespace) -> None:
    """One round of `watch`; what went wrong is told, and the next round tries again."""
    try:
        build(argparse.Namespace(**vars(arguments)))
    except DataError as error:
        show_data_error(error, arguments)
    except NokError as error:
        print(harmless(error.sentence(arguments.lang)), file=sys.stderr)


def releases(arguments: argparse.Namespace) -> int:
    """List the releases that the output still holds, the published one marked."""
    output = open_output(arguments)
    published = output.current()
    for release in output.releases():
        is_published = published is not None and release.slot == published.slot
        standing = Said("release-published") if is_published else Said("release-kept")
        files = f"{release.files:>9}"
        told = {"build": release.build_id, "day": release.day, "files": files, "slot": release.slot}
        tell(arguments, Said("release", **told, standing=standing))
    return ExitCode.DONE


def rollback(arguments: argparse.Namespace) -> int:
    """Publish an earlier release again by one switch; nothing is built."""
    output = open_output(arguments)
    with output.lock():
        release = output.roll_back(arguments.build)
    tell(arguments, Said("rolled-back", build=release.build_id, day=release.day))
    return ExitCode.DONE


def open_output(arguments: argparse.Namespace) -> "Output":
    """The output folder that a command names, or the publication's own."""
    from nok.site.output import Output
    from nok.site.publication import read_publication

    publication = read_publication(arguments.config)
    folder = (arguments.output or publication.root / publication.config.output).absolute()
    if not (folder / "releases.json").exists():
        raise UsageError("output-empty", place=folder)
    return Output(folder, arguments.state or folder.parent / f"{folder.name}.state")


def validate(arguments: argparse.Namespace) -> int:
    """Check packages and print every problem with its place, value and advice."""
    from nok.packages.check import check_packages
    from nok.packages.hashes import FileHashes
    from nok.site.publication import read_publication
    from nok.warehouse_flags import judge_packages

    publication = read_publication(arguments.config)
    terms = publication.terms(today(), encoding=arguments.encoding, allow_empty=arguments.allow_empty)
    output = (publication.root / publication.config.output).absolute()
    memory = None if arguments.no_cache else output.with_name(f"{output.name}.state") / "checked"
    with TemporaryDirectory(prefix="nok-validate-") as scratch:
        paths = publication.package_paths(arguments.package)
        checked = check_packages(
            paths,
            terms,
            Path(scratch),
            parents=[Path(path) for path in arguments.parents],
            memory=memory,
        )
        if checked.is_valid and terms.encoding == "utf-8":
            sources = publication.sources(checked.packages, FileHashes(memory).of)
            checked.problems += judge_packages(Path(scratch, "points.sqlite"), sources, memory)
    if arguments.json:
        write_report(arguments.json, checked.problems, arguments.lang, is_valid=checked.is_valid)
    rows = sum(checked.rows.values())
    if arguments.html:
        names = [package.name for package in checked.packages] or [Path(path).name for path in arguments.package]
        write_html_report(arguments.html, checked.problems, rows, names, arguments.lang, today(), publication)
    show_problems(checked.problems, arguments.lang)
    outcome = Said("validated-right") if checked.is_valid else Said("validated-faults")
    number = counted(checked.problems, arguments.lang)
    tell(arguments, Said("validated", rows=rows, faults=f"{number[:1].lower()}{number[1:]}", outcome=outcome))
    return ExitCode.DONE if checked.is_valid else ExitCode.DATA


def verify(arguments: argparse.Namespace) -> int:
    """Check what was published: checksums, signatures, and every number computed again from the downloads alone."""
    from nok.site.publication import read_publication
    from nok.site.verify import Trust, verify_place

    key = arguments.public_key.read_text("utf-8") if arguments.public_key else ""
    with TemporaryDirectory(prefix="nok-verify-") as scratch, Teller(arguments.lang) as teller:
        verified = verify_place(
            arguments.place,
            read_publication(arguments.config),
            Trust(public_key=key, requires_signature=arguments.require_signature),
            Path(scratch),
            jobs=arguments.jobs,
            tell=teller,
        )
    if arguments.json:
        write_report(arguments.json, verified.problems, arguments.lang, is_valid=verified.is_right)
    show_problems(verified.problems, arguments.lang)
    for note in verified.notes:
        tell(arguments, note)
    faults = len(verified.problems) + verified.more
    told = Said(
        "verified",
        place=arguments.place,
        releases=verified.releases,
        files=verified.files,
        signed=verified.signed,
        numbers=verified.numbers,
        organizations=verified.organizations,
        outcome=Said("verified-right") if verified.is_right else Said("verified-faults", number=faults),
    )
    tell(arguments, told)
    return ExitCode.DONE if verified.is_right else ExitCode.DATA


def signing_key(arguments: argparse.Namespace) -> int:
    """Make a key that signs data releases; `publication.yaml` names its file."""
    from nok.site.signing import make_signing_key

    name = make_signing_key(arguments.out)
    tell(arguments, Said("signing-key-made", name=name, place=arguments.out))
    return ExitCode.DONE


def serve(arguments: argparse.Namespace) -> int:
    """Serve the site and the widget on one origin."""
    from nok.site.assets import gather_assets
    from nok.site.publication import read_publication
    from widget.app import create_app
    from widget.directory import read_directory
    from widget.guard import GuardMode, Proxies
    from widget.server import check_exposure
    from widget.server import serve as run_server
    from widget.settings import Settings

    publication = read_publication(arguments.config)
    config, mode = publication.config, GuardMode(arguments.guard)
    check_exposure(mode, arguments.host)
    output = arguments.output or publication.root / config.output
    assets = gather_assets(publication.theme, publication.node_modules)
    settings = Settings(
        store=named_store(arguments, publication),
        directory=read_directory(publication.package_paths(arguments.packages), address_shards=config.address_shards),
        theme=publication.theme,
        own_words=publication.own_words,
        assets=assets.paths,
        asset_contents=assets.contents,
        today=today,
        site=output / "current",
        languages=config.languages,
        titles={"ru": config.title, "en": config.title_en},
        public_url=config.public_url,
        widget_url=config.widget_url,
        contact_email=config.contact_email,
        guard=mode,
        rules=publication.stuffing_rules(),
        rude_words=publication.rude_words(),
        log=write_line if arguments.log == "json" else None,
        trusted_proxies=Proxies(arguments.trusted_proxy),
        offline=arguments.offline == "on",
        criteria=config.asked_criteria,
        provider=sign_in_provider(config),
        questionnaires=publication.shown_questionnaires,
        reasons=publication.reasons,
        regions={region.region_code: region.name for region in publication.regions},
    )
    run_server(
        create_app(settings),
        arguments.host,
        arguments.port,
        listening=lambda host, port: tell(arguments, Said("listening", host=host, port=port)),
    )
    return ExitCode.DONE


def sign_in_provider(config: "Config") -> "Provider | None":
    """The provider of identities that the configuration names.

    Raises:
        ConfigError: it is named by half.
    """
    from nok.errors import ConfigError
    from widget.oidc import Provider, check_issuer

    secret = os.environ.get("SIGN_IN_SECRET", "")
    if not config.sign_in_issuer:
        return None
    check_issuer(config.sign_in_issuer)
    if not config.sign_in_client_id or not secret:
        raise ConfigError("sign-in-half")
    return Provider(
        issuer=config.sign_in_issuer,
        client_id=config.sign_in_client_id,
        client_secret=secret,
        callback=f"{config.widget_url}/desk/provider/back",
    )


def export(arguments: argparse.Namespace) -> int:
    """Write the accepted ratings of the widget's store into a data package."""
    from nok.site.publication import read_publication

    publication = read_publication(arguments.config)
    paths = publication.package_paths(arguments.packages)
    number = export_ratings(arguments, publication, paths, arguments.out)
    tell(arguments, Said("exported", place=arguments.out, number=number))
    return ExitCode.DONE


def export_ratings(
    arguments: argparse.Namespace, publication: "Publication", packages: Sequence[Path], out: Path
) -> int:
    """Writes the decided ratings of organisations in `packages`; how many there are."""
    from widget.directory import read_directory
    from widget.export import export_reviews

    known = read_directory(packages)
    store = named_store(arguments, publication)
    return export_reviews(
        store,
        out,
        organizations=known.organizations,
        assessments=known.assessments,
        step=publication.config.told_step,
    )


def backup(arguments: argparse.Namespace) -> int:
    """Save the store of ratings, also while it is served; keys of texts go beside all backups, only today's are kept."""
    from nok.site.publication import read_publication
    from widget.backup import back_up

    store = named_store(arguments, read_publication(arguments.config))
    report = back_up(store, arguments.out, today())
    tell(arguments, Said("saved", reviews=report.reviews, entries=report.entries, place=report.folder))
    return ExitCode.DONE


def restore(arguments: argparse.Namespace) -> int:
    """Bring a backup back to a place where no store is; what was erased since stays erased."""
    from nok.site.publication import read_publication
    from widget.backup import restore as restore_store

    store = named_store(arguments, read_publication(arguments.config))
    report = restore_store(arguments.backup, store, today())
    told = Said("restored", reviews=report.reviews, entries=report.entries, place=store, erased=report.erased)
    tell(arguments, told)
    return ExitCode.DONE


def audit(arguments: argparse.Namespace) -> int:
    """Check that nobody changed, dropped, swapped or cut off entries of the audit log, or rows behind its back."""
    from nok.site.publication import read_publication
    from widget.audit_check import verify

    store = named_store(arguments, read_publication(arguments.config))
    verdict = verify(store, arguments.export)
    for fault in verdict.faults[:SHOWN_PROBLEMS]:
        print(fault.sentence(arguments.lang), file=sys.stderr)
    if len(verdict.faults) > SHOWN_PROBLEMS:
        more = Said("files-more", number=len(verdict.faults) - SHOWN_PROBLEMS)
        print(more.sentence(arguments.lang), file=sys.stderr)
    found = Said("audited-faults", number=len(verdict.faults)) if verdict.faults else Said("audited-right")
    tell(arguments, Said("audited", entries=verdict.entries, head=verdict.head, found=found))
    return ExitCode.DATA if verdict.faults else ExitCode.DONE


def accounts(arguments: argparse.Namespace) -> int:
    """Invite people to the moderation desk, list who may sign in, or close an account."""
    from nok.site.publication import read_publication
    from widget.account_commands import close_account, invite_account, list_accounts

    publication = read_publication(arguments.config)
    store = named_store(arguments, publication)
    if arguments.what == "list":
        found = list_accounts(store)
        say("\n".join(found) if found else Said("accounts-none").sentence(arguments.lang))
        return ExitCode.DONE
    if not arguments.login:
        raise UsageError("login-needed", what=arguments.what)
    if arguments.what == "close":
        close_account(store, arguments.login, today())
        tell(arguments, Said("account-closed", login=arguments.login))
        return ExitCode.DONE
    path = invite_account(
        store, arguments.login, arguments.role, arguments.organization, arguments.region, time.time(), today()
    )
    address = f"{publication.config.widget_url}/{path}"
    tell(arguments, Said("account-invited", login=arguments.login, role=arguments.role, address=address))
    return ExitCode.DONE


def named_store(arguments: argparse.Namespace, publication: "Publication") -> "StorePlace":
    """The store that `--store`, `DATABASE_URL` or the publication names."""
    from widget.engines import store_place

    default = publication.root / publication.config.store
    store = arguments.store or os.environ.get("DATABASE_URL") or default
    is_server = "://" in str(store)
    return store_place(store, arguments.key or (default.with_name("store.key") if is_server else None))


def invitations(arguments: argparse.Namespace) -> int:
    """Make invitations: links or printed cards that let one visitor rate one organisation once."""
    from nok.site.invitation_sheet import Card, print_invitations
    from nok.site.publication import read_publication
    from widget.directory import read_directory
    from widget.invitation_command import make_invitations, write_links
    from widget.keys import read_key

    kind = arguments.out.suffix.lower()
    if kind not in (".csv", ".pdf"):
        raise UsageError("invitations-ending", place=arguments.out)
    publication = read_publication(arguments.config)
    directory = read_directory(publication.package_paths(arguments.packages))
    key = read_key(named_store(arguments, publication).key_file)
    made = make_invitations(key, directory, arguments.organization, arguments.number, arguments.days, time.time())
    if kind == ".csv":
        content = write_links(made, publication.config.widget_url).encode()
    else:
        cards = [Card(one.organization_id, one.name, str(one.number), one.token, one.until) for one in made]
        content = print_invitations(cards, publication, arguments.language)
    write_private(arguments.out, content)
    tell(arguments, Said("invited", place=arguments.out, number=len(made), until=made[0].until))
    return ExitCode.DONE


def posters(arguments: argparse.Namespace) -> int:
    """Make posters, plates and stickers for information stands: a PDF, a ZIP of them, or the bare codes."""
    from nok.site.print_run import PrintRun, print_posters

    with Teller(arguments.lang) as teller:
        printed = print_posters(
            PrintRun(
                config_file=arguments.config,
                packages=arguments.packages,
                organizations=arguments.organization,
                regions=arguments.region,
                everything=arguments.all,
                codes=[code.upper() for code in arguments.placement],
                has_placements=arguments.placements,
                batch=arguments.batch,
                format=arguments.format,
                sheet=arguments.sheet,
                languages=[language.strip() for language in arguments.languages.split(",") if language.strip()],
                responsible=arguments.responsible,
                is_black=arguments.black,
                is_cut=arguments.marks,
                offset=arguments.offset,
                skip=arguments.skip,
                is_calibration=arguments.calibration,
                has_contents=not arguments.no_contents,
                changed_since=arguments.changed_since,
                output=arguments.output,
                jobs=arguments.jobs,
                out=arguments.out,
                today=today(),
            ),
            teller,
        )
    if arguments.calibration:
        tell(arguments, Said("calibrated", place=arguments.out))
        return ExitCode.DONE
    wrote = Said("printed", number=printed.posters, place=arguments.out)
    tell(arguments, Said("printed-one", place=arguments.out) if printed.posters == 1 else wrote)
    if printed.proved:
        tell(arguments, Said("printed-proved", number=printed.proved))
    if printed.unchanged:
        tell(arguments, Said("printed-unchanged", number=printed.unchanged))
    if printed.closed:
        tell(arguments, Said("printed-closed", number=printed.closed))
    return ExitCode.DONE


def placements(arguments: argparse.Namespace) -> int:
    """Keep the ledger of printed codes: add, list, move, close, replace."""
    from nok.site.placement_command import change_placements, list_placements

    if arguments.action == "list":
        for line in list_placements(arguments.config, arguments.packages, arguments.organization, arguments.state):
            say(line)
        return ExitCode.DONE
    rows, told = change_placements(placement_change(arguments))
    for row in rows:
        say(row)
    tell(arguments, told)
    return ExitCode.DONE


def placement_change(arguments: argparse.Namespace) -> "PlacementChange":
    """What the command line asks to be done with codes."""
    from nok.site.placement_command import PlacementChange

    given = vars(arguments)
    return PlacementChange(
        action=arguments.action,
        config_file=arguments.config,
        packages=arguments.packages,
        package=arguments.package,
        code=given.get("code", ""),
        organizations=given.get("organization", ()),
        source=given.get("source"),
        place=given.get("place") or "",
        language=given.get("language", ""),
        responsible=given.get("responsible", ""),
        batch=given.get("batch", ""),
        printed_on=given.get("printed_on") or today(),
        today=today(),
    )


def import_(arguments: argparse.Namespace) -> int:
    """Turn a foreign table into a data package by a mapping, and check the result."""
    from nok.packages.mapping import describe, import_table

    report = import_table(arguments.mapping, arguments.source, arguments.out)
    say(describe(report, arguments.lang))
    return report.exit_code


def merge(arguments: argparse.Namespace) -> int:
    """Make one package of several by the keys of their rows; what contradicts is told with both places."""
    from nok.packages.merge import merge_packages
    from nok.site.publication import read_publication

    publication = read_publication(arguments.config)
    terms = publication.terms(today())
    paths = publication.package_paths(arguments.package)
    try:
        with TemporaryDirectory(prefix="nok-merge-") as scratch:
            done = merge_packages(
                paths, arguments.out, terms, Path(scratch), name=arguments.name, title=arguments.title
            )
    except DataError as error:
        if arguments.json:
            write_report(arguments.json, error.problems, arguments.lang, is_valid=False)
        show_problems(error.problems, arguments.lang)
        tell(arguments, Said("merged-nothing", number=len(error.problems)))
        return error.exit_code
    if arguments.json:
        write_report(arguments.json, done.warnings, arguments.lang, is_valid=True)
    show_problems(done.warnings, arguments.lang)
    told = Said(
        "merged",
        packages=done.packages,
        rows=done.rows,
        repeated=done.repeated,
        pictures=done.pictures,
        place=arguments.out,
    )
    tell(arguments, told)
    return ExitCode.DONE


def worklist(arguments: argparse.Namespace) -> int:
    """Write whom an operator must visit in a round, and who was visited, as CSV and GeoJSON."""
    from nok.packages.check import check_packages
    from nok.packages.worklist import work_list, work_list_csv, work_list_geojson
    from nok.site.publication import read_publication

    publication = read_publication(arguments.config)
    paths = publication.package_paths(arguments.packages)
    terms = publication.terms(today())
    with TemporaryDirectory(prefix="nok-worklist-") as scratch:
        checked = check_packages(paths, terms, Path(scratch))
        if not checked.is_valid:
            raise DataError(checked.problems)
        stops = work_list(checked.packages, arguments.assessment, arguments.roster)
    name = f"{arguments.assessment}.worklist"
    write_bytes(arguments.out / f"{name}.csv", work_list_csv(stops))
    write_bytes(arguments.out / f"{name}.geojson", work_list_geojson(stops))
    seen, placed = sum(stop.is_observed for stop in stops), sum(bool(stop.latitude) for stop in stops)
    told = Said(
        "worklist",
        number=len(stops),
        seen=seen,
        left=len(stops) - seen,
        unplaced=len(stops) - placed,
        name=name,
        place=arguments.out,
    )
    tell(arguments, told)
    return ExitCode.DONE


def questionnaire(arguments: argparse.Namespace) -> int:
    """Write the schema and the XLSForm of a questionnaire, or check a table of filled ones."""
    from nok.packages.filled_forms import check_filled_forms
    from nok.questionnaire import answers_schema
    from nok.render.xlsform import xlsform_bytes
    from nok.site.publication import read_publication

    publication = read_publication(arguments.config)
    form = publication.questionnaires.get(arguments.id)
    if form is None:
        names = list(publication.questionnaires)
        raise UsageError(
            "questionnaire-unknown", name=arguments.id, similar=nearest(arguments.id, names), known=", ".join(names)
        )
    languages = publication.config.languages
    title = form.title["ru" if arguments.lang == "ru" and "ru" in form.title else languages[-1]]
    about = {"version": form.version, "questions": len(form.questions), "digest": form.digest}
    tell(arguments, Said("questionnaire", name=form.id, title=title, **about))
    if arguments.out:
        text = json.dumps(answers_schema(form, languages[0]), ensure_ascii=False, indent=2)
        write_bytes(arguments.out / "answers.schema.json", f"{text}\n".encode())
        write_bytes(arguments.out / f"{form.id}.xlsx", xlsform_bytes(form, languages))
        files = ("answers.schema.json", f"{form.id}.xlsx")
        tell(arguments, Said("questionnaire-written", files=files, place=arguments.out))
    if not arguments.check:
        return ExitCode.DONE
    forms, problems = check_filled_forms(arguments.check, form)
    if arguments.json:
        write_report(arguments.json, problems, arguments.lang, is_valid=not problems)
    show_problems(problems, arguments.lang)
    outcome = Said("forms-faults") if problems else ""
    tell(arguments, Said("forms-checked", forms=forms, number=len(problems), outcome=outcome))
    return ExitCode.DATA if problems else ExitCode.DONE


def deploy(arguments: argparse.Namespace) -> int:
    """Put the published site where visitors read it: only what changed, in an order that keeps them whole."""
    from nok.site.deploy import deploy as deploy_site
    from nok.site.publication import read_publication

    output = arguments.output
    if output is None:
        publication = read_publication(arguments.config)
        output = publication.root / publication.config.output
    try:
        with Teller(arguments.lang) as teller:
            done = deploy_site(
                arguments.target,
                output,
                dry_run=arguments.dry_run,
                precompressed=arguments.precompressed,
                tell=teller.say,
            )
    except KeyboardInterrupt as stopped:
        raise type(stopped)(Said("stopped-deploy")) from stopped
    show_deployed(done, arguments)
    return ExitCode.DONE


def init(arguments: argparse.Namespace) -> int:
    """Write the configuration of a new publication and a folder for its packages."""
    from nok.config import Config
    from nok.site.new_publication import write_publication

    defaults = Config()
    file = write_publication(
        arguments.folder,
        title=defaults.title if arguments.title is None else arguments.title,
        title_en=defaults.title_en if arguments.title_en is None else arguments.title_en,
        public_url=arguments.public_url or defaults.public_url,
        widget_url=arguments.widget_url or "",
        languages=[language.strip() for language in arguments.languages.split(",")],
        address_shards=arguments.shards,
    )
    packages = arguments.folder / "data_packages"
    tell(arguments, Said("initialized", file=file, packages=packages))
    return ExitCode.DONE


def demo(arguments: argparse.Namespace) -> int:
    """Write the demonstration package: one fictitious region with invented organisations."""
    from nok.demonstration.package import write_demonstration

    write_demonstration(arguments.out, arguments.seed)
    tell(arguments, Said("demonstrated", place=arguments.out))
    return ExitCode.DONE


COMMANDS: Mapping[str, Run] = {
    "build": build,
    "watch": watch,
    "releases": releases,
    "rollback": rollback,
    "validate": validate,
    "verify": verify,
    "signing-key": signing_key,
    "serve": serve,
    "export": export,
    "backup": backup,
    "restore": restore,
    "audit": audit,
    "accounts": accounts,
    "invitations": invitations,
    "posters": posters,
    "placements": placements,
    "import": import_,
    "merge": merge,
    "worklist": worklist,
    "questionnaire": questionnaire,
    "deploy": deploy,
    "init": init,
    "demo": demo,
}


def make_parser() -> Parser:
    """The parser of all commands."""
    return parser_of(COMMANDS)


def today() -> date:
    """The day of this run: `SOURCE_DATE_EPOCH` where it is set, so that a build can be repeated."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if not epoch:
        return datetime.now(UTC).date()
    if not epoch.isdigit() or int(epoch) > 4_102_444_800:
        raise UsageError("epoch", epoch=epoch)
    return datetime.fromtimestamp(int(epoch), UTC).date()


class Terminated(KeyboardInterrupt):
    """SIGTERM came; it ends a command as Ctrl-C does, but for the exit code."""


@contextmanager
def ending_on_sigterm() -> Iterator[None]:
    """Within, SIGTERM raises `Terminated`, so that files are closed, workers end, and the person is told."""

    def end(_number: int, _frame: FrameType | None) -> None:
        raise Terminated

    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may ask for signals
        return
    former = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, former)


def refused_import(error: ImportError) -> tuple[Said, ExitCode]:
    """A library that is not there, or is and cannot be loaded: for want of memory, or because its installation is broken."""
    if isinstance(error, ModuleNotFoundError):
        return Said("library-absent", name=error.name), ExitCode.USER
    if "failed to map segment" in str(error):  # what the loader says when it gets no memory
        return Said("memory-out"), ExitCode.STORAGE
    return Said("library-broken", reason=error), ExitCode.USER


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; the exit code. Only our own bugs leave a traceback."""
    given = sys.argv[1:] if arguments is None else arguments
    language = language_of(given)
    gc.set_threshold(ALLOCATIONS_BETWEEN_COLLECTIONS)
    try:
        parsed = make_parser().parse_args(given)
        with ending_on_sigterm():
            return int(parsed.run(parsed))
    except DataError as error:
        show_data_error(error, parsed)
        return error.exit_code
    except NokError as error:
        print(harmless(error.sentence(language)), file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt as stopped:
        print(told_of_stop(stopped, language), file=sys.stderr)
        return 143 if isinstance(stopped, Terminated) else 130
    except MemoryError:
        print(Said("memory-out").sentence(language), file=sys.stderr)
        return ExitCode.STORAGE
    except ImportError as error:
        said, code = refused_import(error)
        print(said.sentence(language), file=sys.stderr)
        return code
    except OSError as error:
        print(Said("system-refused", reason=error).sentence(language), file=sys.stderr)
        return ExitCode.STORAGE
    except Exception:  # noqa: BLE001 - the edge of the program: whatever is left is our own bug
        traceback.print_exc()
        print(Said("bug").sentence(language), file=sys.stderr)
        return ExitCode.BUG


if __name__ == "__main__":
    sys.exit(main())
