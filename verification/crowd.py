"""Clients that send through the servers that run, each in its own style, and record their answers."""

import asyncio
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

from tests.sandbox_process import SandboxProcess
from tests.server_process import SEND_PATH, Site

from verification.client import Answer, NoResponse, Response, ask
from verification.fleet import Fleet
from verification.intentions import Intention, Style, is_settled
from verification.ledgers import recipients_of

MOST_TRIES = 12

_STYLES = {Style.KEYED: 3, Style.KEYLESS: 3, Style.ONCE: 1, Style.KEYED_DISCONNECTS: 1, Style.KEYLESS_DISCONNECTS: 2}


@dataclass
class Crowd:
    """The clients of one site. urls: returns where servers listen now."""

    urls: Callable[[], Sequence[str]]
    api_key: str
    group_id: str
    account_ids: Sequence[str]
    recipients: Sequence[str]
    random: Random
    name: str = "crowd"
    intentions: list[Intention] = field(default_factory=list)
    pause_seconds: float = 0.0
    _until: float | None = None

    async def run(self, clients: int, *, most: int | None = None, seconds: float | None = None) -> None:
        """Run so many clients at once, until `most` intentions were begun or `seconds` have passed."""
        self._until = None if seconds is None else asyncio.get_running_loop().time() + seconds
        await asyncio.gather(*(self._be_client(most) for _ in range(clients)))

    async def repeat(self, intentions: Sequence[Intention], clients: int) -> None:
        """Send these again, so many at once, each until its outcome is certain."""
        self._until = None
        waiting = list(intentions)

        async def be_client() -> None:
            while waiting:
                await self.carry_out(waiting.pop())

        await asyncio.gather(*(be_client() for _ in range(clients)))

    async def _be_client(self, most: int | None) -> None:
        while (most is None or len(self.intentions) < most) and not self._is_late():
            await self.carry_out(self.new_intention())
            await asyncio.sleep(self.pause_seconds * self.random.random())

    def _is_late(self) -> bool:
        return self._until is not None and asyncio.get_running_loop().time() >= self._until

    def new_intention(self) -> Intention:
        """Draw an intention with a unique text: account, recipient and style are random."""
        style = self.random.choices(list(_STYLES), list(_STYLES.values()))[0]
        text = f"{self.name} {len(self.intentions)}: hello"
        intention = Intention(
            text=text,
            account=self.random.randrange(len(self.account_ids)),
            recipient=self.random.choice(self.recipients),
            style=style,
            key=f"key of {text}".replace(" ", "-") if style.has_key else None,
        )
        self.intentions.append(intention)
        return intention

    async def carry_out(self, intention: Intention) -> None:
        """Send, and repeat as the style allows, until the outcome is certain or the client gives up."""
        attempt = 0
        for _ in range(MOST_TRIES * 10):
            answer = await self.send(intention, may_disconnect=attempt < MOST_TRIES // 2)
            if isinstance(answer, NoResponse) and not answer.reached:
                await asyncio.sleep(0.1)  # the server is just dying; to the client that is no attempt
                continue
            attempt += 1
            if is_settled(answer) or intention.style is Style.ONCE or attempt == MOST_TRIES:
                return
            if self._is_late() and attempt > 2:
                return  # a client may give up at any time
            await asyncio.sleep(self.random.random() * 0.5 * attempt)  # at first at once, then with patience

    async def send(
        self, intention: Intention, *, may_disconnect: bool = False, give_up_after: float | None = None
    ) -> Answer:
        """Make one request to any of the servers. give_up_after: disconnect after so many seconds without an answer."""
        urls = self.urls()
        if not urls:
            return NoResponse(reached=False)
        disconnect_after = give_up_after
        if may_disconnect and intention.style.disconnects and self.random.random() < 0.6:
            disconnect_after = self.random.expovariate(1 / 0.02)
        headers = {"Authorization": f"Bearer {self.api_key}", "Content-Type": "application/json"}
        if intention.key is not None:
            headers["Idempotency-Key"] = intention.key
        body = {
            "recipientProfileUrn": intention.recipient,
            "groupId": self.group_id,
            "message": intention.text,
            "accountId": self.account_ids[intention.account],
        }
        url = self.random.choice(list(urls))
        begun = time.time()
        answer = await ask(
            url, "POST", SEND_PATH, headers, json.dumps(body).encode(), disconnect_after=disconnect_after
        )
        if not (isinstance(answer, NoResponse) and not answer.reached):
            intention.answers.append(answer)
            intention.timings.append((begun, time.time(), url))
        return answer

    @property
    def answers(self) -> list[Response]:
        """All responses that clients received."""
        return [answer for each in self.intentions for answer in each.answers if isinstance(answer, Response)]


def crowd_of(
    fleet: Fleet, site: Site, sandbox: SandboxProcess, random: Random, *, pause_seconds: float, name: str = "crowd"
) -> Crowd:
    """Return clients of the servers that run, who write to 400 members."""
    return Crowd(
        urls=lambda: fleet.urls,
        api_key=site.key,
        group_id=sandbox.group_id,
        account_ids=site.account_ids,
        recipients=recipients_of(sandbox, 400),
        random=random,
        name=name,
        pause_seconds=pause_seconds,
    )
