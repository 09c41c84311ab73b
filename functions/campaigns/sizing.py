"""How many people a campaign is for at most, without looking at each."""

from functions.campaigns.ports import CampaignDeps
from functions.domain.ids import AudienceId
from functions.domain.recipients import Recipients, Source, SourceKind

_WALKED = (SourceKind.EVERYONE, SourceKind.GROUP)


def most_people(recipients: Recipients, *, deps: CampaignDeps) -> int:
    """Add up the sources; who is excluded or stands in several counts all the same.

    How many are in a group nobody knows before they are come to: it counts as everyone.
    """
    walked = any(each.kind in _WALKED for each in recipients.include)
    counted = deps.safety.people_count() if walked else 0
    others = (each for each in recipients.include if each.kind not in _WALKED)
    return counted + sum(_size(each, walked=walked, deps=deps) for each in others)


def _size(source: Source, *, walked: bool, deps: CampaignDeps) -> int:
    if source.kind is SourceKind.DIRECT:
        return len(deps.people.load_direct(source.name))
    audience = None if walked else deps.audiences.get(AudienceId(source.name))
    return 0 if audience is None or audience.members is None else audience.members.count
