"""Requests to send, and what they use of the day."""

from confrere.domain.limits import Action
from confrere.domain.message import MessageText
from confrere.domain.outcome import Refused
from confrere.domain.urns import GroupId, ProfileUrn
from confrere.sending import CallerConnection, SendRequest, SendResult
from confrere.services import Services

RECIPIENT = ProfileUrn("urn:li:fsd_profile:ACoAABastien")
NO = Refused(403, "Forbidden", "UNAUTHORIZED_VIEWER", "The viewer is not authorized to access this resource")


def wish(text: str = "Hello", *, key: str | None = None, recipient: ProfileUrn = RECIPIENT) -> SendRequest:
    """A request to send."""
    return SendRequest("request-1", "default", None, recipient, GroupId("12345678"), MessageText(text), key)


async def send(services: Services, *, answered: bool = True, text: str = "Hello", key: str | None = None) -> SendResult:
    """Send, and have the answer delivered unless the test says otherwise."""
    line = CallerConnection()
    result = await services.sender.send(wish(text, key=key), line)
    if answered:
        services.sender.record_answered(line)
    else:
        services.sender.record_disconnect(line)
        await services.background.wait_until_idle()
    return result


async def used(services: Services) -> int:
    """Units of the day that are taken."""
    return (await services.accounts.read_quota("default", None, Action.MESSAGE)).used
