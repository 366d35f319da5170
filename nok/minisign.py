"""Signatures of published files: Ed25519 in the form that the program `minisign` writes and checks. Floor 2, pure.

Source of the form: https://jedisct1.github.io/minisign/ (signatures, public and secret keys). Only prehashed signatures
(`ED`: what is signed is the BLAKE2b-512 of the content) are made and accepted, and only secret keys without a password,
for builds run unattended; who may read the file may sign. Ed25519 needs no randomness: the same content, comment and key
give the same signature.
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

_KEY_ALGORITHM = b"Ed"
_PREHASHED = b"ED"
_NO_PASSWORD = b"\0\0"
_CHECKSUM = b"B2"
_ID_BYTES, _SEED_BYTES, _PUBLIC_BYTES, _SIGNATURE_BYTES = 8, 32, 32, 64
_SALT_AND_LIMITS = bytes(32 + 8 + 8)
"""Of the derivation of a password; without one they are zeros."""
_UNTRUSTED, _TRUSTED = "untrusted comment: ", "trusted comment: "


class SignatureFault(ValueError):
    """A key or a signature is not what it should be; the message is a clause without a final stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKey:
    """What signatures are checked with. `id` is eight bytes by which a signature names its key."""

    id: bytes
    key: bytes

    @property
    def name(self) -> str:
        """The id as people read it: 16 hex digits."""
        return name_of(self.id)

    @property
    def text(self) -> str:
        """The file of the key."""
        encoded = base64.b64encode(_KEY_ALGORITHM + self.id + self.key).decode()
        return f"{_UNTRUSTED}minisign public key {self.name}\n{encoded}\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretKey:
    """What signs. `seed` is 32 bytes that nobody else may know."""

    id: bytes
    seed: bytes

    @property
    def public(self) -> PublicKey:
        made = Ed25519PrivateKey.from_private_bytes(self.seed).public_key()
        return PublicKey(id=self.id, key=made.public_bytes(Encoding.Raw, PublicFormat.Raw))

    @property
    def text(self) -> str:
        """The file of the key, without a password, as `minisign -G -W` writes it."""
        secret = self.id + self.seed + self.public.key
        checksum = hashlib.blake2b(_KEY_ALGORITHM + secret, digest_size=32).digest()
        whole = _KEY_ALGORITHM + _NO_PASSWORD + _CHECKSUM + _SALT_AND_LIMITS + secret + checksum
        return f"{_UNTRUSTED}minisign secret key\n{base64.b64encode(whole).decode()}\n"

    def sign(self, content: bytes, comment: str) -> str:
        """The file of a signature; `comment` (one line) is signed with it and is shown to whoever checks."""
        private = Ed25519PrivateKey.from_private_bytes(self.seed)
        signature = private.sign(_prehashed(content))
        whole = private.sign(signature + comment.encode())
        encoded = base64.b64encode(_PREHASHED + self.id + signature).decode()
        return (
            f"{_UNTRUSTED}signature of key {name_of(self.id)}\n{encoded}\n"
            f"{_TRUSTED}{comment}\n{base64.b64encode(whole).decode()}\n"
        )


def name_of(key_id: bytes) -> str:
    """A key id as people read it: 16 hex digits, of the number that the bytes are, the smallest first."""
    return f"{int.from_bytes(key_id, 'little'):016X}"


def parse_public_key(text: str) -> PublicKey:
    """Raises:
    SignatureFault: the text is no public key of minisign.
    """
    found = _decoded(text.splitlines()[-1] if text.strip() else "", len(_KEY_ALGORITHM) + _ID_BYTES + _PUBLIC_BYTES)
    if found[:2] != _KEY_ALGORITHM:
        raise SignatureFault("it is no public key of minisign")
    return PublicKey(id=found[2:10], key=found[10:])


def parse_secret_key(text: str) -> SecretKey:
    """Raises:
    SignatureFault: the text is no secret key of minisign, is damaged, or has a password.
    """
    lines = text.split("\n")
    found = _decoded(lines[1] if len(lines) > 1 else "", 6 + len(_SALT_AND_LIMITS) + 8 + 64 + 32)
    if found[:2] != _KEY_ALGORITHM or found[4:6] != _CHECKSUM:
        raise SignatureFault("it is no secret key of minisign")
    if found[2:4] != _NO_PASSWORD:
        raise SignatureFault(
            "the key has a password, which nobody can type while a build runs (minisign -G -W makes one without)"
        )
    secret, checksum = found[54:126], found[126:]
    key = SecretKey(id=secret[:8], seed=secret[8:40])
    if key.public.key != secret[40:] or not _is_checksum(secret, checksum):
        raise SignatureFault("the key is damaged: its parts do not belong together")
    return key


def _is_checksum(secret: bytes, checksum: bytes) -> bool:
    """Releases of minisign that wrote keys without a password left the checksum empty."""
    return checksum in (bytes(32), hashlib.blake2b(_KEY_ALGORITHM + secret, digest_size=32).digest())


def key_of(signature: str) -> bytes:
    """The id of the key that a signature says it was made with.

    Raises:
        SignatureFault: the text is no signature.
    """
    return _parse_signature(signature)[0]


def check_signature(content: bytes, signature: str, key: PublicKey) -> str:
    """The comment that was signed with `content`.

    Raises:
        SignatureFault: the text is no signature, is of another key, or not of this content and comment.
    """
    key_id, made, comment, whole = _parse_signature(signature)
    if key_id != key.id:
        raise SignatureFault(f"it was made with the key {name_of(key_id)}, not with {key.name}")
    public = Ed25519PublicKey.from_public_bytes(key.key)
    try:
        public.verify(made, _prehashed(content))
    except InvalidSignature as error:
        raise SignatureFault("it is not of this content") from error
    try:
        public.verify(whole, made + comment.encode())
    except InvalidSignature as error:
        raise SignatureFault("its comment was changed after signing") from error
    return comment


def _parse_signature(text: str) -> tuple[bytes, bytes, str, bytes]:
    """Key id, signature of the content, comment, signature of both."""
    lines = text.split("\n")
    if len(lines) < 4 or not lines[0].startswith(_UNTRUSTED) or not lines[2].startswith(_TRUSTED):
        raise SignatureFault("it is no signature of minisign")
    found = _decoded(lines[1], 2 + _ID_BYTES + _SIGNATURE_BYTES)
    if found[:2] != _PREHASHED:
        raise SignatureFault("it is a signature of an old form, of the content itself")
    return found[2:10], found[10:], lines[2].removeprefix(_TRUSTED), _decoded(lines[3], _SIGNATURE_BYTES)


def _decoded(text: str, size: int) -> bytes:
    try:
        found = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise SignatureFault("it is cut or is not in base64") from error
    if len(found) != size:
        raise SignatureFault(f"it has {len(found)} bytes where {size} were expected")
    return found


def _prehashed(content: bytes) -> bytes:
    return hashlib.blake2b(content).digest()
