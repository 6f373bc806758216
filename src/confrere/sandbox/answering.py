"""Members who answer by themselves, where the switch `answer_after_seconds` is set."""

import asyncio
from typing import Final

from confrere.sandbox.conversations import Message
from confrere.sandbox.sandbox import Sandbox

ANSWERS_EVERY: Final = 3
"""Of the messages that accounts have sent, every third is answered, beginning with the first."""

ANSWERS: Final = (
    "Thank you for writing. Yes, tell me more!",
    "Hello! Not now, perhaps next month.",
    "stop",
    "Gladly. What do you have in mind?",
)
"""In turn."""


def answer_later(sandbox: Sandbox, message: Message) -> None:
    """Have the recipient of a message that was just accepted answer it after a while, if it is their turn."""
    seconds = sandbox.people.switches.answer_after_seconds
    turn, rest = divmod(len(sandbox.conversations.sent) - 1, ANSWERS_EVERY)
    if seconds is None or rest:
        return
    before = sandbox.conversations

    def answer() -> None:
        if sandbox.conversations is before:  # not reset meanwhile
            sandbox.reply(message.recipient, message.sender, ANSWERS[turn % len(ANSWERS)])

    asyncio.get_running_loop().call_later(seconds, answer)
