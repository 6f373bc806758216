"""The public `open-linkedin-api` client, asked to post messages one after another with its sleeps off.

It has no call for a group's members; what is measured is its requests session with its own headers posting
createMessage. It prints messages a second. `python -m bench.peers.direct_client URL SECONDS`.
"""

import json
import sys
import time
import uuid

from open_linkedin_api import client as linkedin_client
from open_linkedin_api import linkedin


def main() -> None:
    """Send for the given time."""
    url, seconds = sys.argv[1], float(sys.argv[2])
    linkedin.default_evade = lambda: None
    linkedin_client.Client.API_BASE_URL = f"{url}/voyager/api"
    api = linkedin.Linkedin("", "", authenticate=False)
    api.client.session.cookies.set("li_at", "AQED")
    api.client.session.headers["csrf-token"] = "ajax:1"
    count, began = 0, time.perf_counter()
    while time.perf_counter() - began < seconds:
        body = {
            "message": {
                "body": {"attributes": [], "text": f"Hello fellow group member! This is message {count}."},
                "renderContentUnions": [],
                "originToken": str(uuid.uuid4()),
            },
            "mailboxUrn": "urn:li:fsd_profile:ACoAA",
            "trackingId": uuid.uuid4().hex[:16],
            "dedupeByClientGeneratedToken": False,
            "hostRecipientUrns": ["urn:li:fsd_profile:ACoAB"],
        }
        answer = api._post(  # noqa: SLF001 - its own way to post, which pauses before
            "/voyagerMessagingDashMessengerMessages",
            params={"action": "createMessage"},
            data=json.dumps(body),
            evade=linkedin.default_evade,
        )
        assert answer.status_code == 200, answer.status_code
        count += 1
    print(count / (time.perf_counter() - began))


if __name__ == "__main__":
    main()
