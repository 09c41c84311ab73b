"""HTTP calls about messages."""

import hashlib
from collections.abc import Iterator
from itertools import islice

from chalice.app import Blueprint

from functions.content.phone import parse_phone
from functions.contracts.errors import InvalidInput, NotFound
from functions.contracts.http_base import MAX_ID_CHARS
from functions.contracts.http_follow_ups import steps_of
from functions.contracts.http_messages import MessagesPost, RecipientPost
from functions.contracts.message_evidence import evidence_of_message
from functions.contracts.scope import Scope
from functions.domain.batch import Batch
from functions.domain.ids import AudienceId, ContactId, MessageNumber, SenderId, TemplateId
from functions.runtime.cursor import Position, seal, unseal
from functions.runtime.http import ANY_TYPE, Call, Json, Reply, endpoint, page_limit
from functions.runtime.ids import fresh_id
from functions.sending import service, wiring
from functions.sending.ports import Addressee, Many, SendRequest
from functions.sending.views import accepted_view, message_view

bp = Blueprint(__name__)
_LIST = "messages"


@bp.route("/v1/messages", methods=["POST"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.SEND, body=MessagesPost)
def post_messages(call: Call[MessagesPost]) -> Reply:
    """Send a message to 1 to 1,000 recipients, at once or later."""
    request = _request(call)
    batches = service.accept(request, deps=wiring.deps(), now=call.now)
    return Reply(status=202, body=accepted_view(request.request_id, batches))


def _request(call: Call[MessagesPost]) -> SendRequest:
    body = call.body
    return SendRequest(
        request_id=_request_id(call),
        fingerprint=_fingerprint(call),
        template_id=TemplateId(body.template_id),
        template_version=body.template_version,
        sender_id=SenderId(body.sender_id),
        addressees=tuple(_addressee(post) for post in body.to),
        variables=dict(body.variables),
        send_at=body.send_at,
        follow_ups=steps_of(body.follow_ups),
    )


def _request_id(call: Call[MessagesPost]) -> str:
    """The same for a request that is repeated under its key, so that it binds once."""
    if call.idempotency_key is None:
        return fresh_id("req")
    return "req_" + _digest(f"{call.principal.key_id}\n{call.idempotency_key}")


def _fingerprint(call: Call[MessagesPost]) -> str | None:
    """Of the request's content, however it is spelt."""
    return None if call.idempotency_key is None else _digest(call.body.model_dump_json())


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def _addressee(post: RecipientPost) -> Addressee | Many:
    if post.group is not None or post.audience is not None:
        audience = None if post.audience is None else AudienceId(post.audience)
        return Many(group=post.group, audience=audience, variables=dict(post.variables))
    return Addressee(
        contact_id=None if post.contact_id is None else ContactId(post.contact_id),
        phone=None if post.phone is None else parse_phone(post.phone),
        variables=dict(post.variables),
    )


@bp.route("/v1/messages/{message_id}", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.READ, personal=True)
def get_message(call: Call[None], message_id: str) -> Reply:  # noqa: ARG001  # views take a call
    """Read a message: what it says, where it stands, and why."""
    number = _number(message_id)
    return Reply(body=message_view(service.find(number, deps=wiring.deps()), number.ordinal))


@bp.route("/v1/messages/{message_id}/evidence", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.READ, personal=True)
def get_evidence(call: Call[None], message_id: str) -> Reply:  # noqa: ARG001  # views take a call
    """Give the evidence of a message: each look of the door, and what became of it."""
    number = _number(message_id)
    batch = service.find(number, deps=wiring.deps())
    looks = wiring.batches().evidence(number.batch)
    return Reply(body=evidence_of_message(batch, number.ordinal, looks))


@bp.route("/v1/messages/{message_id}/cancel", methods=["POST"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.SEND, personal=True)
def cancel_message(call: Call[None], message_id: str) -> Reply:  # noqa: ARG001
    """Keep a message that waits from leaving; repeating it is harmless."""
    number = _number(message_id)
    service.cancel(number, deps=wiring.deps())
    return Reply(body=message_view(service.find(number, deps=wiring.deps()), number.ordinal))


def _number(message_id: str) -> MessageNumber:
    number = MessageNumber.parse(message_id)
    if number is None:
        msg = "There is no such message."
        raise NotFound(msg)
    return number


@bp.route("/v1/messages", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.READ, personal=True)
def list_messages(call: Call[None]) -> Reply:
    """List the messages of ``?contact_id=``, newest first."""
    contact_id = call.query.get("contact_id", "")
    if not 1 <= len(contact_id) <= MAX_ID_CHARS:
        raise InvalidInput.field("/query/contact_id", "missing", "Say whose messages.")
    position = unseal(call.query.get("cursor"), of=_LIST + contact_id, now=call.now)
    limit = page_limit(call.query, default=20, most=100)
    found = list(islice(_sent(ContactId(contact_id), after=position), limit + 1))
    following = None
    if len(found) > limit:
        month, number = found[limit - 1]
        following = {"month": month, "number": number.packed}
    return Reply(
        body={
            "items": _views([number for _, number in found[:limit]]),
            "next_cursor": seal(following, of=_LIST + contact_id, now=call.now),
        }
    )


def _sent(contact_id: ContactId, *, after: Position | None) -> Iterator[tuple[str, MessageNumber]]:
    """Messages by the month in which they left, newest first; numbers are older than that."""
    if after is None:
        return wiring.histories().of(contact_id)
    last = after["month"], MessageNumber.unpack(after["number"])
    numbers = wiring.histories().of(contact_id, until=after["month"])
    return (each for each in numbers if each < last)


def _views(numbers: list[MessageNumber]) -> list[Json]:
    batches: dict[int, Batch | None] = {}
    views = []
    for number in numbers:
        if number.batch not in batches:
            batches[number.batch] = wiring.batches().load(number.batch)
        batch = batches[number.batch]
        if batch is not None:
            views.append(message_view(batch, number.ordinal))
    return views
