"""Signing in to the desk through a provider of identities (OpenID Connect): the only place that knows authlib and joserfc.

The code flow with PKCE, a state and a nonce, none of which is stored: all three travel in a cookie that carries our seal. Of
what the provider tells only a confirmed address of e-mail is used, and it must be the login of an account that an
administrator made: nobody gets an account by being known elsewhere. A second factor is the provider's affair.
"""

import base64
import hmac
import json
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from nok.errors import ConfigError

SECONDS = 10.0
"""How long the provider may take for an answer."""
FLOW_SECONDS = 600
"""How long somebody may take to sign in at the provider."""
_KEPT_SECONDS = 3600.0
_ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
_SKEW_SECONDS = 60


class ProviderError(Exception):
    """The provider did not answer, or what it said proves nothing; `args` say why, for the log of an administrator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """One attempt: what must come back unchanged. `next_path` is where it leads afterwards."""

    state: str
    nonce: str
    verifier: str
    next_path: str
    started_at: int


@dataclass(slots=True, kw_only=True)
class Provider:
    """One provider, known by its issuer's address; what it says of itself is asked for once an hour."""

    issuer: str
    client_id: str
    client_secret: str
    callback: str
    """The address that the provider sends people back to."""
    clock: Callable[[], float] = time.time
    _known: dict[str, Any] = field(default_factory=dict)
    _known_until: float = 0.0

    def begin(self, next_path: str) -> tuple[str, Flow]:
        """(address at the provider, flow to keep).

        Raises:
            ProviderError: it does not answer.
        """
        flow = Flow(
            state=secrets.token_urlsafe(24),
            nonce=secrets.token_urlsafe(24),
            verifier=secrets.token_urlsafe(48),
            next_path=next_path,
            started_at=int(self.clock()),
        )
        with self._session() as session:
            address, _ = session.create_authorization_url(
                self._metadata(session)["authorization_endpoint"],
                state=flow.state,
                nonce=flow.nonce,
                code_verifier=flow.verifier,
            )
        return str(address), flow

    def login_of(self, flow: Flow, code: str) -> str:
        """The confirmed address of whoever signed in, in small letters.

        Raises:
            ProviderError: the code buys no token, or the token proves nothing.
        """
        # Heavy libraries, which only a widget with a provider needs, and only when somebody signs in.
        from authlib.common.errors import AuthlibBaseError
        from joserfc import jwt
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        with self._session() as session:
            metadata = self._metadata(session)
            try:
                token = session.fetch_token(
                    metadata["token_endpoint"], code=code, code_verifier=flow.verifier, timeout=SECONDS
                )
                listed: Any = self._get(session, metadata["jwks_uri"])
                keys = KeySet.import_key_set(listed)
                claims = jwt.decode(str(token["id_token"]), keys, algorithms=_ALGORITHMS).claims
            except (AuthlibBaseError, JoseError, OSError, ValueError, KeyError) as error:
                raise ProviderError(str(error)) from error
        return self._confirmed(claims, flow)

    def _confirmed(self, claims: Mapping[str, Any], flow: Flow) -> str:
        """OpenID Connect Core 1.0, 3.1.3.7."""
        audience = claims.get("aud")
        audiences = [audience] if isinstance(audience, str) else audience or []
        now, expires = self.clock(), claims.get("exp")
        checks = {
            "iss": claims.get("iss") == self.issuer,
            "aud": self.client_id in audiences and (len(audiences) == 1 or claims.get("azp") == self.client_id),
            "exp": isinstance(expires, int | float) and expires > now - _SKEW_SECONDS,
            "nonce": hmac.compare_digest(str(claims.get("nonce", "")).encode(), flow.nonce.encode()),
            "email_verified": claims.get("email_verified") is True and isinstance(claims.get("email"), str),
        }
        wrong = [name for name, is_right in checks.items() if not is_right]
        if wrong:
            raise ProviderError(f"claims that prove nothing: {', '.join(wrong)}")
        return str(claims["email"]).strip().lower()

    def _session(self) -> Any:
        from authlib.integrations.requests_client import OAuth2Session  # as above

        return OAuth2Session(
            self.client_id,
            self.client_secret,
            scope="openid email",
            redirect_uri=self.callback,
            code_challenge_method="S256",
        )

    def _metadata(self, session: Any) -> dict[str, Any]:
        if self.clock() > self._known_until:
            found = self._get(session, f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
            if found.get("issuer") != self.issuer:
                raise ProviderError(f"{self.issuer} says that it is {found.get('issuer')}")
            self._known, self._known_until = found, self.clock() + _KEPT_SECONDS
        return self._known

    @staticmethod
    def _get(session: Any, address: str) -> dict[str, Any]:
        try:
            answer = session.request("GET", address, withhold_token=True, timeout=SECONDS, allow_redirects=False)
            found = answer.json() if answer.status_code == 200 else None
        except (OSError, ValueError) as error:
            raise ProviderError(str(error)) from error
        if not isinstance(found, dict):
            raise ProviderError(f"{address} answered {answer.status_code}")
        return found


def check_issuer(issuer: str) -> None:
    """Raises: ConfigError, the address is no https one (http is taken on this machine)."""
    parts = urlsplit(issuer)
    is_near = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost")
    if not parts.hostname or not (parts.scheme == "https" or is_near) or parts.query or parts.fragment:
        raise ConfigError("issuer-address", issuer=issuer)


# ---- the cookie --------------------------------------------------------------------------------------------------------


def seal_flow(flow: Flow, sign: Callable[[str], str]) -> str:
    """A flow as the value of a cookie; `sign` gives the seal of a text."""
    values = [flow.state, flow.nonce, flow.verifier, flow.next_path, flow.started_at]
    text = base64.urlsafe_b64encode(json.dumps(values).encode()).decode()
    return f"{text}.{sign(text)}"


def open_flow(cookie: str, sign: Callable[[str], str], now: float) -> Flow | None:
    """The flow that we sealed within the last minutes; `None` for anything else."""
    text, _, seal = cookie.partition(".")
    if not hmac.compare_digest(seal.encode(), sign(text).encode()):
        return None
    state, nonce, verifier, next_path, started_at = json.loads(base64.urlsafe_b64decode(text))
    if not started_at <= now < started_at + FLOW_SECONDS:
        return None
    return Flow(state=state, nonce=nonce, verifier=verifier, next_path=next_path, started_at=started_at)
