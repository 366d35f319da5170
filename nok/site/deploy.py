"""Puts a published site where visitors read it: a folder, another machine (rsync) or an object store (S3).

From top to bottom: read the release, ask what stands at the target, plan, announce, put what changed in the order that
keeps visitors whole, remove what is gone, record. A run that is cut off anywhere is mended by running it again.
"""

import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from nok.documents import nearest
from nok.errors import BusyError, Said, StorageError, UsageError
from nok.site.deploy_folder import FolderTarget
from nok.site.deploy_plan import (
    NOTICE_NAME,
    OUR_NAMES,
    RECORD_NAME,
    Content,
    Phase,
    Plan,
    Standing,
    make_plan,
    notice_bytes,
    parse_notice,
    parse_record,
    record_bytes,
)
from nok.site.deploy_rsync import RsyncTarget
from nok.site.deploy_source import Release, SourceMoved, only_deploy, published_slot, read_release

Tell = Callable[[Said], None]
"""Says to a person what is being done now."""

ATTEMPTS = 3
"""So often a deploy begins again when builds overtake it."""
_PHASES = {
    Phase.ASSETS: Said("phase-assets"),
    Phase.FILES: Said("phase-files"),
    Phase.PAGES: Said("phase-pages"),
    Phase.LISTS: Said("phase-lists"),
    Phase.OVERVIEWS: Said("phase-overviews"),
}
KINDS = ("folder", "rsync", "s3")
_KNOWN = "Write folder:/path, rsync:user@host:/path or s3://bucket/prefix. Nothing was deployed."


class Target(Protocol):
    """A place that a site can be put to. Paths are relative, with slashes; a file appears whole or not at all."""

    form: str
    """How files are stored; a target whose record has another form gets everything anew."""

    def select(self, files: Mapping[str, Content]) -> Mapping[str, Content]:
        """What of a release belongs here."""

    def is_transformed(self, path: str) -> bool:
        """True where the target keeps the file in another shape, so that its size there proves nothing."""

    def found(self) -> dict[str, int]:
        """Path to size in bytes of every file there, ours or not; empty where there is no such place yet."""

    def read(self, name: str) -> bytes:
        """The content of a small file of ours that is there."""

    def write(self, name: str, content: bytes) -> None:
        """Puts a small file of ours."""

    def put(self, release: Release, paths: Sequence[str]) -> Iterator[int]:
        """Puts files of a release; yields how many are there so far. Raises `SourceMoved`."""

    def already(self, release: Release, paths: Collection[str]) -> set[str]:
        """Those of `paths`, all of them found there, that are known to hold what the release has."""

    def remove(self, paths: Sequence[str]) -> None:
        """Removes files that may be gone already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """What a deploy did, or with `dry_run` would do, in files and bytes as they lie in the release.

    `deleted_bytes` are as the target had them. `uploads` and `removals` name the files, in the order of their turn.
    `retired` assets are no longer in the release and stay for one more deploy. `is_overtaken`: a newer build has been
    published meanwhile, and what was deployed is the one before.
    """

    uploads: tuple[str, ...]
    uploaded_bytes: int
    kept: int
    kept_bytes: int
    removals: tuple[str, ...]
    deleted_bytes: int
    retired: int
    is_overtaken: bool


def deploy(
    target: str, output: Path, *, dry_run: bool = False, precompressed: bool = False, tell: Tell = lambda _: None
) -> Deployed:
    """Makes `target` hold the site that `output/current` points at. With `dry_run` nothing is written anywhere.

    Raises:
        UsageError: nothing is published, or the target cannot be meant, or it holds what is not ours.
        StorageError: the target refused; what it holds by then is said in the sentence.
        BusyError: another deploy is running, or builds follow each other faster than a site can be read.
    """
    with only_deploy(output) as held:
        place = open_target(target, output, held, precompressed=precompressed)
        for _ in range(ATTEMPTS):
            try:
                return _deploy(place, target, output, dry_run, tell)
            except SourceMoved:
                tell(Said("stage-overtaken"))
    raise BusyError("deploy-overtaken", place=output, target=target)


def _deploy(target: Target, name: str, output: Path, dry_run: bool, tell: Tell) -> Deployed:
    tell(Said("stage-site"))
    with _told(name, Said("deployed-nothing")):
        release = read_release(output)
        files = target.select(release.files)
        tell(Said("stage-target"))
        standing = read_standing(target)
        plan = make_plan(files, standing, target.form, target.is_transformed)
        plan = _without(plan, _already(target, release, standing, plan))
    if not (dry_run or plan.is_idle):
        with _told(name, Said("deployed-partly")):
            _carry_out(target, release, plan, tell)
    return _summary(plan, files, standing, is_overtaken=published_slot(output) != release.folder)


def read_standing(target: Target) -> Standing:
    """What stands at the target, and what our own files there say."""
    found = target.found()
    record = parse_record(target.read(RECORD_NAME)) if RECORD_NAME in found else None
    unfinished = parse_notice(target.read(NOTICE_NAME)) if NOTICE_NAME in found else None
    others = {path: size for path, size in found.items() if path not in OUR_NAMES}
    return Standing(found=others, record=record, unfinished=unfinished)


def _carry_out(target: Target, release: Release, plan: Plan, tell: Tell) -> None:
    target.write(NOTICE_NAME, notice_bytes(plan.notice))
    for phase, paths in plan.uploads.items():
        step = max(1, len(paths) // 20)
        next_told = 0
        for done in target.put(release, paths):
            if done >= next_told or done == len(paths):
                tell(Said("stage-uploading", phase=_PHASES[phase], done=done, number=len(paths)))
                next_told = done + step
    if plan.removals:
        tell(Said("stage-removing", number=len(plan.removals)))
        target.remove(plan.removals)
    tell(Said("stage-recording"))
    target.write(RECORD_NAME, record_bytes(plan.after))
    target.remove([NOTICE_NAME])


def _already(target: Target, release: Release, standing: Standing, plan: Plan) -> set[str]:
    """What a deploy that was cut off has put there rightly, so that it need not go up again."""
    forms = {standing.record.form} if standing.record else set()
    if forms - {target.form}:
        return set()  # headers cannot be seen from here
    return target.already(
        release, [path for path in plan.uploaded if path in standing.in_doubt & standing.found.keys()]
    )


def _without(plan: Plan, done: Collection[str]) -> Plan:
    left = {phase: tuple(path for path in paths if path not in done) for phase, paths in plan.uploads.items()}
    return replace(plan, uploads={phase: paths for phase, paths in left.items() if paths})


def _summary(plan: Plan, files: Mapping[str, Content], standing: Standing, *, is_overtaken: bool) -> Deployed:
    uploads = tuple(plan.uploaded)
    uploaded_bytes = sum(files[path].size for path in uploads)
    return Deployed(
        uploads=uploads,
        uploaded_bytes=uploaded_bytes,
        kept=len(files) - len(uploads),
        kept_bytes=sum(content.size for content in files.values()) - uploaded_bytes,
        removals=plan.removals,
        deleted_bytes=sum(standing.found[path] for path in plan.removals),
        retired=len(plan.after.retired),
        is_overtaken=is_overtaken,
    )


@contextmanager
def _told(name: str, so_far: Said) -> Iterator[None]:
    """Adds to every refusal what it leaves behind."""
    try:
        yield
    except StorageError as error:
        raise StorageError("deploy-cut", cause=error, so_far=so_far) from error
    except OSError as error:
        raise StorageError("deploy-refused", place=name, reason=error, so_far=so_far) from error


# ---- which place is meant ------------------------------------------------------------------------------------------


def open_target(text: str, output: Path, held: int, *, precompressed: bool) -> Target:
    """The place that `text` names: `folder:/path` or `/path`, `rsync:user@host:/path` or `rsync:/path`, `s3://bucket`.

    `held` is the descriptor that keeps other deploys away.

    Raises:
        UsageError: it names no such place, or one that a site must not be put to.
    """
    kind, place = _read_name(text)
    if not place.strip("/") or place.startswith("-"):
        raise UsageError("target-nowhere", text=text)
    if precompressed and kind != "s3":
        raise UsageError("target-precompressed", text=text)
    if kind == "s3":
        return _open_s3(place, compress=precompressed)
    if kind == "folder" or ":" not in place:
        _refuse_folder(Path(place), output)
    return FolderTarget(Path(place)) if kind == "folder" else RsyncTarget(place, held)


def _read_name(text: str) -> tuple[str, str]:
    """(kind, place); a place of S3 is `bucket` or `bucket/prefix`."""
    kind, colon, place = text.partition(":")
    if not colon or "/" in kind:
        return "folder", text
    if kind == "rsync":
        return kind, text if place.startswith("//") else place  # rsync://host/module is a name of rsync's own
    if kind == "folder":
        return kind, place
    if kind == "s3" and place.startswith("//"):
        parts = [part for part in place.split("/") if part]
        return kind, "" if {".", ".."} & set(parts) else "/".join(parts)
    similar = nearest(kind, KINDS)
    if "@" in kind or not (similar or place.startswith("//")):
        raise UsageError("target-machine", text=text)
    raise UsageError("target-kind", text=text, similar=similar)


def _open_s3(place: str, *, compress: bool) -> Target:
    try:
        from nok.site.deploy_s3 import S3Target
    except ModuleNotFoundError as error:
        raise UsageError("target-library", name=error.name) from error
    return S3Target(place, compress=compress)


def _refuse_folder(folder: Path, output: Path) -> None:
    place, source = folder.resolve(), output.resolve()
    if place in (Path("/"), Path.home(), Path.cwd()) or place in Path.cwd().parents:
        raise UsageError("target-not-own", place=folder)
    if place == source or place in source.parents or source in place.parents:
        raise UsageError("target-in-output", place=folder, output=output)
    if os.path.lexists(folder) and not folder.is_dir():
        raise UsageError("target-no-folder", place=folder)
