"""What travels through the queues: ids instead of content, one frozen record per kind.

A breaking change makes a new version: the consumer learns it first, the producer next release.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, get_args

from functions.contracts.campaign_jobs import CampaignJob
from functions.contracts.export_jobs import ExportJob
from functions.contracts.goal_jobs import AttributeJob, PageEventJob
from functions.contracts.webhook_jobs import ReplayJob, TellJob


class Queue(StrEnum):
    """The queues of the system, by the name in their URL setting."""

    PLAN = "plan"
    DISPATCH_SMS = "dispatch-sms"
    DISPATCH_KAKAO = "dispatch-kakao"
    RECEIPTS = "receipts"
    CLICKS = "clicks"
    IMPORTS = "imports"
    NOTICES = "notices"
    REQUESTS = "requests"
    OPTOUTS = "optouts"
    PRIVACY = "privacy"
    COMPLIANCE = "compliance"
    AUDIENCES = "audiences"
    EVENTS = "events"
    LIVE = "live"
    WEBHOOKS = "webhooks"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveJob:
    """Find the next slice of a campaign's recipients, from ``cursor`` on.

    ``found`` are the recipients of the parts before; 0 from the release before.
    """

    KIND: ClassVar[str] = "campaign.resolve"
    VERSION: ClassVar[int] = 1
    campaign_id: str
    part: int
    cursor: str | None = None
    found: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanJob:
    """Get on with one part of a campaign: plan it, start what waits, or cancel it."""

    KIND: ClassVar[str] = "campaign.plan"
    VERSION: ClassVar[int] = 1
    campaign_id: str
    part: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchJob:
    """Launch a scheduled campaign, unless its state has another ``version`` by now."""

    KIND: ClassVar[str] = "campaign.launch"
    VERSION: ClassVar[int] = 1
    campaign_id: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulateJob:
    """Forecast what a campaign would do for the next slice of its recipients.

    ``at`` is when it would be launched, in epoch seconds. ``recipients`` are the campaign's with
    the refreshes of audiences that are used, as JSON; empty from the release before. ``coupons``
    is how many codes the slices before would have taken.
    """

    KIND: ClassVar[str] = "campaign.simulate"
    VERSION: ClassVar[int] = 1
    campaign_id: str
    simulation_id: str
    at: int
    part: int
    cursor: str | None = None
    recipients: str = ""
    coupons: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SendJob:
    """Send what is due of a batch. ``attempt`` counts tries after a provider said "later".

    ``again`` when it looks once more, before the batch's time, at what was released.
    ``turn`` is when a limit lets it leave, in microseconds since 1970; 0 before it was told.
    """

    KIND: ClassVar[str] = "dispatch.send"
    VERSION: ClassVar[int] = 1
    batch: int
    attempt: int = 0
    again: bool = False
    turn: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackReceived:
    """A provider called back; ``body`` is what it sent, unread.

    Reports go to the queue of receipts, what people said to that of opt-outs.

    It holds recipients' numbers: the queue is encrypted, and what cannot be read is kept in its
    dead-letter queue for 14 days at most.
    """

    KIND: ClassVar[str] = "receipts.callback"
    VERSION: ClassVar[int] = 1
    provider: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkHit:
    """Someone or something opened a tracked link. ``at`` is epoch seconds.

    ``network`` is the caller's address cut to its network, never the whole.
    """

    KIND: ClassVar[str] = "links.hit"
    VERSION: ClassVar[int] = 1
    batch: int
    ordinal: int
    link: int
    at: int
    method: str
    user_agent: str
    network: str
    purpose: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkOpened:
    """Someone or something opened a standalone link. ``at`` is epoch seconds.

    ``request`` is API Gateway's name for the request; ``network`` is as in ``LinkHit``.
    """

    KIND: ClassVar[str] = "links.opened"
    VERSION: ClassVar[int] = 1
    slug: str
    request: str
    at: int
    method: str
    user_agent: str
    network: str
    purpose: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CountOpeningsJob:
    """Count the openings of a standalone link in the slice that began at ``start``."""

    KIND: ClassVar[str] = "links.count"
    VERSION: ClassVar[int] = 1
    slug: str
    start: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeClicksJob:
    """Judge again who opened the links of a part of a campaign."""

    KIND: ClassVar[str] = "links.judge"
    VERSION: ClassVar[int] = 1
    campaign_id: str
    part: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportJob:
    """Read an uploaded file from ``row`` on."""

    KIND: ClassVar[str] = "imports.run"
    VERSION: ClassVar[int] = 1
    import_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticesDue:
    """Work off a part of the due list of notices, from ``cursor`` on.

    ``attempt`` 0 asks for messages, 1 only looks what became of them.
    """

    KIND: ClassVar[str] = "notices.due"
    VERSION: ClassVar[int] = 1
    state: str
    day: str
    shard: int
    cursor: str | None = None
    attempt: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagesRequested:
    """Send a template to people, through the door that ``POST /v1/messages`` uses.

    ``to`` is the JSON that ``contracts/asked.py`` writes: contacts by id, with their variables.
    Variables are words for the text, such as dates; nothing that tells who somebody is.
    The request binds once by ``request_id``: asked again, it is what it was.
    """

    KIND: ClassVar[str] = "requests.messages"
    VERSION: ClassVar[int] = 1
    request_id: str
    template_id: str
    template_version: int
    sender_id: str
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestCheckJob:
    """Look after batches of requests whose job was lost; that takes ``patience_s`` seconds."""

    KIND: ClassVar[str] = "requests.check"
    VERSION: ClassVar[int] = 1
    patience_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OptOutReceived:
    """A provider keeps a message back because its recipient refused there.

    ``at`` is when it said so, in epoch seconds, rounded up: what was agreed to within the same
    second was agreed to before.
    """

    KIND: ClassVar[str] = "optouts.message"
    VERSION: ClassVar[int] = 1
    batch: int
    ordinal: int
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressRefused:
    """Whoever has this address refused.

    ``address`` is its keyed hash; ``at`` is as in ``OptOutReceived``.
    """

    KIND: ClassVar[str] = "optouts.address"
    VERSION: ClassVar[int] = 1
    address: str
    reason: str
    at: int
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseJob:
    """Erase a person from every store."""

    KIND: ClassVar[str] = "privacy.erase"
    VERSION: ClassVar[int] = 1
    erasure_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordJob:
    """Write the next part of a day's compliance record."""

    KIND: ClassVar[str] = "compliance.record"
    VERSION: ClassVar[int] = 1
    day: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshJob:
    """Start a refresh unless one runs, or began at ``since`` (epoch seconds) or later."""

    KIND: ClassVar[str] = "audiences.refresh"
    VERSION: ClassVar[int] = 1
    since: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanPeopleJob:
    """Read a segment of the table of people on, its ``chunk``-th time."""

    KIND: ClassVar[str] = "audiences.scan"
    VERSION: ClassVar[int] = 1
    run_id: str
    segment: int
    chunk: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildShardJob:
    """Write a shard of people and answer all audiences from it."""

    KIND: ClassVar[str] = "audiences.build"
    VERSION: ClassVar[int] = 1
    run_id: str
    shard: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerAudienceJob:
    """Answer one audience from the newest refresh."""

    KIND: ClassVar[str] = "audiences.answer"
    VERSION: ClassVar[int] = 1
    audience_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetPersonJob:
    """Forget somebody in the files that audiences are asked of."""

    KIND: ClassVar[str] = "audiences.forget"
    VERSION: ClassVar[int] = 1
    contact_id: str


AudienceJob = RefreshJob | ScanPeopleJob | BuildShardJob | AnswerAudienceJob | ForgetPersonJob


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveJob:
    """Look in which live audiences these people are. ``contact_ids`` is a JSON list of ids."""

    KIND: ClassVar[str] = "live.look"
    VERSION: ClassVar[int] = 1
    contact_ids: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EventsReported:
    """What people did, to be counted. ``received`` is epoch seconds.

    ``people`` is the JSON that ``contracts/activity_document.py`` writes: contacts by id, hashes
    of the events' ids, and the values of declared properties only.
    """

    KIND: ClassVar[str] = "activity.reported"
    VERSION: ClassVar[int] = 1
    received: int
    people: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EventsWaiting:
    """Look whether a contact appeared whose events wait, and give up those that waited a day."""

    KIND: ClassVar[str] = "activity.waiting"
    VERSION: ClassVar[int] = 1
    contact_id: str


Job = (
    ResolveJob
    | PlanJob
    | LaunchJob
    | SimulateJob
    | CampaignJob
    | SendJob
    | CallbackReceived
    | LinkHit
    | LinkOpened
    | CountOpeningsJob
    | JudgeClicksJob
    | ImportJob
    | NoticesDue
    | MessagesRequested
    | RequestCheckJob
    | OptOutReceived
    | AddressRefused
    | EraseJob
    | RecordJob
    | RefreshJob
    | ScanPeopleJob
    | BuildShardJob
    | AnswerAudienceJob
    | ForgetPersonJob
    | EventsReported
    | EventsWaiting
    | PageEventJob
    | AttributeJob
    | LiveJob
    | TellJob
    | ReplayJob
    | ExportJob
)
JOB_TYPES: tuple[type[Job], ...] = get_args(Job)
