"""The Lambda that records the openings of links."""

from collections.abc import Sequence
from datetime import datetime

from chalice.app import Blueprint

from functions.contracts.queues import LinkHit
from functions.links import service, wiring
from functions.links.service import Tally
from functions.runtime import observe
from functions.runtime.entry import on_job_groups

bp = Blueprint(__name__)


def _batch_of(hit: LinkHit) -> int:
    return hit.batch


@bp.on_sqs_message(queue_arn="replaced-by-template", batch_size=10, name="clicks")
@on_job_groups(kind=LinkHit, key=_batch_of)
def clicks(hits: Sequence[LinkHit], /, *, now: datetime) -> None:
    """Record the hits of one batch."""
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
