"""HTTP calls that move a campaign: when it is launched, paused, resumed, cancelled."""

from chalice.app import Blueprint

from functions.campaigns import control, pace, safe, wiring
from functions.campaigns.views import campaign_view, estimate_view
from functions.contracts.http_rate import RatePut
from functions.contracts.http_schedule import SchedulePut
from functions.contracts.scope import Scope
from functions.domain.ids import CampaignId, KeyId
from functions.runtime.http import ANY_TYPE, Call, Reply, endpoint

bp = Blueprint(__name__)


@bp.route("/v1/campaigns/{campaign_id}/launch", methods=["POST"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.CAMPAIGNS)
def launch_campaign(call: Call[None], campaign_id: str) -> Reply:
    """Send a campaign on its way, now or at its ``send_at``."""
    by = KeyId(call.principal.key_id)
    launched = safe.launch(CampaignId(campaign_id), by=by, deps=wiring.deps(), now=call.now)
    found = pace.estimate_at_launch(launched, deps=wiring.deps())
    body = campaign_view(launched) | {"estimate": estimate_view(found, now=call.now)}
    return Reply(status=202, body=body)


@bp.route("/v1/campaigns/{campaign_id}/schedule", methods=["PUT"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.CAMPAIGNS, body=SchedulePut)
def put_schedule(call: Call[SchedulePut], campaign_id: str) -> Reply:
    """Change when a campaign is launched, while it is not; an approval is void then."""
    changed = safe.reschedule(
        CampaignId(campaign_id),
        call.body.send_at,
        by=KeyId(call.principal.key_id),
        deps=wiring.deps(),
        now=call.now,
    )
    return Reply(body=campaign_view(changed))


@bp.route("/v1/campaigns/{campaign_id}/rate", methods=["PUT"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.CAMPAIGNS, body=RatePut)
def put_campaign_rate(call: Call[RatePut], campaign_id: str) -> Reply:
    """Change how fast a campaign may leave at most, also while it does."""
    rate = None if call.body.rate is None else call.body.rate.rate
    changed = control.limit(CampaignId(campaign_id), rate, deps=wiring.deps())
    return Reply(body=campaign_view(changed))


@bp.route("/v1/campaigns/{campaign_id}/pause", methods=["POST"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.CAMPAIGNS)
def pause_campaign(call: Call[None], campaign_id: str) -> Reply:  # noqa: ARG001  # views take a call
    """Let nothing more of a campaign leave until it is resumed; repeating it is harmless."""
    return Reply(body=campaign_view(control.pause(CampaignId(campaign_id), deps=wiring.deps())))


@bp.route("/v1/campaigns/{campaign_id}/resume", methods=["POST"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.CAMPAIGNS)
def resume_campaign(call: Call[None], campaign_id: str) -> Reply:
    """Let a campaign go on where it was, over a stop rule too; repeating it is harmless."""
    by = KeyId(call.principal.key_id)
    resumed = safe.resume(CampaignId(campaign_id), by=by, deps=wiring.deps(), now=call.now)
    return Reply(status=202, body=campaign_view(resumed))


@bp.route("/v1/campaigns/{campaign_id}/cancel", methods=["POST"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.CAMPAIGNS)
def cancel_campaign(call: Call[None], campaign_id: str) -> Reply:  # noqa: ARG001  # views take a call
    """End a campaign: what has not left is cancelled; repeating it is harmless."""
    ended = control.cancel(CampaignId(campaign_id), deps=wiring.deps())
    return Reply(status=202, body=campaign_view(ended))
