"""A browser of one of the sandbox's accounts, that makes the calls LinkedIn's own page makes."""

import http.client
import json
import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from tests.sandbox_process import SandboxAccount, SandboxProcess

Json = dict[str, Any]

SEND = "/voyager/api/voyagerMessagingDashMessengerMessages?action=createMessage"
NORMALIZED = "application/vnd.linkedin.normalized+json+2.1"


@dataclass(frozen=True, slots=True)
class Seen:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.body)


class Browser:
    """Talks to a sandbox as one account."""

    def __init__(self, sandbox: SandboxProcess, account: SandboxAccount) -> None:
        self.sandbox = sandbox
        self.account = account
        self.headers: dict[str, str] = {
            "cookie": account.cookie,
            "user-agent": account.user_agent,
            "csrf-token": account.csrf_token,
            "x-restli-protocol-version": "2.0.0",
            "accept": "application/json",
        }

    @property
    def urn(self) -> str:
        """The account's own profile URN."""
        return self.account.profile_urn

    def call(self, method: str, path: str, payload: bytes | None = None, /, **headers: str | None) -> Seen:
        """One call; a header given as None is left out."""
        sent = {**self.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        connection = http.client.HTTPConnection(urlsplit(self.sandbox.url).netloc, timeout=20)
        try:
            connection.request(
                method, path, body=payload, headers={name: value for name, value in sent.items() if value is not None}
            )
            with connection.getresponse() as answer:
                return Seen(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def get(self, path: str, **headers: str | None) -> Seen:
        """GET."""
        return self.call("GET", path, **headers)

    def post(self, path: str, body: Any, **headers: str | None) -> Seen:
        """POST JSON under the browser's own content type."""
        sent: dict[str, str | None] = {"content_type": "text/plain;charset=UTF-8", **headers}
        return self.call("POST", path, body if isinstance(body, bytes) else json.dumps(body).encode(), **sent)

    def query(
        self, name: str, variables: str, *, path: str = "voyagerMessagingGraphQL/graphql", **headers: str
    ) -> Seen:
        """A GraphQL read, the variables already written."""
        return self.get(f"/voyager/api/{path}?queryId={name}.{'0' * 32}&variables={variables}", **headers)

    def group_message(self, text: str, recipient: str | None = None, group_id: str | None = None) -> Json:
        """The body of a first message through a group."""
        urn = recipient or self.sandbox.recipient
        group_urn = f"urn:li:fsd_group:{group_id or self.sandbox.group_id}"
        return {
            "message": {
                "body": {"attributes": [], "text": text},
                "renderContentUnions": [],
                "originToken": str(uuid.uuid4()),
            },
            "mailboxUrn": self.urn,
            "trackingId": "Zq3vT8mK1pXc7LwA",
            "dedupeByClientGeneratedToken": False,
            "hostRecipientUrns": [urn],
            "messageRequestContextByRecipient": [{"hostRecipientUrn": urn, "contextEntityUrn": group_urn}],
        }

    def thread_message(self, text: str, conversation_urn: str) -> Json:
        """The body of a message in an existing thread."""
        body = self.group_message(text)
        del body["hostRecipientUrns"], body["messageRequestContextByRecipient"]
        body["message"]["conversationUrn"] = conversation_urn
        return body

    def send(self, text: str, recipient: str | None = None) -> Json:
        """Send a first message through the demo group; return the created message."""
        seen = self.post(SEND, self.group_message(text, recipient))
        assert seen.status == 200, seen
        sent: Json = seen.json()["value"]
        return sent


def encoded(text: str) -> str:
    """A value as Rest.li's tuple syntax wants it."""
    return quote(text, safe="")
