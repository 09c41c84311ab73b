"""HTTP calls about senders."""

from chalice.app import Blueprint

from functions.contracts.http_senders import SenderPost, SenderReview
from functions.contracts.scope import Scope
from functions.domain.ids import SenderId
from functions.domain.sender import Sender, SenderStatus
from functions.runtime.http import ANY_TYPE, Call, Json, Reply, endpoint
from functions.runtime.ids import fresh_id
from functions.runtime.listing import listing
from functions.senders import service, wiring

bp = Blueprint(__name__)
_LIST = "senders"


@bp.route("/v1/senders", methods=["POST"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.CAMPAIGNS, body=SenderPost)
def post_sender(call: Call[SenderPost]) -> Reply:
    """Register a sender; it may be used once it is approved."""
    sender = Sender(
        sender_id=SenderId(fresh_id("snd")),
        channel=call.body.channel,
        address=call.body.address,
        display_name=call.body.display_name,
        opt_out_number=call.body.opt_out_number,
        status=SenderStatus.PENDING,
    )
    return Reply(status=201, body=_view(service.register(sender, deps=wiring.deps())))


@bp.route("/v1/senders/{sender_id}/review", methods=["POST"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.ADMIN, body=SenderReview)
def review_sender(call: Call[SenderReview], sender_id: str) -> Reply:
    """Approve or reject a sender."""
    reviewed = service.review(SenderId(sender_id), status=call.body.status, deps=wiring.deps())
    return Reply(body=_view(reviewed))


@bp.route("/v1/senders/{sender_id}", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.READ)
def get_sender(call: Call[None], sender_id: str) -> Reply:  # noqa: ARG001  # views take a call
    """Read a sender."""
    return Reply(body=_view(service.find(SenderId(sender_id), deps=wiring.deps())))


@bp.route("/v1/senders", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.READ)
def list_senders(call: Call[None]) -> Reply:
    """List senders."""
    return listing(call, wiring.senders(), _view, of=_LIST)


def _view(sender: Sender) -> Json:
    return {
        "sender_id": sender.sender_id,
        "channel": sender.channel,
        "address": sender.address,
        "display_name": sender.display_name,
        "opt_out_number": sender.opt_out_number,
        "status": sender.status,
    }
