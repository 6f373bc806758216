"""What an identity provider says is checked, and its answers are bounded; here it is a server that says anything."""

import asyncio
import base64
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiohttp import web
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from confrere.access import identity_provider
from confrere.access.identity_provider import MAX_BYTES, IdentityProvider, ProviderFailed
from confrere.access.provider_settings import ProviderSettings, parse_provider
from confrere.access.sign_in import SignIn
from confrere.doctor import check_provider
from confrere.domain.installation import Finding
from confrere.domain.users import Rights, Role
from confrere.ports import Identities, Workspaces
from confrere.services import Services

SECRET = "a secret of the client"
ROLES = "admins=owner,support=viewer+inbox, cn=a=writer "
KEY = RSAKey.generate_key(2048, {"kid": "1"})
OTHER_KEY = RSAKey.generate_key(2048, {"kid": "1"})
UNSIGNED = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class FakeProvider:
    """A provider that answers what a test wants. changed: claims, fields of the configuration, or whole answers."""

    url: str
    claims: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, Handler] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=lambda: {"alg": "RS256", "kid": "1"})
    key: Any = field(default_factory=lambda: KEY)
    asked: list[str] = field(default_factory=list)
    authorization: str | None = None
    form: dict[str, Any] = field(default_factory=dict)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        self.asked.append(request.path)
        if request.path in self.answers:
            return await self.answers[request.path](request)
        match request.path:
            case "/.well-known/openid-configuration":
                return web.json_response(self._configuration())
            case "/jwks":
                return web.json_response({"keys": [KEY.as_dict(private=False)]})
            case "/token":
                self.authorization = request.headers.get("Authorization")
                self.form = dict(await request.post())
                return web.json_response({"access_token": "of the fake", "id_token": self._token()})
            case "/me" if request.headers["Authorization"] == "Bearer of the fake":
                return web.json_response({"sub": "17", "roles": ["admins"]})
        return web.json_response({}, status=404)

    def _configuration(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/auth",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/jwks",
            "userinfo_endpoint": f"{self.url}/me",
            **self.metadata,
        }

    def _token(self) -> str:
        now = int(time.time())
        claims = {"iss": self.url, "sub": "17", "aud": "confrere", "iat": now, "exp": now + 60, "nonce": "n"}
        claims = {name: value for name, value in {**claims, **self.claims}.items() if value is not None}
        if self.header["alg"] == "none":
            payload = jwt.encode({"alg": "RS256"}, claims, self.key).split(".")[1]
            return f"{UNSIGNED}.{payload}."
        return jwt.encode(self.header, claims, self.key, algorithms=["RS256", "HS256"])


@pytest.fixture
async def fake() -> AsyncIterator[FakeProvider]:
    """Start the provider."""
    fake = FakeProvider("")
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", fake.answer)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    fake.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield fake
    await runner.cleanup()


def settings_of(fake: FakeProvider, secret: str | None = SECRET) -> ProviderSettings:
    """Return the settings of the provider."""
    settings = parse_provider(fake.url, "confrere", secret, "roles", ROLES, "openid")
    assert settings is not None
    return settings


async def read(fake: FakeProvider, issuer: str | None = None, settings: ProviderSettings | None = None) -> Any:
    """Exchange a code."""
    provider = IdentityProvider(settings or settings_of(fake), clock=lambda: datetime.now(UTC))
    return await provider.read_claims(
        "code", issuer=issuer, redirect_uri="http://127.0.0.1/back", nonce="n", verifier="v" * 43
    )


async def test_the_claims_are_of_token_and_user_info(fake: FakeProvider) -> None:
    """What the ID token leaves out comes from the user info; the code goes with the verifier, to the issuer only."""
    claims = await read(fake)
    assert (claims["sub"], claims["roles"]) == ("17", ["admins"])
    assert fake.form["code_verifier"] == "v" * 43
    assert fake.authorization is not None
    assert fake.authorization.startswith("Basic ")
    assert SECRET not in repr(settings_of(fake))
    assert fake.asked == ["/.well-known/openid-configuration", "/token", "/jwks", "/me"]


@pytest.mark.parametrize(("secret", "expected"), [(None, None), (SECRET, SECRET)])
async def test_other_ways_of_a_client_to_show_who_it_is(fake: FakeProvider, secret: str, expected: str) -> None:
    """A public client sends its id, and one whose provider wants it so sends its secret in the form."""
    fake.metadata = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    await read(fake, settings=settings_of(fake, secret))
    assert fake.authorization is None
    assert (fake.form["client_id"], fake.form.get("client_secret")) == ("confrere", expected)


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://another.example"},
        {"iss": None},
        {"aud": "another"},
        {"aud": ["confrere", "another"], "azp": "another"},
        {"aud": None},
        {"exp": 1_000_000_000},
        {"exp": None},
        {"iat": 4_000_000_000},
        {"nonce": "another"},
        {"nonce": None},
        {"sub": None},
        {"sub": 17},
        {"sub": "18"},  # the user info is of 17
        {"at_hash": "another"},
    ],
    ids=str,
)
async def test_a_token_that_is_not_for_this_login_is_refused(fake: FakeProvider, claims: dict[str, Any]) -> None:
    """Issuer, audience, times, nonce, subject and the access token's hash are checked."""
    fake.claims = claims
    with pytest.raises(ProviderFailed, match=r"127\.0\.0\.1"):
        await read(fake)


async def test_a_token_that_the_provider_did_not_sign_is_refused(fake: FakeProvider) -> None:
    """Another key, the client's secret as a key, or no signature at all are none of the provider's."""
    secret = OctKey.import_key(SECRET)
    for key, header in (
        (OTHER_KEY, {"alg": "RS256", "kid": "1"}),
        (OTHER_KEY, {"alg": "RS256", "kid": "2"}),
        (secret, {"alg": "HS256"}),
        (KEY, {"alg": "none"}),
    ):
        fake.key, fake.header = key, header
        with pytest.raises(ProviderFailed, match="is not valid"):
            await read(fake)


@pytest.mark.parametrize("issuer", ["https://another.example", ""])
async def test_the_callback_of_another_provider_is_refused(fake: FakeProvider, issuer: str) -> None:
    """Where the provider says that it names itself in the callback, it has to."""
    fake.metadata = {"authorization_response_iss_parameter_supported": True}
    with pytest.raises(ProviderFailed, match="not from the identity provider"):
        await read(fake, issuer or None)
    assert "/token" not in fake.asked


@pytest.mark.parametrize(
    ("metadata", "words"),
    [
        ({"issuer": "https://another.example"}, "calls itself https://another.example"),
        ({"token_endpoint": "http://evil.example/token"}, "no token_endpoint on HTTPS"),
        ({"token_endpoint": "file:///etc/passwd"}, "no token_endpoint on HTTPS"),
        ({"jwks_uri": None}, "no jwks_uri on HTTPS"),
        ({"jwks_uri": 17}, "no jwks_uri on HTTPS"),
    ],
)
async def test_a_configuration_that_cannot_be_used_is_explained(
    fake: FakeProvider, metadata: dict[str, Any], words: str
) -> None:
    """The error names what is wrong with it."""
    fake.metadata = metadata
    with pytest.raises(ProviderFailed, match=words):
        await read(fake)


def answering(body: bytes, status: int = 200, **headers: str) -> Handler:
    """Return a handler that always answers so."""

    async def handler(_request: web.Request) -> web.StreamResponse:
        return web.Response(body=body, status=status, headers=headers)

    return handler


async def never(_request: web.Request) -> web.StreamResponse:
    """Answer when it is too late."""
    await asyncio.sleep(30)
    return web.Response()


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/token", "/jwks", "/me"])
@pytest.mark.parametrize(
    ("handler", "words"),
    [
        (answering(b"x" * (MAX_BYTES + 1)), "answers more than"),
        (answering(b"{}", 500), "answers 500"),
        (answering(b"{}", 302, Location="http://127.0.0.1:1/"), "answers 302"),
        (answering(b"<html>"), "no JSON object"),
        (answering(b"[]"), "no JSON object"),
        (answering(b"[" * 100_000), "no JSON object"),
        (answering(b"\xff"), "no JSON object"),
        (never, "could not be asked for .*: TimeoutError"),
    ],
    ids=["long", "500", "redirect", "html", "list", "deep", "bytes", "silent"],
)
async def test_an_answer_that_cannot_be_used_ends_the_login(
    fake: FakeProvider, path: str, handler: Handler, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a provider answers, the login ends soon, with a text that names the provider and the call."""
    monkeypatch.setattr(identity_provider, "SECONDS", 0.5 if handler is never else 20)
    fake.answers[path] = handler
    with pytest.raises(ProviderFailed, match=words):
        await read(fake)


async def test_the_providers_own_error_is_passed_on(fake: FakeProvider) -> None:
    """A wrong client is called by its name; any other text of the provider is not shown."""
    fake.answers["/token"] = answering(b'{"error": "invalid_client"}', 401)
    with pytest.raises(ProviderFailed, match="invalid_client"):
        await read(fake)
    fake.answers["/token"] = answering(b'{"error": "<script>"}', 400)
    with pytest.raises(ProviderFailed, match="answers 400"):
        await read(fake)


async def test_the_check_counts_the_keys(fake: FakeProvider) -> None:
    """`doctor` reads what a login reads; a provider that is gone is an error in words."""
    provider = IdentityProvider(settings_of(fake), clock=lambda: datetime.now(UTC))
    assert await provider.check() == 1
    gone = IdentityProvider(replace(settings_of(fake), issuer="http://127.0.0.1:1"), clock=lambda: datetime.now(UTC))
    with pytest.raises(ProviderFailed, match=r"127\.0\.0\.1:1 could not be asked for its configuration: ConnectError"):
        await gone.check()


def sign_in_at(settings: ProviderSettings) -> SignIn:
    """Return the logins at a provider, without a store."""
    return SignIn(
        provider=IdentityProvider(settings, clock=lambda: datetime.now(UTC)),
        identities=cast("Identities", None),
        workspaces=cast("Workspaces", None),
        clock=lambda: datetime.now(UTC),
    )


async def test_doctor_asks_the_provider(fake: FakeProvider) -> None:
    """`confrere doctor` says that the provider answers, or what to do; without one it says nothing."""

    async def finding(provider: ProviderSettings | None) -> Sequence[Finding]:
        sign_in = provider and sign_in_at(provider)
        return await check_provider(cast("Services", SimpleNamespace(sign_in=sign_in)))

    (good,) = await finding(settings_of(fake))
    assert good.ok
    assert good.detail == f"{fake.url} answers; signing keys: 1"
    (bad,) = await finding(replace(settings_of(fake), issuer="http://127.0.0.1:1"))
    assert not bad.ok
    assert bad.remedy is not None
    assert "CONFRERE_OIDC_ISSUER" in bad.remedy
    assert await finding(None) == []


@pytest.mark.parametrize(
    ("path", "handler", "detail", "remedy"),
    [
        ("/.well-known/openid-configuration", answering(b"{}", 404), "answers 404 for its configuration", "reach it"),
        ("/.well-known/openid-configuration", answering(b'{"issuer": "x"}'), "calls itself x", "exactly"),
        ("/jwks", answering(b"<html>"), "answers no JSON object for its keys", "whoever runs the identity provider"),
        ("/jwks", answering(b'{"keys": []}'), "has no keys", "whoever runs the identity provider"),
        ("/jwks", never, "did not answer within 0.3 s", "reach it"),
    ],
    ids=["missing", "another", "no keys file", "no keys", "silent"],
)
async def test_a_check_names_what_is_wrong_and_the_remedy(
    fake: FakeProvider, path: str, handler: Handler, detail: str, remedy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A check ends within its seconds; a page that asks again within a minute gets the same result."""
    monkeypatch.setattr(identity_provider, "CHECK_SECONDS", 0.3 if handler is never else 20)
    fake.answers[path] = handler
    sign_in = sign_in_at(settings_of(fake))
    found = await sign_in.check()
    assert not found.ok
    assert detail in found.detail
    assert found.remedy is not None
    assert remedy in found.remedy
    del fake.answers[path]
    monkeypatch.setattr(identity_provider, "CHECK_SECONDS", 20)
    assert await sign_in.check_lately() is found
    assert (await sign_in.check()).ok


@pytest.mark.parametrize(
    ("issuer", "client", "roles", "scopes", "name"),
    [
        ("http://login.example", "c", ROLES, "openid", "CONFRERE_OIDC_ISSUER"),
        ("login.example", "c", ROLES, "openid", "CONFRERE_OIDC_ISSUER"),
        ("https://", "c", ROLES, "openid", "CONFRERE_OIDC_ISSUER"),
        ("https://a:b@login.example", "c", ROLES, "openid", "CONFRERE_OIDC_ISSUER"),
        ("https://login.example?x=1", "c", ROLES, "openid", "CONFRERE_OIDC_ISSUER"),
        ("https://login.example", None, ROLES, "openid", "CONFRERE_OIDC_CLIENT_ID"),
        ("https://login.example", "c", None, "openid", "CONFRERE_OIDC_ROLES"),
        ("https://login.example", "c", "admins=admin", "openid", "CONFRERE_OIDC_ROLES"),
        ("https://login.example", "c", "owner", "openid", "CONFRERE_OIDC_ROLES"),
        ("https://login.example", "c", "a=owner+all", "openid", "CONFRERE_OIDC_ROLES"),
        ("https://login.example", "c", ROLES, "profile", "CONFRERE_OIDC_SCOPES"),
    ],
)
def test_a_wrong_setting_is_named(issuer: str, client: str, roles: str, scopes: str, name: str) -> None:
    """The start ends with the setting's name and what it must be."""
    with pytest.raises(ValueError, match=name):
        parse_provider(issuer, client, None, "roles", roles, scopes)


def test_the_roles_are_listed() -> None:
    """A role of the provider may have an equals sign in its name; the inbox is added by a word."""
    settings = parse_provider("https://login.example", "c", None, "roles", ROLES, "openid")
    assert settings is not None
    assert settings.rights_of == {
        "admins": Rights(Role.OWNER),
        "support": Rights(Role.VIEWER, inbox=True),
        "cn=a": Rights(Role.WRITER),
    }
    assert parse_provider(None, "c", None, "roles", ROLES, "openid") is None
