"""What the webhook calls answer, for the description of the API only."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, Field

from functions.domain.message_event import EventType
from functions.domain.webhook import OffReason
from functions.domain.webhook_replay import ReplayStatus


class Webhook(BaseModel):
    """Where it is told what happens. ``disabled_reason``: why it was switched off by itself."""

    webhook_id: str
    url: str
    types: list[EventType]
    enabled: bool
    description: str
    batch: bool
    created: AwareDatetime
    disabled_reason: OffReason | None
    disabled_at: AwareDatetime | None
    failing_since: AwareDatetime | None
    old_secret_until: AwareDatetime | None


class WebhookWithSecret(Webhook):
    """The same with its newest secret, which is shown this once."""

    secret: str


class Webhooks(BaseModel):
    """All webhooks; there is never a next page."""

    items: list[Webhook]
    next_cursor: None


class WebhookTest(BaseModel):
    """What came of a test: a status, or in ``trouble`` why there is none."""

    webhook_message_id: str
    delivered: bool
    status: int | None
    trouble: Literal["not_public", "not_connected", "no_answer"] | None
    ms: int


class Delivery(BaseModel):
    """A try. ``events`` were taken in ``requests``; the last one had this status or trouble."""

    at: AwareDatetime
    about: str
    attempt: int
    requests: int
    events: int
    status: int | None
    trouble: Literal["not_public", "not_connected", "no_answer"] | None
    ms: int
    next_attempt: AwareDatetime | None


class Deliveries(BaseModel):
    """The last tries; there is never a next page."""

    items: list[Delivery]
    next_cursor: None


class Replay(BaseModel):
    """How far a replay has come; ``events`` were told so far."""

    replay_id: str
    from_: Annotated[AwareDatetime, Field(alias="from")]
    to: AwareDatetime
    types: list[EventType]
    status: ReplayStatus
    events: int
    started: AwareDatetime
    ended: AwareDatetime | None
