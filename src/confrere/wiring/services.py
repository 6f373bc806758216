"""Opens the services on their store, LinkedIn and the clock."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from confrere.access.provider_settings import ProviderSettings, parse_provider
from confrere.cli.runtime import SetupError
from confrere.domain.errors import ConfrereError, StoreUnavailable
from confrere.domain.retention import RetentionRules
from confrere.linkedin import LinkedInClient, describe_paste, load_protocol, read_paste
from confrere.services import Services, build_services
from confrere.settings import Settings
from confrere.store import JournalFile, JournalKeeper, SqlStore, open_store
from confrere.webhooks import TargetRule
from confrere.wiring.installation import with_installation
from confrere.wiring.secrets import open_vault


async def open_services(settings: Settings, *, migrate: bool = False, in_sandbox: bool = False) -> Services:
    """Open the services on their store. Raises SetupError, also on a pending migration without `migrate`."""
    with setup_errors():
        provider = read_provider(settings)
        upstream = LinkedInClient(
            settings.linkedin_url,
            proxy_url=settings.linkedin_proxy,
            connections=settings.linkedin_connections,
            protocol=load_protocol(settings.linkedin_protocol_file),
        )
        store: SqlStore = await open_store(
            settings.store_url, vault=open_vault(settings), migrate=migrate, clock=read_clock
        )
    services = build_services(
        store=store,
        upstream=upstream,
        clock=read_clock,
        gap=timedelta(seconds=settings.reconcile_gap_seconds),
        read_paste=read_paste,
        describe_paste=describe_paste,
        provider=provider,
        password_login=settings.password_login,
        retention=RetentionRules(settings.keep_texts_days, settings.keep_replies_days, settings.keep_unwritten_days),
        journal=JournalKeeper(store, open_journal(settings), read_clock),
        webhook_targets=TargetRule(allow_private=settings.webhook_private or in_sandbox),
    )
    return with_installation(services, settings)


def open_journal(settings: Settings) -> JournalFile:
    """Return the file of the changes that a restored backup must not undo."""
    return JournalFile(settings.journal_file, former=settings.former_journal_file)


def read_provider(settings: Settings) -> ProviderSettings | None:
    """Return the identity provider, if one is configured. Raises ValueError, OSError."""
    if settings.oidc_issuer is None and not settings.password_login:
        raise ValueError(
            "CONFRERE_PASSWORD_LOGIN=0 needs an identity provider, since nobody could log in otherwise: set "
            "CONFRERE_OIDC_ISSUER and what belongs to it, or unset CONFRERE_PASSWORD_LOGIN"
        )
    secret, file = settings.oidc_client_secret, settings.oidc_client_secret_file
    if file is not None:
        if secret is not None:
            raise ValueError("Set CONFRERE_OIDC_CLIENT_SECRET or CONFRERE_OIDC_CLIENT_SECRET_FILE, not both")
        secret = file.read_text("utf-8").strip()
    return parse_provider(
        settings.oidc_issuer,
        settings.oidc_client_id,
        secret,
        settings.oidc_role_claim,
        settings.oidc_roles,
        settings.oidc_scopes,
        settings.oidc_workspace_claim,
    )


def read_clock() -> datetime:
    """Return the present time: quotas are judged by it, and the store compares it with other clocks."""
    return datetime.now(UTC)


@contextmanager
def setup_errors() -> Iterator[None]:
    """Turn what keeps the services from being opened into SetupError with the remedy."""
    try:
        yield
    except StoreUnavailable as fault:
        raise SetupError(fault.advice) from fault
    except (ConfrereError, OSError, ValueError) as fault:
        raise SetupError(str(fault)) from fault
