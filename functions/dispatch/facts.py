"""What sending looks up of a batch: its route, and what the one door says of its messages now."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from functions.dispatch.ports import DispatchDeps
from functions.dispatch.recheck import Recheck, Verdicts
from functions.domain.batch import Batch, BatchMeta
from functions.domain.route import Route


def route_of(meta: BatchMeta, deps: DispatchDeps) -> Route:
    """The way that a batch goes. Raises LookupError where its template or sender is gone."""
    template = deps.templates.get(meta.template_id, meta.template_version)
    sender = deps.senders.get(meta.sender_id)
    if template is None or sender is None:
        msg = f"batch {meta.number} refers to a template or sender that is not there"
        raise LookupError(msg)
    return Route(
        template=template,
        sender=sender,
        default_zone=deps.default_zone,
        policy=deps.policy(),
        zones_of_phone=deps.zones_of_phone,
        source=meta.source.source_id,
        priority=meta.priority,
        when_capped=meta.when_capped,
    )


def verdicts_on(
    batch: Batch, due: Iterable[int], route: Route, *, deps: DispatchDeps, now: datetime
) -> Verdicts:
    """Decide anew on the newest facts about these messages."""
    recipients = {ordinal: batch.recipients[ordinal] for ordinal in due}
    ids = [each.contact_id for each in recipients.values() if each.contact_id is not None]
    people = deps.contacts.at_the_door(ids) if ids else {}
    strangers = [
        each.phone
        for each in recipients.values()
        if each.contact_id is None and each.phone is not None
    ]
    suppressed = deps.suppressed(strangers) if strangers else {}
    last_moment = now + timedelta(seconds=deps.lease_s)
    return Recheck(
        batch=batch.meta.number,
        people=people,
        suppressed=suppressed,
        route=route,
        expires=batch.meta.expires,
        now=now,
        last_moment=last_moment,
    ).verdicts(recipients)
