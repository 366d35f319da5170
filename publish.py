#!/usr/bin/env python3
"""The command line: one short function a command; errors become sentences and exit codes.

Heavy libraries are imported inside the commands that need them, so that `--help` answers at once.
"""

import argparse
import gc
import json
import os
import re
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import TYPE_CHECKING, Self

from nok.documents import nearest
from nok.errors import DataError, ExitCode, NokError, Problem, Said, StorageError, UsageError
from nok.messages import advice, as_json, harmless, message, place

if TYPE_CHECKING:
    from nok.config import Config
    from nok.site.deploy import Deployed
    from nok.site.explain import Explanation
    from nok.site.gather import Report
    from nok.site.output import Output
    from nok.site.placement_command import PlacementChange
    from nok.site.progress import Profile, Stage
    from nok.site.publication import Publication
    from widget.engines import StorePlace
    from widget.oidc import Provider

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
"""Nobody here multiplies matrices; where memory is short, that library's threads would end the program by a signal."""

LANGUAGES = ("ru", "en")
"""Languages of what a person is told; the first unless `--lang` names the other."""

SHOWN_PROBLEMS = 20
"""So many problems of a file are shown on the screen; the JSON report has all."""

COLLECTED = Path("data_packages", "ratings")
"""Where `build --collect` puts the package of ratings, below the folder of the publication."""

ALLOCATIONS_BETWEEN_COLLECTIONS = 50_000
"""While libraries are imported, looking for circles among what they bring takes a tenth of the time and finds nothing."""

SHOWN_FILES = 20
"""So many files are named on the screen where a deploy only says what it would do."""


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
        write_html_report(arguments.html, checked.problems, rows, names, arguments.lang, publication)
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


# ---- the parser ----------------------------------------------------------------------------------------------------


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


def _language(arguments: Sequence[str]) -> str:
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


def make_parser() -> Parser:
    """All commands and options (design: command line)."""
    parser = Parser(prog="publish.py", description="From data packages to a site, posters and a widget.")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True, parser_class=Parser)
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


Commands = argparse._SubParsersAction  # noqa: SLF001 - argparse has no public name for it


def _add(
    commands: "Commands[Parser]", name: str, run: object, *, with_config: bool = True, with_packages: bool = True
) -> Parser:
    parser = commands.add_parser(name, help=run.__doc__, description=run.__doc__)
    parser.set_defaults(run=run)
    parser.add_argument("--lang", choices=LANGUAGES, default=LANGUAGES[0], help="language of messages and reports (ru)")
    if with_config:
        parser.add_argument("--config", type=Path, metavar="FILE", help="the publication (content/publication.yaml)")
    if with_packages:
        parser.add_argument(
            "--packages",
            action="append",
            default=[],
            metavar="DIR",
            help="a data package, folder or ZIP; repeatable; replaces the list of the publication",
        )
    return parser


def _add_build(commands: "Commands[Parser]") -> None:
    parser = _add(commands, "build", build)
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


def _add_watch(commands: "Commands[Parser]") -> None:
    parser = _add(commands, "watch", watch)
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


def _add_releases(commands: "Commands[Parser]") -> None:
    for name, run in (("releases", releases), ("rollback", rollback)):
        parser = _add(commands, name, run, with_packages=False)
        parser.add_argument("--output", type=Path, metavar="DIR", help="the output of build (output)")
        parser.add_argument("--state", type=Path, metavar="DIR", help="what the program remembers (<output>.state)")
        if name == "rollback":
            parser.add_argument("build", nargs="?", metavar="BUILD", help="a build of `releases` (the one before)")


def _add_validate(commands: "Commands[Parser]") -> None:
    parser = _add(commands, "validate", validate, with_packages=False)
    parser.add_argument("package", nargs="+", metavar="PACKAGE", help="packages to check together")
    parser.add_argument(
        "--with", dest="parents", action="append", default=[], metavar="PACKAGE", help="serves as parent only"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the report as JSON")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write the report as a page that can be sent")
    parser.add_argument("--no-cache", action="store_true", help="check again what was checked before")
    parser.add_argument("--encoding", default="utf-8", metavar="NAME", help="encoding of the tables (utf-8)")
    parser.add_argument("--allow-empty", action="store_true", help="a table of organisations may be empty")


def _add_serve(commands: "Commands[Parser]") -> None:
    parser = _add(commands, "serve", serve)
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


def _add_export(commands: "Commands[Parser]") -> None:
    parser = _add(commands, "export", export)
    _add_store(parser)
    parser.add_argument("--out", type=Path, required=True, metavar="PACKAGE", help="the package to write")


def _add_keeping(commands: "Commands[Parser]") -> None:
    parser = _add(commands, "backup", backup, with_packages=False)
    _add_store(parser)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="the folder of all backups")
    parser = _add(commands, "restore", restore, with_packages=False)
    parser.add_argument("backup", type=Path, metavar="BACKUP", help="one folder that `backup` made")
    _add_store(parser)
    parser = _add(commands, "audit", audit, with_packages=False)
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


def _add_accounts(commands: "Commands[Parser]") -> None:
    parser = _add(commands, "accounts", accounts, with_packages=False)
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


def _add_invitations(commands: "Commands[Parser]") -> None:
    parser = _add(commands, "invitations", invitations)
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


def _add_posters(commands: "Commands[Parser]") -> None:
    parser = _add(commands, "posters", posters)
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


def _add_placements(commands: "Commands[Parser]") -> None:
    parser = commands.add_parser("placements", help=placements.__doc__, description=placements.__doc__)
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True, parser_class=Parser)
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


def _add_action(
    actions: "Commands[Parser]", name: str, said: str, *, with_package: bool = True
) -> Callable[..., object]:
    parser = _add(actions, name, placements)
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


def _add_import(commands: "Commands[Parser]") -> None:
    parser = _add(commands, "import", import_, with_config=False, with_packages=False)
    parser.add_argument("--mapping", type=Path, required=True, metavar="FILE", help="how columns become fields (YAML)")
    parser.add_argument("--source", type=Path, required=True, metavar="FILE", help="CSV, XLSX or JSON, or its folder")
    parser.add_argument("--out", type=Path, required=True, metavar="PACKAGE", help="the package to write")


def _add_merge(commands: "Commands[Parser]") -> None:
    parser = _add(commands, "merge", merge, with_packages=False)
    parser.add_argument("package", nargs="+", metavar="PACKAGE", help="packages to make one of")
    parser.add_argument("--out", type=Path, required=True, metavar="PACKAGE", help="the package to write")
    parser.add_argument("--name", default="", metavar="NAME", help="its name (that of its folder)")
    parser.add_argument("--title", default="", metavar="TEXT", help="its title (those of the packages)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the report as JSON, conflicts in it")


def _add_worklist(commands: "Commands[Parser]") -> None:
    parser = _add(commands, "worklist", worklist)
    parser.add_argument("--assessment", required=True, metavar="ID", help="the round to be observed")
    parser.add_argument("--roster", default="", metavar="ID", help="a list of its council (those of its year)")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where the two files are written")


def _add_questionnaire(commands: "Commands[Parser]") -> None:
    parser = _add(commands, "questionnaire", questionnaire, with_packages=False)
    parser.add_argument("id", metavar="ID", help="a questionnaire of the publication")
    parser.add_argument("--out", type=Path, metavar="DIR", help="write the schema of the answers and the XLSForm here")
    parser.add_argument("--check", type=Path, metavar="FILE", help="check a CSV of filled forms, one a row")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the report of the check as JSON")


def _add_deploy(commands: "Commands[Parser]") -> None:
    parser = _add(commands, "deploy", deploy, with_packages=False)
    parser.add_argument("target", metavar="TARGET", help="folder:/path, rsync:user@host:/path or s3://bucket/prefix")
    parser.add_argument("--output", type=Path, metavar="DIR", help="the output of build (output)")
    parser.add_argument("--dry-run", action="store_true", help="say what would be done; write nothing")
    parser.add_argument("--precompressed", action="store_true", help="s3:// only: pages, styles, scripts kept as gzip")


def _add_verify(commands: "Commands[Parser]") -> None:
    parser = _add(commands, "verify", verify, with_packages=False)
    parser.add_argument(
        "place", metavar="DIR-or-URL", help="a built site (`output/current`) or one release, here or on the web"
    )
    parser.add_argument("--require-signature", action="store_true", help="what is not signed is a fault")
    parser.add_argument(
        "--public-key", type=Path, metavar="FILE", help="the key to trust (the one that the site shows)"
    )
    parser.add_argument("--jobs", type=_jobs, metavar="N", help="worker processes (one for each processor)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the report as JSON")


def _add_signing_key(commands: "Commands[Parser]") -> None:
    parser = _add(commands, "signing-key", signing_key, with_config=False, with_packages=False)
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="where the key is written")


def _add_init(commands: "Commands[Parser]") -> None:
    parser = _add(commands, "init", init, with_config=False, with_packages=False)
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


def _add_demo(commands: "Commands[Parser]") -> None:
    parser = _add(commands, "demo", demo, with_config=False, with_packages=False)
    parser.add_argument("--out", type=Path, required=True, metavar="PACKAGE", help="the package to write")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="another number invents another region (1)")


def _jobs(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 256:
        raise UsageError("value-jobs", value=text)
    return number


# ---- what people see -----------------------------------------------------------------------------------------------


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
    is_build = arguments.run in (build, watch)
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
    publication: "Publication",
) -> None:
    """The report of a check as one page in `language`, whatever the languages of the publication."""
    from nok.render.check_report import render_check_report
    from nok.templating import read_words

    words = read_words(publication.theme / "words", language)
    write_text(path, render_check_report(problems, rows, packages, words, today(), publication.theme))


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
    language = _language(given)
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
