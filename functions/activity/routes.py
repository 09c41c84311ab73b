"""HTTP calls about events and their types."""

import re
from urllib.parse import unquote

from chalice.app import Blueprint

from functions.activity import service, wiring
from functions.activity.service import Reported
from functions.contracts.errors import InvalidInput
from functions.contracts.http_events import EVENT_NAME, EventBatch, EventPost, EventTypePut
from functions.contracts.scope import Scope
from functions.domain.ids import ContactId
from functions.runtime.http import ANY_TYPE, Call, Json, Reply, endpoint

bp = Blueprint(__name__)


@bp.route("/v1/events", methods=["POST"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.CONTACTS, body=EventBatch)
def post_events(call: Call[EventBatch]) -> Reply:
    """Report up to 500 events; each is counted once, however often it is reported in 7 days."""
    reported = [_reported(each) for each in call.body.events]
    accepted = service.accept(reported, deps=wiring.report_deps(), now=call.now)
    counts = {"accepted": accepted.events, "undeclared_properties": accepted.undeclared}
    return Reply(status=202, body=counts)


def _reported(post: EventPost) -> Reported:
    return Reported(
        event_id=post.event_id,
        contact_id=ContactId(post.contact_id),
        name=post.name,
        at=post.time,
        minor=0 if post.value is None else post.value.minor,
        properties=dict(post.properties),
    )


@bp.route("/v1/event-types/{name}", methods=["PUT"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.ADMIN, body=EventTypePut)
def put_event_type(call: Call[EventTypePut], name: str) -> Reply:
    """Declare which properties of an event are broken out; the API sees it in 15 seconds."""
    event, properties = _event_name(name), tuple(call.body.properties)
    actor, deps = call.principal.key_id, wiring.report_deps()
    service.declare(event, properties, actor=actor, deps=deps, now=call.now)
    return Reply(body=_type_view(event, properties))


@bp.route("/v1/event-types/{name}", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.READ)
def get_event_type(call: Call[None], name: str) -> Reply:  # noqa: ARG001  # views take a call
    """Read which properties of an event are broken out."""
    event = _event_name(name)
    return Reply(body=_type_view(event, service.declared(event, deps=wiring.report_deps())))


@bp.route("/v1/event-types", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.READ)
def list_event_types(call: Call[None]) -> Reply:  # noqa: ARG001  # views take a call
    """List all event types, 200 at most, by name."""
    known = wiring.report_deps().types.current().properties_by_name
    items = [_type_view(name, known[name]) for name in sorted(known)]
    return Reply(body={"items": items, "next_cursor": None})


def _event_name(text: str) -> str:
    name = unquote(text)
    if not re.fullmatch(EVENT_NAME, name):
        message = "Use 1 to 64 letters, digits and . _ : - and start with a letter."
        raise InvalidInput.field("/path/name", "invalid_format", message)
    return name


def _type_view(name: str, properties: tuple[str, ...]) -> Json:
    return {"name": name, "properties": list(properties)}
