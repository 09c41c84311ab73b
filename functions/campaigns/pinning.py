"""Chooses the refresh of each audience that a campaign uses from its launch on."""

from functions.campaigns.ports import CampaignDeps
from functions.contracts.errors import Conflict, FieldError
from functions.domain.ids import AudienceId
from functions.domain.recipients import Pin, Recipients


def pinned(recipients: Recipients, *, deps: CampaignDeps) -> Recipients:
    """Use the last refresh of every audience. Raises Conflict ``audience_not_ready``."""
    places = tuple(recipients.audiences())
    pins = {audience_id: _pin(audience_id, deps) for _, audience_id in places}
    errors = [
        FieldError(
            f"/recipients/{place}", "audience_not_ready", "The audience was not refreshed yet."
        )
        for place, audience_id in places
        if pins[audience_id] is None
    ]
    if errors:
        msg = "An audience was not refreshed yet, or is gone."
        raise Conflict(msg, code="audience_not_ready", errors=errors)
    return recipients.pinned({each: pin for each, pin in pins.items() if pin is not None})


def _pin(audience_id: AudienceId, deps: CampaignDeps) -> Pin | None:
    audience = deps.audiences.get(audience_id)
    if audience is None or audience.members is None:
        return None
    return Pin(run_id=audience.members.run_id, shards=audience.members.shards)
