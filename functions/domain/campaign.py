"""A campaign: one message to many people, and where it stands."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from functions.domain.ids import BatchNumber, CampaignId, SenderId, TemplateId
from functions.domain.policy import USUAL_PRIORITY, WhenCapped
from functions.domain.reason import RefusalReason


class CampaignStatus(StrEnum):
    """A campaign's way. ``finished`` is never stored: it follows from the rows."""

    DRAFT = "draft"
    LAUNCHED = "launched"


class AudienceKind(StrEnum):
    """Who a campaign goes to."""

    EVERYONE = "everyone"
    GROUP = "group"
    DIRECT = "direct"


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Recipients of a campaign: everyone, a group by name, or people given directly.

    ``direct_key`` is the object that lists those.
    """

    kind: AudienceKind
    group: str | None = None
    direct_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    """What those get instead whom a cap keeps back, usually on another channel."""

    template_id: TemplateId
    template_version: int
    sender_id: SenderId


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """A campaign's definition and state.

    ``priority`` (1 to 9) decides who may take the reserved places of a cap.
    """

    campaign_id: CampaignId
    name: str
    template_id: TemplateId
    template_version: int
    sender_id: SenderId
    audience: Audience
    variables: Mapping[str, str | int | float | bool]
    created: datetime
    priority: int = USUAL_PRIORITY
    when_capped: WhenCapped = WhenCapped.SKIP
    swap: Swap | None = None
    status: CampaignStatus = CampaignStatus.DRAFT
    launched: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A slice of a campaign's recipients, planned by one job.

    ``size`` people were resolved into it. Once ``planned``, everyone of them is either counted
    in ``refused`` or is a message of one of ``batches``, so that
    ``size = sum(refused) + sum(batch sizes)``.
    """

    campaign_id: CampaignId
    part: str
    size: int
    people_key: str
    next_cursor: str | None
    planned: bool = False
    refused: Mapping[RefusalReason, int] = field(default_factory=dict)
    batches: tuple[BatchNumber, ...] = ()
    batch_sizes: tuple[int, ...] = ()
    outcomes_key: str | None = None
