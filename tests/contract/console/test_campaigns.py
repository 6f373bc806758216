"""The list of campaigns, the form of a draft, its check and its start, over HTTP on both stores."""

import re
from datetime import UTC, datetime

import pytest

from confrere.domain.campaigns.audience import AudiencePerson
from confrere.domain.campaigns.campaign import CampaignStatus
from confrere.domain.person import Person
from confrere.domain.urns import GroupId, ProfileUrn
from confrere.domain.users import Rights, Role
from tests.contract.console.conftest import Browser, Console

GROUP = GroupId("12345678")
TEXT = 'Hello {{ firstName | default: "there" }},\nmay I ask you something? If not, just say so.'


def someone(number: int) -> AudiencePerson:
    """A person of the audiences of these tests."""
    return AudiencePerson(Person(ProfileUrn(f"urn:li:fsd_profile:ACoAAmember{number}"), None, f"Ada{number}", "Lane"))


async def make_audience(console: Console, people: int = 3, name: str = "Buyers") -> str:
    """Write an audience; return its id."""
    audience = await console.services.audiences.create(
        "default", name=name, group_id=GROUP, people=[someone(number) for number in range(people)]
    )
    return audience.id


async def make_draft(console: Console, people: int = 3, text: str = TEXT) -> str:
    """Write a draft; return its id."""
    state = await console.services.campaigns.create(
        "default", name="Spring", audience_id=await make_audience(console, people), text=text
    )
    return state.campaign.id


def field(text: str, name: str) -> str:
    """Return the value of a hidden field."""
    found = re.search(rf'name="{name}" value="([^"]*)"', text)
    assert found is not None, (name, text)
    return found[1].replace("&#34;", '"').replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


async def form_of(console: Console, browser: Browser, audience_id: str, **more: str) -> dict[str, str]:
    """Return the fields of a good form of a new campaign."""
    await browser.get("/console/campaigns/new")
    return {
        "name": "Spring",
        "account": console.account.id,
        "audience": audience_id,
        "source": "text",
        "text": TEXT,
        "spread": "yes",
        "skip_existing": "yes",
        **more,
    }


async def test_empty_pages_lead_on(console: Console) -> None:
    """Without campaigns, audiences and templates the pages say what will stand there, and lead to the next click."""
    browser = await console.user()
    for path, link in (
        ("/console/campaigns", "/console/campaigns/new"),
        ("/console/campaigns/new", "/console/audiences/new?then=campaign"),
        ("/console/audiences", "/console/audiences/new"),
        ("/console/templates", "/console/templates/new"),
    ):
        reply = await browser.get(path)
        assert reply.status == 200
        assert f'href="{link}"' in reply.text
        assert (await browser.get(link)).status == 200


async def test_a_campaign_is_written_checked_and_started(console: Console) -> None:
    """A form makes a draft; its page says who would be written to and when; its start freezes the people."""
    browser = await console.user()
    fields = await form_of(console, browser, await make_audience(console), daily_cap="40")
    made = await browser.post("/console/campaigns/new", fields)
    assert made.status == 303, made.text
    path = made.headers["Location"]
    draft = await browser.get(path)
    assert "3 people would be written to" in draft.text
    assert "Start: write to 3 people" in draft.text
    assert "Hello Ada0," in draft.text
    assert "spread over what is left of each day" in draft.text
    started = await browser.post(
        f"{path}/start", {"content_hash": field(draft.text, "content_hash"), "seen": field(draft.text, "seen")}
    )
    assert (started.status, started.headers["Location"]) == (303, path)
    state = await console.services.campaigns.read("default", path.rpartition("/")[2])
    assert (state.campaign.status, state.counts.waiting) == (CampaignStatus.RUNNING, 3)
    shown = await browser.get(path)
    assert "0 of 3 people written to" in shown.text
    assert "Odile" in shown.text  # who has started it
    people = await browser.get(f"{path}/people?status=waiting")
    assert people.text.count("Ada") >= 3
    listed = await browser.get("/console/campaigns?status=running")
    assert "Spring" in listed.text


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"name": ""}, "Name must be"),
        ({"text": " "}, "Text must not be blank"),
        ({"text": "Hello\n{{ frstName }}"}, "frstName in line 2 (did you mean firstName?)"),
        ({"text": "Hello\n\n{{ firstName"}, "line 3"),
        ({"text": "{{ custom.city }} hello"}, "custom.city in line 1"),
        ({"daily_cap": "many"}, "Messages a day must be a whole number"),
        ({"daily_cap": "9999"}, "Messages a day must be 1 to"),
        ({"starts_at": "2020-01-01T09:00"}, "Begin must lie in the future"),
        ({"starts_at": "soon"}, "Begin must be"),
        ({"audience": "f" * 32}, "Audience must be"),
        ({"account": "f" * 24}, "Account must be"),
        ({"source": "template"}, "Saved template must be"),
    ],
)
async def test_a_fault_is_named_and_nothing_typed_is_lost(console: Console, more: dict[str, str], words: str) -> None:
    """A field that cannot be used is named with its line and remedy, and every other field stays as it was typed."""
    browser = await console.user()
    fields = await form_of(console, browser, await make_audience(console), **{"name": "Kept <b>", **more})
    reply = await browser.post("/console/campaigns/new", fields)
    assert reply.status == 422
    assert words in reply.text
    assert 'role="alert"' in reply.text
    if "name" not in more:
        assert 'value="Kept &lt;b&gt;"' in reply.text
    if "text" not in more:
        assert "may I ask you something?" in reply.text
    assert await console.services.campaigns.list_page("default") == []


async def test_a_preview_shows_people_in_turn_and_saves_nothing(console: Console) -> None:
    """The preview makes the text of real people, one after the other, from what is typed; a fault is said in it."""
    browser = await console.user()
    fields = await form_of(console, browser, await make_audience(console, 2))
    for after, name in (("", "Ada0"), ("1", "Ada1"), ("2", "Ada0")):
        reply = await browser.post("/console/campaigns/new/preview", {**fields, "after": after})
        assert (reply.status, f"Hello {name}," in reply.text) == (200, True)
    faulty = await browser.post("/console/campaigns/new/preview", {**fields, "text": "{{ frstName }}"})
    assert faulty.status == 200
    assert "did you mean firstName?" in faulty.text
    example = await browser.post("/console/campaigns/new/preview", {**fields, "text": "", "example": "yes"})
    assert "we are both in the same group" in example.text
    assert await console.services.campaigns.list_page("default") == []


async def test_times_are_typed_and_shown_in_the_zone_of_the_sending_hours(console: Console) -> None:
    """What is typed is what every page shows, with its zone; a time that there is not is refused; else it is kept."""
    browser = await console.user()
    hours = {"timeZone": "Europe/Paris", "from": "09:00", "to": "17:00"}
    await console.services.pacing.replace("default", console.account.id, {"sendingHours": hours})
    fields = await form_of(console, browser, await make_audience(console), starts_at="2099-07-31T09:30")
    page = await browser.get("/console/campaigns/new")
    assert "Begin, Europe/Paris" in page.text
    fields["zone"] = field(page.text, "zone")
    refused = await browser.post("/console/campaigns/new", {**fields, "starts_at": "2099-03-29T02:30"})
    assert refused.status == 422
    assert "Begin must be a time that there is: the clock in Europe/Paris is set forward" in refused.text
    assert 'value="2099-03-29T02:30"' in refused.text
    path = (await browser.post("/console/campaigns/new", fields)).headers["Location"]
    assert "31\u00a0Jul\u00a02099, 09:30\u00a0CEST" in (await browser.get(path)).text
    campaign_id = path.rpartition("/")[2]
    begin = datetime(2099, 7, 31, 7, 30, tzinfo=UTC)
    assert (await console.services.campaigns.read("default", campaign_id)).campaign.starts_at == begin

    edit = (await browser.get(f"{path}/edit")).text
    assert field(edit, "starts_at") == "2099-07-31T09:30"
    await console.services.pacing.replace("default", console.account.id, {})
    await browser.post("/console/display", {"zone": "Asia/Tokyo"})  # while the form is open
    saved = await browser.post(f"{path}/edit", {**fields, "revision": field(edit, "revision"), "name": "Later"})
    assert saved.status == 303
    assert (await console.services.campaigns.read("default", campaign_id)).campaign.starts_at == begin
    assert "31\u00a0Jul\u00a02099, 16:30\u00a0JST" in (await browser.get(path)).text


async def test_two_people_edit_one_draft(console: Console) -> None:
    """Of two who edit a draft at once the second is refused, sees the other's version, and keeps what they typed."""
    campaign_id = await make_draft(console)
    first, second = await console.user("Odile"), await console.user("Bea")
    path = f"/console/campaigns/{campaign_id}"
    forms = []
    for browser in (first, second):
        page = await browser.get(f"{path}/edit")
        forms.append(
            {
                **await form_of(console, browser, await audience_of(console, campaign_id)),
                "revision": field(page.text, "revision"),
            }
        )
    saved = await first.post(f"{path}/edit", {**forms[0], "text": "Hello from Odile. If not, just say so."})
    assert saved.status == 303, saved.text
    refused = await second.post(f"{path}/edit", {**forms[1], "name": "Mine", "text": "Hello from Bea"})
    assert refused.status == 409
    assert "Somebody else has changed this draft" in refused.text
    assert "Hello from Odile." in refused.text
    assert 'value="Mine"' in refused.text
    assert "Hello from Bea</textarea>" in refused.text
    again = await second.post(
        f"{path}/edit", {**forms[1], "text": "Hello from Bea", "revision": field(refused.text, "revision")}
    )
    assert again.status == 303
    assert await console.services.campaigns.read_text("default", campaign_id) == "Hello from Bea"


async def audience_of(console: Console, campaign_id: str) -> str:
    """Return the audience of a draft."""
    return (await console.services.campaigns.read("default", campaign_id)).campaign.audience_id


async def test_a_start_of_what_was_changed_is_refused(console: Console) -> None:
    """Whoever approves what another has changed meanwhile starts nothing, and sees what is different."""
    campaign_id = await make_draft(console)
    browser = await console.user()
    path = f"/console/campaigns/{campaign_id}"
    page = await browser.get(path)
    seen = {name: field(page.text, name) for name in ("content_hash", "seen")}
    from confrere.campaigns import CampaignChanges

    await console.services.campaigns.change(
        "default", campaign_id, CampaignChanges(text="Another text {{ firstName }}", daily_cap=7)
    )
    refused = await browser.post(f"{path}/start", seen)
    assert refused.status == 409
    assert "somebody has changed it since you checked it" in refused.text
    assert "Another text {{ firstName }}" in refused.text
    assert "no limit of its own" in refused.text
    assert (await console.services.campaigns.read("default", campaign_id)).campaign.status is CampaignStatus.DRAFT
    started = await browser.post(f"{path}/start", {"content_hash": field(refused.text, "content_hash")})
    assert started.status == 303


async def test_one_message_is_sent_first_and_skipped_later(console: Console) -> None:
    """One person gets the draft's text at once, through the ledger; a repeat sends nothing, the campaign skips them."""
    campaign_id = await make_draft(console)
    browser = await console.user()
    path = f"/console/campaigns/{campaign_id}"
    page = await browser.get(path)
    fields = {"person": field(page.text, "person"), "digest": field(page.text, "digest")}
    sent = await browser.post(f"{path}/first", fields)
    assert sent.status == 303, sent.text
    [message] = console.upstream.seen
    assert message.text.startswith("Hello Ada0,")
    after = await browser.get(sent.headers["Location"])
    assert "accepted" in after.text
    assert "2 people would be written to" in after.text
    assert "Written to before" in after.text
    again = await browser.post(f"{path}/first", fields)
    assert again.status == 409
    assert len(console.upstream.seen) == 1
    texts = await browser.get(f"{path}/texts")
    assert texts.text.count("Send this one message now") == 2
    changed = await browser.post(f"{path}/first", {**fields, "person": someone(1).recipient})
    assert changed.status == 409
    assert "text has changed" in changed.text


async def test_who_has_a_conversation_is_not_sent_the_first_message(console: Console) -> None:
    """The first message asks LinkedIn for a conversation, as the campaign does."""
    campaign_id = await make_draft(console)
    browser = await console.user()
    page = await browser.get(f"/console/campaigns/{campaign_id}")
    console.upstream.conversation = "urn:li:msg_conversation:(x,2-a)"
    fields = {"person": field(page.text, "person"), "digest": field(page.text, "digest")}
    refused = await browser.post(f"/console/campaigns/{campaign_id}/first", fields)
    assert refused.status == 409
    assert "Has a conversation with the account already" in refused.text
    assert console.upstream.seen == []


async def test_a_running_campaign_is_paused_resumed_and_stopped(console: Console) -> None:
    """Each act leads back to the page; a stop asks first and says what will not happen; what cannot be done is said."""
    campaign_id = await make_draft(console)
    await console.services.campaigns.start("default", campaign_id)
    browser = await console.user()
    path = f"/console/campaigns/{campaign_id}"
    await browser.get(path)
    for act, status, words in (
        ("pause", CampaignStatus.PAUSED, "by a person"),
        ("resume", CampaignStatus.RUNNING, "Pause"),
        ("stop", CampaignStatus.STOPPED, "The campaign was stopped before their turn"),
        ("archive", CampaignStatus.ARCHIVED, "Archived"),
    ):
        if act == "stop":
            assert "3 people who wait get no message" in (await browser.get(f"{path}/stop")).text
        done = await browser.post(f"{path}/{act}")
        assert (done.status, done.headers["Location"]) == (303, path)
        assert (await console.services.campaigns.read("default", campaign_id)).campaign.status is status
        assert words in (await browser.get(path)).text
    refused = await browser.post(f"{path}/resume")
    assert refused.status == 409
    assert "archived cannot be resumed" in refused.text


async def test_people_are_added_held_and_exported(console: Console) -> None:
    """An audience of the same group is added; somebody is held until a time and released; the export has all."""
    campaign_id = await make_draft(console)
    await console.services.campaigns.start("default", campaign_id)
    more = await make_audience(console, 5, "More")
    browser = await console.user()
    path = f"/console/campaigns/{campaign_id}"
    assert "More (5 people)" in (await browser.get(path)).text
    added = await browser.post(f"{path}/people", {"audience": more})
    assert added.status == 303
    assert "2 people were added; 3 were in the campaign already" in (await browser.get(added.headers["Location"])).text
    who = {"person": str(someone(4).recipient), "status": "waiting"}
    bad = await browser.post(f"{path}/people/hold", {**who, "until": "2020-01-01T00:00"})
    assert bad.status == 422
    assert "Until must be in the future" in bad.text
    held = await browser.post(f"{path}/people/hold", {**who, "until": "2099-01-01T00:00"})
    assert held.headers["Location"] == f"{path}/people?status=waiting"
    shown = (await browser.get(f"{path}/people?status=waiting&reason=held")).text
    assert "Held by a person, until" in shown
    assert "Ada4" in shown
    assert "Ada1" not in shown
    await browser.post(f"{path}/people/release", who)
    assert "Ada4" not in (await browser.get(f"{path}/people?reason=held")).text
    export = await browser.get(f"{path}/people/export")
    assert export.headers["Content-Type"].startswith("text/csv")
    assert len(export.text.splitlines()) == 6
    assert (await browser.get(f"{path}/people?reason=nonsense")).status == 422


async def test_rights_decide_what_is_seen_and_done(console: Console) -> None:
    """A viewer sees no buttons; a writer prepares and does not start; a user of other accounts sees no campaign."""
    campaign_id = await make_draft(console)
    path = f"/console/campaigns/{campaign_id}"
    viewer = await console.user("Vivi", Rights(Role.VIEWER))
    page = (await viewer.get(path)).text
    assert "Send this one message now" not in page
    assert (await viewer.post(f"{path}/first")).status == 403
    writer = await console.user("Will", Rights(Role.WRITER))
    page = (await writer.get(path)).text
    assert "Send this one message now" in page
    assert "Somebody whose role is approver or owner has to start it" in page
    assert (await writer.post(f"{path}/start")).status == 403
    other = await console.user("Otto", Rights(Role.APPROVER, accounts=frozenset({"f" * 24})))
    assert "Spring" not in (await other.get("/console/campaigns")).text
    for method, address in (
        ("get", path),
        ("get", f"{path}/edit"),
        ("get", f"{path}/texts"),
        ("get", f"{path}/people"),
        ("get", f"{path}/people/export"),
        ("get", f"{path}/stop"),
        ("post", f"{path}/start"),
        ("post", f"{path}/pause"),
        ("post", f"{path}/first"),
        ("post", f"{path}/people"),
        ("post", f"{path}/edit"),
    ):
        reply = await (other.get(address) if method == "get" else other.post(address))
        assert reply.status == 404, address
    fields = await form_of(console, other, await make_audience(console))
    refused = await other.post("/console/campaigns/new", fields)
    assert refused.status == 422


async def test_paths_of_nothing_are_not_found(console: Console) -> None:
    """An id that is none, or that nobody has, is a page that says so."""
    browser = await console.user()
    for place in ("campaigns", "audiences", "templates"):
        for name in ("nothing", "f" * 32):
            assert (await browser.get(f"/console/{place}/{name}")).status == 404
        assert (await browser.get(f"/console/{place}?before=nothing")).status == 422


HOSTILE = "<script>alert(1)</script> \u202e\u0645 " + "W" * 150


async def test_hostile_names_and_junk_do_no_harm(console: Console) -> None:
    """Names are shown as text wherever they stand; a form of nonsense is refused, never an error of the server."""
    campaign_id = await make_draft(console)
    audience_id = await audience_of(console, campaign_id)
    template = await console.services.templates.create("default", name=HOSTILE.replace("\u202e", ""), text=HOSTILE)
    browser = await console.user()
    draft, audience = f"/console/campaigns/{campaign_id}", f"/console/audiences/{audience_id}"
    saved = f"/console/templates/{template.id}"
    for path in ("/console/templates", saved):
        page = await browser.get(path)
        assert page.status == 200
        assert "<script>alert" not in page.text
        assert "&lt;script&gt;alert" in page.text
    posts = [
        f"{draft}/{act}" for act in ("edit", "preview", "first", "start", "people", "people/hold", "people/release")
    ]
    posts += ["/console/campaigns/new", "/console/campaigns/new/preview", "/console/audiences/new", saved]
    posts += [f"{saved}/preview", "/console/templates/new", "/console/templates/new/preview"]
    names = ("name", "text", "account", "audience", "source", "template", "starts_at", "daily_cap", "revision", "after")
    more = ("person", "digest", "content_hash", "seen", "first", "until", "group", "people", "column", "version")
    for junk in ("", "\ud83d\ude00", "9" * 30, "[[1" * 400, HOSTILE, "-1", "\u0660", "../..", "{{"):
        fields = {name: junk.encode("utf-16", "surrogatepass").decode("utf-16") for name in (*names, *more)}
        for path in posts:
            reply = await browser.post(path, fields)
            assert reply.status < 500, (path, junk, reply.text)
            assert "<script>alert" not in reply.text
    queries = ("after=-1", "after=x", "before=%00", "status=%ff", "check=x&sent=" + "z" * 32, "reason=x", "added=1")
    for query in queries:
        for path in ("/console/campaigns", draft, f"{draft}/texts", f"{draft}/people", audience, "/console/templates"):
            assert (await browser.get(f"{path}?{query}")).status < 500, (path, query)
