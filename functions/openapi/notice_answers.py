"""What the calls about notices answer; see ``answers``."""

from datetime import date

from pydantic import AwareDatetime, BaseModel, Field

from functions.domain.channel import Channel, ConsentPurpose
from functions.domain.consent import ConsentAction
from functions.domain.notice import NoticeKind, NoticeState
from functions.openapi.contact_answers import Page


class NoticeRoute(BaseModel):
    """Which template version tells it, from which sender."""

    template_id: str
    template_version: int
    sender_id: str


class NoticeSettings(BaseModel):
    """How notices are sent; a kind that is null is not sent."""

    result: NoticeRoute | None
    confirm: NoticeRoute | None
    confirm_days_before: int
    how: str


class NoticeCounts(BaseModel):
    """How many notices stand where.

    Due ones are in time. Overdue are those not sent whose day has passed, among them undeliverable
    ones.
    """

    due: int
    overdue: int
    sent: int
    undeliverable: int


class NoticeDay(NoticeCounts):
    """Notices of one kind that the law wants by this day."""

    day: date
    kind: NoticeKind


class NoticeKinds(BaseModel):
    """Which kinds are sent: a template is set for them."""

    result: bool
    confirm: bool


class NoticeReport(BaseModel):
    """The due list, counted. Days without notices are left out."""

    from_: date = Field(alias="from")
    to: date
    configured: NoticeKinds
    totals: NoticeCounts
    days: list[NoticeDay]


class Notice(BaseModel):
    """One notice; ``message_id`` and ``sent`` are the proof, ``reason`` why there is none."""

    kind: NoticeKind
    contact_id: str
    channel: Channel
    purpose: ConsentPurpose
    action: ConsentAction
    said: AwareDatetime
    due: date
    state: NoticeState
    overdue: bool
    reason: str | None
    message_id: str | None
    sent: AwareDatetime | None


class NoticePage(Page):
    """A page of notices; ``next_cursor`` is null at the end."""

    items: list[Notice]
