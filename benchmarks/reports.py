"""What the report of 100,000 messages takes: read from the rows, counted, and written as a page.

Ours is the code of the API's function with its real client; a table server in another process
stands for DynamoDB. The time is measured, all waiting in it, and the CPU of our own process, of
which Lambda gives a function of 512 MB 29 % of a processor. The few rows of the campaign's parts
are not read from there.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from benchmarks.dispatching import shop
from benchmarks.dispatching.http_server import running
from functions.campaigns.follow_ups import FamilyDeps, family_of
from functions.campaigns.recorded import Recorded
from functions.campaigns.report_page import Shown, report_page
from functions.campaigns.reporting import ReportingDeps, whole_report
from functions.domain.campaign import Campaign, Part
from functions.domain.clicks import BatchClicks
from functions.domain.family import child_of
from functions.domain.follow_up import MAX_DEPTH, Condition, FollowUp
from functions.domain.ids import BatchNumber, CampaignId
from functions.domain.outcome import BatchOutcomes
from functions.storage.batches import BatchStore
from functions.storage.outcomes import OutcomeStore
from functions.storage.templates import TemplateStore
from functions.storage.told import ToldStore
from tests import reported
from tests.builders import SEOUL

_SERVER = "benchmarks.dispatching.table_server"
_BATCHES, _ROUNDS = 500, 5
_STEP_BATCHES = 100
_EVERY_OTHER = int("01" * (_BATCHES * reported.SIZE // 2), 2)
_NOWHERE = "http://127.0.0.1:9"


@dataclass(frozen=True, slots=True)
class _Parts:
    part: Part

    def parts(self, _campaign: CampaignId) -> tuple[Part, ...]:
        return (self.part,)


@dataclass(frozen=True, slots=True)
class _Families:
    """Five steps, one below the other, each with a hundred batches that were half judged."""

    parent: Campaign
    part: Part

    def campaigns(self, ids: Sequence[CampaignId]) -> dict[CampaignId, Campaign]:
        found, above = {}, self.parent
        for name in ids:
            above = child_of(above, above.follow_ups[0], now=reported.LAUNCHED)
            found[name] = above
        return found

    def parts(self, ids: Sequence[CampaignId]) -> dict[CampaignId, tuple[Part, ...]]:
        return {
            name: (replace(self.part, campaign_id=name, part=_part_below(place)),)
            for place, name in enumerate(ids, start=1)
        }


def _part_below(depth: int) -> str:
    return "-".join(["000000", *["0000"] * depth])


def _chain(depth: int) -> FollowUp:
    below = (_chain(depth - 1),) if depth > 1 else ()
    return reported.a_step(Condition.NOT_CLICKED, timedelta(days=1), *below)


def measure_report() -> dict[str, Any]:
    """Seconds and CPU of a report of 100,000 messages with clicks and conversions, of its page."""
    with running(_SERVER) as tables_url:
        shop.enter(shop.environment(tables_url, _NOWHERE))
        return _measured(_written())


def _written() -> Part:
    """Write the rows of a campaign, over and over until there are enough."""
    numbers = tuple(BatchNumber(number) for number in range(1, _BATCHES + 1))
    known = list(reported.told())
    for number in numbers:
        told = known[number % len(known)]
        BatchStore().create([reported.batch(told, number)])
        BatchStore().change_clicks(number, reported.SIZE, _clicks(told.standing.clicks))
        OutcomeStore().change(number, _outcomes(told.standing.outcomes))
    sizes = (reported.SIZE,) * _BATCHES
    (part,) = reported.parts()
    return replace(part, size=sum(sizes), refused={}, batches=numbers, batch_sizes=sizes)


def _clicks(new: BatchClicks) -> Callable[[BatchClicks], BatchClicks]:
    return lambda _: new


def _outcomes(new: BatchOutcomes) -> Callable[[BatchOutcomes], BatchOutcomes]:
    return lambda old: old.merged(new.credits)


def _measured(part: Part) -> dict[str, Any]:
    campaign = reported.campaign()
    deps = ReportingDeps(campaigns=_Parts(part), batches=ToldStore(), templates=TemplateStore())
    whole = whole_report(campaign, deps=deps)

    def page() -> str:
        moment = reported.LAUNCHED
        known = Recorded(experiment=reported.VARIANTS, looks=reported.looks())
        shown = Shown(campaign=campaign, whole=whole, now=moment, expires=moment, recorded=known)
        return report_page(shown, language="ko", zone=SEOUL)

    followed = replace(campaign, follow_ups=(_chain(MAX_DEPTH),))
    step = replace(
        part,
        batches=part.batches[:_STEP_BATCHES],
        batch_sizes=part.batch_sizes[:_STEP_BATCHES],
        done=_EVERY_OTHER,
    )
    families = FamilyDeps(families=_Families(followed, step), batches=deps.batches)

    def family() -> object:
        moment = reported.LAUNCHED + timedelta(hours=1)
        return family_of(followed, whole, deps=families, now=moment)

    page_bytes = len(page().encode())
    counting, writing = _timed(lambda: whole_report(campaign, deps=deps)), _timed(page)
    steps = _timed(family)
    return {
        "report_steps_s": steps["s"],
        "report_steps_cpu_s": steps["cpu_s"],
        "report_100k_s": counting["s"],
        "report_100k_cpu_s": counting["cpu_s"],
        "report_page_s": writing["s"],
        "report_page_bytes": page_bytes,
        "report_messages": whole.figures.messages,
        "report_clicks": whole.totals.human_clicks,
        "report_adds_up": whole.totals.accounted == whole.totals.recipients,
    }


def _timed(work: Callable[[], object]) -> dict[str, float]:
    rounds = []
    for _ in range(_ROUNDS):
        began, cpu = time.perf_counter(), time.process_time()
        work()
        rounds.append((time.perf_counter() - began, time.process_time() - cpu))
    return {
        "s": round(statistics.median(each[0] for each in rounds), 3),
        "cpu_s": round(statistics.median(each[1] for each in rounds), 3),
    }
