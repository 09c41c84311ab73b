"""HTTP calls about what campaigns are to bring about, and did."""

from dataclasses import replace
from functools import partial

from chalice.app import Blueprint

from functions.campaigns import wiring
from functions.campaigns.conversions import Figures, conversions
from functions.campaigns.finding import find
from functions.campaigns.moving import moved
from functions.campaigns.views import campaign_view
from functions.contracts.errors import InvalidInput
from functions.contracts.goal_document import goal_to_json
from functions.contracts.goal_jobs import AttributeJob
from functions.contracts.http_goal import GoalPut
from functions.contracts.queues import Queue
from functions.contracts.scope import Scope
from functions.domain.ids import CampaignId
from functions.domain.outcome import Model
from functions.domain.pricing import CURRENCY
from functions.runtime import queues
from functions.runtime.http import ANY_TYPE, Call, Json, Reply, endpoint

bp = Blueprint(__name__)
_DECIMALS = 6


@bp.route("/v1/campaigns/{campaign_id}/goal", methods=["PUT"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.CAMPAIGNS, body=GoalPut)
def put_goal(call: Call[GoalPut], campaign_id: str) -> Reply:
    """Change what a campaign is to bring about, also afterwards; then have it recomputed."""
    goal = None if call.body.goal is None else call.body.goal.goal
    changed = moved(
        CampaignId(campaign_id), lambda each: replace(each, goal=goal), deps=wiring.deps()
    )
    if changed.goal is None:
        # Each time, so that who died here before ends it by repeating the call.
        wiring.goals().forget(changed.campaign_id, now=call.now)
    return Reply(body=campaign_view(changed))


@bp.route("/v1/campaigns/{campaign_id}/conversions", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.READ)
def get_conversions(call: Call[None], campaign_id: str) -> Reply:
    """Count what came of a campaign by ``?model=`` last, first or linear, and by variant."""
    model = _model(call.query.get("model", Model.LAST))
    campaign = find(CampaignId(campaign_id), deps=wiring.deps())
    parts = wiring.campaigns().parts(campaign.campaign_id)
    standings = partial(wiring.batches().standings, outcomes=True)
    found = conversions(parts, standings, model=model)
    variants = [
        {"variant": variant} | _figures_view(figures)
        for variant, figures in found.by_variant.items()
    ]
    head = {
        "campaign_id": campaign.campaign_id,
        "goal": goal_to_json(campaign.goal),
        "model": model,
    }
    return Reply(body=head | _figures_view(found.total) | {"by_variant": variants})


@bp.route(
    "/v1/campaigns/{campaign_id}/recompute-conversions", methods=["POST"], content_types=ANY_TYPE
)
@endpoint(bp, scope=Scope.CAMPAIGNS)
def recompute_conversions(call: Call[None], campaign_id: str) -> Reply:  # noqa: ARG001  # views take a call
    """Look again at all events of a campaign's people, as far as they are kept (180 days)."""
    campaign = find(CampaignId(campaign_id), deps=wiring.deps())
    parts = wiring.campaigns().parts(campaign.campaign_id)
    jobs = [AttributeJob(campaign_id=campaign.campaign_id, part=each.part) for each in parts]
    queues.send(jobs, to=Queue.EVENTS)
    return Reply(status=202, body={"campaign_id": campaign.campaign_id, "parts": len(jobs)})


def _model(text: str) -> Model:
    try:
        return Model(text)
    except ValueError as error:
        message = "Use last, first or linear."
        raise InvalidInput.field("/query/model", "not_allowed", message) from error


def _figures_view(figures: Figures) -> Json:
    rate = figures.rate
    return {
        "sent": figures.sent,
        "delivered": figures.delivered,
        "human_clicks": figures.human_clicks,
        "converted": figures.converted,
        "conversions": round(float(figures.conversions), _DECIMALS),
        "value": {"minor": figures.minor, "currency": CURRENCY},
        "conversion_rate": None if rate is None else round(rate, _DECIMALS),
    }
