"""HTTP calls about senders."""

from functools import partial

from chalice.app import Blueprint

from functions.contracts.http_rate import RatePut
from functions.contracts.http_senders import (
    ProofPost,
    SenderAccountsPut,
    SenderPost,
    SenderReview,
)
from functions.contracts.scope import Scope
from functions.domain.ids import AccountName, ProofId, SenderId
from functions.domain.sender import Review, Sender, SenderStatus
from functions.runtime.http import ANY_TYPE, Call, Reply, endpoint
from functions.runtime.ids import fresh_id
from functions.runtime.listing import listing
from functions.senders import service, wiring
from functions.senders.views import file_view, proof_view, sender_view

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
        contact=call.body.contact,
        opt_out_number=call.body.opt_out_number,
        status=SenderStatus.PENDING,
    )
    registered = service.register(sender, deps=wiring.deps(), now=call.now)
    return Reply(status=201, body=sender_view(registered, now=call.now))


@bp.route("/v1/senders/{sender_id}/accounts", methods=["PUT"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.ADMIN, body=SenderAccountsPut)
def put_sender_accounts(call: Call[SenderAccountsPut], sender_id: str) -> Reply:
    """Say at which further accounts at the provider a sender is registered, all anew."""
    accounts = {AccountName(name): address for name, address in call.body.accounts.items()}
    sender = service.register_at(SenderId(sender_id), accounts, deps=wiring.deps())
    return Reply(body=sender_view(sender, now=call.now))


@bp.route("/v1/senders/{sender_id}/proof", methods=["POST"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.CAMPAIGNS, body=ProofPost)
def post_proof(call: Call[ProofPost], sender_id: str) -> Reply:
    """Make a proof and the URL to which its file is PUT, once."""
    deps, proof_id = wiring.deps(), ProofId(fresh_id("prf"))
    proof = service.add_proof(
        SenderId(sender_id), call.body.kind, proof_id=proof_id, deps=deps, now=call.now
    )
    upload = {
        "method": "PUT",
        "url": deps.files.upload_url(proof.object_key),
        "headers": dict(deps.files.upload_headers),
    }
    return Reply(status=201, body={"proof": proof_view(proof), "upload": upload})


@bp.route("/v1/senders/{sender_id}/proof", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.ADMIN, personal=True)
def get_proofs(call: Call[None], sender_id: str) -> Reply:  # noqa: ARG001  # views take a call
    """Read the proofs of a sender, and where a reviewer can look at their files."""
    files = service.proof_files(SenderId(sender_id), deps=wiring.deps())
    return Reply(body={"proofs": [file_view(each) for each in files]})


@bp.route("/v1/senders/{sender_id}/review", methods=["POST"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.ADMIN, body=SenderReview)
def review_sender(call: Call[SenderReview], sender_id: str) -> Reply:
    """Approve, reject or suspend a sender."""
    decision = Review(
        status=call.body.status,
        note=call.body.note,
        valid_from=call.body.valid_from,
        valid_until=call.body.valid_until,
    )
    reviewed = service.review(SenderId(sender_id), decision, deps=wiring.deps(), now=call.now)
    return Reply(body=sender_view(reviewed, now=call.now))


@bp.route("/v1/senders/{sender_id}/rate", methods=["PUT"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.ADMIN, body=RatePut)
def put_sender_rate(call: Call[RatePut], sender_id: str) -> Reply:
    """Change how fast a sender's messages may leave at most, also while they do."""
    rate = None if call.body.rate is None else call.body.rate.rate
    changed = service.limit(SenderId(sender_id), rate, deps=wiring.deps())
    return Reply(body=sender_view(changed, now=call.now))


@bp.route("/v1/senders/{sender_id}", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.READ)
def get_sender(call: Call[None], sender_id: str) -> Reply:
    """Read a sender."""
    found = service.find(SenderId(sender_id), deps=wiring.deps())
    return Reply(body=sender_view(found, now=call.now))


@bp.route("/v1/senders", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.READ)
def list_senders(call: Call[None]) -> Reply:
    """List senders."""
    return listing(call, wiring.senders(), partial(sender_view, now=call.now), of=_LIST)
