"""Audiences as callers see them: defined, changed, looked at, explained."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from functions.audiences.ports import AudienceDeps
from functions.contracts.errors import Conflict, FieldError, InvalidInput, NotFound
from functions.contracts.queues import AnswerAudienceJob
from functions.contracts.segment_document import BadDefinition, node_from_json, node_to_json
from functions.domain.audience import Audience
from functions.domain.ids import AudienceId, ContactId
from functions.domain.segment import Node, asks_about_messages, is_settled
from functions.domain.segment_explain import Explained, explain
from functions.domain.segment_reference import (
    BadReference,
    ReferenceFault,
    bad_references,
    named_audiences,
    resolve,
)

_MESSAGE_BY_FAULT = {
    ReferenceFault.UNKNOWN: "There is no such audience.",
    ReferenceFault.CYCLE: "The audience leads back to itself.",
    ReferenceFault.TOO_LARGE: "With the audiences that it names it is too large.",
}
_DEFINITION = "/definition"


@dataclass(frozen=True, slots=True, kw_only=True)
class AudienceRequest:
    """What a caller wants an audience to be; ``once`` None lets its windows decide."""

    name: str
    definition: object
    live: bool = False
    once: bool | None = None


def create(
    request: AudienceRequest, *, audience_id: AudienceId, deps: AudienceDeps, now: datetime
) -> Audience:
    """Define an audience; it is answered soon. Raises InvalidInput naming each fault."""
    node = _checked_request(request, own_id=audience_id, deps=deps)
    made = Audience(
        audience_id=audience_id,
        name=request.name,
        definition=node_to_json(node),
        created=now,
        changed=now,
        live=request.live,
        fixed=_once(request, node),
    )
    deps.audiences.add(made)
    deps.enqueue([AnswerAudienceJob(audience_id=audience_id)])
    return made


def _checked_request(request: AudienceRequest, *, own_id: AudienceId, deps: AudienceDeps) -> Node:
    node = checked(request.definition, own_id=own_id, deps=deps)
    if request.live and asks_about_messages(_with_named(node, deps=deps)):
        msg = "What became of messages is known of all at once only: it cannot be live."
        raise InvalidInput.field("/live", "cannot_be_live", msg)
    return node


def _with_named(node: Node, *, deps: AudienceDeps) -> Node:
    return resolve(node, _definitions(deps)) if named_audiences(node) else node


def _once(request: AudienceRequest, node: Node) -> bool:
    return is_settled(node) if request.once is None else request.once


def checked(definition: object, *, own_id: str, deps: AudienceDeps) -> Node:
    """Read a definition and hold it against the other audiences. Raises InvalidInput."""
    try:
        node = node_from_json(definition, _DEFINITION)
    except BadDefinition as bad:
        raise InvalidInput.of(*bad.errors) from bad
    if named_audiences(node):
        faults = bad_references(node, _definitions(deps), own_id=own_id)
        if faults:
            raise InvalidInput.of(*map(_field_error, faults))
    return node


def _definitions(deps: AudienceDeps) -> dict[str, Node]:
    return {each.audience_id: node_from_json(each.definition) for each in deps.audiences.all()}


def _field_error(fault: BadReference) -> FieldError:
    return FieldError(
        pointer=_DEFINITION + fault.pointer,
        code=f"audience_{fault.fault}",
        message=_MESSAGE_BY_FAULT[fault.fault],
    )


def find(audience_id: AudienceId, *, deps: AudienceDeps) -> Audience:
    """Read an audience. Raises NotFound."""
    found = deps.audiences.get(audience_id)
    if found is None:
        msg = "There is no such audience."
        raise NotFound(msg)
    return found


def change(
    audience_id: AudienceId, request: AudienceRequest, *, deps: AudienceDeps, now: datetime
) -> Audience:
    """Replace a definition; the members stay until the new one is answered.

    Raises NotFound, InvalidInput, Conflict ``busy``.
    """
    known = find(audience_id, deps=deps)
    node = _checked_request(request, own_id=audience_id, deps=deps)
    changed = replace(
        known,
        name=request.name,
        definition=node_to_json(node),
        changed=now,
        version=known.version + 1,
        live=request.live,
        fixed=_once(request, node),
    )
    if not deps.audiences.change(changed, replacing=known):
        msg = "The audience is being changed by others; try again."
        raise Conflict(msg, code="busy")
    deps.enqueue([AnswerAudienceJob(audience_id=audience_id)])
    return changed


def delete(audience_id: AudienceId, *, deps: AudienceDeps) -> None:
    """Delete an audience. Raises NotFound, Conflict ``audience_in_use`` while others name it."""
    find(audience_id, deps=deps)
    for other in deps.audiences.all():
        named = {name for _, name in named_audiences(node_from_json(other.definition))}
        if audience_id in named:
            msg = f"The audience {other.audience_id} is made of this one."
            raise Conflict(msg, code="audience_in_use")
    deps.audiences.delete(audience_id)
    deps.members.forget(audience_id, before="~")


def explain_person(
    audience_id: AudienceId, contact_id: ContactId, *, deps: AudienceDeps, now: datetime
) -> Explained:
    """Ask each condition for one person as they are now. Raises NotFound."""
    audience = find(audience_id, deps=deps)
    subject = deps.subjects.of(contact_id, now=now)
    if subject is None:
        msg = "There is no such contact."
        raise NotFound(msg)
    node = resolved(audience.definition, deps=deps)
    if asks_about_messages(node):
        activity = {**subject.activity, **deps.messages.of(contact_id)}
        subject = replace(subject, activity=activity)
    return explain(node, subject, today=now.astimezone(deps.zone).date())


def resolved_node(definition: object, *, deps: AudienceDeps) -> Node:
    """Read a definition that is not stored, with the audiences it names. Raises InvalidInput."""
    node = checked(definition, own_id="", deps=deps)
    return _with_named(node, deps=deps)


def resolved(definition: Mapping[str, Any], *, deps: AudienceDeps) -> Node:
    """Read a stored definition with the audiences that it names."""
    return _with_named(node_from_json(definition), deps=deps)
