"""Live membership is what a last look finds, whatever dies, doubles or races."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from functions.contracts.errors import Unavailable
from functions.contracts.live_document import people_of
from functions.contracts.queues import LiveJob
from functions.domain.audience import Audience
from functions.domain.ids import AudienceId, ContactId
from functions.domain.segment import Subject
from functions.live import service
from functions.live.definitions import LiveDefinitions
from functions.live.ports import LiveDeps
from tests.builders import NOON, SEOUL
from tests.fakes.audiences import FakeAudiences
from tests.fakes.dying import Death, Killed
from tests.fakes.stays import FakeStays

_HANA = ContactId("hana")


def an_audience(name: str, city: str = "Seoul", **values: object) -> Audience:
    made = Audience(
        audience_id=AudienceId(name),
        name=name,
        definition={"attribute": "city", "equals": city},
        created=NOON,
        changed=NOON,
        live=True,
    )
    return replace(made, **values)  # type: ignore[arg-type]


@dataclass
class Cities:
    """Where people live; ``after_read`` is what happens after the next read."""

    by_person: dict[ContactId, str] = field(default_factory=dict)
    after_read: list[Callable[[], object]] = field(default_factory=list)

    def of(self, contact_id: ContactId, *, now: datetime) -> Subject | None:
        city = self.by_person.get(contact_id)
        if self.after_read:
            self.after_read.pop(0)()
        return None if city is None else Subject(contact_id=contact_id, attributes={"city": city})


@dataclass
class World:
    audiences: FakeAudiences = field(default_factory=FakeAudiences)
    stays: FakeStays = field(default_factory=FakeStays)
    cities: Cities = field(default_factory=Cities)
    jobs: list[LiveJob] = field(default_factory=list)

    def deps(self, death: Death | None = None) -> LiveDeps:
        port = death.port if death else lambda inner: inner
        return LiveDeps(
            audiences=self.audiences.all,
            stays=port(self.stays),
            subjects=port(self.cities),
            enqueue=self.jobs.extend,
            zone=SEOUL,
        )

    def definitions(self) -> LiveDefinitions:
        return LiveDefinitions(self.audiences.all)

    def look(self, *, now: datetime = NOON, death: Death | None = None) -> dict[str, int]:
        deps = self.deps(death)
        return dict(service.look_at_all([_HANA], known=self.definitions(), deps=deps, now=now))

    def within(self) -> set[str]:
        return {name for name, stay in self.stays.get(_HANA).stays.items() if stay.left is None}


@pytest.fixture
def world() -> World:
    made = World()
    made.audiences.add(an_audience("seoul"))
    made.cities.by_person[_HANA] = "Seoul"
    return made


def test_entering_and_leaving_are_kept_with_their_moments(world: World) -> None:
    later = NOON + timedelta(hours=1)

    entered = world.look()
    world.cities.by_person[_HANA] = "Busan"
    left = world.look(now=later)

    stay = world.stays.get(_HANA).stays[AudienceId("seoul")]
    assert (entered, left) == ({"entered": 1}, {"left": 1})
    assert (stay.since, stay.left) == (NOON, later)


def test_a_job_that_comes_twice_changes_nothing(world: World) -> None:
    world.look()
    row = world.stays.get(_HANA)

    again = world.look(now=NOON + timedelta(hours=1))

    assert again == {}
    assert world.stays.get(_HANA) == row


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("at", range(1, 6))
def test_a_worker_that_dies_is_made_good_by_the_next(world: World, at: int, *, after: bool) -> None:
    with pytest.raises(Killed):
        world.look(death=Death(at=at, after=after))

    world.look()

    assert world.within() == {"seoul"}
    assert world.stays.get(_HANA).version == 1


def test_a_worker_with_an_older_read_does_not_win(world: World) -> None:
    def move_and_look() -> None:
        world.cities.by_person[_HANA] = "Busan"
        world.look()

    world.cities.after_read = [move_and_look]

    world.look()

    assert world.within() == set()


def test_a_worker_that_wrote_looks_again_after_one_that_had_nothing_to_write(world: World) -> None:
    world.look()
    world.cities.by_person[_HANA] = "Busan"

    def back_and_look() -> None:
        world.cities.by_person[_HANA] = "Seoul"
        assert world.look() == {}

    world.cities.after_read = [back_and_look]

    world.look()

    assert world.within() == {"seoul"}


def test_a_person_who_is_erased_meanwhile_leaves_no_row(world: World) -> None:
    world.cities.after_read = [world.cities.by_person.clear]

    world.look()

    assert _HANA not in world.stays.rows


def test_a_person_who_never_rests_is_looked_at_later(world: World) -> None:
    cities = ["Busan", "Seoul"] * service.MOST_LOOKS
    world.cities.after_read = [
        lambda city=city: world.cities.by_person.update({_HANA: city})  # type: ignore[misc]
        for city in cities
    ]

    with pytest.raises(Unavailable):
        world.look()


def test_what_is_live_no_more_is_dropped(world: World) -> None:
    world.look()
    world.audiences.add(an_audience("seoul", live=False))

    assert world.look() == {}
    assert _HANA not in world.stays.rows


def test_one_that_asks_about_messages_is_not_answered(world: World) -> None:
    world.audiences.add(an_audience("clicked", definition={"none": [{"event": "$clicked"}]}))

    world.look()

    assert world.within() == {"seoul"}


def test_changes_are_passed_on_only_when_an_audience_is_live(world: World) -> None:
    people = [ContactId(f"c{number}") for number in range(150)]

    noticed = service.notice(
        [*people, *people], known=world.definitions(), deps=world.deps(), now=NOON
    )
    world.audiences.add(an_audience("seoul", live=False))
    unnoticed = service.notice(people, known=world.definitions(), deps=world.deps(), now=NOON)

    assert (noticed, unnoticed) == (150, 0)
    assert [len(people_of(job)) for job in world.jobs] == [100, 50]


def test_definitions_are_remembered_for_fifteen_seconds(world: World) -> None:
    known = world.definitions()
    assert known.any(now=NOON)
    world.audiences.add(an_audience("seoul", live=False))

    assert known.any(now=NOON + timedelta(seconds=14))
    assert not known.any(now=NOON + timedelta(seconds=15))
