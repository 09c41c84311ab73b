"""HTTP calls about contacts and groups."""

from collections.abc import Mapping

from chalice.app import Blueprint

from functions.contacts import merging, parsing, service, wiring
from functions.contacts.views import contact_view
from functions.contracts.http_contacts import (
    ContactBatch,
    ContactMerge,
    ContactPatch,
    ContactPut,
    GroupMembers,
)
from functions.contracts.scope import Scope
from functions.domain.contact import GroupChange
from functions.domain.ids import ContactId
from functions.runtime.http import ANY_TYPE, Call, Json, Reply, endpoint
from functions.runtime.listing import listing

bp = Blueprint(__name__)
_LIST = "contacts"


@bp.route("/v1/contacts/{contact_id}", methods=["PUT"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.CONTACTS, body=ContactPut)
def put_contact(call: Call[ContactPut], contact_id: str) -> Reply:
    """Make the profile be this: 201 when the contact is new, 200 when it was changed."""
    contact = parsing.contact(parsing.contact_id(contact_id), call.body)
    done = service.upsert(contact, deps=wiring.deps())
    status = 201 if done.outcome is service.Outcome.CREATED else 200
    return Reply(status=status, body={"contact_id": contact_id, "status": done.outcome})


@bp.route("/v1/contacts/{contact_id}", methods=["PATCH"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.CONTACTS, body=ContactPatch, personal=True)
def patch_contact(call: Call[ContactPatch], contact_id: str) -> Reply:
    """Change only the fields given."""
    changes = parsing.changes(call.body)
    contact = service.patch(ContactId(contact_id), changes, deps=wiring.deps())
    return Reply(body=contact_view(contact))


@bp.route("/v1/contacts/{contact_id}", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.READ, personal=True)
def get_contact(call: Call[None], contact_id: str) -> Reply:  # noqa: ARG001  # views take a call
    """Read a contact with the consents in force."""
    profile = service.find(ContactId(contact_id), deps=wiring.deps())
    return Reply(body=contact_view(profile.contact))


@bp.route("/v1/contacts", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.READ, personal=True)
def list_contacts(call: Call[None]) -> Reply:
    """List contacts, or find the one with ``?phone=``."""
    phone = call.query.get("phone")
    if phone is not None:
        return Reply(body={"items": _by_phone(phone), "next_cursor": None})
    return listing(call, wiring.contacts(), contact_view, of=_LIST)


def _by_phone(text: str) -> list[Json]:
    phone = parsing.phone(text, pointer="/query/phone")
    owner = wiring.deps().contacts.owner_of(phone)
    profile = None if owner is None else wiring.deps().contacts.get(owner)
    # A claim may have outlived its profile's change of number.
    if profile is None or profile.contact.phone != phone:
        return []
    return [contact_view(profile.contact)]


@bp.route("/v1/contacts/{contact_id}/merge", methods=["POST"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.CONTACTS, body=ContactMerge, personal=True)
def merge_contact(call: Call[ContactMerge], contact_id: str) -> Reply:
    """Make one contact of two: this one stays, the other's id says so from then on."""
    other = ContactId(call.body.from_id)
    deps = wiring.merge_deps(other, actor=call.principal.key_id)
    merged = merging.merge(ContactId(contact_id), other, deps=deps, now=call.now)
    left_out = {
        "groups": list(merged.groups_left_out),
        "attributes": list(merged.attributes_left_out),
    }
    return Reply(body=contact_view(merged.contact) | {"left_out": left_out})


@bp.route("/v1/contacts/batch", methods=["POST"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.CONTACTS, body=ContactBatch)
def put_contacts(call: Call[ContactBatch]) -> Reply:
    """Upsert up to 500 contacts; the answer says for each what became of it."""
    contacts = parsing.contacts(call.body)
    done = service.upsert_many(contacts, deps=wiring.deps())
    return Reply(body={"items": [_outcome_view(each) for each in done]})


def _outcome_view(done: service.Upserted) -> Json:
    view: Json = {"contact_id": done.contact_id, "status": done.outcome}
    if done.error is not None:
        view["error"] = {"code": done.error.code, "message": done.error.message}
    return view


@bp.route("/v1/groups/{name}/members/{contact_id}", methods=["PUT"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.CONTACTS)
def put_member(call: Call[None], name: str, contact_id: str) -> Reply:  # noqa: ARG001
    """Put a contact into a group; groups need not be made first."""
    changes = service.join_group(parsing.group(name), [ContactId(contact_id)], deps=wiring.deps())
    service.check_change(changes[ContactId(contact_id)])
    return Reply(status=204)


@bp.route("/v1/groups/{name}/members/{contact_id}", methods=["DELETE"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.CONTACTS)
def delete_member(call: Call[None], name: str, contact_id: str) -> Reply:  # noqa: ARG001
    """Take a contact out of a group."""
    changes = service.leave_group(parsing.group(name), [ContactId(contact_id)], deps=wiring.deps())
    service.check_change(changes[ContactId(contact_id)])
    return Reply(status=204)


@bp.route("/v1/groups/{name}/members", methods=["POST"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.CONTACTS, body=GroupMembers)
def add_members(call: Call[GroupMembers], name: str) -> Reply:
    """Put up to 500 contacts into a group; the answer names those who could not be."""
    ids = [ContactId(each) for each in call.body.contact_ids]
    changes = service.join_group(parsing.group(name), ids, deps=wiring.deps())
    return Reply(
        body={
            "added": len(_with(changes, GroupChange.DONE)),
            "unknown": _with(changes, GroupChange.UNKNOWN),
            "full": _with(changes, GroupChange.FULL),
        }
    )


@bp.route("/v1/groups/{name}/members/remove", methods=["POST"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.CONTACTS, body=GroupMembers)
def remove_members(call: Call[GroupMembers], name: str) -> Reply:
    """Take up to 500 contacts out of a group; the answer names those who do not exist."""
    ids = [ContactId(each) for each in call.body.contact_ids]
    changes = service.leave_group(parsing.group(name), ids, deps=wiring.deps())
    removed, unknown = (_with(changes, each) for each in (GroupChange.DONE, GroupChange.UNKNOWN))
    return Reply(body={"removed": len(removed), "unknown": unknown})


def _with(changes: Mapping[ContactId, GroupChange], change: GroupChange) -> list[ContactId]:
    return [each for each, became in changes.items() if became is change]
