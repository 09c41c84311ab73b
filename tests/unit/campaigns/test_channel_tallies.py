"""What people did lately on each channel, by a sample of batches."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from functions.campaigns.channel_tallies import A_DAY, DAYS, TallyDeps, tallies_before
from functions.domain.batch import Source
from functions.domain.breakdown import Told
from functions.domain.channel import Channel, Purpose
from functions.domain.clicks import BatchClicks, Hit, Visitor
from functions.domain.ids import BatchNumber, TemplateId
from functions.domain.message import BatchState, Send
from functions.domain.openings import Tally
from functions.domain.pricing import Money
from functions.domain.standing import Standing
from functions.domain.template import Template
from tests.builders import NOON, a_meta, a_template
from tests.fakes.stores import FakeTemplates

TODAY = date(2026, 11, 22)
YESTERDAY = TODAY - timedelta(days=1)
LINKED = a_template(links=("https://shop.example",))
SIZE = 10


@dataclass
class Sent:
    """Batches by the day on which they were sent; each has ten messages, all of them sent."""

    days: dict[date, list[Told]] = field(default_factory=dict)
    read_of: list[BatchNumber] = field(default_factory=list)
    looks: int = 0

    def add(self, number: int, *, day: date = YESTERDAY, opened: int = 0, **meta: object) -> None:
        hits = [
            Hit(ordinal=each, visitor=visitor, link=0, elapsed_s=60)
            for each in range(SIZE)
            for visitor in (Visitor.MACHINE, *([Visitor.HUMAN] if each < opened else []))
        ]
        standing = Standing(
            number=BatchNumber(number),
            state=BatchState.fresh([Send.sent(round_=0)] * SIZE, now=NOON),
            clicks=BatchClicks.none(SIZE).with_hits(hits),
            unit_price=Money(minor=18),
        )
        self.days.setdefault(day, []).append(Told(a_meta(number, size=SIZE, **meta), standing))

    def looked_at(self, day: date, *, after: BatchNumber, limit: int) -> Sequence[BatchNumber]:
        self.looks += 1
        own = [each.meta.number for each in self.days.get(day, ())]
        return [number for number in sorted(own) if number > after][:limit]

    def read(self, numbers: Sequence[BatchNumber], *, outcomes: bool) -> list[Told]:
        assert not outcomes
        assert len(set(numbers)) == len(numbers)  # DynamoDB refuses to read a row twice
        self.read_of += numbers
        told = {each.meta.number: each for day in self.days.values() for each in day}
        return [told[number] for number in numbers]

    def tallies(self, *templates: Template, purpose: Purpose = Purpose.ADVERTISING) -> object:
        deps = TallyDeps(batches=self, told=self, templates=FakeTemplates.of(LINKED, *templates))
        return tallies_before(TODAY, purpose, deps=deps)


def test_counts_what_people_opened_on_each_channel() -> None:
    sent = Sent()
    sent.add(1, opened=3)
    sent.add(2, opened=1, day=TODAY - timedelta(days=7))
    sent.add(3, opened=5, channel=Channel.KAKAO)

    assert sent.tallies() == {Channel.SMS: Tally(20, 4), Channel.KAKAO: Tally(10, 5)}


def test_leaves_out_today_and_what_is_older_than_the_days() -> None:
    sent = Sent()
    sent.add(1, opened=3, day=TODAY)
    sent.add(2, opened=3, day=TODAY - timedelta(days=DAYS + 1))

    assert sent.tallies() == {}


def test_batch_that_was_looked_at_on_two_days_counts_once() -> None:
    sent = Sent()
    sent.add(1, opened=3)
    sent.days[TODAY - timedelta(days=2)] = sent.days[YESTERDAY]

    assert sent.tallies() == {Channel.SMS: Tally(10, 3)}


def test_leaves_out_other_purposes_tests_and_messages_without_links() -> None:
    plain = a_template(template_id=TemplateId("tpl_2"))
    sent = Sent()
    sent.add(1, opened=3, purpose=Purpose.TRANSACTIONAL)
    sent.add(2, opened=3, source=Source(kind="test", source_id="cmp_1"))
    sent.add(3, template_id=plain.template_id)
    sent.add(4, template_id=TemplateId("tpl_gone"))

    assert sent.tallies(plain) == {}
    assert sent.tallies(plain, purpose=Purpose.TRANSACTIONAL) == {Channel.SMS: Tally(10, 3)}


def test_reads_some_batches_of_each_day_spread_over_it() -> None:
    sent = Sent()
    for number in range(1, 101):
        sent.add(number)

    sent.tallies()

    assert sent.read_of == [BatchNumber(number) for number in range(1, 101, 5)]
    assert (len(sent.read_of), sent.looks) == (A_DAY, DAYS)
