"""Tests of a campaign: to a few, through the one door, in nobody's figures."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import pytest

from functions.campaigns.ports import CampaignDeps, Slice
from functions.campaigns.trial import Trial, TrialPorts, send_test
from functions.contracts.errors import InvalidInput, NotFound
from functions.domain.campaign import Campaign
from functions.domain.ids import CampaignId
from functions.domain.planning import Person
from functions.domain.policy import Policy
from functions.domain.reason import RefusalReason
from tests.builders import NOON, a_contact
from tests.fakes.safety import FakeBindings
from tests.fakes.stores import FakeContacts
from tests.unit.campaigns.safe_world import CAMPAIGN, World


@dataclass
class Seeded:
    """Two people who agreed to advertisements, one who did not, and a campaign."""

    world: World = field(default_factory=World)
    contacts: FakeContacts = field(default_factory=FakeContacts)

    def __post_init__(self) -> None:
        self.ports = TrialPorts(bind=FakeBindings(), histories=self.contacts)

    def deps(self) -> CampaignDeps:
        return replace(self.world.deps(), slice_of=self._found)

    def _found(self, campaign: Campaign, cursor: str | None) -> Slice:
        (key,) = campaign.recipients.direct_keys
        given = self.world.people.load_direct(key)
        people = {"id:s1": a_contact(1), "id:s2": a_contact(2), "id:no": a_contact(3, consents={})}
        return Slice(people=tuple(_persons(people[each] for each in given)), next_cursor=None)

    def send(self, *to: str, request_id: str = "test_1") -> Trial:
        return send_test(
            CAMPAIGN,
            to,
            request_id=request_id,
            ports=self.ports,
            deps=self.deps(),
            now=NOON,
        )


def _persons(contacts: Iterable[object]) -> Iterable[Person]:
    return (Person.known(contact) for contact in contacts)  # type: ignore[arg-type]


def test_a_test_leaves_and_counts_in_no_report() -> None:
    seeded = Seeded()

    tested = seeded.send("s1", "s2")

    (batch,) = tested.batches
    assert (batch.meta.source.kind, batch.meta.source.source_id) == ("test", CAMPAIGN)
    assert [each.contact_id for each in batch.recipients] == ["c1", "c2"]
    assert len(seeded.world.queue) == 1
    assert seeded.world.report().recipients == 0
    assert [each for each, _ in seeded.contacts.history] == ["c1", "c2"]
    assert seeded.world.campaign().safety.tested == 1


def test_nobody_gets_an_advertisement_as_a_test_who_did_not_agree_to_any() -> None:
    seeded = Seeded()

    tested = seeded.send("no")

    assert [each.reason for each in tested.refusals] == [RefusalReason.NO_CONSENT]
    assert (tested.batches, list(seeded.world.queue)) == ((), [])
    assert seeded.world.campaign().safety.tested == 0


def test_the_same_request_sends_once() -> None:
    seeded = Seeded()

    first, again = seeded.send("s1"), seeded.send("s1")
    other = seeded.send("s1", request_id="test_2")

    assert [each.meta.number for each in again.batches] == [
        each.meta.number for each in first.batches
    ]
    assert other.batches[0].meta.number != first.batches[0].meta.number


def test_the_policys_seeds_stand_in_where_nobody_is_given() -> None:
    seeded = Seeded()
    seeded.world.policy = Policy(seeds=("s2",))

    tested = seeded.send()

    assert [each.contact_id for each in tested.batches[0].recipients] == ["c2"]


def test_whom_to_must_be_said() -> None:
    with pytest.raises(InvalidInput) as nobody:
        Seeded().send()
    with pytest.raises(InvalidInput) as unreadable:
        Seeded().send("s1", "02-123-4567")

    assert nobody.value.errors[0].code == "missing"
    assert unreadable.value.errors[0].pointer == "/to/1"


def test_the_list_of_numbers_is_not_kept() -> None:
    seeded = Seeded()
    deleted: list[str] = []

    class Forgetting(type(seeded.world.people)):  # type: ignore[misc]  # the fake's own class
        def delete(self, key: str) -> None:
            deleted.append(key)

    people = Forgetting(direct=seeded.world.people.direct)
    send_test(
        CAMPAIGN,
        ("s1",),
        request_id="test_1",
        ports=seeded.ports,
        deps=replace(seeded.deps(), people=people),
        now=NOON,
    )

    assert deleted == list(people.direct)


def test_there_is_no_test_of_nothing() -> None:
    with pytest.raises(NotFound):
        send_test(
            CampaignId("cmp_none"),
            ("s1",),
            request_id="r",
            ports=Seeded().ports,
            deps=Seeded().deps(),
            now=NOON,
        )
