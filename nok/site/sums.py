"""Checksums and signatures of a folder of published data: every file below is listed, none more, none another.

The list is `SHA256SUMS` in the form of `sha256sum`; the signature beside it is of the list. Compressed twins of a listed
file, which a web server sends in its place, are not listed: unpacked they must be that file.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from nok.errors import Place, Problem
from nok.minisign import PublicKey, SignatureFault, check_signature, parse_public_key
from nok.render.twins import unpacked

SUMS = "SHA256SUMS"
SIGNATURE = f"{SUMS}.minisig"
MOST_PROBLEMS = 1000
"""So many faults are kept with their places; the others are counted."""

_LINE = re.compile(r"([0-9a-f]{64})  ([^\\\0\n]+)")
_TWINS = (".gz", ".br")
_PIECE = 1 << 20


@dataclass(slots=True)
class Findings:
    """What was found to be wrong, and how much was looked at."""

    problems: list[Problem] = field(default_factory=list)
    more: int = 0
    files: int = 0
    signed: int = 0

    def add(self, rule: str, where: Place, value: str = "", **details: str) -> None:
        self.take([Problem(rule=rule, where=where, value=value, details=details)])

    def take(self, problems: Iterable[Problem]) -> None:
        for problem in problems:
            if len(self.problems) < MOST_PROBLEMS:
                self.problems.append(problem)
            else:
                self.more += 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """Whom a reader believes: the text of a public key (empty: the one that the site shows), and whether what nobody
    signed is a fault."""

    public_key: str = ""
    requires_signature: bool = False


def check_sums(folder: Path, name: str, findings: Findings, *, is_whole: bool = True) -> dict[str, str] | None:
    """Holds every file of `folder` against its list; file to SHA-256, or `None` where there is no list to trust.

    `name` is what people call the folder; `is_whole` says that all files of it are here, so that one more is a fault.
    """
    listed = _read_list(folder, name, findings)
    if listed is None:
        return None
    is_right = True
    for file, sha256 in listed.items():
        place = Place(package=name, file=file)
        if not (folder / file).is_file():
            findings.add("verify-missing", place)
        elif (found := _hash(_pieces(folder / file))) != sha256:
            findings.add("verify-sum", place, found, expected=sha256)
        else:
            findings.files += 1
            continue
        is_right = False
    if is_whole:
        is_right &= _check_others(folder, name, listed, findings)
    return listed if is_right else None


def _read_list(folder: Path, name: str, findings: Findings) -> dict[str, str] | None:
    place = Place(package=name, file=SUMS)
    if not (folder / SUMS).is_file():
        findings.add("verify-no-sums", place)
        return None
    listed: dict[str, str] = {}
    for number, line in enumerate((folder / SUMS).read_bytes().decode("utf-8", "replace").splitlines(), start=1):
        found = _LINE.fullmatch(line)
        if found is None or found[2] in listed or found[2] in (SUMS, SIGNATURE) or not is_below(found[2]):
            findings.add("verify-sums-line", Place(package=name, file=SUMS, row=number), line)
            return None
        listed[found[2]] = found[1]
    return listed


def is_below(name: str) -> bool:
    """True for the path of a file below the folder of a list: no way out of it, and no second way to the same file."""
    return not {"\\", "\0"} & set(name) and not {"", ".", ".."} & set(name.split("/"))


def is_folder_name(name: object) -> bool:
    """True for the name of one folder, as packages and versions have; who wrote it may mean no good."""
    return isinstance(name, str) and "/" not in name and is_below(name)


def _check_others(folder: Path, name: str, listed: dict[str, str], findings: Findings) -> bool:
    """Files that the list does not name: twins of those that it names are looked into."""
    is_right = True
    for file in sorted(folder.rglob("*")):
        path = file.relative_to(folder).as_posix()
        if path in listed or path in (SUMS, SIGNATURE) or file.is_dir():
            continue
        original = path.removesuffix(file.suffix) if file.suffix in _TWINS else ""
        place = Place(package=name, file=path)
        if original in (SUMS, SIGNATURE):
            is_twin = _unpacks_to(file, _hash(_pieces(folder / original)))
        elif original not in listed:
            findings.add("verify-unlisted", place)
            is_right = False
            continue
        else:
            is_twin = _unpacks_to(file, listed[original])
        if not is_twin:
            findings.add("verify-twin", place, expected=original)
            is_right = False
    return is_right


def _unpacks_to(file: Path, sha256: str) -> bool:
    try:
        return _hash(unpacked(file.name, _pieces(file))) == sha256
    except ValueError:
        return False


def check_signed(
    folder: Path, name: str, comment: str, keys: Iterable[PublicKey], trust: Trust, findings: Findings
) -> None:
    """Holds the signature of the list of `folder` against `keys`; `comment` is what must have been signed with it."""
    place, keys = Place(package=name, file=SIGNATURE), list(keys)
    if not (folder / SUMS).is_file():
        return  # said already
    if not (folder / SIGNATURE).is_file():
        if trust.requires_signature:
            findings.add("verify-unsigned", place)
        return
    if not keys:
        findings.add("verify-no-key", place)
        return
    faults = []
    for key in keys:
        try:
            said = check_signature(
                (folder / SUMS).read_bytes(), (folder / SIGNATURE).read_text("utf-8", "replace"), key
            )
        except SignatureFault as fault:
            faults.append(str(fault))
            continue
        if said == comment:
            findings.signed += 1
        else:
            findings.add("verify-comment", place, said, expected=comment)
        return
    findings.add("verify-signature", place, faults[0])


def keys_of(folder: Path, trust: Trust, findings: Findings) -> list[PublicKey]:
    """The keys to believe: the one that the reader trusts, else the one that lies in the folder `data`.

    Raises:
        SignatureFault: what the reader trusts is no key.
    """
    if trust.public_key:
        return [parse_public_key(trust.public_key)]
    file = folder / "minisign.pub"
    if not file.is_file():
        return []
    try:
        return [parse_public_key(file.read_text("utf-8", "replace"))]
    except SignatureFault as fault:
        findings.add("verify-bad-key", Place(package="data", file=file.name), str(fault))
        return []


def _pieces(file: Path) -> Iterator[bytes]:
    with file.open("rb") as stream:
        while piece := stream.read(_PIECE):
            yield piece


def _hash(pieces: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()
