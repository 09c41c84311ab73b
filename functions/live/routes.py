"""HTTP calls about live membership."""

from chalice.app import Blueprint

from functions.contracts.scope import Scope
from functions.domain.ids import ContactId
from functions.live import service, wiring
from functions.live.service import StayInAudience
from functions.runtime.http import ANY_TYPE, Call, Json, Reply, endpoint

bp = Blueprint(__name__)


@bp.route("/v1/contacts/{contact_id}/audiences", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.READ, personal=True)
def get_contact_audiences(call: Call[None], contact_id: str) -> Reply:
    """Give the live audiences that a contact is in, since when, and those left within 30 days."""
    stays = service.audiences_of(ContactId(contact_id), deps=wiring.deps(), now=call.now)
    views = [(each.stay.left is None, _view(each)) for each in stays]
    return Reply(
        body={
            "within": [view for inside, view in views if inside],
            "left": [view for inside, view in views if not inside],
        }
    )


def _view(found: StayInAudience) -> Json:
    left = found.stay.left
    return {
        "audience_id": found.audience.audience_id,
        "name": found.audience.name,
        "since": found.stay.since.isoformat(),
        "left": None if left is None else left.isoformat(),
    }
