"""What a form proves: that it was opened a moment ago and that a machine has worked for it. Pure; the time is passed in.

The token in the form is signed and says when the form was opened. The work is that of Altcha's second format
(PBKDF2/SHA-256 over a nonce and a counter, until the key begins as told) with a counter that only the server knows: so
no phone works longer than the longest, and the answer is checked without working again. No puzzle, no third party.

Token and work belong to one idempotency key, and the store takes a key once: so a solved form is one rating, also for
widgets that share nothing but the database. Whoever proves nothing may rate all the same, under stricter limits.
"""

import hashlib
import hmac
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nok.stuffing import StuffingRules

ALGORITHM = "PBKDF2/SHA-256"
TOKEN, WORK = "form_token", "work"
"""The two fields of a form; a rating without them is one without proof."""
_KEY_BYTES = 32
_PREFIX_BYTES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """What a form is given. `nonce`, `salt` and `prefix` are hexadecimal; the key that begins with `prefix` is looked
    for by counting from 0."""

    token: str
    nonce: str
    salt: str
    cost: int
    prefix: str

    def as_text(self) -> str:
        """For the script of the form: four words."""
        return f"{self.cost} {self.nonce} {self.salt} {self.prefix}"

    def as_json(self) -> Mapping[str, object]:
        """For programs: the parameters as Altcha names them."""
        parameters = {"algorithm": ALGORITHM, "cost": self.cost, "keyLength": _KEY_BYTES, "keyPrefix": self.prefix}
        return {TOKEN: self.token, "parameters": {**parameters, "nonce": self.nonce, "salt": self.salt}}


class Prover:
    """Makes challenges and checks what comes back; knows nothing of what was asked before."""

    def __init__(self, secret: bytes, rules: StuffingRules) -> None:
        self._secret, self._rules = secret, rules

    def challenge(self, organization_id: str, idempotency_key: str, now: float) -> Challenge:
        """A challenge for one rating, opened at `now` (seconds since 1970)."""
        token = self._token(organization_id, idempotency_key, int(now))
        nonce, salt = self._parts(token)
        key = derive_key(nonce, salt, self._counter(token), self._rules.work_cost)
        return Challenge(
            token=token,
            nonce=nonce.hex(),
            salt=salt.hex(),
            cost=self._rules.work_cost,
            prefix=key[:_PREFIX_BYTES].hex(),
        )

    def is_proved(self, organization_id: str, idempotency_key: str, token: object, work: object, now: float) -> bool:
        """True where the form was opened long enough ago, not too long ago, and the counter is the right one."""
        opened = _opened(token)
        if opened is None or not isinstance(token, str):
            return False
        expected = self._token(organization_id, idempotency_key, opened)
        is_ours = hmac.compare_digest(expected.encode(), token.encode())
        age = now - opened
        is_in_time = self._rules.fastest_seconds <= age <= self._rules.form_hours * 3600
        answer = str(work).encode("utf-8", "replace")
        is_worked = hmac.compare_digest(str(self._counter(expected)).encode(), answer)
        return is_ours and is_in_time and is_worked

    def _token(self, organization_id: str, idempotency_key: str, opened: int) -> str:
        said = f"form:{organization_id}:{idempotency_key}:{opened}"
        return f"{opened:x}-{self._digest(said)[:16].hex()}"

    def _parts(self, token: str) -> tuple[bytes, bytes]:
        digest = self._digest(f"work:{token}")
        return digest[:16], digest[16:]

    def _counter(self, token: str) -> int:
        least, most = self._rules.work_least, self._rules.work_most
        return least + int.from_bytes(self._digest(f"counter:{token}")[:8]) % (most - least + 1)

    def _digest(self, text: str) -> bytes:
        return hmac.new(self._secret, text.encode(), hashlib.sha256).digest()


def _opened(token: object) -> int | None:
    if not isinstance(token, str) or not token.isascii() or len(token) > 64:
        return None
    try:
        return int(token.partition("-")[0], 16)
    except ValueError:
        return None


def derive_key(nonce: bytes, salt: bytes, counter: int, cost: int) -> bytes:
    """The key of one attempt: PBKDF2 of the nonce with the counter as four bytes behind it."""
    return hashlib.pbkdf2_hmac("sha256", nonce + struct.pack(">I", counter), salt, cost, _KEY_BYTES)


def solve(challenge: Challenge, most: int) -> int | None:
    """The counter that was looked for, as a phone finds it; `None` where it is above `most`."""
    nonce, salt, prefix = (bytes.fromhex(part) for part in (challenge.nonce, challenge.salt, challenge.prefix))
    return next(
        (counter for counter in range(most + 1) if derive_key(nonce, salt, counter, challenge.cost).startswith(prefix)),
        None,
    )


def take_proof(fields: Mapping[str, Any]) -> tuple[dict[str, Any], object, object]:
    """(what was said, token, work): the proof is no part of the rating."""
    said = {name: value for name, value in fields.items() if name not in (TOKEN, WORK)}
    return said, fields.get(TOKEN), fields.get(WORK)
