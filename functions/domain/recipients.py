"""Who a send is for: the sources that are included, less those that are excluded."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from functions.domain.ids import AudienceId

MAX_SOURCES = 20
"""In each of the two lists."""
MAX_DIRECT = 10_000
"""Numbers and contact ids given directly, in all sources of a campaign together, each once."""


class SourceKind(StrEnum):
    """Where recipients come from."""

    EVERYONE = "everyone"
    GROUP = "group"
    AUDIENCE = "audience"
    DIRECT = "direct"


class SkipReason(StrEnum):
    """Why somebody of a source is no recipient."""

    EXCLUDED = "excluded"
    ALREADY_INCLUDED = "already_included"
    GONE = "gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """The refresh of an audience that is used, whatever refreshes follow."""

    run_id: str
    shards: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """People by what they have in common.

    ``name`` is the group's name, the audience's id, or the key of the object that lists numbers
    and contact ids given directly; ``pin`` is the refresh of an audience once it is launched.
    """

    kind: SourceKind
    name: str = ""
    pin: Pin | None = None


EVERYONE = Source(kind=SourceKind.EVERYONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipients:
    """Everyone who is in a source of ``include`` and in none of ``exclude``."""

    include: tuple[Source, ...]
    exclude: tuple[Source, ...] = ()

    @property
    def direct_keys(self) -> tuple[str, ...]:
        """The objects that list those given directly, of both lists."""
        both = (*self.include, *self.exclude)
        return tuple(each.name for each in both if each.kind is SourceKind.DIRECT)

    def audiences(self) -> Iterator[tuple[str, AudienceId]]:
        """The audiences, each with the place where it stands, as a JSON pointer ends."""
        for name, sources in (("include", self.include), ("exclude", self.exclude)):
            for place, source in enumerate(sources):
                if source.kind is SourceKind.AUDIENCE:
                    yield f"{name}/{place}/audience", AudienceId(source.name)

    def pinned(self, pins: Mapping[AudienceId, Pin]) -> "Recipients":
        """The same, with the refresh of every audience that is used from now on."""
        return Recipients(
            include=tuple(_pinned(each, pins) for each in self.include),
            exclude=tuple(_pinned(each, pins) for each in self.exclude),
        )


def _pinned(source: Source, pins: Mapping[AudienceId, Pin]) -> Source:
    if source.kind is not SourceKind.AUDIENCE:
        return source
    return replace(source, pin=pins[AudienceId(source.name)])
