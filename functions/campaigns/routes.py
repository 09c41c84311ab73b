"""HTTP calls about campaigns."""

from dataclasses import replace
from datetime import datetime, time

from chalice.app import Blueprint

from functions.campaigns import pace, service, simulation, wiring
from functions.campaigns.budgeting import budget_of
from functions.campaigns.control import check_send_at
from functions.campaigns.drafting import drafted
from functions.campaigns.finding import find
from functions.campaigns.follow_up_views import family_view, step_forecasts_view, tree_view
from functions.campaigns.follow_ups import family_of, standing_of
from functions.campaigns.measuring import measured
from functions.campaigns.measuring_views import measured_view
from functions.campaigns.report import Report
from functions.campaigns.report_views import breakdown_view
from functions.campaigns.reporting import whole_report
from functions.campaigns.safety_views import report_safety_view
from functions.campaigns.step_forecasts import step_forecasts
from functions.campaigns.views import campaign_view, estimate_view, forecast_view, why_view
from functions.campaigns.why import why
from functions.content.recurrence import InvalidRule, check_rule
from functions.contracts.errors import InvalidInput
from functions.contracts.http_base import MAX_ID_CHARS
from functions.contracts.http_campaigns import CampaignPost
from functions.contracts.http_follow_ups import assumed_rates, steps_of
from functions.contracts.scope import Scope
from functions.domain.campaign import Campaign
from functions.domain.ids import (
    CampaignId,
    ContactId,
    CouponPoolId,
    KeyId,
)
from functions.runtime.http import ANY_TYPE, Call, Json, Reply, endpoint
from functions.runtime.ids import fresh_id
from functions.runtime.listing import listing
from functions.runtime.settings import tenant_zone

bp = Blueprint(__name__)
_LIST = "campaigns"


@bp.route("/v1/campaigns", methods=["POST"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.CAMPAIGNS, body=CampaignPost)
def post_campaign(call: Call[CampaignPost]) -> Reply:
    """Write a campaign as a draft."""
    check_send_at(call.body.send_at, now=call.now)
    if call.body.recurs is not None and call.body.send_at is not None:
        _check_rule(call.body.recurs, call.body.send_at)
    body, campaign_id = call.body, CampaignId(fresh_id("cmp"))
    found = drafted(campaign_id, body.recipients, audiences=wiring.deps().audiences)
    campaign = Campaign(
        campaign_id=campaign_id,
        name=body.name,
        recipients=found.recipients,
        variables=dict(body.variables),
        created=call.now,
        priority=body.priority,
        send_at=body.send_at,
        at_local=None if body.at_local is None else time.fromisoformat(body.at_local),
        best_within=body.best_within,
        recurs=body.recurs,
        first_at=body.send_at if body.recurs else None,
        rate=None if body.rate is None else body.rate.rate,
        refresh_first=body.refresh_first,
        safety=replace(body.safety, editors=(KeyId(call.principal.key_id),)),
        coupon_pool=None if body.coupon_pool is None else CouponPoolId(body.coupon_pool),
        goal=None if body.goal is None else body.goal.goal,
        experiment=None if body.experiment is None else body.experiment.experiment,
        holdout=body.holdout,
        follow_ups=steps_of(body.follow_ups),
        **body.route_fields,
    )
    made = service.create(campaign, direct=found.direct, deps=wiring.deps())
    return Reply(status=201, body=campaign_view(made))


def _check_rule(rule: str, first: datetime) -> None:
    try:
        check_rule(rule, first=first, zone=tenant_zone())
    except InvalidRule as error:
        msg = "Use FREQ (DAILY, WEEKLY, MONTHLY, YEARLY) and parts of RFC 5545 that fit a date."
        raise InvalidInput.field("/recurs", "invalid_rule", msg) from error


@bp.route("/v1/campaigns/{campaign_id}", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.READ)
def get_campaign(call: Call[None], campaign_id: str) -> Reply:  # noqa: ARG001  # views take a call
    """Read a campaign's definition."""
    return Reply(body=campaign_view(find(CampaignId(campaign_id), deps=wiring.deps())))


@bp.route("/v1/campaigns", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.READ)
def list_campaigns(call: Call[None]) -> Reply:
    """List campaigns."""
    return listing(call, wiring.campaigns(), campaign_view, of=_LIST)


@bp.route("/v1/campaigns/{campaign_id}/report", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.READ)
def get_report(call: Call[None], campaign_id: str) -> Reply:
    """Count what became of a campaign, from the rows themselves."""
    campaign = find(CampaignId(campaign_id), deps=wiring.deps())
    whole = whole_report(campaign, deps=wiring.reporting())
    family = family_of(campaign, whole, deps=wiring.family(), now=call.now)
    counted = standing_of(campaign, whole.totals, campaigns=wiring.campaigns(), now=call.now)
    budget = budget_of(campaign, deps=wiring.deps())
    view = _report_view(campaign, counted) | report_safety_view(campaign, budget)
    view |= breakdown_view(whole, zone=tenant_zone())
    view["follow_ups"] = tree_view(() if family is None else family.steps)
    view["family"] = family_view(family)
    view["holdout"] = measured_view(measured(campaign, whole, family))
    left = counted.pending + counted.held
    view["estimate"] = None
    if left:
        estimate = pace.estimate(campaign, left, deps=wiring.deps())
        view["estimate"] = estimate_view(estimate, now=call.now)
    return Reply(body=view)


@bp.route("/v1/campaigns/{campaign_id}/why", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.READ, personal=True)
def get_why(call: Call[None], campaign_id: str) -> Reply:
    """Say why ``?contact_id=`` got the campaign's message or did not: every rule, what it saw."""
    contact_id = call.query.get("contact_id", "")
    if not 1 <= len(contact_id) <= MAX_ID_CHARS:
        raise InvalidInput.field("/query/contact_id", "missing", "Say about whom.")
    campaign = find(CampaignId(campaign_id), deps=wiring.deps())
    found = why(campaign, ContactId(contact_id), deps=wiring.deps())
    return Reply(body=why_view(campaign, ContactId(contact_id), found))


@bp.route("/v1/campaigns/{campaign_id}/simulate", methods=["POST"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.CAMPAIGNS)
def simulate_campaign(call: Call[None], campaign_id: str) -> Reply:
    """Work out what the campaign would do if it were launched now; nothing is sent."""
    campaign = find(CampaignId(campaign_id), deps=wiring.deps())
    simulation_id = fresh_id("sim")
    simulation.start(campaign, simulation_id, deps=wiring.deps(), now=call.now)
    return Reply(status=202, body={"simulation_id": simulation_id})


@bp.route(
    "/v1/campaigns/{campaign_id}/simulations/{simulation_id}",
    methods=["GET"],
    content_types=ANY_TYPE,
)
@endpoint(bp, scope=Scope.READ)
def get_simulation(call: Call[None], campaign_id: str, simulation_id: str) -> Reply:
    """Read what a simulation found so far; ``?clicked=12.5`` assumes a rate for its follow-ups."""
    rates = assumed_rates(call.query)
    campaign = find(CampaignId(campaign_id), deps=wiring.deps())
    forecast, complete = simulation.result(campaign, simulation_id, deps=wiring.deps())
    messages = forecast.ready + sum(forecast.held.values())
    estimate = pace.estimate(campaign, messages, deps=wiring.deps())
    view = forecast_view(simulation_id, forecast, complete=complete)
    steps = step_forecasts(campaign, simulation_id, rates, deps=wiring.deps())
    view["follow_ups"] = step_forecasts_view(steps)
    return Reply(body=view | {"estimate": estimate_view(estimate, now=call.now)})


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
        "skipped": sum(counted.skipped.values()),
        "skipped_by_reason": dict(counted.skipped),
        "human_clicks": counted.human_clicks,
        "machine_clicks": counted.machine_clicks,
        "unknown_clicks": counted.unknown_clicks,
        "cost": {"minor": counted.cost.minor, "currency": counted.cost.currency},
        "opted_out": counted.opted_out,
        "complained": counted.complained,
        "adds_up": counted.accounted == counted.recipients,
    }
