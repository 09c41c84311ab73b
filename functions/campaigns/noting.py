"""Notes what was planned in people's histories: transactional messages, many people to a row.

An advertisement is noted by the place that it takes under the caps, when it leaves.
"""

from collections.abc import Collection, Iterator

from functions.campaigns.ports import CampaignDeps
from functions.domain.batch import Batch, BatchMeta
from functions.domain.campaign import Part
from functions.domain.channel import Purpose
from functions.domain.history import PageName, month_of
from functions.domain.ids import ContactId, MessageNumber


def note_part(part: Part, starting: Collection[BatchMeta], *, deps: CampaignDeps) -> None:
    """Note the messages of a planned part, before the first of them may leave.

    They are read back from the plan that counts, so dying midway and asking again write the same
    pages. A part of which all pages are there is left alone.
    """
    mine = [meta for meta in starting if meta.purpose is not Purpose.ADVERTISING]
    if not mine:
        return
    # All batches of a part are made at one moment.
    month = month_of(mine[0].created)
    name = PageName(month=month, campaign_id=part.campaign_id, part=part.part)
    if not deps.histories.noted(name):
        batches = (deps.batches.load(number) for number in part.batches)
        sent = (each for batch in batches if batch is not None for each in _sent(batch))
        deps.histories.note(name, sent)


def _sent(batch: Batch) -> Iterator[tuple[ContactId, MessageNumber]]:
    if batch.meta.purpose is Purpose.ADVERTISING:
        return
    for ordinal, recipient in enumerate(batch.recipients):
        if recipient.contact_id is not None:
            number = MessageNumber(batch=batch.meta.number, ordinal=ordinal)
            yield recipient.contact_id, number
