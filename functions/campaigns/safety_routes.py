"""HTTP calls about a safe launch: ramp, stop rules and budget, approval, tests."""

import hashlib

from chalice.app import Blueprint

from functions.campaigns import safe, safety_wiring, wiring
from functions.campaigns.safety_views import trial_view
from functions.campaigns.trial import send_test
from functions.campaigns.views import campaign_view
from functions.contracts.http_safety import SafetyPut, SeedsPost
from functions.contracts.scope import Scope
from functions.domain.access_log import Access
from functions.domain.ids import CampaignId, KeyId
from functions.runtime.http import ANY_TYPE, Call, Reply, endpoint
from functions.runtime.ids import fresh_id

bp = Blueprint(__name__)


@bp.route("/v1/campaigns/{campaign_id}/safety", methods=["PUT"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.CAMPAIGNS, body=SafetyPut)
def put_safety(call: Call[SafetyPut], campaign_id: str) -> Reply:
    """Replace a campaign's ramp, stop rules and budget, also while it runs; voids an approval."""
    changed = safe.put_safety(
        CampaignId(campaign_id),
        call.body.safety,
        by=KeyId(call.principal.key_id),
        deps=wiring.deps(),
        now=call.now,
    )
    return Reply(body=campaign_view(changed))


@bp.route("/v1/campaigns/{campaign_id}/approve", methods=["POST"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.CAMPAIGNS)
def approve_campaign(call: Call[None], campaign_id: str) -> Reply:
    """Allow a campaign as it is; by a key that neither wrote nor launches it."""
    by = KeyId(call.principal.key_id)
    approved = safe.approve(CampaignId(campaign_id), by=by, deps=wiring.deps(), now=call.now)
    safety_wiring.audit().add(
        Access(
            at=call.now,
            request_id=call.request_id,
            key_id=by,
            route=f"POST /v1/campaigns/{campaign_id}/approve",
            status=200,
            subject="",
            ip=call.ip,
        )
    )
    return Reply(body=campaign_view(approved))


@bp.route("/v1/campaigns/{campaign_id}/test", methods=["POST"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.CAMPAIGNS, body=SeedsPost, personal=True)
def test_campaign(call: Call[SeedsPost], campaign_id: str) -> Reply:
    """Send a campaign's message to at most ten people first; it counts in no report."""
    tested = send_test(
        CampaignId(campaign_id),
        call.body.to or (),
        request_id=_request_id(call, campaign_id),
        ports=safety_wiring.trial_ports(),
        deps=wiring.deps(),
        now=call.now,
    )
    return Reply(status=202, body=trial_view(tested))


def _request_id(call: Call[SeedsPost], campaign_id: str) -> str:
    """The same for a request that is repeated under its key, so that it sends once."""
    if call.idempotency_key is None:
        return fresh_id("test")
    text = f"{call.principal.key_id}\n{campaign_id}\n{call.idempotency_key}"
    return "test_" + hashlib.sha256(text.encode()).hexdigest()[:24]
