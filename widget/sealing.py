"""Texts under keys of their own: whoever drops the key has erased the text in every copy of the store.

AES-256-GCM; the id of the review is bound in, so that a sealed text cannot be moved to another review unnoticed.
"""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

SECRET_BYTES = 32
_NONCE_BYTES = 12


def new_secret() -> bytes:
    """256 random bits."""
    return secrets.token_bytes(SECRET_BYTES)


def seal(secret: bytes, text: str, bound_to: str) -> bytes:
    """`text`, readable only with `secret` and only as part of `bound_to`; another nonce each time."""
    return seal_bytes(secret, text.encode(), bound_to)


def seal_bytes(secret: bytes, content: bytes, bound_to: str) -> bytes:
    """As `seal`, for what is no text."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(secret).encrypt(nonce, content, bound_to.encode())


def unseal(secret: bytes, sealed: bytes, bound_to: str) -> str | None:
    """The text, or `None` where the key, the text or what it is bound to are not those that were sealed."""
    content = unseal_bytes(secret, sealed, bound_to)
    return None if content is None else content.decode()


def unseal_bytes(secret: bytes, sealed: bytes, bound_to: str) -> bytes | None:
    """As `unseal`, for what is no text."""
    try:
        return AESGCM(secret).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], bound_to.encode())
    except InvalidTag:
        return None
