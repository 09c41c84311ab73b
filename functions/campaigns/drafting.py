"""From the recipients of a request to a campaign's, and the lists given directly in it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from functions.campaigns.direct import entries_of, read_direct
from functions.campaigns.ports import Audiences
from functions.contracts.errors import FieldError, InvalidInput
from functions.contracts.http_campaigns import RecipientsPost, SourcePost
from functions.domain.ids import AudienceId, CampaignId
from functions.domain.recipients import EVERYONE, MAX_DIRECT, Recipients, Source, SourceKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """Recipients, and the lists given directly by the key of each."""

    recipients: Recipients
    direct: Mapping[str, tuple[str, ...]]


def drafted(campaign_id: CampaignId, post: RecipientsPost, *, audiences: Audiences) -> Drafted:
    """Read recipients. Raises InvalidInput that names every bad entry and unknown audience."""
    reader = _Reader(folder=f"campaigns/{campaign_id}", audiences=audiences)
    include = reader.sources(_included(post))
    exclude = reader.sources(_excluded(post))
    if sum(map(len, reader.direct.values())) > MAX_DIRECT:
        reader.errors.append(
            FieldError("/recipients", "too_many", f"Give at most {MAX_DIRECT} directly in all.")
        )
    if reader.errors:
        raise InvalidInput.of(*reader.errors)
    recipients = Recipients(include=include, exclude=exclude)
    return Drafted(recipients=recipients, direct=reader.direct)


def _included(post: RecipientsPost) -> Iterator[tuple[str, SourcePost]]:
    if post.include is None:
        yield "/recipients", post
        return
    for place, each in enumerate(post.include):
        yield f"/recipients/include/{place}", each


def _excluded(post: RecipientsPost) -> Iterator[tuple[str, SourcePost]]:
    for place, each in enumerate(post.exclude):
        yield f"/recipients/exclude/{place}", each


@dataclass(slots=True, kw_only=True)
class _Reader:
    """Collects what was given directly, and what is wrong."""

    folder: str
    audiences: Audiences
    direct: dict[str, tuple[str, ...]] = field(default_factory=dict)
    errors: list[FieldError] = field(default_factory=list)

    def sources(self, posts: Iterator[tuple[str, SourcePost]]) -> tuple[Source, ...]:
        """Read a list, each source once."""
        return tuple(dict.fromkeys(self._source(pointer, post) for pointer, post in posts))

    def _source(self, pointer: str, post: SourcePost) -> Source:
        if post.audience is not None:
            return self._audience(pointer, AudienceId(post.audience))
        if post.group is not None:
            return Source(kind=SourceKind.GROUP, name=post.group)
        if post.direct is not None:
            return self._direct(f"{pointer}/direct", tuple(post.direct))
        if post.direct_text is not None:
            return self._direct(f"{pointer}/direct_text", entries_of(post.direct_text))
        return EVERYONE

    def _audience(self, pointer: str, audience_id: AudienceId) -> Source:
        if self.audiences.get(audience_id) is None:
            message = "There is no such audience."
            self.errors.append(FieldError(f"{pointer}/audience", "not_found", message))
        return Source(kind=SourceKind.AUDIENCE, name=audience_id)

    def _direct(self, pointer: str, given: tuple[str, ...]) -> Source:
        read, errors = read_direct(given, pointer=pointer)
        if not given:
            errors = [FieldError(pointer, "too_few", "There is no number and no contact id in it.")]
        self.errors += errors
        place = len(self.direct)
        key = f"{self.folder}/direct" + (f"-{place}" if place else "")
        self.direct[key] = read
        return Source(kind=SourceKind.DIRECT, name=key)
