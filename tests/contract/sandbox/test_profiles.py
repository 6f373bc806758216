from typing import Any

import pytest

from tests.contract.sandbox.browser import NORMALIZED, Browser, encoded
from tests.contract.sandbox.groups import every_element
from tests.sandbox_process import SandboxProcess

PATH = "/voyager/api/identity/dash/profiles"
DECORATION = "&decorationId=com.linkedin.voyager.dash.deco.identity.profile.FullProfileWithEntities-128"


def read(browser: Browser, identity: str, more: str = DECORATION) -> list[dict[str, Any]]:
    """The profiles of this identity."""
    seen = browser.get(f"{PATH}?q=memberIdentity&memberIdentity={encoded(identity)}{more}")
    assert seen.status == 200, seen
    elements: list[dict[str, Any]] = seen.json()["elements"]
    return elements


def test_a_person_is_read_by_name_and_by_id(browser: Browser, sandbox: SandboxProcess) -> None:
    """A person read by name and by id is the same profile, with or without a decoration, in either form."""
    [profile] = read(browser, sandbox.recipient.rpartition(":")[2])
    assert (profile["entityUrn"], profile["firstName"], profile["lastName"]) == (
        sandbox.recipient,
        "Bastien",
        "Exemple",
    )
    assert read(browser, profile["publicIdentifier"]) == read(browser, profile["publicIdentifier"], "") == [profile]
    path = f"{PATH}?q=memberIdentity&memberIdentity={profile['publicIdentifier']}{DECORATION}"
    normalized = browser.get(path, accept=NORMALIZED).json()
    assert normalized["data"]["*elements"] == [sandbox.recipient]
    assert sandbox.recipient in {entity["entityUrn"] for entity in normalized["included"]}


def test_an_unknown_person_is_an_empty_list(browser: Browser) -> None:
    """An unknown name or id is answered with an empty list."""
    assert read(browser, "nobody-at-all") == read(browser, "ACoAAunknown") == []


@pytest.mark.parametrize(
    "query", ["", "q=memberIdentity", "q=viewer&memberIdentity=x", "q=memberIdentity&memberIdentity=x&decorationId=y"]
)
def test_another_query_is_refused(browser: Browser, query: str) -> None:
    """An unknown query is answered 400."""
    assert browser.get(f"{PATH}?{query}").status == 400


def test_who_blocks_the_viewer_is_not_shown(browser: Browser, sandbox: SandboxProcess) -> None:
    """A member who blocks the viewer is answered 403."""
    sandbox.act({"action": "block", "member": sandbox.recipient, "account": browser.urn})
    seen = browser.get(f"{PATH}?q=memberIdentity&memberIdentity={sandbox.recipient.rpartition(':')[2]}")
    assert (seen.status, seen.json()["message"]) == (403, "This profile can't be accessed")


def test_most_members_have_a_picture_and_followers(browser: Browser, sandbox: SandboxProcess) -> None:
    """Most members have a picture and followers, some have neither, and pictures need no session."""
    profiles = [each["profile"] for each in every_element(browser, sandbox.group_id) if each and each["profile"]]
    for field in ("profilePicture", "followingState"):
        assert len(profiles) * 0.7 < sum(profile[field] is not None for profile in profiles) < len(profiles)
    [shown] = read(browser, sandbox.recipient.rpartition(":")[2])
    image = shown["profilePicture"]["displayImageReference"]["vectorImage"]
    assert image["rootUrl"].startswith(sandbox.url)
    path = image["rootUrl"].removeprefix(sandbox.url)
    picture = browser.get(path + image["artifacts"][-1]["fileIdentifyingUrlPathSegment"])
    assert (picture.status, picture.headers["content-type"]) == (200, "image/svg+xml")
    assert ">BE</text></svg>" in picture.body.decode()
    assert browser.get("/dms/image/ACoAAunknown/100").status == 404
    assert browser.get("/dms/image/").status == 404
