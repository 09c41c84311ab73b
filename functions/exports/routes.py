"""HTTP calls about exports. Files hold ids of people, so all of it is for administrators."""

from typing import Any

from chalice.app import Blueprint

from functions.contracts.asked_days import MOST_DAYS, asked_day, asked_days
from functions.contracts.errors import InvalidInput, NotFound
from functions.contracts.http_exports import ExportPut, ExportRunPost
from functions.contracts.scope import Scope
from functions.domain.export import Export, is_name, next_due
from functions.exports import service, wiring
from functions.exports.views import day_view, export_view, files_view, run_view
from functions.runtime.http import ANY_TYPE, Call, Json, Reply, endpoint
from functions.runtime.listing import listing

bp = Blueprint(__name__)
_NEWEST = 100


@bp.route("/v1/exports/{name}", methods=["PUT"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.ADMIN, body=ExportPut)
def put_export(call: Call[ExportPut], name: str) -> Reply:
    """Make an export of what happens to messages, or change it."""
    body = call.body
    export = Export(
        name=_name(name),
        format=body.format,
        types=frozenset(body.types or ()),
        sources=frozenset(body.campaigns or ()),
        hour=body.hour,
        rewrite_days=body.rewrite_days,
        look_back_days=body.look_back_days,
    )
    put = service.put(export, deps=wiring.deps(), now=call.now)
    return Reply(body=_view(put, call))


@bp.route("/v1/exports/{name}", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.ADMIN)
def get_export(call: Call[None], name: str) -> Reply:
    """Read what is exported, and when it runs next."""
    return Reply(body=_view(service.find(_name(name), deps=wiring.deps()), call))


@bp.route("/v1/exports", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.ADMIN)
def list_exports(call: Call[None]) -> Reply:
    """List exports, by name."""
    return listing(call, wiring.exports(), lambda each: _view(each, call), of="exports")


@bp.route("/v1/exports/{name}", methods=["DELETE"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.ADMIN)
def delete_export(call: Call[None], name: str) -> Reply:  # noqa: ARG001  # views take a call
    """Have an export run no more; its files stay until their time is over."""
    service.delete(_name(name), deps=wiring.deps())
    return Reply(status=204, body=None)


@bp.route("/v1/exports/{name}/runs", methods=["POST"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.ADMIN, body=ExportRunPost)
def post_export_run(call: Call[ExportRunPost], name: str) -> Reply:
    """Have some days written anew."""
    days = call.body.first_day, call.body.last_day
    run = service.start(_name(name), *days, deps=wiring.deps(), now=call.now)
    return Reply(status=202, body=run_view(run))


@bp.route("/v1/exports/{name}/runs", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.ADMIN)
def list_export_runs(call: Call[None], name: str) -> Reply:  # noqa: ARG001  # views take a call
    """List the newest 100 runs of the last 90 days, newest first."""
    runs = wiring.exports().newest_runs(_name(name), limit=_NEWEST)
    return Reply(body={"items": [run_view(each) for each in runs], "next_cursor": None})


@bp.route("/v1/exports/{name}/runs/{run_id}", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.ADMIN)
def get_export_run(call: Call[None], name: str, run_id: str) -> Reply:  # noqa: ARG001  # views take a call
    """Read how far a run is."""
    return Reply(body=run_view(service.find_run(_name(name), run_id, deps=wiring.deps())))


@bp.route("/v1/exports/{name}/days", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.ADMIN)
def list_export_days(call: Call[None], name: str) -> Reply:
    """List days that were written, with what is in them: `from` and `to` (usually the last 31)."""
    today = call.now.astimezone(wiring.deps().zone).date()
    days = asked_days(call.query, last=today, count=MOST_DAYS)
    found = wiring.exports().days(_name(name), days.first, days.last)
    zone = wiring.deps().zone.key
    items = [day_view(name, each, zone=zone) for each in found]
    return Reply(body={"items": items, "next_cursor": None})


@bp.route("/v1/exports/{name}/days/{day}", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.ADMIN, personal=True)
def get_export_day(call: Call[None], name: str, day: str) -> Reply:  # noqa: ARG001  # views take a call
    """Give links to the files of a day, good for 15 minutes."""
    found = wiring.exports().day(_name(name), asked_day(day, name="day", part="path"))
    if not found.revision:
        msg = "This day was not exported."
        raise NotFound(msg)
    zone = wiring.deps().zone.key
    return Reply(body=files_view(name, found, zone=zone, link=wiring.files().link))


def _view(export: Export, call: Call[Any]) -> Json:
    next_run = next_due(export, now=call.now, zone=wiring.deps().zone)
    return export_view(export, next_run=next_run)


def _name(text: str) -> str:
    if not is_name(text):
        message = "Use 1 to 40 small letters, digits and hyphens."
        raise InvalidInput.field("/path/name", "invalid_format", message)
    return text
