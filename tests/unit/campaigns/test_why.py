from dataclasses import replace
from datetime import timedelta

import pytest

from functions.campaigns.service import people_of
from functions.campaigns.views import why_view
from functions.campaigns.why import why
from functions.contracts.errors import NotFound
from functions.domain.evidence import Evidence
from functions.domain.fatigue import Recent
from functions.domain.ids import ContactId
from functions.domain.message import MessageStatus
from functions.domain.reason import HoldReason, RefusalReason
from tests.builders import NIGHT, NOON, SMS_ADS, a_case, a_consent, a_contact
from tests.unit.campaigns.test_service import PLAN, RESOLVE, World, a_world, some_people


def planned_world(*, now=NOON) -> World:
    unwilling = a_contact(500, consents={SMS_ADS: a_consent(granted=False)})
    world = a_world((*some_people(1, 3), *people_of([(unwilling, Recent())])))
    world.handle(RESOLVE)
    world.handle(PLAN, now=now)
    return world


def asked(world: World, contact_id: str) -> dict:
    (campaign,) = world.campaigns.campaigns.values()
    found = why(campaign, ContactId(contact_id), deps=world.deps())
    return why_view(campaign, ContactId(contact_id), found)


def test_whoever_was_refused_is_explained() -> None:
    told = asked(planned_world(), "c500")

    assert (told["status"], told["reason"], told["message_id"]) == (
        MessageStatus.REFUSED,
        RefusalReason.NO_CONSENT,
        None,
    )
    assert told["planned"]["decision"] == "refuse"
    consent = next(rule for rule in told["planned"]["rules"] if rule["rule"] == "consent")
    assert consent["saw"]["consent"]["granted"] is False
    assert told["dispatched"] == []


def test_whoever_is_held_is_explained() -> None:
    told = asked(planned_world(now=NIGHT), "c2")

    assert (told["status"], told["reason"]) == (MessageStatus.HELD, HoldReason.NIGHT)
    assert told["message_id"] == "m-1-01"
    assert told["planned"]["reason"] == "night"


def test_whoever_was_sent_to_is_explained_by_what_dispatch_saw() -> None:
    world = planned_world()
    (number,) = world.batches.batches
    later = NOON + timedelta(minutes=1)
    world.batches.save_evidence(number, Evidence(at=later, cases={0: a_case()}))

    told = asked(world, "c1")

    assert told["planned"] is None
    assert [look["at"] for look in told["dispatched"]] == [later.isoformat()]
    assert told["dispatched"][0]["decision"] == "send"
    assert asked(world, "c2")["dispatched"] == []


def test_whoever_waits_to_be_planned_is_pending() -> None:
    world = a_world(some_people(1, 3))
    world.handle(RESOLVE)

    told = asked(world, "c2")

    assert (told["status"], told["planned"], told["message_id"]) == ("pending", None, None)


@pytest.mark.parametrize("planned", [True, False])
def test_whoever_was_not_addressed_is_told_so(planned: bool) -> None:
    world = a_world(some_people(1, 3))
    world.handle(RESOLVE)
    if planned:
        world.handle(PLAN)

    with pytest.raises(NotFound) as refusal:
        asked(world, "c9")

    assert refusal.value.code == "not_addressed"


def test_parts_that_cannot_have_the_person_are_not_read() -> None:
    world = planned_world()
    (part,) = world.campaigns.parts_by_name.values()
    for number in range(1, 40):
        name = f"{number:06d}"
        other = replace(part, part=name, batches=(), outcomes_key="not there", members=part.members)
        others = replace(other, members=type(part.members).of([f"d{number}"]))
        world.campaigns.parts_by_name[part.campaign_id, name] = others

    assert asked(world, "c500")["status"] == MessageStatus.REFUSED
