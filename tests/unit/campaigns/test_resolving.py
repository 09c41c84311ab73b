"""Whoever is found is who the sets say, each once, however the work is cut and repeated."""

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from itertools import count
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from functions.campaigns.exclusion import excluded_by
from functions.campaigns.ports import CampaignDeps
from functions.campaigns.resolving import ResolvingDeps, slice_of
from functions.campaigns.service import resolve
from functions.contracts.page import Page, Position
from functions.contracts.queues import ResolveJob
from functions.domain.audience import shard_of
from functions.domain.campaign import Campaign, CampaignStatus
from functions.domain.contact import Contact, Phone
from functions.domain.fatigue import Recent
from functions.domain.id_hashes import IdHashes
from functions.domain.ids import AudienceId, ContactId
from functions.domain.planning import Person
from functions.domain.recipients import EVERYONE, Pin, Recipients, SkipReason, Source, SourceKind
from functions.domain.safety import Ramp, Safety
from tests.builders import a_campaign, a_contact, a_phone
from tests.fakes.dying import Death, Killed
from tests.unit.campaigns.test_service import CAMPAIGN, World, a_world

GROUPS = ("g1", "g2", "g3")
AUDIENCES = ("aud_1", "aud_2", "aud_3")
HALF = 0.5


@dataclass
class Town:
    """People, their groups, audiences by refresh, and lists. ``size`` is read at a time."""

    people: dict[ContactId, Contact]
    members: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    lists: dict[str, tuple[str, ...]] = field(default_factory=dict)
    size: int = 3
    names: "count[int]" = field(default_factory=count)

    def slice(
        self, *, size: int, position: Position | None, groups: Sequence[str] = ()
    ) -> Page[tuple[Contact, Recent]]:
        after = "" if position is None else position["contact_id"]
        found = sorted(each for each in self.people if each > after)[:size]
        contacts = [self.people[each] for each in found]
        wanted = [each for each in contacts if not groups or each.groups & set(groups)]
        rest = {"contact_id": found[-1]} if found and found[-1] != max(self.people) else None
        return Page(items=tuple((each, Recent()) for each in wanted), after=rest)

    def get_many(self, contact_ids: Iterable[ContactId]) -> Mapping[ContactId, Contact]:
        return {each: self.people[each] for each in contact_ids if each in self.people}

    def owners_of(self, phones: Iterable[Phone]) -> Mapping[Phone, ContactId]:
        owners = {each.phone: each.contact_id for each in self.people.values() if each.phone}
        return {each: owners[each] for each in phones if each in owners}

    def save_direct(self, key: str, given: Sequence[str]) -> None:
        self.lists[key] = tuple(given)

    def load_direct(self, key: str) -> tuple[str, ...]:
        return self.lists[key]

    def shard(self, audience_id: AudienceId, run_id: str, shard: int) -> Sequence[ContactId]:
        members = sorted(self.members[audience_id, run_id])
        return [ContactId(each) for each in members if shard_of(ContactId(each), SHARDS) == shard]

    def deps(self) -> ResolvingDeps:
        return ResolvingDeps(
            directory=self,
            recents=lambda ids: {each: Recent() for each in ids},
            suppressed=lambda _: {},
            lists=self,
            shard=self.shard,
            hashes=lambda audience_id, pin: IdHashes.of(self.members[audience_id, pin.run_id]),
            fresh=lambda prefix: f"{prefix}_{next(self.names)}",
            size=self.size,
        )


SHARDS = 2


def group(name: str) -> Source:
    return Source(kind=SourceKind.GROUP, name=name)


def audience(name: str, run_id: str = "run_1") -> Source:
    return Source(kind=SourceKind.AUDIENCE, name=name, pin=Pin(run_id=run_id, shards=SHARDS))


def direct(key: str) -> Source:
    return Source(kind=SourceKind.DIRECT, name=key)


def a_town(random: Random) -> Town:
    """Twelve people, some of whom have no number; members and entries of whom nobody is left."""
    people = {}
    for number in range(1, 13):
        groups = frozenset(each for each in GROUPS if random.random() < 0.3)
        number_of = a_phone(number) if random.random() < 0.8 else None
        contact = a_contact(number, groups=groups, phone=number_of)
        people[contact.contact_id] = contact
    return Town(
        people=people,
        members={
            (each, "run_1"): frozenset(f"c{number}" for number in some_of(random, 15))
            for each in AUDIENCES
        },
        lists={key: some_entries(random) for key in ("d1", "d2")},
        size=random.randrange(1, 6),
    )


def some_of(random: Random, last: int) -> list[int]:
    return random.sample(range(1, last + 1), random.randrange(0, 6))


def some_entries(random: Random) -> tuple[str, ...]:
    ids = [f"id:c{number}" for number in some_of(random, 15)]
    return (*ids, *(f"tel:{a_phone(number).e164}" for number in some_of(random, 20)))


def sources(random: Random, most: int) -> tuple[Source, ...]:
    all_of_them = (
        EVERYONE,
        *map(group, GROUPS),
        *map(audience, AUDIENCES),
        direct("d1"),
        direct("d2"),
    )
    weights = [1, *[3] * (len(all_of_them) - 1)]
    return tuple(dict.fromkeys(random.choices(all_of_them, weights, k=random.randrange(most + 1))))


def has(town: Town, source: Source, contact: Contact) -> bool:
    match source.kind:
        case SourceKind.EVERYONE:
            return True
        case SourceKind.GROUP:
            return source.name in contact.groups
        case SourceKind.AUDIENCE:
            return contact.contact_id in town.members[source.name, "run_1"]
        case SourceKind.DIRECT:
            phone = contact.phone.e164 if contact.phone else ""
            return bool({f"id:{contact.contact_id}", f"tel:{phone}"} & set(town.lists[source.name]))


def expected(town: Town, recipients: Recipients) -> list[str]:
    """By set algebra: who is known, the numbers that nobody has, the ids that nobody has."""
    found = [
        str(each.contact_id)
        for each in town.people.values()
        if any(has(town, source, each) for source in recipients.include)
        and not any(has(town, source, each) for source in recipients.exclude)
    ]
    given, refused = (
        {e for each in some if each.kind is SourceKind.DIRECT for e in town.lists[each.name]}
        for some in (recipients.include, recipients.exclude)
    )
    owned = {f"tel:{each.phone.e164}" for each in town.people.values() if each.phone}
    known = {f"id:{each}" for each in town.people}
    others = given - refused - owned - known
    return sorted([*found, *("?" if each.startswith("id:") else each for each in others)])


def named(person: Person) -> str:
    if person.contact_id is not None:
        return str(person.contact_id)
    return "?" if person.phone is None else f"tel:{person.phone.e164}"


def a_campaign_to(recipients: Recipients, *, ramped: bool = False) -> World:
    world = a_world(())
    ramp = Ramp(steps=(10, 100), wait=timedelta(minutes=5)) if ramped else None
    launched: Campaign = a_campaign(
        recipients=recipients,
        status=CampaignStatus.LAUNCHED,
        safety=Safety(ramp=ramp, expected=12),
    )
    world.campaigns.campaigns[CAMPAIGN] = launched
    return world


def resolving(world: World, town: Town, **replaced: Any) -> CampaignDeps:
    return replace(world.deps(), slice_of=partial(slice_of, deps=town.deps()), **replaced)


def everyone_of(world: World) -> list[Person]:
    parts = world.campaigns.parts(CAMPAIGN)
    return [each for part in parts for each in world.people.load(part.people_key)]


def found_by(world: World) -> list[str]:
    return sorted(map(named, everyone_of(world)))


def run(world: World, deps: CampaignDeps, *, times: int = 1) -> None:
    """Deliver every job so many times."""
    jobs = [ResolveJob(campaign_id=CAMPAIGN, part=0)]
    while jobs:
        job = jobs.pop()
        for _ in range(times):
            world.queue.clear()
            resolve(job, deps=deps)
        jobs += [each for each in world.queue if isinstance(each, ResolveJob)]


@given(st.randoms(use_true_random=False))
@settings(max_examples=400, deadline=None)
def test_who_is_found_is_who_the_sets_say(random: Random) -> None:
    town = a_town(random)
    recipients = Recipients(include=sources(random, 4), exclude=sources(random, 2))
    world = a_campaign_to(recipients, ramped=random.random() < HALF)

    run(world, resolving(world, town), times=random.choice((1, 2)))

    assert found_by(world) == expected(town, recipients)


@given(st.randoms(use_true_random=False), st.integers(1, 12))
@settings(max_examples=200, deadline=None)
def test_a_job_that_dies_and_comes_again_changes_nothing(random: Random, steps: int) -> None:
    town = a_town(random)
    recipients = Recipients(include=sources(random, 4), exclude=sources(random, 2))
    world = a_campaign_to(recipients, ramped=random.random() < HALF)
    death = Death(steps, after=random.random() < 0.5)
    dying = resolving(
        world,
        town,
        people=death.port(world.people),
        campaigns=death.port(world.campaigns),
    )

    with suppress(Killed):
        run(world, dying)
    run(world, resolving(world, town))

    assert found_by(world) == expected(town, recipients)


@given(st.randoms(use_true_random=False))
@settings(max_examples=300, deadline=None)
def test_nobody_is_come_to_twice_though_groups_and_numbers_change_meanwhile(
    random: Random,
) -> None:
    town = a_town(random)
    recipients = Recipients(include=sources(random, 4), exclude=sources(random, 2))
    world = a_campaign_to(recipients, ramped=random.random() < HALF)
    jobs = [ResolveJob(campaign_id=CAMPAIGN, part=0)]

    while jobs:
        world.queue.clear()
        resolve(jobs.pop(), deps=resolving(world, town))
        jobs += [each for each in world.queue if isinstance(each, ResolveJob)]
        shuffled = a_town(random).people
        town.people = {each: shuffled[each] for each in town.people}

    seen = [each for each in found_by(world) if each != "?"]
    phones = [each.phone for each in everyone_of(world) if each.phone is not None]
    assert len(seen) == len(set(seen))
    assert len(phones) == len(set(phones))


def test_pages_of_a_campaign_read_the_refresh_that_is_pinned() -> None:
    town = Town(people={ContactId(f"c{n}"): a_contact(n) for n in range(1, 7)}, size=1)
    town.members = {
        ("aud_1", "run_1"): frozenset({"c1", "c2", "c3"}),
        ("aud_1", "run_2"): frozenset({"c4", "c5"}),
    }
    world = a_campaign_to(Recipients(include=(audience("aud_1"),)))

    run(world, resolving(world, town))

    assert found_by(world) == ["c1", "c2", "c3"]


@pytest.mark.parametrize("ramped", [False, True])
def test_the_first_of_a_ramp_are_not_those_with_the_lowest_ids(*, ramped: bool) -> None:
    ids = [f"c{number:04d}" for number in range(1, 1_001)]
    town = Town(
        people={
            ContactId(each): a_contact(int(each[1:]), contact_id=ContactId(each)) for each in ids
        },
        size=100,
    )
    town.members = {("aud_1", "run_1"): frozenset(ids)}
    world = a_campaign_to(Recipients(include=(audience("aud_1"),)), ramped=ramped)

    resolve(ResolveJob(campaign_id=CAMPAIGN, part=0), deps=resolving(world, town))

    numbers = [int(each[1:]) for each in found_by(world)]
    first_half = sum(number <= 500 for number in numbers)
    assert len(numbers) == 100
    assert (30 < first_half < 70) is ramped


def test_a_cursor_of_the_release_before_goes_on_by_the_ids() -> None:
    town = Town(people={ContactId(f"c{n}"): a_contact(n) for n in range(1, 7)}, size=10)
    town.members = {("aud_1", "run_1"): frozenset({"c1", "c2", "c3"})}
    world = a_campaign_to(Recipients(include=(audience("aud_1"),)), ramped=True)
    last = shard_of(ContactId("c1"), SHARDS)
    later = sorted(each for each in ("c2", "c3") if shard_of(ContactId(each), SHARDS) >= last)
    old = json.dumps(["audience", "", None, 0, last, "c1"])

    resolve(ResolveJob(campaign_id=CAMPAIGN, part=0, cursor=old), deps=resolving(world, town))

    assert found_by(world) == later


def test_who_is_skipped_is_counted_by_why() -> None:
    town = Town(people={ContactId(f"c{n}"): a_contact(n) for n in range(1, 5)}, size=100)
    town.members = {
        ("aud_1", "run_1"): frozenset({"c1", "c2", "c3"}),
        ("aud_2", "run_1"): frozenset({"c2", "c3", "c4", "c9"}),
    }
    town.lists = {"d1": ("id:c1", f"tel:{a_phone(1).e164}"), "d2": ("id:c3",)}
    recipients = Recipients(
        include=(direct("d1"), audience("aud_1"), audience("aud_2")), exclude=(direct("d2"),)
    )
    world = a_campaign_to(recipients)

    run(world, resolving(world, town))

    assert found_by(world) == ["c1", "c2", "c4"]
    assert [dict(part.skipped) for part in world.campaigns.parts(CAMPAIGN)] == [
        {SkipReason.ALREADY_INCLUDED: 1},
        {SkipReason.ALREADY_INCLUDED: 1, SkipReason.EXCLUDED: 1},
        {SkipReason.GONE: 1, SkipReason.ALREADY_INCLUDED: 1, SkipReason.EXCLUDED: 1},
    ]


def test_a_number_whose_owner_is_in_the_audience_gets_one_message() -> None:
    town = Town(people={ContactId("c1"): a_contact(1)}, size=10)
    town.members = {("aud_1", "run_1"): frozenset({"c1"})}
    town.lists = {"d1": (f"tel:{a_phone(1).e164}",)}
    world = a_campaign_to(Recipients(include=(audience("aud_1"), direct("d1"))))

    run(world, resolving(world, town))

    assert found_by(world) == ["c1"]


@pytest.mark.parametrize(
    "source", [EVERYONE, group("g1"), audience("aud_1"), direct("d1"), direct("d2")]
)
def test_why_names_the_source_that_leaves_somebody_out(source: Source) -> None:
    town = Town(people={ContactId("c1"): a_contact(1, groups=frozenset({"g1"}))})
    town.members = {("aud_1", "run_1"): frozenset({"c1"})}
    town.lists = {"d1": ("id:c1",), "d2": (f"tel:{a_phone(1).e164}",)}
    recipients = Recipients(include=(EVERYONE,), exclude=(group("g2"), source))
    campaign = a_campaign(recipients=recipients, status=CampaignStatus.LAUNCHED)

    assert excluded_by(campaign, ContactId("c1"), deps=town.deps()) == source
    assert excluded_by(campaign, ContactId("c2"), deps=town.deps()) is None
    draft = replace(campaign, status=CampaignStatus.DRAFT)
    assert excluded_by(draft, ContactId("c1"), deps=town.deps()) is None
