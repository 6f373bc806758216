"""Audiences and campaigns over the management API; whole bodies."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from confrere.domain.keys import Scope
from tests.contract.api.campaigns import NOBODY, audience, draft, everything, start, urn, work
from tests.contract.api.conftest import GROUP, Api
from tests.contract.api.management import calling

ZEROES = {
    "waiting": 0,
    "held": 0,
    "inFlight": 0,
    "unknown": 0,
    "sent": 0,
    "replied": 0,
    "refused": 0,
    "skipped": 0,
}
NO_WAY_OUT = {
    "name": "no_way_out",
    "text": "No sentence was found that offers a way out; add how to answer if no further message is wanted",
    "count": 1,
    "examples": [],
}
DRAFTED = {"reason": "campaign_paused", "until": None, "remedy": "Check the campaign, then start it"}


async def test_from_a_list_of_people_to_messages(api: Api) -> None:
    """An agent prepares and checks, a person starts, the worker sends; who is on the do-not-contact list is skipped."""
    async with calling(api, Scope.SEND) as agent, calling(api, Scope.ADMIN) as person:
        await person.post("/do-not-contact", {"recipientProfileUrn": urn(1)})
        listed = await audience(agent)
        assert listed == {
            "id": listed["id"],
            "name": "Buyers",
            "groupId": GROUP,
            "groupName": None,
            "source": "ids",
            "status": "ready",
            "count": 2,
            "read": 2,
            "total": 2,
            "completesAt": None,
            "whyNot": None,
            "accountId": None,
            "columns": [],
            "skipped": 0,
            "errors": [],
            "createdAt": listed["createdAt"],
        }
        body = {"name": "Spring", "audienceId": listed["id"], "text": "Hello", "spread": False}
        made = await agent.post("/campaigns", body, 201)
        assert made == {
            "id": made["id"],
            "name": "Spring",
            "status": "draft",
            "cause": None,
            "accountId": api.account.id,
            "groupId": GROUP,
            "audienceId": listed["id"],
            "templateId": None,
            "templateVersion": None,
            "revision": 1,
            "startsAt": None,
            "dailyCap": None,
            "spread": False,
            "skipExistingConversations": True,
            "counts": ZEROES,
            "whyNot": DRAFTED,
            "forecast": None,
            "createdBy": made["createdBy"],
            "startedBy": None,
            "createdAt": made["createdAt"],
            "startedAt": None,
            "endedAt": None,
        }
        path = f"/campaigns/{made['id']}"
        checked = await agent.post(f"{path}/check")
        today, summary = checked["forecast"]["endsOn"], checked["forecast"]["summary"]
        assert date.fromisoformat(today) - datetime.now(UTC).date() <= timedelta(days=1)
        assert re.fullmatch(r"about 1 sending day, until \d+ \w+ \d{4}", summary)
        assert checked == {
            "wouldSend": 1,
            "skipped": {"do_not_contact": 1},
            "texts": {"shortest": "Hello", "longest": "Hello"},
            "warnings": [NO_WAY_OUT],
            "forecast": {
                "endsOn": today,
                "sendingDays": 1,
                "perDay": [{"date": today, "count": 1}],
                "summary": summary,
            },
            "contentHash": checked["contentHash"],
        }
        assert (await agent.get(path)) == made
        assert api.upstream.seen == []
        begin = {"contentHash": checked["contentHash"]}
        (await agent.ask("POST", f"{path}/start", json=begin)).problem(403, "scopeMissing")
        started = await person.post(f"{path}/start", begin)
        running = {"status": "running", "counts": {**ZEROES, "waiting": 2}, "whyNot": None}
        forecast = {"forecast": {"endsOn": today, "sendingDays": 1}}
        assert started["startedBy"] not in (None, made["createdBy"])
        once = {name: started[name] for name in ("startedAt", "startedBy")}
        assert started == {**made, **running, **forecast, **once}
        await work(api)
        finished = await agent.get(path)
        assert (finished["status"], finished["counts"]) == ("finished", {**ZEROES, "sent": 1, "skipped": 1})
        people = await agent.get(f"{path}/people")
        [sent, _] = people["items"]
        assert people == {
            "items": [
                {
                    "recipientProfileUrn": urn(0),
                    "name": "",
                    "status": "sent",
                    "reason": None,
                    "until": None,
                    "remedy": None,
                    "sendId": sent["sendId"],
                    "sentAt": sent["sentAt"],
                    "repliedAt": None,
                    "writtenToBy": None,
                    "writtenToAt": None,
                },
                {
                    "recipientProfileUrn": urn(1),
                    "name": "",
                    "status": "skipped",
                    "reason": "do_not_contact",
                    "until": None,
                    "remedy": None,
                    "sendId": None,
                    "sentAt": None,
                    "repliedAt": None,
                    "writtenToBy": None,
                    "writtenToAt": None,
                },
            ],
            "nextCursor": None,
        }
        assert (await agent.get(f"/sends/{sent['sendId']}"))["recipientProfileUrn"] == urn(0)
    assert [message.recipient_urn for message in api.upstream.seen] == [urn(0)]


async def test_check_foresees_whom_the_worker_skips(api: Api) -> None:
    """By the reasons for which it skips them: nobody twice, and not the account itself."""
    async with calling(api, Scope.ADMIN) as caller:
        await start(caller, await draft(caller, 1))
        await work(api)
        source = {"type": "ids", "recipientProfileUrns": [urn(0), str(api.account.profile_urn), urn(5)]}
        listed = await caller.post("/audiences", {"name": "Again", "groupId": GROUP, "source": source}, 201)
        again = await caller.post("/campaigns", {"name": "Again", "audienceId": listed["id"], "text": "Hello"}, 201)
        checked = await caller.post(f"/campaigns/{again['id']}/check")
    assert (checked["wouldSend"], checked["skipped"]) == (1, {"already_written_to": 1, "own_account": 1})


async def test_nothing_starts_that_was_not_checked(api: Api) -> None:
    """A hash of another content is a 409, and so is a second start; the draft stays a draft."""
    async with calling(api, Scope.ADMIN) as caller:
        one, other = await draft(caller), await draft(caller, 3)
        old = (await caller.post(f"/campaigns/{other['id']}/check"))["contentHash"]
        path = f"/campaigns/{one['id']}"
        answer = await caller.ask("POST", f"{path}/start", json={"contentHash": old})
        assert "check it again" in answer.problem(409, "contentChanged")["detail"]
        assert await caller.get(path) == one
        await start(caller, one)
        checked = await caller.ask("POST", f"{path}/check")
        assert checked.problem(409, "wrongStatus")["detail"] == "A campaign that is running cannot be checked"


async def test_first_message_can_be_awaited(api: Api) -> None:
    """`first` sends so many, then pauses; `resume` sends the rest."""
    async with calling(api, Scope.ADMIN) as caller:
        made = await draft(caller)
        await start(caller, made, first=1)
        await work(api)
        paused = await caller.get(f"/campaigns/{made['id']}")
        assert (paused["status"], paused["cause"]) == ("paused", "first_sent")
        assert paused["counts"] == {**ZEROES, "sent": 1, "waiting": 1}
        await caller.post(f"/campaigns/{made['id']}/resume")
        await work(api)
        assert (await caller.get(f"/campaigns/{made['id']}"))["status"] == "finished"


async def test_campaign_is_paused_stopped_and_archived(api: Api) -> None:
    """No message goes out while it is paused or after it was stopped; the answer gives the reason to those who wait."""
    async with calling(api, Scope.ADMIN) as caller:
        made = await draft(caller)
        path = f"/campaigns/{made['id']}"
        await start(caller, made)
        paused = await caller.post(f"{path}/pause")
        assert (paused["status"], paused["cause"]) == ("paused", "person")
        await work(api)
        [waiting, _] = (await caller.get(f"{path}/people?status=waiting"))["items"]
        assert (waiting["reason"], waiting["remedy"]) == ("campaign_paused", "Resume the campaign")
        assert (await caller.post(f"{path}/stop"))["counts"] == {**ZEROES, "skipped": 2}
        answer = await caller.ask("POST", f"{path}/resume")
        assert answer.problem(409, "wrongStatus")["detail"] == "A campaign that is stopped cannot be resumed"
        assert len((await caller.get(f"{path}/people?reason=stopped"))["items"]) == 2
        assert (await caller.get(f"{path}/people?reason=do_not_contact"))["items"] == []
        assert (await caller.post(f"{path}/archive"))["status"] == "archived"
        assert (await caller.get("/campaigns"))["items"] == []
        [archived] = (await caller.get("/campaigns?status=archived"))["items"]
        assert archived["id"] == made["id"]
    assert api.upstream.seen == []


async def test_draft_is_archived_but_never_runs_without_a_start(api: Api) -> None:
    """To resume, pause or stop one is a 409: nothing of it was checked or frozen."""
    async with calling(api, Scope.ADMIN) as caller:
        path = f"/campaigns/{(await draft(caller))['id']}"
        for verb, done in (("resume", "resumed"), ("pause", "paused"), ("stop", "stopped")):
            answer = await caller.ask("POST", f"{path}/{verb}")
            assert answer.problem(409, "wrongStatus")["detail"] == f"A campaign that is draft cannot be {done}"
        assert (await caller.post(f"{path}/archive"))["status"] == "archived"


async def test_lists_have_pages(api: Api) -> None:
    """Audiences and campaigns newest first, people in their order; each once."""
    async with calling(api, Scope.ADMIN) as caller:
        made = [await draft(caller, 3) for _ in range(3)]
        await start(caller, made[0])
        newest_first = [one["id"] for one in reversed(made)]
        listed = [one["audienceId"] for one in reversed(made)]
        assert [one["id"] for one in await everything(caller, "/campaigns")] == newest_first
        assert [one["id"] for one in await everything(caller, "/audiences")] == listed
        for path in (f"/audiences/{made[0]['audienceId']}/people", f"/campaigns/{made[0]['id']}/people"):
            found = await everything(caller, path)
            assert [one["recipientProfileUrn"] for one in found] == [urn(0), urn(1), urn(2)]


IDS = {"type": "ids", "recipientProfileUrns": ["ACoAA1"]}


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"name": None}, "name", "1 to 200 characters"),
        ({"name": 5}, "name", "1 to 200 characters"),
        ({"groupId": "buyers"}, "groupId", ""),
        ({"source": None}, "source", '"type": "ids"'),
        ({"source": {"type": "moon"}}, "source", '"type": "ids"'),
        ({"source": {"type": "ids"}}, "source.recipientProfileUrns", "a list of 1 to 1,000 URNs"),
        ({"source": {**IDS, "recipientProfileUrns": []}}, "source.recipientProfileUrns", "a list of 1 to 1,000 URNs"),
        ({"source": {**IDS, "recipientProfileUrns": ["ACoAA1"] * 1001}}, "source.recipientProfileUrns", "1,000"),
    ],
)
async def test_bad_audience_is_refused(api: Api, change: dict[str, Any], field: str, words: str) -> None:
    """The field is named with the remedy, and nothing is written."""
    async with calling(api, Scope.SEND) as caller:
        body = {"name": "Buyers", "groupId": GROUP, "source": IDS, **change}
        problem = (await caller.ask("POST", "/audiences", json=body)).problem(400, "invalidField")
        assert problem["field"] == field
        assert words in problem["detail"]
        assert (await caller.get("/audiences"))["items"] == []


async def test_each_bad_person_of_an_audience_is_named(api: Api) -> None:
    """By place; the good ones are not written without them."""
    async with calling(api, Scope.SEND) as caller:
        source = {"type": "ids", "recipientProfileUrns": ["ACoAA1", "bo", None]}
        body = {"name": "Buyers", "groupId": GROUP, "source": source}
        problem = (await caller.ask("POST", "/audiences", json=body)).problem(400, "invalidField")
        assert [fault["field"] for fault in problem["errors"]] == [
            "source.recipientProfileUrns[1]",
            "source.recipientProfileUrns[2]",
        ]
        assert (await caller.get("/audiences"))["items"] == []


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"name": ""}, "name", "1 to 200 characters"),
        ({"audienceId": NOBODY}, "audienceId", "GET /v1/audiences lists them"),
        ({"audienceId": "spring"}, "audienceId", "GET /v1/audiences lists them"),
        ({"text": None}, "text", "must be given, or templateId"),
        ({"text": 5}, "text", "must be a string"),
        ({"text": " "}, "text", "something can be seen"),
        ({"text": "{{ firstName"}, "text", "in line 1"),
        ({"text": "{% if firstName %}"}, "text", "in line 1"),
        ({"templateId": NOBODY}, "templateId", "cannot be given together with text"),
        ({"text": None, "templateId": NOBODY}, "templateId", "GET /v1/templates lists them"),
        ({"text": None, "templateId": "welcome"}, "templateId", "GET /v1/templates lists them"),
        ({"text": "x" * 8001}, "text", "at most 8,000 characters"),
        ({"accountId": "anna"}, "accountId", "24 hexadecimal digits"),
        ({"startsAt": "tomorrow"}, "startsAt", "ISO 8601"),
        ({"startsAt": 5}, "startsAt", "ISO 8601"),
        ({"startsAt": "2020-01-01T09:00:00Z"}, "startsAt", "future"),
        ({"dailyCap": 0}, "dailyCap", "from 1 to 150"),
        ({"dailyCap": True}, "dailyCap", "from 1 to 150"),
        ({"spread": "yes"}, "spread", "true or false"),
        ({"skipExistingConversations": 1}, "skipExistingConversations", "true or false"),
    ],
)
async def test_bad_campaign_is_refused(api: Api, change: dict[str, Any], field: str, words: str) -> None:
    """The field is named with the remedy, and nothing is written."""
    async with calling(api, Scope.SEND) as caller:
        listed = await audience(caller)
        body = {"name": "Spring", "audienceId": listed["id"], "text": "Hello", **change}
        problem = (await caller.ask("POST", "/campaigns", json=body)).problem(400, "invalidField")
        assert problem["field"] == field
        assert words in problem["detail"]
        assert (await caller.get("/campaigns"))["items"] == []


@pytest.mark.parametrize(
    ("body", "field"),
    [({}, "contentHash"), ({"contentHash": 5}, "contentHash"), ({"contentHash": "x", "first": 0}, "first")],
)
async def test_bad_start_is_refused(api: Api, body: dict[str, Any], field: str) -> None:
    """The field is named, and the campaign stays a draft."""
    async with calling(api, Scope.ADMIN) as caller:
        made = await draft(caller)
        answer = await caller.ask("POST", f"/campaigns/{made['id']}/start", json=body)
        assert answer.problem(400, "invalidField")["field"] == field
        assert await caller.get(f"/campaigns/{made['id']}") == made


@pytest.mark.parametrize("query", ["limit=0", "cursor=x", "cursor=AAAA", "status=asleep"])
async def test_bad_filter_is_refused(api: Api, query: str) -> None:
    """The parameter is named, on each list that takes it."""
    async with calling(api, Scope.SEND) as caller:
        made = await draft(caller)
        paths = ["/campaigns", f"/campaigns/{made['id']}/people"]
        if not query.startswith("status"):
            paths += ["/audiences", f"/audiences/{made['audienceId']}/people"]
        for path in paths:
            problem = (await caller.ask("GET", f"{path}?{query}")).problem(400, "invalidField")
            assert problem["field"] == query.partition("=")[0]


async def test_isolation_another_workspace_sees_and_changes_nothing(api: Api) -> None:
    """Its keys find neither audience nor campaign, and cannot write to the audience."""
    async with calling(api, Scope.ADMIN) as caller, calling(api, Scope.ADMIN, workspace_id="another") as stranger:
        made = await draft(caller)
        assert (await stranger.get("/audiences"))["items"] == (await stranger.get("/campaigns"))["items"] == []
        for path in (f"/audiences/{made['audienceId']}", f"/campaigns/{made['id']}"):
            (await stranger.ask("GET", path)).problem(404, "notFound")
            (await stranger.ask("GET", f"{path}/people")).problem(404, "notFound")
        (await stranger.ask("GET", f"/campaigns/{made['id']}/texts")).problem(404, "notFound")
        (await stranger.ask("PATCH", f"/campaigns/{made['id']}", json={"name": "Theirs"})).problem(404, "notFound")
        for verb in ("check", "pause", "resume", "stop", "archive"):
            (await stranger.ask("POST", f"/campaigns/{made['id']}/{verb}")).problem(404, "notFound")
        answer = await stranger.ask("POST", f"/campaigns/{made['id']}/start", json={"contentHash": "x"})
        answer.problem(404, "notFound")
        body = {"name": "Theirs", "audienceId": made["audienceId"], "text": "Hello"}
        answer = await stranger.ask("POST", "/campaigns", json=body)
        assert answer.problem(400, "invalidField")["field"] == "audienceId"
        assert await caller.get(f"/campaigns/{made['id']}") == made


async def test_of_two_who_change_a_draft_the_second_is_refused(api: Api) -> None:
    """With the revision that was read, nobody overwrites what another has changed; without it anything is changed."""
    async with calling(api, Scope.ADMIN) as caller:
        made = await draft(caller)
        path = f"/campaigns/{made['id']}"
        first = await caller.ask("PATCH", path, json={"name": "First", "revision": made["revision"]})
        assert (first.body["name"], first.body["revision"]) == ("First", 2)
        second = await caller.ask("PATCH", path, json={"name": "Second", "revision": made["revision"]})
        second.problem(409, "contentChanged")
        assert (await caller.get(path))["name"] == "First"
        assert (await caller.ask("PATCH", path, json={"name": "Third"})).body["revision"] == 3
        for bad in (0, "2", 1.5):
            problem = (await caller.ask("PATCH", path, json={"revision": bad})).problem(400, "invalidField")
            assert problem["field"] == "revision"
