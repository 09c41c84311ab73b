"""The report page, and the call that makes a link to it."""

from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus

from chalice.app import Blueprint

from functions.campaigns import wiring
from functions.campaigns.budgeting import budget_of
from functions.campaigns.finding import find
from functions.campaigns.follow_ups import family_of, standing_of
from functions.campaigns.recorded import recorded
from functions.campaigns.reporting import whole_report
from functions.contracts.errors import NotFound
from functions.contracts.scope import Scope
from functions.domain.ids import CampaignId
from functions.domain.language import chosen
from functions.runtime.http import ANY_TYPE, Call, Reply, endpoint
from functions.runtime.pages import for_people, own_base
from functions.runtime.settings import api_base_url, tenant_zone

bp = Blueprint(__name__)
_PATH = "/r/{token}"


def _fault(status: HTTPStatus, language: str) -> tuple[str, Mapping[str, str]]:
    from functions.campaigns import report_page

    return report_page.fault(status, language=language), report_page.HEADERS


_for_people = for_people(bp, _fault)


@bp.route("/v1/campaigns/{campaign_id}/report-link", methods=["POST"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.READ)
def post_report_link(call: Call[None], campaign_id: str) -> Reply:
    """Make a link to a campaign's report page, good for a day; whoever has it sees the report."""
    campaign = find(CampaignId(campaign_id), deps=wiring.deps())
    token, expires = wiring.report_tokens().make(campaign.campaign_id, now=call.now)
    url = f"{api_base_url() or own_base(bp, call)}/r/{token}"
    return Reply(status=201, body={"url": url, "expires": expires.isoformat()})


@bp.route(_PATH, methods=["GET"], content_types=ANY_TYPE)
@_for_people
@endpoint(bp, scope=None)
def get_report_page(call: Call[None], token: str) -> Reply:
    """Show a campaign's report as a page. It holds counts and no personal data."""
    return _shown(call, token)


@bp.route(_PATH, methods=["HEAD"], content_types=ANY_TYPE)
@_for_people
@endpoint(bp, scope=None)
def head_report_page(call: Call[None], token: str) -> Reply:
    """Answer as to GET, without the page."""
    return _shown(call, token)


def _shown(call: Call[None], token: str) -> Reply:
    from functions.campaigns import report_page

    language = chosen(call.query.get("lang", ""), None, call.headers.get("accept-language", ""))
    known = wiring.report_tokens().read(token)
    if known is None:
        msg = "There is no such report."
        raise NotFound(msg)
    if known.expires <= call.now:
        body = report_page.fault(HTTPStatus.GONE, language=language)
        return Reply(status=HTTPStatus.GONE, body=body, headers=report_page.HEADERS)
    campaign = find(known.campaign_id, deps=wiring.deps())
    whole = whole_report(campaign, deps=wiring.reporting())
    totals = standing_of(campaign, whole.totals, campaigns=wiring.campaigns(), now=call.now)
    shown = report_page.Shown(
        campaign=campaign,
        whole=replace(whole, totals=totals),
        budget=budget_of(campaign, deps=wiring.deps()),
        family=family_of(campaign, whole, deps=wiring.family(), now=call.now),
        now=call.now,
        expires=known.expires,
        recorded=recorded(campaign, store=wiring.deps().experiments.store),
    )
    body = report_page.report_page(shown, language=language, zone=tenant_zone())
    return Reply(body=body, headers=report_page.HEADERS)
