"""HTTP calls about notices."""

from datetime import date, datetime, timedelta

from chalice.app import Blueprint

from functions.contracts.asked_days import Days, asked_days
from functions.contracts.http_notices import NoticeRoutePut, NoticeSettingsPut
from functions.contracts.scope import Scope
from functions.domain.ids import SenderId, TemplateId
from functions.domain.notice import Notice, NoticeKind
from functions.domain.notice_settings import NoticeRoute, NoticeSettings
from functions.notices import report, settings, wiring
from functions.notices.asking import kinds_sent
from functions.notices.report import Line, Listed, NoticeStatus
from functions.runtime.http import ANY_TYPE, Call, Json, Reply, endpoint
from functions.runtime.listing import listing

bp = Blueprint(__name__)
_TWO_WEEKS = timedelta(days=14)


@bp.route("/v1/notices/settings", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.ADMIN)
def get_notice_settings(call: Call[None]) -> Reply:  # noqa: ARG001  # views take a call
    """Read by which templates and senders notices leave."""
    return Reply(body=_settings_view(wiring.deps().notices.settings()))


@bp.route("/v1/notices/settings", methods=["PUT"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.ADMIN, body=NoticeSettingsPut)
def put_notice_settings(call: Call[NoticeSettingsPut]) -> Reply:
    """Say by which templates and senders notices leave; a kind without one is not sent."""
    body = call.body
    given = {NoticeKind.RESULT: body.result, NoticeKind.CONFIRM: body.confirm}
    wanted = NoticeSettings(
        routes={kind: _route(each) for kind, each in given.items() if each is not None},
        confirm_days_before=body.confirm_days_before,
        how=body.how,
    )
    return Reply(body=_settings_view(settings.save(wanted, deps=wiring.deps())))


def _route(put: NoticeRoutePut) -> NoticeRoute:
    return NoticeRoute(
        template_id=TemplateId(put.template_id),
        template_version=put.template_version,
        sender_id=SenderId(put.sender_id),
    )


@bp.route("/v1/notices/report", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.READ)
def get_notice_report(call: Call[None]) -> Reply:
    """Count notices by the day by which the law wants them: due, sent, undeliverable, overdue."""
    deps, today = wiring.deps(), _today(call.now)
    days = _days(call, today)
    lines = report.report(days, deps=deps, today=today)
    sent = kinds_sent(deps.notices.settings())
    return Reply(
        body={
            "from": days.first.isoformat(),
            "to": days.last.isoformat(),
            "configured": {str(kind): each for kind, each in sent.items()},
            "totals": _totals(lines),
            "days": [_line_view(line) for line in lines],
        }
    )


@bp.route("/v1/notices", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.READ)
def list_notices(call: Call[None]) -> Reply:
    """List the notices of ``?status=``, by the day by which the law wants them."""
    today = _today(call.now)
    status, days = report.status_of(call.query.get("status")), _days(call, today)
    found = Listed(status=status, days=days, today=today, deps=wiring.deps())
    of = f"notices {status} {days.first} {days.last} {today}"
    return listing(call, found, lambda notice: _view(notice, today), of=of)


def _today(now: datetime) -> date:
    return now.astimezone(wiring.deps().zone).date()


def _days(call: Call[None], today: date) -> Days:
    """Those asked for; two weeks around today where nothing is said."""
    return asked_days(call.query, last=today + _TWO_WEEKS, count=2 * _TWO_WEEKS.days + 1)


def _totals(lines: tuple[Line, ...]) -> Json:
    return {str(status): sum(line.counts[status] for line in lines) for status in NoticeStatus}


def _line_view(line: Line) -> Json:
    counts = {str(status): line.counts[status] for status in NoticeStatus}
    return {"day": line.day.isoformat(), "kind": line.kind, **counts}


def _view(notice: Notice, today: date) -> Json:
    return {
        "kind": notice.kind,
        "contact_id": notice.contact_id,
        "channel": notice.key.channel,
        "purpose": notice.key.purpose,
        "action": notice.action,
        "said": notice.said.isoformat(),
        "due": notice.due.isoformat(),
        "state": notice.state,
        "overdue": notice.overdue(today),
        "reason": notice.reason,
        "message_id": notice.message_id,
        "sent": None if notice.sent is None else notice.sent.isoformat(),
    }


def _settings_view(wanted: NoticeSettings) -> Json:
    routes = {str(kind): _route_view(wanted.routes.get(kind)) for kind in NoticeKind}
    return {
        **routes,
        "confirm_days_before": wanted.confirm_days_before,
        "how": wanted.how,
    }


def _route_view(route: NoticeRoute | None) -> Json | None:
    if route is None:
        return None
    return {
        "template_id": route.template_id,
        "template_version": route.template_version,
        "sender_id": route.sender_id,
    }
