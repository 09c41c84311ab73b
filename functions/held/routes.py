"""HTTP calls about what is held."""

import dataclasses
from datetime import datetime
from typing import Any

from chalice.app import Blueprint

from functions.contracts.errors import FieldError, InvalidInput
from functions.contracts.http_base import MAX_ID_CHARS
from functions.contracts.http_held import HeldPost
from functions.contracts.scope import Scope
from functions.domain.held import HeldAction
from functions.domain.ids import CampaignId, MessageNumber
from functions.domain.reason import HoldReason
from functions.held import service, wiring
from functions.held.service import HeldMessage, Place, Queued, Wanted
from functions.runtime.cursor import seal, unseal
from functions.runtime.http import ANY_TYPE, Call, Json, Reply, endpoint, page_limit

bp = Blueprint(__name__)
_MOST_ITEMS = 200
_MOST_ERRORS = 100


@bp.route("/v1/held", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.READ, personal=True)
def list_held(call: Call[None]) -> Reply:
    """List the messages that wait: why, since when, until when. A page may have few and go on."""
    wanted = _wanted(call.query)
    limit = page_limit(call.query, most=_MOST_ITEMS)
    after = _place(call.query.get("cursor"), wanted, now=call.now)
    found = service.listed(wanted, after=after, limit=limit, deps=wiring.deps())
    return Reply(
        body={
            "items": [_view(each) for each in found.messages],
            "next_cursor": _cursor(found.after, wanted, now=call.now),
        }
    )


@bp.route("/v1/held/summary", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.READ)
def get_held_summary(call: Call[None]) -> Reply:
    """Count the messages that wait, by why."""
    found = service.summary(_wanted(call.query), deps=wiring.deps())
    return Reply(
        body={
            "messages": sum(found.counts.values()),
            "by_reason": {str(reason): count for reason, count in found.counts.items()},
            "complete": found.complete,
        }
    )


@bp.route("/v1/held/release", methods=["POST"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.SEND, body=HeldPost)
def release_held(call: Call[HeldPost]) -> Reply:
    """Have held messages decided again now. That lifts the schedule, not the rules in force."""
    return _changed(call, HeldAction.RELEASE)


@bp.route("/v1/held/cancel", methods=["POST"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.SEND, body=HeldPost)
def cancel_held(call: Call[HeldPost]) -> Reply:
    """Keep held messages from ever leaving; repeating it is harmless."""
    return _changed(call, HeldAction.CANCEL)


@bp.route("/v1/held/expire", methods=["POST"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.SEND, body=HeldPost)
def expire_held(call: Call[HeldPost]) -> Reply:
    """Give held messages up before their time: ``failed`` with ``expired``, and counted as such."""
    return _changed(call, HeldAction.EXPIRE)


def _changed(call: Call[HeldPost], action: HeldAction) -> Reply:
    body, deps = call.body, wiring.deps()
    wanted = Wanted(
        campaign_id=None if body.campaign_id is None else CampaignId(body.campaign_id),
        reason=body.reason,
    )
    if body.message_ids is not None:
        numbers = _numbers(body.message_ids)
        queued = service.change_these(action, numbers, body.reason, deps=deps)
    else:
        after = _place_in_body(body.cursor, wanted, now=call.now)
        queued = service.change(action, wanted, after=after, deps=deps)
    return Reply(status=202, body=_queued_view(queued, wanted, now=call.now))


def _queued_view(queued: Queued, wanted: Wanted, *, now: datetime) -> Json:
    return {
        "queued": queued.messages,
        "next_cursor": _cursor(queued.after, wanted, now=now),
    }


def _numbers(message_ids: list[str]) -> list[MessageNumber]:
    """Read ids. Raises InvalidInput that names those that can be no message's."""
    numbers: list[MessageNumber] = []
    errors: list[FieldError] = []
    for place, text in enumerate(message_ids):
        number = MessageNumber.parse(text)
        if number is not None:
            numbers.append(number)
        elif len(errors) < _MOST_ERRORS:
            msg = "This is not the id of a message."
            errors.append(FieldError(f"/message_ids/{place}", "invalid_format", msg))
    if errors:
        raise InvalidInput.of(*errors)
    return numbers


def _wanted(query: Any) -> Wanted:  # noqa: ANN401  # Chalice's mapping
    campaign_id = query.get("campaign_id")
    if campaign_id is not None and not 1 <= len(campaign_id) <= MAX_ID_CHARS:
        raise InvalidInput.field("/query/campaign_id", "length", "Name a campaign.")
    return Wanted(
        campaign_id=None if campaign_id is None else CampaignId(campaign_id),
        reason=_reason(query.get("reason")),
    )


def _reason(text: str | None) -> HoldReason | None:
    if text is not None and text not in set(HoldReason):
        known = ", ".join(HoldReason)
        raise InvalidInput.field("/query/reason", "not_allowed", f"Use one of {known}.")
    return None if text is None else HoldReason(text)


def _of(wanted: Wanted) -> str:
    return f"held {wanted.campaign_id} {wanted.reason}"


def _place(cursor: str | None, wanted: Wanted, *, now: datetime) -> Place | None:
    position = unseal(cursor, of=_of(wanted), now=now)
    return None if position is None else Place(**position)


def _place_in_body(cursor: str | None, wanted: Wanted, *, now: datetime) -> Place | None:
    try:
        return _place(cursor, wanted, now=now)
    except InvalidInput as error:
        message = error.errors[0].message
        raise InvalidInput.field("/cursor", "invalid_cursor", message) from error


def _cursor(place: Place | None, wanted: Wanted, *, now: datetime) -> str | None:
    position = None if place is None else dataclasses.asdict(place)
    return seal(position, of=_of(wanted), now=now)


def _view(message: HeldMessage) -> Json:
    meta, wait = message.batch.meta, message.wait
    return {
        "message_id": str(MessageNumber(batch=meta.number, ordinal=message.ordinal)),
        "contact_id": message.batch.recipients[message.ordinal].contact_id,
        "channel": meta.channel,
        "purpose": meta.purpose,
        "reason": message.reason,
        "since": wait.since.isoformat(),
        "until": None if wait.until is None else wait.until.isoformat(),
        "expires": meta.expires.isoformat(),
        "source": {"kind": meta.source.kind, "id": meta.source.source_id},
    }
