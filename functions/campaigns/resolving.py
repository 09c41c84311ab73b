"""Finds a campaign's recipients, slice by slice, each person once.

Whoever was given directly comes first, in one slice. Then everyone and groups come in one walk
over all people, which also finds the members of audiences; audiences alone are read member by
member, one after the other. So nobody is come to twice, also when groups change meanwhile: who is
given directly and the members of an audience's refresh do not change, and a walk over all people
comes to each once.
"""

import json
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Protocol

from functions.campaigns.direct import CONTACT, PHONE, ids_of, phones_of
from functions.campaigns.membership import SourceTests
from functions.campaigns.ports import Slice
from functions.contracts.page import Page, Position
from functions.domain.campaign import Campaign
from functions.domain.contact import Contact, Phone
from functions.domain.fatigue import Recent
from functions.domain.id_hashes import IdHashes
from functions.domain.ids import AudienceId, ContactId
from functions.domain.planning import Person
from functions.domain.recipients import Pin, Recipients, SkipReason, Source, SourceKind
from functions.domain.suppression import Mark

PART_SIZE = 2_000
"""People read by one job; those given directly are one part, however many."""


class Directory(Protocol):
    """Who there is."""

    def slice(
        self, *, size: int, position: Position | None, groups: Sequence[str] = ()
    ) -> Page[tuple[Contact, Recent]]:
        """Read about so many people, all or those in one of the groups, from a position on."""

    def get_many(self, contact_ids: Iterable[ContactId]) -> Mapping[ContactId, Contact]:
        """Read people by id, consistently."""

    def owners_of(self, phones: Iterable[Phone]) -> Mapping[Phone, ContactId]:
        """Whose numbers these are."""


class Lists(Protocol):
    """Lists of contact ids and numbers."""

    def save_direct(self, key: str, given: Sequence[str]) -> None:
        """Write one."""

    def load_direct(self, key: str) -> tuple[str, ...]:
        """Read one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvingDeps:
    """What finding recipients needs.

    ``shard`` reads the sorted members of one shard of an audience's refresh, ``hashes`` all of
    them as a compact set. ``suppressed`` looks up numbers that belong to nobody known.
    """

    directory: Directory
    recents: Callable[[Iterable[ContactId]], Mapping[ContactId, Recent]]
    suppressed: Callable[[Iterable[Phone]], Mapping[Phone, tuple[Mark, ...]]]
    lists: Lists
    shard: Callable[[AudienceId, str, int], Sequence[ContactId]]
    hashes: Callable[[AudienceId, Pin], IdHashes]
    fresh: Callable[[str], str]
    size: int = PART_SIZE


class _Stage(StrEnum):
    DIRECT = "direct"
    PEOPLE = "people"
    AUDIENCE = "audience"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where the next slice begins.

    ``taken`` is the list of those who were given directly and found; ``position`` is the walk's
    over all people; ``source``, ``shard`` and ``after`` are the last member's of an audience.
    ``mixed`` is the word by which members of a shard are put into an order of chance, so that the
    first of them are a fair sample; without, they come by their ids.
    """

    stage: _Stage
    taken: str = ""
    position: dict[str, str] | None = None
    source: int = 0
    shard: int = 0
    after: str = ""
    mixed: str = ""

    def text(self) -> str:
        """Write it as a cursor."""
        return json.dumps(
            [
                self.stage,
                self.taken,
                self.position,
                self.source,
                self.shard,
                self.after,
                self.mixed,
            ]
        )

    @classmethod
    def read(cls, cursor: str) -> "_Place":
        """Read a cursor."""
        stage, taken, position, source, shard, after, *mixed = json.loads(cursor)
        return cls(
            stage=_Stage(stage),
            taken=taken,
            position=position,
            source=source,
            shard=shard,
            after=after,
            # One of the release before has no such word.
            mixed=mixed[0] if mixed else "",
        )


def slice_of(campaign: Campaign, cursor: str | None, *, deps: ResolvingDeps) -> Slice:
    """Find the recipients from ``cursor`` on."""
    recipients = campaign.recipients
    place = _first(campaign) if cursor is None else _Place.read(cursor)
    match place.stage:
        case _Stage.DIRECT:
            return _given(campaign, deps=deps)
        case _Stage.PEOPLE:
            return _walked(recipients, place, deps=deps)
        case _Stage.AUDIENCE:
            return _members(recipients, place, deps=deps)


def _first(campaign: Campaign) -> _Place:
    if _direct(campaign.recipients):
        return _Place(stage=_Stage.DIRECT)
    following = _after_direct(campaign, taken="")
    # Without any source there is nobody given directly, and nobody else.
    return _Place(stage=_Stage.DIRECT) if following is None else following


def _after_direct(campaign: Campaign, *, taken: str) -> _Place | None:
    recipients = campaign.recipients
    if any(each.kind in (SourceKind.EVERYONE, SourceKind.GROUP) for each in recipients.include):
        return _Place(stage=_Stage.PEOPLE, taken=taken)
    mixed = "" if campaign.safety.ramp_in_force is None else campaign.campaign_id
    return _next_audience(
        recipients, _Place(stage=_Stage.PEOPLE, source=-1, taken=taken, mixed=mixed)
    )


def _next_audience(recipients: Recipients, last: _Place) -> _Place | None:
    for place, each in enumerate(recipients.include):
        if place > last.source and each.kind is SourceKind.AUDIENCE:
            return _Place(stage=_Stage.AUDIENCE, taken=last.taken, source=place, mixed=last.mixed)
    return None


def _order(mixed: str) -> Callable[[str], tuple[int, str]]:
    """How the members of a shard come one after the other."""
    if not mixed:
        return lambda contact_id: (0, contact_id)
    return lambda contact_id: (zlib.crc32((mixed + contact_id).encode()), contact_id)


def _direct(recipients: Recipients) -> tuple[Source, ...]:
    return tuple(each for each in recipients.include if each.kind is SourceKind.DIRECT)


def _walked(recipients: Recipients, place: _Place, *, deps: ResolvingDeps) -> Slice:
    """Look at the next people there are."""
    wanted = tuple(each for each in recipients.include if each.kind is not SourceKind.DIRECT)
    groups = [each.name for each in wanted if each.kind is SourceKind.GROUP]
    only_groups = groups if len(groups) == len(wanted) else []
    page = deps.directory.slice(size=deps.size, position=place.position, groups=only_groups)
    tests = _tests(recipients, place, deps=deps)
    sieve = _Sieve(tests=tests, exclude=recipients.exclude, earlier=_direct(recipients))
    found = (Person.known(contact, recent=recent) for contact, recent in page.items)
    people = sieve.kept(person for person in found if tests.any_has(wanted, person))
    after = None
    if page.after is not None:
        after = _Place(stage=_Stage.PEOPLE, taken=place.taken, position=dict(page.after)).text()
    return Slice(people=tuple(people), next_cursor=after, skipped=+sieve.skipped)


def _members(recipients: Recipients, place: _Place, *, deps: ResolvingDeps) -> Slice:
    """Look at the next members of an audience; those of earlier ones were come to."""
    ids, following = _next_members(recipients, place, deps=deps)
    known = deps.directory.get_many(ids)
    before = recipients.include[: place.source]
    audiences = (each for each in before if each.kind is SourceKind.AUDIENCE)
    sieve = _Sieve(
        tests=_tests(recipients, place, deps=deps),
        exclude=recipients.exclude,
        earlier=(*_direct(recipients), *audiences),
        skipped=Counter({SkipReason.GONE: len(ids) - len(known)}),
    )
    kept = sieve.kept(Person.known(known[each]) for each in ids if each in known)
    return Slice(
        people=_with_recents(kept, deps=deps),
        next_cursor=None if following is None else following.text(),
        skipped=+sieve.skipped,
    )


def _next_members(
    recipients: Recipients, place: _Place, *, deps: ResolvingDeps
) -> tuple[list[ContactId], _Place | None]:
    """Read on over the borders of shards until there are enough."""
    source = recipients.include[place.source]
    pin = pin_of(source)
    ids: list[ContactId] = []
    after, order = place.after, _order(place.mixed)
    for shard in range(place.shard, pin.shards):
        members = deps.shard(AudienceId(source.name), pin.run_id, shard)
        if place.mixed:
            members = sorted(members, key=order)
        bound = order(after)
        left = [each for each in members if not after or order(each) > bound]
        room = deps.size - len(ids)
        ids += left[:room]
        if len(left) >= room:
            return ids, replace(place, shard=shard, after=ids[-1])
        after = ""
    return ids, _next_audience(recipients, place)


def pin_of(source: Source) -> Pin:
    """The refresh of an audience that is used."""
    if source.pin is None:
        msg = f"audience {source.name} has no refresh to be used"
        raise LookupError(msg)
    return source.pin


def _tests(recipients: Recipients, place: _Place, *, deps: ResolvingDeps) -> SourceTests:
    taken = deps.lists.load_direct(place.taken) if place.taken else ()
    return SourceTests(
        lists={key: frozenset(deps.lists.load_direct(key)) for key in recipients.direct_keys},
        hashes=lambda source: deps.hashes(AudienceId(source.name), pin_of(source)),
        taken=frozenset(taken),
    )


@dataclass(slots=True, kw_only=True)
class _Sieve:
    """Keeps who is a recipient, and counts the others by why they are none."""

    tests: SourceTests
    exclude: Sequence[Source]
    earlier: Sequence[Source] = ()
    skipped: Counter[SkipReason] = field(default_factory=Counter)

    def kept(self, people: Iterable[Person]) -> list[Person]:
        """Leave out who is excluded, or comes by an earlier source."""
        found = []
        for person in people:
            reason = self._reason(person)
            if reason is None:
                found.append(person)
            else:
                self.skipped[reason] += 1
        return found

    def _reason(self, person: Person) -> SkipReason | None:
        if self.tests.any_has(self.exclude, person):
            return SkipReason.EXCLUDED
        if self.tests.was_taken(person) or self.tests.any_has(self.earlier, person):
            return SkipReason.ALREADY_INCLUDED
        return None


def _given(campaign: Campaign, *, deps: ResolvingDeps) -> Slice:
    """Look at everyone who was given directly, known or not."""
    recipients = campaign.recipients
    tests = _tests(recipients, _Place(stage=_Stage.DIRECT), deps=deps)
    entries = dict.fromkeys(
        entry for source in _direct(recipients) for entry in deps.lists.load_direct(source.name)
    )
    known, strangers, nobody = _looked_up(tuple(entries), deps=deps)
    sieve = _Sieve(tests=tests, exclude=recipients.exclude)
    read = sum(each.startswith((CONTACT, PHONE)) for each in entries)
    once = len(known) + len(strangers) + len(nobody)
    sieve.skipped[SkipReason.ALREADY_INCLUDED] = read - once
    kept = sieve.kept(map(Person.known, known))
    others = sieve.kept(strangers)
    left = [each for each in nobody if not tests.lists_name(recipients.exclude, each)]
    sieve.skipped[SkipReason.EXCLUDED] += len(nobody) - len(left)
    return Slice(
        people=(
            *_with_recents(kept, deps=deps),
            *others,
            *(Person(contact=None, phone=None) for _ in left),
        ),
        next_cursor=_cursor_after_given(campaign, kept, deps=deps),
        skipped=+sieve.skipped,
    )


def _looked_up(
    entries: Sequence[str], *, deps: ResolvingDeps
) -> tuple[list[Contact], list[Person], list[ContactId]]:
    """Find the people of ids and numbers, each once; numbers and ids that nobody has stay over."""
    phones, ids = phones_of(entries), ids_of(entries)
    owners = deps.directory.owners_of(phones) if phones else {}
    known = deps.directory.get_many([*ids, *owners.values()])
    # A claim on a number that outlived its profile's change makes nobody its owner.
    owned = {
        phone: owner
        for phone, owner in owners.items()
        if owner in known and known[owner].phone == phone
    }
    strangers = [phone for phone in phones if phone not in owned]
    marks = deps.suppressed(strangers) if strangers else {}
    addressed = dict.fromkeys([*(each for each in ids if each in known), *owned.values()])
    return (
        [known[each] for each in addressed],
        [Person(contact=None, phone=each, marks=marks.get(each, ())) for each in strangers],
        [each for each in ids if each not in known],
    )


def _cursor_after_given(
    campaign: Campaign, kept: Sequence[Person], *, deps: ResolvingDeps
) -> str | None:
    """Where to go on; who was found is written down for the slices that follow."""
    key = f"parts/{campaign.campaign_id}/{deps.fresh('taken')}"
    following = _after_direct(campaign, taken=key)
    if following is None:
        return None
    taken = [person.contact_id for person in kept if person.contact_id is not None]
    deps.lists.save_direct(key, taken)
    return following.text()


def _with_recents(people: Sequence[Person], *, deps: ResolvingDeps) -> tuple[Person, ...]:
    contacts = [person.contact for person in people if person.contact is not None]
    recents = deps.recents([each.contact_id for each in contacts]) if contacts else {}
    return tuple(Person.known(each, recent=recents[each.contact_id]) for each in contacts)
