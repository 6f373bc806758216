"""FastAPI, plain SQLite and aiohttp: what somebody writes who knows that an ORM costs.

One connection with `synchronous = FULL`, asked on the event loop; a commit before LinkedIn is asked, and one after. The
same quota and ledger as the others, no idempotency, no encryption. Run: `uvicorn bench.peers.plain:app`; DATABASE_PATH,
LINKEDIN_URL.
"""

import hashlib
import json
import os
import sqlite3
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from fastapi import FastAPI, Header, HTTPException
from pydantic import BaseModel, Field

CREATE_MESSAGE = os.environ["LINKEDIN_URL"] + "/voyager/api/voyagerMessagingDashMessengerMessages?action=createMessage"
SCHEMA = """
CREATE TABLE IF NOT EXISTS api_keys (hash TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS accounts (id TEXT PRIMARY KEY, profile_urn TEXT NOT NULL, cookie TEXT NOT NULL,
  csrf_token TEXT NOT NULL, user_agent TEXT NOT NULL, daily_limit INTEGER NOT NULL DEFAULT 150);
CREATE TABLE IF NOT EXISTS quotas (account_id TEXT NOT NULL, day TEXT NOT NULL, used INTEGER NOT NULL,
  PRIMARY KEY (account_id, day));
CREATE TABLE IF NOT EXISTS sends (id TEXT PRIMARY KEY, account_id TEXT NOT NULL, recipient TEXT NOT NULL,
  group_id TEXT NOT NULL, text TEXT NOT NULL, origin_token TEXT NOT NULL, outcome TEXT NOT NULL, message_urn TEXT,
  created_at REAL NOT NULL, settled_at REAL);
CREATE INDEX IF NOT EXISTS sends_account ON sends (account_id);
"""

db = sqlite3.connect(os.environ["DATABASE_PATH"], isolation_level=None)
db.execute("PRAGMA journal_mode = WAL")
db.execute("PRAGMA synchronous = FULL")
db.executescript(SCHEMA)


class SendRequest(BaseModel):
    accountId: str  # noqa: N815 - the contract's name
    recipientProfileUrn: str = Field(pattern=r"^urn:li:fsd_profile:[A-Za-z0-9_-]{1,64}$")  # noqa: N815
    groupId: str  # noqa: N815 - the contract's name
    message: str = Field(min_length=1, max_length=8000)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    connector = aiohttp.TCPConnector(limit=200)
    async with aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as http:
        app.state.http = http
        yield


app = FastAPI(lifespan=lifespan)


@app.post("/linkedin/messaging/send-group")
async def send_group(body: SendRequest, authorization: str = Header()) -> dict[str, object]:
    digest = hashlib.sha256(authorization.removeprefix("Bearer ").encode()).hexdigest()
    if db.execute("SELECT 1 FROM api_keys WHERE hash = ?", (digest,)).fetchone() is None:
        raise HTTPException(401, "Invalid credentials")
    account = db.execute(
        "SELECT profile_urn, cookie, csrf_token, user_agent, daily_limit FROM accounts WHERE id = ?", (body.accountId,)
    ).fetchone()
    if account is None:
        raise HTTPException(404, "No such account")
    send_id, token = reserve(body, account[4])
    async with app.state.http.post(
        CREATE_MESSAGE, data=create_message(body, account[0], token), headers=linkedin_headers(account)
    ) as answer:
        content = await answer.read()
    accepted = answer.status // 100 == 2
    settle(send_id, json.loads(content)["value"]["entityUrn"] if accepted else None)
    if not accepted:
        raise HTTPException(403, "LinkedIn refused the message")
    return {
        "success": True,
        "message": "Group context message sent successfully",
        "recipientProfileUrn": body.recipientProfileUrn,
        "groupId": body.groupId,
    }


def reserve(body: SendRequest, limit: int) -> tuple[str, str]:
    """The unit and the row, in one transaction."""
    send_id, token = uuid.uuid4().hex, str(uuid.uuid4())
    db.execute("BEGIN IMMEDIATE")
    taken = db.execute(
        "INSERT INTO quotas VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET used = used + 1 WHERE used < ? RETURNING used",
        (body.accountId, time.strftime("%F", time.gmtime()), limit),
    ).fetchone()
    if taken is None:
        db.execute("ROLLBACK")
        raise HTTPException(429, "The day's messages are used up")
    db.execute(
        "INSERT INTO sends VALUES (?, ?, ?, ?, ?, ?, 'in_flight', NULL, ?, NULL)",
        (send_id, body.accountId, body.recipientProfileUrn, body.groupId, body.message, token, time.time()),
    )
    db.execute("COMMIT")
    return send_id, token


def settle(send_id: str, message_urn: str | None) -> None:
    """The outcome; the statement is its own transaction."""
    outcome = "refused" if message_urn is None else "accepted"
    db.execute(
        "UPDATE sends SET outcome = ?, message_urn = ?, settled_at = ? WHERE id = ?",
        (outcome, message_urn, time.time(), send_id),
    )


def linkedin_headers(account: tuple[str, ...]) -> dict[str, str]:
    return {
        "cookie": account[1],
        "csrf-token": account[2],
        "user-agent": account[3],
        "content-type": "application/json",
        "x-restli-protocol-version": "2.0.0",
    }


def create_message(body: SendRequest, sender: str, token: str) -> bytes:
    return json.dumps(
        {
            "message": {
                "body": {"attributes": [], "text": body.message},
                "renderContentUnions": [],
                "originToken": token,
            },
            "mailboxUrn": sender,
            "trackingId": uuid.uuid4().hex[:16],
            "dedupeByClientGeneratedToken": False,
            "hostRecipientUrns": [body.recipientProfileUrn],
            "messageRequestContextByRecipient": [
                {
                    "hostRecipientUrn": body.recipientProfileUrn,
                    "contextEntityUrn": f"urn:li:fsd_group:{body.groupId}",
                }
            ],
        }
    ).encode()
