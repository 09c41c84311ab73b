"""What was seen of experiments: written once, on the fake and on the real store."""

from dataclasses import replace
from datetime import time, timedelta

import pytest

from functions.contracts.experiment_document import registration_of
from functions.contracts.experiment_record import Draw
from functions.domain.campaign import CampaignStatus
from functions.domain.experiment import (
    Criteria,
    Decision,
    Experiment,
    Inconclusive,
    Metric,
    Mode,
    Rule,
    Variant,
)
from functions.domain.experiment_look import Count, Look
from functions.domain.ids import CampaignId, KeyId, SenderId, TemplateId
from functions.storage.campaigns import CampaignStore
from functions.storage.experiments import ExperimentStore
from tests.builders import NOON, a_campaign, a_part
from tests.fakes.campaigns import FakeCampaigns
from tests.fakes.experiments import FakeExperiments

CMP_1 = CampaignId("cmp_1")
Experiments = ExperimentStore | FakeExperiments
Campaigns = CampaignStore | FakeCampaigns
EXPERIMENT = Experiment(
    variants=(
        Variant(name="a"),
        Variant(
            name="b",
            weight=3,
            template_id=TemplateId("tpl_2"),
            template_version=2,
            sender_id=SenderId("snd_2"),
            at_local=time(18),
            after=timedelta(hours=1),
        ),
    ),
    mode=Mode.FIXED,
    pilot=20,
    criteria=Criteria(
        metric=Metric.DELIVERED, guard=None, significance=0.01, inconclusive=Inconclusive.ASK
    ),
)


@pytest.fixture(params=[FakeExperiments, ExperimentStore], ids=["fake", "real"])
def experiments(request: pytest.FixtureRequest) -> Experiments:
    made: Experiments = request.param()
    return made


@pytest.fixture(params=[FakeCampaigns, CampaignStore], ids=["fake", "real"])
def campaigns(request: pytest.FixtureRequest) -> Campaigns:
    made: Campaigns = request.param()
    return made


def a_look(number: int, **values: object) -> Look:
    parts = {"000000": {"a": Count(10, 1, 0), "b": Count(11, 2, 1)}}
    return replace(Look(number=number, at=NOON, chain=5, parts=parts), **values)  # type: ignore[arg-type]


def test_looks_are_written_once_and_read_in_order(experiments: Experiments) -> None:
    looks = [a_look(number) for number in range(12)]
    for each in reversed(looks):
        assert experiments.add_look(CMP_1, each)
    experiments.add_look(CampaignId("cmp_2"), a_look(0))

    assert not experiments.add_look(CMP_1, a_look(3, chain=6))

    assert experiments.looks(CMP_1) == tuple(looks)


def test_draws_are_written_once(experiments: Experiments) -> None:
    draw = Draw(part="000003", at=NOON, counts={"a": Count(5, 1, 0)}, people={"a": 20})

    assert experiments.draw(CMP_1, "000003") is None
    assert experiments.add_draw(CMP_1, draw)
    assert not experiments.add_draw(CMP_1, replace(draw, people={"a": 3}))

    assert experiments.draw(CMP_1, "000003") == draw
    assert experiments.draws(CMP_1) == (draw,)


def test_experiment_is_read_as_it_was_written_and_changed(campaigns: Campaigns) -> None:
    drafted = a_campaign(experiment=EXPERIMENT)
    campaigns.create(drafted)
    assert campaigns.get(CMP_1) == drafted

    decision = Decision(
        at=NOON,
        look=4,
        rule=Rule.DEADLINE,
        winner=None,
        chosen="b",
        record="0" * 64,
        chosen_by=KeyId("key_1"),
        chosen_at=NOON + timedelta(minutes=1),
    )
    registration = registration_of(drafted, at=NOON)
    over = replace(EXPERIMENT, registration=registration, decision=decision)
    launched = replace(drafted, status=CampaignStatus.LAUNCHED, experiment=over)
    assert campaigns.change(drafted, launched)

    assert campaigns.get(CMP_1) == replace(launched, version=1)


def test_both_parts_of_a_slice_are_written_or_none(campaigns: Campaigns) -> None:
    part = a_part(0, next_cursor="after-1", first=0)
    rest = a_part(1, next_cursor="after-1", rest=True)

    assert campaigns.add_both(part, rest)
    assert not campaigns.add_both(replace(part, size=9), replace(rest, size=9))
    assert not campaigns.add_both(a_part(1), a_part(2))

    assert campaigns.parts(CMP_1) == (part, rest)
