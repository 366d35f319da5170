"""What a deploy has to do: compares a release with what stands at a target. Pure; nobody is asked and nothing is moved.

A target carries two small files of ours. The record, written last, says what the last whole deploy left there. The
notice, written first, names every path that a deploy is going to touch. A deploy that is cut off leaves its notice, so
the next one knows which files are ours and in doubt, and whose files are somebody else's.
"""

import gzip
import json
import posixpath
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, NamedTuple

from nok import urls
from nok.errors import Said, UsageError

RECORD_NAME = ".nok-deployed.json.gz"
NOTICE_NAME = ".nok-deploying.json.gz"
OUR_NAMES = (RECORD_NAME, NOTICE_NAME)
_RECORD_FORMAT = "nok-deployed-1"
_NOTICE_FORMAT = "nok-deploying-1"
_SHOWN = 3

_HASHED = re.compile(re.escape(urls.asset("")) + r"(?:.+/)?[^/]+\.[0-9a-f]{8,64}\.[a-z0-9]+(?:\.gz|\.br)?")
_DATA_VERSION = re.compile(r"data/[^/]+/(?!latest/|changes/)[^/]+/.+")
_ORGANIZATION_PAGE = re.compile(r"(?:[a-z]{2}/)?o/.+\.html")
_OVERVIEW = re.compile(r"[^/]*sitemap[^/]*\.xml|.+\.atom")
_BESIDE = re.compile(r"(?P<folder>(?:.*/)?)\.(?P<name>[^/]+)\.[A-Za-z0-9]{6}")


class Phase(IntEnum):
    """The order in which files go up: whatever a file links to stands there before it."""

    ASSETS = 1
    """Styles, scripts, fonts, and versions of the data: their addresses are new, so no visitor meets them early."""
    FILES = 2
    """All that is not a page and not yet named: JSON, badges, the latest data."""
    PAGES = 3
    """Pages of organisations, which lists link to."""
    LISTS = 4
    """Every other page."""
    OVERVIEWS = 5
    """Feeds, the sitemap and `build.json`, which tell the world that the rest is there."""


class Content(NamedTuple):
    """What a file holds: SHA-256 in hex, and its size in bytes."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What the last whole deploy left at a target. `form` names how files were stored (headers, compression).

    `retired` are hashed assets of the deploy before, which pages in open tabs may still ask for.
    """

    form: str
    files: Mapping[str, Content]
    retired: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What stands at a target now. `found` is path to size in bytes of every file, whoever put it there.

    `record` is `None` where no deploy has come to its end; `unfinished` are the paths that one left in doubt, `None`
    where none was cut off.
    """

    found: Mapping[str, int]
    record: Record | None = None
    unfinished: frozenset[str] | None = None

    @property
    def in_doubt(self) -> frozenset[str]:
        return self.unfinished or frozenset()

    @property
    def ours(self) -> Collection[str]:
        """Every path that some deploy of ours may have written."""
        recorded = set(self.record.files) | self.record.retired if self.record else set()
        return recorded | self.in_doubt


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to do: `uploads` by phase, then `removals`; `after` is the record to be written when all is done."""

    uploads: Mapping[Phase, tuple[str, ...]]
    removals: tuple[str, ...]
    after: Record
    is_idle: bool
    """The target is as it should be: not even the record is written."""
    notice: frozenset[str] = field(default=frozenset())
    """The paths to be named before anything is touched."""

    @property
    def uploaded(self) -> Iterator[str]:
        for paths in self.uploads.values():
            yield from paths


def phase_of(path: str) -> Phase:
    """When the file at `path` goes up.

    >>> phase_of("static/site.f28d9814c9.css").name, phase_of("en/o/70/school-12.html").name
    ('ASSETS', 'PAGES')
    """
    path = path.removesuffix(".gz").removesuffix(".br")  # a web server answers with the twin where there is one
    if path.startswith(urls.asset("")) or _DATA_VERSION.fullmatch(path):
        return Phase.ASSETS
    if path == urls.build_json() or _OVERVIEW.fullmatch(path):
        return Phase.OVERVIEWS
    if not path.endswith(".html"):
        return Phase.FILES
    return Phase.PAGES if _ORGANIZATION_PAGE.fullmatch(path) else Phase.LISTS


def is_hashed(path: str) -> bool:
    """True for an asset whose address holds a hash of its content: what stands there never changes."""
    return _HASHED.fullmatch(path) is not None


def make_plan(
    files: Mapping[str, Content], standing: Standing, form: str, is_transformed: Callable[[str], bool]
) -> Plan:
    """What brings a target from `standing` to `files`, stored in `form`.

    A file goes up where its content differs from the record, where it is missing or of another size at the target, or
    where a deploy that was cut off left it in doubt. `is_transformed(path)` says that the target keeps the file in
    another shape, so that its size there proves nothing.

    Raises:
        UsageError: the target holds files and no deploy of ours has ever come there, or a file of somebody else is in
            our way.
    """
    refuse_foreign(files, standing)
    record = standing.record or Record(form=form, files={})
    is_same = record.files == files
    due = [path for path, content in files.items() if not _stands(path, content, standing, form, is_transformed)]
    vanished = ((record.files.keys() | standing.in_doubt) - files.keys()) - record.retired
    retired = {path for path in vanished if is_hashed(path) and path in standing.found}
    retired |= (record.retired if is_same else frozenset()) - files.keys()
    leftovers = {path for path in standing.found if _is_leftover(path, standing)}
    removals = ((set(standing.ours) & standing.found.keys()) | leftovers) - files.keys() - retired
    settled = standing.record is not None and standing.unfinished is None and is_same and record.form == form
    return Plan(
        uploads=_by_phase(due),
        removals=tuple(sorted(removals)),
        after=Record(form=form, files=files, retired=frozenset(retired)),
        is_idle=settled and not due and not removals,
        notice=frozenset(due) | removals | standing.in_doubt,
    )


def _stands(path: str, content: Content, standing: Standing, form: str, is_transformed: Callable[[str], bool]) -> bool:
    record, size = standing.record, standing.found.get(path)
    if record is None or record.form != form or size is None or path in standing.in_doubt:
        return False
    return record.files.get(path) == content and (size == content.size or is_transformed(path))


def _by_phase(paths: Iterable[str]) -> dict[Phase, tuple[str, ...]]:
    phases: dict[Phase, list[str]] = {phase: [] for phase in Phase}
    for path in sorted(paths):
        phases[phase_of(path)].append(path)
    return {phase: tuple(found) for phase, found in phases.items() if found}


# ---- what is not ours ----------------------------------------------------------------------------------------------


def refuse_foreign(files: Mapping[str, Content], standing: Standing) -> None:
    """Raises `UsageError` where going on would mix us with, or write over, what somebody else put there."""
    ours = standing.ours
    foreign = [path for path in standing.found if path not in ours and not _is_leftover(path, standing)]
    if standing.record is None and standing.unfinished is None and foreign:
        raise UsageError("target-foreign", files=_examples(foreign))
    folders = {folder for path in files for folder in _parents(path)}
    in_way = [
        path
        for path in foreign
        if path in files or path in folders or any(folder in files for folder in _parents(path))
    ]
    if in_way:
        raise UsageError("target-in-way", files=_examples(in_way))


def _examples(paths: Collection[str]) -> str | Said:
    shown = ", ".join(f"'{path}'" for path in sorted(paths)[:_SHOWN])
    return Said("and-more", shown=shown, more=len(paths) - _SHOWN) if len(paths) > _SHOWN else shown


def _parents(path: str) -> Iterator[str]:
    while path := posixpath.dirname(path):
        yield path


def _is_leftover(path: str, standing: Standing) -> bool:
    """True for what a killed deploy was writing beside a file of ours: `.name.XXXXXX`, as rsync names it too."""
    found = _BESIDE.fullmatch(path)
    owner = found["folder"] + found["name"] if found else ""
    return owner in OUR_NAMES or owner in standing.in_doubt


# ---- the two files that we leave -----------------------------------------------------------------------------------


def record_bytes(record: Record) -> bytes:
    """The record as it is kept at the target; the same record gives the same bytes."""
    return _pack(
        {
            "format": _RECORD_FORMAT,
            "form": record.form,
            "files": {path: list(record.files[path]) for path in sorted(record.files)},
            "retired": sorted(record.retired),
        }
    )


def notice_bytes(paths: Iterable[str]) -> bytes:
    """The notice that `paths` are going to be touched."""
    return _pack({"format": _NOTICE_FORMAT, "paths": sorted(paths)})


def _pack(value: Mapping[str, Any]) -> bytes:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return gzip.compress(text.encode(), mtime=0)  # without the clock: the same deploy leaves the same bytes


def parse_record(content: bytes) -> Record:
    """The record that a target keeps.

    Raises:
        UsageError: it is damaged, of another program, or names a place outside the target.
    """
    try:
        found = _unpack(content, _RECORD_FORMAT)
        files = {_inside(path): Content(str(sha256), int(size)) for path, (sha256, size) in found["files"].items()}
        return Record(form=str(found["form"]), files=files, retired=frozenset(map(_inside, found["retired"])))
    except (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise _damaged(RECORD_NAME, error) from error


def parse_notice(content: bytes) -> frozenset[str]:
    """The paths of a notice. Raises `UsageError` like `parse_record`."""
    try:
        return frozenset(map(_inside, _unpack(content, _NOTICE_FORMAT)["paths"]))
    except (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise _damaged(NOTICE_NAME, error) from error


def _unpack(content: bytes, expected: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(gzip.decompress(content))
    if found["format"] != expected:
        raise ValueError(f"its format is '{found['format']}', expected '{expected}'")
    return found


def _inside(path: str) -> str:
    """`path`, if it stays below the target: a record is read from a place that others may write to."""
    if not path or path in OUR_NAMES or any(part in ("", ".", "..") for part in path.split("/")) or "\0" in path:
        raise ValueError(f"it names the path '{path}'")
    return path


def _damaged(name: str, error: Exception) -> UsageError:
    return UsageError("target-damaged", name=name, reason=str(error) or type(error).__name__)
