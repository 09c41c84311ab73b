"""How many people a campaign is for at most, without looking at each."""

from functions.campaigns.ports import CampaignDeps
from functions.domain.ids import AudienceId
from functions.domain.recipients import Recipients, Source, SourceKind

_WALKED = (SourceKind.EVERYONE, SourceKind.GROUP)


def most_people(recipients: Recipients, *, deps: CampaignDeps) -> int:
    """Add up the sources; who is excluded or stands in several counts all the same.

    How many are in a group nobody knows before they are come to: it counts as everyone.
    """
    if any(each.kind in _WALKED for each in recipients.include):
        # Audiences are of the same people; numbers given directly may be of others.
        given = [each for each in recipients.include if each.kind is SourceKind.DIRECT]
        return deps.safety.people_count() + sum(size_of(each, deps=deps) or 0 for each in given)
    return sum(size_of(each, deps=deps) or 0 for each in recipients.include)


def size_of(source: Source, *, deps: CampaignDeps) -> int | None:
    """How many are in a source, where it tells; None of everyone and of groups."""
    match source.kind:
        case SourceKind.DIRECT:
            return len(deps.people.load_direct(source.name))
        case SourceKind.AUDIENCE:
            audience = deps.audiences.get(AudienceId(source.name))
            return None if audience is None or audience.members is None else audience.members.count
        case _:
            return None
