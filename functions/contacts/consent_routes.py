"""HTTP calls about consent and suppression."""

import hashlib
from datetime import datetime

from chalice.app import Blueprint

from functions.contacts import parsing, service, wiring
from functions.contacts.views import consent_view, record_view, suppression_view
from functions.contracts.errors import InvalidInput
from functions.contracts.http_contacts import ConsentPost, SuppressionBatch, SuppressionPost
from functions.contracts.scope import Scope
from functions.domain.consent import ConsentKey
from functions.domain.ids import AddressHash, ContactId
from functions.domain.suppression import Mark, Scope as Reach, Suppression, usual_scope
from functions.domain.writing import ConsentChange
from functions.runtime.http import ANY_TYPE, Call, Reply, endpoint
from functions.runtime.listing import listing

bp = Blueprint(__name__)
_LIST = "suppressions"


@bp.route("/v1/contacts/{contact_id}/consents", methods=["POST"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.CONTACTS, body=ConsentPost)
def post_consent(call: Call[ConsentPost], contact_id: str) -> Reply:
    """Record what a person agreed to or withdrew; in force when this answers."""
    body = call.body
    change = ConsentChange(
        key=ConsentKey(body.channel, body.purpose),
        action=body.action,
        at=body.at or call.now,
        source=body.source,
        actor=call.principal.key_id,
        text_version=body.text_version,
        text_hash="" if body.text is None else hashlib.sha256(body.text.encode()).hexdigest(),
        ip=body.ip or "",
        basis=body.basis,
        goods=body.goods or "",
    )
    deps = wiring.deps()
    record = service.record_consent(ContactId(contact_id), change, deps=deps, now=call.now)
    return Reply(status=201, body=record_view(record))


@bp.route("/v1/contacts/{contact_id}/consents", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.READ, personal=True)
def get_consents(call: Call[None], contact_id: str) -> Reply:
    """Read all evidence, and what was in force now or ``?as_of=``."""
    as_of = _moment(call.query.get("as_of")) or call.now
    history = service.consent_history(ContactId(contact_id), deps=wiring.deps(), as_of=as_of)
    return Reply(
        body={
            "as_of": as_of.isoformat(),
            "in_force": {str(key): consent_view(each) for key, each in history.in_force.items()},
            "chain_intact": not history.breaks,
            "items": [record_view(each) for each in history.records],
        }
    )


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        message = "Use a date and time with zone, such as 2026-11-22T09:00:00+09:00."
        raise InvalidInput.field("/query/as_of", "invalid_format", message)
    return moment


@bp.route("/v1/suppressions", methods=["POST"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.CONTACTS, body=SuppressionPost)
def post_suppression(call: Call[SuppressionPost]) -> Reply:
    """Keep an address from being written to; in force when this answers."""
    suppression = _suppression(call.body, now=call.now)
    stands = service.suppress(suppression, deps=wiring.deps(), now=call.now)
    return Reply(status=201, body=suppression_view(stands))


@bp.route("/v1/suppressions/batch", methods=["POST"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.CONTACTS, body=SuppressionBatch)
def post_suppressions(call: Call[SuppressionBatch]) -> Reply:
    """Bring in up to 500 suppressions, such as the items of an earlier list."""
    suppressions = [_suppression(each, now=call.now) for each in call.body.suppressions]
    stand = [service.suppress(each, deps=wiring.deps(), now=call.now) for each in suppressions]
    return Reply(status=201, body={"items": [suppression_view(each) for each in stand]})


def _suppression(post: SuppressionPost, *, now: datetime) -> Suppression:
    scope = usual_scope(post.reason) if post.scope is None else Reach.parse(post.scope)
    mark = Mark(reason=post.reason, scope=scope, since=post.since or now, until=post.until)
    return Suppression(address_hash=_hash(post), mark=mark, source=post.source)


def _hash(post: SuppressionPost) -> AddressHash:
    if post.address_hash is not None:
        return AddressHash(post.address_hash)
    if post.email is not None:
        return wiring.address_hash(post.email.casefold())
    return wiring.address_hash(parsing.phone(post.phone or "", pointer="/phone").e164)


@bp.route("/v1/suppressions", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.READ)
def list_suppressions(call: Call[None]) -> Reply:
    """List suppressed addresses by their hashes."""
    return listing(call, wiring.suppressions(), suppression_view, of=_LIST)


@bp.route("/v1/suppressions/{address_hash}", methods=["DELETE"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.ADMIN)
def delete_suppression(call: Call[None], address_hash: str) -> Reply:
    """Allow an address again, wholly or in ``?scope=`` only."""
    scope = _reach(call.query.get("scope"))
    service.unsuppress(AddressHash(address_hash), scope=scope, deps=wiring.deps())
    return Reply(status=204)


def _reach(text: str | None) -> Reach | None:
    try:
        return None if text is None else Reach.parse(text)
    except ValueError as error:
        message = "Use all, a class, a channel, or channel:class."
        raise InvalidInput.field("/query/scope", "invalid_format", message) from error
