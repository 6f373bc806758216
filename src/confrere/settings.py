"""Every setting: its name, default, unit and description. The README's table is generated from it."""

import os
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Literal, get_type_hints

import msgspec
import msgspec.inspect
from msgspec import Meta

PREFIX = "CONFRERE_"

CLIENT_VARIABLES = frozenset({"CONFRERE_API_KEY", "CONFRERE_WORKSPACE"})
"""Variables of the Python client and of the command line, which may be set in the same shell."""

SECRET = frozenset({"database_url", "linkedin_proxy", "oidc_client_secret", "secret_keys"})
"""Settings whose values are not shown."""


class SettingError(Exception):
    """A setting is invalid; the text names it and what it must be, and holds no value."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings, each read from the variable CONFRERE_ and its name in capitals."""

    host: Annotated[str, Meta(description="Address that the server listens on.")] = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535, description="Port that it listens on; 0 picks a free one.")] = 8080
    data_dir: Annotated[Path, Meta(description="Folder of the embedded store and the key file.")] = Path(".data")
    database_url: Annotated[
        str | None,
        Meta(
            description="Store: `postgresql://…` or `sqlite:///absolute/path`; else `confrere.db` in the data folder."
        ),
    ] = None
    secret_keys: Annotated[
        str | None,
        Meta(
            description="Keys that encrypt sessions and texts, newest first, separated by commas; by default they are "
            "in `secret.key` in the data folder, made on first start."
        ),
    ] = None
    linkedin_url: Annotated[
        str, Meta(description="LinkedIn's address: `https://www.linkedin.com` or a loopback address, nothing else.")
    ] = "https://www.linkedin.com"
    linkedin_proxy: Annotated[
        str | None,
        Meta(
            description="One proxy for all connections to LinkedIn, as `http://host:port` (CONNECT) or "
            "`socks5://host:port`, with `user:password@` where it asks for them; none by default."
        ),
    ] = None
    linkedin_protocol_file: Annotated[
        Path | None, Meta(description="File with newer query ids and versions of LinkedIn's web client.")
    ] = None
    linkedin_connections: Annotated[
        int, Meta(ge=1, le=10_000, description="Connections to LinkedIn at once, of one process.")
    ] = 200
    reconcile_gap_seconds: Annotated[
        float,
        Meta(ge=0, description="Seconds between the two reads that show a message to be absent from LinkedIn."),
    ] = 120.0
    reconcile_every_seconds: Annotated[
        float, Meta(gt=0, description="Seconds that the worker rests between rounds of reconciling.")
    ] = 5.0
    session_probe_hours: Annotated[
        float,
        Meta(
            ge=0,
            description="Hours of an account's silence after which the worker asks LinkedIn whether its session lives; "
            "0 is never.",
        ),
    ] = 12.0
    replies_every_seconds: Annotated[
        float,
        Meta(
            ge=1,
            description="Seconds between two reads of a mailbox for replies; up to twelve times as many, at most an "
            "hour, while nothing happens.",
        ),
    ] = 300.0
    replies_days: Annotated[
        int,
        Meta(
            ge=0, le=3650, description="Days after an account's last message for which its mailbox is read; 0 is never."
        ),
    ] = 30
    keep_texts_days: Annotated[
        int, Meta(ge=0, le=3650, description="Days after which texts of messages that were sent go; 0 keeps them.")
    ] = 0
    keep_replies_days: Annotated[
        int, Meta(ge=0, le=3650, description="Days after which texts and names of replies go; 0 keeps them.")
    ] = 0
    keep_unwritten_days: Annotated[
        int,
        Meta(
            ge=0,
            le=3650,
            description="Days after which people go to whom nobody has written: of audiences, groups and addresses; "
            "0 keeps them.",
        ),
    ] = 0
    cors_origins: Annotated[
        str | None, Meta(description="Origins whose pages may call the API, separated by commas; none by default.")
    ] = None
    console_origins: Annotated[
        str | None,
        Meta(
            description="Addresses on HTTPS at which browsers reach the console, such as `https://confrere.example`, "
            "separated by commas; at loopback addresses it is always reached."
        ),
    ] = None
    oidc_issuer: Annotated[
        str | None,
        Meta(
            description="Identity provider at which people log in to the console, by OpenID Connect, such as "
            "`https://login.example.org`."
        ),
    ] = None
    oidc_client_id: Annotated[str | None, Meta(description="The identity provider's name for Confrere.")] = None
    oidc_client_secret: Annotated[
        str | None, Meta(description="The secret that goes with it; none for a public client.")
    ] = None
    oidc_client_secret_file: Annotated[
        Path | None, Meta(description="File that holds this secret, in the place of the setting.")
    ] = None
    oidc_scopes: Annotated[str, Meta(description="Scopes that are asked for, separated by spaces.")] = (
        "openid profile email"
    )
    oidc_role_claim: Annotated[
        str, Meta(description="Claim with the roles or groups of a person; a path such as `realm_access.roles` too.")
    ] = "roles"
    oidc_roles: Annotated[
        str | None,
        Meta(
            description="Which of these are which roles here, such as `admins=owner,support=viewer+inbox`; nobody else "
            "is let in."
        ),
    ] = None
    oidc_workspace_claim: Annotated[
        str | None,
        Meta(
            description="Claim with the id or name of a person's workspace, a path too; who has none there is refused. "
            "By default all are users of the first workspace."
        ),
    ] = None
    password_login: Annotated[
        bool,
        Meta(
            description="0: nobody logs in to the console by a password, only at the identity provider, which has to "
            "be configured, or by a one-time link of `confrere users invite` or `reset`."
        ),
    ] = True
    webhook_private: Annotated[
        bool,
        Meta(description="1: webhooks may go to this machine and to private networks; they may in the sandbox anyway."),
    ] = False
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], Meta(description="The least severe events that are logged.")
    ] = "info"
    log_format: Annotated[
        Literal["auto", "json", "text"], Meta(description="Form of the log; auto: text on a terminal, else json.")
    ] = "auto"

    @property
    def store_url(self) -> str:
        """The URL of the store."""
        return self.database_url or f"sqlite://{self.data_dir.resolve() / 'confrere.db'}"

    def has_no_store_yet(self) -> bool:
        """Whether the store is the embedded one and its file does not exist."""
        return self.database_url is None and not (self.data_dir / "confrere.db").exists()

    @property
    def key_file(self) -> Path:
        """The file of the secret keys, where `secret_keys` is not set."""
        return self.data_dir.resolve() / "secret.key"

    @property
    def journal_file(self) -> Path:
        """The journal, beside the keys."""
        return self.key_file.with_name("journal.jsonl")

    @property
    def former_journal_file(self) -> Path:
        """Where earlier versions kept the erasures that are in the journal now."""
        return self.key_file.with_name("erasures.jsonl")


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings from the environment. Raises SettingError, also for an unknown CONFRERE_ name."""
    given: dict[str, str] = {}
    for name, value in environment.items():
        if not name.startswith(PREFIX) or name in CLIENT_VARIABLES:
            continue
        field = name.removeprefix(PREFIX).lower()
        if field not in Settings.__struct_fields__:
            known = [PREFIX + known.upper() for known in Settings.__struct_fields__]
            near = get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]}?" if near else "the README lists them"
            raise SettingError(f"{name} is not a setting; {hint}")
        if value.strip():
            given[field] = value.strip()
    try:
        return msgspec.convert(given, Settings, strict=False, dec_hook=_read_path)
    except msgspec.ValidationError as fault:
        field = str(fault).rpartition(" - at `$.")[2].rstrip("`")
        raise SettingError(f"{PREFIX}{field.upper()} must be {_form_of(field)}") from fault


def _form_of(field: str) -> str:
    """Describe what a setting must be, without its value, which may be a secret."""
    kind = get_type_hints(Settings, include_extras=True)[field]
    shape = msgspec.inspect.type_info(kind)
    match shape.type if isinstance(shape, msgspec.inspect.Metadata) else shape:
        case msgspec.inspect.LiteralType(values):
            return "one of " + ", ".join(str(value) for value in values)
        case msgspec.inspect.BoolType():
            return "1 or 0"
        case msgspec.inspect.IntType(ge=least, le=most):
            return f"a whole number from {least} to {most}"
        case msgspec.inspect.FloatType(gt=above, ge=least):
            return f"a number above {above}" if above is not None else f"a number from {least} upwards"
        case _:
            return "text"


def _read_path(wanted: type, text: str) -> Path:
    """Convert a Path, the one type that msgspec does not support."""
    assert wanted is Path
    return Path(text).expanduser()
