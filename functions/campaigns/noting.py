"""Notes what was planned in people's histories: many people to a row.

These are transactional messages; an advertisement is noted by the place that it takes under the
caps, when it leaves. Where a campaign holds people out, all its messages are noted, those that
never leave too: what people do then counts for whoever got the message and whoever did not.
"""

from collections.abc import Collection, Iterator

from functions.campaigns.ports import CampaignDeps
from functions.domain.batch import Batch, BatchMeta
from functions.domain.campaign import Campaign, Part
from functions.domain.channel import Purpose
from functions.domain.history import PageName, month_of
from functions.domain.ids import ContactId, MessageNumber


def note_part(
    campaign: Campaign, part: Part, starting: Collection[BatchMeta], *, deps: CampaignDeps
) -> None:
    """Note the messages of a planned part, before the first of them may leave.

    They are read back from the plan that counts, so dying midway and asking again write the same
    pages. A part of which all pages are there is left alone.
    """
    if campaign.holdout is None:
        # All batches of a part are made at one moment.
        made = next((m.created for m in starting if m.purpose is not Purpose.ADVERTISING), None)
    else:
        made = part.planned_at if part.batches else None
    if made is None:
        return
    name = PageName(month=month_of(made), campaign_id=part.campaign_id, part=part.part)
    if not deps.histories.noted(name):
        batches = (deps.batches.load(number) for number in part.batches)
        noted = [each for each in batches if each is not None and _is_noted(campaign, each)]
        deps.histories.note(name, (each for batch in noted for each in _sent(batch)))


def _is_noted(campaign: Campaign, batch: Batch) -> bool:
    return campaign.holdout is not None or batch.meta.purpose is not Purpose.ADVERTISING


def _sent(batch: Batch) -> Iterator[tuple[ContactId, MessageNumber]]:
    for ordinal, recipient in enumerate(batch.recipients):
        if recipient.contact_id is not None:
            number = MessageNumber(batch=batch.meta.number, ordinal=ordinal)
            yield recipient.contact_id, number
