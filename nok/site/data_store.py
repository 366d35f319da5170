"""Released packages: each version is written once, beside the slots, and hard-linked into them.

A release is cut by the first build, by `build --release`, and when a package says a new version; a cut whose content
changed under the same version raises it. Between releases the files stay what they were, to the byte.
"""

import hashlib
import json
import shutil
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, as_completed
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from nok import urls
from nok.errors import Said
from nok.memory import lean
from nok.minisign import SecretKey
from nok.packages.delta import CHANGES, Changes, changes_comment, write_changes
from nok.packages.profile import PACKAGE_SCHEMA, RESOURCE_SCHEMA
from nok.packages.read import Package, Resource
from nok.packages.visible import Hidden, published_form, visible_rows
from nok.render.downloads import csv_chunks, json_lines
from nok.render.forms_visible import BY_COLUMNS, visible_bytes
from nok.site.changelog import Entry, add_entry, entry_of, first_entry, raised_version, read_log
from nok.site.feed import read_feed
from nok.site.files import FileWriter, replace_file
from nok.site.forms import FORMS_PROPERTY, Call, DataFile, Forms, Run
from nok.site.licences import licence_texts
from nok.site.progress import Progress, Tell, silent
from nok.site.signing import PUBLIC_KEY
from nok.site.twin_shelf import TwinShelf
from nok.site.withdrawal import (
    SIGNATURE,
    SUMS,
    Withdrawal,
    doubtful_reviews,
    mend_releases,
    released_reviews_of,
    rewrite_release,
)

_INDEX = "releases.json"
_TWINS = ".twins"


@dataclass(frozen=True, slots=True, kw_only=True)
class DataRelease:
    """A version of a package as published. `declared` is the version its descriptor said, `source` the hash of it."""

    package: str
    version: str
    declared: str
    source: str
    files: tuple[DataFile, ...]


class DataStore:
    """The folder `data` of an output."""

    def __init__(self, folder: Path, forms: Forms, node_modules: Path) -> None:
        """`forms` makes the other forms of a release that is cut, or purged; in `node_modules` are texts of licences."""
        self.folder = self._folder = folder
        self._forms, self._node_modules = forms, node_modules
        self._releases = list(_read_index(folder / _INDEX))
        self.feed = read_feed(folder / ".log/feed.json")

    def latest(self, package: str) -> DataRelease | None:
        return next((release for release in reversed(self._releases) if release.package == package), None)

    def cut(
        self,
        packages: Sequence[Package],
        hidden: Callable[[Sequence[Package]], Hidden],
        fingerprint: Callable[[Package], str],
        *,
        forced: bool,
        day: str,
        changes: Mapping[str, Changes],
        crew: Executor | None = None,
        tell: Tell = silent,
    ) -> dict[str, str]:
        """Cuts a release of each package where one is due (package to version); `commit` makes it stand.

        `changes` are those since the newest releases; they tell which number of a version is raised, and what the
        release brought. `hidden` is asked for only where something is cut, with the packages that are: it may read every review.
        """
        due = [
            (package, version) for package in packages if (version := self._due(package, fingerprint, forced, changes))
        ]
        back = hidden([package for package, _ in due]) if due else Hidden()
        for package, version in due:
            source, brought = fingerprint(package), changes.get(package.name)
            before = self._folder / package.name / (brought.since if brought else "")
            entry = entry_of(brought, version, day, before) if brought else first_entry(version, day)
            add_entry(self._log(package.name), entry)
            texts = list(licence_texts(package, self._node_modules))
            run = _Runner(crew, tell)
            self._put(_write_release(self._folder, package, version, source, back, run, self._forms, texts))
        return {package.name: version for package, version in due}

    def _log(self, package: str) -> Path:
        return self._folder / ".log" / f"{package}.json"

    def history(self, package: str) -> list[Entry]:
        """What each release of a package brought, newest first; of one whose entry is lost, its version alone."""
        known = {entry["version"]: entry for entry in read_log(self._log(package))}
        taken = [release.version for release in self._releases if release.package == package]
        return [known.get(version, first_entry(version, "")) for version in reversed(taken)]

    def versions_json(self, package: str, entries: Sequence[Entry]) -> bytes:
        """Every version of a package, newest first: day, files with sizes and checksums, whether it is signed."""
        days = {entry["version"]: entry["day"] or None for entry in entries}
        found = [
            {
                "version": release.version,
                "day": days.get(release.version),
                "path": f"{release.version}/",
                "is_signed": any(file.name == SIGNATURE for file in release.files),
                "files": [{"name": file.name, "bytes": file.size, "sha256": file.sha256} for file in release.files],
            }
            for release in reversed(self._releases)
            if release.package == package
        ]
        whole = {"package": package, "latest": found[0]["version"], "changes": f"{CHANGES}/", "versions": found}
        return (json.dumps(whole, ensure_ascii=False, indent=1) + "\n").encode()

    def versions(self, packages: Sequence[Package]) -> dict[str, str]:
        """The newest version of each package that has one and whose files are there."""
        newest = self.newest(packages)
        found = {name: release.version for name, release in newest.items()}
        return {name: version for name, version in found.items() if (self._folder / name / version / SUMS).is_file()}

    def no_changes(self, package: str, day: str) -> Changes:
        """The changes of a package whose release has just been cut: none."""
        release = self.latest(package)
        version = release.version if release else ""
        sums = (self._folder / package / version / SUMS).read_bytes()
        since_sums = hashlib.sha256(sums).hexdigest()
        return Changes(package=package, since=version, since_sums=since_sums, day=day, tables=())

    def put_changes(self, changes: Mapping[str, Changes]) -> None:
        """Makes the folder of changes of each package say these, and nothing else; what is said already stays."""
        for package, found in changes.items():
            folder = self._folder / package / CHANGES
            names = write_changes(folder, found, _put_if_other)
            for file in folder.iterdir():
                if file.name not in (*names, SIGNATURE):
                    file.unlink()

    def newest(self, packages: Sequence[Package]) -> dict[str, DataRelease]:
        """The newest release of each package."""
        newest = {package.name: self.latest(package.name) for package in packages}
        return {name: release for name, release in newest.items() if release is not None}

    def _put(self, release: DataRelease) -> None:
        place = (release.package, release.version)
        self._releases = [old for old in self._releases if (old.package, old.version) != place] + [release]

    def purge(self, withdrawal: Withdrawal, day: str, crew: Executor | None = None) -> None:
        """Takes withdrawn reviews out of every release that holds them; a release never changes otherwise.

        What was done is said in the release's own `CHANGES.txt`. Files are always held against the index: a crash may
        have come between the two.
        """
        for package in {release.package for release in self._releases}:
            mend_releases(self._folder / package)
        changed = False
        for number, release in enumerate(self._releases):
            folder = self._folder / release.package / release.version
            if not withdrawal.all or not folder.is_dir():
                continue
            made = rewrite_release(folder, withdrawal, day, lambda beside: self._forms.write(beside, _Runner(crew)))
            known = {file.name: file for file in (*release.files, *made)}
            self._releases[number] = replace(release, files=tuple(_listed(folder, known)))
            changed |= self._releases[number] != release
        if changed:
            self.commit()

    def sign(self, key: SecretKey | None) -> None:
        """Signs every release with `key`, those that another key signed too; without a key signatures stay as they are.

        A signature is of the checksums, which do not name it. The public key lies beside the releases.
        """
        if key is None:
            for signature in self._folder.glob(f"*/{CHANGES}/{SIGNATURE}"):
                signature.unlink()  # of changes that are not those of today
            return
        for number, release in enumerate(self._releases):
            folder = self._folder / release.package / release.version
            if (folder / SUMS).is_file():
                comment = release_comment(release.package, release.version)
                signed = key.sign((folder / SUMS).read_bytes(), comment)
                _put_if_other(folder / SIGNATURE, signed.encode())
                self._releases[number] = replace(release, files=(*_unsigned(release), _signature(signed)))
        for package, newest in {release.package: release.version for release in self._releases}.items():
            folder = self._folder / package / CHANGES
            if (folder / SUMS).is_file():
                comment = changes_comment(package, newest, folder)
                _put_if_other(folder / SIGNATURE, key.sign((folder / SUMS).read_bytes(), comment).encode())
        self._folder.mkdir(parents=True, exist_ok=True)
        replace_file(self._folder / PUBLIC_KEY, key.public.text.encode())

    def doubtful_reviews(self, packages: Sequence[Package]) -> dict[str, set[str]]:
        """Package to every review of which one of its releases says what `packages` do not say today."""
        found: dict[str, set[str]] = {package.name: set() for package in packages}
        for release in self._releases:
            if release.package in found:  # what was said of one that is away waits until it comes back
                folder = self._folder / release.package / release.version
                found[release.package] |= doubtful_reviews(folder, packages)
        return found

    def reviews_of(self, organizations: Collection[str]) -> set[str]:
        """The reviews of these organisations that one of the releases holds."""
        folders = [self._folder / release.package / release.version for release in self._releases]
        return {review_id for folder in folders for review_id in released_reviews_of(folder, organizations)}

    def _due(
        self, package: Package, fingerprint: Callable[[Package], str], forced: bool, changes: Mapping[str, Changes]
    ) -> str | None:
        last = self.latest(package.name)
        if last is None:
            return package.version
        taken = [release.version for release in self._releases if release.package == package.name]
        if package.version != last.declared and package.version not in taken:
            return package.version
        if package.version != last.declared or (forced and fingerprint(package) != last.source):
            return raised_version(taken, changes.get(package.name))
        return None

    def link_into(
        self,
        writer: FileWriter,
        packages: Sequence[str],
        precompressed: Sequence[str] = (),
        others: Iterable[tuple[str, Path, str]] = (),
    ) -> None:
        """Puts every release of `packages`, and the newest once more as `latest`, into a slot, each text with its
        twins of the kinds `precompressed`; so too `others`: (path, released file, SHA-256)."""
        shelf = TwinShelf(self._folder / _TWINS, precompressed)
        for release in self._releases:
            if release.package not in packages:
                continue
            places = [release.version]
            if release == self.latest(release.package):
                places.append("latest")
            for place in places:
                for file in release.files:
                    source = self._folder / release.package / release.version / file.name
                    shelf.link(writer, urls.data_file(release.package, place, file.name), source, file.sha256)
        writer.write(urls.api_changes(), self.feed.json())
        for package in packages:
            entries = self.history(package)
            writer.write(urls.data_versions(package), self.versions_json(package, entries))
            whole = {"package": package, "releases": entries}
            writer.write(
                urls.data_changelog(package, "json"), (json.dumps(whole, ensure_ascii=False, indent=1) + "\n").encode()
            )
            for change in sorted((self._folder / package / CHANGES).glob("*")):
                sha256 = hashlib.sha256(change.read_bytes()).hexdigest()
                shelf.link(writer, urls.data_file(package, CHANGES, change.name), change, sha256)
        for path, source, sha256 in others:
            shelf.link(writer, path, source, sha256)
        shelf.clear()
        if (self._folder / PUBLIC_KEY).is_file():
            writer.write(urls.data_key(), (self._folder / PUBLIC_KEY).read_bytes())

    def commit(self) -> None:
        """Records what was cut. Until then a build that failed leaves a version free to be cut from better data."""
        self._folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps([asdict(release) for release in self._releases], ensure_ascii=False, indent=1) + "\n"
        replace_file(self._folder / _INDEX, text.encode(), durable=True)
        self.feed.save()


def _put_if_other(file: Path, content: bytes) -> None:
    if not file.is_file() or file.read_bytes() != content:
        replace_file(file, content)


def release_comment(package: str, version: str) -> str:
    """What is signed with the checksums of a release, so that those of one cannot be shown for another."""
    return f"nok package:{package} version:{version}"


def _unsigned(release: DataRelease) -> tuple[DataFile, ...]:
    return tuple(file for file in release.files if file.name != SIGNATURE)


def _signature(text: str) -> DataFile:
    content = text.encode()
    sha256 = hashlib.sha256(content).hexdigest()
    return DataFile(name=SIGNATURE, title="minisign", sha256=sha256, size=len(content), rows=None)


def _read_index(file: Path) -> Iterator[DataRelease]:
    if not file.exists():
        return
    for found in json.loads(file.read_text("utf-8")):
        files = tuple(DataFile(**each) for each in found.pop("files"))
        yield DataRelease(**found, files=files)


def _listed(folder: Path, known: Mapping[str, DataFile]) -> Iterator[DataFile]:
    """The files of a release as they are, in their order; new ones at the end."""
    names = [name for name in known if (folder / name).is_file()]
    found = (file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())
    names += sorted(name for name in found if name not in known)
    for name in names:
        with (folder / name).open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        old = known.get(name)
        rows = _rows(folder, name) if old is None or old.sha256 != digest else old.rows
        title = old.title if old else name
        yield DataFile(name=name, title=title, sha256=digest, size=(folder / name).stat().st_size, rows=rows)


def _rows(folder: Path, name: str) -> int | None:
    """How many rows a rewritten table has; the JSON Lines beside it have one a line."""
    lines = (folder / name).with_suffix(".jsonl")
    if not lines.exists():
        return None
    with lines.open("rb") as file:
        return sum(1 for _ in file)


def _write_release(
    folder: Path,
    package: Package,
    version: str,
    source: str,
    hidden: Hidden,
    run: Run,
    forms: Forms,
    texts: Iterable[tuple[str, str, str]],
) -> DataRelease:
    """Writes all files of a version beside its place and moves them there at once; `run` hands out tables and forms.

    `texts` (name, title, content) are put beside the tables as they are.
    """
    final = folder / package.name / version
    beside = final.with_name(f".{version}.new")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    tables = [published_form(resource) for resource in package.resources if resource.is_profiled]
    calls = [
        (resource.size_bytes, (beside.absolute(), portable(resource), hidden, ending))
        for resource in tables
        for ending in ("csv", "jsonl")
    ]
    files = [
        file
        for written in run(_write_table, calls, Said("stage-cut", name=package.name, version=version))
        for file in written
    ]
    descriptor = _descriptor(package, version, tables, files) | {FORMS_PROPERTY: list(forms.chosen)}
    files.append(_write(beside, "datapackage.json", "Data Package", _pretty(descriptor)))
    files.append(_write(beside, "CITATION.cff", "Citation", _citation(package, version)))
    files += [_write(beside, *text) for text in texts]
    files += forms.write(beside, run)
    sums = "".join(f"{file.sha256}  {file.name}\n" for file in sorted(files, key=lambda file: file.name))
    files.append(_write(beside, SUMS, "SHA-256", sums))
    shutil.rmtree(final, ignore_errors=True)
    beside.replace(final)
    return DataRelease(
        package=package.name, version=version, declared=package.version, source=source, files=tuple(files)
    )


class _Runner:
    """Hands work to a crew, where there is one, and tells how much of it is done."""

    def __init__(self, crew: Executor | None, tell: Tell = silent) -> None:
        self._crew, self._tell = crew, tell

    def __call__(
        self, function: Callable[..., list[DataFile]], calls: Sequence[Call], what: Said, /
    ) -> Iterator[list[DataFile]]:
        total = sum(work for work, _ in calls)
        progress = Progress(what, total, self._tell, is_counted=False)
        if self._crew is None:
            for work, arguments in calls:
                yield function(*arguments)
                progress.advance(work)
            return
        futures = {self._crew.submit(lean, function, *arguments): work for work, arguments in calls}
        for future in as_completed(futures):
            future.result()
            progress.advance(futures[future])
        yield from (future.result() for future in futures)


def _write(folder: Path, name: str, title: str, text: str) -> DataFile:
    content = text.encode()
    (folder / name).write_bytes(content)
    return DataFile(name=name, title=title, sha256=hashlib.sha256(content).hexdigest(), size=len(content), rows=None)


def portable(resource: Resource) -> Resource:
    """The resource in a form that can be handed to another process, which may stand in another folder."""
    files = tuple(file.absolute() for file in resource.files)
    return replace(resource, schema=dict(resource.schema), files=files)


def _write_table(folder: Path, resource: Resource, hidden: Hidden, ending: str) -> list[DataFile]:
    """The table as exact CSV or as JSON Lines; only rows and texts that may be shown."""
    title, counter = str(resource.schema.get("title") or resource.name), _Counter()
    pieces: Iterable[bytes]
    if resource.name in BY_COLUMNS:
        pieces = counter.pieces(visible_bytes(resource, hidden, ending))
    else:
        rows = counter.rows(visible_rows(resource, hidden))
        pieces = csv_chunks(_columns(resource), rows) if ending == "csv" else json_lines(resource.schema, rows)
    return [_write_stream(folder, f"{resource.name}.{ending}", title, pieces, counter)]


class _Counter:
    """Counts rows as they go by."""

    def __init__(self) -> None:
        self.number = 0

    def rows(self, rows: Iterable[dict[str, str]]) -> Iterator[dict[str, str]]:
        for row in rows:
            self.number += 1
            yield row

    def pieces(self, pieces: Iterable[tuple[bytes, int]]) -> Iterator[bytes]:
        for content, rows in pieces:
            self.number += rows
            yield content


def _write_stream(folder: Path, name: str, title: str, pieces: Iterable[bytes], counter: _Counter) -> DataFile:
    digest, size = hashlib.sha256(), 0
    with (folder / name).open("wb") as file:
        for piece in pieces:
            digest.update(piece)
            size += file.write(piece)
    return DataFile(name=name, title=title, sha256=digest.hexdigest(), size=size, rows=counter.number)


def _columns(resource: Resource) -> list[str]:
    """The columns of the schema in its order, the package's own after them."""
    return [field["name"] for field in resource.schema["fields"]]


def _descriptor(
    package: Package, version: str, tables: Sequence[Resource], files: Sequence[DataFile]
) -> dict[str, Any]:
    """The package as released: its own words, one file a table, checksums, the schemas written out."""
    by_name = {file.name: file for file in files}
    own = {key: value for key, value in package.descriptor.items() if key not in ("resources", "$schema")}
    return {
        "$schema": PACKAGE_SCHEMA,
        **own,
        "version": version,
        "resources": [_resource(resource, by_name[f"{resource.name}.csv"]) for resource in tables],
    }


def _resource(resource: Resource, file: DataFile) -> dict[str, Any]:
    schema = {key: value for key, value in resource.schema.items() if key != "own"}
    return {
        "$schema": RESOURCE_SCHEMA,
        "name": resource.name,
        "type": "table",
        "path": file.name,
        "title": file.title,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": file.size,
        "hash": f"sha256:{file.sha256}",
        "schema": schema,
    }


def _pretty(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def _citation(package: Package, version: str) -> str:
    """CITATION.cff 1.2.0; the texts as JSON strings, which YAML reads as they are."""
    licence = package.descriptor["licenses"][0]
    lines = [
        "cff-version: 1.2.0",
        "message: " + json.dumps("If you use this data set, please cite it as below.", ensure_ascii=False),
        "type: dataset",
        "title: " + json.dumps(str(package.descriptor["title"]), ensure_ascii=False),
        "version: " + json.dumps(version),
        "authors:",
        "  - name: " + json.dumps(_author(package), ensure_ascii=False),
    ]
    if isinstance(licence, dict) and licence.get("name"):
        lines.append("license: " + json.dumps(str(licence["name"])))
    return "\n".join(lines) + "\n"


def _author(package: Package) -> str:
    contributors = package.descriptor.get("contributors")
    if isinstance(contributors, list) and contributors and isinstance(contributors[0], dict):
        return str(contributors[0].get("title") or contributors[0].get("organization") or package.name)
    return str(package.descriptor["title"])
