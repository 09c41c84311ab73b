"""The Lambda that records the openings of links."""

from collections.abc import Hashable, Sequence
from datetime import datetime

from chalice.app import Blueprint

from functions.contracts.codec import ContractError
from functions.contracts.queues import JudgeClicksJob, LinkHit
from functions.links import judging, service, wiring
from functions.links.service import Tally
from functions.runtime import observe
from functions.runtime.entry import on_job_groups

bp = Blueprint(__name__)


def _group_of(job: LinkHit | JudgeClicksJob) -> Hashable:
    match job:
        case LinkHit():
            return job.batch
        case JudgeClicksJob():
            return job
    msg = f"{job.KIND} does not belong here"
    raise ContractError(msg)


@bp.on_sqs_message(queue_arn="replaced-by-template", batch_size=10, name="clicks")
@on_job_groups(key=_group_of)
def clicks(jobs: Sequence[LinkHit | JudgeClicksJob], /, *, now: datetime) -> None:
    """Record the hits of one batch, or judge those of a part of a campaign again."""
    if isinstance(jobs[0], JudgeClicksJob):
        judged = judging.judge_part(jobs[0], deps=wiring.judging_deps())
        observe.info("links.judged", campaign=jobs[0].campaign_id, part=jobs[0].part, hits=judged)
        return
    hits = [each for each in jobs if isinstance(each, LinkHit)]
    _report(hits[0].batch, service.record(hits, deps=wiring.deps(), now=now))


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
