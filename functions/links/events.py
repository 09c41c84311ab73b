"""The Lambda that records the openings of links."""

from collections.abc import Hashable, Sequence
from datetime import datetime

from chalice.app import Blueprint

from functions.contracts.codec import ContractError
from functions.contracts.queues import (
    CountOpeningsJob,
    JudgeClicksJob,
    LinkHit,
    LinkOpened,
)
from functions.links import counting, judging, service, wiring
from functions.links.counting import OpeningTally
from functions.links.service import Tally
from functions.runtime import observe
from functions.runtime.entry import on_job_groups

bp = Blueprint(__name__)


def _group_of(job: LinkHit | LinkOpened | CountOpeningsJob | JudgeClicksJob) -> Hashable:
    match job:
        case LinkHit():
            return job.batch
        case LinkOpened():
            return job.slug
        case CountOpeningsJob() | JudgeClicksJob():
            return job
    msg = f"{job.KIND} does not belong here"
    raise ContractError(msg)


@bp.on_sqs_message(queue_arn="replaced-by-template", batch_size=10, name="clicks")
@on_job_groups(key=_group_of, finish=wiring.finish)
def clicks(
    jobs: Sequence[LinkHit | LinkOpened | CountOpeningsJob | JudgeClicksJob], /, *, now: datetime
) -> None:
    """Record the hits of one batch or link, or count or judge again what was recorded."""
    match jobs[0]:
        case JudgeClicksJob() as job:
            judged = judging.judge_part(job, deps=wiring.judging_deps())
            observe.info("links.judged", campaign=job.campaign_id, part=job.part, hits=judged)
        case CountOpeningsJob() as job:
            counted = counting.count_slice(job.slug, job.start, deps=wiring.counting_deps())
            observe.info("links.counted", slug=job.slug, start=job.start, hits=counted.total)
        case LinkOpened() as job:
            opened = [each for each in jobs if isinstance(each, LinkOpened)]
            _report_openings(
                job.slug, counting.record(opened, deps=wiring.counting_deps(), now=now)
            )
        case LinkHit() as job:
            hits = [each for each in jobs if isinstance(each, LinkHit)]
            _report(job.batch, service.record(hits, deps=wiring.deps(), now=now))


def _report_openings(slug: str, tally: OpeningTally) -> None:
    for visitor, hits in tally.by_visitor.items():
        observe.count({"ClicksRecorded": hits}, visitor=visitor)
    if tally.by_visitor:
        facts = {visitor.value: hits for visitor, hits in tally.by_visitor.items()}
        observe.info("links.openings.recorded", slug=slug, **facts)
    if tally.dropped:
        observe.warn("links.openings.dropped", slug=slug, hits=tally.dropped)
        observe.count({"ClicksDropped": tally.dropped})


def _report(batch: int, tally: Tally) -> None:
    for visitor, hits in tally.by_visitor.items():
        observe.count({"ClicksRecorded": hits}, visitor=visitor)
    if tally.by_visitor:
        observe.info("links.hits.recorded", batch=batch, **_facts(tally))
    if tally.dropped:
        observe.warn("links.hits.dropped", batch=batch, hits=tally.dropped)
        observe.count({"ClicksDropped": tally.dropped})


def _facts(tally: Tally) -> dict[str, object]:
    signs = {sign.value: hits for sign, hits in tally.by_sign.items()}
    return {**{visitor.value: hits for visitor, hits in tally.by_visitor.items()}, "signs": signs}
