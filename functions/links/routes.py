"""HTTP calls about who opened links."""

from datetime import UTC, datetime

from chalice.app import Blueprint

from functions.contracts.errors import NotFound
from functions.contracts.scope import Scope
from functions.domain.hits import Seen
from functions.domain.ids import CampaignId, MessageNumber
from functions.domain.visitor import Verdict
from functions.links import judging, wiring
from functions.links.service import openings
from functions.runtime.http import ANY_TYPE, Call, Json, Reply, endpoint

bp = Blueprint(__name__)


@bp.route("/v1/messages/{message_id}/clicks", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.READ, personal=True)
def get_clicks(call: Call[None], message_id: str) -> Reply:  # noqa: ARG001  # views take a call
    """Tell every opening of a message's links in 90 days: who it was, and what speaks for it."""
    number = MessageNumber.parse(message_id)
    found = None if number is None else openings(number, deps=wiring.deps())
    if found is None:
        msg = "There is no such message."
        raise NotFound(msg)
    return Reply(body={"items": [_view(seen, verdict) for seen, verdict in found]})


@bp.route("/v1/campaigns/{campaign_id}/judge-clicks", methods=["POST"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.CAMPAIGNS)
def judge_clicks(call: Call[None], campaign_id: str) -> Reply:  # noqa: ARG001  # views take a call
    """Judge a campaign's openings of the last 90 days again, by the rules of now."""
    parts = judging.start(CampaignId(campaign_id), deps=wiring.judging_deps())
    return Reply(status=202, body={"campaign_id": campaign_id, "parts": parts})


def _view(seen: Seen, verdict: Verdict) -> Json:
    return {
        "at": datetime.fromtimestamp(seen.at, tz=UTC).isoformat(),
        "link": seen.link,
        "visitor": str(verdict.visitor),
        "reasons": [str(each) for each in verdict.reasons],
        "rules_version": verdict.version,
        "method": seen.method,
        "user_agent": seen.user_agent,
        "purpose": seen.purpose,
    }
