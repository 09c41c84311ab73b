from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from hypothesis import given, strategies as st

from functions.campaigns.report import Report, report
from functions.domain.campaign import Campaign, CampaignStatus, Part
from functions.domain.clicks import BatchClicks, Hit, Visitor
from functions.domain.ids import BatchNumber
from functions.domain.message import MAX_ROUNDS, BatchState, Receipt, Send
from functions.domain.pricing import Money
from functions.domain.reason import FailureReason, HoldReason, RefusalReason
from functions.domain.standing import Standing
from tests.builders import NOON, a_campaign, a_part

LAUNCHED = a_campaign(status=CampaignStatus.LAUNCHED, launched=NOON)
DELIVERED = Receipt(delivered=True, reason=None, at=NOON)
SWITCHED_OFF = Receipt(delivered=False, reason=FailureReason.DEVICE, at=NOON)
ROUNDS = tuple(range(1_700_000_000, 1_700_000_000 + MAX_ROUNDS))
SENT = Send.sent(round_=0)


def a_standing(number: int, sends: Sequence[int], **values: object) -> Standing:
    state = replace(BatchState.fresh(sends, now=NOON), rounds=ROUNDS)
    facts: dict[str, object] = {
        "number": BatchNumber(number),
        "state": state,
        "clicks": BatchClicks.none(len(sends)),
        "unit_price": Money(minor=18),
    }
    return Standing(**(facts | values))  # type: ignore[arg-type]


def with_receipts(standing: Standing, receipts: Mapping[int, Receipt]) -> Standing:
    return replace(standing, state=standing.state.with_receipts(receipts.items()))


def a_planned_part(
    *standings: Standing, refused: Mapping[RefusalReason, int] | None = None
) -> Part:
    sizes = tuple(len(each.state) for each in standings)
    return a_part(
        size=sum(sizes) + sum((refused or {}).values()),
        planned=True,
        refused=refused or {},
        batches=tuple(each.number for each in standings),
        batch_sizes=sizes,
    )


def counted(parts: Sequence[Part], *standings: Standing, campaign: Campaign = LAUNCHED) -> Report:
    by_number = {each.number: each for each in standings}

    def of(numbers: Sequence[BatchNumber]) -> Iterable[Standing]:
        return [by_number[number] for number in numbers]

    return report(campaign, parts, of)


def test_draft_has_nobody_yet() -> None:
    found = counted([], campaign=a_campaign())

    assert (found.status, found.resolved, found.recipients) == ("draft", False, 0)


def test_campaign_just_launched_is_running() -> None:
    assert counted([]).status == "running"


def test_people_of_a_part_not_planned_are_pending() -> None:
    found = counted([a_part(size=3)])

    assert (found.recipients, found.pending, found.status) == (3, 3, "running")
    assert found.resolved


def test_campaign_with_slices_still_to_come_is_not_resolved() -> None:
    standing = a_standing(1, [SENT])
    part = replace(a_planned_part(standing), next_cursor="after-1")

    found = counted([part], standing)

    assert (found.resolved, found.status, found.pending) == (False, "running", 0)


def test_everyone_is_counted_by_what_became_of_them() -> None:
    first = a_standing(1, [SENT, SENT, SENT, Send.PENDING, Send.SENDING])
    first = with_receipts(first, {1: DELIVERED, 2: SWITCHED_OFF})
    second = a_standing(
        2,
        [
            Send.held(HoldReason.NIGHT),
            Send.UNKNOWN,
            Send.CANCELLED,
            Send.refused(RefusalReason.NO_CONSENT),
            Send.failed(FailureReason.BALANCE),
        ],
    )
    part = a_planned_part(first, second, refused={RefusalReason.NO_CONSENT: 4})

    found = counted([part, a_part(1, size=7)], first, second)

    assert found.recipients == 21
    assert (found.sent, found.delivered) == (2, 1)
    assert found.failed == {"device": 1, "balance": 1}
    assert found.refused == {"no_consent": 5}
    assert (found.held, found.unknown, found.cancelled) == (1, 1, 1)
    assert found.pending == 2 + 7
    assert found.accounted == 21
    assert found.batches == 2


@pytest.mark.parametrize(
    ("send", "status"),
    [
        (Send.PENDING, "running"),
        (Send.SENDING, "running"),
        (Send.UNKNOWN, "running"),
        (Send.held(HoldReason.NIGHT), "running"),
        (SENT, "finished"),
        (Send.CANCELLED, "finished"),
        (Send.GIVEN_UP, "finished"),
        (Send.refused(RefusalReason.SUPPRESSED), "finished"),
        (Send.failed(FailureReason.EXPIRED), "finished"),
    ],
)
def test_campaign_is_finished_when_nobody_waits(send: int, status: str) -> None:
    standing = a_standing(1, [SENT, send])

    assert counted([a_planned_part(standing)], standing).status == status


def test_campaign_of_nobody_is_finished() -> None:
    part = a_part(size=0, planned=True)

    assert counted([part]).status == "finished"


def test_unplanned_part_keeps_a_campaign_running() -> None:
    standing = a_standing(1, [SENT])

    found = counted([a_planned_part(standing), a_part(1, size=1)], standing)

    assert found.status == "running"


def test_costs_what_was_sent_and_not_what_failed() -> None:
    short = with_receipts(a_standing(1, [SENT, SENT, SENT]), {0: DELIVERED, 1: SWITCHED_OFF})
    long = a_standing(2, [SENT, Send.failed(FailureReason.CONTENT)], unit_price=Money(minor=45))
    held = a_standing(3, [Send.held(HoldReason.NIGHT)], unit_price=Money(minor=110))

    found = counted([a_planned_part(short, long, held)], short, long, held)

    assert found.cost == Money(minor=2 * 18 + 45, currency="KRW")


def test_counts_messages_opened_by_people_and_by_machines() -> None:
    hits = [
        Hit(ordinal=0, link=0, visitor=Visitor.HUMAN, elapsed_s=60),
        Hit(ordinal=0, link=0, visitor=Visitor.HUMAN, elapsed_s=90),
        Hit(ordinal=0, link=0, visitor=Visitor.MACHINE, elapsed_s=1),
        Hit(ordinal=1, link=0, visitor=Visitor.MACHINE, elapsed_s=2),
    ]
    standing = a_standing(1, [SENT, SENT], clicks=BatchClicks.none(2).with_hits(hits))

    found = counted([a_planned_part(standing)], standing)

    assert (found.human_clicks, found.machine_clicks) == (1, 2)


@dataclass(frozen=True)
class Scene:
    parts: tuple[Part, ...]
    standings: tuple[Standing, ...]


SENDS = st.sampled_from(
    [
        Send.PENDING,
        Send.SENDING,
        Send.UNKNOWN,
        Send.CANCELLED,
        *(Send.sent(round_=round_) for round_ in range(MAX_ROUNDS)),
        *(Send.held(reason) for reason in HoldReason),
        *(Send.refused(reason) for reason in RefusalReason),
        *(Send.failed(reason) for reason in FailureReason),
    ]
)
RECEIPTS = st.builds(
    Receipt,
    delivered=st.booleans(),
    reason=st.sampled_from([None, *FailureReason]),
    at=st.timedeltas(timedelta(days=-1), timedelta(days=40)).map(lambda late: NOON + late),
)


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    """Any campaign: parts planned or not, batches in any state, reports of any kind."""
    parts: list[Part] = []
    standings: list[Standing] = []
    for place in range(draw(st.integers(0, 3))):
        if draw(st.booleans()):
            parts.append(a_part(place, size=draw(st.integers(0, 2000))))
            continue
        own = [
            a_standing(10 * place + n, draw(st.lists(SENDS, min_size=1, max_size=6)))
            for n in range(draw(st.integers(0, 3)))
        ]
        own = [
            with_receipts(each, draw(st.dictionaries(st.integers(0, 7), RECEIPTS, max_size=4)))
            for each in own
        ]
        reasons = st.dictionaries(st.sampled_from(RefusalReason), st.integers(1, 50), max_size=3)
        parts.append(replace(a_planned_part(*own, refused=draw(reasons)), part=f"{place:06d}"))
        standings += own
    return Scene(parts=tuple(parts), standings=tuple(standings))


@given(scenes())
def test_everyone_is_counted_exactly_once_whatever_happened(scene: Scene) -> None:
    found = counted(scene.parts, *scene.standings)

    assert found.recipients == sum(part.size for part in scene.parts)
    assert found.recipients == (
        found.sent
        + found.held
        + sum(found.refused.values())
        + sum(found.failed.values())
        + found.unknown
        + found.pending
        + found.cancelled
    )
    assert found.delivered <= found.sent


@given(scenes())
def test_finished_means_that_nobody_waits(scene: Scene) -> None:
    found = counted(scene.parts, *scene.standings)

    waiting = found.pending + found.held + found.unknown
    assert found.status == ("finished" if found.resolved and not waiting else "running")
