"""Requests to send, and the units that they use."""

from confrere.domain.limits import Action
from confrere.domain.message import MessageText
from confrere.domain.outcome import Refused
from confrere.domain.urns import GroupId, ProfileUrn
from confrere.sending import CallerConnection, SendRequest, SendResult
from confrere.services import Services

RECIPIENT = ProfileUrn("urn:li:fsd_profile:ACoAABastien")
NO = Refused(403, "Forbidden", "UNAUTHORIZED_VIEWER", "The viewer is not authorized to access this resource")


def a_request(text: str = "Hello", *, key: str | None = None, recipient: ProfileUrn = RECIPIENT) -> SendRequest:
    """Build a request to send."""
    return SendRequest("request-1", "default", None, recipient, GroupId("12345678"), MessageText(text), key)


async def send(services: Services, *, answered: bool = True, text: str = "Hello", key: str | None = None) -> SendResult:
    """Send, and record the answer as delivered unless the test does not want that."""
    caller = CallerConnection()
    result = await services.sender.send(a_request(text, key=key), caller)
    if answered:
        services.sender.record_answered(caller)
    else:
        services.sender.record_disconnect(caller)
        await services.background.wait_until_idle()
    return result


async def used(services: Services) -> int:
    """Return the used units of the day."""
    return (await services.accounts.read_quota("default", None, Action.MESSAGE)).used
