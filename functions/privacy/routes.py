"""HTTP calls about a person's rights over their data, and the log of who looked at data."""

from collections.abc import Iterator
from itertools import islice

from chalice.app import Blueprint

from functions.contracts.asked_days import asked_day
from functions.contracts.errors import NotFound
from functions.contracts.scope import Scope
from functions.domain.access_log import Access
from functions.domain.batch import Batch
from functions.domain.erasure import Erasure
from functions.domain.ids import ContactId, MessageNumber
from functions.privacy import service, wiring
from functions.privacy.export import export, goal_event
from functions.runtime.cursor import seal, unseal
from functions.runtime.http import ANY_TYPE, Call, Json, Reply, endpoint, page_limit
from functions.runtime.ids import fresh_id
from functions.runtime.listing import listing

bp = Blueprint(__name__)
_MOST_MESSAGES = 1_000


@bp.route("/v1/contacts/{contact_id}", methods=["DELETE"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.ADMIN, personal=True)
def delete_contact(call: Call[None], contact_id: str) -> Reply:
    """Forget a contact: nothing leaves to them from now on, all traces are gone within the hour."""
    erasure = service.request(
        ContactId(contact_id),
        erasure_id=fresh_id("era"),
        actor=call.principal.key_id,
        deps=wiring.deps(),
        now=call.now,
    )
    return Reply(status=202, body=_view(erasure))


@bp.route("/v1/contacts/{contact_id}/export", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.ADMIN, personal=True)
def export_contact(call: Call[None], contact_id: str) -> Reply:
    """Give everything that is known of a contact, with the newest 1,000 messages."""
    profile = wiring.contacts().get(ContactId(contact_id))
    if profile is None:
        msg = "There is no such contact."
        raise NotFound(msg)
    body = export(
        profile.contact,
        wiring.consents().history(ContactId(contact_id)),
        _messages(ContactId(contact_id)),
        wiring.audit().of_subject(wiring.deps().subject_of(ContactId(contact_id))),
        activity=wiring.activity(ContactId(contact_id)),
        now=call.now,
    )
    body["goal_events"] = [goal_event(each) for each in wiring.goal_events(ContactId(contact_id))]
    name = f'attachment; filename="{contact_id}.json"'
    return Reply(body=body, headers={"Content-Disposition": name})


def _messages(contact_id: ContactId) -> Iterator[tuple[MessageNumber, Batch]]:
    for _, number in islice(wiring.histories().of(contact_id), _MOST_MESSAGES):
        batch = wiring.batches().load(number.batch)
        if batch is not None:
            yield number, batch


@bp.route("/v1/erasures/{erasure_id}", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.ADMIN)
def get_erasure(call: Call[None], erasure_id: str) -> Reply:  # noqa: ARG001  # views take a call
    """Read an erasure's certificate: what was erased, and what is kept under which hash."""
    return Reply(body=_view(service.find(erasure_id, deps=wiring.deps())))


@bp.route("/v1/erasures", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.ADMIN)
def list_erasures(call: Call[None]) -> Reply:
    """List erasures."""
    return listing(call, wiring.erasures(), _view, of="erasures")


def _view(erasure: Erasure) -> Json:
    completed = erasure.completed
    return {
        "erasure_id": erasure.erasure_id,
        "status": erasure.status,
        "subject": erasure.subject,
        "requested": erasure.requested.isoformat(),
        "actor": erasure.actor,
        "completed": None if completed is None else completed.isoformat(),
        "erased": dict(erasure.erased),
        "kept": {
            "consent_evidence": "under the subject's hash",
            "suppressions": "under hashes of addresses",
        },
    }


@bp.route("/v1/accesses", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.ADMIN)
def list_accesses(call: Call[None]) -> Reply:
    """List who looked at personal data on ``?day=`` (of UTC), some at a time."""
    day = asked_day(call.query.get("day", ""), name="day")
    name = f"accesses/{day}"
    position = unseal(call.query.get("cursor"), of=name, now=call.now) or {"shard": 0, "key": None}
    shard = int(position["shard"])
    page = wiring.audit().of_day(day, shard, limit=page_limit(call.query), position=position["key"])
    following = None
    if page.after is not None:
        following = {"shard": shard, "key": dict(page.after)}
    elif shard + 1 < wiring.audit().shards:
        following = {"shard": shard + 1, "key": None}
    return Reply(
        body={
            "items": [_access_view(access) for access in page.items],
            "next_cursor": seal(following, of=name, now=call.now),
        }
    )


def _access_view(access: Access) -> Json:
    return {
        "at": access.at.isoformat(),
        "request_id": access.request_id,
        "key_id": access.key_id,
        "route": access.route,
        "status": access.status,
        "subject": access.subject,
        "ip": access.ip,
    }
