"""An identity provider by OpenID Connect: code flow with PKCE. Authlib checks what it says; the calls are bounded.

Calls go to the issuer's discovery document and to the endpoints that it names, nowhere else.
"""

import asyncio
import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote, urlencode

from confrere.access.provider_settings import ProviderSettings
from confrere.domain.remedies import FIX_PROVIDER, REACH_PROVIDER, SET_ISSUER
from confrere.ports import Clock

SECONDS: Final = 10.0
CHECK_SECONDS: Final = 4.0
"""For all of a check, which a page waits for."""

MAX_BYTES: Final = 512 * 1024
_KEEP_SECONDS: Final = 3600
_LEEWAY_SECONDS: Final = 120

_ALGORITHMS: Final = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "EdDSA", "Ed25519"),
)
"""Signatures by a key that only the provider has; none by the client's secret, and no token without a signature."""

_TOKEN_ERRORS: Final = frozenset(
    {"invalid_client", "invalid_grant", "invalid_request", "unauthorized_client", "unsupported_grant_type"}
)
_DISCOVERY: Final = "/.well-known/openid-configuration"
_CONFIGURATION: Final = "its configuration"


class ProviderFailed(Exception):
    """The provider could not be asked, or its answer cannot be used. The text is for people and holds no secret.

    remedy:  for whoever runs this server.
    """

    def __init__(self, text: str, remedy: str = FIX_PROVIDER) -> None:
        super().__init__(text)
        self.remedy = remedy


class IdentityProvider:
    """One provider."""

    def __init__(self, settings: ProviderSettings, *, clock: Clock) -> None:
        self.settings = settings
        self._clock = clock
        self._metadata: Mapping[str, Any] = {}
        self._read_at = 0.0

    async def authorization_url(self, *, redirect_uri: str, state: str, nonce: str, verifier: str) -> str:
        """Return where the browser goes to log in. Raises ProviderFailed."""
        from authlib.oauth2.rfc6749.parameters import prepare_grant_uri  # type: ignore[import-untyped]
        from authlib.oauth2.rfc7636 import create_s256_code_challenge  # type: ignore[import-untyped]

        metadata = await self._discover()
        url: str = prepare_grant_uri(
            self._endpoint(metadata, "authorization_endpoint"),
            self.settings.client_id,
            "code",
            redirect_uri=redirect_uri,
            scope=self.settings.scopes,
            state=state,
            nonce=nonce,
            code_challenge=create_s256_code_challenge(verifier),
            code_challenge_method="S256",
        )
        return url

    async def read_claims(
        self, code: str, *, issuer: str | None, redirect_uri: str, nonce: str, verifier: str
    ) -> Mapping[str, Any]:
        """Exchange the code of a callback for what the provider says of the person. Raises ProviderFailed.

        issuer:  what the callback names, so that another provider's code is not taken. Source: RFC 9207.
        """
        metadata = await self._discover()
        required = metadata.get("authorization_response_iss_parameter_supported") is True
        if (issuer or (None if required else self.settings.issuer)) != self.settings.issuer:
            raise ProviderFailed("The callback is not from the identity provider that is configured")
        body = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        tokens = await self._exchange(metadata, body)
        claims = await self._verify(metadata, tokens, nonce)
        return await self._with_user_info(metadata, tokens, claims)

    async def check(self) -> int:
        """Ask for the configuration and the keys, as a login does. Returns how many keys. Raises ProviderFailed.

        It takes CHECK_SECONDS at most.
        """
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                metadata = await self._discover(is_fresh=True)
                for name in ("authorization_endpoint", "token_endpoint"):
                    self._endpoint(metadata, name)
                return len((await self._read_keys(metadata))["keys"])
        except TimeoutError as fault:
            text = f"{self.settings.host} did not answer within {CHECK_SECONDS:g} s"
            raise ProviderFailed(text, REACH_PROVIDER) from fault

    async def _discover(self, *, is_fresh: bool = False) -> Mapping[str, Any]:
        now = asyncio.get_running_loop().time()
        if is_fresh or not self._metadata or now - self._read_at > _KEEP_SECONDS:
            metadata = await self._ask("GET", self.settings.issuer.rstrip("/") + _DISCOVERY, _CONFIGURATION)
            named = metadata.get("issuer")
            if named != self.settings.issuer:
                raise ProviderFailed(
                    f"The provider calls itself {str(named)[:200]}; CONFRERE_OIDC_ISSUER must be exactly that",
                    SET_ISSUER,
                )
            self._metadata, self._read_at = metadata, now
        return self._metadata

    def _endpoint(self, metadata: Mapping[str, Any], name: str) -> str:
        url = metadata.get(name)
        if not self.settings.may_ask(url):
            raise ProviderFailed(f"The configuration of {self.settings.host} names no {name} on HTTPS")
        return str(url)

    async def _exchange(self, metadata: Mapping[str, Any], body: Mapping[str, str]) -> Mapping[str, Any]:
        from authlib.oauth2.auth import ClientAuth  # type: ignore[import-untyped]

        url, secret = self._endpoint(metadata, "token_endpoint"), self.settings.client_secret
        supported = metadata.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        client_id = self.settings.client_id
        if secret is None:
            method = "none"
        elif "client_secret_basic" in supported or "client_secret_post" not in supported:
            method = "client_secret_basic"
            client_id, secret = quote(client_id, safe=""), quote(secret, safe="")  # source: RFC 6749, 2.3.1
        else:
            method = "client_secret_post"
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        _, headers, content = ClientAuth(client_id, secret, method).prepare("POST", url, headers, urlencode(body))
        return await self._ask("POST", url, "the login's tokens", headers=headers, content=content)

    async def _verify(self, metadata: Mapping[str, Any], tokens: Mapping[str, Any], nonce: str) -> Mapping[str, Any]:
        from joserfc.errors import JoseError

        token = tokens.get("id_token")
        if not isinstance(token, str):
            raise ProviderFailed(f"{self.settings.host} sent no ID token; the client needs the scope openid")
        keys = await self._read_keys(metadata)
        try:
            return self._decode(token, keys, tokens, nonce)
        except (JoseError, ValueError, KeyError, TypeError) as fault:
            why = type(fault).__name__
            raise ProviderFailed(f"The ID token of {self.settings.host} is not valid: {why}") from fault

    def _decode(self, token: str, keys: Mapping[str, Any], tokens: Mapping[str, Any], nonce: str) -> Mapping[str, Any]:
        """Check signature, issuer, audience, times, nonce and the access token's hash. Raises JoseError."""
        from authlib.oidc.core import CodeIDToken  # type: ignore[import-untyped]
        from joserfc import jwt
        from joserfc.jwk import KeySet
        from joserfc.jws import JWSRegistry

        registry = JWSRegistry(algorithms=list(_ALGORITHMS), strict_check_header=False)
        decoded = jwt.decode(token, KeySet.import_key_set(keys), registry=registry)  # type: ignore[arg-type]
        claims = CodeIDToken(
            decoded.claims,
            decoded.header,
            {
                "iss": {"essential": True, "value": self.settings.issuer},
                "aud": {"essential": True, "value": self.settings.client_id},
            },
            {"nonce": nonce, "client_id": self.settings.client_id, "access_token": tokens.get("access_token")},
        )
        claims.validate(now=int(self._clock().timestamp()), leeway=_LEEWAY_SECONDS)
        if claims.get("nonce") != nonce or not isinstance(claims["sub"], str):
            raise ValueError("nonce or sub")
        return dict(claims)

    async def _read_keys(self, metadata: Mapping[str, Any]) -> Mapping[str, Any]:
        keys = await self._ask("GET", self._endpoint(metadata, "jwks_uri"), "its keys")
        if not isinstance(keys.get("keys"), list):
            raise ProviderFailed(f"The keys of {self.settings.host} cannot be read")
        if not keys["keys"]:
            raise ProviderFailed(f"{self.settings.host} has no keys, so that nothing it says of people can be checked")
        return keys

    async def _with_user_info(
        self, metadata: Mapping[str, Any], tokens: Mapping[str, Any], claims: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """Add what the ID token leaves out: many providers put names and roles into the user info only."""
        token = tokens.get("access_token")
        if "userinfo_endpoint" not in metadata or not isinstance(token, str):
            return claims
        url, headers = self._endpoint(metadata, "userinfo_endpoint"), {"Authorization": f"Bearer {token}"}
        info = await self._ask("GET", url, "the user info", headers=headers)
        if info.get("sub") != claims["sub"]:
            raise ProviderFailed(f"The user info of {self.settings.host} is somebody else's")
        return {**info, **claims}

    async def _ask(
        self, method: str, url: str, what: str, *, headers: Mapping[str, str] | None = None, content: str | None = None
    ) -> Mapping[str, Any]:
        """Return the JSON object that is answered. Raises ProviderFailed."""
        import httpx2

        try:
            async with (
                asyncio.timeout(SECONDS),
                httpx2.AsyncClient(follow_redirects=False, trust_env=False, timeout=SECONDS) as http,
                http.stream(
                    method, url, headers={"Accept": "application/json", **(headers or {})}, content=content
                ) as answer,
            ):
                body = bytearray()
                async for part in answer.aiter_bytes():
                    body += part
                    if len(body) > MAX_BYTES:
                        raise ProviderFailed(f"{self.settings.host} answers more than {MAX_BYTES:,} bytes for {what}")
                status = answer.status_code
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, TimeoutError) as fault:
            raise ProviderFailed(
                f"{self.settings.host} could not be asked for {what}: {type(fault).__name__}", REACH_PROVIDER
            ) from fault
        return self._parse(bytes(body), status, what)

    def _parse(self, body: bytes, status: int, what: str) -> Mapping[str, Any]:
        try:
            answer = json.loads(body)
        except (ValueError, RecursionError):
            answer = None
        remedy = REACH_PROVIDER if what == _CONFIGURATION else FIX_PROVIDER
        if status != 200 and isinstance(answer, dict) and answer.get("error") in _TOKEN_ERRORS:
            raise ProviderFailed(f"{self.settings.host} refuses {what}: {answer['error']}")
        if status != 200:
            raise ProviderFailed(f"{self.settings.host} answers {status} for {what}", remedy)
        if not isinstance(answer, dict):
            raise ProviderFailed(f"{self.settings.host} answers no JSON object for {what}", remedy)
        return answer
