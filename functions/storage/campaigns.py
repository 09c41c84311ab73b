"""Campaigns: the definition, and one row per part of the recipients."""

from datetime import UTC, datetime
from typing import TypeVar

from pynamodb.attributes import (
    Attribute,
    BinaryAttribute,
    BooleanAttribute,
    JSONAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UTCDateTimeAttribute,
)
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from functions.contracts.experiment_document import experiment_from_json, experiment_to_json
from functions.contracts.follow_up_document import (
    bits_from_bytes,
    bits_to_bytes,
    family_from_json,
    family_to_json,
)
from functions.contracts.forecast_document import forecast_from_json, forecast_to_json
from functions.contracts.goal_document import goal_from_json, goal_to_json
from functions.contracts.holdout_document import (
    drawn_from_json,
    drawn_to_json,
    holdout_from_json,
    holdout_to_json,
)
from functions.contracts.page import Page, Position
from functions.contracts.part_batches_document import batches_from_json, batches_to_json
from functions.contracts.rate_document import rate_from_json, rate_to_json
from functions.contracts.recipients_document import recipients_from_json, recipients_to_json
from functions.contracts.safety_document import safety_from_json, safety_to_json
from functions.contracts.timing_document import timing_from_json, timing_to_json
from functions.contracts.ways_document import ways_from_json, ways_to_json
from functions.domain.campaign import (
    UNDER_WAY,
    Campaign,
    CampaignStatus,
    Part,
    PartForecast,
)
from functions.domain.goal import Goal
from functions.domain.ids import CampaignId, CouponPoolId, SenderId, TemplateId
from functions.domain.membership import Members
from functions.domain.reason import RefusalReason
from functions.domain.recipients import SkipReason
from functions.storage.base import (
    Item,
    connection,
    position_of,
    start_key,
    unchanged,
    written,
)

T = TypeVar("T")
META, _PART, _SIMULATION = "META", "PART#", "SIM#"
OPEN = "OPEN"
"""In place of a campaign's id: below it stand the ids of all campaigns under way."""
GOALS = "GOALS"
"""Likewise: below it stand the goals that events can still reach (``storage/goals.py``)."""


class CampaignItem(Item):
    """A row of a campaign, or of a lane (``storage/lanes.py``)."""

    class Meta:
        """Short name of the table."""

        table = "campaigns"

    campaign_id = UnicodeAttribute(hash_key=True)
    kind = UnicodeAttribute(range_key=True)
    name = UnicodeAttribute(null=True)
    template_id = UnicodeAttribute(null=True)
    template_version = NumberAttribute(null=True)
    sender_id = UnicodeAttribute(null=True)
    recipients = JSONAttribute(null=True)
    variables = JSONAttribute(null=True)
    caps = JSONAttribute(null=True)
    status = UnicodeAttribute(null=True)
    created = UTCDateTimeAttribute(null=True)
    launched = UTCDateTimeAttribute(null=True)
    size = NumberAttribute(null=True)
    people_key = UnicodeAttribute(null=True)
    next_cursor = UnicodeAttribute(null=True)
    planned = BooleanAttribute(null=True)
    refused = JSONAttribute(null=True)
    skipped = JSONAttribute(null=True)
    batches = JSONAttribute(null=True)
    outcomes_key = UnicodeAttribute(null=True)
    members = BinaryAttribute(legacy_encoding=False, null=True)
    forecast = JSONAttribute(null=True)
    cancelled = NumberAttribute(null=True)
    send_at = UTCDateTimeAttribute(null=True)
    version = NumberAttribute(null=True)
    timing = JSONAttribute(null=True)
    found = JSONAttribute(null=True)
    safety = JSONAttribute(null=True)
    cost = NumberAttribute(null=True)
    left = NumberAttribute(null=True)
    given_back = NumberAttribute(null=True)
    turn = NumberAttribute(null=True)
    looked = JSONAttribute(null=True)
    rate = JSONAttribute(null=True)
    lane_free = NumberAttribute(null=True)
    lane_cost = NumberAttribute(null=True)
    lane_line = NumberAttribute(null=True)
    lane_booked = NumberAttribute(null=True)
    coupon_pool = UnicodeAttribute(null=True)
    goal = JSONAttribute(null=True)
    expires_at = NumberAttribute(null=True)
    experiment = JSONAttribute(null=True)
    planned_at = NumberAttribute(null=True)
    first = NumberAttribute(null=True)
    rest = BooleanAttribute(null=True)
    holdout = JSONAttribute(null=True)
    drawn = JSONAttribute(null=True)
    measured = BooleanAttribute(null=True)
    family = JSONAttribute(null=True)
    seen = NumberAttribute(null=True)
    done = BinaryAttribute(legacy_encoding=False, null=True)


class CampaignStore:
    """Reads and writes campaigns."""

    def create(self, campaign: Campaign) -> None:
        """Write a new campaign."""
        self.mark_open(campaign)
        _new_item(campaign).save(condition=CampaignItem.kind.does_not_exist())

    def ensure(self, campaign: Campaign) -> bool:
        """Write a new campaign; False when it is there already."""
        self.mark_open(campaign)
        item = _new_item(campaign)
        return written(lambda: item.save(condition=CampaignItem.kind.does_not_exist()))

    def get(self, campaign_id: CampaignId) -> Campaign | None:
        """Read one campaign, consistently."""
        try:
            return to_campaign(CampaignItem.get(campaign_id, META, consistent_read=True))
        except CampaignItem.DoesNotExist:
            return None

    def page(self, *, limit: int, position: Position | None) -> Page[Campaign]:
        """List campaigns in the table's order."""
        scan = CampaignItem.scan(
            CampaignItem.kind == META,
            page_size=limit,
            limit=limit,
            last_evaluated_key=start_key(position),
        )
        found = tuple(to_campaign(item) for item in scan)
        return Page(items=found, after=position_of(scan.last_evaluated_key))

    def change(self, before: Campaign, after: Campaign) -> bool:
        """Give a campaign the state of ``after``; False when it is not as ``before`` any more."""
        self.mark_open(after)
        item = campaign_key(before.campaign_id)
        actions, same = changes(before, after)
        return written(lambda: item.update(actions=actions, condition=same))

    def mark_open(self, campaign: Campaign) -> None:
        """Have a campaign under way checked, and its goal looked for, from now on."""
        if campaign.status in UNDER_WAY:
            CampaignItem(OPEN, campaign.campaign_id).save()
            if campaign.pursued is not None:
                goal_mark(campaign.campaign_id, campaign.pursued).save()

    def part(self, campaign_id: CampaignId, part: str) -> Part | None:
        """Read one part, consistently."""
        try:
            return _to_part(CampaignItem.get(campaign_id, _PART + part, consistent_read=True))
        except CampaignItem.DoesNotExist:
            return None

    def parts(self, campaign_id: CampaignId) -> tuple[Part, ...]:
        """Read all parts, in order, consistently."""
        rows = CampaignItem.query(
            campaign_id, CampaignItem.kind.startswith(_PART), consistent_read=True
        )
        return tuple(_to_part(row) for row in rows)

    def parts_between(self, campaign_id: CampaignId, first: int, last: int) -> tuple[Part, ...]:
        """Read the parts of these numbers, both included, in order, consistently."""
        kinds = CampaignItem.kind.between(f"{_PART}{first:06d}", f"{_PART}{last:06d}")
        rows = CampaignItem.query(campaign_id, kinds, consistent_read=True)
        return tuple(_to_part(row) for row in rows)

    def last_look(self, campaign_id: CampaignId, part: str) -> Part | None:
        """Read what the newest look at a part of its parent found, consistently."""
        kinds = CampaignItem.kind.between(f"{_PART}{part}-", f"{_PART}{part}-~")
        rows = CampaignItem.query(
            campaign_id, kinds, consistent_read=True, scan_index_forward=False, limit=1
        )
        return next((_to_part(row) for row in rows), None)

    def add_part(self, part: Part) -> bool:
        """Write a newly resolved part; False when another worker resolved it first."""
        item = _new_part(part)
        return written(lambda: item.save(condition=CampaignItem.kind.does_not_exist()))

    def add_both(self, part: Part, rest: Part) -> bool:
        """Write the two parts of a slice, or none; False when another worker was first."""

        def write() -> None:
            with TransactWrite(connection=connection()) as transaction:
                for each in (part, rest):
                    transaction.save(_new_part(each), CampaignItem.kind.does_not_exist())

        return written(write)

    def mark_planned(self, part: Part) -> bool:
        """Make this plan the part's; False when another worker's plan came first."""
        item = part_key(part)
        actions, unplanned = planning(part)
        return written(lambda: item.update(actions=actions, condition=unplanned))

    def save_forecast(self, campaign_id: CampaignId, simulation: str, found: PartForecast) -> None:
        """Write what would become of a part; writing it again replaces it."""
        kind = f"{_SIMULATION}{simulation}#{found.part}"
        CampaignItem(campaign_id, kind, forecast=forecast_to_json(found)).save()

    def forecasts(self, campaign_id: CampaignId, simulation: str) -> tuple[PartForecast, ...]:
        """Read a simulation's parts, in order, consistently."""
        kinds = CampaignItem.kind.startswith(f"{_SIMULATION}{simulation}#")
        rows = CampaignItem.query(campaign_id, kinds, consistent_read=True)
        return tuple(forecast_from_json(row.kind.rpartition("#")[2], row.forecast) for row in rows)


def campaign_key(campaign_id: CampaignId) -> CampaignItem:
    """The row of a campaign, to be updated."""
    return CampaignItem(campaign_id, META)


def goal_mark(
    campaign_id: CampaignId, goal: Goal, *, expires_at: int | None = None
) -> CampaignItem:
    """The row that says that events may be a campaign's goal, until a moment if it is over."""
    return CampaignItem(
        GOALS,
        campaign_id,
        goal=goal_to_json(goal),
        expires_at=expires_at,
        measured=goal.measured or None,
    )


def part_key(part: Part) -> CampaignItem:
    """The row of a part, to be updated."""
    return CampaignItem(part.campaign_id, _PART + part.part)


def changes(before: Campaign, after: Campaign) -> tuple[list[Action], Condition]:
    """What to write to give a campaign the state of ``after``, while it is as ``before``."""
    same = unchanged(CampaignItem.version, before.version)
    actions: list[Action] = [
        CampaignItem.status.set(str(after.status)),
        _set_or_remove(CampaignItem.launched, after.launched),
        _set_or_remove(CampaignItem.send_at, after.send_at),
        CampaignItem.timing.set(timing_to_json(after)),
        CampaignItem.recipients.set(recipients_to_json(after.recipients)),
        CampaignItem.safety.set(safety_to_json(after.safety)),
        _set_or_remove(CampaignItem.rate, rate_to_json(after.rate)),
        _set_or_remove(CampaignItem.goal, goal_to_json(after.goal)),
        _set_or_remove(CampaignItem.experiment, experiment_to_json(after.experiment)),
        _set_or_remove(CampaignItem.holdout, holdout_to_json(after.holdout)),
        CampaignItem.version.set(before.version + 1),
    ]
    return actions, CampaignItem.kind.exists() & same


def _new_part(part: Part) -> CampaignItem:
    item = CampaignItem(
        part.campaign_id,
        _PART + part.part,
        size=part.size,
        people_key=part.people_key,
        next_cursor=part.next_cursor,
        skipped={str(why): n for why, n in part.skipped.items()},
        planned=part.planned,
        first=part.first,
        rest=part.rest,
        drawn=drawn_to_json(part.drawn),
    )
    if part.batches:
        item.batches = batches_to_json(part)
    if part.done:
        item.seen, item.done = part.seen, bits_to_bytes(part.done)
    return item


def planning(part: Part) -> tuple[list[Action], Condition]:
    """What to write to make this plan the part's, while it has none."""
    actions: list[Action] = [
        CampaignItem.planned.set(True),  # PynamoDB's own form
        CampaignItem.refused.set({str(why): n for why, n in part.refused.items()}),
        CampaignItem.batches.set(batches_to_json(part)),
        CampaignItem.outcomes_key.set(part.outcomes_key or ""),
        CampaignItem.members.set(part.members.packed),
        CampaignItem.cancelled.set(part.cancelled),
        CampaignItem.cost.set(part.cost),
    ]
    if part.planned_at is not None:
        actions.append(CampaignItem.planned_at.set(int(part.planned_at.timestamp())))
    return actions, CampaignItem.planned == False  # noqa: E712  # an expression


def _new_item(campaign: Campaign) -> CampaignItem:
    return CampaignItem(
        campaign.campaign_id,
        META,
        name=campaign.name,
        template_id=campaign.template_id,
        template_version=campaign.template_version,
        sender_id=campaign.sender_id,
        recipients=recipients_to_json(campaign.recipients),
        variables=dict(campaign.variables),
        caps=ways_to_json(campaign),
        status=str(campaign.status),
        created=campaign.created,
        launched=campaign.launched,
        send_at=campaign.send_at,
        timing=timing_to_json(campaign),
        safety=safety_to_json(campaign.safety),
        rate=rate_to_json(campaign.rate),
        coupon_pool=campaign.coupon_pool,
        goal=goal_to_json(campaign.goal),
        experiment=experiment_to_json(campaign.experiment),
        holdout=holdout_to_json(campaign.holdout),
        family=family_to_json(campaign),
    )


def to_campaign(item: CampaignItem) -> Campaign:
    """Read a campaign's row."""
    return Campaign(
        campaign_id=CampaignId(item.campaign_id),
        name=item.name or "",
        template_id=TemplateId(item.template_id or ""),
        template_version=int(item.template_version or 0),
        sender_id=SenderId(item.sender_id or ""),
        recipients=recipients_from_json(item.recipients),
        variables=item.variables or {},
        created=item.created,
        **ways_from_json(item.caps),
        status=CampaignStatus(item.status or CampaignStatus.DRAFT),
        launched=item.launched,
        send_at=item.send_at,
        **timing_from_json(item.timing or ()),
        safety=safety_from_json(item.safety),
        rate=rate_from_json(item.rate),
        coupon_pool=None if item.coupon_pool is None else CouponPoolId(item.coupon_pool),
        goal=goal_from_json(item.goal),
        experiment=experiment_from_json(item.experiment),
        holdout=holdout_from_json(item.holdout),
        **family_from_json(item.family),
        version=int(item.version or 0),
    )


def _set_or_remove(attribute: Attribute[T], value: T | None) -> Action:
    return attribute.remove() if value is None else attribute.set(value)


def _to_part(item: CampaignItem) -> Part:
    return Part(
        campaign_id=CampaignId(item.campaign_id),
        part=item.kind.removeprefix(_PART),
        size=int(item.size or 0),
        people_key=item.people_key or "",
        next_cursor=item.next_cursor,
        planned=bool(item.planned),
        refused={RefusalReason(why): n for why, n in (item.refused or {}).items()},
        **batches_from_json(item.batches),
        outcomes_key=item.outcomes_key or None,
        cancelled=int(item.cancelled or 0),
        members=Members(bytes(item.members or b"")),
        skipped={SkipReason(why): n for why, n in (item.skipped or {}).items()},
        cost=int(item.cost or 0),
        seen=int(item.seen or 0),
        done=bits_from_bytes(item.done),
        planned_at=_moment(item.planned_at),
        first=int(item.first or 0),
        rest=bool(item.rest),
        drawn=drawn_from_json(item.drawn),
    )


def _moment(epoch_s: float | None) -> datetime | None:
    return None if epoch_s is None else datetime.fromtimestamp(int(epoch_s), tz=UTC)
