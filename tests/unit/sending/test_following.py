"""A request that is followed: known as a campaign before anything of it leaves, whatever dies."""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import pytest

from functions.contracts.campaign_jobs import FollowJob
from functions.contracts.errors import InvalidInput
from functions.domain.campaign import CampaignStatus
from functions.domain.follow_up import Condition
from functions.domain.ids import CampaignId, TemplateId
from functions.sending.following import FollowPorts, follow
from functions.sending.ports import Addressee, SendRequest
from tests.builders import NOON, a_contact
from tests.fakes.dying import Death, Killed
from tests.fakes.stores import FakeContacts
from tests.unit.campaigns.following_world import HOUR, a_step
from tests.unit.sending.test_service import World, a_request

REQUEST = CampaignId("req_1")
STEPS = (a_step(Condition.CLICKED), a_step(Condition.NOT_CLICKED, HOUR))


def followed(people: int = 3, **values: Any) -> tuple[World, SendRequest]:
    contacts = [a_contact(number + 1) for number in range(people)]
    world = World(contacts=FakeContacts.of(*contacts))
    addressees = [
        Addressee(contact_id=each.contact_id, phone=None, variables={}) for each in contacts
    ]
    return world, a_request(*addressees, **{"follow_ups": STEPS, "fingerprint": "f"} | values)


def test_request_is_kept_as_a_campaign_of_one_planned_part() -> None:
    world, request = followed(variables={"shop": "알림"})

    (batch,) = world.accept(request)

    campaign = world.campaigns.campaigns[REQUEST]
    assert (campaign.status, campaign.follow_ups) == (CampaignStatus.LAUNCHED, STEPS)
    (part,) = world.campaigns.parts(REQUEST)
    assert (part.part, part.planned, part.size) == ("000000", True, 3)
    assert (part.batches, part.batch_sizes) == ((batch.meta.number,), (3,))
    assert batch.meta.triggers == "c"
    assert world.looks == [(FollowJob(campaign_id="req_1", part="000000", step="n"), NOON + HOUR)]
    below = world.campaigns.campaigns[CampaignId("req_1-y")]
    assert (below.parent, below.variables) == (REQUEST, {"shop": "알림"})


def test_looks_of_a_request_for_later_count_from_then() -> None:
    later = NOON + timedelta(days=2)
    world, request = followed(send_at=later)

    world.accept(request)

    assert [at for _, at in world.looks] == [later + HOUR]


def test_request_without_follow_ups_is_no_campaign() -> None:
    world, request = followed(follow_ups=())

    (batch,) = world.accept(request)

    assert world.campaigns.campaigns == {}
    assert world.looks == []
    assert batch.meta.triggers == ""


def test_bad_step_is_named_and_nothing_is_sent() -> None:
    bad = a_step(
        Condition.CLICKED,
        link=0,
        follow_ups=(a_step(Condition.NOT_CLICKED, HOUR, template_id=TemplateId("tpl_9")),),
    )
    world, request = followed(follow_ups=(bad,))

    with pytest.raises(InvalidInput) as refused:
        world.accept(request)

    assert [(each.pointer, each.code) for each in refused.value.errors] == [
        ("/follow_ups/0/link", "not_tracked"),
        ("/follow_ups/0/follow_ups/0/template_id", "not_found"),
    ]
    assert world.started == []


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("dies_at", range(1, 8))
def test_request_that_died_while_it_was_kept_is_followed_when_it_is_repeated(
    dies_at: int, *, after: bool
) -> None:
    world, request = followed()
    death = Death(dies_at, after=after)

    def dying(request: SendRequest, batches: Any, now: datetime) -> None:
        ports = FollowPorts(
            campaigns=death.port(world.campaigns),
            look_at=death.function(lambda *look: world.looks.append(look[:2])),
        )
        follow(request, batches, ports=ports, now=now)

    def started(meta: Any, _: datetime) -> None:
        # Nothing may leave before it is known what follows.
        assert world.campaigns.parts(REQUEST)
        assert world.looks
        world.started.append(meta.number)

    with suppress(Killed):
        world.accept(request, follow=dying, start=started)
    world.accept(request, start=started)

    assert set(world.campaigns.campaigns) == {REQUEST, "req_1-y", "req_1-n"}
    assert len(world.campaigns.parts(REQUEST)) == 1
    assert len(set(world.started)) == 1
