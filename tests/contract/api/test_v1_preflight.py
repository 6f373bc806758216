"""Preflight over the management API: whether a send would succeed."""

import json
from typing import Any

import pytest

from confrere.domain.keys import Scope
from tests.contract.api.conftest import GROUP, RECIPIENT, Api
from tests.contract.api.management import calling

TEXT = "a text that is nobody else's business"


async def test_a_preflight_predicts_the_send(api: Api) -> None:
    """A preflight predicts what the send then does, and sends, writes and uses nothing."""
    body = {"recipientProfileUrn": RECIPIENT, "groupId": 12345678, "message": TEXT, "accountId": None}
    async with calling(api, Scope.SEND) as caller:
        answer = await caller.post("/sends/check", body)
        assert answer["wouldSend"] is True
        assert [check["name"] for check in answer["checks"]] == [
            "fields",
            "account",
            "doNotContact",
            "quota",
            "pacing",
            "recentIdentical",
        ]
        assert all(check["detail"] for check in answer["checks"])
        assert (await caller.get("/sends"))["items"] == []
        await api.services.accounts.update("default", api.account.id, enabled=False)
        assert (await caller.post("/sends/check", body))["wouldSend"] is False
    assert (api.upstream.seen, api.upstream.pages) == ([], [])
    assert (await api.services.accounts.read_quotas("default", None))[1][0].used == 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"recipientProfileUrn": "odile"}, "recipientProfileUrn must be"),
        ({"recipientProfileUrn": None}, "recipientProfileUrn must be"),
        ({"groupId": "abc"}, "groupId must be"),
        ({"groupId": True}, "groupId must be"),
        ({"message": " "}, "message must be"),
        ({"message": "a\0b"}, "message must be"),
        ({"message": "a" * 8001}, "message must be"),
        ({"message": 5}, "message must be"),
        ({"accountId": "abc"}, "accountId must be"),
        ({"accountId": "0" * 24}, "accountId must be an account of this workspace"),
    ],
)
async def test_a_preflight_reports_wrong_fields(api: Api, change: dict[str, Any], words: str) -> None:
    """A wrong field is reported as a failed check, beside all checks that do not need it."""
    body = {"recipientProfileUrn": RECIPIENT, "groupId": GROUP, "message": TEXT} | change
    async with calling(api, Scope.SEND) as caller:
        answer = await caller.post("/sends/check", body)
    assert answer["wouldSend"] is False
    assert words in " ".join(check["detail"] for check in answer["checks"] if check["ok"] is False)
    assert TEXT not in json.dumps(answer)


async def test_a_preflight_asks_linkedin_only_on_request(api: Api) -> None:
    """LinkedIn is asked only on request; then reads use quota, and what stays undecided is null."""
    body = {"recipientProfileUrn": "ACoAAmember7", "groupId": GROUP, "askLinkedIn": True}
    async with calling(api, Scope.SEND) as caller:
        answer = await caller.post("/sends/check", body)
        assert {check["name"]: check["ok"] for check in answer["checks"][-3:]} == {
            "senderInGroup": True,
            "recipientInGroup": None,
            "conversation": True,
        }
        assert answer["wouldSend"] is None
        assert (await api.services.accounts.read_quotas("default", None))[1][1].used == 0
        answer = await caller.post("/sends/check", body | {"recipientName": "Bastien"})
        assert answer["wouldSend"] is True
        assert (await api.services.accounts.read_quotas("default", None))[1][1].used == 10
        for name, value in (("askLinkedIn", "yes"), ("recipientName", 5)):
            refused = await caller.ask("POST", "/sends/check", json=body | {name: value})
            assert refused.problem(400, "invalidField")["field"] == name
