"""HTTP calls about campaigns."""

from chalice.app import Blueprint

from functions.campaigns import audience, service, wiring
from functions.campaigns.report import Report, report
from functions.contracts.http_campaigns import CampaignPost, RecipientsPost, SwapPost
from functions.contracts.scope import Scope
from functions.domain.campaign import Audience, AudienceKind, Campaign, Swap
from functions.domain.ids import CampaignId, SenderId, TemplateId
from functions.runtime.http import ANY_TYPE, Call, Json, Reply, endpoint
from functions.runtime.ids import fresh_id
from functions.runtime.listing import listing

bp = Blueprint(__name__)
_LIST = "campaigns"


@bp.route("/v1/campaigns", methods=["POST"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.CAMPAIGNS, body=CampaignPost)
def post_campaign(call: Call[CampaignPost]) -> Reply:
    """Write a campaign as a draft."""
    body, campaign_id = call.body, CampaignId(fresh_id("cmp"))
    campaign = Campaign(
        campaign_id=campaign_id,
        name=body.name,
        template_id=TemplateId(body.template_id),
        template_version=body.template_version,
        sender_id=SenderId(body.sender_id),
        audience=_audience(campaign_id, body.recipients),
        variables=dict(body.variables),
        created=call.now,
        priority=body.priority,
        when_capped=body.when_capped,
        swap=None if body.swap is None else _swap(body.swap),
    )
    direct = audience.normalised(body.recipients.direct or ())
    return Reply(
        status=201, body=_view(service.create(campaign, direct=direct, deps=wiring.deps()))
    )


def _swap(post: SwapPost) -> Swap:
    return Swap(
        template_id=TemplateId(post.template_id),
        template_version=post.template_version,
        sender_id=SenderId(post.sender_id),
    )


def _audience(campaign_id: CampaignId, recipients: RecipientsPost) -> Audience:
    if recipients.direct is not None:
        return Audience(kind=AudienceKind.DIRECT, direct_key=f"campaigns/{campaign_id}/direct")
    if recipients.group is not None:
        return Audience(kind=AudienceKind.GROUP, group=recipients.group)
    return Audience(kind=AudienceKind.EVERYONE)


@bp.route("/v1/campaigns/{campaign_id}", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.READ)
def get_campaign(call: Call[None], campaign_id: str) -> Reply:  # noqa: ARG001  # views take a call
    """Read a campaign's definition."""
    return Reply(body=_view(service.find(CampaignId(campaign_id), deps=wiring.deps())))


@bp.route("/v1/campaigns", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.READ)
def list_campaigns(call: Call[None]) -> Reply:
    """List campaigns."""
    return listing(call, wiring.campaigns(), _view, of=_LIST)


@bp.route("/v1/campaigns/{campaign_id}/launch", methods=["POST"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.CAMPAIGNS)
def launch_campaign(call: Call[None], campaign_id: str) -> Reply:
    """Send a campaign on its way."""
    launched = service.launch(CampaignId(campaign_id), deps=wiring.deps(), now=call.now)
    return Reply(status=202, body=_view(launched))


@bp.route("/v1/campaigns/{campaign_id}/report", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.READ)
def get_report(call: Call[None], campaign_id: str) -> Reply:  # noqa: ARG001  # views take a call
    """Count what became of a campaign, from the rows themselves."""
    campaign = service.find(CampaignId(campaign_id), deps=wiring.deps())
    parts = wiring.campaigns().parts(campaign.campaign_id)
    counted = report(campaign, parts, wiring.batches().standings)
    return Reply(body=_report_view(campaign, counted))


def _view(campaign: Campaign) -> Json:
    return {
        "campaign_id": campaign.campaign_id,
        "name": campaign.name,
        "status": campaign.status,
        "template_id": campaign.template_id,
        "template_version": campaign.template_version,
        "sender_id": campaign.sender_id,
        "recipients": {"kind": campaign.audience.kind, "group": campaign.audience.group},
        "variables": dict(campaign.variables),
        "priority": campaign.priority,
        "when_capped": campaign.when_capped,
        "swap": None if campaign.swap is None else _swap_view(campaign.swap),
        "created": campaign.created.isoformat(),
        "launched": None if campaign.launched is None else campaign.launched.isoformat(),
    }


def _swap_view(swap: Swap) -> Json:
    return {
        "template_id": swap.template_id,
        "template_version": swap.template_version,
        "sender_id": swap.sender_id,
    }


def _report_view(campaign: Campaign, counted: Report) -> Json:
    return {
        "campaign_id": campaign.campaign_id,
        "status": counted.status,
        "recipients_final": counted.resolved,
        "recipients": counted.recipients,
        "sent": counted.sent,
        "delivered": counted.delivered,
        "held": counted.held,
        "refused": sum(counted.refused.values()),
        "refused_by_reason": dict(counted.refused),
        "failed": sum(counted.failed.values()),
        "failed_by_reason": dict(counted.failed),
        "unknown": counted.unknown,
        "pending": counted.pending,
        "cancelled": counted.cancelled,
        "human_clicks": counted.human_clicks,
        "machine_clicks": counted.machine_clicks,
        "cost": {"minor": counted.cost.minor, "currency": counted.cost.currency},
        "adds_up": counted.accounted == counted.recipients,
    }
