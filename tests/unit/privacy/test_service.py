from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from functions.contracts.errors import NotFound
from functions.contracts.queues import EraseJob
from functions.domain.contact import Contact
from functions.domain.erasure import Erasure, ErasureStatus, Traces
from functions.domain.ids import ContactId
from functions.domain.writing import Profile
from functions.privacy.service import PrivacyDeps, find, request, sweep
from tests.builders import NOON, a_contact, a_phone

C1 = ContactId("c1")
QUARTER = timedelta(minutes=15)


class Died(BaseException):
    """The worker dies here."""


@dataclass
class FakeErasures:
    erasures: dict[str, Erasure] = field(default_factory=dict)

    def add(self, erasure: Erasure) -> None:
        self.erasures[erasure.erasure_id] = erasure

    def get(self, erasure_id: str) -> Erasure | None:
        return self.erasures.get(erasure_id)

    def note_sweep(self, erasure: Erasure) -> None:
        kept = erasure.traces if erasure.status is not ErasureStatus.DONE else None
        self.erasures[erasure.erasure_id] = Erasure(
            erasure_id=erasure.erasure_id,
            subject=erasure.subject,
            requested=erasure.requested,
            actor=erasure.actor,
            status=erasure.status,
            completed=erasure.completed,
            erased=erasure.erased,
            traces=kept,
        )


@dataclass
class FakeContacts:
    contacts: dict[ContactId, Contact]
    dies: bool = False

    def get(self, contact_id: ContactId) -> Profile | None:
        contact = self.contacts.get(contact_id)
        if contact is None:
            return None
        return Profile(contact=contact, version=1, consent_seq=0, consent_head="")

    def erase_profile(self, profile: Profile) -> None:
        if self.dies:
            raise Died
        del self.contacts[profile.contact.contact_id]


@dataclass
class World:
    erasures: FakeErasures = field(default_factory=FakeErasures)
    contacts: FakeContacts = field(default_factory=lambda: FakeContacts({C1: a_contact(1)}))
    jobs: list[tuple[str, datetime | None]] = field(default_factory=list)
    left: list[str] = field(default_factory=lambda: ["a message", "a file"])
    sweeps: dict[str, Callable[[Traces], int]] = field(default_factory=dict)

    @property
    def deps(self) -> PrivacyDeps:
        return PrivacyDeps(
            erasures=self.erasures,
            contacts=self.contacts,
            sweeps=self.sweeps or {"things": self.erase},
            later=lambda job, at, _: self.jobs.append((job.erasure_id, at)),
            subject_of=lambda contact_id: f"hash of {contact_id}",
        )

    def erase(self, traces: Traces) -> int:
        assert traces == Traces(contact_id=C1, phone=a_phone(1))
        erased = len(self.left)
        self.left.clear()
        return erased

    def request(self) -> Erasure:
        return request(C1, erasure_id="era_1", actor="key_1", deps=self.deps, now=NOON)

    def sweep(self, now: datetime) -> Erasure:
        return sweep(EraseJob(erasure_id="era_1"), deps=self.deps, now=now)


def test_the_profile_goes_at_once_and_a_worker_is_called() -> None:
    world = World()

    erasure = world.request()

    assert world.contacts.contacts == {}
    assert world.jobs == [("era_1", None)]
    assert (erasure.status, erasure.subject) == (ErasureStatus.REQUESTED, "hash of c1")


def test_nobody_cannot_be_forgotten() -> None:
    world = World(contacts=FakeContacts({}))

    with pytest.raises(NotFound):
        world.request()

    assert world.erasures.erasures == {}


def test_a_request_that_died_is_made_good_by_the_next() -> None:
    world = World()
    world.contacts.dies = True
    with pytest.raises(Died):
        world.request()
    world.contacts.dies = False

    world.request()

    assert world.contacts.contacts == {}
    assert world.jobs == [("era_1", None)]


def test_everything_is_swept_twice_a_quarter_of_an_hour_apart() -> None:
    world = World()
    world.request()

    first = world.sweep(NOON + timedelta(seconds=1))
    world.left.append("a message that was being written")
    last = world.sweep(NOON + QUARTER)

    assert first.status is ErasureStatus.SWEPT_ONCE
    assert world.jobs[1:] == [("era_1", NOON + QUARTER)]
    assert (last.status, last.completed) == (ErasureStatus.DONE, NOON + QUARTER)
    assert last.erased == {"things": 3}
    assert world.left == []


def test_a_certificate_names_nobody() -> None:
    world = World()
    world.request()

    world.sweep(NOON + QUARTER)

    assert find("era_1", deps=world.deps).traces is None


def test_an_early_repetition_does_not_end_it() -> None:
    world = World()
    world.request()
    world.sweep(NOON)

    assert world.sweep(NOON + QUARTER - timedelta(seconds=1)).status is ErasureStatus.SWEPT_ONCE


def test_what_is_done_is_not_done_again() -> None:
    world = World()
    world.request()
    done = world.sweep(NOON + QUARTER)
    world.left.append("somebody else's")

    again = world.sweep(NOON + QUARTER)

    assert again.erased == done.erased
    assert world.left == ["somebody else's"]


def test_a_worker_that_dies_midway_is_followed_by_one_that_does_it_all() -> None:
    world, calls = World(), []

    def dying(_: Traces) -> int:
        calls.append(1)
        if len(calls) == 1:
            raise Died
        return 0

    world.sweeps = {"things": world.erase, "dying": dying}
    world.request()
    with pytest.raises(Died):
        world.sweep(NOON + QUARTER)

    done = world.sweep(NOON + QUARTER)

    assert done.status is ErasureStatus.DONE
    assert world.left == []
