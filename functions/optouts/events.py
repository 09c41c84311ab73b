"""The queue of opt-outs, and the tick that looks for them at the provider."""

from datetime import datetime

from chalice.app import Blueprint, Rate

from functions.contracts.queues import AddressRefused, CallbackReceived, OptOutReceived
from functions.optouts import service, sweeping, wiring
from functions.optouts.service import Taken
from functions.runtime import observe
from functions.runtime.entry import on_jobs, on_tick

bp = Blueprint(__name__)


@bp.on_sqs_message(queue_arn="replaced-by-template", batch_size=5, name="optouts")
@on_jobs
def take_opt_outs(
    job: OptOutReceived | AddressRefused | CallbackReceived, *, now: datetime
) -> None:
    """Write opt-outs down, and work off what people wrote to us."""
    for taken in _taken(job, now):
        facts = {"outcome": taken.outcome, "source": taken.source}
        observe.info("optouts.taken", owner_known=taken.owner_known, **facts)
        observe.count(
            {"OptOutsTaken": int(taken.outcome == service.OPTED_OUT)}, source=taken.source
        )


def _taken(job: OptOutReceived | AddressRefused | CallbackReceived, now: datetime) -> list[Taken]:
    deps = wiring.deps()
    match job:
        case OptOutReceived():
            taken = service.take_refusal(job, deps=deps, now=now)
            return [] if taken is None else [taken]
        case AddressRefused():
            return [service.take_address(job, deps=deps, now=now)]
        case CallbackReceived():
            return list(service.take_callback(job, deps=deps, now=now))


@bp.schedule(Rate(2, unit=Rate.MINUTES), name="opt_out_poll")
@on_tick
def poll_opt_outs(*, now: datetime) -> None:
    """Look who called the 080 number."""
    swept = sweeping.sweep_all(deps=wiring.sweep_deps(), now=now)
    if swept.why_not:
        observe.warn("optouts.sweep.later", why=swept.why_not)
    observe.info("optouts.swept", pages=swept.pages, found=swept.found, finished=swept.finished)
    observe.count({"OptOutSweepsUnfinished": int(not swept.finished)})
