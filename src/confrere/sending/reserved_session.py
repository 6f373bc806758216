"""The session by which a reserved message is sent."""

from confrere.domain.errors import StoreUnavailable
from confrere.domain.outcome import NotSent
from confrere.domain.reservation import Reserved
from confrere.domain.session import Session
from confrere.ports import Accounts


async def read_reserved_session(accounts: Accounts, reserved: Reserved) -> Session | NotSent:
    """Return the session of the version that was reserved, or why there is none."""
    try:
        session = await accounts.read_session(reserved.account_id, reserved.session_version)
    except StoreUnavailable:
        return NotSent("the store did not give the account's session")
    return session or NotSent("the account was disconnected meanwhile")
