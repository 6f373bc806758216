"""The endpoints of the people of campaigns."""

import re

from confrere.api.request import ApiRequest
from confrere.api.v1.campaign_people_bodies import CampaignMemberPage, campaign_member
from confrere.api.v1.campaigns import campaign_id_of, choice
from confrere.api.v1.paging import bad_cursor, from_cursor, page_size, to_cursor
from confrere.domain.campaigns.campaign import PersonFilter, PersonStatus
from confrere.domain.keys import Caller
from confrere.http.answer import Answer
from confrere.services import Services

_PERSON_ID = re.compile(r"[0-9a-f]{40}")


async def list_campaign_people(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`GET /campaigns/{id}/people`: list its people with what became of them."""
    campaign_id, query = campaign_id_of(request), request.query
    count, cursor = page_size(query), from_cursor(query)
    after_id = None if cursor is None else cursor.hex()
    if after_id is not None and not (_PERSON_ID.fullmatch(after_id) and after_id.startswith(campaign_id)):
        raise bad_cursor()
    which = PersonFilter(choice(query, "status", PersonStatus), query.text("reason"))
    found = await services.campaign_people.list_page(
        caller.workspace_id, campaign_id, which, after_id=after_id, count=count + 1
    )
    page = found[:count]
    next_cursor = to_cursor(bytes.fromhex(page[-1][0].id)) if len(found) > count else None
    items = [campaign_member(person, why_not) for person, why_not in page]
    return Answer(200, CampaignMemberPage(items=items, next_cursor=next_cursor))
