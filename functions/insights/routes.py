"""HTTP calls that compare what was sent."""

from chalice.app import Blueprint

from functions.contracts.asked_days import asked_days
from functions.contracts.scope import Scope
from functions.domain.interval import CONFIDENCE, Share
from functions.domain.pricing import CURRENCY
from functions.insights import wiring
from functions.insights.channels import ChannelFigures, Price, compare
from functions.runtime.http import ANY_TYPE, Call, Json, Reply, endpoint
from functions.runtime.settings import tenant_zone

bp = Blueprint(__name__)
_USUAL_DAYS = 7


@bp.route("/v1/reports/channels", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.READ)
def get_channel_report(call: Call[None]) -> Reply:
    """Compare the channels by what was sent from ``?from=`` to ``?to=`` (days, at most 31)."""
    today = call.now.astimezone(tenant_zone()).date()
    days = asked_days(call.query, last=today, count=_USUAL_DAYS)
    found = compare(days, deps=wiring.channel_deps())
    return Reply(
        body={
            "from": days.first.isoformat(),
            "to": days.last.isoformat(),
            "confidence": CONFIDENCE,
            "channels": [{"channel": channel, **_view(each)} for channel, each in found.items()],
        }
    )


def _view(found: ChannelFigures) -> Json:
    figures = found.figures
    return {
        "sent": figures.sent,
        "failed": figures.failed,
        "delivered": figures.delivered,
        "human_clicks": figures.human_clicks,
        "converted": figures.converted,
        "opted_out": figures.opted_out,
        "value": {"minor": figures.value, "currency": CURRENCY},
        "cost": {"minor": figures.cost, "currency": CURRENCY},
        "delivery_rate": _share(found.delivered),
        "click_rate": _share(found.clicked),
        "conversion_rate": _share(found.converted),
        "opt_out_rate": _share(found.opted_out),
        "cost_per_conversion": _price(found.price),
    }


def _share(share: Share | None) -> Json | None:
    if share is None:
        return None
    return {name: round(getattr(share, name), 4) for name in ("seen", "low", "high")}


def _price(price: Price | None) -> Json | None:
    if price is None:
        return None
    return {"seen": price.seen, "low": price.least, "high": price.most, "currency": CURRENCY}
