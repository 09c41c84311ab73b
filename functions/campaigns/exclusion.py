"""Tells by which source a campaign leaves somebody out."""

from functions.campaigns.membership import SourceTests
from functions.campaigns.resolving import ResolvingDeps, pin_of
from functions.domain.audience import shard_of
from functions.domain.campaign import Campaign, CampaignStatus
from functions.domain.id_hashes import IdHashes
from functions.domain.ids import AudienceId, ContactId
from functions.domain.planning import Person
from functions.domain.recipients import Source


def excluded_by(campaign: Campaign, contact_id: ContactId, *, deps: ResolvingDeps) -> Source | None:
    """Find the first source of the exclude list that has the person; None when none has.

    Audiences and lists are those of the launch, groups and numbers those of now.
    """
    known = deps.directory.get_many([contact_id])
    if campaign.status is CampaignStatus.DRAFT or contact_id not in known:
        return None

    def own_shard(source: Source) -> IdHashes:
        pin = pin_of(source)
        shard = shard_of(contact_id, pin.shards)
        return IdHashes.of(deps.shard(AudienceId(source.name), pin.run_id, shard))

    keys = campaign.recipients.direct_keys
    lists = {key: frozenset(deps.lists.load_direct(key)) for key in keys}
    tests = SourceTests(lists=lists, hashes=own_shard)
    person = Person.known(known[contact_id])
    exclude = campaign.recipients.exclude
    return next((each for each in exclude if tests.any_has([each], person)), None)
