"""The server's secret and all that is made of it: receipts and the hashes that are stored in place of secrets.

The secret is 256 random bits in a file beside the store that only its owner may read. Whoever has the store without
it can open no receipt.
"""

import base64
import hmac
import os
import re
import secrets
import stat
from pathlib import Path

from nok.errors import ConfigError, StorageError
from nok.identifiers import CROCKFORD

KEY_BYTES = 32
RECEIPT_SYMBOLS = 16
_HEX = re.compile(rb"[0-9a-f]{64}\n?")
_LEAST_DIFFERENT_BYTES = 16
"""32 random bytes hold about 30 different ones; fewer than 16 never happen by chance."""
_TO_CROCKFORD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", CROCKFORD)
_LOOKS_LIKE = str.maketrans({"O": "0", "I": "1", "L": "1", "-": "", " ": ""})


class ServerKey:
    """Makes receipts and hashes; never shows the secret."""

    __slots__ = ("_secret",)

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def __repr__(self) -> str:
        return "ServerKey(…)"

    def receipt(self, idempotency_key: str) -> str:
        """The code of whoever sent `idempotency_key`: 16 symbols (80 bits), the same for a retry."""
        return base64.b32encode(self._digest(idempotency_key)[:10]).decode().translate(_TO_CROCKFORD)

    def hash(self, purpose: str, text: str) -> str:
        """What is stored in place of `text`; hashes for different purposes never meet (no key holds a colon)."""
        return self._digest(f"{purpose}:{text}").hex()

    def secret_for(self, purpose: str) -> bytes:
        """A key of 256 bits of its own for one purpose."""
        return self._digest(f"key:{purpose}")

    def _digest(self, text: str) -> bytes:
        return hmac.digest(self._secret, text.encode(), "sha256")


def parse_receipt(text: str) -> str | None:
    """A receipt's code as printed, or `None`; case, hyphens and letters that look like digits are forgiven.

    >>> parse_receipt("k7qm-2xpt-0oil-abcd")
    'K7QM2XPT0011ABCD'
    """
    code = text.upper().translate(_LOOKS_LIKE)
    return code if len(code) == RECEIPT_SYMBOLS and all(symbol in CROCKFORD for symbol in code) else None


def group_receipt(code: str) -> str:
    """Four groups of four, as people write it down.

    >>> group_receipt("K7QM2XPT0011ABCD")
    'K7QM-2XPT-0011-ABCD'
    """
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def read_key(path: Path) -> ServerKey:
    """The key in `path`.

    Raises:
        ConfigError: it is shorter than 256 bits, not random, or others may read it.
        StorageError: the file cannot be read.
    """
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        content = path.read_bytes()
    except OSError as error:
        raise StorageError("store-key-unreadable", place=path, reason=error.strerror) from error
    if mode & 0o077:
        raise ConfigError("store-key-open", place=path, mode=f"{mode:04o}")
    secret = bytes.fromhex(content.decode().strip()) if _HEX.fullmatch(content) else b""
    if len(set(secret)) < _LEAST_DIFFERENT_BYTES:
        raise ConfigError("store-key-none", place=path)
    return ServerKey(secret)


def make_key(path: Path) -> ServerKey:
    """A new random key, whole on disk before anything is made with it.

    Raises:
        StorageError: the disk refuses.
    """
    secret = secrets.token_bytes(KEY_BYTES)
    beside = path.with_name(f"{path.name}.new")
    try:
        beside.unlink(missing_ok=True)
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secret.hex().encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        # A rename, since a crash in the middle of writing would leave a short key that every later start refuses.
        beside.rename(path)
        sync_folder(path.parent)
    except OSError as error:
        raise StorageError("store-key-unwritten", place=path, reason=error.strerror) from error
    return read_key(path)


def sync_folder(folder: Path) -> None:
    """Makes the names in `folder` survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
