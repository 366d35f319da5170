"""The house rules that a machine can hold: floors, purity, doors, and the size of a function.

Each rule is a function from source text to sentences, so that the second half of this file can show each of them
failing on a few lines of bad code. Imports inside functions count like any other.
"""

import ast
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

FLOORS: Mapping[str, tuple[int, int]] = {
    # words: standard library only
    "nok/error_words.py": (0, 0),
    "nok/told_words.py": (0, 0),
    "nok/errors.py": (0, 1),
    "nok/records.py": (0, 0),
    "nok/identifiers.py": (0, 0),
    "nok/latin.py": (0, 0),
    "nok/urls.py": (0, 1),
    "nok/messages.py": (0, 2),
    # rules, which are pure
    "nok/documents.py": (1, 0),
    "nok/vocabulary.py": (1, 1),
    "nok/search_text.py": (1, 0),
    "nok/settlements.py": (1, 0),
    "nok/links.py": (1, 2),
    "nok/config.py": (1, 2),
    "nok/formula.py": (1, 2),
    "nok/placements.py": (1, 0),
    "nok/print_formats.py": (1, 2),
    "nok/variants.py": (1, 3),
    "nok/method.py": (1, 4),
    "nok/arithmetic.py": (1, 3),
    "nok/scoring_inputs.py": (1, 5),
    "nok/scoring.py": (1, 6),
    "nok/scoring_verdicts.py": (1, 7),
    "nok/scoring_fast.py": (1, 7),
    "nok/evidence.py": (1, 8),
    "nok/questionnaire.py": (1, 3),
    "nok/questionnaire_file.py": (1, 5),
    "nok/ranking.py": (1, 3),
    "nok/statistics.py": (1, 3),
    "nok/privacy.py": (1, 4),
    "nok/stuffing.py": (1, 1),
    "nok/sampling.py": (1, 5),
    "nok/personal_data.py": (1, 0),
    "nok/rude_words.py": (1, 2),
    "nok/picture_heads.py": (1, 0),
    # border: where text becomes records and records become text
    "nok/json_text.py": (2, 0),
    "nok/pictures.py": (2, 0),
    "nok/minisign.py": (2, 0),
    "nok/packages/hashes.py": (2, 0),
    "nok/packages/profile.py": (2, 0),
    "nok/packages/read.py": (2, 1),
    "nok/packages/write.py": (2, 1),
    "nok/packages/archive.py": (2, 2),
    "nok/packages/fields.py": (2, 1),
    "nok/packages/evidence.py": (2, 2),
    "nok/packages/appeals.py": (2, 2),
    "nok/packages/filled_forms.py": (2, 2),
    "nok/packages/keys.py": (2, 1),
    "nok/packages/plain_descriptor.py": (2, 1),
    "nok/packages/guesses.py": (2, 2),
    "nok/packages/exact.py": (2, 2),
    "nok/packages/parties.py": (2, 2),
    "nok/packages/rules.py": (2, 3),
    "nok/packages/visible.py": (2, 3),
    "nok/packages/blocks.py": (2, 0),
    "nok/packages/threads.py": (2, 0),
    "nok/memory.py": (2, 0),
    "nok/packages/delta.py": (2, 3),
    "nok/packages/segments.py": (2, 2),
    "nok/packages/agreement.py": (2, 3),
    "nok/packages/visits.py": (2, 3),
    "nok/packages/fieldwork.py": (2, 4),
    "nok/packages/verdicts.py": (2, 4),
    "nok/packages/course.py": (2, 3),
    "nok/packages/columns.py": (2, 4),
    "nok/packages/table.py": (2, 5),
    "nok/packages/check.py": (2, 6),
    "nok/packages/merge.py": (2, 7),
    "nok/packages/worklist.py": (2, 4),
    "nok/packages/foreign.py": (2, 2),
    "nok/packages/cells.py": (2, 3),
    "nok/packages/mapping_file.py": (2, 4),
    "nok/packages/import_report.py": (2, 4),
    "nok/packages/mapping.py": (2, 5),
    "nok/storage.py": (2, 0),
    "nok/template_code.py": (2, 0),
    "nok/template_shelf.py": (2, 0),
    "nok/templating.py": (2, 1),
    "nok/warehouse_pack.py": (3, 0),
    "nok/warehouse_derive.py": (3, 1),
    "nok/warehouse_course.py": (3, 1),
    "nok/warehouse_parse.py": (3, 1),
    "nok/warehouse_facts.py": (3, 2),
    "nok/warehouse.py": (3, 3),
    "nok/warehouse_rows.py": (3, 4),
    "nok/search_store.py": (3, 3),
    "nok/warehouse_parties.py": (3, 4),
    "nok/warehouse_update.py": (3, 5),
    "nok/warehouse_load.py": (3, 6),
    "nok/warehouse_flags.py": (3, 7),
    "nok/demonstration/words.py": (3, 0),
    "nok/demonstration/places.py": (3, 0),
    "nok/demonstration/reviews.py": (3, 1),
    "nok/demonstration/school.py": (3, 2),
    "nok/demonstration/organizations.py": (3, 3),
    "nok/demonstration/scores.py": (3, 4),
    "nok/demonstration/evidence.py": (3, 5),
    "nok/demonstration/pictures.py": (3, 0),
    "nok/demonstration/course.py": (3, 5),
    "nok/demonstration/parties.py": (3, 5),
    "nok/demonstration/field.py": (3, 6),
    "nok/demonstration/sent.py": (3, 3),
    "nok/demonstration/package.py": (3, 7),
    "nok/model.py": (4, 0),
    "nok/compose/kept.py": (4, 0),
    "nok/compose/edition.py": (4, 1),
    "nok/compose/evidence.py": (4, 2),
    "nok/compose/formulas.py": (4, 2),
    "nok/compose/aggregates.py": (4, 2),
    "nok/compose/appeals.py": (4, 2),
    "nok/compose/embed.py": (4, 2),
    "nok/compose/observed.py": (4, 2),
    "nok/compose/assessment.py": (4, 3),
    "nok/compose/history.py": (4, 4),
    "nok/compose/marking.py": (4, 2),
    "nok/compose/place.py": (4, 2),
    "nok/compose/kin.py": (4, 4),
    "nok/compose/feeds.py": (4, 5),
    "nok/compose/poster.py": (4, 4),
    "nok/compose/reviews.py": (4, 2),
    "nok/compose/questionnaire.py": (4, 2),
    "nok/compose/course.py": (4, 4),
    "nok/compose/lists.py": (4, 5),
    "nok/compose/organization.py": (4, 6),
    "nok/compose/indicators.py": (4, 6),
    "nok/compose/ratings.py": (4, 6),
    "nok/compose/reports.py": (4, 6),
    "nok/compose/parties.py": (4, 7),
    "nok/compose/changelog.py": (4, 2),
    "nok/compose/api.py": (4, 2),
    "nok/compose/catalogue.py": (4, 7),
    "nok/compose/open_data.py": (4, 7),
    "nok/compose/passport.py": (4, 7),
    "nok/compose/choosing.py": (4, 6),
    # one artefact each
    "nok/render/aggregates.py": (5, 0),
    "nok/render/api.py": (5, 1),
    "nok/render/openapi.py": (5, 0),
    "nok/render/pages.py": (5, 0),
    "nok/render/ratings.py": (5, 0),
    "nok/render/feeds.py": (5, 0),
    "nok/render/reports.py": (5, 0),
    "nok/render/badges.py": (5, 0),
    "nok/render/check_report.py": (5, 0),
    "nok/render/cabinet.py": (5, 0),
    "nok/render/twins.py": (5, 0),
    "nok/render/maps.py": (5, 0),
    "nok/render/qr.py": (5, 0),
    "nok/render/paper.py": (5, 0),
    "nok/render/proof.py": (5, 0),
    "nok/render/setting.py": (5, 1),
    "nok/render/posters.py": (5, 2),
    "nok/render/contents_sheet.py": (5, 2),
    "nok/render/downloads.py": (5, 1),
    "nok/render/forms_tables.py": (5, 0),
    "nok/render/forms_parquet.py": (5, 1),
    "nok/render/forms_geojson.py": (5, 1),
    "nok/render/forms_sqlite.py": (5, 1),
    "nok/render/forms_excel.py": (5, 1),
    "nok/render/forms_shards.py": (5, 1),
    "nok/render/forms_visible.py": (5, 1),
    "nok/render/dictionary.py": (5, 1),
    "nok/render/data_catalogue.py": (5, 0),
    "nok/render/open_data_passport.py": (5, 1),
    "nok/render/xlsform.py": (5, 0),
    "nok/render/catalogue.py": (5, 0),
    "nok/render/search.py": (5, 0),
    "nok/site/files.py": (6, 0),
    "nok/site/forms.py": (6, 0),
    "nok/site/progress.py": (6, 0),
    "nok/site/invitation_sheet.py": (6, 2),
    "nok/site/deploy_plan.py": (6, 0),
    "nok/site/manifest.py": (6, 1),
    "nok/site/assets.py": (6, 1),
    "nok/site/editorial.py": (6, 1),
    "nok/site/twin_shelf.py": (6, 1),
    "nok/site/publication.py": (6, 1),
    "nok/site/new_publication.py": (6, 1),
    "nok/site/pelican_site.py": (6, 2),
    "nok/site/signing.py": (6, 2),
    "nok/site/licences.py": (6, 0),
    "nok/site/deltas.py": (6, 2),
    "nok/site/feed.py": (6, 1),
    "nok/site/changelog.py": (6, 1),
    "nok/site/sums.py": (6, 0),
    "nok/site/rounds.py": (6, 0),
    "nok/site/rules.py": (6, 2),
    "nok/site/withdrawal.py": (6, 1),
    "nok/site/deploy_source.py": (6, 1),
    "nok/site/deploy_folder.py": (6, 2),
    "nok/site/deploy_rsync.py": (6, 2),
    "nok/site/deploy_s3.py": (6, 2),
    "nok/site/inputs.py": (6, 2),
    "nok/site/search_files.py": (6, 1),
    "nok/site/output.py": (6, 2),
    "nok/site/deploy.py": (6, 3),
    "nok/site/explain.py": (6, 3),
    "nok/site/purge.py": (6, 3),
    "nok/site/orders.py": (6, 0),
    "nok/site/worker.py": (6, 3),
    "nok/site/makers/api.py": (6, 4),
    "nok/site/makers/feeds.py": (6, 4),
    "nok/site/makers/indicators.py": (6, 4),
    "nok/site/makers/lists.py": (6, 5),
    "nok/site/makers/maps.py": (6, 4),
    "nok/site/makers/organizations.py": (6, 4),
    "nok/site/makers/parties.py": (6, 4),
    "nok/site/makers/pictures.py": (6, 4),
    "nok/site/makers/questionnaires.py": (6, 4),
    "nok/site/makers/ratings.py": (6, 4),
    "nok/site/makers/reports.py": (6, 4),
    "nok/site/makers/search.py": (6, 4),
    "nok/site/tasks.py": (6, 6),
    "nok/site/crew.py": (6, 7),
    "nok/site/data_store.py": (6, 8),
    "nok/site/open_data.py": (6, 9),
    "nok/site/pages.py": (6, 10),
    "nok/site/gather.py": (6, 4),
    "nok/site/cutting.py": (6, 9),
    "nok/site/filling.py": (6, 11),
    "nok/site/fill.py": (6, 12),
    "nok/site/build.py": (6, 13),
    "nok/site/fetch.py": (6, 1),
    "nok/site/recompute.py": (6, 8),
    "nok/site/verify.py": (6, 9),
    "nok/site/placements.py": (6, 0),
    "nok/site/placement_command.py": (6, 2),
    "nok/site/print_job.py": (6, 4),
    "nok/site/print_choice.py": (6, 5),
    "nok/site/print_run.py": (6, 8),
    # the widget has floors of its own, above what it may borrow from nok/
    "widget/submission.py": (7, 0),
    "widget/proof.py": (7, 0),
    "widget/invitations.py": (7, 0),
    "widget/guard.py": (7, 0),
    "widget/keys.py": (7, 0),
    "widget/likeness.py": (7, 0),
    "widget/moderation.py": (7, 0),
    "widget/photo_worker.py": (7, 0),
    "widget/photos.py": (7, 1),
    "widget/writer.py": (7, 0),
    "widget/mailbox.py": (7, 0),
    "widget/audit.py": (7, 0),
    "widget/sealing.py": (7, 0),
    "widget/oidc.py": (7, 0),
    "widget/totp_picture.py": (7, 0),
    "widget/directory.py": (7, 0),
    "widget/release.py": (7, 0),
    "widget/journal.py": (7, 0),
    "widget/scans.py": (7, 1),
    "widget/tables.py": (7, 1),
    "widget/migrations/versions/v0001_ratings.py": (7, 1),
    "widget/migrations/versions/v0002_form_counts.py": (7, 1),
    "widget/migrations/versions/v0003_desk.py": (7, 1),
    "widget/migrations/versions/v0005_invitations.py": (7, 1),
    "widget/migrations/versions/v0004_photos.py": (7, 1),
    "widget/migrations/versions/v0006_appeals.py": (7, 2),
    "widget/migrations/steps.py": (7, 1),
    "widget/migrations/versions/v0007_notes.py": (7, 2),
    "widget/form_counts.py": (7, 2),
    "widget/engines.py": (7, 2),
    "widget/ledger.py": (7, 2),
    "widget/settings.py": (7, 3),
    "widget/replies.py": (7, 3),
    "widget/reports.py": (7, 3),
    "widget/appeals.py": (7, 3),
    "widget/reviews.py": (7, 4),
    "widget/migrate.py": (7, 3),
    "widget/filled_form.py": (7, 3),
    "widget/roles.py": (7, 5),
    "widget/decisions.py": (7, 5),
    "widget/photo_store.py": (7, 5),
    "widget/embed.py": (7, 6),
    "widget/store.py": (7, 5),
    "widget/accounts.py": (7, 6),
    "widget/backup.py": (7, 6),
    "widget/watch.py": (7, 6),
    "widget/look_alikes.py": (7, 6),
    "widget/export.py": (7, 6),
    "widget/pages.py": (7, 6),
    "widget/openapi.py": (7, 1),
    "widget/desk_queries.py": (7, 7),
    "widget/account_commands.py": (7, 7),
    "widget/invitation_command.py": (7, 7),
    "widget/desk_model.py": (7, 8),
    "widget/desk_frame.py": (7, 9),
    "widget/desk_reviews.py": (7, 10),
    "widget/desk_pages.py": (7, 10),
    "widget/audit_check.py": (7, 7),
    "widget/exchange.py": (7, 7),
    "widget/form_pages.py": (7, 7),
    "widget/desk_exchange.py": (7, 10),
    "widget/form_handlers.py": (7, 8),
    "widget/desk_entrance.py": (7, 11),
    "widget/desk_handlers.py": (7, 11),
    "widget/desk_provider.py": (7, 12),
    "widget/handlers.py": (7, 9),
    "widget/offline.py": (7, 8),
    "widget/photo_handlers.py": (7, 10),
    "widget/desk_photos.py": (7, 13),
    "widget/app.py": (7, 14),
    "widget/server.py": (7, 15),
    # the command line
    "nok/arguments.py": (8, 0),
    "nok/telling.py": (8, 0),
    "publish.py": (8, 1),
}
"""File to (floor, step). A file imports what stands lower; files of one step do not import each other."""

WORDS, RULES, BORDER = 0, 1, 2

DOORS: Mapping[str, tuple[str, ...]] = {
    "alembic": ("widget/migrate.py", "widget/migrations/"),
    "argon2": ("widget/accounts.py",),
    "authlib": ("widget/oidc.py",),
    "babel": ("nok/templating.py",),
    "botocore": ("nok/site/deploy_s3.py",),
    "branca": ("nok/render/maps.py",),
    "brotli": ("nok/render/twins.py",),
    "cryptography": ("nok/minisign.py", "widget/sealing.py"),
    "distributed": ("nok/site/crew.py",),
    "folium": ("nok/render/maps.py",),
    "frictionless": ("nok/packages/check.py",),
    "jinja2": ("nok/template_code.py", "nok/templating.py"),
    "joserfc": ("widget/oidc.py",),
    "markupsafe": ("nok/template_code.py", "nok/templating.py"),
    "numpy": ("nok/packages/blocks.py", "nok/packages/columns.py", "nok/render/forms_parquet.py"),
    "openpyxl": ("nok/packages/foreign.py", "nok/render/xlsform.py"),
    "orjson": ("nok/json_text.py",),
    "PIL": ("nok/pictures.py",),
    "pelican": ("nok/site/pelican_site.py",),
    "pypdfium2": ("nok/render/proof.py",),
    "polars": (
        *("nok/packages/agreement.py", "nok/packages/columns.py", "nok/packages/course.py", "nok/packages/segments.py"),
        *("nok/packages/visits.py", "nok/render/forms_"),
    ),
    "pyotp": ("widget/accounts.py",),
    "python_multipart": ("widget/",),
    "qrcode": ("nok/render/qr.py", "widget/totp_picture.py"),
    "reportlab": ("nok/render/paper.py",),
    "s3fs": ("nok/site/deploy_s3.py",),
    "snowballstemmer": ("nok/search_text.py",),
    "sqlalchemy": ("widget/",),
    "sqlite3": (
        "nok/storage.py",
        "nok/warehouse",
        "nok/search_store.py",
        "nok/render/forms_sqlite.py",
        "nok/site/manifest.py",
        "nok/site/output.py",
        "widget/engines.py",
    ),
    "starlette": ("widget/",),
    "uvicorn": ("widget/",),
    "yaml": ("nok/documents.py",),
    "zxingcpp": ("nok/render/proof.py",),
}
"""Library to the files that may import it: whoever changes a library reads one file."""

IMPURE_MODULES = frozenset(
    "asyncio glob importlib.resources logging multiprocessing os random requests secrets shutil signal socket sqlite3 "
    "subprocess tempfile threading time urllib.request uuid".split()
)
IMPURE_CALLS = frozenset(
    "exists is_dir is_file iterdir mkdir now open read_bytes read_text rename resolve rglob stat today touch unlink "
    "utcnow write_bytes write_text".split()
)
BROAD_EXCEPTS = frozenset({"publish.py::main", "widget/app.py::report_failure"})
"""The edges: a broad `except` that tells about it again. Everywhere else it would hide our own bugs."""

LONGEST_FUNCTION = 60


@dataclass(frozen=True, kw_only=True)
class Source:
    """One file of the program: its path below the root, and its text."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @property
    def is_package_init(self) -> bool:
        return self.path.endswith("__init__.py")

    def imports(self, known: Collection[str]) -> Iterator[tuple[int, str]]:
        """(line, module) of every import; `known` modules are told apart from names: `from nok import urls` is nok.urls."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((node.lineno, name.name) for name in node.names)
            elif isinstance(node, ast.ImportFrom):
                module = "." * node.level + (node.module or "")
                for name in node.names:
                    whole = f"{module}.{name.name}"
                    if name.name != "__version__":  # the one name that a package itself offers
                        yield node.lineno, whole if whole in known else module


def read_sources() -> list[Source]:
    files = [*(ROOT / "nok").rglob("*.py"), *(ROOT / "widget").rglob("*.py"), ROOT / "publish.py"]
    return [
        Source(path=file.relative_to(ROOT).as_posix(), text=file.read_text("utf-8"))
        for file in sorted(files)
        if file.exists()
    ]


def module_name(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


OURS: Mapping[str, str] = {module_name(path): path for path in FLOORS}
"""Every module of the table, by the name it is imported by."""


def check_place(source: Source) -> Iterator[str]:
    if not source.is_package_init and source.path not in FLOORS:
        yield (
            f"{source.path} stands on no floor. Place it in FLOORS of tests/test_architecture.py, "
            "as low as its imports allow, and in the layout of the documentation."
        )


def check_floors(source: Source) -> Iterator[str]:
    """Imports go down only; the site and the widget meet on disk, so neither imports the other's upper floors."""
    own = FLOORS.get(source.path)
    for line, module in source.imports(OURS):
        target = OURS.get(module)
        if module.split(".")[0] in ("nok", "widget", "publish", "tests") and target is None:
            yield f"{source.path}:{line} imports {module}, which is no file of the table (import a file, not a package)"
        if own is None or target is None:
            continue
        floor = FLOORS[target]
        if floor >= own:
            yield f"{source.path}:{line} (floor {own}) imports {target} (floor {floor}); imports go down only"
        if source.path.startswith("widget/") and target.startswith("nok/") and floor[0] > BORDER:
            yield f"{source.path}:{line} imports {target}; the widget borrows from floors 0 to {BORDER} only"


def check_words(source: Source) -> Iterator[str]:
    """The lowest floor needs nothing but Python."""
    if FLOORS.get(source.path, (9, 0))[0] != WORDS:
        return
    for line, module in source.imports(OURS):
        if module not in OURS and module.split(".")[0] not in sys.stdlib_module_names:
            yield f"{source.path}:{line} imports {module}; floor 0 is the standard library only"


def check_purity(source: Source) -> Iterator[str]:
    """Floors 0 and 1 know no files, clock, network or chance; the caller hands them text, days and dice."""
    if FLOORS.get(source.path, (9, 0))[0] > RULES:
        return
    for line, module in source.imports(IMPURE_MODULES):
        parts = module.split(".")
        if IMPURE_MODULES.intersection(".".join(parts[:length]) for length in range(1, len(parts) + 1)):
            yield f"{source.path}:{line} imports {module}; floors 0 and 1 are pure"
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and _called(node) in IMPURE_CALLS:
            yield f"{source.path}:{node.lineno} calls {_called(node)}(); floors 0 and 1 are pure"


def check_doors(source: Source) -> Iterator[str]:
    """One door per dependency, and none without a door."""
    for line, module in source.imports(OURS):
        library = module.split(".")[0]
        if library in ("nok", "widget", "publish"):
            continue
        if library in DOORS:
            if not source.path.startswith(DOORS[library]):
                yield f"{source.path}:{line} imports {library}; its door is {' or '.join(DOORS[library])}"
        elif library not in sys.stdlib_module_names:
            yield f"{source.path}:{line} imports {library}, which has no door. Give it one in DOORS, or do without it."


def check_hidden_imports(source: Source) -> Iterator[str]:
    """An import by name in a string, or a relative one, would pass the other checks by."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and _called(node) in ("import_module", "__import__"):
            yield f"{source.path}:{node.lineno} imports by a string; write the import out"
        if isinstance(node, ast.ImportFrom) and node.level:
            yield f"{source.path}:{node.lineno} imports relatively; write the whole name"


def check_init(source: Source) -> Iterator[str]:
    """A package's `__init__` says what it is and does nothing."""
    if not source.is_package_init:
        return
    for number, node in enumerate(source.tree.body):
        is_docstring = number == 0 and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        is_version = isinstance(node, ast.Assign) and [ast.unparse(name) for name in node.targets] == ["__version__"]
        if not (is_docstring or is_version):
            yield f"{source.path}:{node.lineno} holds more than a docstring and __version__"


def check_function_length(source: Source) -> Iterator[str]:
    """Lines of a function without its docstring."""
    for name, function in _functions(source.tree):
        body = function.body
        first = body[0]
        said = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
        docstring = (first.end_lineno or 0) - first.lineno + 1 if said else 0
        length = (function.end_lineno or 0) - function.lineno + 1 - docstring
        if length > LONGEST_FUNCTION:
            yield f"{source.path}:{function.lineno} {name} has {length} lines, more than {LONGEST_FUNCTION}; cut it"


def check_broad_excepts(source: Source) -> Iterator[str]:
    allowed = {
        id(node)
        for name, function in _functions(source.tree)
        if f"{source.path}::{name}" in BROAD_EXCEPTS
        for node in ast.walk(function)
    }
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ExceptHandler) and _is_broad(node.type) and id(node) not in allowed:
            yield f"{source.path}:{node.lineno} catches everything; name the errors that can happen here"


def check_print(source: Source) -> Iterator[str]:
    """Only the command line speaks to the person at the keyboard."""
    if source.path in ("nok/telling.py", "publish.py"):
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
            yield f"{source.path}:{node.lineno} prints; return the text, or take a function to report with"


def _called(call: ast.Call) -> str:
    """The last name of what is called: `Path(x).read_text()` is `read_text`."""
    return getattr(call.func, "attr", "") or getattr(call.func, "id", "")


def _functions(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, node


def _is_broad(caught: ast.expr | None) -> bool:
    if caught is None:
        return True
    kinds = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return any(ast.unparse(kind).split(".")[-1] in ("Exception", "BaseException") for kind in kinds)


Check = Callable[[Source], Iterator[str]]

CHECKS: tuple[Check, ...] = (
    check_place,
    check_floors,
    check_words,
    check_purity,
    check_doors,
    check_hidden_imports,
    check_init,
    check_function_length,
    check_broad_excepts,
    check_print,
)


@pytest.mark.parametrize("check", CHECKS, ids=[check.__name__ for check in CHECKS])
def test_the_house_keeps_its_rules(check: Check) -> None:
    broken = list(dict.fromkeys(sentence for source in read_sources() for sentence in check(source)))
    assert not broken, "\n".join(broken)


def test_the_checks_see_the_whole_program() -> None:
    seen = {source.path for source in read_sources()}
    assert {"nok/errors.py", "nok/packages/write.py", "nok/__init__.py", "widget/__init__.py"} <= seen


BAD = [
    pytest.param(check_place, "nok/render/banners.py", "", "stands on no floor", id="file without a floor"),
    pytest.param(check_floors, "nok/records.py", "from nok.identifiers import X", "go down only", id="same step"),
    pytest.param(check_floors, "nok/urls.py", "from nok import config", "go down only", id="upwards"),
    pytest.param(check_floors, "nok/urls.py", "import nok.model", "go down only", id="upwards by plain import"),
    pytest.param(
        check_floors, "nok/urls.py", "def f():\n    from nok.model import X", "go down only", id="inside a function"
    ),
    pytest.param(check_floors, "nok/render/qr.py", "from nok.render import maps", "go down only", id="sibling"),
    pytest.param(
        check_floors, "nok/packages/read.py", "from nok.packages import table", "go down only", id="in a floor"
    ),
    pytest.param(
        check_floors, "nok/model.py", "from nok.secrets import key", "no file of the table", id="unknown file"
    ),
    pytest.param(
        check_floors, "nok/site/build.py", "from widget.store import Store", "go down only", id="widget in nok"
    ),
    pytest.param(check_floors, "widget/app.py", "import publish", "go down only", id="command line in widget"),
    pytest.param(check_floors, "widget/app.py", "from nok.warehouse import Warehouse", "borrows from", id="too high"),
    pytest.param(
        check_floors, "widget/submission.py", "from widget.store import Store", "go down only", id="in widget"
    ),
    pytest.param(check_words, "nok/records.py", "import pydantic", "standard library only", id="library below"),
    pytest.param(check_purity, "nok/method.py", "import os.path", "pure", id="os"),
    pytest.param(check_purity, "nok/method.py", "from urllib import request", "pure", id="network by its name"),
    pytest.param(check_purity, "nok/method.py", "import urllib.request", "pure", id="network"),
    pytest.param(check_purity, "nok/config.py", "text = Path('a').read_text()", "read_text", id="file"),
    pytest.param(check_purity, "nok/config.py", "text = open('a')", "open", id="open"),
    pytest.param(check_purity, "nok/urls.py", "day = date.today()", "today", id="clock"),
    pytest.param(check_doors, "nok/model.py", "import pelican.settings", "its door is", id="pelican"),
    pytest.param(
        check_doors, "nok/site/build.py", "from starlette.routing import Route", "its door is", id="starlette"
    ),
    pytest.param(check_doors, "widget/app.py", "def f():\n    import pyotp", "its door is", id="pyotp"),
    pytest.param(check_doors, "nok/model.py", "import requests", "no door", id="library without a door"),
    pytest.param(check_hidden_imports, "nok/model.py", "m = importlib.import_module('pelican')", "string", id="string"),
    pytest.param(check_hidden_imports, "nok/model.py", "from . import urls", "relatively", id="relative"),
    pytest.param(check_init, "nok/__init__.py", '"""Doc."""\nfrom nok.errors import NokError', "more than", id="init"),
    pytest.param(check_function_length, "nok/model.py", "def f():\n" + "    x = 1\n" * 60, "61 lines", id="length"),
    pytest.param(
        check_broad_excepts, "nok/model.py", "try:\n    f()\nexcept Exception:\n    g()", "everything", id="broad"
    ),
    pytest.param(check_broad_excepts, "nok/model.py", "try:\n    f()\nexcept:\n    g()", "everything", id="bare"),
    pytest.param(
        check_broad_excepts,
        "publish.py",
        "try:\n    f()\nexcept (OSError, BaseException):\n    g()",
        "everything",
        id="broad among others",
    ),
    pytest.param(check_print, "widget/app.py", "print('here')", "prints", id="print"),
    pytest.param(check_print, "nok/arguments.py", "print('here')", "prints", id="print beside the command line"),
]


@pytest.mark.parametrize(("check", "path", "text", "expected"), BAD)
def test_a_check_notices(check: Check, path: str, text: str, expected: str) -> None:
    sentences = list(check(Source(path=path, text=text)))
    assert len(sentences) == 1
    assert expected in sentences[0]


GOOD = [
    pytest.param(check_floors, "nok/site/build.py", "from nok import urls\nimport nok.render.qr", id="downwards"),
    pytest.param(check_floors, "widget/app.py", "from nok.templating import Words", id="widget borrows"),
    pytest.param(check_purity, "nok/urls.py", "import posixpath\nfrom urllib.parse import quote", id="pure helpers"),
    pytest.param(check_doors, "nok/render/maps.py", "import folium.plugins", id="door"),
    pytest.param(check_init, "nok/__init__.py", '"""Doc."""\n__version__ = "1"', id="init"),
    pytest.param(
        check_function_length,
        "nok/model.py",
        'def f():\n    """Long' + "\n" * 90 + '"""\n    return 1',
        id="docstring is free",
    ),
    pytest.param(
        check_broad_excepts,
        "publish.py",
        "def main():\n    try:\n        f()\n    except Exception:\n        g()",
        id="edge",
    ),
    pytest.param(check_print, "publish.py", "print('done')", id="command line"),
]


@pytest.mark.parametrize(("check", "path", "text"), GOOD)
def test_a_check_lets_good_code_pass(check: Check, path: str, text: str) -> None:
    assert list(check(Source(path=path, text=text))) == []
