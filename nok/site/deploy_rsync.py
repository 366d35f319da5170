"""Deploying with the program rsync, to another machine over ssh or to a folder: only differences travel.

rsync writes a file beside and renames it, so a reader meets it whole. Phases and deletions are calls of their own, each
with the list of its files. `RSYNC_RSH` names another way to the machine than `ssh`, as always.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from nok.errors import Said, StorageError, UsageError
from nok.site.deploy_plan import Content
from nok.site.deploy_source import Release

_LISTED = re.compile(r"(?P<kind>.)\S{9}\S*\s+(?P<size>\d+) \d{4}/\d\d/\d\d \d\d:\d\d:\d\d (?P<path>.*)")
_PARTIAL = 23
"""rsync's exit code where a part was not there."""
_FILES_PER_CALL = 10_000


class RsyncTarget:
    """A place that rsync knows: `user@host:/path`, or a folder."""

    form = "files-1"

    def __init__(self, place: str, held: int) -> None:
        """`held` is the descriptor that keeps other deploys away; rsync keeps it too while it outlives us.

        Raises:
            UsageError: there is no rsync here.
        """
        if shutil.which("rsync") is None:
            raise UsageError("rsync-missing")
        self._place = place.rstrip("/") + "/"
        self._held = held

    def select(self, files: Mapping[str, Content]) -> Mapping[str, Content]:
        """What of a release belongs here: all of it, compressed twins for the web server included."""
        return files

    def is_transformed(self, path: str) -> bool:
        """Files lie here as they were built."""
        return False

    def found(self) -> dict[str, int]:
        """Path to size in bytes of every file, ours or not; a link counts as a file."""
        options = ["--recursive", "--list-only", "--8-bit-output", "--no-human-readable"]
        done = self._call([*options, "--", self._place])
        if done.returncode == _PARTIAL and b"No such file or directory" in done.stderr:
            return {}
        self._refuse_failure(done)
        lines = (_LISTED.fullmatch(line) for line in done.stdout.decode("utf-8", "surrogateescape").splitlines())
        return {_path(line): int(line["size"]) for line in lines if line and line["kind"] != "d"}

    def read(self, name: str) -> bytes:
        """The content of a small file of ours."""
        with TemporaryDirectory(prefix="nok-deploy-") as scratch:
            self._run(["--", self._place + name, f"{scratch}/"])
            return Path(scratch, name).read_bytes()

    def write(self, name: str, content: bytes) -> None:
        """Puts a small file of ours."""
        with TemporaryDirectory(prefix="nok-deploy-") as scratch:
            file = Path(scratch, name)
            file.write_bytes(content)
            file.chmod(0o644)
            self._run(["--ignore-times", "--", str(file), self._place])

    def put(self, release: Release, paths: Sequence[str]) -> Iterator[int]:
        """Puts the files of `paths`; yields how many are there so far.

        `--ignore-times`: rsync would take a file of the same size and second for the same.
        """
        for first in range(0, len(paths), _FILES_PER_CALL):
            some = paths[first : first + _FILES_PER_CALL]
            options = ["--ignore-times", "--compress", "--files-from=-", "--from0", "--", f"{release.folder}/"]
            release.check(some)
            done = self._call([*options, self._place], some)
            release.check(some)  # rsync reads by itself; what it may have read of a later release goes up again
            self._refuse_failure(done)
            yield first + len(some)

    def already(self, release: Release, paths: Collection[str]) -> set[str]:
        """None is known to be right: rsync compares by itself, and sends nothing of a file that is."""
        return set()

    def remove(self, paths: Sequence[str]) -> None:
        """Removes files that may be gone already. Empty folders stay."""
        for first in range(0, len(paths), _FILES_PER_CALL):
            some = paths[first : first + _FILES_PER_CALL]
            with TemporaryDirectory(prefix="nok-deploy-") as bare:
                for folder in {PurePosixPath(path).parent for path in some}:
                    Path(bare, folder).mkdir(parents=True, exist_ok=True)
                # What is missing in these folders is to be missing there too; rsync looks no further than the list.
                options = ["--delete-missing-args", "--files-from=-", "--from0", "--", f"{bare}/"]
                self._run([*options, self._place], some)

    def _run(self, arguments: list[str], names: Sequence[str] = ()) -> None:
        self._refuse_failure(self._call(arguments, names))

    def _call(self, arguments: list[str], names: Sequence[str] = ()) -> "subprocess.CompletedProcess[bytes]":
        return subprocess.run(
            ["rsync", *arguments],
            input="".join(f"{name}\0" for name in names).encode("utf-8", "surrogateescape"),
            capture_output=True,
            check=False,
            env={**os.environ, "LC_ALL": "C"},
            pass_fds=[self._held],
        )

    def _refuse_failure(self, done: "subprocess.CompletedProcess[bytes]") -> None:
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace").strip().splitlines() or [""]
            reason = " ".join(said[:3]) or Said("rsync-silent")
            raise StorageError("rsync-failed", place=self._place, code=done.returncode, reason=reason)


def _path(line: "re.Match[str]") -> str:
    return line["path"].partition(" -> ")[0] if line["kind"] == "l" else line["path"]
