"""Templates, the drafts that use them, and their texts over the management API; whole bodies."""

from typing import Any

import pytest

from confrere.domain.campaigns.audience import Audience, AudiencePerson
from confrere.domain.group import KnownGroup
from confrere.domain.ids import new_record_id
from confrere.domain.keys import Scope
from confrere.domain.person import Person
from confrere.domain.urns import GroupId, ProfileUrn
from tests.contract.api.campaigns import NOBODY, everything, start, urn, work
from tests.contract.api.conftest import GROUP, Api
from tests.contract.api.management import Caller, calling

WAY_OUT = "If you would rather not hear from me, just say so."
HELLO = f'Hello {{{{ firstName | default: "there" }}}} of {{{{ custom.city }}}}! {WAY_OUT}'
PEOPLE = [("Anna", "Bonn"), (None, "Lyon"), ("Jo", None), ("SMITH, Carl", "York")]


async def named_audience(api: Api, workspace_id: str = "default") -> str:
    """People with names and a column `city`; returns its id."""
    people = [
        AudiencePerson(Person(ProfileUrn(urn(number)), None, first), {} if city is None else {"city": city})
        for number, (first, city) in enumerate(PEOPLE)
    ]
    group, now = GroupId(GROUP), api.services.clock()
    audience = Audience(new_record_id(), workspace_id, "Buyers", group, "csv", now, 0, ("city",))
    return (await api.services.store.add_audience(audience, people)).id


async def saved(caller: Caller, text: str = HELLO) -> Any:
    """A template."""
    return await caller.post("/templates", {"name": "Welcome", "text": text}, 201)


async def test_template_from_first_text_to_deletion(api: Api) -> None:
    """It is written, read, listed, changed and deleted with the scope of those who prepare campaigns."""
    async with calling(api, Scope.SEND) as caller:
        answer = await caller.ask("POST", "/templates", json={"name": "Welcome", "text": HELLO})
        made = answer.body
        assert (answer.status, answer.headers["Location"]) == (201, f"/v1/templates/{made['id']}")
        assert made == {
            "id": made["id"],
            "name": "Welcome",
            "text": HELLO,
            "version": 1,
            "variables": ["custom.city", "firstName"],
            "createdAt": made["createdAt"],
            "changedAt": made["createdAt"],
        }
        path = f"/templates/{made['id']}"
        assert await caller.get(path) == made
        changed = await patch(caller, path, {"text": "Hello {{ fullName }}"})
        text = {"text": "Hello {{ fullName }}", "variables": ["fullName"], "version": 2}
        assert changed == {**made, **text, "changedAt": changed["changedAt"]}
        renamed = await patch(caller, path, {"name": "Hi", "text": None})
        assert renamed == {**changed, "name": "Hi", "changedAt": renamed["changedAt"]}
        assert await everything(caller, "/templates") == [renamed]
        assert (await caller.ask("DELETE", path)).status == 204
        (await caller.ask("GET", path)).problem(404, "notFound")
        assert (await caller.get("/templates"))["items"] == []


async def patch(caller: Caller, path: str, body: Any) -> Any:
    """The body of a 200."""
    answer = await caller.ask("PATCH", path, json=body)
    assert answer.status == 200, answer
    return answer.body


async def test_templates_have_pages(api: Api) -> None:
    """Newest first, each once."""
    async with calling(api, Scope.SEND) as caller:
        made = [(await saved(caller))["id"] for _ in range(5)]
        assert [one["id"] for one in await everything(caller, "/templates")] == made[::-1]


async def test_unknown_variable_is_refused_with_the_nearest_name(api: Api) -> None:
    """When a template is written and when it is changed; nothing is written then."""
    async with calling(api, Scope.SEND) as caller:
        made = await saved(caller)
        body = {"name": "Bad", "text": "{{ frstName }} {{ zzz }}"}
        for method, path in (("POST", "/templates"), ("PATCH", f"/templates/{made['id']}")):
            problem = (await caller.ask(method, path, json=body)).problem(400, "invalidField")
            assert problem["field"] == "text"
            assert problem["unknownVariables"] == [
                {"name": "frstName", "nearest": "firstName"},
                {"name": "zzz", "nearest": None},
            ]
        assert await everything(caller, "/templates") == [made]


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"name": None}, "name", "1 to 200 characters"),
        ({"name": 5}, "name", "1 to 200 characters"),
        ({"text": None}, "text", "must be a string"),
        ({"text": 5}, "text", "must be a string"),
        ({"text": " "}, "text", "something can be seen"),
        ({"text": "\0"}, "text", "NUL"),
        ({"text": "x" * 8_001}, "text", "at most 8,000 characters"),
        ({"text": "x" * 20_001}, "text", "at most 20,000 characters"),
        ({"text": "one\n{{ firstName | shout }}"}, "text", "unknown filter shout in line 2"),
        ({"text": "{% include 'x' %}"}, "text", "in line 1"),
    ],
)
async def test_bad_template_is_refused(api: Api, change: dict[str, Any], field: str, words: str) -> None:
    """The field is named with the remedy, and nothing is written."""
    async with calling(api, Scope.SEND) as caller:
        body = {"name": "Welcome", "text": "Hello", **change}
        problem = (await caller.ask("POST", "/templates", json=body)).problem(400, "invalidField")
        assert problem["field"] == field
        assert words in problem["detail"]
        assert (await caller.get("/templates"))["items"] == []


async def test_preview_makes_one_text(api: Api) -> None:
    """Of the variables' names, of the first person, or of one in the audience, with what is blank for them."""
    async with calling(api, Scope.SEND) as caller:
        audience_id, made = await named_audience(api), await saved(caller)
        path = f"/templates/{made['id']}/preview"
        text = f"Hello [firstName] of [custom.city]! {WAY_OUT}"
        assert await caller.post(path, {}) == {"text": text, "blankVariables": [], "characters": len(text)}
        text = f"Hello Anna of Bonn! {WAY_OUT}"
        body = {"audienceId": audience_id}
        assert await caller.post(path, body) == {"text": text, "blankVariables": [], "characters": len(text)}
        text = f"Hello there of Lyon! {WAY_OUT}"
        second, third = ({**body, "recipientProfileUrn": urn(number)} for number in (1, 2))
        expected = {"text": text, "blankVariables": ["firstName"], "characters": len(text)}
        assert await caller.post(path, second) == expected
        assert await caller.post(path, third) == {
            "text": None,
            "blankVariables": ["custom.city"],
            "characters": None,
        }


@pytest.mark.parametrize(
    ("body", "field", "words"),
    [
        ({"audienceId": NOBODY}, "audienceId", "GET /v1/audiences lists them"),
        ({"audienceId": 5}, "audienceId", "GET /v1/audiences lists them"),
        ({"recipientProfileUrn": urn(1)}, "recipientProfileUrn", "needs an audienceId"),
        ({"recipientProfileUrn": "bo"}, "recipientProfileUrn", ""),
        ({"audienceId": "known", "recipientProfileUrn": urn(9)}, "recipientProfileUrn", "somebody in the audience"),
    ],
)
async def test_bad_preview_is_refused(api: Api, body: dict[str, Any], field: str, words: str) -> None:
    """The field is named with the remedy."""
    async with calling(api, Scope.SEND) as caller:
        audience_id, made = await named_audience(api), await saved(caller)
        body = {name: audience_id if value == "known" else value for name, value in body.items()}
        answer = await caller.ask("POST", f"/templates/{made['id']}/preview", json=body)
        problem = answer.problem(400, "invalidField")
        assert problem["field"] == field
        assert words in problem["detail"]


async def test_each_person_gets_the_text_of_their_own_row(api: Api) -> None:
    """The check counts what the start freezes and the worker sends, and the texts can be read before."""
    async with calling(api, Scope.ADMIN) as caller:
        audience_id, made = await named_audience(api), await saved(caller)
        await caller.post("/do-not-contact", {"recipientProfileUrn": urn(1)})
        body = {"name": "Spring", "audienceId": audience_id, "templateId": made["id"], "spread": False}
        campaign = await caller.post("/campaigns", body, 201)
        assert (campaign["templateId"], campaign["templateVersion"]) == (made["id"], 1)
        path = f"/campaigns/{campaign['id']}"
        first, fourth = (f"Hello {name}! {WAY_OUT}" for name in ("Anna of Bonn", "SMITH, Carl of York"))
        assert await caller.get(f"{path}/texts") == {
            "items": [
                {"recipientProfileUrn": urn(0), "name": "Anna", "text": first, "skipReason": None},
                {"recipientProfileUrn": urn(1), "name": "", "text": None, "skipReason": "do_not_contact"},
                {"recipientProfileUrn": urn(2), "name": "Jo", "text": None, "skipReason": "blank_variable"},
                {"recipientProfileUrn": urn(3), "name": "SMITH, Carl", "text": fourth, "skipReason": None},
            ],
            "nextCursor": None,
        }
        paged = await everything(caller, f"{path}/texts")
        assert paged == (await caller.get(f"{path}/texts"))["items"]
        checked = await caller.post(f"{path}/check")
        days = checked["forecast"]
        assert checked == {
            "wouldSend": 2,
            "skipped": {"blank_variable": 1, "do_not_contact": 1},
            "texts": {"shortest": first, "longest": fourth},
            "warnings": [
                {
                    "name": "odd_names",
                    "text": checked["warnings"][0]["text"],
                    "count": 1,
                    "examples": [
                        {
                            "recipientProfileUrn": urn(3),
                            "name": "SMITH, Carl",
                            "faults": ["last_first", "all_capitals"],
                            "firstName": "Carl",
                            "lastName": "Smith",
                        }
                    ],
                }
            ],
            "forecast": {**days, "sendingDays": 1, "perDay": [{"date": days["endsOn"], "count": 2}]},
            "contentHash": checked["contentHash"],
        }
        started = await start(caller, campaign)
        assert started["counts"] == {**started["counts"], "waiting": 3, "skipped": 1}
        await work(api)
        counts = (await caller.get(path))["counts"]
        assert (counts["sent"], counts["skipped"]) == (2, 2)
        (await caller.ask("GET", f"{path}/texts")).problem(409, "wrongStatus")
    sent = {message.recipient_urn: message.text for message in api.upstream.seen}
    assert sent == {urn(0): first, urn(3): fourth}


async def test_draft_follows_its_template_until_it_is_started(api: Api) -> None:
    """A new text changes what was checked; what was started keeps its version, and the template can then go."""
    async with calling(api, Scope.ADMIN) as caller:
        audience_id, made = await named_audience(api), await saved(caller)
        body = {"name": "Spring", "audienceId": audience_id, "templateId": made["id"], "spread": False}
        campaign = await caller.post("/campaigns", body, 201)
        path, template = f"/campaigns/{campaign['id']}", f"/templates/{made['id']}"
        old = (await caller.post(f"{path}/check"))["contentHash"]
        await patch(caller, template, {"text": f"Hello! {WAY_OUT}"})
        assert (await caller.get(path))["templateVersion"] == 2
        (await caller.ask("POST", f"{path}/start", json={"contentHash": old})).problem(409, "contentChanged")
        used = (await caller.ask("DELETE", template)).problem(409, "templateInUse")
        assert f"'Spring' ({campaign['id']})" in used["detail"]
        await start(caller, campaign)
        await patch(caller, template, {"text": "Hello again"})
        assert (await caller.ask("DELETE", template)).status == 204
        await work(api)
        assert (await caller.get(path))["templateVersion"] == 2
    assert {message.text for message in api.upstream.seen} == {f"Hello! {WAY_OUT}"}


async def test_template_for_other_columns_is_refused_wherever_it_would_be_used(api: Api) -> None:
    """When a draft is written or changed, and when it is checked after the template has changed."""
    async with calling(api, Scope.ADMIN) as caller:
        audience_id, town = await named_audience(api), await saved(caller, "Hello {{ custom.town }}")
        unknown = [{"name": "custom.town", "nearest": "custom.city"}]
        body = {"name": "Spring", "audienceId": audience_id}
        for given, field in (({"templateId": town["id"]}, "templateId"), ({"text": town["text"]}, "text")):
            problem = (await caller.ask("POST", "/campaigns", json=body | given)).problem(400, "invalidField")
            assert (problem["field"], problem["unknownVariables"]) == (field, unknown)
        city = await saved(caller)
        campaign = await caller.post("/campaigns", body | {"templateId": city["id"]}, 201)
        path = f"/campaigns/{campaign['id']}"
        answer = await caller.ask("PATCH", path, json={"templateId": town["id"]})
        assert answer.problem(400, "invalidField")["unknownVariables"] == unknown
        plain = await api.services.audiences.create(
            "default", name="Plain", group_id=GroupId(GROUP), people=[AudiencePerson.of(ProfileUrn(urn(0)))]
        )
        answer = await caller.ask("PATCH", path, json={"audienceId": plain.id})
        assert answer.problem(400, "invalidField")["field"] == "templateId"
        await patch(caller, f"/templates/{city['id']}", {"text": town["text"]})
        for method, what, json in (
            ("POST", "check", None),
            ("POST", "start", {"contentHash": "x"}),
            ("GET", "texts", None),
        ):
            problem = (await caller.ask(method, f"{path}/{what}", json=json)).problem(400, "invalidField")
            assert (problem["field"], problem["unknownVariables"]) == ("templateId", unknown)
        assert (await caller.get(path))["status"] == "draft"


async def test_draft_is_changed(api: Api) -> None:
    """What is given changes, null takes away times and caps, all else stays; what was checked is so no more."""
    async with calling(api, Scope.ADMIN) as caller:
        audience_id, other = await named_audience(api), await named_audience(api)
        body = {"name": "Spring", "audienceId": audience_id, "text": "Hello"}
        made = await caller.post("/campaigns", body, 201)
        path = f"/campaigns/{made['id']}"
        old = (await caller.post(f"{path}/check"))["contentHash"]
        changes = {
            "name": "Summer",
            "audienceId": other,
            "startsAt": "2099-05-01T08:00:00Z",
            "dailyCap": 7,
            "spread": False,
            "skipExistingConversations": False,
        }
        assert await patch(caller, path, changes) == {**made, **changes, "revision": 2}
        assert await patch(caller, path, {}) == {**made, **changes, "revision": 3}
        (await caller.ask("POST", f"{path}/start", json={"contentHash": old})).problem(409, "contentChanged")
        gone = {"startsAt": None, "dailyCap": None}
        as_gone = {**made, **changes, **gone, "revision": 4}
        assert await patch(caller, path, {**gone, "name": None, "spread": None}) == as_gone
        template = await saved(caller)
        changed = await patch(caller, path, {"templateId": template["id"]})
        assert (changed["templateId"], changed["templateVersion"]) == (template["id"], 1)
        changed = await patch(caller, path, {"text": "Hello again"})
        assert (changed["templateId"], changed["templateVersion"]) == (None, None)
        assert (await caller.post(f"{path}/check"))["texts"]["longest"] == "Hello again"
        await start(caller, made)
        problem = (await caller.ask("PATCH", path, json={"name": "Late"})).problem(409, "wrongStatus")
        assert problem["detail"] == "A campaign that is running cannot be changed"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": " "}, "name"),
        ({"audienceId": NOBODY}, "audienceId"),
        ({"text": "{{ x }}"}, "text"),
        ({"text": "x", "templateId": NOBODY}, "templateId"),
        ({"templateId": NOBODY}, "templateId"),
        ({"startsAt": "2020-01-01T09:00:00Z"}, "startsAt"),
        ({"dailyCap": 151}, "dailyCap"),
        ({"spread": "yes"}, "spread"),
        ({"accountId": "anna"}, "accountId"),
    ],
)
async def test_bad_change_is_refused(api: Api, change: dict[str, Any], field: str) -> None:
    """The field is named, and the draft stays as it was."""
    async with calling(api, Scope.SEND) as caller:
        body = {"name": "Spring", "audienceId": await named_audience(api), "text": "Hello"}
        made = await caller.post("/campaigns", body, 201)
        answer = await caller.ask("PATCH", f"/campaigns/{made['id']}", json={"name": "Changed", **change})
        assert answer.problem(400, "invalidField")["field"] == field
        assert await caller.get(f"/campaigns/{made['id']}") == made


async def test_isolation_another_workspace_has_templates_of_its_own(api: Api) -> None:
    """Its keys find, change, preview and use none of them."""
    async with calling(api, Scope.ADMIN) as caller, calling(api, Scope.ADMIN, workspace_id="another") as stranger:
        made = await saved(caller)
        path = f"/templates/{made['id']}"
        assert (await stranger.get("/templates"))["items"] == []
        for method, where in (("GET", path), ("DELETE", path), ("PATCH", path), ("POST", f"{path}/preview")):
            given: dict[str, Any] = {} if method in ("GET", "DELETE") else {"json": {}}
            (await stranger.ask(method, where, **given)).problem(404, "notFound")
        body = {"name": "Theirs", "audienceId": await named_audience(api, "another"), "templateId": made["id"]}
        answer = await stranger.ask("POST", "/campaigns", json=body)
        assert answer.problem(400, "invalidField")["field"] == "templateId"
        assert await caller.get(path) == made


async def test_name_of_a_group_is_known_once_groups_were_listed(api: Api) -> None:
    """Before that it is blank, and no check asks LinkedIn for it."""
    async with calling(api, Scope.ADMIN) as caller:
        body = {"name": "Spring", "audienceId": await named_audience(api), "text": "Hello, {{ groupName }}"}
        made = await caller.post("/campaigns", body, 201)
        check = f"/campaigns/{made['id']}/check"
        assert (await caller.post(check))["skipped"] == {"blank_variable": 4}
        await api.services.store.keep_groups("default", [KnownGroup(GROUP, "Bees")])
        assert (await caller.post(check))["texts"]["longest"] == "Hello, Bees"
    assert api.upstream.seen == []
