"""What the calls about senders, templates, messages and campaigns answer; see ``answers``."""

from typing import Literal

from pydantic import AwareDatetime, BaseModel

from functions.contracts.http_goal import GoalPost
from functions.contracts.http_rate import RatePost
from functions.contracts.http_ways import WayPost
from functions.domain.ad_words import AdWarningCode
from functions.domain.campaign import CampaignStatus
from functions.domain.channel import Channel, Purpose
from functions.domain.contact import AttributeValue
from functions.domain.message import MessageStatus
from functions.domain.pace import LaneKind
from functions.domain.policy import WhenCapped
from functions.domain.reason import FailureReason, HoldReason, RefusalReason
from functions.domain.recipients import SkipReason, SourceKind
from functions.domain.sender import ProofKind, SenderStatus
from functions.domain.stop_rules import StopReason
from functions.domain.template import TemplateStatus
from functions.domain.template_warning import CharacterWarning
from functions.domain.text_size import MessageType
from functions.openapi.contact_answers import Page, Upload
from functions.openapi.experiment_answers import Definition as ExperimentDefinition
from functions.openapi.follow_up_answers import FollowUp
from functions.openapi.safety_answers import Safety, Won


class Money(BaseModel):
    """An amount in minor units of its currency; the won has none, so that these are won."""

    minor: int
    currency: str


class SenderProof(BaseModel):
    """A file that proves a right to the number."""

    proof_id: str
    kind: ProofKind
    added: AwareDatetime


class Sender(BaseModel):
    """A sender: the digits of a number, or the id of a Kakao channel.

    Messages leave while it is ``approved``, from ``valid_from`` until just before ``valid_until``;
    ``usable`` says whether that is now. ``note`` is the last review's. ``accounts`` are further
    ones at the provider where it is registered, and its address there.
    """

    sender_id: str
    channel: Channel
    address: str
    display_name: str
    contact: str | None
    opt_out_number: str | None
    status: SenderStatus
    usable: bool
    proofs: list[SenderProof]
    registered: AwareDatetime | None
    reviewed: AwareDatetime | None
    note: str
    valid_from: AwareDatetime | None
    valid_until: AwareDatetime | None
    accounts: dict[str, str]
    rate: RatePost | None


class ProofMade(BaseModel):
    """A new proof, and where its file goes."""

    proof: SenderProof
    upload: Upload


class ProofFile(SenderProof):
    """A proof and where its file can be read, for 15 minutes; null when it was not uploaded."""

    url: str | None
    size_bytes: int | None


class ProofFiles(BaseModel):
    """The files that a reviewer looks at."""

    proofs: list[ProofFile]


class SenderPage(Page):
    """A page of senders; ``next_cursor`` is null at the end."""

    items: list[Sender]


class TemplateWarning(BaseModel):
    """What to mind about a text: characters that do not travel, or words of an advertisement."""

    code: CharacterWarning | AdWarningCode
    found: list[str]
    message: str


class EarlierDestination(BaseModel):
    """Where a link led until ``changed``; ``changed_by`` is the id of a key."""

    url: str
    ios: str | None
    android: str | None
    until: AwareDatetime | None
    changed: AwareDatetime
    changed_by: str


class Destination(BaseModel):
    """Where a tracked link leads; ``history`` is where it led before, oldest first."""

    url: str
    ios: str | None
    android: str | None
    until: AwareDatetime | None
    history: list[EarlierDestination]


class TemplateVersion(BaseModel):
    """A version of a template. ``note`` is the reviewer's; ``warnings`` are to be minded.

    ``links`` are the tracked addresses of the text, ``destinations`` where they lead now.
    """

    template_id: str
    version: int
    name: str
    channel: Channel
    purpose: Purpose
    body: str
    subject: str | None
    image_id: str | None
    provider_template_id: str | None
    provider_template_ids: dict[str, str]
    variables: dict[str, str]
    links: list[str]
    destinations: list[Destination]
    utm: dict[str, str]
    click_id: bool
    status: TemplateStatus
    note: str
    goods: str | None
    tags: list[str]
    warnings: list[TemplateWarning]


class TemplateVersionPage(Page):
    """A page of versions of templates; ``next_cursor`` is null at the end."""

    items: list[TemplateVersion]


class TemplateVersions(BaseModel):
    """All versions, newest first."""

    template_id: str
    versions: list[TemplateVersion]


class Replacement(BaseModel):
    """A character of the template that is sent as another."""

    original: str
    replacement: str
    count: int


class Preview(BaseModel):
    """A message as it would leave. ``size`` is bytes for texts, characters for Alimtalk."""

    text: str
    subject: str | None
    type: MessageType
    size: int
    price: Money
    variables: dict[str, str]
    changes: list[Replacement]
    uncertain_characters: list[str]


class Image(BaseModel):
    """A stored image as it will be sent."""

    image_id: str
    width: int
    height: int
    size_bytes: int


class ShortMessage(BaseModel):
    """A message and where it stands."""

    message_id: str
    contact_id: str | None
    phone: str | None
    status: MessageStatus
    reason: HoldReason | RefusalReason | FailureReason | None
    type: MessageType


class Accepted(BaseModel):
    """The messages that a request made, refused ones included."""

    request_id: str
    messages: list[ShortMessage]


class Source(BaseModel):
    """What made a message."""

    kind: Literal["request", "campaign", "test"]
    id: str


class Message(ShortMessage):
    """A message with all that is known of it."""

    source: Source
    channel: Channel
    purpose: Purpose
    sender_id: str
    template_id: str
    template_version: int
    text: str
    subject: str | None
    price: Money
    created: AwareDatetime
    not_before: AwareDatetime | None
    sent: AwareDatetime | None
    reported: AwareDatetime | None


class MessagePage(Page):
    """A page of messages; ``next_cursor`` is null at the end."""

    items: list[Message]


class RecipientSource(BaseModel):
    """People by what they have in common.

    ``run_id`` names the refresh of an audience that is used, once the campaign is launched.
    """

    kind: SourceKind
    group: str | None
    audience: str | None
    run_id: str | None


class CampaignRecipients(BaseModel):
    """Who a campaign is for: everyone of ``include`` who is in no source of ``exclude``."""

    include: list[RecipientSource]
    exclude: list[RecipientSource]


class Campaign(BaseModel):
    """A campaign's definition."""

    campaign_id: str
    name: str
    status: CampaignStatus
    template_id: str
    template_version: int
    sender_id: str
    recipients: CampaignRecipients
    variables: dict[str, AttributeValue]
    priority: int
    when_capped: WhenCapped
    swap: WayPost | None
    channel: Literal["best"] | None
    ways: list[WayPost]
    explore_percent: int | None
    created: AwareDatetime
    send_at: AwareDatetime | None
    at_local: str | None
    send_time: Literal["best"] | None
    best_within_hours: int | None
    recurs: str | None
    refresh_first: bool
    coupon_pool: str | None
    goal: GoalPost | None
    experiment: ExperimentDefinition | None
    holdout_percent: float
    follow_ups: list[FollowUp]
    parent: str | None
    step: str | None
    series: str | None
    rate: RatePost | None
    launched: AwareDatetime | None
    safety: Safety


class Estimate(BaseModel):
    """How long it takes from now on by the limits alone, were nothing held or tried again.

    ``messages`` and what follows from it are null where nobody counted them yet. ``limited_by``
    is what has the slowest limit.
    """

    messages: int | None
    seconds: int | None
    done_at: AwareDatetime | None
    rate: RatePost | None
    limited_by: LaneKind | None


class LaunchedCampaign(Campaign):
    """A campaign on its way; ``estimate`` is of all whom its audiences and direct lists have."""

    estimate: Estimate


class CampaignPage(Page):
    """A page of campaigns; ``next_cursor`` is null at the end."""

    items: list[Campaign]


class CampaignReport(BaseModel):
    """What became of a campaign.

    recipients = sent + held + refused + failed + unknown + pending + cancelled, at any moment;
    ``delivered`` is a part of ``sent``. Those ``skipped`` stood in a source and are no recipients.
    ``opted_out`` and ``complained`` count messages that people answered so; ``budget_reserved`` is
    what the planned messages of ``budget_of`` and all its steps cost at most. ``estimate`` is of
    those who wait, null when nobody does.
    """

    campaign_id: str
    status: Literal[
        "draft",
        "scheduled",
        "running",
        "paused",
        "cancelling",
        "cancelled",
        "expired",
        "ended",
        "finished",
    ]
    recipients_final: bool
    recipients: int
    sent: int
    delivered: int
    held: int
    refused: int
    refused_by_reason: dict[str, int]
    failed: int
    failed_by_reason: dict[str, int]
    unknown: int
    pending: int
    cancelled: int
    skipped: int
    skipped_by_reason: dict[SkipReason, int]
    human_clicks: int
    machine_clicks: int
    unknown_clicks: int
    cost: Money
    opted_out: int
    complained: int
    adds_up: bool
    paused_because: StopReason | None
    ramp_percent: int | None
    budget: Won | None
    budget_reserved: Won | None
    budget_of: str | None
    estimate: Estimate | None


class Judging(BaseModel):
    """Openings that are being judged again, in so many parts."""

    campaign_id: str
    parts: int
