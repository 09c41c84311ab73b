"""HTTP calls about a campaign's experiment: its rules, its record, and what is chosen."""

from chalice.app import Blueprint

from functions.campaigns import experimenting, safe, wiring
from functions.campaigns.experiment_views import experiment_view
from functions.campaigns.finding import find
from functions.campaigns.recorded import recorded
from functions.campaigns.views import campaign_view
from functions.contracts.errors import NotFound
from functions.contracts.http_experiments import ChoicePost, ExperimentPost
from functions.contracts.scope import Scope
from functions.domain.ids import CampaignId, KeyId
from functions.runtime.http import ANY_TYPE, Call, Reply, endpoint

bp = Blueprint(__name__)


@bp.route("/v1/campaigns/{campaign_id}/experiment", methods=["PUT"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.CAMPAIGNS, body=ExperimentPost)
def put_experiment(call: Call[ExperimentPost], campaign_id: str) -> Reply:
    """Give a campaign an experiment, or other rules, before it is launched; voids an approval."""
    changed = safe.put_experiment(
        CampaignId(campaign_id),
        call.body.experiment,
        by=KeyId(call.principal.key_id),
        deps=wiring.deps(),
        now=call.now,
    )
    return Reply(body=campaign_view(changed))


@bp.route("/v1/campaigns/{campaign_id}/experiment", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.READ)
def get_experiment(call: Call[None], campaign_id: str) -> Reply:  # noqa: ARG001  # views take a call
    """Read the record of an experiment: what was fixed, what each look saw, what was decided."""
    campaign = find(CampaignId(campaign_id), deps=wiring.deps())
    seen = recorded(campaign, store=wiring.deps().experiments.store)
    if seen is None:
        msg = "The campaign has no experiment."
        raise NotFound(msg)
    return Reply(body=experiment_view(campaign, seen))


@bp.route("/v1/campaigns/{campaign_id}/experiment/choice", methods=["POST"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.CAMPAIGNS, body=ChoicePost)
def post_choice(call: Call[ChoicePost], campaign_id: str) -> Reply:
    """Choose what those get who wait, where the experiment ended without a winner and asks."""
    chosen = experimenting.choose(
        CampaignId(campaign_id),
        call.body.variant,
        by=KeyId(call.principal.key_id),
        deps=wiring.deps(),
        now=call.now,
    )
    return Reply(status=202, body=campaign_view(chosen))
