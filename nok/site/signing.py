"""The key that signs data: read from the file that `publication.yaml` names, or made anew."""

import os
import secrets
from pathlib import Path

from nok.errors import ConfigError, Said, UsageError
from nok.minisign import SecretKey, SignatureFault, parse_secret_key
from nok.site.publication import Publication

SIGNATURE = ".minisig"
"""What the name of a signature ends with, after the name of the file that it signs."""

PUBLIC_KEY = "minisign.pub"


def read_signing_key(publication: Publication) -> SecretKey | None:
    """The key of the publication; `None` where it names none: then releases are not signed.

    Raises:
        ConfigError: the file is not there, others may read it, or it is no key that can be used.
    """
    named = publication.config.signing_key
    if not named:
        return None
    file, where = publication.root / named, f"{publication.config_file}: option 'signing_key': {named}"
    try:
        mode, text = file.stat().st_mode & 0o777, file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", "") or Said("no-text")
        raise ConfigError("signing-key-unreadable", place=where, reason=reason, named=named) from error
    if mode & 0o077:
        raise ConfigError("signing-key-open", place=where, mode=f"{mode:04o}", named=named)
    try:
        return parse_secret_key(text)
    except SignatureFault as fault:
        raise ConfigError("signing-key-fault", place=where, fault=fault) from fault


def make_signing_key(file: Path) -> str:
    """Writes a new key to `file`, for its owner's eyes, and the public one beside it; the public one's name.

    Raises:
        UsageError: a file stands there already; a key that has signed something is never written over.
    """
    key = SecretKey(id=secrets.token_bytes(8), seed=secrets.token_bytes(32))
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise UsageError("signing-key-there", place=file) from error
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(key.text)
    file.with_name(f"{file.name}.pub").write_text(key.public.text, "utf-8")
    return key.public.name
