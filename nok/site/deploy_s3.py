"""Deploying to an object store that speaks S3. The only place that knows s3fs.

Address and keys come from the usual environment: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_ENDPOINT_URL`,
`AWS_DEFAULT_REGION`, or the profile of the machine. An object appears whole or not at all; that is what S3 promises.
"""

import gzip
import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import PurePosixPath

from botocore.exceptions import BotoCoreError, ClientError
from s3fs import S3FileSystem

from nok.errors import StorageError, UsageError
from nok.site.deploy_plan import NOTICE_NAME, Content, is_hashed
from nok.site.deploy_source import Release

_CONNECTIONS = 32
_BATCH_FILES, _BATCH_BYTES = 500, 32 << 20
"""So much is held in memory at once; a larger file is sent in parts, from disk."""
_PART_BYTES, _PARTS_AT_ONCE, _MOST_PARTS = 8 << 20, 4, 10_000
_REMOVED_AT_ONCE = 1000  # the most that one DeleteObjects takes

_FOR_EVER = "public, max-age=31536000, immutable"
_SHORT = "public, max-age=60"
"""Pages: a minute spares the store, and is what a visitor may be late by."""
_NEVER = "no-store"

_TYPES = {
    "atom": "application/atom+xml; charset=utf-8",
    "cff": "application/yaml; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "geojson": "application/geo+json",
    "jsonld": "application/ld+json",
    "gz": "application/gzip",
    "html": "text/html; charset=utf-8",
    "ico": "image/vnd.microsoft.icon",
    "jpg": "image/jpeg",
    "js": "text/javascript; charset=utf-8",
    "json": "application/json",
    "jsonl": "application/jsonl; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
    "pdf": "application/pdf",
    "png": "image/png",
    "sqlite": "application/vnd.sqlite3",
    "svg": "image/svg+xml",
    "txt": "text/plain; charset=utf-8",
    "webmanifest": "application/manifest+json",
    "webp": "image/webp",
    "woff2": "font/woff2",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "xml": "application/xml",
    "xsl": "application/xml",
    "zip": "application/zip",
}
"""Ending to type; the table of the machine (`mimetypes`) differs from one to the next."""
_NO_ENDING = "text/plain; charset=utf-8"  # SHA256SUMS and the like
_UNKNOWN = "application/octet-stream"

_COMPRESSED = frozenset("css html js svg".split())
"""What only browsers ask for, and every browser unpacks. Data goes up as it is: programs that fetch a table may not
unpack it, and its checksum must be that of what they get."""
_TWINS = (".gz", ".br")


class S3Target:
    """A bucket, or the part of it below a prefix."""

    def __init__(self, place: str, *, compress: bool) -> None:
        """`place` is `bucket` or `bucket/prefix`; `compress` keeps pages, styles and scripts as gzip."""
        self._place = place.strip("/")
        self._compress = compress
        self._tags: dict[str, str] = {}
        rules = repr((_TYPES, _FOR_EVER, _SHORT, sorted(_COMPRESSED), compress))
        # Other headers are another form: everything then goes up again, or old objects would keep the old ones.
        self.form = f"s3-{hashlib.sha256(rules.encode()).hexdigest()[:12]}"
        with self._told():
            self._store = S3FileSystem(
                skip_instance_cache=True,
                use_listings_cache=False,
                config_kwargs={"max_pool_connections": _CONNECTIONS},
            )

    def select(self, files: Mapping[str, Content]) -> Mapping[str, Content]:
        """What of a release belongs here: not the compressed twins, for which nobody could ask."""
        return {path: content for path, content in files.items() if not _is_twin(path, files)}

    def is_transformed(self, path: str) -> bool:
        """True for what is kept as gzip."""
        return self._compress and _ending(path) in _COMPRESSED

    def found(self) -> dict[str, int]:
        """Path to size in bytes of every object, ours or not. Raises `UsageError` where there is no such bucket."""
        try:
            with self._told():
                objects = self._store.find(self._place, detail=True)
        except StorageError as error:
            if isinstance(error.__cause__, FileNotFoundError):
                bucket = self._place.partition("/")[0]
                raise UsageError("bucket-missing", bucket=bucket) from error
            raise
        start = self._key("")
        ours = {name.removeprefix(start): about for name, about in objects.items() if name.startswith(start)}
        sizes = {path: int(about["size"]) for path, about in ours.items() if path and not path.endswith("/")}
        if NOTICE_NAME in sizes:  # only then will anyone ask what is in an object
            self._tags = {path: about["ETag"].strip('"') for path, about in ours.items()}
        return sizes

    def read(self, name: str) -> bytes:
        """The content of a small file of ours."""
        with self._told():
            content: bytes = self._store.cat_file(self._key(name))
        return content

    def write(self, name: str, content: bytes) -> None:
        """Puts a small file of ours."""
        self._pipe({name: content}, {"ContentType": _TYPES["gz"], "CacheControl": _NEVER})

    def put(self, release: Release, paths: Sequence[str]) -> Iterator[int]:
        """Puts the files of `paths`, many at once; yields how many are there so far."""
        done = 0
        for _, group in groupby(sorted(paths, key=self._order), key=self._order):
            for batch in _batches(list(group), release):
                self._send(release, batch)
                done += len(batch)
                yield done

    def already(self, release: Release, paths: Collection[str]) -> set[str]:
        """Those of `paths` whose object is what we would send: its ETag is the MD5 of the body, but for large ones."""
        small = (path for path in paths if release.files[path].size <= _BATCH_BYTES)
        return {path for path in small if self._tags.get(path) == _md5(self._body(release, path))}

    def remove(self, paths: Sequence[str]) -> None:
        """Removes objects that may be gone already.

        Raises:
            StorageError: the store keeps one of them. A page that had to go must not stay unnoticed.
        """
        for first in range(0, len(paths), _REMOVED_AT_ONCE):
            bucket, _, prefix = self._place.partition("/")
            keys = [{"Key": f"{prefix}/{path}" if prefix else path} for path in paths[first : first + _REMOVED_AT_ONCE]]
            with self._told():
                answer = self._store.call_s3("delete_objects", Bucket=bucket, Delete={"Objects": keys, "Quiet": True})
            for error in answer.get("Errors", ()):
                raise StorageError(
                    "s3-unremoved", place=f"s3://{self._place}", path=error.get("Key"), reason=error.get("Message")
                )

    def headers(self, path: str) -> dict[str, str]:
        """What the store shall answer with, in the words of S3."""
        found = {
            "ContentType": _TYPES.get(_ending(path), _UNKNOWN) if _ending(path) else _NO_ENDING,
            "CacheControl": _FOR_EVER if is_hashed(path) else _SHORT,
        }
        return {**found, "ContentEncoding": "gzip"} if self.is_transformed(path) else found

    def _order(self, path: str) -> list[tuple[str, str]]:
        return sorted(self.headers(path).items())

    def _send(self, release: Release, batch: Sequence[str]) -> None:
        headers = self.headers(batch[0])
        if release.files[batch[0]].size <= _BATCH_BYTES:
            self._pipe({path: self._body(release, path) for path in batch}, headers)
            return
        release.check(batch)
        with self._told():
            self._store.put_file(
                str(release.folder / batch[0]),
                self._key(batch[0]),
                chunksize=max(_PART_BYTES, -(-release.files[batch[0]].size // _MOST_PARTS)),
                max_concurrency=_PARTS_AT_ONCE,
                **headers,
            )
        release.check(batch)

    def _body(self, release: Release, path: str) -> bytes:
        """What is sent for a file: itself or its gzip, the twin that the build made or else our own."""
        content = release.read(path)
        if not self.is_transformed(path):
            return content
        twin = f"{path}.gz"
        return release.read(twin) if twin in release.files else gzip.compress(content, mtime=0)

    def _pipe(self, contents: Mapping[str, bytes], headers: Mapping[str, str]) -> None:
        with self._told():
            bodies = {self._key(path): body for path, body in contents.items()}
            self._store.pipe(bodies, batch_size=_CONNECTIONS, **headers)

    def _key(self, path: str) -> str:
        return f"{self._place}/{path}"

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turns what the store and its library say into a sentence."""
        try:
            yield
        except (OSError, BotoCoreError, ClientError) as error:
            raise StorageError("s3-refused", place=f"s3://{self._place}", reason=error) from error


def _ending(path: str) -> str:
    return PurePosixPath(path).suffix[1:]


def _is_twin(path: str, files: Mapping[str, Content]) -> bool:
    return path.endswith(_TWINS) and path[:-3] in files


def _md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def _batches(paths: Sequence[str], release: Release) -> Iterator[list[str]]:
    """Pieces of `paths`, each within the limits; a file that is larger than all of them is a piece of its own."""
    batch: list[str] = []
    size = 0
    for path in paths:
        own = release.files[path].size
        if batch and (len(batch) == _BATCH_FILES or size + own > _BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(path)
        size += own
    if batch:
        yield batch
