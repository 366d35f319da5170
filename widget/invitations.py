"""Invitations: signed tokens that let one visitor rate one organisation once. Pure; time and chance are passed in.

A token is 64 small letters and digits (base32) of 40 bytes: the second it expires, its batch, 128 random bits, and 128
bits of an HMAC over all of it and the organisation. So it needs no list on the server, only one of those that were spent;
a token of one organisation is worth nothing at another, and one that was changed by a bit is none.
"""

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from enum import StrEnum

TOKEN_LENGTH = 64
RANDOM_BYTES = 16
_SIGNATURE_BYTES = 16
_BATCH_BYTES = 4
_FORM = re.compile(r"[a-z2-7]{64}")
_BATCH = re.compile(r"[0-9a-f]{8}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """What a genuine token says. `batch` is 8 hexadecimal digits, `expires_at` seconds since 1970."""

    organization_id: str
    batch: str
    expires_at: int


class Fault(StrEnum):
    """Why a token lets nobody in; the words for a person go by these names."""

    WRONG = "invitation-wrong"
    EXPIRED = "invitation-expired"
    SPENT = "invitation-spent"


class Inviter:
    """Makes and reads tokens under one secret."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def make(self, invitation: Invitation, random: bytes | None = None) -> str:
        """A new token; `random` is given in tests.

        Raises:
            ValueError: a batch or a moment that no token can hold.
        """
        if _BATCH.fullmatch(invitation.batch) is None:
            raise ValueError(f"a batch has 8 hexadecimal digits, not '{invitation.batch}'")
        said = invitation.expires_at.to_bytes(4) + bytes.fromhex(invitation.batch)
        said += random or secrets.token_bytes(RANDOM_BYTES)
        return base64.b32encode(said + self._sign(invitation.organization_id, said)).decode().lower()

    def read(self, organization_id: str, token: object, now: float) -> Invitation | Fault:
        """What `token` says where it was made for this organisation and holds at `now` (seconds since 1970).

        The signature is compared in constant time, and nothing of a token is believed before it.
        """
        if not isinstance(token, str) or _FORM.fullmatch(token) is None:
            return Fault.WRONG
        whole = base64.b32decode(token.upper())
        said, signature = whole[:-_SIGNATURE_BYTES], whole[-_SIGNATURE_BYTES:]
        if not hmac.compare_digest(self._sign(organization_id, said), signature):
            return Fault.WRONG
        expires_at = int.from_bytes(said[:4])
        if now >= expires_at:
            return Fault.EXPIRED
        batch = said[4 : 4 + _BATCH_BYTES].hex()
        return Invitation(organization_id=organization_id, batch=batch, expires_at=expires_at)

    def _sign(self, organization_id: str, said: bytes) -> bytes:
        message = f"invitation:{organization_id}:".encode() + said
        return hmac.new(self._secret, message, hashlib.sha256).digest()[:_SIGNATURE_BYTES]
