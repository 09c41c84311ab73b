"""HTTP calls about consent and suppression."""

from datetime import datetime

from chalice.app import Blueprint

from functions.contacts import parsing, service, wiring
from functions.contacts.views import consent_view, record_view, suppression_view
from functions.contracts.errors import InvalidInput
from functions.contracts.http_contacts import ConsentPost, SuppressionPost
from functions.contracts.scope import Scope
from functions.domain.consent import ConsentKey
from functions.domain.ids import AddressHash, ContactId
from functions.domain.suppression import Mark, Suppression, usual_scope
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
    )
    deps = wiring.deps()
    record = service.record_consent(ContactId(contact_id), change, deps=deps, now=call.now)
    return Reply(status=201, body=record_view(record))


@bp.route("/v1/contacts/{contact_id}/consents", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.READ)
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
    """Keep a number from being written to; in force when this answers."""
    phone = parsing.phone(call.body.phone, pointer="/phone")
    suppression = Suppression(
        address_hash=wiring.address_hash(phone.e164),
        mark=Mark(reason=call.body.reason, scope=usual_scope(call.body.reason), since=call.now),
        source=call.body.source,
    )
    service.suppress(suppression, deps=wiring.deps())
    return Reply(status=201, body=suppression_view(suppression))


@bp.route("/v1/suppressions", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.READ)
def list_suppressions(call: Call[None]) -> Reply:
    """List suppressed addresses by their hashes."""
    return listing(call, wiring.suppressions(), suppression_view, of=_LIST)


@bp.route("/v1/suppressions/{address_hash}", methods=["DELETE"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.ADMIN)
def delete_suppression(call: Call[None], address_hash: str) -> Reply:  # noqa: ARG001
    """Allow an address again."""
    service.unsuppress(AddressHash(address_hash), deps=wiring.deps())
    return Reply(status=204)
