"""The daily run and the work on the list; also when it dies at any step."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings as budget, strategies as st

from functions.contracts.asked import from_text
from functions.contracts.queues import MessagesRequested, NoticesDue
from functions.domain.batch import Binding
from functions.domain.consent import ConsentAction, ConsentKey
from functions.domain.contact import Contact
from functions.domain.ids import BatchNumber, ContactId, SenderId, TemplateId
from functions.domain.message import BatchState, Send
from functions.domain.notice import Notice, NoticeKind, NoticeState
from functions.domain.notice_settings import NoticeRoute, NoticeSettings
from functions.domain.reason import RefusalReason
from functions.domain.writing import ConsentChange
from functions.notices import service
from functions.notices.ports import NoticeDeps
from tests.builders import (
    NOON,
    SEOUL,
    SMS_ADS,
    SMS_NIGHT_ADS,
    a_batch,
    a_contact,
    a_recipient,
    a_sender,
    a_template,
)
from tests.fakes.notices import FakeNotices, LedgerWithNotices
from tests.fakes.people import FakeProfiles
from tests.fakes.stores import FakeBatches, FakeRequests, FakeSenders, FakeTemplates

TEN = datetime(2026, 11, 21, 10, 5, tzinfo=SEOUL)
ROUTE = NoticeRoute(
    template_id=TemplateId("tpl_1"), template_version=1, sender_id=SenderId("snd_1")
)
BOTH = NoticeSettings(routes={NoticeKind.RESULT: ROUTE, NoticeKind.CONFIRM: ROUTE})
DUE, SENT, UNDELIVERABLE = NoticeState.DUE, NoticeState.SENT, NoticeState.UNDELIVERABLE


class Died(Exception):
    pass


_READS = frozenset({"waiting_in", "count", "in_slot", "settings"})


class Mortal:
    """Stands before something and dies at the n-th write to it and its like."""

    def __init__(self, inner: object, world: "World") -> None:
        self._inner, self._world = inner, world

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._inner, name)
        return value if name in _READS else self._world.counted(value)


@dataclass
class World:
    """Everything around the notices. ``dies_at``: at which step from outside it dies."""

    profiles: FakeProfiles = field(default_factory=FakeProfiles)
    notices: FakeNotices = field(default_factory=lambda: FakeNotices(wanted=BOTH))
    batches: FakeBatches = field(default_factory=FakeBatches)
    requests: FakeRequests = field(default_factory=FakeRequests)
    jobs: list[tuple[NoticesDue, int]] = field(default_factory=list)
    asked: list[MessagesRequested] = field(default_factory=list)
    refuses: dict[str, RefusalReason] = field(default_factory=dict)
    faulty: bool = False
    dies_at: int | None = None
    steps: int = 0
    _names: Iterable[int] = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        self.ledger = LedgerWithNotices(profiles=self.profiles, notices=self.notices)

    def counted(self, call: Any) -> Any:
        def counting(*args: Any, **kwargs: Any) -> Any:
            if self.steps == self.dies_at:
                raise Died
            self.steps += 1
            return call(*args, **kwargs)

        return counting

    def deps(self) -> NoticeDeps:
        template = a_template(purpose="transactional")
        return NoticeDeps(
            notices=Mortal(self.notices, self),  # type: ignore[arg-type]
            contacts=self,
            consents=Mortal(self.ledger, self),  # type: ignore[arg-type]
            batches=self.batches,
            requests=self.requests,
            templates=FakeTemplates.of(template),
            senders=FakeSenders.of(a_sender()),
            enqueue=self.counted(lambda jobs, delay: self.jobs.extend((j, delay) for j in jobs)),
            ask=self.counted(self.asked.append),
            fresh=lambda prefix: f"{prefix}_{next(iter(self._names))}",
            zone=SEOUL,
        )

    def get_many(self, contact_ids: Iterable[ContactId]) -> Mapping[ContactId, Contact]:
        found = self.profiles.get_profiles(contact_ids)
        return {each: profile.contact for each, profile in found.items()}

    def person(self, number: int, **values: object) -> ContactId:
        contact = replace(a_contact(number, **values), consents={}, suppressions={})
        self.profiles.save(contact, replacing=None)
        return contact.contact_id

    def says(
        self,
        contact_id: ContactId,
        action: ConsentAction = ConsentAction.GRANT,
        *,
        at: datetime = NOON,
        key: ConsentKey = SMS_ADS,
    ) -> None:
        change = ConsentChange(
            key=key, action=action, at=at, source="api", actor="key_1", text_version=""
        )
        self.ledger.append(contact_id, [change], now=at)

    def run(self, now: datetime = TEN) -> service.Run | None:
        """The daily run, all that comes of it, and what the door makes of the requests."""
        run = service.run_daily(deps=self.deps(), now=now)
        self.work(now)
        return run

    def work(self, now: datetime) -> None:
        while self.jobs:
            self.jobs.sort(key=lambda each: each[1])
            job, delay = self.jobs[0]
            if delay:
                self.accept(now)
            service.work_off(job, deps=self.deps(), now=now)
            self.jobs.pop(0)

    def accept(self, now: datetime) -> None:
        """What the one door does: binds each request once, by its id."""
        for request in self.asked if not self.faulty else ():
            if self.requests.find(request.request_id) is None:
                people = from_text(request.to)
                number = self.batches.reserve(1)
                self.batches.create([self._batch(number, people, now)])
                self.requests.bound[request.request_id] = Binding(batches=(number,), fingerprint="")

    def _batch(self, number: BatchNumber, people: Any, now: datetime) -> Any:
        batch = a_batch(number, size=len(people), created=now)
        sends = [
            Send.refused(self.refuses[each.contact_id])
            if each.contact_id in self.refuses
            else Send.PENDING
            for each in people
        ]
        recipients = tuple(replace(a_recipient(1), contact_id=each.contact_id) for each in people)
        state = BatchState.fresh(sends, now=now)
        return replace(batch, recipients=recipients, state=state)

    def states(self, contact_id: ContactId) -> dict[str, NoticeState]:
        return {
            name: each.state
            for (owner, name), each in self.notices.rows.items()
            if owner == contact_id
        }

    def told(self) -> list[tuple[str, str]]:
        """Who was told what, as the door accepted it."""
        return [
            (request.request_id, str(each.contact_id))
            for request in {each.request_id: each for each in self.asked}.values()
            if self.requests.find(request.request_id) is not None
            for each in from_text(request.to)
        ]


@pytest.fixture
def world() -> World:
    return World()


def test_nothing_happens_at_other_hours(world: World) -> None:
    world.says(world.person(1))

    assert world.run(TEN.replace(hour=9, minute=59)) is None
    assert world.run(TEN.replace(hour=11, minute=0)) is None
    assert world.asked == []


def test_a_result_leaves_at_the_next_run_and_is_proven(world: World) -> None:
    c1 = world.person(1)
    world.says(c1)

    run = world.run()

    assert run == service.Run(overdue=0, parts=1)
    (request,) = world.asked
    (asked,) = from_text(request.to)
    assert (request.template_id, request.template_version) == ("tpl_1", 1)
    assert asked.variables["sender_name"] == a_sender().display_name
    assert asked.variables["result"] == "수신 동의 처리 완료"
    assert asked.variables["date"] == "2026년 11월 20일"
    (sent,) = [each for each in world.notices.of(c1) if each.kind is NoticeKind.RESULT]
    assert (sent.state, sent.message_id, sent.sent) == (SENT, "m-1-00", TEN)


def test_a_confirmation_leaves_thirty_days_before_its_day(world: World) -> None:
    c1 = world.person(1)
    world.says(c1)
    world.run()
    day = datetime(2028, 10, 21, 10, tzinfo=SEOUL)

    world.run(day - timedelta(days=1))
    assert len(world.asked) == 1
    world.run(day)

    assert len(world.asked) == 2
    assert world.states(c1) == {
        "result#00000001": SENT,
        "confirm#sms:advertising#2028-11-20": SENT,
        "confirm#sms:advertising": DUE,
    }
    assert world.notices.rows[c1, "confirm#sms:advertising"].due == date(2030, 11, 20)
    row = world.ledger.history(c1)[-1]
    assert (row.action, row.source, row.at) == (ConsentAction.CONFIRM, "notice:m-2-00", day)


def test_running_again_tells_nobody_twice(world: World) -> None:
    world.says(world.person(1))

    for hours in range(0, 72, 24):
        world.run(TEN + timedelta(hours=hours))

    assert len(world.told()) == 1


def test_without_settings_nothing_is_sent_and_what_is_late_is_counted(world: World) -> None:
    world.notices.wanted = NoticeSettings()
    c1 = world.person(1)
    world.says(c1)

    assert world.run(TEN + timedelta(days=13)) == service.Run(overdue=0, parts=0)
    assert world.run(TEN + timedelta(days=14)) == service.Run(overdue=1, parts=0)
    assert world.asked == []

    world.notices.wanted = BOTH
    world.run(TEN + timedelta(days=15))
    assert world.states(c1)["result#00000001"] is SENT


def test_who_has_no_number_is_undeliverable_and_overdue_until_there_is_one(world: World) -> None:
    c1 = world.person(1, phone=None)
    world.says(c1)

    world.run()
    notice = world.notices.rows[c1, "result#00000001"]
    assert (notice.state, notice.reason) == (UNDELIVERABLE, "no_address")
    run = world.run(TEN + timedelta(days=14))
    assert run is not None
    assert run.overdue == 1

    world.profiles._change(c1, phone=a_contact(1).phone)
    world.run(TEN + timedelta(days=15))
    assert world.states(c1)["result#00000001"] is SENT


def test_who_is_refused_by_the_door_is_undeliverable_and_not_asked_daily(world: World) -> None:
    c1 = world.person(1)
    world.refuses[c1] = RefusalReason.SUPPRESSED
    world.says(c1)

    world.run()
    world.run(TEN + timedelta(days=1))

    notice = world.notices.rows[c1, "result#00000001"]
    assert (notice.state, notice.reason, notice.request_id) == (UNDELIVERABLE, "suppressed", None)
    assert len(world.asked) == 1


def test_a_withdrawal_takes_the_confirmation_away(world: World) -> None:
    c1 = world.person(1)
    world.says(c1)
    world.says(c1, ConsentAction.WITHDRAW, at=NOON + timedelta(hours=1))

    world.run(datetime(2028, 11, 1, 10, tzinfo=SEOUL))

    assert "confirm#sms:advertising" not in world.states(c1)
    assert all("유지" not in request.to for request in world.asked)


def test_a_request_that_cannot_be_accepted_is_tried_daily_under_its_name(world: World) -> None:
    c1 = world.person(1)
    world.says(c1)
    world.faulty = True

    world.run()
    world.run(TEN + timedelta(days=1))
    assert [each.request_id for each in world.asked] == ["ntc_1", "ntc_1"]
    assert world.states(c1)["result#00000001"] is DUE
    run = world.run(TEN + timedelta(days=14))
    assert run is not None
    assert run.overdue == 1

    world.faulty = False
    world.run(TEN + timedelta(days=15))
    assert world.states(c1)["result#00000001"] is SENT
    assert len(world.told()) == 1


def test_one_request_never_has_a_person_twice(world: World) -> None:
    c1 = world.person(1)
    world.says(c1)
    world.says(c1, key=SMS_NIGHT_ADS)

    world.run()

    assert len(world.asked) == 2
    assert set(world.states(c1).values()) == {SENT, DUE}
    assert world.states(c1)["result#00000002"] is SENT


def test_more_people_than_a_request_takes(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "PAGE_SIZE", 7)
    people = [world.person(number) for number in range(1, 61)]
    for each in people:
        world.says(each)

    world.run()

    assert all(world.states(each)["result#00000001"] is SENT for each in people)
    assert sorted(contact for _, contact in world.told()) == sorted(people)


def test_whom_a_request_left_out_is_asked_for_anew(world: World) -> None:
    c1, c2 = world.person(1), world.person(2)
    world.says(c1)
    world.says(c2)
    world.run()
    left_out = world.notices.rows[c2, "result#00000001"]
    world.notices.put(replace(left_out, state=DUE, request_id="ntc_9", message_id=None, sent=None))
    world.requests.bound["ntc_9"] = world.requests.bound[world.asked[0].request_id]
    if world.asked[0].to.count("c2"):
        world.requests.bound["ntc_9"] = Binding(batches=(), fingerprint="")

    world.run(TEN + timedelta(days=1))
    world.run(TEN + timedelta(days=2))

    assert world.states(c2)["result#00000001"] is SENT


def test_a_contact_that_is_gone_is_undeliverable(world: World) -> None:
    c1 = world.person(1)
    world.says(c1)
    del world.profiles.profiles[c1]

    world.run()

    assert world.notices.rows[c1, "result#00000001"].reason == "unknown_contact"


def _scene() -> tuple[World, list[ContactId], datetime]:
    """Two results and two confirmations that are due on one day."""
    world = World()
    people = [world.person(number) for number in (1, 2, 3, 4)]
    at = datetime(2024, 12, 1, 12, tzinfo=SEOUL)
    for each in people[:2]:
        world.says(each, at=at)
    world.notices.rows = {
        key: each for key, each in world.notices.rows.items() if each.kind is NoticeKind.CONFIRM
    }
    for each in people[2:]:
        world.says(each)
    return world, people, TEN


def _steps_of_a_run() -> int:
    world, _, now = _scene()
    world.run(now)
    return world.steps


@pytest.mark.parametrize("step", range(_steps_of_a_run()))
def test_dying_at_any_step_loses_nothing_and_tells_nobody_twice(step: int) -> None:
    world, people, now = _scene()
    world.dies_at = step
    with pytest.raises(Died):
        world.run(now)
    world.dies_at = None

    world.work(now)  # SQS brings the job back
    world.accept(now)
    for days in (1, 2):
        world.run(now + timedelta(days=days))

    proofs = [each for each in world.notices.rows.values() if each.state is SENT]
    assert sorted((each.contact_id, str(each.kind)) for each in proofs) == [
        ("c1", "confirm"),
        ("c2", "confirm"),
        ("c3", "result"),
        ("c4", "result"),
    ]
    assert sorted(contact for _, contact in world.told()) == ["c1", "c2", "c3", "c4"]
    for each in people[:2]:
        confirms = [
            row for row in world.ledger.history(each) if row.action is ConsentAction.CONFIRM
        ]
        assert len(confirms) == 1
        ahead = world.notices.rows[each, "confirm#sms:advertising"]
        assert (ahead.due, ahead.state) == (date(2028, 12, 1), DUE)


@budget(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 900),
            st.sampled_from([ConsentAction.GRANT, ConsentAction.WITHDRAW]),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_whoever_may_be_advertised_to_has_a_confirmation_ahead(
    said: list[tuple[int, ConsentAction]],
) -> None:
    world = World()
    c1 = world.person(1)
    for days, action in sorted(said, key=lambda each: each[0]):
        world.says(c1, action, at=NOON + timedelta(days=days))

    consent = world.profiles.profiles[c1].contact.consents[SMS_ADS]
    ahead: list[Notice] = [each for each in world.notices.of(c1) if each.kind is NoticeKind.CONFIRM]
    assert [each.said for each in ahead] == ([consent.at] if consent.granted else [])
    results = [each for each in world.notices.of(c1) if each.kind is NoticeKind.RESULT]
    assert len(results) == len(said)


def test_a_page_goes_on_where_it_stopped(world: World) -> None:
    job = NoticesDue(state="due", day="2026-12-04", shard=0, cursor=json.dumps({"last": "z"}))

    assert service.work_off(job, deps=world.deps(), now=TEN) == service.Worked(
        sent=0, asked=0, undeliverable=0
    )
