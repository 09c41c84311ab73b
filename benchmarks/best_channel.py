"""What choosing the channel of each person brings and costs; figures in build/bench.

``measure_clicks`` sends campaigns to simulated people, who open links on each channel at rates of
their own, through the ranking of the product. Until then everybody got everything by text, so that
nothing is known of another channel but what exploring finds out. Beside it: the one channel that
is the best for all, as an oracle would know it; chance; and the best of each person, as an oracle
would know it. ``measure_requests`` plans parts of 2,000 people on an emulated account, with one
way and with two, and counts requests; ``measure_cpu`` takes the time in memory.
"""

import json
import time
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from statistics import fmean, stdev
from typing import Any

from benchmarks.capacity import Meter
from benchmarks.units import NOON, RECIPIENTS, Run, a_metered_account, an_account
from functions.campaigns import control, service, wiring
from functions.content.compose import Composer
from functions.contracts.queues import PlanJob, Queue
from functions.domain.best_channel import USUALLY_EXPLORED, BestChannel
from functions.domain.campaign import Campaign, CampaignStatus, Way
from functions.domain.channel import Channel, Purpose
from functions.domain.clicks import BatchClicks, Hit, Visitor
from functions.domain.fatigue import Offer, Recent
from functions.domain.ids import (
    BatchNumber,
    CampaignId,
    ContactId,
    MessageNumber,
    SenderId,
    TemplateId,
)
from functions.domain.message import BatchState, Send
from functions.domain.openings import NEWEST, Opening, Tally, batches_of, openings_of
from functions.domain.planning import Lane, Person, Ways, plan_each
from functions.domain.pricing import unit_price
from functions.domain.route import Route
from functions.domain.standing import Standing
from functions.domain.text_size import MessageType
from functions.runtime.allotment import draw_of
from functions.storage.campaigns import CampaignStore
from functions.storage.senders import SenderStore
from functions.storage.templates import TemplateStore
from infra.progress import console
from tests.builders import SEOUL, a_contact, a_sender, a_template
from tests.integration.account import Account

RESULT = Path("build/bench/best_channel.json")
SEED = 20_261_127
PEOPLE, CAMPAIGNS, RUNS = 2_000, 20, 10
_BEFORE, _LATELY = 10, 7
_BATCH = 200
_OPENED = datetime(2026, 11, 1, tzinfo=UTC)
_TWO = (Channel.SMS, Channel.KAKAO)
_THREE = (Channel.SMS, Channel.EMAIL, Channel.PUSH)
_PRICES = {Channel.SMS: 18, Channel.KAKAO: 13, Channel.EMAIL: 1, Channel.PUSH: 1}

Rates = dict[Channel, float]
"""How likely somebody is to open a link on each channel."""


def alike(_: Random, channels: Sequence[Channel]) -> Rates:
    """Everybody is the same, and one channel is better."""
    return dict(zip(channels, (0.08, 0.12, 0.10), strict=False))


def two_kinds(chance: Random, channels: Sequence[Channel]) -> Rates:
    """Half of the people look at one channel, half at another."""
    rates = [0.15, *[0.03] * (len(channels) - 1)]
    chance.shuffle(rates)
    return dict(zip(channels, rates, strict=True))


def tastes(chance: Random, channels: Sequence[Channel], *, means: Sequence[float]) -> Rates:
    """On each channel everybody has a rate of their own, whatever it is on the others."""
    return {
        channel: min(chance.expovariate(1 / mean), 1.0)
        for channel, mean in zip(channels, means, strict=False)
    }


def no_difference(chance: Random, channels: Sequence[Channel]) -> Rates:
    """Some people open much and some little, on every channel alike."""
    return dict.fromkeys(channels, min(chance.expovariate(1 / 0.08), 1.0))


POPULATIONS: dict[str, tuple[Sequence[Channel], Callable[[Random, Sequence[Channel]], Rates]]] = {
    "two kinds of people, 15 % and 3 %": (_TWO, two_kinds),
    "tastes of their own, 8 % on both": (_TWO, partial(tastes, means=(0.08, 0.08))),
    "tastes of their own, 6 % and 12 %": (_TWO, partial(tastes, means=(0.06, 0.12))),
    "tastes of their own, 1 % on both": (_TWO, partial(tastes, means=(0.01, 0.01))),
    "three channels, 8 % on each": (_THREE, partial(tastes, means=(0.08, 0.08, 0.08))),
    "all alike, 8 % and 12 %": (_TWO, alike),
    "no channel is better for anybody": (_TWO, no_difference),
}


@dataclass
class People:
    """Simulated people, what they opened lately, and what all did in the last campaigns."""

    chance: Random
    rates: list[Rates]
    seen: list[deque[Opening]] = field(init=False)
    lately: deque[dict[Channel, Tally]] = field(default_factory=lambda: deque(maxlen=_LATELY))

    def __post_init__(self) -> None:
        self.seen = [deque(maxlen=NEWEST) for _ in self.rates]

    def send(self, channels: Sequence[Channel]) -> int:
        """Send everybody a message on a channel; tells how many opened it."""
        batches: dict[tuple[Channel, int], list[int]] = defaultdict(list)
        count: dict[Channel, int] = defaultdict(int)
        for person, channel in enumerate(channels):
            batches[channel, count[channel] // _BATCH].append(person)
            count[channel] += 1
        tallies: dict[Channel, Tally] = {}
        for (channel, _), members in batches.items():
            opened = {each for each in members if self.chance.random() < self.rates[each][channel]}
            for person in members:
                others = Tally(len(members) - 1, len(opened) - (person in opened))
                moment = _OPENED if person in opened else None
                self.seen[person].append(Opening(channel, moment, others))
            known = tallies.get(channel, Tally())
            tallies[channel] = Tally(known.messages + len(members), known.opened + len(opened))
        self.lately.append(tallies)
        return sum(each.opened for each in tallies.values())

    def tallies(self) -> dict[Channel, Tally]:
        """What all did in the last campaigns."""
        return {
            channel: Tally(
                sum(each[channel].messages for each in self.lately if channel in each),
                sum(each[channel].opened for each in self.lately if channel in each),
            )
            for channel in {channel for each in self.lately for channel in each}
        }


def measure_clicks(
    *, people: int = PEOPLE, campaigns: int = CAMPAIGNS, runs: int = RUNS
) -> dict[str, dict[str, float]]:
    """Openings of a thousand messages by each way to choose, and how much more than by one for all.

    The spread is the standard deviation over runs.
    """
    return {
        name: _over_runs(name, channels, rates_of, people=people, campaigns=campaigns, runs=runs)
        for name, (channels, rates_of) in POPULATIONS.items()
    }


def _over_runs(  # what a figure is of
    name: str,
    channels: Sequence[Channel],
    rates_of: Callable[[Random, Sequence[Channel]], Rates],
    *,
    people: int,
    campaigns: int,
    runs: int,
) -> dict[str, float]:
    found = []
    for run in range(runs):
        chance = Random(f"{SEED} {name} {run}")
        rates = [rates_of(chance, channels) for _ in range(people)]
        found.append(_run(chance, rates, channels, campaigns))
    gains = [100 * (each["best"] / each["one"] - 1) for each in found]
    late = [100 * (each["best_later"] / each["one"] - 1) for each in found]
    means = {key: round(fmean(each[key] for each in found), 1) for key in found[0]}
    return means | {
        "gain_percent": round(fmean(gains), 1),
        "gain_spread": round(stdev(gains), 1) if runs > 1 else 0.0,
        "gain_later_percent": round(fmean(late), 1),
        "gain_later_spread": round(stdev(late), 1) if runs > 1 else 0.0,
    }


def _run(
    chance: Random, rates: list[Rates], channels: Sequence[Channel], campaigns: int
) -> dict[str, float]:
    """Openings of a thousand messages; ``later`` in the second half of the campaigns."""
    people = People(chance, rates)
    for _ in range(_BEFORE):
        people.send([channels[0]] * len(rates))
    opened = [people.send(_chosen(people, channels, number=number)) for number in range(campaigns)]
    later = opened[campaigns // 2 :]
    mean = {each: fmean(rate[each] for rate in rates) for each in channels}
    return {
        "best": 1000 * fmean(opened) / len(rates),
        "best_later": 1000 * fmean(later) / len(rates),
        "one": 1000 * max(mean.values()),
        "chance": 1000 * fmean(mean.values()),
        "oracle": 1000 * fmean(max(rate.values()) for rate in rates),
    }


def _chosen(people: People, channels: Sequence[Channel], *, number: int) -> list[Channel]:
    openings = {ContactId(str(each)): tuple(seen) for each, seen in enumerate(people.seen)}
    ranked = BestChannel(
        channels=tuple(channels),
        prices=tuple(_PRICES[each] for each in channels),
        explore=USUALLY_EXPLORED,
        draw=lambda contact_id: Random(f"{number} {contact_id}").random(),
        tallies=people.tallies(),
        openings=openings,
    )
    return [channels[ranked.rank(each).places[0]] for each in openings]


_TEXT = Way(template_id=TemplateId("tpl_1"), template_version=1, sender_id=SenderId("snd_1"))
_ALIMTALK = Way(template_id=TemplateId("tpl_2"), template_version=1, sender_id=SenderId("snd_2"))
_KINDS: dict[str, dict[str, Any]] = {
    "text": {},
    "text, best time": {"best_within": timedelta(hours=24)},
    "two ways": {"ways": (_TEXT, _ALIMTALK), "explore": USUALLY_EXPLORED},
    "two ways, best time": {
        "ways": (_TEXT, _ALIMTALK),
        "explore": USUALLY_EXPLORED,
        "best_within": timedelta(hours=24),
    },
}
_NOTICE = TemplateId("tpl_3")


def measure_requests() -> dict[str, dict[str, Any]]:
    """Requests, read and write units of planning a part, by kind of campaign.

    The first campaign with ways is planned twice: what all people did is counted once a day.
    """
    with a_metered_account() as (account, meter):
        run = Run(account, meter)
        run.prepare()
        run.campaign()
        run.clicks()
        _add_ways()
        first = _planned(_a_notice("cmp_first", _KINDS["two ways"]), account, meter)
        found = {
            kind: _planned(_a_notice(f"cmp_{place}", values), account, meter)
            for place, (kind, values) in enumerate(_KINDS.items())
        }
    return {**found, "two ways, first of the day": first}


def measure_cpu(*, people: int = RECIPIENTS, repeats: int = 15) -> dict[str, float]:
    """Microseconds of CPU a person of planning a part in memory, the least of some times.

    Everybody got ten advertisements lately, in batches of 200.
    """
    addressed = [_addressed(number) for number in range(people)]
    standings = [_standing(number) for number in range(1, people // _BATCH * _BEFORE + 1)]
    kinds = {
        "one way": partial(_one_way, addressed),
        "two ways": partial(_two, addressed, standings),
    }
    taken: dict[str, list[float]] = {kind: [] for kind in kinds}
    with an_account():
        for kind, work in [*kinds.items()] * repeats:
            began = time.process_time()
            work()
            taken[kind].append(time.process_time() - began)
    return {kind: round(1e6 * min(each) / people, 1) for kind, each in taken.items()}


def _addressed(number: int) -> Person:
    offer = Offer(channel=Channel.SMS, template=1, source=1, priority=5)
    place, ordinal = divmod(number, _BATCH)
    entries = tuple(
        offer.entry(
            MessageNumber(batch=BatchNumber(place * _BEFORE + each + 1), ordinal=ordinal).packed,
            now=NOON - timedelta(days=_BEFORE - each),
        )
        for each in range(_BEFORE)
    )
    return Person.known(a_contact(number), recent=Recent(entries, version=_BEFORE))


def _standing(number: int) -> Standing:
    """Of a batch of which every tenth message was opened."""
    hits = [
        Hit(ordinal=each, link=0, visitor=Visitor.HUMAN, elapsed_s=60)
        for each in range(number % 10, _BATCH, 10)
    ]
    return Standing(
        number=BatchNumber(number),
        state=BatchState.fresh([Send.sent(round_=0)] * _BATCH, now=NOON),
        clicks=BatchClicks.none(_BATCH).with_hits(hits),
        unit_price=unit_price(MessageType.SMS),
    )


def _lane(channel: Channel) -> Lane:
    template, sender = a_template(purpose=Purpose.TRANSACTIONAL), a_sender()
    route = Route(template=replace(template, channel=channel), sender=sender, default_zone=SEOUL)
    compose = Composer(template=template, sender=sender, link_base="https://l.example", shared={})
    return Lane(route=route, compose=compose)


def _one_way(people: Sequence[Person]) -> None:
    ways = Ways(lanes=(_lane(Channel.SMS),))
    plan_each([(each, ways) for each in people], now=NOON)


def _two(people: Sequence[Person], standings: Sequence[Standing]) -> None:
    known = {each.contact_id: each.recent for each in people if each.contact_id and each.recent}
    batches_of(known.values())
    best = BestChannel(
        channels=_TWO,
        prices=(18, 13),
        draw=partial(draw_of, CampaignId("cmp_bench")),
        openings=openings_of(known, standings),
    )
    ways = Ways(lanes=tuple(map(_lane, _TWO)), best=best)
    plan_each([(each, ways) for each in people], now=NOON)


def _add_ways() -> None:
    """A notice as a text and as an Alimtalk."""
    notice = {"purpose": Purpose.TRANSACTIONAL, "links": ("https://shop.example/order",)}
    body = "{{ contact.name }}님 주문 안내 {{ 'https://shop.example/order' | track }}"
    TemplateStore().add(a_template(template_id=_NOTICE, body=body, **notice))
    TemplateStore().add(
        a_template(
            template_id=_ALIMTALK.template_id,
            channel=Channel.KAKAO,
            body="#{이름}님 주문 안내 #{주소}",
            variables={
                "이름": "{{ contact.name }}",
                "주소": "{{ 'https://shop.example/order' | track }}",
            },
            provider_template_id="KA01TP",
            **notice,
        )
    )
    SenderStore().add(a_sender(sender_id=_ALIMTALK.sender_id, channel=Channel.KAKAO))


def _a_notice(campaign_id: str, values: dict[str, Any]) -> Campaign:
    known = CampaignStore().get(CampaignId("cmp_bench"))
    if known is None:
        raise LookupError(campaign_id)
    ways = tuple(
        replace(each, template_id=_NOTICE) if each == _TEXT else each
        for each in values.get("ways", ())
    )
    draft = replace(
        known,
        campaign_id=CampaignId(campaign_id),
        status=CampaignStatus.DRAFT,
        launched=None,
        template_id=_NOTICE,
        **(values | {"ways": ways}),
        version=0,
    )
    CampaignStore().create(draft)
    return draft


def _planned(campaign: Campaign, account: Account, meter: Meter) -> dict[str, Any]:
    """Launch, resolve and plan; what the plan of the one part took."""
    deps, now = wiring.deps(), NOON + timedelta(days=1)
    control.launch(campaign.campaign_id, deps=deps, now=now)
    (resolve,) = account.take_jobs(Queue.PLAN)
    service.resolve(resolve, deps=deps)
    (job,) = [each for each in account.take_jobs(Queue.PLAN) if isinstance(each, PlanJob)]
    meter.reset()
    part = service.plan_part(job, deps=deps, now=now)
    account.take_jobs(Queue.DISPATCH_SMS)
    account.take_jobs(Queue.DISPATCH_KAKAO)
    return {
        "batches": len(part.batches),
        "read_units": meter.rru,
        "write_units": meter.wru,
        "requests": dict(sorted(meter.requests.items())),
    }


def main() -> None:
    """Measure all, write it to ``RESULT`` and print it."""
    requests = measure_requests()
    found = {"clicks": measure_clicks(), "requests": requests, "cpu_us_a_person": measure_cpu()}
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", "utf-8")
    console.print_json(data=found)


if __name__ == "__main__":
    main()
