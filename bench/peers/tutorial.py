"""FastAPI, SQLAlchemy's asyncio ORM, httpx and slowapi, as their tutorials put them together.

It keeps what a careful tutorial keeps: a row in the ledger before LinkedIn is asked and its outcome after, a unit of
the account's day taken by a conditional update, keys checked in the database. No group commit, no idempotency, no
encryption. Run: `uvicorn bench.peers.tutorial:app`; DATABASE_URL, LINKEDIN_URL.
"""

import hashlib
import os
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated

import httpx
from fastapi import Depends, FastAPI, Header, HTTPException, Request
from pydantic import BaseModel, Field
from slowapi import Limiter, _rate_limit_exceeded_handler
from slowapi.errors import RateLimitExceeded
from sqlalchemy import ForeignKey, event, select, update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ["DATABASE_URL"]
LINKEDIN_URL = os.environ["LINKEDIN_URL"]
CREATE_MESSAGE = f"{LINKEDIN_URL}/voyager/api/voyagerMessagingDashMessengerMessages?action=createMessage"

engine = create_async_engine(DATABASE_URL)
new_session = async_sessionmaker(engine, expire_on_commit=False)

if DATABASE_URL.startswith("sqlite"):

    @event.listens_for(engine.sync_engine, "connect")
    def set_pragmas(connection, _record) -> None:  # noqa: ANN001 - a driver's connection
        """Durable, and with readers beside the writer."""
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")


class Base(DeclarativeBase):
    pass


class ApiKey(Base):
    __tablename__ = "api_keys"
    hash: Mapped[str] = mapped_column(primary_key=True)


class Account(Base):
    __tablename__ = "accounts"
    id: Mapped[str] = mapped_column(primary_key=True)
    profile_urn: Mapped[str]
    cookie: Mapped[str]
    csrf_token: Mapped[str]
    user_agent: Mapped[str]
    daily_limit: Mapped[int] = mapped_column(default=150)


class Quota(Base):
    __tablename__ = "quotas"
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    day: Mapped[str] = mapped_column(primary_key=True)
    used: Mapped[int] = mapped_column(default=0)


class Send(Base):
    __tablename__ = "sends"
    id: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    recipient: Mapped[str]
    group_id: Mapped[str]
    text: Mapped[str]
    origin_token: Mapped[str]
    outcome: Mapped[str]
    message_urn: Mapped[str | None]
    created_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]


class SendRequest(BaseModel):
    accountId: str  # noqa: N815 - the contract's name
    recipientProfileUrn: str = Field(pattern=r"^urn:li:fsd_profile:[A-Za-z0-9_-]{1,64}$")  # noqa: N815
    groupId: str  # noqa: N815 - the contract's name
    message: str = Field(min_length=1, max_length=8000)


class SendAnswer(BaseModel):
    success: bool
    message: str
    recipientProfileUrn: str  # noqa: N815 - the contract's name
    groupId: str  # noqa: N815 - the contract's name


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with httpx.AsyncClient(timeout=20, limits=httpx.Limits(max_connections=200)) as client:
        app.state.http = client
        yield


limiter = Limiter(key_func=lambda request: request.headers.get("authorization", ""))
app = FastAPI(lifespan=lifespan)
app.state.limiter = limiter
app.add_exception_handler(RateLimitExceeded, _rate_limit_exceeded_handler)


async def get_db() -> AsyncIterator[AsyncSession]:
    async with new_session() as session:
        yield session


async def check_key(authorization: Annotated[str, Header()], db: Annotated[AsyncSession, Depends(get_db)]) -> None:
    digest = hashlib.sha256(authorization.removeprefix("Bearer ").encode()).hexdigest()
    if await db.get(ApiKey, digest) is None:
        raise HTTPException(401, "Invalid credentials")


@app.post("/linkedin/messaging/send-group", dependencies=[Depends(check_key)])
@limiter.limit("1000000/second")
async def send_group(request: Request, body: SendRequest, db: Annotated[AsyncSession, Depends(get_db)]) -> SendAnswer:
    account = await db.get(Account, body.accountId)
    if account is None:
        raise HTTPException(404, "No such account")
    await take_unit(db, account)
    send = Send(
        id=uuid.uuid4().hex,
        account_id=account.id,
        recipient=body.recipientProfileUrn,
        group_id=body.groupId,
        text=body.message,
        origin_token=str(uuid.uuid4()),
        outcome="in_flight",
        created_at=datetime.now(UTC).replace(tzinfo=None),
    )
    db.add(send)
    await db.commit()
    answer = await request.app.state.http.post(
        CREATE_MESSAGE, headers=linkedin_headers(account), json=create_message(account, send)
    )
    send.outcome = "accepted" if answer.is_success else "refused"
    send.message_urn = answer.json()["value"]["entityUrn"] if answer.is_success else None
    send.settled_at = datetime.now(UTC).replace(tzinfo=None)
    await db.commit()
    if not answer.is_success:
        raise HTTPException(403, "LinkedIn refused the message")
    return SendAnswer(
        success=True,
        message="Group context message sent successfully",
        recipientProfileUrn=body.recipientProfileUrn,
        groupId=body.groupId,
    )


async def take_unit(db: AsyncSession, account: Account) -> None:
    """One unit of the day, or 429."""
    day = datetime.now(UTC).date().isoformat()
    taken = await db.execute(
        update(Quota)
        .where(Quota.account_id == account.id, Quota.day == day, Quota.used < account.daily_limit)
        .values(used=Quota.used + 1)
    )
    if taken.rowcount:
        return
    if await db.scalar(select(Quota.used).where(Quota.account_id == account.id, Quota.day == day)) is not None:
        raise HTTPException(429, "The day's messages are used up")
    db.add(Quota(account_id=account.id, day=day, used=1))


def linkedin_headers(account: Account) -> dict[str, str]:
    return {
        "cookie": account.cookie,
        "csrf-token": account.csrf_token,
        "user-agent": account.user_agent,
        "x-restli-protocol-version": "2.0.0",
    }


def create_message(account: Account, send: Send) -> dict[str, object]:
    return {
        "message": {
            "body": {"attributes": [], "text": send.text},
            "renderContentUnions": [],
            "originToken": send.origin_token,
        },
        "mailboxUrn": account.profile_urn,
        "trackingId": uuid.uuid4().hex[:16],
        "dedupeByClientGeneratedToken": False,
        "hostRecipientUrns": [send.recipient],
        "messageRequestContextByRecipient": [
            {"hostRecipientUrn": send.recipient, "contextEntityUrn": f"urn:li:fsd_group:{send.group_id}"}
        ],
    }
