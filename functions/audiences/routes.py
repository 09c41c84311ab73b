"""HTTP calls about audiences."""

from collections.abc import Sequence

from chalice.app import Blueprint

from functions.audiences import answering, moving, refresh as refreshing, service, wiring
from functions.audiences.service import AudienceRequest
from functions.audiences.views import (
    audience_view,
    explained_view,
    moved_view,
    preview_view,
    refresh_view,
)
from functions.contracts.errors import InvalidInput, NotFound
from functions.contracts.http_audiences import AudienceImport, AudiencePost, AudiencePreview
from functions.contracts.http_base import MAX_ID_CHARS
from functions.contracts.pinpoint_segment import Moved
from functions.contracts.scope import Scope
from functions.domain.ids import AudienceId, ContactId
from functions.domain.refresh import Refresh, RefreshStatus
from functions.runtime.cursor import seal, unseal
from functions.runtime.http import ANY_TYPE, Call, Json, Reply, endpoint, page_limit
from functions.runtime.ids import fresh_id
from functions.runtime.listing import listing

bp = Blueprint(__name__)
_MEMBERS = "members"


@bp.route("/v1/audiences", methods=["POST"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.CAMPAIGNS, body=AudiencePost)
def post_audience(call: Call[AudiencePost]) -> Reply:
    """Define an audience; its members are known soon."""
    made = service.create(
        _request(call.body),
        audience_id=AudienceId(fresh_id("aud")),
        deps=wiring.deps(),
        now=call.now,
    )
    return Reply(status=201, body=audience_view(made))


@bp.route("/v1/audiences/import", methods=["POST"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.CAMPAIGNS, body=AudienceImport)
def import_audience(call: Call[AudienceImport]) -> Reply:
    """Define an audience as a segment of Amazon Pinpoint says, and tell what it lacks of that."""
    moved = moving.import_segment(
        call.body.segment,
        Moved(activity=call.body.activity, audiences=call.body.audiences),
        name=call.body.name,
        audience_id=AudienceId(fresh_id("aud")),
        deps=wiring.deps(),
        now=call.now,
    )
    return Reply(status=201, body=moved_view(moved))


@bp.route("/v1/audiences/{audience_id}", methods=["PUT"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.CAMPAIGNS, body=AudiencePost)
def put_audience(call: Call[AudiencePost], audience_id: str) -> Reply:
    """Replace a definition; the members stay until the new one is answered."""
    changed = service.change(
        AudienceId(audience_id), _request(call.body), deps=wiring.deps(), now=call.now
    )
    return Reply(body=audience_view(changed))


def _request(body: AudiencePost) -> AudienceRequest:
    return AudienceRequest(
        name=body.name,
        definition=_tree(body.definition),
        live=body.live,
        once=None if body.refresh is None else body.refresh == "once",
    )


def _tree(definition: dict[str, object] | str) -> object:
    """A definition as a tree, also when it was written as a line of text. Raises InvalidInput."""
    if not isinstance(definition, str):
        return definition
    from functions.content.segment_text import SegmentSyntaxError, document_from_text

    try:
        return document_from_text(definition)
    except SegmentSyntaxError as error:
        raise InvalidInput.field("/definition", "unreadable", str(error)) from error


@bp.route("/v1/audiences", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.READ)
def list_audiences(call: Call[None]) -> Reply:
    """List audiences."""
    return listing(call, wiring.audiences(), audience_view, of="audiences")


@bp.route("/v1/audiences/{audience_id}", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.READ)
def get_audience(call: Call[None], audience_id: str) -> Reply:  # noqa: ARG001  # views take a call
    """Read an audience, and how many were in it at the last refresh."""
    return Reply(body=audience_view(service.find(AudienceId(audience_id), deps=wiring.deps())))


@bp.route("/v1/audiences/{audience_id}", methods=["DELETE"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.CAMPAIGNS)
def delete_audience(call: Call[None], audience_id: str) -> Reply:  # noqa: ARG001
    """Delete an audience, unless others are made of it."""
    service.delete(AudienceId(audience_id), deps=wiring.deps())
    return Reply(status=204)


@bp.route("/v1/audiences/preview", methods=["POST"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.READ, body=AudiencePreview, personal=True)
def preview_audience(call: Call[AudiencePreview]) -> Reply:
    """Count who would be in an audience, as of the newest refresh, and name twenty."""
    deps = wiring.preview_deps()
    node = service.resolved_node(_tree(call.body.definition), deps=deps)
    return Reply(body=preview_view(answering.preview(node, deps=deps)))


@bp.route("/v1/audiences/{audience_id}/refresh", methods=["POST"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.CAMPAIGNS)
def refresh_audience(call: Call[None], audience_id: str) -> Reply:
    """Read all people anew and answer all audiences; gives the one that runs already."""
    service.find(AudienceId(audience_id), deps=wiring.deps())
    newest = wiring.deps().refreshes.newest()
    if newest is None or newest.status is RefreshStatus.DONE:
        newest = refreshing.start(deps=wiring.deps(), now=call.now)
    return Reply(status=202, body=refresh_view(newest))


@bp.route("/v1/refreshes/{run_id}", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.READ)
def get_refresh(call: Call[None], run_id: str) -> Reply:  # noqa: ARG001  # views take a call
    """Read how far a refresh has come."""
    found: Refresh | None = wiring.deps().refreshes.get(run_id)
    if found is None:
        msg = "There is no such refresh."
        raise NotFound(msg)
    return Reply(body=refresh_view(found))


@bp.route("/v1/audiences/{audience_id}/members", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.READ, personal=True)
def list_audience_members(call: Call[None], audience_id: str) -> Reply:
    """List the members of the last refresh, some at a time."""
    members = service.find(AudienceId(audience_id), deps=wiring.deps()).members
    name = f"{_MEMBERS}/{audience_id}"
    place = unseal(call.query.get("cursor"), of=name, now=call.now)
    if place is None:
        if members is None:
            return Reply(body={"items": [], "next_cursor": None})
        place = {"run": members.run_id, "shards": members.shards, "shard": 0, "at": 0}
    found = wiring.members().load(AudienceId(audience_id), place["run"], place["shard"])
    limit = page_limit(call.query)
    items = found[place["at"] : place["at"] + limit]
    following = _following(place, len(items), len(found))
    return Reply(
        body={"items": _items(items), "next_cursor": seal(following, of=name, now=call.now)}
    )


def _following(place: Json, given: int, found: int) -> Json | None:
    if place["at"] + given < found:
        return place | {"at": place["at"] + given}
    if place["shard"] + 1 < place["shards"]:
        return place | {"shard": place["shard"] + 1, "at": 0}
    return None


def _items(members: Sequence[ContactId]) -> list[Json]:
    return [{"contact_id": each} for each in members]


@bp.route("/v1/audiences/{audience_id}/explain", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.READ, personal=True)
def explain_audience(call: Call[None], audience_id: str) -> Reply:
    """Say for one contact, as they are now, which conditions hold and what each saw."""
    contact_id = call.query.get("contact_id", "")
    if not 1 <= len(contact_id) <= MAX_ID_CHARS:
        raise InvalidInput.field("/query/contact_id", "missing", "Say for whom.")
    told = service.explain_person(
        AudienceId(audience_id), ContactId(contact_id), deps=wiring.deps(), now=call.now
    )
    return Reply(body=explained_view(told))
